"""The first judge: boosted trees of four leaves on the features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from judge.figures import Figures
from judge.folds import folds_of

FOLDS = 5
_ROUNDS = 150


class Table:
    """Features of many loops as columns; what could not be measured is the column's median."""

    def __init__(self, rows: Sequence[Figures]) -> None:
        self.names = list(dict.fromkeys(name for row in rows for name in row))
        at = {name: i for i, name in enumerate(self.names)}
        raw = np.full((len(rows), len(self.names)), np.nan)
        for values, row in zip(raw, rows, strict=True):
            values[[at[name] for name in row]] = list(row.values())
        self.raw = raw
        """Loops by features, NaN where nothing was measured."""

    @property
    def filled(self) -> NDArray[np.float64]:
        """Loops by features that vary, without NaN."""
        known = ~np.isnan(self.raw)
        kept = self.raw[:, known.any(0)]
        values = np.where(np.isnan(kept), np.nanmedian(kept, axis=0), kept)
        return np.asarray(values[:, values.std(0) > 1e-9])


def by_trees(
    table: Table, is_made: NDArray[np.bool_], songs: Sequence[str], seed: int = 0
) -> NDArray[np.float64]:
    """Return for each loop how likely it is made, told by trees that never saw its song.

    *songs* holds the song that each loop is of, or was written after. Where no feature varies, all
    are as likely as not.
    """
    values = table.filled.astype(np.float32)
    told = np.full(len(values), 0.5)
    if not values.shape[1]:
        return told
    for learnt, held in folds_of(songs, FOLDS, seed):
        trees = HistGradientBoostingClassifier(
            max_iter=_ROUNDS,
            learning_rate=0.1,
            max_leaf_nodes=4,
            max_features=0.1,
            min_samples_leaf=min(20, max(2, len(learnt) // 20)),
            random_state=seed,
        )
        trees.fit(values[learnt], is_made[learnt])
        told[held] = trees.predict_proba(values[held])[:, 1]
    return told
