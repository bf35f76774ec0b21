"""Feel: a written clip played as people play, by moving its notes and their velocities a little.

What people do comes from `playing` and `evening`; here it is laid on the notes so that the music
stays whole: notes keep their order, legato stays legato, a part keeps its mean velocity, and what
is not to be touched is not. Accents that the notes have already are not added a second time.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Sequence
from dataclasses import replace

from bandmate.loops.bars import bar_of
from bandmate.loops.performance.groove_table import Feel, followed, place_of, shipped_feel
from bandmate.loops.performance.performer_profile import Deviation, Evening, Hit
from bandmate.loops.performance.swing import Bend, swings_sixteenths
from bandmate.music.clip import Clip, Note, Part

_EARLIEST = 0.039
"""Beats before its bar line that a note may be played: nearer to it than to the step before, so
that it stays one of its bar (`bar_of`)."""
_ROOM = 0.4
"""Share of the time to the next onset that a note may move at most: two never pass each other."""
_AT_LEAST = 0.3
"""Share of the scatter that even lively notes get: written velocities come in eight levels."""
_TICK = 1 / 480
"""Beats: the resolution of the files that clips are written to."""
_SAME = 1e-3
"""Beats within which two times are one."""


def felt(
    clip: Clip,
    amount: float,
    swing: float | None = None,
    genre: str | None = None,
    seed: int = 0,
    *,
    written: Container[tuple[int, str]] | None = None,
    feel: Feel | None = None,
) -> Clip:
    """Return a clip as a person would play it; the same seed gives the same playing.

    *amount* is 0..1, from the grid to as people are (timing and velocity alike); *swing* is where
    off-beats go, 0 (even) to 1 (triplet), None as written. *written* holds the cells, (bar from 0,
    part's name), that may change, None is all; other notes stay as they are. *feel* is the shipped
    table unless told (raises WeightsError). With nothing to do the clip itself is returned.
    """
    if not amount and swing is None:
        return clip
    table = feel or shipped_feel()
    sixteenths = swing is not None and swings_sixteenths(clip, genre, table.swung_eighths)
    has_drums = any(part.is_drums for part in clip.parts)
    parts = []
    for part in clip.parts:
        ours = [written is None or (_bar(clip, note), part.name) in written for note in part.notes]
        if not any(ours):
            parts.append(part)
            continue
        bend = None if swing is None else Bend(part.notes, clip.meter, swing, sixteenths)
        evening = Evening(table, genre, clip.tempo, seed, part.name)
        pocket = swing is None and has_drums
        deviations = _deviations(clip, part, ours, evening if amount else None, pocket)
        timed = _timed(
            clip, part.notes, ours, deviations, amount, bent=bend.bent if bend else float
        )
        loud = _struck(clip, part.notes, ours, deviations, amount)
        notes = (
            replace(new, velocity=velocity) if own else old
            for old, new, velocity, own in zip(part.notes, timed, loud, ours, strict=True)
        )
        parts.append(replace(part, notes=tuple(sorted(notes))))
    return replace(clip, parts=tuple(parts))


def hit_of(clip: Clip, part: Part, note: Note, mean_pitch: float) -> Hit:
    """Return a note of a part as the habits see it."""
    return Hit(
        followed(part.role, note.pitch),
        place_of(
            clip.meter,
            note.start - _bar(clip, note) * clip.meter.bar_beats,
        ),
        round(note.start * 12),
        0.0 if part.is_drums else note.pitch - mean_pitch,
    )


def _bar(clip: Clip, note: Note) -> int:
    return bar_of(note.start, clip.meter.bar_beats, clip.bars)


def _deviations(
    clip: Clip, part: Part, ours: Sequence[bool], evening: Evening | None, pocket: bool
) -> list[Deviation]:
    """Return how each note is played; with *pocket* off-beats lie where drummers have them.

    A swing that was asked for says that already, and without drums there is nobody to follow: keys
    and melodies by themselves were played even.
    """
    none = Deviation(0.0, 0.0, 0.0)
    mean = sum(note.pitch for note in part.notes) / len(part.notes)
    return [
        evening.deviation(hit_of(clip, part, note, mean), pocket=pocket)
        if evening and own
        else none
        for note, own in zip(part.notes, ours, strict=True)
    ]


def _timed(
    clip: Clip,
    notes: Sequence[Note],
    ours: Sequence[bool],
    deviations: Sequence[Deviation],
    amount: float,
    *,
    bent: Callable[[float], float],
) -> list[Note]:
    """Return the notes in time, in the same order; those that are not ours as they are."""
    starts = _swung(notes, ours, bent)
    shifts = [
        amount * shift
        for shift in _kept_apart(clip, notes, ours, starts, [d.timing for d in deviations])
    ]
    played = [_ticked(start + shift) for start, shift in zip(starts, shifts, strict=True)]
    onsets = _earliest(notes, played)
    upcoming: dict[int, float] = {}
    timed = list(notes)
    for i in sorted(range(len(notes)), key=lambda i: notes[i].start, reverse=True):
        note = notes[i]
        if ours[i]:
            end = onsets.get(round(note.end / _SAME))
            if end is None:
                is_held = note.end > clip.length - _SAME
                end = clip.length if is_held else bent(note.end) + shifts[i]
            end = min(_ticked(end), clip.length, upcoming.get(note.pitch, clip.length))
            timed[i] = replace(note, start=played[i], duration=max(end - played[i], _TICK))
        upcoming[note.pitch] = played[i]
    return timed


def _ticked(beats: float) -> float:
    """Return the nearest time that a MIDI file can say: what is kept is what is heard."""
    return round(beats / _TICK) * _TICK


def _swung(
    notes: Sequence[Note], ours: Sequence[bool], bent: Callable[[float], float]
) -> list[float]:
    """Return where notes start once time is bent, none in what a note not ours rings on into."""
    ends: dict[int, float] = {}
    starts = []
    for note, own in zip(notes, ours, strict=True):
        rings = min(ends.get(note.pitch, 0.0), note.start)
        starts.append(max(bent(note.start), rings) if own else note.start)
        if not own:
            ends[note.pitch] = note.end
    return starts


def _kept_apart(
    clip: Clip,
    notes: Sequence[Note],
    ours: Sequence[bool],
    starts: Sequence[float],
    milliseconds: Sequence[float],
) -> list[float]:
    """Return deviations in beats, none so large that a note would pass or cut another."""
    onsets = sorted(set(starts))
    ends: dict[int, float] = {}
    shifts = []
    for note, own, start, wanted in zip(notes, ours, starts, milliseconds, strict=True):
        before = onsets[at - 1] if (at := bisect_left(onsets, start - _SAME)) else 0.0
        at = bisect_right(onsets, start + _SAME)
        behind = onsets[at] if at < len(onsets) else clip.length
        line = _bar(clip, note) * clip.meter.bar_beats - _EARLIEST
        low = max(_ROOM * (before - start), min(0.0, ends.get(note.pitch, 0.0) - start))
        low = max(low, min(0.0, line - start))
        shift = wanted * clip.tempo / 60_000
        shifts.append(max(low, min(_ROOM * (behind - start), shift)) if own else 0.0)
        if not own:
            ends[note.pitch] = note.end
    return shifts


def _earliest(notes: Sequence[Note], played: Sequence[float]) -> dict[int, float]:
    """Return when each written onset first sounds, by its time in steps of _SAME."""
    found: dict[int, float] = {}
    for note, start in zip(notes, played, strict=True):
        at = round(note.start / _SAME)
        found[at] = min(start, found.get(at, start))
    return found


def _struck(
    clip: Clip,
    notes: Sequence[Note],
    ours: Sequence[bool],
    deviations: Sequence[Deviation],
    amount: float,
) -> list[int]:
    """Return velocities: our notes' accents and scatter, their mean as it was."""
    at = [i for i, own in enumerate(ours) if own]
    written = [notes[i].velocity for i in at]
    changes = _changes(clip, [notes[i] for i in at], [deviations[i] for i in at])
    struck = [note.velocity for note in notes]
    for i, velocity, change in zip(at, written, _in_range(written, changes), strict=True):
        struck[i] = round(velocity + amount * change)
    return struck


def _in_range(velocities: Sequence[int], changes: Sequence[float]) -> list[float]:
    """Return changes that leave the mean as it is and every velocity in 1..127.

    They are moved all alike until what the range cuts off is made up for.
    """
    low, high = -127.0, 127.0
    moved = list(changes)
    while high - low > 1e-3:
        middle = (low + high) / 2
        moved = [
            max(1 - velocity, min(127 - velocity, change + middle))
            for velocity, change in zip(velocities, changes, strict=True)
        ]
        low, high = (middle, high) if sum(moved) < 0 else (low, middle)
    return moved


def _changes(clip: Clip, notes: Sequence[Note], deviations: Sequence[Deviation]) -> list[float]:
    """Return what to add at amount 1: the accents that the notes lack, and scatter likewise."""
    bars: dict[int, list[int]] = {}
    for note in notes:
        bars.setdefault(_bar(clip, note), []).append(note.velocity)
    means = {bar: sum(found) / len(found) for bar, found in bars.items()}
    there = [note.velocity - means[_bar(clip, note)] for note in notes]
    centre = sum(d.velocity for d in deviations) / len(deviations)
    accents = [d.velocity - centre for d in deviations]
    power = sum(accent**2 for accent in accents)
    said = sum(a * e for a, e in zip(accents, there, strict=True)) / power if power else 0.0
    said = max(0.0, min(1.0, said))
    lively = sum((e - said * a) ** 2 for a, e in zip(accents, there, strict=True))
    scatter = sum(d.scatter**2 for d in deviations)
    lacks = max(_AT_LEAST, math.sqrt(max(0.0, 1 - lively / scatter)) if scatter else 0.0)
    return [
        (1 - said) * accent + lacks * d.scatter
        for accent, d in zip(accents, deviations, strict=True)
    ]
