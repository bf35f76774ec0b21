"""How a sound comes across: how much happens in it, how loud it stays, how bright it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bandmate.inspire.audio.beats import Onsets
from bandmate.inspire.audio.spectrum import frames

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_WINDOW, _HOP = 2048, 2048
_ONSET = 0.3
"""Strength from which a swell counts as an onset."""


@dataclass(frozen=True, slots=True)
class Character:
    """What was measured."""

    onsets: float
    """A second."""
    loudness: float
    """Decibels of the mean power below the peak, 0 down."""
    brightness: float
    """Hertz above which half of the magnitudes lie."""
    pulse: float
    """How regular the onsets are, 0..1: noise 0.1 to 0.3, a band 0.6 and more."""


def measured(samples: NDArray[float32], rate: int, onsets: Onsets) -> Character:
    """Measure mono samples with a peak of 1."""
    power = float(np.mean(np.square(samples), dtype=np.float64))
    spectrum = sum(block.sum(axis=0) for block in frames(samples, _WINDOW, _HOP))
    share = np.cumsum(spectrum) / (np.sum(spectrum) + 1e-12)
    strength = onsets.strength
    is_peak = (strength[1:-1] > strength[:-2]) & (strength[1:-1] >= strength[2:])
    count = int(np.count_nonzero(is_peak & (strength[1:-1] > _ONSET)))
    return Character(
        onsets=count / (len(samples) / rate),
        loudness=10 * float(np.log10(power + 1e-12)),
        brightness=float(np.searchsorted(share, 0.5)) * rate / _WINDOW,
        pulse=onsets.regularity,
    )
