"""Fidelity and diversity of a set against a real one: precision, recall, density and coverage.

Naeem et al. (2020), "Reliable Fidelity and Diversity Metrics for Generative Models"; precision and
recall after Kynkäänniemi et al. (2019).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5


def prdc(
    real: Sequence[Sequence[float]], made: Sequence[Sequence[float]], k: int = NEIGHBOURS
) -> dict[str, float]:
    """Return the four figures of *made* against *real*, each a set of more than k vectors.

    Every column is scaled by the mean and deviation of *real*; one that never varies there is left
    out.
    """
    ours, theirs = np.array(made, float), np.array(real, float)
    deviation = theirs.std(0)
    varies = deviation > 1e-9
    scale = deviation[varies]
    ours, theirs = ours[:, varies] / scale, theirs[:, varies] / scale
    reach = np.sort(_distances(theirs, theirs), axis=1)[:, k]  # the nearest is the vector itself
    made_reach = np.sort(_distances(ours, ours), axis=1)[:, k]
    apart = _distances(theirs, ours)
    inside = apart <= reach[:, None]
    return {
        "precision": float(inside.any(0).mean()),
        "recall": float((apart <= made_reach[None, :]).any(1).mean()),
        "density": float(inside.sum(0).mean() / k),
        "coverage": float(inside.any(1).mean()),
    }


def _distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))
