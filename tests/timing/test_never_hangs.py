"""Whatever is asked in whatever order: no note hangs, none is struck while it sounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter
from bandmate.timing.player.news import BarPlayed, News, NowPlaying, Stopped
from bandmate.timing.player.player import Player
from bandmate.timing.player.rounds import StreamHead
from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import Transport
from timing.fake_port import FakeAhead, FakeClock, FakeOutput, FakeSource

BAR = Clip((Part("keys", 5, (Note(0.0, 60, 4.0, 100),)),), 4.0, 60.0)
CLIPS = [
    BAR,
    Clip((Part("keys", 5, (Note(0.0, 60, 0.3, 100),)),), 4.0, 133.7),
    Clip(tuple(Part(n, 1, BAR.parts[0].notes) for n in ("drums", "keys", "bass")), 10.0, 200.0),
    Clip((Part("keys", 1, tuple(Note(i / 3, 60, 1, 90) for i in range(18))),), 6, 77, Meter(3, 4)),
    Clip((Part("bass", 1, (Note(3.95, 40, 2, 90), Note(7.97, 41, 9, 90))),), 8, 97),
]
PADS = [(bytes((0x9E, 50, 100)),), (bytes((0x9E, 52, 100)), bytes((0x8E, 52, 0)))]
ACTIONS = st.one_of(
    st.tuples(
        st.just("play"),
        st.integers(0, len(CLIPS) - 1),
        st.sampled_from(["bar", "now", "2 bars", "4 bars", "queue"]),
        st.booleans(),
        st.integers(0, 2),
    ),
    st.tuples(st.just("begin"), st.none() | st.floats(0, 40), st.booleans()),
    st.tuples(st.just("fill"), st.integers(0, 3), st.integers(0, len(CLIPS) - 1)),
    st.tuples(st.just("replace"), st.integers(0, len(CLIPS) - 1)),
    st.tuples(st.just("mix"), st.sampled_from([set(), {"keys"}, {"drums", "bass"}])),
    st.tuples(st.just("solo"), st.sampled_from([set(), {"keys"}])),
    st.tuples(st.just("pad"), st.integers(0, 1)),
    st.tuples(st.just("tempo"), st.floats(30, 300)),
    st.tuples(st.just("song"), st.none() | st.floats(0, 100), st.floats(30, 300), st.booleans()),
    st.tuples(st.just("advance"), st.floats(0, 5)),
    st.tuples(st.just("advance"), st.floats(0, 0.2)),
    st.sampled_from([("stop",), ("panic",), ("end",), ("roll",), ("halt",)]),
)


def head(begins: float | None, is_looped: bool) -> StreamHead:
    parts = (Part("keys", 3), Part("drums", 0))
    return StreamHead(7, 100.0, Meter(), 4, parts, begins, BAR, is_looped)


class Stand:
    """A player that can be told to do things by name."""

    def __init__(self, opening: Callable[[FakeClock], FakeOutput]) -> None:
        self.clock = FakeClock()
        self.output = opening(self.clock)
        self.source = FakeSource()
        self.news: list[News] = []
        self.player = Player(self.output, Transport(self.clock), self.news.append)

    def does(self, name: str, *details: Any) -> None:
        match name:
            case "play":
                clip, at, is_looped, count_in = details
                self.player.play(CLIPS[clip], at, is_looped, count_in, number=7)
            case "begin":
                self.player.begin(head(*details))
            case "fill":
                self.player.fill(7, details[0], CLIPS[details[1]])
            case "replace":
                self.player.replace(7, CLIPS[details[0]])
            case "mix":
                self.player.mix(frozenset(details[0]))
            case "solo":
                self.player.mix(frozenset(), frozenset(details[0]))
            case "pad":
                self.player.send_now(PADS[details[0]])
            case "tempo":
                self.player.lead(tempo=details[0])
            case "song":
                self.sings(*details)
            case "advance":
                self.clock.advance(*details)
            case "end":
                self.player.end(7)
            case "roll" | "halt":
                self.player.lead(is_rolling=name == "roll")
            case _:
                getattr(self.player, name)()
                assert not self.output.hanging()

    def sings(self, beat: float | None, tempo: float, is_rolling: bool) -> None:
        """Let the source say another place, or nothing any more."""
        said = beat is not None
        now = self.clock.now()
        self.source.said = (
            Grid(now, beat or 0.0, tempo, is_rolling=is_rolling, source="clock") if said else None
        )
        self.player.follow(self.source)


@pytest.mark.parametrize("opening", [FakeOutput, FakeAhead])
@settings(max_examples=80, deadline=None)
@given(actions=st.lists(ACTIONS, max_size=14))
def test_whatever_is_done_nothing_hangs_in_the_end(
    opening: Callable[[FakeClock], FakeOutput], actions: list[Any]
) -> None:
    stand = Stand(opening)
    with stand.player:
        for name, *details in actions:
            stand.does(name, *details)
        assert stand.player.trouble == ""
    assert not stand.output.hanging()
    sounding: set[tuple[int, int]] = set()
    for _, kind, channel, pitch in stand.output.notes():
        if channel != 14:  # by hand a key may be struck as often as one likes
            assert kind == "off" or (channel, pitch) not in sounding
        (sounding.add if kind == "on" else sounding.discard)((channel, pitch))
    assert [second for second, _ in stand.output.sent] == sorted(
        second for second, _ in stand.output.sent
    )


@pytest.mark.parametrize("opening", [FakeOutput, FakeAhead])
@settings(max_examples=30, deadline=None)
@given(actions=st.lists(ACTIONS, max_size=10))
def test_whoever_plays_says_so_and_when_it_is_over(
    opening: Callable[[FakeClock], FakeOutput], actions: list[Any]
) -> None:
    stand = Stand(opening)
    with stand.player:
        for name, *details in actions:
            stand.does(name, *details)
        stand.player.stop()
        stand.clock.settle()
        has_played = any(isinstance(news, NowPlaying) for news in stand.news)
        assert not has_played or any(isinstance(news, Stopped) for news in stand.news)
        for news in stand.news:
            assert not isinstance(news, BarPlayed) or news.bar in range(6)
        assert not stand.player.is_playing


def test_a_source_that_stops_and_starts_again_finds_the_take_where_it_was() -> None:
    stand = Stand(FakeOutput)
    with stand.player as player:
        stand.sings(0.0, 60.0, is_rolling=True)
        stand.clock.settle()
        player.play(BAR, is_looped=True)
        stand.clock.advance(5.5)
        assert stand.source.said is not None
        stand.source.said = replace(stand.source.said, beat=5.5, is_rolling=False)
        stand.clock.advance(3.0)
        assert not stand.output.hanging()
        before = len(stand.output.notes())
        assert player.is_playing
        stand.sings(16.0, 60.0, is_rolling=True)
        stand.clock.advance(4.5)
    later = [(s, kind) for s, kind, _, _ in stand.output.notes()[before:]]
    assert later == [(8.5, "on"), (12.5, "off"), (12.5, "on"), (13.0, "off")]
