"""Notes at their own times -> the grid: every onset on a sixteenth or a triplet of its beat."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from bandmate.loops.model.tokens import GridNote, gridded
from bandmate.loops.model.vocabulary import STEPS
from bandmate.music.clip import Note

SIXTEENTH, TRIPLET = STEPS // 4, STEPS // 3
_COARSE = 0.8
"""A beat is in triplets where they fit so much better than sixteenths, of which there are more."""
_MARGIN = 0.1
EARLY = 0.125
"""Beats before a bar line in which an onset is the bar's own, played early."""


def snapped(
    notes: Sequence[Note], bar_beats: float, is_drums: bool, keeps_durations: bool
) -> list[GridNote]:
    """Return notes, in beats from a bar line, with the onsets of each beat on one grid.

    That is of sixteenths or of triplets, whichever are nearer, counted from each bar line.
    Durations are kept to the nearest step, or snap like the onsets (for players, whose releases
    mean little).
    """
    places = [_place(note.start, bar_beats) for note in notes]
    beats: dict[tuple[int, int], list[float]] = defaultdict(list)
    for bar, beat, offset in places:
        beats[bar, beat].append(offset)
    widths = {beat: _width(offsets) for beat, offsets in beats.items()}
    placed = []
    for note, (bar, beat, offset) in zip(notes, places, strict=True):
        width = widths[bar, beat]
        within = max(0, beat * STEPS + round(offset / width) * width)
        unit = 1 if keeps_durations else width
        steps = max(unit, round(note.duration * STEPS / unit) * unit)
        start = bar * bar_beats + within / STEPS
        placed.append(Note(start, note.pitch, steps / STEPS, note.velocity))
    return gridded(placed, is_drums)


def _place(start: float, bar_beats: float) -> tuple[int, int, float]:
    """Return the bar of a time, the beat of it that is nearest, and how many steps behind."""
    bar = int((start + EARLY) // bar_beats)
    within = start - bar * bar_beats
    beat = min(round(within), math.ceil(bar_beats) - 1)  # never one of the next bar
    return bar, beat, (within - beat) * STEPS


def _width(offsets: Sequence[float]) -> int:
    straight, swung = _cost(offsets, SIXTEENTH), _cost(offsets, TRIPLET)
    return TRIPLET if swung <= _COARSE * straight - _MARGIN else SIXTEENTH


def _cost(offsets: Sequence[float], width: int) -> float:
    return sum(abs(offset - round(offset / width) * width) for offset in offsets) / len(offsets)


def is_off_grid(step: int) -> bool:
    """Return whether a step of a bar lies on neither a sixteenth nor a triplet."""
    return bool(step % SIXTEENTH and step % TRIPLET)
