"""How a part's top line moves: intervals, contour, runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from bandmate.loops.model.vocabulary import STEPS
from judge.figures import Figures, entropy, mean, most, named, ratio, share, spread
from judge.piece import PartNotes, Tone

_INTERVALS = {
    "same pitch again": (0, 0), "half steps": (1, 1), "whole steps": (2, 2), "thirds": (3, 4),
    "fourths and fifths": (5, 7), "sixths and sevenths": (8, 11), "octaves": (12, 12),
    "leaps over an octave": (13, 127),
}  # fmt: skip


def melody(part: PartNotes) -> Figures:
    """Return the features of the top line."""
    moves = [b.pitch - a.pitch for a, b in pairwise(part.top)]
    return {
        **_intervals(moves),
        **_turns(moves),
        **_contour(part.top),
        **_places(part, moves),
        **named("lowest line: ", _low(part)),
    }


def _intervals(moves: Sequence[int]) -> Figures:
    sizes = [abs(move) for move in moves]
    return {
        **{n: share(a <= size <= b for size in sizes) for n, (a, b) in _INTERVALS.items()},
        "moves by step": share(1 <= size <= 2 for size in sizes),
        "mean interval": mean(sizes),
        "interval spread": spread(sizes),
        "largest interval": most(sizes),
        "moves upwards": share(move > 0 for move in moves if move),
        "interval entropy": entropy(moves),
        "distinct intervals": len(set(moves)),
    }


def _turns(moves: Sequence[int]) -> Figures:
    ways = [(move > 0) - (move < 0) for move in moves]
    turning = [way for way in ways if way]
    return {
        "turns of direction": share(a != b for a, b in pairwise(turning)),
        "leaps answered the other way": share(a * b < 0 for a, b in pairwise(moves) if abs(a) >= 5),
        "steps that go on the same way": share(
            a * b > 0 for a, b in pairwise(moves) if 1 <= abs(a) <= 2
        ),
        "longest run one way": _longest(turning, 0),
        "longest run on one pitch": _longest([way == 0 for way in ways], False),
        "back to the note before last": share(a + b == 0 and a != 0 for a, b in pairwise(moves)),
    }


def _longest(items: Sequence[int | bool], unless: int | bool) -> float:
    """Return the most equal items in a row, of those that are not *unless*."""
    longest = count = 0
    for i, item in enumerate(items):
        count = count + 1 if i and item == items[i - 1] else 1
        if item != unless:
            longest = max(longest, count)
    return float(longest)


def _contour(line: Sequence[Tone]) -> Figures:
    if not line:
        return dict.fromkeys(
            ("highest note comes at", "lowest note comes at", "last above first", "pitch slope"),
            math.nan,
        )
    ordered = [tone.pitch for tone in line]
    return {
        "highest note comes at": ordered.index(max(ordered)) / len(ordered),
        "lowest note comes at": ordered.index(min(ordered)) / len(ordered),
        "last above first": float(ordered[-1] - ordered[0]),
        "pitch slope": _slope(ordered),
    }


def _slope(values: Sequence[float]) -> float:
    """Return how much the values rise over the piece, by least squares."""
    middle = (len(values) - 1) / 2
    weight = sum((i - middle) ** 2 for i in range(len(values)))
    rise = sum((i - middle) * value for i, value in enumerate(values))
    return ratio(rise * len(values), weight)


def _places(part: PartNotes, moves: Sequence[int]) -> Figures:
    """What the line does on beats and at the end of bars."""
    top = part.top
    into_bars = [
        abs(b.pitch - a.pitch)
        for a, b in pairwise(top)
        if a.start // part.bar_steps != b.start // part.bar_steps
    ]
    on_beats = [tone.pitch for tone in top if tone.start % STEPS == 0]
    off = [tone.pitch for tone in top if tone.start % STEPS]
    quick = [
        abs(m) for m, (a, b) in zip(moves, pairwise(top), strict=True) if b.start - a.start <= 3
    ]
    return {
        "interval over the bar line": mean(into_bars),
        "notes on beats above the others": mean(on_beats) - mean(off),
        "interval of quick notes": mean(quick),
        "quick notes by step": share(size <= 2 for size in quick),
        "interval from the last note to the first": float(abs(top[-1].pitch - top[0].pitch))
        if top
        else math.nan,
    }


def _low(part: PartNotes) -> Figures:
    moves = [b.pitch - a.pitch for a, b in pairwise(part.lowest)]
    return {
        "same pitch again": share(move == 0 for move in moves),
        "moves by step": share(1 <= abs(move) <= 2 for move in moves),
        "fourths and fifths": share(5 <= abs(move) <= 7 for move in moves),
        "octaves": share(abs(move) == 12 for move in moves),
        "mean interval": mean(abs(move) for move in moves),
    }
