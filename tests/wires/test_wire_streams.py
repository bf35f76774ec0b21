"""Ready on the downbeat: when a take is launched, with whose bars, and what its asker is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bandmate.clients.clients import Client
from bandmate.errors import FileError
from bandmate.loops.streaming import bar_clip
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.timing.player.news import BarPlayed, NowPlaying, Stopped, Whose
from wires.fake_daemon import PATIENCE, Heard, House, told, told_in
from wires.here_player import NotingPlayer

SLOW = 20.0
"""At which the next line is 12 seconds away at most: far enough for all that a test does."""


class Scene:
    """A house with a noting player, and one client."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.client, self.heard = house.client()

    @property
    def player(self) -> NotingPlayer:
        assert self.house.player
        return self.house.player

    async def opens(self) -> None:
        """Open the deck, as the daemon does at its start."""
        await self.house.desk.deck.open()

    async def until_done(self, what: str, count: int = 1) -> None:
        """Wait until the player was told something so often."""
        async with asyncio.timeout(PATIENCE):
            while len(self.player.of(what)) < count:
                await asyncio.sleep(0)

    def asks(self, id_: int, *pairs: str | float) -> None:
        self.house.says(self.client, "loop/ask", id_, "bars", 4, "feel", 0, *pairs)

    def plays(self, number: int, *bars: Whose) -> None:
        """Let the player tell that a launch took over and how its bars went."""
        self.player.tell(NowPlaying(number, 0.0))
        for index, whose in enumerate(bars):
            self.player.tell(BarPlayed(number, index, whose))


def scene(played: Callable[[Scene], Awaitable[None]]) -> None:
    async def story(house: House) -> None:
        one = Scene(house)
        await one.opens()
        await played(one)

    told_in(story, is_noting=True)


OWN: tuple[Whose, ...] = ("own",) * 4


def test_a_take_is_launched_with_its_first_bar_and_handed_over_whole() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.asks(1, "at", "4 bars", "seed", 7)
        await s.until_done("replace")
        made = told(await s.heard.until("loop/made"))
        take = s.house.takes.get(made["take"])
        (head,) = s.player.heads
        assert (head.begins, head.bars, head.stand_in, head.is_looped) == (16.0, 4, None, True)
        assert (head.tempo, head.meter) == (SLOW, Meter())
        assert [part.name for part in head.parts] == ["drums", "bass", "keys"]
        assert [what for what, *_ in s.player.done] == ["begin", *["fill"] * 4, "replace"]
        assert s.player.of("fill") == [
            [head.number, index, bar_clip(take.clip, index)] for index in range(4)
        ]
        assert s.player.of("replace") == [[head.number, take.clip]]
        assert s.heard.of("take/played") == []
        s.plays(head.number, *OWN)
        assert (await s.heard.until("take/played")).arguments == (1, take.number, 4, 0, 0)
        assert (s.house.desk.deck.met, s.house.desk.deck.missed) == (4, 0)
        assert s.house.desk.deck.playing == take.clip
        assert sorted(m.address.rpartition("/")[2] for m in s.heard.messages) == [
            "made", "planned", "played", *["progress"] * 4, "queued"
        ]  # fmt: skip

    scene(played)


@pytest.mark.parametrize(
    ("at", "beat", "begins"),
    [("bar", 5.0, 8.0), ("2 bars", 5.0, 8.0), ("2 bars", 9.0, 16.0), ("4 bars", 9.0, 16.0)],
)
def test_a_line_is_the_next_of_its_size(at: str, beat: float, begins: float) -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(beat, SLOW)
        s.asks(1, "at", at)
        await s.until_done("begin")
        assert s.player.heads[0].begins == begins
        planned = told(s.heard.of("loop/planned")[0])
        assert planned["begins_ms"] <= (begins - beat) * 60_000 / SLOW
        assert planned["stands_in"] == "nothing"

    scene(played)


def test_now_begins_as_soon_as_the_first_bar_is_there() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.asks(1, "at", "now")
        await s.until_done("begin")
        begins = s.player.heads[0].begins
        assert begins is not None
        assert 5.0 < begins < 8.0

    scene(played)


def test_where_nothing_rolls_it_begins_with_its_first_bar() -> None:
    async def played(s: Scene) -> None:
        s.house.worker.gate.clear()
        s.asks(1, "at", "4 bars")
        await s.heard.until("loop/planned")
        assert s.player.heads == []
        s.house.worker.gate.set()
        await s.until_done("begin")
        assert s.player.heads[0].begins == 0.0
        assert len(s.heard.of("loop/planned")) == 1

    scene(played)


def test_a_line_that_passes_before_the_first_bar_moves_where_nothing_can_stand_in() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.house.worker.gate.clear()
        s.asks(1, "at", "2 bars")
        assert told(await s.heard.until("loop/planned"))["is_late"] == 0
        s.player.rolls(17.0, SLOW)  # the line at 8 has gone by
        s.house.worker.gate.set()
        again = told(await s.heard.until("loop/planned", 2))
        assert (again["is_late"], again["first_ms"]) == (1, 0)
        await s.until_done("begin")
        assert s.player.heads[0].begins == 24.0

    scene(played)


async def accepted(s: Scene, *pairs: str | float) -> Clip:
    """Let the client accept a take, and return it."""
    s.asks(90, *pairs)
    made = told(await s.heard.until("loop/made"))
    s.house.says(s.client, "take/accept", 91, made["take"])
    await s.heard.until("take/accepted")
    return s.house.takes.get(made["take"]).clip


def test_the_last_accepted_take_holds_the_line_for_a_slow_model() -> None:
    async def played(s: Scene) -> None:
        clip = await accepted(s, "key", "C:maj", "seed", 1)
        s.player.rolls(5.0, SLOW)
        s.house.worker.gate.clear()
        s.asks(1, "at", "bar", "key", "A:maj")
        await s.until_done("begin")  # before a single bar is written
        (head,) = s.player.heads
        assert head.begins == 8.0
        assert head.stand_in is not None
        assert head.stand_in.key == Key.parse("A:maj")
        bass, moved = clip.parts[1].notes, head.stand_in.parts[1].notes
        assert [n.pitch - 3 for n in bass] == [n.pitch for n in moved]
        assert told(await s.heard.until("loop/planned"))["stands_in"] == "accepted"
        s.plays(head.number, "stand-in", "stand-in")
        s.house.worker.gate.set()
        await s.until_done("replace")
        for index in (2, 3):
            s.player.tell(BarPlayed(head.number, index, "own"))
        s.player.tell(BarPlayed(head.number, 0, "own"))  # the second time round counts no more
        answer = await s.heard.until("take/played")
        assert answer.arguments[2:] == (2, 2, 0)
        assert (s.house.desk.deck.met, s.house.desk.deck.missed) == (2, 2)

    scene(played)


def test_a_take_in_another_meter_does_not_stand_in_and_what_plays_does() -> None:
    async def played(s: Scene) -> None:
        await accepted(s, "meter", "3/4", "seed", 1)
        other = Clip((Part("bass", 33, (Note(0.0, 40, 1.0, 90),)),), 8.0)
        await s.house.desk.deck.play(other, is_looped=True)
        s.player.tell(NowPlaying(s.player.of("play")[0][0], 0.0))
        await asyncio.sleep(0)
        s.player.rolls(5.0, SLOW)
        s.asks(1, "at", "bar")
        await s.until_done("begin")
        assert s.player.heads[0].stand_in == other
        assert told(s.heard.of("loop/planned")[0])["stands_in"] == "playing"

    scene(played)


def test_lateness_is_told_before_the_line() -> None:
    async def played(s: Scene) -> None:
        await accepted(s, "seed", 1)
        s.house.desk.composer._forecast.learn(3, 60.0, is_first=True)
        s.house.desk.composer._forecast.learn(3, 61.0, is_first=True)
        s.house.desk.composer._forecast.learn(3, 62.0, is_first=True)
        s.player.rolls(5.0, SLOW)
        s.house.worker.gate.clear()
        s.asks(1, "at", "bar")
        planned = told(await s.heard.until("loop/planned"))
        assert (planned["is_late"], planned["stands_in"]) == (1, "accepted")
        assert planned["first_ms"] > planned["begins_ms"]
        assert s.heard.of("loop/progress")[4:] == []
        s.house.worker.gate.set()

    scene(played)


def test_in_half_time_bars_are_counted_as_they_are_heard() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, 60.0)
        s.asks(1, "at", "4 bars", "time_feel", "half", "loop", "off")
        await s.until_done("replace")
        (head,) = s.player.heads
        assert (head.bars, head.tempo, head.is_looped) == (4, 60.0, False)
        assert [index for _, index, _ in s.player.of("fill")] == [0, 1, 2, 3]
        progress = [m.arguments[2:4] for m in s.heard.of("loop/progress")]
        assert progress == [(0, 2), (1, 2)]

    scene(played)


def test_an_ask_that_is_called_off_before_its_line_is_never_heard() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.house.worker.gate.clear()
        s.asks(1, "at", "4 bars")
        await s.heard.until("loop/planned")
        s.house.says(s.client, "cancel", 1)
        assert (await s.heard.until("cancelled")).arguments == (1,)
        s.house.worker.gate.set()
        await s.house.desk.idle()
        assert s.player.done == []

    scene(played)


def test_an_ask_that_is_called_off_while_it_plays_ends_with_its_bar() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.asks(1, "at", "4 bars")
        await s.heard.until("loop/made")
        s.plays(s.player.heads[0].number, "own")
        await asyncio.sleep(0)
        s.house.says(s.client, "cancel", 1)
        assert (await s.heard.until("cancelled")).arguments == (1,)
        await s.until_done("end")
        assert s.player.of("end") == [[s.player.heads[0].number]]
        assert s.heard.of("take/played") == s.heard.of("error") == []
        s.house.says(s.client, "cancel", 1)
        await s.heard.until("cancelled", 2)

    scene(played)


@pytest.mark.parametrize("address", ["take/stop", "panic"])
def test_what_is_stopped_is_over_and_what_waits_does_not_begin(address: str) -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.asks(1, "at", "4 bars")
        await s.until_done("replace")
        s.plays(s.player.heads[0].number, "own", "own")
        await asyncio.sleep(0)
        s.house.worker.gate.clear()
        s.asks(2, "at", "4 bars")
        await s.until_done("begin", 2)
        s.house.says(s.client, address, 3)
        assert (await s.heard.until("take/played")).arguments == (1, 1, 2, 0, 0)
        s.house.worker.gate.set()
        await s.heard.until("loop/made", 2)
        assert (await s.heard.until("take/played", 2)).arguments == (2, 2, 0, 0, 0)
        # What played stands in for the second, which was launched: it is handed no bar after.
        order = [what for what, *_ in s.player.done]
        stopped = order.index({"take/stop": "stop"}.get(address, address))
        assert "begin" in order[:stopped]
        assert not {"begin", "fill", "replace"} & set(order[stopped:])

    scene(played)


def test_a_take_that_another_takes_the_place_of_is_told_as_far_as_it_came() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.asks(1, "at", "4 bars")
        await s.until_done("replace")
        s.plays(s.player.heads[0].number, "own")
        await s.house.desk.deck.play(Clip((), 4.0), "now")
        s.player.tell(NowPlaying(s.player.of("play")[0][0], 1.0))
        assert (await s.heard.until("take/played")).arguments == (1, 1, 1, 0, 0)

    scene(played)


def test_a_player_that_dies_ends_the_wait() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.asks(1, "at", "4 bars")
        await s.until_done("replace")
        s.plays(s.player.heads[0].number, "own")
        s.player.tell(Stopped("the player's process ended"))
        assert (await s.heard.until("take/played")).arguments == (1, 1, 1, 0, 0)

    scene(played)


def test_a_port_that_is_gone_is_an_answer_and_the_take_is_made() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.player.is_gone = True
        s.asks(1, "at", "4 bars")
        id_, code, _ = await s.heard.error()
        assert (id_, code) == (1, "port")
        assert len(s.heard.of("loop/made")) == 1

    scene(played)


def test_without_a_port_the_take_is_made_and_the_rest_is_refused() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 1, "at", "bar", "play", 1)
        assert (await heard.error())[:2] == (1, "port")
        assert len(heard.of("loop/made")) == 1
        assert len(heard.of("error")) == 1

    told_in(story, has_port=False)


def test_only_the_first_take_is_heard() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)
        s.asks(1, "at", "4 bars", "takes", 3)
        await s.heard.until("loop/made", 3)
        await s.until_done("replace")
        assert len(s.player.of("fill")) == 4
        assert len(s.player.heads) == len(s.player.of("replace")) == 1
        s.plays(s.player.heads[0].number, *OWN)
        await s.heard.until("take/played")

    scene(played)


def test_an_ask_that_fails_on_its_way_ends_with_its_bar() -> None:
    async def played(s: Scene) -> None:
        s.player.rolls(5.0, SLOW)

        def fails(*_: object, **__: object) -> None:
            assert s.player.begun.wait(PATIENCE)
            raise FileError("the disk is full")

        s.house.takes.keep = fails  # type: ignore[assignment]
        s.asks(1, "at", "4 bars")
        assert (await s.heard.error())[2] == "the disk is full"
        await s.house.desk.idle()
        assert s.player.of("end") == [[s.player.heads[0].number]]

    scene(played)


def test_another_clients_accepted_take_is_not_ours() -> None:
    async def played(s: Scene) -> None:
        await accepted(s, "seed", 1)
        other: tuple[Client, Heard] = s.house.client()
        s.player.rolls(5.0, SLOW)
        s.house.says(other[0], "loop/ask", 1, "bars", 2, "at", "bar")
        assert told(await other[1].until("loop/planned"))["stands_in"] == "nothing"

    scene(played)
