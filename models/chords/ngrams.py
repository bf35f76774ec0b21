"""Interpolated n-grams of chord changes: what the prior has to beat."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

Chord = tuple[int, int, int]
START: Chord = (-1, -1, -1)


class NGrams:
    """Kneser-Ney with one discount an order, over one vocabulary; never a chance of nothing."""

    def __init__(self, songs: Iterable[Sequence[Chord]], order: int, kinds: int) -> None:
        """Count songs for contexts of up to *order* - 1 chords; *kinds* chords are possible."""
        self.order, self.kinds = order, kinds
        counts: list[dict[tuple[Chord, ...], Counter[Chord]]] = [
            defaultdict(Counter) for _ in range(order)
        ]
        for song in songs:
            padded = (START,) * (order - 1) + tuple(song)
            for index in range(order - 1, len(padded)):
                for length in range(order):
                    counts[length][padded[index - length : index]][padded[index]] += 1
        self.counts = [counts[-1]]
        # Below the longest context a chord counts once for each chord that stood before it.
        for length in range(order - 2, -1, -1):
            kinds_before: dict[tuple[Chord, ...], Counter[Chord]] = defaultdict(Counter)
            for context, found in counts[length + 1].items():
                for chord in found:
                    kinds_before[context[1:]][chord] += 1
            self.counts.insert(0, kinds_before)
        self.discounts = [self._discount(table.values()) for table in self.counts]

    @staticmethod
    def _discount(tables: Iterable[Counter[Chord]]) -> float:
        often = Counter(count for table in tables for count in table.values() if count <= 2)
        return often[1] / (often[1] + 2 * often[2]) if often[1] else 0.5

    def chance(self, context: Sequence[Chord], chord: Chord) -> float:
        """Return the probability of a chord behind a context."""
        chance = 1 / self.kinds
        padded = (START,) * (self.order - 1) + tuple(context)
        for length in range(self.order):
            found = self.counts[length].get(padded[len(padded) - length :])
            if found:
                total, discount = sum(found.values()), self.discounts[length]
                kept = max(found.get(chord, 0) - discount, 0.0) / total
                chance = kept + discount * len(found) / total * chance
        return chance

    def perplexity(self, songs: Iterable[Sequence[Chord]]) -> float:
        """Return the perplexity a chord."""
        logs = [
            math.log(self.chance(song[:index], chord))
            for song in songs
            for index, chord in enumerate(song)
        ]
        return math.exp(-sum(logs) / len(logs))
