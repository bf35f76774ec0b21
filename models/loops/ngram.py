"""An interpolated n-gram (Witten and Bell 1991) over music tokens: the bar a model has to clear."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bandmate.loops.model.vocabulary import MUSIC_SIZE

_BITS = 10
"""Bits that hold a token; histories are packed into whole numbers to keep the counts small."""

assert MUSIC_SIZE <= 1 << _BITS


class Ngram:
    """Counts of tokens after histories of 0..order-1 tokens."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.pairs: list[dict[int, int]] = [{} for _ in range(order)]
        self.kinds: list[dict[int, int]] = [{} for _ in range(order)]
        self.totals: list[dict[int, int]] = [{} for _ in range(order)]

    def learn(self, ids: Sequence[int]) -> None:
        """Count one sequence."""
        for token, histories in self._walk(ids):
            for n, history in enumerate(histories):
                pair = history << _BITS | token
                seen = self.pairs[n].get(pair, 0)
                self.pairs[n][pair] = seen + 1
                self.totals[n][history] = self.totals[n].get(history, 0) + 1
                if not seen:
                    self.kinds[n][history] = self.kinds[n].get(history, 0) + 1

    def loss(self, ids: Sequence[int]) -> float:
        """Return the nats of one sequence."""
        return -sum(math.log(self._share(token, histories)) for token, histories in self._walk(ids))

    def _walk(self, ids: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
        """Yield each token with its packed histories, shortest first."""
        for i, token in enumerate(ids):
            histories = [0]
            for n in range(1, min(self.order, i + 1)):
                histories.append(histories[-1] | ids[i - n] << _BITS * (n - 1))
            yield token, histories

    def _share(self, token: int, histories: Sequence[int]) -> float:
        share = 1 / MUSIC_SIZE
        for n, history in enumerate(histories):
            total = self.totals[n].get(history)
            if total is None:
                break
            kinds, seen = self.kinds[n][history], self.pairs[n].get(history << _BITS | token, 0)
            share = (seen + kinds * share) / (total + kinds)
        return share
