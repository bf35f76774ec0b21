"""Notes at their own times -> the grid: every onset on a sixteenth or a triplet of its beat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bandmate.loops.tokens import GridNote, gridded
from bandmate.loops.vocabulary import STEPS
from bandmate.music.clip import Note

SIXTEENTH, TRIPLET = STEPS // 4, STEPS // 3
_COARSE = 0.8
"""A beat is in triplets where they fit so much better than sixteenths, of which there are more."""
_MARGIN = 0.1


def snapped(notes: Sequence[Note], is_drums: bool, keeps_durations: bool) -> list[GridNote]:
    """Return notes with each beat's onsets on sixteenths or on triplets, whichever are nearer.

    Durations are kept to the nearest step, or snap like the onsets (for players, whose releases
    mean little).
    """
    beats: dict[int, list[float]] = defaultdict(list)
    for note in notes:
        beat = round(note.start)
        beats[beat].append((note.start - beat) * STEPS)
    widths = {beat: _width(offsets) for beat, offsets in beats.items()}
    placed = []
    for note in notes:
        beat = round(note.start)
        width = widths[beat]
        step = beat * STEPS + round((note.start - beat) * STEPS / width) * width
        unit = 1 if keeps_durations else width
        steps = max(unit, round(note.duration * STEPS / unit) * unit)
        placed.append(Note(max(0, step) / STEPS, note.pitch, steps / STEPS, note.velocity))
    return gridded(placed, is_drums)


def _width(offsets: Sequence[float]) -> int:
    straight, swung = _cost(offsets, SIXTEENTH), _cost(offsets, TRIPLET)
    return TRIPLET if swung <= _COARSE * straight - _MARGIN else SIXTEENTH


def _cost(offsets: Sequence[float], width: int) -> float:
    return sum(abs(offset - round(offset / width) * width) for offset in offsets) / len(offsets)


def is_off_grid(step: int) -> bool:
    """Return whether a step lies on neither a sixteenth nor a triplet."""
    return bool(step % SIXTEENTH and step % TRIPLET)
