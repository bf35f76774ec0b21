"""What sounds between beats: how strongly each note of the piano does, its overtones taken off.

After M. Mauch and S. Dixon (2010), "Approximate note transcription for the improved identification
of difficult chords", ISMIR: a spectrum of thirds of semitones, flattened, is written as a sum of
notes with overtones that die away evenly, none of them negative. Here the notes' spectra are those
of the very window that hears them, so that low notes, which smear, are told apart too.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bandmate.inspire.audio.spectrum import (
    BINS,
    HOP,
    LOWEST,
    STEPS,
    WINDOW,
    bins_to_steps,
    heard_tuning,
    log_spectrum,
    tuned,
)

if TYPE_CHECKING:
    from numpy import float32, float64
    from numpy.typing import NDArray

LOW, HIGH = 30, 92
"""MIDI pitches of the notes that are looked for, the last not among them."""

_OVERTONES = 16
_DECAY = 0.72
_ROUNDS = 60


class Pitches(NamedTuple):
    """What sounds, frame by frame."""

    spectrum: NDArray[float32]
    """Tuned magnitudes, frames x BINS."""
    seconds: float
    """From a frame to the next; frame 0 is centred on 0."""
    rate: int
    """Hertz of the sound."""


def heard_pitches(samples: NDArray[float32], rate: int) -> Pitches:
    """Return the tuned spectrum of a sound."""
    spectrum = log_spectrum(samples, rate)
    return Pitches(tuned(spectrum, heard_tuning(spectrum)), HOP / rate, rate)


def notes_between(pitches: Pitches, edges: NDArray[float64]) -> NDArray[float64]:
    """Return how strongly each note LOW..HIGH-1 sounds between neighbouring *edges* (seconds).

    Rows are the gaps between edges. The median over a gap's frames leaves drums out.
    """
    gaps = np.stack([_gap(pitches, a, b) for a, b in pairwise(edges)])
    return _notes(_flattened(gaps), _overtones(pitches.rate))


def _gap(pitches: Pitches, start: float, end: float) -> NDArray[float64]:
    """Return the median spectrum of the frames well within a gap."""
    length = end - start
    first = int(np.ceil((start + 0.25 * length) / pitches.seconds))
    last = int(np.floor((end - 0.15 * length) / pitches.seconds))
    last = min(max(last, first), len(pitches.spectrum) - 1)
    held = pitches.spectrum[min(first, last) : last + 1]
    median: NDArray[float64] = np.median(held, axis=0).astype(np.float64)
    return median


def _flattened(spectra: NDArray[float64]) -> NDArray[float64]:
    """Return spectra above their floor, each bin weighed by how much sounds around it."""
    width = 18 * STEPS
    shape = np.hamming(width + 1)
    shape /= shape.sum()
    mean = np.apply_along_axis(np.convolve, 1, spectra, shape, "same")
    above = np.clip(spectra - mean, 0, None)
    spread = np.sqrt(np.apply_along_axis(np.convolve, 1, (spectra - mean) ** 2, shape, "same"))
    loud = spectra.max(axis=1, keepdims=True) + 1e-9
    flat: NDArray[float64] = above / (spread + 0.01 * loud) ** 0.7
    return flat


@lru_cache(maxsize=4)
def _overtones(rate: int) -> NDArray[float64]:
    """Return the spectra (notes x BINS) of notes with overtones, as the window hears them."""
    fold = bins_to_steps(rate, WINDOW).astype(np.float64)
    rows = np.zeros((HIGH - LOW, BINS))
    for index, pitch in enumerate(range(LOW, HIGH)):
        first = 440.0 * 2 ** ((pitch - 69) / 12) * WINDOW / rate
        for overtone in range(1, _OVERTONES + 1):
            bins = np.arange(int(first * overtone) - 3, min(int(first * overtone) + 5, len(fold)))
            rows[index] += _DECAY ** (overtone - 1) * (
                _lobe(bins.astype(np.float64) - first * overtone) @ fold[bins]
            )
    spectra: NDArray[float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return spectra


def _lobe(bins: NDArray[float64]) -> NDArray[float64]:
    """Return the magnitude of a Hann window's transform, *bins* (within 5) away from a sine."""
    x = np.where(np.abs(np.abs(bins) - 1) < 1e-6, bins + 1e-5, bins)
    found: NDArray[float64] = np.abs(np.sinc(x) / (1 - x**2))
    return found


def _notes(spectra: NDArray[float64], notes: NDArray[float64]) -> NDArray[float64]:
    """Return non-negative weights (gaps x notes) whose sum of notes is nearest to the spectra.

    By the multiplicative steps of D. Lee and H. Seung (2000).
    """
    weights = spectra @ notes.T + 1e-6
    wanted, overlap = spectra @ notes.T, notes @ notes.T
    for _ in range(_ROUNDS):
        weights *= wanted / (weights @ overlap + 1e-9)
    return weights


def folded(weights: NDArray[float64], low: int, high: int) -> NDArray[float64]:
    """Return chroma (gaps x 12, C first) of the notes between two pitches, fading at the ends."""
    pitches = np.arange(LOW, HIGH)
    inside = np.clip(np.minimum(pitches - low + 4, high + 4 - pitches) / 4, 0, 1)
    chroma = np.zeros((len(weights), 12))
    for pitch_class in range(12):
        chroma[:, pitch_class] = (weights * inside)[:, pitches % 12 == pitch_class].sum(axis=1)
    return chroma


def lowest(weights: NDArray[float64]) -> NDArray[float64]:
    """Return a chroma of the low notes (gaps x 12), a note the heavier the lower it lies."""
    return folded(weights, LOWEST, 52)
