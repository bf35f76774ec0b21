"""How alike two cells, two bars or two sections are, in rhythm and in pitch classes: 0..1."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import ArrayLike

from bandmate.loops.model.tokens import Cell, GridNote

Cells = Mapping[Cell, Sequence[GridNote]]


def overlap(one: AbstractSet[Hashable], other: AbstractSet[Hashable]) -> float:
    """Return the Jaccard index of two sets; two empty ones are alike."""
    return len(one & other) / len(one | other) if one | other else 1.0


def cosine(one: Mapping[Hashable, float], other: Mapping[Hashable, float]) -> float:
    """Return the cosine of two tables of weights; two empty ones are alike."""
    if not one or not other:
        return float(not one and not other)
    norms = (math.sqrt(sum(w * w for w in table.values())) for table in (one, other))
    return sum(weight * other.get(key, 0.0) for key, weight in one.items()) / math.prod(norms)


def rhythm_alike(one: Sequence[GridNote], other: Sequence[GridNote], is_drums: bool) -> float:
    """Return how much of two cells' onsets fall together; of drums the same drum."""
    if is_drums:
        return overlap({(n.step, n.pitch) for n in one}, {(n.step, n.pitch) for n in other})
    return overlap({n.step for n in one}, {n.step for n in other})


def classes_alike(one: Sequence[GridNote], other: Sequence[GridNote]) -> float:
    """Return how alike the time is that two cells give to each pitch class."""
    return cosine(_classes(one), _classes(other))


def _classes(notes: Sequence[GridNote]) -> dict[Hashable, float]:
    weights: dict[Hashable, float] = {}
    for note in notes:
        weights[note.pitch % 12] = weights.get(note.pitch % 12, 0.0) + note.steps
    return weights


def bars_alike(cells: Cells, names: Sequence[str], one: int, other: int) -> tuple[float, float]:
    """Return how alike two bars of a clip are: onsets by part, and pitch classes by part.

    The means over the parts that sound in either; (1, 1) where none does.
    """
    rhythms, classes = [], []
    for name in names:
        a, b = cells.get((one, name), ()), cells.get((other, name), ())
        if a or b:
            is_drums = name.startswith("drums")
            rhythms.append(rhythm_alike(a, b, is_drums))
            if not is_drums:
                classes.append(classes_alike(a, b))
    return mean(rhythms, 1.0), mean(classes, 1.0)


def sections_alike(
    cells: Cells, names: Sequence[str], one: int, other: int, bars: int
) -> tuple[float, float]:
    """Return how alike two sections are, bar for bar, that begin at two bars: see `bars_alike`."""
    pairs = [bars_alike(cells, names, one + bar, other + bar) for bar in range(bars)]
    return mean([rhythm for rhythm, _ in pairs]), mean([classes for _, classes in pairs])


def mean(values: Sequence[float], default: float = math.nan) -> float:
    """Return the mean, or *default* of no values."""
    return sum(values) / len(values) if values else default


def correlation(one: ArrayLike, other: ArrayLike) -> float:
    """Return Pearson's correlation; 0 where one of the two never varies."""
    a, b = np.asarray(one, float), np.asarray(other, float)
    if len(a) < 2 or a.std() < 1e-12 or b.std() < 1e-12:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
