"""Where the beats fall in a sound: onsets, a tempo near the usual ones, and a grid laid on them.

A steady grid is preferred, since what is heard here was mostly made in a DAW; where the onsets
wander, beats are followed one by one, after D. Ellis (2007), "Beat tracking by dynamic
programming", Journal of New Music Research 36(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bandmate.inspire.audio.spectrum import frames

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from bandmate.music.meter import Meter

SLOWEST, FASTEST = 45.0, 210.0
"""Beats a minute that are looked for."""

_WINDOW, _HOP = 1024, 256
_BANDS = 36
_USUAL = 115.0
"""Beats a minute around which tempi are likelier."""
_SPREAD = 0.9
"""Octaves, of that likelihood."""
_STEADY = 0.8
"""Share of the wandering beats' onsets that a steady grid must catch to be preferred."""


@dataclass(frozen=True, slots=True)
class Onsets:
    """How suddenly the sound swells, frame by frame."""

    strength: NDArray[float64]
    """0 up, over its surroundings, its deviation 1."""
    low: NDArray[float64]
    """The same of what lies below 150 Hz."""
    fps: float
    """Frames a second; frame 0 is at 0."""

    @property
    def regularity(self) -> float:
        """How like themselves the onsets are 0.25 to 5 seconds later, 0..1: noise is near 0."""
        alike = _autocorrelation(self)
        first, last = round(0.25 * self.fps), min(round(5.0 * self.fps), 2 * len(alike) // 5)
        return float(alike[first:last].max(initial=0.0))


def heard_onsets(samples: NDArray[np.float32], rate: int) -> Onsets:
    """Return the onsets of a sound."""
    bands = _bands(rate)
    loud = np.concatenate([block @ bands for block in frames(samples, _WINDOW, _HOP)])
    loud = np.log1p(30.0 * loud / (np.percentile(loud, 99) + 1e-9))
    rise = np.clip(loud[2:] - loud[:-2], 0, None)
    rise = np.pad(rise, ((1, 1), (0, 0))).astype(np.float64)
    fps = rate / _HOP
    low = _standing_out(rise[:, :4].sum(axis=1), fps)
    return Onsets(_standing_out(rise.sum(axis=1), fps), low, fps)


def _bands(rate: int) -> NDArray[np.float32]:
    """Return weights (window/2+1 x bands) of bands evenly spaced in pitch, 40 Hz..8 kHz."""
    bins = np.arange(_WINDOW // 2 + 1) * rate / _WINDOW
    edges = np.geomspace(40.0, 8000.0, _BANDS + 2)
    width = np.maximum(np.diff(edges), rate / _WINDOW)
    up = 1 - (edges[1:-1] - bins[:, None]) / width[:-1]
    down = 1 - (bins[:, None] - edges[1:-1]) / width[1:]
    weights = np.clip(np.minimum(up, down), 0, None)
    found: NDArray[np.float32] = (weights / np.maximum(weights.sum(axis=0), 1e-9)).astype(
        np.float32
    )
    return found


def _standing_out(rise: NDArray[float64], fps: float) -> NDArray[float64]:
    width = max(3, round(0.8 * fps))
    around = np.convolve(rise, np.ones(width) / width, "same")
    out = np.clip(rise - around, 0, None)
    spread = float(out.std())
    return out / spread if spread > 1e-9 else out


def heard_period(onsets: Onsets, pulses: int) -> float:
    """Return the seconds from a beat to the next, in bars of *pulses* beats."""
    alike = _autocorrelation(onsets)
    periods = 60.0 / np.geomspace(FASTEST, SLOWEST, 900)
    score = np.zeros(len(periods))
    for beats, weight in _comb(pulses).items():
        lags = periods * beats * onsets.fps
        score += weight * np.interp(lags, np.arange(len(alike)), alike, right=0.0)
    likely = np.exp(-0.5 * (np.log2(60.0 / periods / _USUAL) / _SPREAD) ** 2)
    return float(periods[np.argmax((score + 0.05) * likely)])


def _comb(pulses: int) -> dict[float, float]:
    """Return the distances in beats at which a bar repeats itself, each with its weight."""
    comb = {0.5: 0.4, 1.0: 1.0} | ({2.0: 0.7} if pulses % 2 == 0 else {})
    for beats in (float(pulses), 2.0 * pulses):
        comb[beats] = max(comb.get(beats, 0.0), 1.0)
    return comb


def _autocorrelation(onsets: Onsets) -> NDArray[float64]:
    """Return how alike the onsets are to themselves later, by frames, 1 at no distance."""
    shape = np.hanning(7)
    smooth = np.convolve(onsets.strength, shape / shape.sum(), "same")
    smooth = smooth - smooth.mean()
    size = 1 << (2 * len(smooth)).bit_length()
    power = np.abs(np.fft.rfft(smooth, size)) ** 2
    alike = np.fft.irfft(power)[: len(smooth)]
    # Few pairs lie far apart: what is heard of them counts for less.
    pairs = np.arange(len(smooth), 0, -1) + 0.15 * len(smooth)
    alike = alike / pairs
    result: NDArray[float64] = np.clip(alike / (alike[0] + 1e-12), 0, None)
    return result


def heard_beats(onsets: Onsets, period: float, seconds: float, *, is_told: bool) -> list[float]:
    """Return the times of all beats of a sound that lasts *seconds*, the first at 0 or just behind.

    A period that *is_told* is kept as it is; one that was heard is made finer.
    """
    smooth = np.convolve(onsets.strength, np.hanning(9)[1:-1], "same")
    start, period, caught = _steady(smooth, onsets.fps, period, seconds, is_told=is_told)
    if not is_told and seconds > 12 * period:
        wandering = _followed(smooth, onsets.fps, period)
        if caught < _STEADY * _caught(smooth, wandering * onsets.fps):
            return _extended(wandering.tolist(), period, seconds)
    count = max(1, int((seconds - start) / period + 1e-6) + 1)
    return [start + i * period for i in range(count)]


def _caught(smooth: NDArray[float64], places: NDArray[float64]) -> float:
    """Return the mean onset at places given in frames."""
    return float(np.interp(places, np.arange(len(smooth)), smooth, left=0, right=0).mean())


def _steady(
    smooth: NDArray[float64], fps: float, period: float, seconds: float, *, is_told: bool
) -> tuple[float, float, float]:
    """Return the start, the period and the mean onset of the steady grid that catches most."""
    drift = 0.012 * seconds
    count = max(1, round(min(0.03 * period, drift) * seconds / period * fps))
    periods = [period] if is_told else period * np.linspace(0.97, 1.03, 2 * min(count, 150) + 1)
    best = (0.0, period, -1.0)
    for each in periods:
        frame = np.arange(0, seconds * fps, each * fps)
        starts = np.arange(0, each * fps)
        places = np.minimum(np.rint(starts[:, None] + frame).astype(int), len(smooth) - 1)
        sums = smooth[places].mean(axis=1)
        at = int(np.argmax(sums))
        if sums[at] > best[2]:
            best = (float(starts[at] / fps), float(each), float(sums[at]))
    start, each, caught = best
    # A beat that a frame's width moved behind the sound's start belongs to its start.
    return (start - each if start > each - 0.06 else start), each, caught


def _followed(smooth: NDArray[float64], fps: float, period: float) -> NDArray[float64]:
    """Return the times of beats that follow the onsets."""
    length = period * fps
    reach = np.arange(-round(2 * length), -max(1, round(length / 2)) + 1)
    cost = -60.0 * np.log(-reach / length) ** 2
    total = smooth.copy()
    before = np.full(len(smooth), -1)
    for frame in range(-int(reach[0]), len(smooth)):
        gains = total[frame + reach] + cost
        at = int(np.argmax(gains))
        total[frame] = smooth[frame] + gains[at]
        before[frame] = frame + reach[at]
    tail = max(0, len(smooth) - round(1.5 * length))
    beat = tail + int(np.argmax(total[tail:]))
    beats = []
    while beat >= 0:
        beats.append(beat / fps)
        beat = int(before[beat])
    return np.array(beats[::-1])


def _extended(beats: list[float], period: float, seconds: float) -> list[float]:
    """Return beats with those that must lie before the first and behind the last."""
    while beats[0] - period > -0.06:
        beats.insert(0, beats[0] - period)
    while beats[-1] + period <= seconds:
        beats.append(beats[-1] + period)
    return beats


def beat_length(meter: Meter) -> float:
    """Return the quarter notes of a felt beat: 1.5 in 6/8, an eighth where beats differ."""
    pulses = (*meter.pulses, meter.bar_beats)
    steps = {round(b - a, 6) for a, b in pairwise(pulses)}
    return steps.pop() if len(steps) == 1 else 4 / meter.denominator
