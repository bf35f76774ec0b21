"""Folds by song: what a judge learns from never holds the song that it is asked about."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Indexes = NDArray[np.int64]


def folds_of(songs: Sequence[str], count: int, seed: int) -> Iterator[tuple[Indexes, Indexes]]:
    """Yield the loops to learn from and those to be asked about, for each of *count* folds.

    Songs go to the folds in a drawn order, each to the one with the fewest loops so far.
    """
    names = sorted(set(songs))
    random.Random(seed).shuffle(names)
    sizes = {name: songs.count(name) for name in names}
    loads = [0] * min(count, len(names))
    fold_of = {}
    for name in sorted(names, key=lambda name: -sizes[name]):
        fold = loads.index(min(loads))
        fold_of[name] = fold
        loads[fold] += sizes[name]
    of = np.array([fold_of[song] for song in songs])
    for fold in range(len(loads)):
        yield np.flatnonzero(of != fold), np.flatnonzero(of == fold)
