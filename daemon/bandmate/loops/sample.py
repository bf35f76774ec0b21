"""Choosing a token: temperature, top-k and top-p over what is legal, from one seeded generator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sampled(
    logits: NDArray[np.float32],
    legal: NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
) -> int:
    """Return one legal token number.

    *logits* and *legal* have one entry a music token and at least one is legal; *temperature* is
    above 0, *top_k* 0 keeps all, *top_p* in (0, 1] keeps the likeliest tokens that share that
    probability.
    """
    choices = np.flatnonzero(legal)
    if len(choices) == 1:
        return int(choices[0])
    scores = logits[choices].astype(np.float64) / temperature
    order = np.argsort(-scores, kind="stable")
    if top_k:
        order = order[:top_k]
    shares = np.exp(scores[order] - scores[order[0]])
    shares /= shares.sum()
    if top_p < 1:
        kept = int(np.searchsorted(np.cumsum(shares), top_p)) + 1
        order, shares = order[:kept], shares[:kept]
    total = np.cumsum(shares)
    place = int(np.searchsorted(total, rng.random() * total[-1], side="right"))
    return int(choices[order[min(place, len(order) - 1)]])
