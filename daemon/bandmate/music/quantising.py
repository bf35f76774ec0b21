"""Quantised with its feel kept: chance goes, habit stays.

A person is early or late by habit (the backbeat drags, the second eighth swings) and by chance. The
habit is what the notes at one place of the beat have in common; notes go to the grid and from there
to where their place is usually played.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from bandmate.music.clip import Clip, Note

_GRIDS = (4, 3)
"""Places of a beat: sixteenths, or the triplet of eighths."""

_ROLL = 1 / 8
_SHORTEST = 1 / 64

_Place = tuple[int, int]
"""A beat and a place in it."""


def quantised(clip: Clip, amount: float = 1.0) -> Clip:
    """Return a clip whose notes lie *amount* (0..1) of the way towards where they are meant.

    Each part has a grid of its own, sixteenths or triplets, whichever it is nearer to. Notes that
    are struck together stay as far apart as they were played, and all keep their durations, as far
    as the clip goes.
    """
    if not amount:
        return clip
    parts = (
        replace(part, notes=_quantised(part.notes, amount, clip.length)) for part in clip.parts
    )
    return replace(clip, parts=tuple(parts))


def _quantised(notes: Sequence[Note], amount: float, length: float) -> tuple[Note, ...]:
    if not notes:
        return ()
    grid = min(_GRIDS, key=lambda grid: fmean(abs(_off(note, grid)) * grid for note in notes))
    together: dict[_Place, list[Note]] = defaultdict(list)
    for note in notes:
        together[divmod(round(note.start * grid), grid)].append(note)
    habits, rolled = _habits(together, grid), _rolled(notes)
    moved = []
    for (beat, place), group in together.items():
        target = beat + place / grid + habits[place]
        shift = amount * (target - fmean(note.start for note in group))
        is_roll = not rolled.isdisjoint(group)  # finer than the grid: it is meant as it is
        moved += group if is_roll else [_shifted(note, shift, length) for note in group]
    return tuple(sorted(moved))


def _shifted(note: Note, shift: float, length: float) -> Note:
    start = min(max(0.0, note.start + shift), length - _SHORTEST)
    return replace(note, start=start, duration=min(note.duration, length - start))


def _rolled(notes: Sequence[Note]) -> set[Note]:
    """Return the notes whose pitch is struck again before a thirty-second is over."""
    found: set[Note] = set()
    last: dict[int, Note] = {}
    for note in sorted(notes):
        before = last.get(note.pitch)
        if before is not None and note.start - before.start < _ROLL:
            found |= {before, note}
        last[note.pitch] = note
    return found


def _off(note: Note, grid: int) -> float:
    """Return the beats by which a note is late."""
    return note.start - round(note.start * grid) / grid


def _habits(together: dict[_Place, list[Note]], grid: int) -> dict[int, float]:
    """Return by how many beats each place is usually late; the fewer notes, the nearer to 0."""
    late: dict[int, list[float]] = defaultdict(list)
    for (_, place), group in together.items():
        late[place].append(fmean(_off(note, grid) for note in group))
    return {place: sum(found) / (len(found) + 1) for place, found in late.items()}
