"""The clock that is sent: every tick once, in its place, with start and stop; read by ours too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bandmate.timing.ports.clock_out import CONTINUE, START, STOP, TICK, ClockOut
from bandmate.timing.sources.clock_in import ClockFollower
from bandmate.timing.sources.grid import Grid

SONG = Grid(10.0, 0.0, tempo=125.0)  # 50 ticks a second


def sent(clock: ClockOut, grid: Grid, begin: float, end: float) -> list[tuple[float, bytes]]:
    """Return what is due between two seconds, asked for in stretches of 15 ms."""
    found: list[tuple[float, bytes]] = []
    now = begin
    while now < end:
        found += clock.due(grid, now, min(end, now + 0.015))
        now += 0.015
    return found


def seconds(found: list[tuple[float, bytes]], message: bytes = TICK) -> list[float]:
    return [second for second, what in found if what == message]


def test_a_song_that_stands_is_silent() -> None:
    assert sent(ClockOut(), replace(SONG, is_rolling=False), 0.0, 2.0) == []


def test_start_comes_first_and_then_24_ticks_a_beat() -> None:
    found = sent(ClockOut(), SONG, 9.0, 11.0)
    assert found[0][1] == START
    assert found[0][0] == pytest.approx(9.999)
    assert seconds(found) == [pytest.approx(10 + i * 0.02) for i in range(50)]
    assert len(found) == 51


@pytest.mark.parametrize("now", [10.0, 10.005])
def test_a_song_that_has_just_begun_is_started_too(now: float) -> None:
    found = ClockOut().due(SONG, now, 10.05)
    assert [message for _, message in found] == [START, TICK, TICK, TICK]
    assert [second for second, _ in found] == [now, now, 10.02, 10.04]


def test_within_the_song_it_continues_from_the_next_sixteenth() -> None:
    found = sent(ClockOut(), SONG, 12.05, 13.0)
    assert [message for _, message in found[:3]] == [bytes((0xF2, 18, 0)), CONTINUE, TICK]
    assert seconds(found)[0] == pytest.approx(12.16)  # beat 4.5
    assert [second for second, _ in found[:2]] == [pytest.approx(12.159)] * 2


def test_stop_is_sent_once() -> None:
    clock = ClockOut()
    sent(clock, SONG, 9.0, 11.0)
    found = sent(clock, replace(SONG, second=11.0, is_rolling=False), 11.0, 12.0)
    assert found == [(11.0, STOP)]


def test_a_change_of_tempo_loses_and_doubles_no_tick() -> None:
    clock = ClockOut()
    first = sent(clock, SONG, 9.0, 11.0)
    slower = Grid(11.0, SONG.beat_at(11.0), tempo=62.5)
    second = sent(clock, slower, 11.0, 13.0)
    assert {message for _, message in second} == {TICK}
    assert len(seconds(first)) + len(seconds(second)) == 100
    assert seconds(second)[:3] == [pytest.approx(11.0 + i * 0.04) for i in range(3)]


def test_a_small_correction_sends_nothing_backwards() -> None:
    clock = ClockOut()
    first = sent(clock, SONG, 9.0, 11.0)
    second = sent(clock, replace(SONG, second=10.01), 11.0, 12.0)
    third = sent(clock, replace(SONG, second=9.99), 12.0, 13.0)
    found = first + second + third
    assert [s for s, _ in found] == sorted(s for s, _ in found)
    assert {message for _, message in second + third} == {TICK}


@pytest.mark.parametrize("jump", [16.0, -3.0])
def test_a_jump_stops_and_continues(jump: float) -> None:
    clock = ClockOut()
    sent(clock, SONG, 9.0, 13.0)
    moved = Grid(13.0, SONG.beat_at(13.0) + jump, tempo=125.0)
    found = sent(clock, moved, 13.0, 14.0)
    assert [message[0] for _, message in found[:4]] == [STOP[0], 0xF2, CONTINUE[0], TICK[0]]


def test_our_own_follower_finds_the_song_again() -> None:
    clock, follower = ClockOut(), ClockFollower()
    for second, message in sent(clock, SONG, 13.07, 18.0):
        follower.take_in(second, message)
    grid = follower.grid(18.0)
    assert grid is not None
    assert grid.beat_at(18.0) == pytest.approx(SONG.beat_at(18.0), abs=1e-3)
    assert grid.tempo == pytest.approx(125.0, abs=0.01)
