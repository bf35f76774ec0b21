"""The transport counts beats and bars on a clock that the test moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.music.meter import Meter
from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import Clock, Partner, Transport, is_jump

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


def test_four_bars_are_counted_from_the_start_of_the_song() -> None:
    transport = Transport(Still(), tempo=120.0)
    transport.start(10.0)
    assert [transport.next_bar(s, every=4) for s in (10.0, 10.1, 18.0, 25.9)] == [10, 18, 18, 26]
    assert transport.next_bar(12.1, every=2) == pytest.approx(14.0)


def test_a_bar_behind_a_change_is_counted_on_its_grid() -> None:
    clock = Still()
    transport = Transport(clock, tempo=120.0)
    transport.start(0.0)
    transport.change(60.0, WALTZ, at=4.0)
    assert transport.next_bar(2.5) == pytest.approx(4.0)
    assert transport.next_bar(2.5, every=4) == pytest.approx(10.0)
    assert transport.second_of(7.0) == pytest.approx(3.5)
    assert transport.second_of(11.0) == pytest.approx(7.0)


def test_it_may_start_within_the_song() -> None:
    transport = Transport(Still(), tempo=120.0)
    transport.start(10.0, beat=6.0)
    assert (transport.beat_at(10.0), transport.bar_at(10.0)) == (6.0, 1)
    assert transport.next_bar(10.0) == pytest.approx(11.0)


class Told:
    """A source that says what the test lays into it."""

    name = "clock"
    has_meter = False
    has_phase = False
    said: Grid | None = None

    def grid(self, now: float) -> Grid | None:
        return self.said


class ToldPartner(Told):
    """A source that remembers what it was asked."""

    def __init__(self) -> None:
        self.wishes: list[tuple[float | None, bool | None, float | None]] = []

    def lead(
        self,
        tempo: float | None = None,
        is_rolling: bool | None = None,
        bar_beats: float | None = None,
    ) -> None:
        self.wishes.append((tempo, is_rolling, bar_beats))


def said(second: float, beat: float, tempo: float, is_rolling: bool = True) -> Grid:
    return Grid(second, beat, tempo, source="clock", is_rolling=is_rolling, certainty=0.9)


def test_a_source_takes_over_when_it_first_says_something() -> None:
    clock, source = Still(), Told()
    transport = Transport(clock, tempo=120.0)
    transport.start(0.0)
    transport.follow(source)
    clock.second = 4.0
    assert (transport.source, transport.tempo, transport.beat_at(4.0)) == ("internal", 120.0, 8.0)
    before = transport.grid(4.0)
    source.said = said(3.0, 0.0, 90.0)
    assert (transport.source, transport.tempo, transport.certainty) == ("clock", 90.0, 0.9)
    assert transport.beat_at(5.0) == pytest.approx(3.0)
    assert is_jump(before, transport.grid(4.0), 4.0)


def test_a_source_that_dies_is_held_without_a_jump_and_less_and_less_sure() -> None:
    clock, source = Still(), Told()
    transport = Transport(clock)
    transport.follow(source)
    source.said = said(0.0, 0.0, 90.0)
    clock.second = 10.0
    before = transport.grid(10.0)
    source.said = None
    clock.second = 10.5
    after = transport.grid(10.5)
    assert (after.tempo, after.is_rolling, after.source) == (90.0, True, "clock")
    assert after.beat_at(12.0) == pytest.approx(before.beat_at(12.0))
    assert not is_jump(before, after, 10.5)
    clock.second = 70.5
    assert transport.beat_at(70.5) == pytest.approx(70.5 * 1.5)
    assert transport.certainty == pytest.approx(0.9 / 4)
    source.said = said(71.0, 0.0, 100.0, is_rolling=False)
    assert not transport.is_rolling  # it is back, and stands


def test_a_dead_source_can_be_left_without_a_jump() -> None:
    clock, source = Still(), Told()
    transport = Transport(clock)
    transport.follow(source)
    source.said = said(0.0, 0.0, 90.0)
    clock.second = 10.0
    assert transport.is_rolling
    transport.follow(None)
    assert (transport.source, transport.certainty) == ("internal", 1.0)
    assert transport.tempo == 90.0
    assert transport.beat_at(20.0) == pytest.approx(30.0)
    transport.stop()
    assert (transport.is_rolling, transport.tempo) == (False, 90.0)


def test_a_source_that_stands_is_auditioned_at_its_tempo_until_it_rolls() -> None:
    clock, source = Still(), Told()
    transport = Transport(clock, tempo=120.0)
    transport.follow(source)
    source.said = said(0.0, 16.0, 90.0, is_rolling=False)
    assert (transport.is_rolling, transport.next_bar(5.0)) == (False, 5.0)
    transport.change(140.0, Meter(), at=0.0)
    transport.start(0.0)
    assert (transport.is_rolling, transport.tempo) == (True, 90.0)
    clock.second = 4.0
    assert transport.beat_at(4.0) == pytest.approx(6.0)
    source.said = said(4.0, 16.0, 60.0, is_rolling=False)
    assert transport.grid(4.0).beat_at(5.0) == pytest.approx(7.0)
    source.said = said(5.0, 16.0, 60.0)
    clock.second = 6.0
    assert transport.source == "clock"
    assert transport.beat_at(6.0) == pytest.approx(17.0)
    source.said = said(7.0, 18.0, 60.0, is_rolling=False)
    assert not transport.is_rolling  # the audition is over since it rolled


def test_a_source_whose_beats_go_on_while_it_stands_is_auditioned_on_its_bars() -> None:
    clock, source = Still(), Told()
    source.has_phase = True
    transport = Transport(clock)
    transport.follow(source)
    source.said = said(0.0, 1.0, 60.0, is_rolling=False)
    assert transport.next_bar(0.0) == pytest.approx(3.0)
    transport.start(3.0)
    clock.second = 3.0
    assert transport.is_rolling
    assert transport.beat_at(3.0) == pytest.approx(4.0)


def test_nobody_starts_stops_or_tunes_a_source_that_rolls() -> None:
    clock, source = Still(), Told()
    transport = Transport(clock)
    transport.follow(source)
    source.said = said(0.0, 0.0, 90.0)
    transport.start(5.0)
    transport.change(200.0, Meter(), at=5.0)
    transport.stop()
    assert (transport.is_rolling, transport.tempo) == (True, 90.0)
    assert transport.beat_at(5.0) == pytest.approx(7.5)


def test_our_bars_are_laid_over_a_source_that_has_none() -> None:
    clock, source = Still(), Told()
    transport = Transport(clock, meter=WALTZ)
    transport.follow(source)
    source.said = said(0.0, 0.0, 60.0)
    assert transport.next_bar(1.0) == pytest.approx(3.0)
    transport.change(60.0, Meter(), at=6.0)
    assert (transport.meter, transport.bar_at(5.9)) == (WALTZ, 1)
    clock.second = 7.0
    assert (transport.meter, transport.bar_at(7.0), transport.bar_at(10.0)) == (Meter(), 2, 3)
    assert transport.next_bar(7.0) == pytest.approx(10.0)
    source.said = said(7.0, 0.0, 60.0)  # played from the start again
    assert transport.meter == Meter()
    assert transport.next_bar(8.0) == pytest.approx(11.0)


def test_a_source_with_bars_keeps_its_own() -> None:
    clock, source = Still(), Told()
    source.has_meter = True
    transport = Transport(clock)
    transport.follow(source)
    source.said = Grid(0.0, 2.0, 60.0, WALTZ, 2.0, 7, source="reaper")
    transport.change(60.0, Meter(), at=1.0)
    assert (transport.source, transport.meter) == ("reaper", WALTZ)
    assert (transport.bar_at(2.9), transport.bar_at(3.0)) == (7, 8)


def test_a_wish_is_passed_on_only_to_a_source_that_takes_it() -> None:
    partner = ToldPartner()
    transport = Transport(Still())
    transport.follow(partner)
    assert isinstance(partner, Partner)
    assert not transport.lead(tempo=90.0)  # it has said nothing yet: we count ourselves
    partner.said = said(0.0, 0.0, 120.0)
    assert transport.is_rolling
    assert transport.lead(tempo=90.0)
    assert partner.wishes == [(90.0, None, None)]
    source = Told()
    source.said = said(0.0, 0.0, 120.0)
    transport.follow(source)
    assert transport.is_rolling
    assert not transport.lead(is_rolling=False)


def test_bars_that_are_everybody_s_begin_where_they_began() -> None:
    clock, partner = Still(), ToldPartner()
    partner.has_phase = True
    transport = Transport(clock)
    transport.follow(partner)
    partner.said = said(0.0, 0.0, 60.0)
    transport.change(60.0, WALTZ, at=4.0)
    assert partner.wishes == [(None, None, 3.0)]
    assert (transport.meter, transport.next_bar(4.0)) == (WALTZ, 6.0)


def test_a_correction_is_no_jump() -> None:
    grid = said(0.0, 0.0, 120.0)
    assert not is_jump(grid, said(10.0, 20.05, 121.0), 10.0)
    assert is_jump(grid, said(10.0, 20.2, 120.0), 10.0)
    assert not is_jump(grid, said(10.0, 4.0, 120.0, is_rolling=False), 10.0)
