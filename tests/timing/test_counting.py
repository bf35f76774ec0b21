"""Ticks keep their numbers, whatever is lost, late or faster than before."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from bandmate.timing.sources.counting import Counter, Tick


def counted(seconds: Iterable[float], jitter: float = 1e-3) -> int:
    """Return the number of the last tick."""
    counter = Counter()
    counter.jitter = jitter
    for second in seconds:
        counter.take_in(second)
    assert counter.best is not None
    return counter.best.number


def off(seconds: Iterable[float], jitter: float = 1e-3) -> list[float]:
    chance = random.Random(5)
    return [second + chance.gauss(0, jitter) for second in seconds]


STEADY = [i * 0.02 for i in range(100)]


def test_every_tick_counts_one() -> None:
    assert counted(off(STEADY)) == 99


@pytest.mark.parametrize("lost", [{1}, {50}, {50, 51}, {30, 60, 61, 90}, set(range(40, 70))])
def test_lost_ticks_are_counted_as_well(lost: set[int]) -> None:
    assert counted(off(s for i, s in enumerate(STEADY) if i not in lost)) == 99


@pytest.mark.parametrize("late", [0.008, 0.012, 0.019])
def test_a_tick_that_is_held_up_is_still_itself(late: float) -> None:
    seconds = off(STEADY)
    seconds[50] += late
    assert counted(seconds) == 99


@pytest.mark.parametrize("factor", [0.5, 0.64, 0.8, 0.95, 1.05, 1.25, 1.56, 2.0, 3.0])
def test_a_leap_of_the_tempo_loses_no_tick(factor: float) -> None:
    leapt = [STEADY[-1] + 0.02 * factor * (i + 1) for i in range(100)]
    assert counted(off(STEADY + leapt)) == 199


def test_ticks_in_a_leap_that_are_lost_too() -> None:
    leapt = [STEADY[-1] + 0.03 * (i + 1) for i in range(100) if i not in (4, 20)]
    assert counted(off(STEADY + leapt)) == 199


def test_silence_is_counted_with_the_tempo_that_was_known() -> None:
    counter = Counter()
    for second in STEADY:
        counter.take_in(second)
    counter.resume(STEADY[-1] + 5.0, 0.02)
    assert counter.best is not None
    assert counter.best.number == 99 + 250
    assert counter.best.tick.before is None


def test_a_counter_that_knows_nothing_begins() -> None:
    counter = Counter()
    counter.resume(1.0, 0.02)
    assert counter.best is None
    counter.take_in(9.0)  # no tempo is as slow: this is the first tick
    assert counter.best is None
    counter.take_in(9.02)
    assert counter.best is not None
    assert (counter.best.number, counter.best.period) == (1, pytest.approx(0.02))


def test_a_chain_lets_go_of_what_is_old() -> None:
    tick = Tick(0, 0.0, None)
    for index in range(1, 10):
        tick = Tick(index, index * 0.02, tick)
    assert [t.index for t in tick.chain(3)] == [9, 8, 7]
    assert len(tick.chain(100)) == 3
