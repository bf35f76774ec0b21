"""Draws for a batch of texts that are written side by side, spread evenly over all there could be.

Arithmetic sampling (Vilnis et al. 2023): a text is a place 0..1 on the line that holds every text
by its probability, and writing it is finding what lies there. Each place is drawn evenly, so each
text alone is drawn as the model would have it; together they share the line out (van der Corput
1935), so that a batch repeats itself less than draws of their own would make it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FINEST = 1e-9
"""Of the line; below it a number has too few digits left, and no neighbour is as near."""


class Draw:
    """Draws the tokens of one text."""

    def __init__(self, number: int, seed: tuple[int, ...]) -> None:
        """Take the text's number in its batch, from 0; *seed* is the same for the whole batch."""
        shift = np.random.default_rng(seed).random()
        self._place = float((_van_der_corput(number) + shift) % 1)
        self._share = 1.0
        self._rng = np.random.default_rng((*seed, number))

    def token(self, logits: NDArray[np.float32], temperature: float) -> int:
        """Return the number of a token; what is -inf is never drawn."""
        scores = logits.astype(np.float64) / temperature
        chances = np.exp(scores - scores.max())
        ends = np.cumsum(chances) / chances.sum()
        ends[-1] = 1.0
        token = int(np.searchsorted(ends, self._place, side="right"))
        start = ends[token - 1] if token else 0.0
        share = ends[token] - start
        self._place, self._share = (self._place - start) / share, self._share * share
        if self._share < _FINEST:
            self._place, self._share = self._rng.random(), 1.0
        return token


def _van_der_corput(number: int) -> float:
    """Return the digits of a number in base 2, mirrored at the point."""
    digits = f"{number:b}"
    return float(int(digits[::-1], 2) / (1 << len(digits)))
