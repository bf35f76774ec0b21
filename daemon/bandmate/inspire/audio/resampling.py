"""Sound at another rate: a windowed sinc, one small filter for each phase between two samples.

With `up / down` the ratio in lowest terms, output sample n lies at input n * down / up; all outputs
of one phase (n modulo `up`) share a filter, so that each phase is one product of a strided view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bandmate.workers.child import sign_of_life

if TYPE_CHECKING:
    from numpy import float32, float64
    from numpy.typing import NDArray

_ZEROS = 24
"""Zero crossings of the sinc on each side."""
_KAISER = 9.0
"""Shape of the window: what folds back is about 90 dB down."""
_PASS = 0.93
"""Share of the lower Nyquist frequency that passes whole."""
_PHASES = 640
"""Most filters that are made; between odd rates the nearest serves, which is off by -60 dB."""
_MARGIN = 1
"""Seconds of its neighbours with which a block is resampled, so that no edge is heard."""


def resampled(samples: NDArray[float32], rate: int, to: int) -> NDArray[float32]:
    """Return mono *samples* of *rate* hertz at *to* hertz, in phase, as long in time."""
    if rate == to or not len(samples):
        return samples
    common = gcd(rate, to)
    up, down = to // common, rate // common
    reach = int(np.ceil(_ZEROS * max(1.0, down / up)))
    count = -(-len(samples) * up // down)
    padded = np.pad(samples, (reach, reach + down + 1)).astype(np.float32, copy=False)
    windows = sliding_window_view(padded, 2 * reach + 1)
    out = np.empty(count, np.float32)
    for phase in range(min(up, count)):
        sign_of_life()
        first, rest = divmod(phase * down, up)
        wanted = len(range(phase, count, up))
        rows = windows[first::down][:wanted]
        offset = rest / up if up <= _PHASES else round(rest / up * _PHASES) / _PHASES
        out[phase::up] = rows @ _filter(offset, reach, min(1.0, up / down))
    return out


def resampled_blocks(
    blocks: Iterable[NDArray[float32]], rate: int, to: int
) -> Iterator[NDArray[float32]]:
    """Yield mono blocks of *rate* hertz at *to* hertz, as if they had been joined first.

    All but the last must last the same whole number of seconds, one at the least.
    """
    margin, cut = rate * _MARGIN, to * _MARGIN
    before = np.zeros(margin, np.float32)
    held: NDArray[float32] | None = None
    for block in blocks:
        if held is not None:
            beyond = block[:margin]
            whole = resampled(np.concatenate([before, held, beyond]), rate, to)
            yield whole[cut : cut + len(held) // rate * to]
            before = held[-margin:]
        held = block
    if held is not None:
        yield resampled(np.concatenate([before, held]), rate, to)[cut:]


@lru_cache(maxsize=_PHASES + 1)
def _filter(offset: float, reach: int, ratio: float) -> NDArray[float32]:
    """Return the weights of the inputs from *reach* before to *reach* behind a place.

    *offset* is how far the place lies behind its input, 0..1; *ratio* the cut-off over the input's
    Nyquist frequency.
    """
    cut = ratio * _PASS
    time = np.arange(-reach, reach + 1) - offset
    inside = np.clip(1.0 - (time / (reach + 1)) ** 2, 0.0, None)
    weights: NDArray[float64] = np.sinc(cut * time) * np.i0(_KAISER * np.sqrt(inside))
    found: NDArray[float32] = (weights / weights.sum()).astype(np.float32)
    return found
