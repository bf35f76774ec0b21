"""A MIDI clock is followed through jitter, loss, ramps and jumps; every clock here is seeded."""

from __future__ import annotations

import pytest

from bandmate.timing.sources.clock_in import SILENCE_SECONDS, ClockFollower
from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import Clock, Transport, is_jump
from timing.fake_clock_out import (
    CONTINUE,
    START,
    STOP,
    TICK,
    Error,
    FakeClockOut,
    Stretch,
    errors,
    quantile,
)

STEADY = (Stretch(24, 120),)
RAMP = (Stretch(16, 90), Stretch(32, 90, 140), Stretch(16, 140))
JUMPS = (Stretch(16, 90), Stretch(16, 140), Stretch(16, 120))
SEEDS = range(4)

TWO_BARS, A_BEAT = 8, 24


@pytest.mark.parametrize("song", [STEADY, RAMP, JUMPS], ids=["steady", "ramp", "jumps"])
def test_after_two_steady_bars_tempo_and_phase_are_right(song: tuple[Stretch, ...]) -> None:
    every: list[Error] = [e for seed in SEEDS for e in errors(FakeClockOut(song, seed))]
    steady = [error for error in every if error.at.steady_beats >= TWO_BARS]
    assert quantile((error.tempo for error in steady), 0.95) < 0.1
    assert quantile((error.phase for error in steady), 0.95) < 3e-3
    assert quantile((error.phase for error in every), 0.95) < 3e-3  # ramps and jumps included
    tick = 60 / 24 / 140
    assert all(abs(error.phase) < tick / 2 for error in steady)  # no tick too many or too few


def test_on_a_ramp_the_tempo_is_not_far_behind() -> None:
    ramp = [
        error
        for seed in SEEDS
        for error in errors(FakeClockOut(RAMP, seed))
        if 24 < error.at.beat < 48
    ]
    assert quantile((error.tempo for error in ramp), 0.9) < 1.0


def test_a_leap_is_followed_within_a_beat() -> None:
    found = errors(FakeClockOut((Stretch(16, 100), Stretch(4, 150)), jitter=1e-3, lost=0.0))
    after = [error for error in found if error.at.beat >= 17]
    assert all(abs(error.tempo) < 2 and abs(error.phase) < 2e-3 for error in after)


def test_ticks_that_are_only_ever_late_are_late_by_a_constant() -> None:
    clock = FakeClockOut((Stretch(24, 120),), is_late_only=True)
    phases = [error.phase for error in errors(clock) if error.at.beat >= TWO_BARS]
    assert max(phases) - min(phases) < 3e-3


def test_without_jitter_it_is_exact() -> None:
    found = errors(FakeClockOut((Stretch(4, 97.3),), jitter=0.0, lost=0.0))
    assert found
    assert all(abs(e.tempo) < 1e-3 and abs(e.phase) < 1e-5 for e in found)
    assert found[-1].grid.certainty > 0.9


def test_it_becomes_surer_with_every_beat() -> None:
    found = errors(FakeClockOut(STEADY))
    by_beat = [found[beat * A_BEAT].grid.certainty for beat in (0, 1, 3, 8)]
    assert by_beat == sorted(by_beat)
    assert by_beat[0] < 0.5
    assert by_beat[-1] > 0.9


class Host:
    """Sends an exact clock at 125 BPM (50 ticks a second) to a follower."""

    period = 0.02

    def __init__(self) -> None:
        self.follower = ClockFollower()
        self.second = 100.0

    def tick(self, count: int) -> None:
        for _ in range(count):
            self.follower.take_in(self.second, TICK)
            self.second += self.period

    def send(self, message: bytes) -> None:
        """Send something a little before the next tick."""
        self.follower.take_in(self.second - 1e-3, message)

    def grid(self) -> Grid:
        """Return what holds where the next tick is due."""
        grid = self.follower.grid(self.second)
        assert grid is not None
        return grid

    def beat(self) -> float:
        return self.grid().beat_at(self.second)


@pytest.fixture
def host() -> Host:
    return Host()


def test_ticks_alone_tell_the_tempo_and_nothing_rolls(host: Host) -> None:
    host.tick(5)
    assert host.follower.grid(host.second) is None
    host.tick(43)
    grid = host.grid()
    assert (grid.source, grid.is_rolling, grid.beat) == ("clock", False, 0.0)
    assert grid.tempo == pytest.approx(125.0)


def test_the_tick_after_the_start_is_beat_0(host: Host) -> None:
    host.tick(48)
    host.send(START)
    assert not host.grid().is_rolling
    host.tick(1)
    assert host.grid().is_rolling
    assert host.beat() == pytest.approx(1 / 24)
    host.tick(59)
    assert host.beat() == pytest.approx(60 / 24)


def test_a_start_whose_first_tick_is_lost_is_the_same_start(host: Host) -> None:
    host.tick(48)
    host.send(START)
    host.second += host.period
    host.tick(23)
    assert host.beat() == pytest.approx(1.0)


def test_a_start_before_any_tick(host: Host) -> None:
    host.send(START)
    host.tick(24)
    assert host.grid().is_rolling
    assert host.beat() == pytest.approx(1.0)


def test_stop_keeps_the_place_and_continue_goes_on_from_it(host: Host) -> None:
    host.send(START)
    host.tick(36)
    host.send(STOP)
    assert (host.grid().is_rolling, host.grid().beat) == (False, 1.5)
    host.tick(50)
    assert host.grid().beat == 1.5
    host.send(CONTINUE)
    host.tick(24)
    assert host.beat() == pytest.approx(2.5)


def test_a_clock_that_is_silent_while_it_stands_continues_too(host: Host) -> None:
    host.send(START)
    host.tick(36)
    host.send(STOP)
    host.second += 10.0
    assert host.follower.grid(host.second) is None
    host.send(CONTINUE)
    host.tick(24)
    assert host.beat() == pytest.approx(2.5)
    assert host.grid().tempo == pytest.approx(125.0)


@pytest.mark.parametrize(("sixteenths", "beat"), [(0, 0.0), (6, 1.5), (1000, 250.0)])
def test_the_song_position_is_where_it_continues(host: Host, sixteenths: int, beat: float) -> None:
    host.tick(48)
    host.send(bytes((0xF2, sixteenths & 0x7F, sixteenths >> 7)))
    assert host.grid().beat == beat
    host.send(CONTINUE)
    host.tick(12)
    assert host.beat() == pytest.approx(beat + 0.5)


def test_a_position_while_it_rolls_is_a_jump(host: Host) -> None:
    host.send(START)
    host.tick(48)
    before = host.grid()
    host.send(bytes((0xF2, 32, 0)))
    host.tick(12)
    assert host.beat() == pytest.approx(8.5)
    assert is_jump(before, host.grid(), host.second)


def test_start_while_it_rolls_begins_anew(host: Host) -> None:
    host.send(START)
    host.tick(100)
    host.send(START)
    host.tick(24)
    assert host.beat() == pytest.approx(1.0)


def test_what_is_no_clock_passes(host: Host) -> None:
    host.send(START)
    host.tick(24)
    for message in (b"", b"\x90\x3c\x64", b"\xfe", b"\xf2\x01", b"\xf1\x00"):
        host.send(message)
    host.tick(24)
    assert host.beat() == pytest.approx(2.0)


def test_it_dies_of_silence_less_and_less_sure(host: Host) -> None:
    host.send(START)
    host.tick(96)
    last = host.second - host.period
    sure = [host.follower.grid(last + s) for s in (0.0, 0.4, SILENCE_SECONDS - 0.01)]
    certainties = [grid.certainty for grid in sure if grid]
    assert certainties == sorted(certainties, reverse=True)
    assert len(certainties) == 3
    assert certainties[-1] < 0.55
    assert host.follower.grid(last + SILENCE_SECONDS + 0.01) is None


def test_a_transport_goes_on_through_a_gap_and_finds_its_place_again(host: Host) -> None:
    class Now(Clock):
        def now(self) -> float:
            return host.second

    transport = Transport(Now())
    transport.follow(host.follower)
    host.send(START)
    host.tick(200)
    before = transport.grid(host.second)
    host.second += 150 * host.period  # three seconds of nothing
    held = transport.grid(host.second)
    assert not is_jump(before, held, host.second)
    assert transport.grid(host.second + 30).certainty == pytest.approx(held.certainty / 2)
    host.tick(50)
    again = transport.grid(host.second)
    assert again.beat_at(host.second) == pytest.approx(400 / 24, abs=1e-3)
    assert transport.certainty > 0.9
