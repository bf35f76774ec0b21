"""Choosing a token: temperature, top-k and top-p over what is legal, from one seeded generator.

A step of the model costs a fifth of a millisecond, so this must cost next to nothing: nothing is
sorted. The tail that top-p drops is drawn like the rest and then drawn anew, which gives the same
shares as dropping it first, and asks for a sum over all tokens only when something rare was drawn.
"""

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
    probability. A single choice draws nothing from *rng*.
    """
    weights = logits[legal]
    if len(weights) == 1:
        return int(legal.argmax())
    weights -= weights[weights.argmax()]
    if temperature != 1:
        weights /= temperature
    np.exp(weights, out=weights)
    if 0 < top_k < len(weights):
        weights[np.argpartition(-weights, top_k)[top_k:]] = 0
    heaped = weights.cumsum()
    total = float(heaped[-1])
    place = _drawn(heaped, total, rng)
    while top_p < 1 and not _is_kept(weights, place, top_p, total):
        place = _drawn(heaped, total, rng)
    return int(legal.nonzero()[0][place])


def _drawn(heaped: NDArray[np.float32], total: float, rng: np.random.Generator) -> int:
    place = int(heaped.searchsorted(np.float32(rng.random() * total), side="right"))
    # 32 bits may round a draw up to the very end, behind the last that has any weight.
    return place if place < len(heaped) else int(heaped.searchsorted(heaped[-1]))


def _is_kept(weights: NDArray[np.float32], place: int, top_p: float, total: float) -> bool:
    """Return whether those that come before *place*, likeliest first, share less than *top_p*."""
    weight = float(weights[place])
    if weight > (1 - top_p) * total:
        return True
    equal = int(np.count_nonzero(weights[:place] == weights[place]))
    before = float(weights[weights > weights[place]].sum()) + equal * weight
    return before < top_p * total
