"""What the judge reads of a clip: onsets, pitches and durations on a grid, nothing else.

Sixteenths and eighth triplets are told apart, nothing finer. Velocity, tempo, programs and the
lengths of drum hits are left out, and durations are those that the loop model can spell, so that
neither the file format, nor the model's vocabulary, nor feel tells real from made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bandmate.loops.model.tokens import DRUM_STEPS, bar_steps, duration_index, gridded
from bandmate.loops.model.vocabulary import DURATIONS, STEPS
from bandmate.music.clip import Clip, Part
from bandmate.music.meter import Meter
from bandmate.music.midifile import read, to_bytes

SLOTS = 16
"""Slots of a bar, whatever its meter."""
_PLACES = (0, 3, 6, 9, 4, 8, 12)
_SNAPPED = [min(_PLACES, key=lambda place: abs(place - step)) for step in range(STEPS)]


class Tone(NamedTuple):
    """A note."""

    start: int
    """Steps (1/12 beat) from the piece's start."""
    pitch: int
    steps: int
    """Duration."""

    @property
    def end(self) -> int:
        """Steps from the piece's start."""
        return self.start + self.steps


@dataclass(frozen=True)
class PartNotes:
    """The notes of a part, in order of start, then pitch."""

    tones: tuple[Tone, ...]
    bars: int
    bar_steps: int

    @property
    def end(self) -> int:
        """The piece's length in steps."""
        return self.bars * self.bar_steps

    @cached_property
    def onsets(self) -> list[int]:
        """The distinct starts, in order."""
        return sorted({tone.start for tone in self.tones})

    @cached_property
    def struck(self) -> dict[int, list[Tone]]:
        """Start -> the notes that start there, lowest first."""
        found: dict[int, list[Tone]] = {}
        for tone in self.tones:
            found.setdefault(tone.start, []).append(tone)
        return found

    @cached_property
    def top(self) -> list[Tone]:
        """The highest note of each onset."""
        return [self.struck[start][-1] for start in self.onsets]

    @cached_property
    def lowest(self) -> list[Tone]:
        """The lowest note of each onset."""
        return [self.struck[start][0] for start in self.onsets]

    @cached_property
    def by_bar(self) -> list[list[Tone]]:
        """The notes of each bar, counted from the bar's start."""
        return self.chunks(self.bar_steps)

    def chunks(self, steps: int) -> list[list[Tone]]:
        """Return the notes of each stretch of *steps*, counted from the stretch's start."""
        found: list[list[Tone]] = [[] for _ in range(-(-self.end // steps))]
        for tone in self.tones:
            index, start = divmod(tone.start, steps)
            found[index].append(tone._replace(start=start))
        return found

    def slot(self, start: int) -> int:
        """Return the slot of the bar, 0..15, in which a step lies."""
        return start % self.bar_steps * SLOTS // self.bar_steps


@dataclass(frozen=True)
class Piece:
    """A loop as the judge reads it."""

    meter: Meter
    bars: int
    parts: Mapping[str, tuple[Tone, ...]]
    """By name (``keys2``), in the order of the file; without silent ones."""

    @property
    def bar_steps(self) -> int:
        """Steps of a bar."""
        return bar_steps(self.meter)

    def notes_of(self, *names: str) -> PartNotes:
        """Return the notes of one part, or of several as one."""
        tones = {(t.start, t.pitch): t for name in names for t in self.parts.get(name, ())}
        return PartNotes(tuple(tones[at] for at in sorted(tones)), self.bars, self.bar_steps)

    @cached_property
    def drums(self) -> PartNotes:
        """All drum parts as one."""
        return self.notes_of(*(name for name in self.parts if name.startswith("drums")))

    @cached_property
    def pitched(self) -> dict[str, PartNotes]:
        """The other parts, by name."""
        return {n: self.notes_of(n) for n in self.parts if not n.startswith("drums")}


def role_of(name: str) -> str:
    """Return the role of a part's name: ``keys`` of ``keys2``."""
    return name.rstrip("0123456789")


def piece_of(clip: Clip) -> Piece:
    """Return a clip as the judge reads it, written as a MIDI file and read back."""
    return read_piece(to_bytes(clip))


def read_piece(data: bytes) -> Piece:
    """Read a MIDI file's bytes."""
    clip = read(data)
    found = {part.name: _tones(part, clip) for part in clip.parts}
    return Piece(clip.meter, clip.bars, {name: tones for name, tones in found.items() if tones})


def _tones(part: Part, clip: Clip) -> tuple[Tone, ...]:
    end = clip.bars * bar_steps(clip.meter)
    longest: dict[tuple[int, int], int] = {}
    for note in gridded(part.notes, part.is_drums):
        at = snapped(note.step, end), note.pitch
        steps = DRUM_STEPS if part.is_drums else DURATIONS[duration_index(note.steps)]
        longest[at] = max(longest.get(at, 0), steps)
    tones = (Tone(start, pitch, longest[start, pitch]) for start, pitch in sorted(longest))
    return _cut(tones, end)


def snapped(step: int, end: int) -> int:
    """Return the nearest sixteenth or eighth triplet that lies before *end*."""
    beat, rest = divmod(step, STEPS)
    return min(beat * STEPS + _SNAPPED[rest], end - STEPS // 4)


def _cut(tones: Iterable[Tone], end: int) -> tuple[Tone, ...]:
    """Return notes cut where their pitch sounds anew, or at the end."""
    following: dict[int, int] = {}
    cut = []
    for tone in reversed(list(tones)):
        room = following.get(tone.pitch, end) - tone.start
        cut.append(tone._replace(steps=min(tone.steps, room)))
        following[tone.pitch] = tone.start
    return tuple(cut[::-1])
