"""The transport counts beats and bars on a clock that the test moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.music.meter import Meter
from bandmate.timing.transport import Clock, Transport

WALTZ = Meter(3, 4)


class Still(Clock):
    """A clock that shows what it is set to."""

    second = 0.0

    def now(self) -> float:
        return self.second


def test_nothing_rolls_at_first() -> None:
    transport = Transport(Still())
    assert not transport.is_rolling
    assert (transport.beat_at(5.0), transport.bar_at(5.0), transport.next_bar(5.0)) == (0, 0, 5.0)


# second, beat, bar, second of the next barline: at 120 a bar of 4/4 takes two seconds
ROWS = [
    (10.0, 0.0, 0, 10.0),
    (10.25, 0.5, 0, 12.0),
    (11.999, 3.998, 0, 12.0),
    (12.0, 4.0, 1, 12.0),
    (13.0, 6.0, 1, 14.0),
    (9.0, 0.0, 0, 10.0),
]


@pytest.mark.parametrize(("second", "beat", "bar", "next_bar"), ROWS)
def test_bars_of_four(second: float, beat: float, bar: int, next_bar: float) -> None:
    transport = Transport(Still(), tempo=120.0)
    transport.start(10.0)
    assert transport.beat_at(second) == pytest.approx(beat)
    assert transport.bar_at(second) == bar
    assert transport.next_bar(second) == pytest.approx(next_bar)


def test_a_change_holds_from_its_barline_on() -> None:
    clock = Still()
    transport = Transport(clock, tempo=120.0)
    transport.start(0.0)
    clock.second = 3.0
    transport.change(60.0, WALTZ, at=4.0)
    assert (transport.tempo, transport.meter) == (120.0, Meter())
    assert transport.beat_at(3.5) == pytest.approx(7.0)
    clock.second = 5.0
    assert (transport.tempo, transport.meter) == (60.0, WALTZ)
    assert transport.beat_at(5.0) == pytest.approx(9.0)
    assert (transport.bar_at(4.0), transport.bar_at(6.9), transport.bar_at(7.0)) == (2, 2, 3)
    assert transport.next_bar(5.0) == pytest.approx(7.0)


def test_a_change_to_come_is_replaced_by_a_later_word() -> None:
    clock = Still()
    transport = Transport(clock, tempo=120.0)
    transport.start(0.0)
    transport.change(60.0, WALTZ, at=2.0)
    transport.change(240.0, Meter(), at=2.0)
    clock.second = 2.5
    assert transport.tempo == 240.0


def test_a_change_within_a_bar_begins_a_new_one() -> None:
    transport = Transport(Still(), tempo=120.0)
    transport.start(0.0)
    transport.change(120.0, Meter(), at=1.0)
    assert transport.bar_at(1.0) == 1
    assert transport.next_bar(1.5) == pytest.approx(3.0)


def test_stopping_keeps_the_tempo_and_forgets_the_beat() -> None:
    transport = Transport(Still(), tempo=120.0)
    transport.start(0.0)
    transport.change(90.0, WALTZ, at=0.0)
    transport.stop()
    assert (transport.is_rolling, transport.tempo, transport.meter) == (False, 90.0, WALTZ)
    assert transport.beat_at(7.0) == 0


@given(
    tempo=st.floats(20, 400),
    meter=st.sampled_from([Meter(), WALTZ, Meter(6, 8), Meter(7, 8), Meter(2, 4)]),
    start=st.floats(0, 1e6),
    later=st.floats(0, 1e4),
)
def test_the_next_bar_is_a_barline_less_than_a_bar_away(
    tempo: float, meter: Meter, start: float, later: float
) -> None:
    transport = Transport(Still(), tempo, meter)
    transport.start(start)
    now = start + later
    bar_seconds = meter.bar_beats * 60 / tempo
    coming = transport.next_bar(now)
    assert now <= coming < now + bar_seconds * (1 + 1e-6)
    assert transport.next_bar(coming) == pytest.approx(coming, abs=1e-4)
    assert transport.bar_at(coming) - transport.bar_at(now) in (0, 1)
