"""Music as values: notes in parts in a clip, frozen, with every unit on its field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bandmate.music.chord import Chord
from bandmate.music.key import Key
from bandmate.music.meter import Meter

DRUM_CHANNEL = 9
"""The MIDI channel of drums, counted from 0."""


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note."""

    start: float
    """Beats from the clip's start."""
    pitch: int
    """0..127, 60 is middle C; in a drum part the General MIDI drum."""
    duration: float
    """Beats."""
    velocity: int
    """1..127."""

    @property
    def end(self) -> float:
        """Beats from the clip's start at which the note stops."""
        return self.start + self.duration


WHEELS = ("bend", "modulation", "expression", "pressure")
"""What bends or swells notes while they sound."""


@dataclass(frozen=True, slots=True, order=True)
class Wheel:
    """A wheel, or one of its kind, is moved to a value and stays there."""

    start: float
    """Beats from the clip's start."""
    kind: str
    """One of WHEELS."""
    value: int
    """0..127; of bend -8192..8191, 0 is the middle."""


@dataclass(frozen=True, slots=True)
class Part:
    """The notes of one instrument in a clip."""

    name: str
    """Its role, with a digit for a second of its kind: ``bass``, ``keys2``."""
    program: int
    """General MIDI program, 0..127; of drums the kit."""
    notes: tuple[Note, ...] = ()
    """In order of start, then pitch."""
    wheels: tuple[Wheel, ...] = ()
    """In order of start; files are written with them, reading leaves them out."""

    @property
    def role(self) -> str:
        """The name without its digit."""
        return self.name.rstrip("0123456789")

    @property
    def is_drums(self) -> bool:
        """True for a drum part: its pitches are drums and are never transposed."""
        return self.role == "drums"


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A chord from one beat of a clip to another."""

    start: float
    """Beats from the clip's start."""
    end: float
    """Beats from the clip's start."""
    chord: Chord


@dataclass(frozen=True, slots=True)
class Clip:
    """Parts and a length, with the song they were written for."""

    parts: tuple[Part, ...]
    length: float
    """Beats."""
    tempo: float = 120.0
    """Quarter notes per minute."""
    meter: Meter = field(default_factory=Meter)
    key: Key | None = None
    chords: tuple[ChordSpan, ...] = ()
    """In order, not overlapping; empty where none are known."""

    @property
    def bars(self) -> int:
        """Count of bars, a started bar counted whole."""
        return max(1, -int(-self.length // self.meter.bar_beats)) if self.length else 0

    @property
    def note_count(self) -> int:
        """Notes of all parts."""
        return sum(len(part.notes) for part in self.parts)


def transposed(clip: Clip, semitones: int) -> Clip:
    """Return the clip *semitones* higher.

    Drums stay; a pitch that would leave 0..127 moves back by octaves.
    """
    return replace(
        clip,
        parts=tuple(
            part if part.is_drums else replace(part, notes=tuple(_moved(part.notes, semitones)))
            for part in clip.parts
        ),
        key=clip.key.transposed(semitones) if clip.key else None,
        chords=tuple(replace(span, chord=span.chord.transposed(semitones)) for span in clip.chords),
    )


def _moved(notes: Iterable[Note], semitones: int) -> Iterable[Note]:
    for note in notes:
        pitch = note.pitch + semitones
        while pitch < 0:
            pitch += 12
        while pitch > 127:
            pitch -= 12
        yield replace(note, pitch=pitch)


def stretched(clip: Clip, by: float) -> Clip:
    """Return a clip with its times and its tempo multiplied, so that it lasts as long as it did."""
    if by == 1:
        return clip
    return replace(
        clip,
        parts=stretched_parts(clip.parts, by),
        length=clip.length * by,
        tempo=clip.tempo * by,
        chords=stretched_spans(clip.chords, by),
    )


def stretched_parts(parts: Iterable[Part], by: float) -> tuple[Part, ...]:
    """Return parts with the times of their notes multiplied."""
    return tuple(
        replace(
            part,
            notes=tuple(
                replace(note, start=note.start * by, duration=note.duration * by)
                for note in part.notes
            ),
            wheels=tuple(replace(wheel, start=wheel.start * by) for wheel in part.wheels),
        )
        for part in parts
    )


def stretched_spans(spans: Iterable[ChordSpan], by: float) -> tuple[ChordSpan, ...]:
    """Return chords with their times multiplied."""
    return tuple(replace(span, start=span.start * by, end=span.end * by) for span in spans)


def windowed(clip: Clip, start: float, end: float) -> Clip:
    """Return what starts between two beats, counted from *start*.

    Notes and chords are cut at *end*; a chord that holds on over *start* is there from 0.
    """
    parts = tuple(
        replace(
            part,
            notes=tuple(
                replace(note, start=note.start - start, duration=min(note.end, end) - note.start)
                for note in part.notes
                if start <= note.start < end
            ),
            wheels=tuple(
                replace(wheel, start=wheel.start - start)
                for wheel in part.wheels
                if start <= wheel.start < end
            ),
        )
        for part in clip.parts
    )
    spans = tuple(
        ChordSpan(max(span.start, start) - start, min(span.end, end) - start, span.chord)
        for span in clip.chords
        if span.start < end and span.end > start
    )
    return replace(clip, parts=parts, length=end - start, chords=spans)


def joined(first: Clip, second: Clip) -> Clip:
    """Return *second* set behind *first*; parts meet by name, in the order of *first*."""
    later = {part.name: part for part in second.parts}
    offset = first.length
    parts = [
        _followed(part, _delayed(later.pop(part.name), offset)) if part.name in later else part
        for part in first.parts
    ]
    parts += [_delayed(part, offset) for part in later.values()]
    spans = tuple(replace(s, start=s.start + offset, end=s.end + offset) for s in second.chords)
    return replace(
        first, parts=tuple(parts), length=offset + second.length, chords=first.chords + spans
    )


def _followed(part: Part, later: Part) -> Part:
    return replace(part, notes=part.notes + later.notes, wheels=part.wheels + later.wheels)


def _delayed(part: Part, beats: float) -> Part:
    return replace(
        part,
        notes=tuple(replace(note, start=note.start + beats) for note in part.notes),
        wheels=tuple(replace(wheel, start=wheel.start + beats) for wheel in part.wheels),
    )
