"""Lines through ticks, as long as they are straight, and how sure they are."""

from __future__ import annotations

import random

import pytest

from bandmate.timing.sources.fitting import MOST, Point, fitted

PERIOD = 0.02


def points(count: int, bend: float = 0.0, jitter: float = 0.0) -> list[Point]:
    """Return ticks, the latest first, whose distance grows by twice *bend* each time."""
    chance = random.Random(3)
    return [Point(-i, -i * PERIOD + bend * i * i + chance.gauss(0, jitter)) for i in range(count)]


@pytest.mark.parametrize("count", [2, 3, 5, 12, 50, 192])
def test_a_straight_line_is_found_exactly(count: int) -> None:
    fit = fitted(points(count), 1e-3)
    assert fit.second == pytest.approx(0.0, abs=1e-9)
    assert fit.period == pytest.approx(PERIOD, abs=1e-9)


def test_the_more_ticks_the_less_doubt() -> None:
    fits = [fitted(points(count), 1e-3) for count in (4, 12, 48, 192)]
    assert [f.doubt for f in fits] == sorted((f.doubt for f in fits), reverse=True)
    # Of a line through n ticks: jitter * 2 / sqrt(n) at its end, jitter * sqrt(12 / n^3) a tick.
    assert fits[-1].doubt == pytest.approx(1e-3 * 2 / MOST**0.5, rel=0.02)
    assert fits[-1].period_doubt == pytest.approx(1e-3 * (12 / MOST**3) ** 0.5, rel=0.02)


def test_where_the_tempo_ramps_the_period_is_that_of_the_end() -> None:
    fit = fitted(points(MOST, bend=1e-5, jitter=1e-3), 1e-3)
    assert fit.period == pytest.approx(PERIOD, rel=0.01)
    assert fit.second == pytest.approx(0.0, abs=1.5e-3)


def test_ticks_before_a_bend_do_not_count() -> None:
    new = points(60, jitter=1e-3)
    old = [Point(-60 - i, -60 * PERIOD - i * 0.03) for i in range(100)]
    fit = fitted(new + old, 1e-3)
    assert fit.period == pytest.approx(PERIOD, rel=0.005)


def test_lost_ticks_leave_no_gap() -> None:
    fit = fitted([p for p in points(100) if p.tick % 7], 1e-3)
    assert fit.period == pytest.approx(PERIOD, abs=1e-9)
