"""What loops are asked for, condition by condition, and how far from it they came."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from bandmate.loops.model.measured import measured
from bandmate.loops.plan import FIELDS, LoopPlan, Wish
from bandmate.music.clip import Clip
from bandmate.music.midifile import read, to_bytes
from likeness import correlation, mean, overlap
from samples import Window
from studio import scope_of, values_of, wishes_of

Asking = Callable[[Window, random.Random], tuple[Wish, ...]]
"""What is asked of a loop for a window."""

_CURVES = ((0.5, 0.8, 1.2, 1.5), (1.5, 1.2, 0.8, 0.5), (0.6, 1.3, 1.3, 0.6), (1.4, 0.7, 0.7, 1.4))
"""Shapes of a curve over four bars, 1 is what the window measures."""
_WIDTHS = {"Pitch": 2.0, "Velocity": 8.0, "Density": 2.0, "Register": 4.0, "Polyphony": 0.5}
"""Widths of the bins in which accuracy is told; Swing's is a tenth, Duration's a fifth of it."""


class Row(NamedTuple):
    """One wish and what became of it."""

    wish: Wish
    came: float
    mended: float
    """After the correction."""


def _came(row: Row) -> float:
    return row.came


def _mended(row: Row) -> float:
    return row.mended


def told(fields: Iterable[str], scope: str = "All") -> Asking:
    """Ask for what the window measures in some fields, for All, each Part or each Bar."""
    return lambda window, _: wishes_of(window, fields, scope)


def half(window: Window, rng: random.Random) -> tuple[Wish, ...]:
    """Ask for what the window measures in a drawn half of the fields."""
    return wishes_of(window, rng.sample(FIELDS, rng.choice((3, 4))))


def curve(field: str) -> Asking:
    """Ask for a field bar by bar: rising, falling, or an arch around what the window measures."""

    def asking(window: Window, rng: random.Random) -> tuple[Wish, ...]:
        level = measured(window.sounding(), window.bars)[field, "All"]
        values = [level * share for share in rng.choice(_CURVES)]
        if field == "Velocity":
            values = [min(120.0, max(16.0, (level + value) / 2)) for value in values]
        return tuple(Wish(field, str(bar), value) for bar, value in enumerate(values))

    return asking


CONDITIONS: dict[str, Asking] = {
    "none": told(()),
    **{f"{field} alone": told((field,)) for field in FIELDS},
    "random half": half,
    "all fields": told(FIELDS),
    "all fields, by part": told(FIELDS, "Part"),
    "all fields, by bar": told(FIELDS, "Bar"),
    "density curve": curve("Density"),
    "velocity curve": curve("Velocity"),
}


def rows_of(wishes: Sequence[Wish], clip: Clip, mended: Clip) -> list[Row]:
    """Return the wishes that can be held against a clip, with what it and its mending measure."""
    came, after = values_of(clip), values_of(mended)
    keys = [(wish, (wish.field, wish.subject)) for wish in wishes]
    return [Row(wish, came[key], after[key]) for wish, key in keys if key in came]


def figures(rows: Sequence[Row]) -> dict[str, float]:
    """Return the errors, bin accuracies and correlation of the wishes for one field.

    Errors of durations are in per cent of what was asked, others in the field's own unit. Bins are
    2 semitones, 8 velocities, 2 onsets a bar and a fifth of a duration wide.
    """
    found: dict[str, float] = {"asks": len(rows)}
    for name, of in (("", _came), (", mended", _mended)):
        pairs = [(row.wish.field, row.wish.value, of(row)) for row in rows]
        found[f"off{name}"] = mean([_error(*pair) for pair in pairs])
        apart = [abs(_bin(field, asked) - _bin(field, came)) for field, asked, came in pairs]
        found[f"in its bin{name}"] = mean([bins == 0 for bins in apart])
        found[f"within a bin{name}"] = mean([bins <= 1 for bins in apart])
        found[f"correlation{name}"] = correlation([p[1] for p in pairs], [p[2] for p in pairs])
    return {name: round(value, 3) for name, value in found.items()}


def _error(field: str, asked: float, came: float) -> float:
    return 100 * abs(came - asked) / asked if field == "Duration" else abs(came - asked)


def _bin(field: str, value: float) -> int:
    if field == "Duration":
        return math.floor(math.log(value) / math.log(1.2))
    return math.floor(value / _WIDTHS.get(field, 0.1))


def within_loops(loops: Sequence[Sequence[Row]]) -> dict[str, float]:
    """Return how the bars of each loop follow its curve: correlation of what parts them.

    Each loop's mean is taken off what was asked and what came, so that only the shape counts.
    """
    found: dict[str, float] = {}
    for name, of in (("", _came), (", mended", _mended)):
        asked: list[float] = []
        came: list[float] = []
        for rows in loops:
            asks, values = [row.wish.value for row in rows], [of(row) for row in rows]
            asked += [value - mean(asks) for value in asks]
            came += [value - mean(values) for value in values]
        found[f"correlation within loops{name}"] = round(correlation(asked, came), 3)
    return found


def exactness(plan: LoopPlan, clip: Clip) -> dict[str, float]:
    """Return what a clip's MIDI file, read again, has of the plan's facts: 1 is all."""
    heard = read(to_bytes(clip))
    return {
        "parts Jaccard": overlap(
            {(part.name, part.program) for part in heard.parts},
            {(part.name, part.program) for part in plan.parts},
        ),
        "tempo": float(round(6e7 / heard.tempo) == round(6e7 / plan.tempo)),
        "meter": float(heard.meter == plan.meter),
        "key": float(heard.key == plan.key),
        "length": float(abs(heard.length - plan.bars * plan.meter.bar_beats) < 1e-6),
    }


def by_field(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return rows by field, in the order of FIELDS."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: FIELDS.index(row.wish.field)):
        found.setdefault(row.wish.field, []).append(row)
    return found


def is_bar(wish: Wish) -> bool:
    """Say whether a wish is for one bar."""
    return scope_of(wish.subject) == "Bar"
