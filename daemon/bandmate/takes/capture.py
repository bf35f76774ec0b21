"""Capture: what was played in the last minutes, always remembered, and its last bars as a clip.

Nobody has to press record: every message from the input port is kept, and whoever wants the last
bars gets them, quantised with their feel kept, or as they were played. Pure but for the ring of
messages; the seconds come with them.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from bandmate.errors import AskError
from bandmate.music.clip import DRUM_CHANNEL, ChordSpan, Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.listening import Played, Voice, played
from bandmate.music.meter import Meter
from bandmate.music.quantising import quantised
from bandmate.music.roles import ROLES, numbered, role_of_program
from bandmate.music.sounding import sounding_chords, sounding_key
from bandmate.timing.sources.grid import Grid

REMEMBERED_SECONDS = 300.0
REMEMBERED_MESSAGES = 60_000
"""Beyond either the oldest messages are forgotten."""
MOST_BARS = 8
"""Bars that are captured at the most."""
EARLY = 1 / 8
"""Beats before a barline in which a note is struck early, and belongs to the bar that follows."""

_LOW_VOICE = 50
"""Mean pitch below which one voice alone is a bass."""
_CHORDAL = 1.3
"""Notes that sound together in the mean, from which hands play chords."""
_MOST_VOICES = 4
"""Channels beyond which an instrument gives each note one of its own."""


class Heard(Protocol):
    """A message as it came in from a controller or a keyboard."""

    @property
    def second(self) -> float:
        """When it came, a second of the monotonic clock."""

    @property
    def beat(self) -> float:
        """Where the song was then, in beats."""

    @property
    def message(self) -> bytes:
        """One whole MIDI message."""


@dataclass(frozen=True, slots=True)
class Captured:
    """Bars that were played."""

    clip: Clip
    begins: float | None
    """The beat of the song at which they begin; None where the song did not roll."""


class Capture:
    """Remembers what is heard; used from one thread."""

    def __init__(
        self, seconds: float = REMEMBERED_SECONDS, messages: int = REMEMBERED_MESSAGES
    ) -> None:
        self._seconds = seconds
        self._ring: deque[Heard] = deque(maxlen=messages)

    def take_in(self, heard: Heard) -> None:
        """Remember a message, and forget what is too old."""
        self._ring.append(heard)
        while self._ring[0].second < heard.second - self._seconds:
            self._ring.popleft()

    @property
    def heard(self) -> tuple[Heard, ...]:
        """All that is remembered, oldest first."""
        return tuple(self._ring)


def captured(
    heard: Sequence[Heard],
    bars: int,
    grid: Grid,
    now: float,
    *,
    tempo: float | None = None,
    meter: Meter | None = None,
    quantise: float = 1.0,
) -> Captured:
    """Return the last *bars* (1..MOST_BARS) of what was played until the second *now*.

    Where the grid rolls, they end at its barline nearest to *now*, or with the bar of the last
    note where nothing was played in them. Where it stands, they are counted at *tempo* and
    *meter* (the grid's where None) from the first note behind a silence of a bar. Empty bars
    before the first note are left out. Notes keep their velocity and are *quantised* by that much
    (0..1); the sustain pedal makes them longer. Raises AskError where nothing was played.
    """
    line = grid if grid.is_rolling else _standing(grid, now, tempo, meter)
    beats = _unbroken(heard, line, now) if grid.is_rolling else _counted(heard, line)
    voices = played(
        [Played(beat, one.message) for beat, one in zip(beats, heard, strict=True)],
        line.beat_at(now),
    )
    onsets = sorted(note for voice in voices for note in voice.notes)
    if not onsets:
        raise AskError(
            "nothing was played in the last minutes: play something on bandmate's input port first"
        )
    window = _last_bars(onsets, bars, line, now) if grid.is_rolling else _phrase(onsets, bars, line)
    clip = quantised(_cut(voices, window, line), quantise)
    return Captured(clip, window.start if grid.is_rolling else None)


def named(found: Captured, key: Key | None, chords: Sequence[ChordSpan]) -> Captured:
    """Return it with its key and chords.

    The *key* that the song was told holds where the notes lie in it. Chords are those that the
    notes plainly sound, else the song's *chords* (in beats from its first bar, repeated) at that
    place where it rolled; a tune alone names none.
    """
    clip = found.clip
    heard = sounding_chords(clip)
    if not heard and chords and found.begins is not None:
        heard = chords_from(chords, found.begins, clip.length)
    return replace(found, clip=replace(clip, key=sounding_key(clip, key), chords=heard))


def chords_from(chords: Sequence[ChordSpan], begins: float, length: float) -> tuple[ChordSpan, ...]:
    """Return a song's chords, repeated, from a beat of the song on, for *length* beats."""
    period = chords[-1].end
    offset = -(begins % period)
    spans: list[ChordSpan] = []
    while offset < length:
        for span in chords:
            start, end = max(0.0, span.start + offset), min(length, span.end + offset)
            if start < end:
                spans.append(ChordSpan(start, end, span.chord))
        offset += period
    return tuple(spans)


# time


def _standing(grid: Grid, now: float, tempo: float | None, meter: Meter | None) -> Grid:
    """Return a line at the song's tempo for what was played while nothing rolled."""
    return Grid(now, 0.0, tempo or grid.tempo, meter or grid.meter)


def _counted(heard: Iterable[Heard], line: Grid) -> list[float]:
    return [line.beat_at(one.second) for one in heard]


def _unbroken(heard: Sequence[Heard], grid: Grid, now: float) -> list[float]:
    """Return the beats of messages on one count that ends at *now*.

    Where the song jumped (a DAW goes round a loop), what was played before lies whole bars before.
    """
    bar = grid.meter.bar_beats
    second, told, beat = now, grid.beat_at(now), grid.beat_at(now)
    beats = []
    for one in reversed(heard):
        step, lasted = told - one.beat, (second - one.second) * grid.tempo / 60
        # Tempi change by less than half between two messages; whatever is more is a jump.
        if abs(step - lasted) > max(bar, lasted) / 2:
            step += round((lasted - step) / bar) * bar
        second, told, beat = one.second, one.beat, beat - step
        beats.append(beat)
    return beats[::-1]


class _Window(NamedTuple):
    start: float
    end: float


def _last_bars(onsets: Sequence[Note], bars: int, grid: Grid, now: float) -> _Window:
    bar = grid.meter.bar_beats
    end = grid.bar_beat + round((grid.beat_at(now) - grid.bar_beat) / bar) * bar
    if not _within(onsets, _Window(end - bars * bar, end)):
        last = onsets[-1].start + EARLY - grid.bar_beat
        end = grid.bar_beat + (math.floor(last / bar) + 1) * bar
    return _without_rest(onsets, _Window(end - bars * bar, end), bar)


def _phrase(onsets: Sequence[Note], bars: int, line: Grid) -> _Window:
    """Return the last bars, counted from the first note behind a silence of a bar."""
    bar = line.meter.bar_beats
    first = onsets[0].start
    sounding_until = onsets[0].end
    for note in onsets[1:]:
        if note.start - sounding_until > bar:
            first = note.start
        sounding_until = max(sounding_until, note.end)
    count = math.floor((onsets[-1].start - first + EARLY) / bar) + 1
    end = first + count * bar
    return _without_rest(onsets, _Window(end - min(bars, count) * bar, end), bar)


def _without_rest(onsets: Sequence[Note], window: _Window, bar: float) -> _Window:
    first = _within(onsets, window)[0].start
    return window._replace(start=window.start + (first + EARLY - window.start) // bar * bar)


def _within(onsets: Sequence[Note], window: _Window) -> list[Note]:
    return [note for note in onsets if window.start - EARLY <= note.start < window.end - EARLY]


# notes


def _cut(voices: Sequence[Voice], window: _Window, line: Grid) -> Clip:
    parts: list[Part] = []
    for voice in _together(voices):
        notes = tuple(sorted(_moved(note, window) for note in _within(voice.notes, window)))
        name = numbered(_role(voice, notes), {part.name for part in parts}) if notes else None
        if name is not None:
            program = _program(voice, name)
            parts.append(Part(name, program, notes, voice.wheels_in(window.start, window.end)))
    return Clip(tuple(parts), window.end - window.start, line.tempo, line.meter)


def _moved(note: Note, window: _Window) -> Note:
    start = max(0.0, note.start - window.start)
    end = min(note.end, window.end) - window.start
    return replace(note, start=start, duration=max(end - start, 1 / 64))


def _together(voices: Sequence[Voice]) -> list[Voice]:
    """Return the voices; those of an instrument with a channel for each note as one."""
    pitched = [voice for voice in voices if voice.channel != DRUM_CHANNEL]
    if len(pitched) <= _MOST_VOICES:
        return list(voices)
    one = Voice(0, None, [note for voice in pitched for note in voice.notes], [])
    return [one, *(voice for voice in voices if voice.channel == DRUM_CHANNEL)]


def _role(voice: Voice, notes: Sequence[Note]) -> str:
    if voice.channel == DRUM_CHANNEL:
        return "drums"
    if voice.program is not None:
        return role_of_program(voice.program)
    if _thickness(notes) >= _CHORDAL:
        return "keys"
    mean = sum(note.pitch for note in notes) / len(notes)
    return "bass" if mean < _LOW_VOICE else "lead"


def _program(voice: Voice, name: str) -> int:
    if voice.program is not None and voice.channel != DRUM_CHANNEL:
        return voice.program
    return ROLES["bass"].program if name.startswith("bass") else 0


def _thickness(notes: Sequence[Note]) -> float:
    """Return how many notes sound at once in the mean, while any does."""
    sounding, until = 0.0, -math.inf
    for note in notes:
        sounding += max(0.0, note.end - max(until, note.start))
        until = max(until, note.end)
    return sum(note.duration for note in notes) / sounding
