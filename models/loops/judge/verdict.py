"""How often the judges are right, with intervals, and what tells most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.figures import Figures
from judge.trees import Table, by_trees

_RESAMPLES = 1000
_TELLS = 10
_TOO_ALIKE = 0.75
"""Features that go together closer than this are told once."""


@dataclass(frozen=True)
class Accuracy:
    """The share of loops that were told rightly, with the middle 95 % of resampled songs."""

    share: float
    low: float
    high: float

    def report(self) -> list[float]:
        """Return share, low and high."""
        return [round(value, 3) for value in (self.share, self.low, self.high)]


def accuracy(is_right: NDArray[np.bool_], songs: Sequence[str], seed: int = 0) -> Accuracy:
    """Return how often a judge was right, with a bootstrap interval by song."""
    names, of = np.unique(np.asarray(songs), return_inverse=True)
    right = np.bincount(of, is_right.astype(float))
    count = np.bincount(of).astype(float)
    drawn = np.random.default_rng(seed).integers(0, len(names), (_RESAMPLES, len(names)))
    shares = right[drawn].sum(1) / count[drawn].sum(1)
    low, high = np.percentile(shares, (2.5, 97.5))
    return Accuracy(float(right.sum() / count.sum()), float(low), float(high))


def auc(values: NDArray[np.float64], is_made: NDArray[np.bool_]) -> float:
    """Return how often a made loop's value is above a real one's; ties count half."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    made, real = int(is_made.sum()), int((~is_made).sum())
    return float((ranks[is_made].sum() - made * (made + 1) / 2) / (made * real))


def tells(table: Table, is_made: NDArray[np.bool_], most: int = _TELLS) -> list[dict[str, Any]]:
    """Return the features that tell most by themselves, the plainest first.

    Each with our mean, the real one's, and how often a made loop has more of it than a real one
    (0.5: as often as not). One that goes with a plainer one is left out.
    """
    found = [(abs(_auc_of(column, is_made) - 0.5), i) for i, column in enumerate(table.raw.T)]
    chosen: list[int] = []
    for edge, i in sorted(found, reverse=True):
        if len(chosen) == most or edge == 0:
            break
        if all(_together(table.raw[:, i], table.raw[:, j]) < _TOO_ALIKE for j in chosen):
            chosen.append(i)
    return [_row(table.names[i], table.raw[:, i], is_made) for i in chosen]


def _auc_of(column: NDArray[np.float64], is_made: NDArray[np.bool_]) -> float:
    """Return the AUC over the loops that have the feature, drawn to 0.5 where few have."""
    known = ~np.isnan(column)
    made = is_made[known]
    if min(made.sum(), (~made).sum()) < 20:
        return 0.5
    return 0.5 + (auc(column[known], made) - 0.5) * math.sqrt(known.mean())


def _together(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    known = ~(np.isnan(one) | np.isnan(other))
    a, b = one[known], other[known]
    if len(a) < 20 or a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return abs(float(np.corrcoef(a, b)[0, 1]))


def _row(name: str, column: NDArray[np.float64], is_made: NDArray[np.bool_]) -> dict[str, Any]:
    known = ~np.isnan(column)
    ours, real = column[known & is_made], column[known & ~is_made]
    return {
        "feature": name,
        "ours": round(float(ours.mean()), 3),
        "real": round(float(real.mean()), 3),
        "more in ours": round(auc(column[known], is_made[known]), 3),
    }


def told_by_trees(
    rows: Sequence[Figures], is_made: NDArray[np.bool_], songs: Sequence[str]
) -> tuple[Accuracy, list[dict[str, Any]]]:
    """Return how often trees are right about loops, and what tells most."""
    table = Table(rows)
    is_right = (by_trees(table, is_made, songs) > 0.5) == is_made
    return accuracy(is_right, songs), tells(table, is_made)
