"""Takes that are heard while they are written: whose notes each bar has, and when."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter
from bandmate.timing.player.news import BarPlayed, GridChanged, News, NowPlaying, Stopped
from bandmate.timing.player.player import Player
from bandmate.timing.player.rounds import StreamHead
from bandmate.timing.sources.transport import Transport
from timing.fake_port import FakeClock, FakeOutput

TAKE = 5


def bar(pitch: int, *starts: float, lasting: float = 0.5) -> Clip:
    """One bar at 60 with a note at each start."""
    notes = tuple(Note(start, pitch, lasting, 100) for start in starts or (0.0,))
    return Clip((Part("keys", 4, notes),), 4.0, 60.0)


def head(begins: float | None = 0.0, bars: int = 4, **said: object) -> StreamHead:
    plain = StreamHead(TAKE, 60.0, Meter(), bars, (Part("keys", 4),), begins)
    return replace(plain, **said)  # type: ignore[arg-type]


class Stage:
    """A player, and what it told."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.output = FakeOutput(self.clock)
        self.news: list[News] = []
        self.player = Player(self.output, Transport(self.clock), self.news.append)

    def starts(self) -> list[tuple[float, int]]:
        return [(second, pitch) for second, kind, _, pitch in self.output.notes() if kind == "on"]

    def bars(self) -> list[tuple[int, str]]:
        return [(news.bar, news.whose) for news in self.news if isinstance(news, BarPlayed)]


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    with stage.player:
        yield stage
    assert not stage.output.hanging()


def test_bars_play_as_they_are_filled(stage: Stage) -> None:
    assert stage.player.begin(head(begins=4.0, bars=2)) == pytest.approx(4.0)
    stage.player.fill(TAKE, 0, bar(60))
    stage.clock.advance(5.0)
    stage.player.fill(TAKE, 1, bar(61))
    stage.clock.advance(20.0)
    assert stage.starts() == [(4.0, 60), (8.0, 61)]
    assert stage.output.messages()[0] == bytes((0xC0, 4))
    told = [news for news in stage.news if not isinstance(news, GridChanged)]
    assert told == [
        NowPlaying(TAKE, 4.0),
        BarPlayed(TAKE, 0, "own"),
        BarPlayed(TAKE, 1, "own"),
        Stopped(),
    ]


def test_a_bar_that_is_late_is_stood_in_for_bar_by_bar(stage: Stage) -> None:
    other = Clip((Part("keys", 4, (Note(0, 70, 1, 90), Note(4, 71, 1, 90))),), 8.0, 60.0)
    stage.player.begin(head(stand_in=other, bars=3))
    stage.clock.advance(8.0)
    stage.player.fill(TAKE, 2, bar(62))
    stage.clock.advance(10.0)
    assert stage.starts() == [(0.0, 70), (4.0, 71), (8.0, 70)]  # bar 2 was decided just before
    assert stage.bars() == [(0, "stand-in"), (1, "stand-in"), (2, "stand-in")]


def test_a_stand_in_of_another_meter_is_not_used(stage: Stage) -> None:
    waltz = Clip((Part("keys", 4, (Note(0, 70, 1, 90),)),), 3.0, 60.0, Meter(3, 4))
    stage.player.begin(head(stand_in=waltz, bars=2))
    stage.clock.advance(5.0)
    assert stage.starts() == []
    assert stage.bars() == [(0, "silent"), (1, "silent")]


def test_without_a_stand_in_the_latest_own_bar_is_heard_again(stage: Stage) -> None:
    stage.player.begin(head(begins=1.0))
    stage.player.fill(TAKE, 0, bar(60))
    stage.clock.advance(18.0)
    assert stage.starts() == [(1.0, 60), (5.0, 60), (9.0, 60), (13.0, 60)]
    assert stage.bars() == [(0, "own"), (1, "stand-in"), (2, "stand-in"), (3, "stand-in")]


def test_what_came_too_late_is_heard_the_next_time_round(stage: Stage) -> None:
    stage.player.begin(head(bars=2, is_looped=True))
    stage.clock.advance(1.0)
    stage.player.fill(TAKE, 0, bar(60))
    stage.player.fill(TAKE, 1, bar(61))
    stage.clock.advance(14.0)
    assert stage.starts() == [(4.0, 61), (8.0, 60), (12.0, 61)]


def test_a_note_may_reach_over_the_barline_but_not_over_the_end(stage: Stage) -> None:
    stage.player.begin(head(begins=1.0, bars=2))
    stage.player.fill(TAKE, 0, bar(60, 3.0, lasting=2.0))
    stage.player.fill(TAKE, 1, bar(61, 3.0, lasting=9.0))
    stage.clock.advance(20.0)
    assert stage.output.notes() == [
        (4.0, "on", 0, 60), (6.0, "off", 0, 60), (8.0, "on", 0, 61), (9.0, "off", 0, 61),
    ]  # fmt: skip


def test_the_finished_take_goes_on_at_the_next_barline_and_strikes_nothing_twice(
    stage: Stage,
) -> None:
    stage.player.begin(head(begins=1.0, bars=3))
    for index in range(3):
        stage.player.fill(TAKE, index, bar(60 + index, 0.0, 3.5))
    stage.clock.advance(3.0)
    mended = (
        Note(0.0, 80, 1, 90), Note(3.96, 81, 1, 90),
        Note(7.5, 82, 0.4, 90), Note(8.0, 83, 1, 90),
    )  # fmt: skip
    whole = Clip((Part("keys", 4, mended),), 12.0, 60.0)
    stage.player.replace(TAKE, whole)
    assert stage.player.clip == whole
    stage.clock.advance(20.0)
    # The early downbeat of the second bar is of the second bar, and is not lost.
    assert stage.starts() == [(1.0, 60), (4.5, 60), (4.96, 81), (8.5, 82), (9.0, 83)]


def test_another_take_takes_over_at_its_line_and_cuts_what_sounds(stage: Stage) -> None:
    stage.player.play(bar(50, 0.0, 2.0, lasting=3.9), is_looped=True)
    stage.clock.advance(1.0)
    stage.player.begin(head(begins=4.0, bars=1))
    stage.player.fill(TAKE, 0, bar(60))
    stage.clock.advance(8.0)
    notes = stage.output.notes()
    assert notes.index((4.0, "off", 0, 50)) < notes.index((4.0, "on", 0, 60))
    assert stage.starts() == [(0.0, 50), (2.0, 50), (4.0, 60)]


def test_a_take_that_begins_now_forgets_what_the_other_had_to_come(stage: Stage) -> None:
    stage.player.play(bar(50, 0.0, 0.5, 3.0, lasting=2.0), is_looped=True)
    stage.clock.advance(1.0)
    stage.player.play(bar(60), at="now")
    stage.clock.advance(10.0)
    assert stage.starts() == [(0.0, 50), (0.5, 50), (1.0, 60)]
    assert (1.0, "off", 0, 50) in stage.output.notes()


def test_a_line_that_is_past_becomes_the_next_bar(stage: Stage) -> None:
    stage.player.play(bar(50), is_looped=True)
    stage.clock.advance(5.0)
    assert stage.player.begin(head(begins=4.0)) == pytest.approx(3.0)


def test_a_take_that_is_ended_plays_its_bar_to_the_end(stage: Stage) -> None:
    stage.player.play(bar(50, 0.0, 3.0), is_looped=True, number=2)
    stage.clock.advance(5.0)
    stage.player.end(2)
    stage.clock.advance(10.0)
    assert stage.starts() == [(0.0, 50), (3.0, 50), (4.0, 50), (7.0, 50)]
    assert not stage.player.is_playing


def test_a_take_that_waits_is_forgotten_when_it_is_ended(stage: Stage) -> None:
    stage.player.play(bar(50))
    stage.clock.advance(1.0)
    stage.player.play(bar(60), number=TAKE)
    stage.player.end(TAKE)
    stage.clock.advance(10.0)
    assert stage.starts() == [(0.0, 50)]


def test_queued_takes_follow_without_a_gap(stage: Stage) -> None:
    stage.player.play(bar(50), is_looped=True)
    stage.clock.advance(1.0)
    assert stage.player.play(bar(60), at="queue") == pytest.approx(3.0)
    assert stage.player.play(bar(61), at="queue", is_looped=True) == pytest.approx(7.0)
    stage.clock.advance(13.0)
    assert stage.starts() == [(0.0, 50), (4.0, 60), (8.0, 61), (12.0, 61)]


def test_a_take_queued_just_before_the_end_follows_too(stage: Stage) -> None:
    stage.player.play(bar(50))
    stage.clock.advance(3.97)
    stage.player.play(bar(60), at="queue")
    stage.clock.advance(2.0)
    assert stage.starts() == [(0.0, 50), (4.0, 60)]


@pytest.mark.parametrize(("at", "begins"), [("bar", 8.0), ("2 bars", 8.0), ("4 bars", 16.0)])
def test_boundaries_are_counted_on_the_songs_bars(stage: Stage, at: str, begins: float) -> None:
    stage.player.play(bar(50, lasting=0.1), is_looped=True)
    stage.clock.advance(5.0)
    stage.player.play(bar(60), at=at)  # type: ignore[arg-type]
    stage.clock.advance(15.0)
    assert (begins, 60) in stage.starts()


def test_a_count_in_clicks_on_the_drum_channel_and_the_take_follows(stage: Stage) -> None:
    assert stage.player.play(bar(60), count_in=1) == pytest.approx(4.0)
    stage.clock.advance(9.0)
    starts = [n for n in stage.output.notes() if n[1] == "on"]
    assert [(s, channel, pitch) for s, _, channel, pitch in starts] == [
        (0.0, 9, 76), (1.0, 9, 77), (2.0, 9, 77), (3.0, 9, 77), (4.0, 0, 60),
    ]  # fmt: skip


def test_a_count_in_over_what_plays(stage: Stage) -> None:
    stage.player.play(bar(50), is_looped=True)
    stage.clock.advance(1.0)
    assert stage.player.play(bar(60), count_in=1) == pytest.approx(7.0)
    stage.clock.advance(8.0)
    assert sorted(stage.starts()) == [
        (0.0, 50), (4.0, 50), (4.0, 76), (5.0, 77), (6.0, 77), (7.0, 77), (8.0, 60),
    ]  # fmt: skip


def test_parts_are_muted_and_soloed_and_what_sounds_of_them_ends(stage: Stage) -> None:
    parts = tuple(
        Part(name, 0, tuple(Note(beat, pitch, 0.9, 100) for beat in range(4)))
        for name, pitch in (("keys", 60), ("bass", 40))
    )
    stage.player.play(Clip(parts, 4.0, 60.0))
    stage.clock.advance(0.5)
    stage.player.mix(frozenset({"keys"}))
    assert (0.5, "off", 0, 60) in stage.output.notes()
    stage.clock.advance(1.0)
    stage.player.mix(frozenset(), frozenset({"keys"}))
    stage.clock.advance(1.0)
    stage.player.mix(frozenset())
    stage.clock.advance(2.0)
    assert stage.starts() == [
        (0.0, 60), (0.0, 40), (1.0, 40), (2.0, 60), (3.0, 60), (3.0, 40),
    ]  # fmt: skip


def test_what_is_sent_by_hand_is_silenced_with_all_else(stage: Stage) -> None:
    stage.player.send_now((bytes((0x91, 60, 100)), bytes((0x91, 64, 100)), bytes((0x81, 60, 0))))
    stage.player.stop()
    assert stage.output.notes()[-1] == (0.0, "off", 1, 64)


def test_a_tempo_that_changes_moves_what_is_to_come(stage: Stage) -> None:
    stage.player.play(bar(50, 0.0, 2.0), is_looped=True)
    stage.clock.advance(1.0)
    stage.player.lead(tempo=120.0)
    stage.clock.advance(6.0)
    assert stage.starts() == [(0.0, 50), (2.0, 50), (4.0, 50), (5.0, 50), (6.0, 50), (7.0, 50)]


def test_latency_sends_all_earlier(stage: Stage) -> None:
    stage.player.set_latency(0.02)
    stage.player.play(bar(50, 0.0, 2.0))
    stage.clock.advance(5.0)
    first, second = (second for second, _ in stage.starts())
    assert math.isclose(second - first, 2.0)
    stage.player.lead(is_rolling=True)
    stage.clock.advance(1.0)
    wait = stage.player.play(bar(51))
    stage.clock.advance(4.0)
    told = [n.grid for n in stage.news if isinstance(n, GridChanged)][-1]
    heard = next(second for second, pitch in stage.starts() if pitch == 51)
    assert told.beat_at(100.0 + heard + 0.02) % 4 == pytest.approx(0.0, abs=1e-4)
    assert wait > 2
