"""Estimates: what bars took before says what they will take."""

from __future__ import annotations

import pytest

from bandmate.compose.estimate import Forecast


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def forecast(clock: Seconds) -> Forecast:
    return Forecast(clock)


def written(forecast: Forecast, clock: Seconds, parts: int, *seconds: float) -> None:
    """Let an ask of one take be written, a bar after so many seconds each."""
    watch = forecast.watch(parts, [range(len(seconds))])
    for bar, each in enumerate(seconds):
        clock.now += each
        watch.made(0, bar)


def test_before_anything_was_written_nobody_knows(forecast: Forecast) -> None:
    watch = forecast.watch(3, [range(4)])
    assert (watch.first(), watch.left(0)) == (None, None)


def test_an_ask_is_estimated_by_those_before_it(forecast: Forecast, clock: Seconds) -> None:
    written(forecast, clock, 3, 0.5, 0.1, 0.3, 0.2)
    watch = forecast.watch(3, [range(8)])
    assert watch.first() == pytest.approx(0.5)
    assert watch.left(0) == pytest.approx(0.5 + 7 * 0.2)


def test_its_own_bars_say_more_than_those_of_others(forecast: Forecast, clock: Seconds) -> None:
    written(forecast, clock, 3, 0.5, 0.1, 0.1)
    watch = forecast.watch(3, [range(6)])
    clock.now += 2.0
    watch.made(0, 0)
    # A first bar waits for the prompt to be read: it says little of the others.
    assert watch.left(0) == pytest.approx(5 * 0.1)
    for bar in (1, 2):
        clock.now += 0.4
        watch.made(0, bar)
    assert watch.left(0) == pytest.approx(3 * 0.4)
    for bar in (3, 4, 5):
        watch.made(0, bar)
    assert watch.left(0) == 0.0


def test_the_median_lets_one_slow_ask_pass(forecast: Forecast, clock: Seconds) -> None:
    for first in (0.2, 9.0, 0.3):
        written(forecast, clock, 2, first)
    assert forecast.first(2) == pytest.approx(0.3)


def test_more_parts_take_longer_in_proportion(forecast: Forecast, clock: Seconds) -> None:
    written(forecast, clock, 2, 0.2, 0.1)
    assert forecast.first(4) == pytest.approx(0.4)
    written(forecast, clock, 4, 0.3, 0.1)
    assert forecast.first(4) == pytest.approx(0.3)
    assert forecast.first(2) == pytest.approx(0.2)


def test_bars_that_are_only_copied_take_no_time_and_teach_nothing(
    forecast: Forecast, clock: Seconds
) -> None:
    written(forecast, clock, 2, 0.4, 0.2)
    watch = forecast.watch(2, [{2}])
    assert watch.first() == 0.0
    for bar in (0, 1):
        watch.made(0, bar)
    assert watch.left(0) == pytest.approx(0.4)
    clock.now += 0.4
    watch.made(0, 2)
    watch.made(0, 3)
    assert watch.left(0) == 0.0
    assert forecast.first(2) == pytest.approx(0.4)


def test_takes_that_are_written_together_are_estimated_each(
    forecast: Forecast, clock: Seconds
) -> None:
    watch = forecast.watch(6, [range(3), range(3)])
    for bar in (0, 1):
        for take in (0, 1):
            clock.now += 0.1
            watch.made(take, bar)
    assert watch.left(0) == pytest.approx(0.2)
    assert watch.left(1) == pytest.approx(0.2)
    assert forecast.first(6) == pytest.approx(0.1)
