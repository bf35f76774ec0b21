"""A bridge's reports come late by chance; the song they tell goes on evenly."""

from __future__ import annotations

import random

import pytest

from bandmate.music.meter import Meter
from bandmate.timing.sources.reported import SILENCE_SECONDS, Reported
from bandmate.timing.sources.transport import Source, is_jump

TEMPO = 120.0
WALTZ = Meter(3, 4)


def reported(
    count: int, delays: float = 0.0, every: float = 0.05, source: Reported | None = None
) -> Reported:
    """Report a song that began at second 0, each time late by 0 up to *delays* seconds."""
    source = source or Reported("reaper")
    chance = random.Random(2)
    for i in range(count):
        second = i * every
        source.take_in(second + chance.uniform(0, delays), second * 2, TEMPO, True)
    return source


def beat(source: Reported, second: float) -> float:
    grid = source.grid(second)
    assert grid is not None
    return grid.beat_at(second)


def test_nothing_is_said_before_the_first_report() -> None:
    source: Source = Reported("reaper")
    assert source.grid(5.0) is None


def test_the_song_goes_on_between_reports() -> None:
    source = reported(1)
    assert beat(source, 0.3) == pytest.approx(0.6)
    grid = source.grid(0.3)
    assert grid is not None
    assert (grid.source, grid.tempo, grid.is_rolling) == ("reaper", TEMPO, True)


def test_late_reports_move_the_song_less_than_they_are_late() -> None:
    source = reported(40, delays=0.03)
    off = [beat(reported(n, delays=0.03), n * 0.05) - n * 0.1 for n in range(20, 40)]
    assert all(abs(o) < 0.012 for o in off)  # beats; a report may be off by 0.06
    grid = source.grid(2.0)
    assert grid is not None
    assert grid.certainty > 0.9


def test_one_report_alone_is_half_a_guess() -> None:
    grid = reported(1).grid(0.0)
    assert grid is not None
    assert grid.certainty < 0.5


def test_a_report_that_was_held_up_moves_nothing() -> None:
    source = reported(20)
    source.take_in(1.3, 2.0, TEMPO, True)
    assert beat(source, 1.3) == pytest.approx(2.6)
    source.take_in(1.3, 2.6, TEMPO, True)
    assert beat(source, 1.3) == pytest.approx(2.6)


def test_a_small_jump_back_is_believed_when_it_is_told_twice() -> None:
    source = reported(20)
    source.take_in(1.0, 1.0, TEMPO, True)
    source.take_in(1.05, 1.1, TEMPO, True)
    assert beat(source, 1.05) == pytest.approx(1.1)


@pytest.mark.parametrize("to", [0.0, 33.0])
def test_a_jump_is_followed_at_once(to: float) -> None:
    source = reported(100)
    before = source.grid(5.0)
    source.take_in(5.0, to, TEMPO, True)
    after = source.grid(5.0)
    assert before is not None
    assert after is not None
    assert is_jump(before, after, 5.0)
    assert beat(source, 5.5) == pytest.approx(to + 1.0)


def test_another_tempo_holds_at_once_and_the_beat_stays() -> None:
    source = reported(40, delays=0.02)
    before = source.grid(2.0)
    source.take_in(2.02, 4.0, 90.0, True)
    after = source.grid(2.02)
    assert before is not None
    assert after is not None
    assert (after.tempo, is_jump(before, after, 2.02)) == (90.0, False)
    assert abs(after.beat_at(2.02) - before.beat_at(2.02)) < 0.02


def test_a_ramp_is_followed() -> None:
    source = Reported()
    chance = random.Random(4)
    second, place = 0.0, 0.0
    while second < 10.0:
        source.take_in(second + chance.uniform(0, 0.02), place, 90 + 5 * second, True)
        second += 0.05
        place += (90 + 5 * (second - 0.025)) / 60 * 0.05
    assert beat(source, second) == pytest.approx(place, abs=0.05)


def test_it_stands_where_it_is_told_to_and_starts_again() -> None:
    source = reported(20)
    source.take_in(1.0, 2.0, TEMPO, False)
    grid = source.grid(1.5)
    assert grid is not None
    assert (grid.is_rolling, grid.beat_at(1.5)) == (False, 2.0)
    source.take_in(2.0, 8.0, TEMPO, True)
    assert beat(source, 2.5) == pytest.approx(9.0)


def test_the_meter_and_the_bars_are_the_bridge_s() -> None:
    source = Reported()
    assert not source.has_meter
    source.take_in(0.0, 13.0, TEMPO, True, WALTZ, bar_beat=12.0, bar=3)
    assert source.has_meter
    grid = source.grid(0.0)
    assert grid is not None
    assert (grid.meter, grid.bar_at(13.0), grid.next_bar(13.0)) == (WALTZ, 3, 15.0)
    source.take_in(0.05, 13.1, TEMPO, True, Meter())
    grid = source.grid(0.05)
    assert grid is not None
    assert (grid.meter, grid.next_bar(13.1)) == (Meter(), 16.0)


def test_it_dies_of_silence() -> None:
    source = reported(20)
    last = 19 * 0.05
    assert source.grid(last + SILENCE_SECONDS - 0.01) is not None
    assert source.grid(last + SILENCE_SECONDS + 0.01) is None
