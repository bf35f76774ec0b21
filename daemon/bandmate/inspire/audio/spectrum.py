"""Sound as spectra: short frames on an even grid, folded to thirds of semitones, in blocks."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from bandmate.workers.child import sign_of_life

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy import float32
    from numpy.typing import NDArray

STEPS = 3
"""Bins in a semitone."""
LOWEST, HIGHEST = 28, 100
"""MIDI pitches between which the bins lie (E1, 41 Hz, to E7, 2637 Hz)."""
BINS = (HIGHEST - LOWEST) * STEPS
WINDOW = 8192
"""Samples of a frame: 0.37 s at 22,050 Hz, which parts semitones from about C3 up."""
HOP = 1024
"""Samples from a frame to the next."""

_BLOCK = 256
"""Frames that are transformed at once."""


def frames(
    samples: NDArray[float32], window: int, hop: int, block: int = _BLOCK
) -> Iterator[NDArray[float32]]:
    """Yield blocks of magnitude spectra (frames x window/2+1); frame i is centred on i * hop."""
    padded = np.pad(samples, (window // 2, window // 2))
    views = sliding_window_view(padded, window)[::hop]
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    for first in range(0, len(views), block):
        sign_of_life()
        yield np.abs(np.fft.rfft(views[first : first + block] * shape)).astype(np.float32)


def log_spectrum(samples: NDArray[float32], rate: int) -> NDArray[float32]:
    """Return magnitudes (frames x BINS), the bins STEPS to a semitone from LOWEST up.

    Every third bin, from the first on, is a pitch at A = 440 Hz.
    """
    fold = bins_to_steps(rate, WINDOW)
    return np.concatenate([block @ fold for block in frames(samples, WINDOW, HOP)])


@lru_cache(maxsize=4)
def bins_to_steps(rate: int, window: int) -> NDArray[float32]:
    """Return weights (window/2+1 x BINS): triangles two steps wide, or two bins."""
    bins = np.arange(window // 2 + 1) * rate / window
    centres = 440.0 * 2.0 ** ((LOWEST + np.arange(BINS) / STEPS - 69) / 12)
    width = np.maximum(centres * (2.0 ** (1 / (12 * STEPS)) - 1), rate / window)
    weights = np.clip(1 - np.abs(bins[:, None] - centres) / width, 0, None)
    found: NDArray[float32] = (weights / np.maximum(weights.sum(axis=0), 1e-9)).astype(np.float32)
    return found


def heard_tuning(spectrum: NDArray[float32]) -> float:
    """Return how far the sound is tuned above A = 440 Hz, in semitones, -0.5..0.5.

    The bins of all semitones are laid over each other; their phase is the tuning.
    """
    weights = np.asarray(spectrum, np.float64).mean(axis=0)
    turn = np.exp(2j * np.pi * np.arange(BINS) / STEPS)
    return float(np.angle((weights * turn).sum()) / (2 * np.pi))


def tuned(spectrum: NDArray[float32], tuning: float) -> NDArray[float32]:
    """Return the spectrum moved so that its semitones fall on every third bin."""
    whole, part = divmod(tuning * STEPS, 1.0)
    near = np.roll(spectrum, -int(whole), axis=1)
    return ((1 - part) * near + part * np.roll(near, -1, axis=1)).astype(np.float32)
