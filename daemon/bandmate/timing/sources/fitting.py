"""Where ticks that are all a little off would be if they were not: straight lines and bent ones.

Least squares over the last ticks. As many of them are taken as lie on one straight line, at most
two bars of four beats; where few do, since the tempo ramps, a parabola through more of them is
surer. Whether they lie on it is asked of the next higher power: does it tell more than noise would?
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MOST = 192
"""Ticks of two bars of four beats."""

_FEWEST = 5
_TELLING = 2.5
"""Standard deviations that noise passes in one of eighty cases."""

# Ticks, and the power of the curve through them: the surest at their end first.
_CURVES = (
    (192, 1), (136, 1), (96, 1), (68, 1), (136, 2), (48, 1), (96, 2), (34, 1), (72, 2), (24, 1),
    (17, 1), (12, 1),
)  # fmt: skip
_COUNTS = sorted({count for count, _ in _CURVES})

# Powers of tick numbers up to 192 to the sixth, beside seconds: they stay near one another so.
_SCALE = 1 / 96


class Point(NamedTuple):
    """A tick: how many ticks before the latest (0 or less), and how many seconds after it."""

    tick: int
    second: float


class Fit(NamedTuple):
    """The line at the latest tick."""

    second: float
    """Where that tick would be, from where it was."""
    period: float
    """Seconds from tick to tick there."""
    doubt: float
    """Standard deviation of second, in seconds."""
    period_doubt: float
    """Standard deviation of period."""


class _Sums(NamedTuple):
    """Sums over the latest so many ticks: of powers 0..6, and of powers 0..3 times seconds."""

    powers: tuple[float, ...]
    seconds: tuple[float, ...]


def fitted(points: Sequence[Point], jitter: float) -> Fit:
    """Return the line through two points or more, the latest first, that are off by *jitter*."""
    sums = dict(_summed(points))
    found = None
    for count, power in _CURVES:
        known = sums.get(count)
        if known is not None:
            found = _curve(known, power, jitter)
            if _tells_little(known, power + 1, jitter):
                return found
    return found or _curve(sums[len(points)], 1, jitter)


def _summed(points: Sequence[Point]) -> Iterator[tuple[int, _Sums]]:
    """Yield the sums over the latest 12, 17, 24... ticks, and over all where they are fewer."""
    wanted = iter(_COUNTS)
    count = next(wanted)
    p0 = p1 = p2 = p3 = p4 = p5 = p6 = s0 = s1 = s2 = s3 = 0.0
    for number, (tick, second) in enumerate(points, 1):
        x = tick * _SCALE
        x2 = x * x
        x3 = x2 * x
        p0, p1, p2, p3 = p0 + 1, p1 + x, p2 + x2, p3 + x3
        p4, p5, p6 = p4 + x2 * x2, p5 + x2 * x3, p6 + x3 * x3
        s0, s1 = s0 + second, s1 + x * second
        s2, s3 = s2 + x2 * second, s3 + x3 * second
        if number in (count, len(points)):
            yield number, _Sums((p0, p1, p2, p3, p4, p5, p6), (s0, s1, s2, s3))
            count = next(wanted, 0) if number == count else count


def _curve(sums: _Sums, power: int, jitter: float) -> Fit:
    terms, inverse = _solved(sums, power)
    return Fit(
        terms[0],
        terms[1] * _SCALE,
        jitter * math.sqrt(inverse[0]),
        jitter * math.sqrt(inverse[1]) * _SCALE,
    )


def _tells_little(sums: _Sums, power: int, jitter: float) -> bool:
    """Return True where the highest term of a curve of that power is no more than noise."""
    if sums.powers[0] < _FEWEST + power:
        return True
    terms, inverse = _solved(sums, power)
    return abs(terms[power]) < _TELLING * jitter * math.sqrt(inverse[power])


def _solved(sums: _Sums, power: int) -> tuple[list[float], list[float]]:
    """Return the terms of the best curve, and the diagonal of the inverse (their variances)."""
    size = power + 1
    rows = [
        [*sums.powers[row : row + size], sums.seconds[row], *(float(row == c) for c in range(size))]
        for row in range(size)
    ]
    for pivot in range(size):  # positive definite: no row need be exchanged
        top = rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for other in range(size):
            if other != pivot:
                factor = rows[other][pivot]
                rows[other] = [v - factor * t for v, t in zip(rows[other], top, strict=True)]
    diagonal = [max(0.0, rows[term][size + 1 + term]) for term in range(size)]
    return [row[size] for row in rows], diagonal
