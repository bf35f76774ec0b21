"""The deck: numbers, what plays now, and what is told of it from another thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from bandmate.errors import PortError
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.timing.player.client import Deck, Player
from bandmate.timing.player.news import BarPlayed, NowPlaying, Stopped
from bandmate.timing.player.rounds import StreamHead
from wires.here_player import NotingPlayer, Tell

ONE, TWO = Clip((), 4.0), Clip((), 8.0)


class Following:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.bars: list[int] = []
        self.endings = 0

    def bar_played(self, news: BarPlayed) -> None:
        self.bars.append(news.bar)

    def is_over(self) -> None:
        self.endings += 1


def with_deck(played: Callable[[Deck, NotingPlayer], Awaitable[None]]) -> None:
    async def story() -> None:
        players: list[NotingPlayer] = []

        def opening(tell: Tell) -> Player:
            players.append(NotingPlayer(tell))
            return players[0]

        deck = Deck(opening)
        await deck.open()
        await played(deck, players[0])
        await deck.close()
        assert players[0].done[-1] == ("close",)

    asyncio.run(story())


async def told() -> None:
    """Let the loop take in what was told."""
    await asyncio.sleep(0)


def test_what_plays_now_is_known_from_news_told_in_another_thread() -> None:
    async def played(deck: Deck, player: NotingPlayer) -> None:
        await deck.play(ONE)
        await deck.play(TWO, "queue")
        first, second = (number for number, *_ in player.of("play"))
        assert deck.playing is None
        for number, clip in ((first, ONE), (second, TWO)):
            thread = threading.Thread(target=player.tell, args=(NowPlaying(number, 0.0),))
            thread.start()
            await asyncio.to_thread(thread.join)
            await told()
            assert deck.playing == clip
        player.tell(Stopped())
        await told()
        assert deck.playing is None

    with_deck(played)


def test_a_follower_hears_its_bars_and_its_end_once() -> None:
    async def played(deck: Deck, player: NotingPlayer) -> None:
        one, two = Following(), Following()
        first, second = deck.number(one), deck.number(two)
        for news in (NowPlaying(first, 0.0), BarPlayed(first, 0, "own")):
            player.tell(news)
        player.tell(BarPlayed(second, 3, "silent"))
        player.tell(NowPlaying(second, 4.0))
        await told()
        assert (one.bars, one.endings, two.bars, two.endings) == ([0], 1, [3], 0)
        await deck.stop()
        player.tell(Stopped())
        await told()
        assert (one.endings, two.endings) == (1, 1)

    with_deck(played)


def test_one_that_waits_is_forgotten_and_what_plays_goes_on() -> None:
    async def played(deck: Deck, player: NotingPlayer) -> None:
        await deck.play(ONE)
        player.tell(NowPlaying(player.of("play")[0][0], 0.0))
        await told()
        waiting = Following()
        number = deck.number(waiting)
        await deck.end(number)
        await deck.end(number)
        assert player.of("end") == [[number]]
        assert waiting.endings == 1
        assert deck.playing == ONE

    with_deck(played)


def test_what_was_played_to_us_goes_to_whoever_listens() -> None:
    async def played(deck: Deck, player: NotingPlayer) -> None:
        from bandmate.timing.ports.inputs import Heard

        heard: list[Heard] = []
        note = Heard(1.0, 2.0, b"\x90\x3c\x40")
        player.tell(note)
        await told()
        deck.on_heard = heard.append
        player.tell(note)
        await told()
        assert heard == [note]

    with_deck(played)


def test_a_port_that_could_not_be_had_is_looked_for_again() -> None:
    tries = []

    def opening(tell: Tell) -> Player:
        tries.append(tell)
        if len(tries) == 1:
            raise PortError("there is no MIDI port: start JACK")
        return NotingPlayer(tell)

    async def story() -> None:
        deck = Deck(opening)
        assert (deck.port, deck.grid.is_rolling, deck.playing) == ("", False, None)
        with pytest.raises(PortError):
            await deck.open()
        await deck.play(ONE)
        assert deck.port == "bandmate:loops"

    asyncio.run(story())


def test_who_comes_together_opens_one_player() -> None:
    players: list[NotingPlayer] = []

    def opening(tell: Tell) -> Player:
        players.append(NotingPlayer(tell))
        return players[-1]

    async def story() -> None:
        deck = Deck(opening)
        await asyncio.gather(deck.play(ONE), deck.mix(frozenset(), frozenset()), deck.open())
        assert len(players) == 1

    asyncio.run(story())


def test_a_take_that_is_stopped_while_it_is_handed_over_does_not_play() -> None:
    async def played(deck: Deck, player: NotingPlayer) -> None:
        following = Following()
        number = deck.number(following)
        head = StreamHead(number, 120.0, Meter(), 1, (), 0.0)
        await asyncio.gather(deck.begin(head), deck.stop())
        assert player.done[-1] == ("end", number)
        assert following.endings == 1

    with_deck(played)


def test_whoever_is_set_to_tell_the_time_does_so_from_the_first_opening_on() -> None:
    players: list[NotingPlayer] = []

    def opening(tell: Tell) -> Player:
        players.append(NotingPlayer(tell))
        return players[0]

    async def story() -> None:
        await Deck(opening, "clock").open()

    asyncio.run(story())
    assert players[0].done == [("follow", "clock")]


def test_a_source_that_cannot_be_had_leaves_the_player_open(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Linkless(NotingPlayer):
        def follow(self, source: str) -> None:
            raise PortError(f"{source} is not there")

    async def story() -> str:
        deck = Deck(Linkless, "link")
        await deck.open()
        return deck.port

    assert asyncio.run(story())
    assert "the time is bandmate's own: link is not there" in caplog.text
