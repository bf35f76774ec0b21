"""The line: one through at a time, each told its place, and whoever is called off goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

import pytest

from bandmate.compose.queue import Line, Queued
from bandmate.errors import Cancelled, Unavailable


class Counter:
    """A line before a counter, at which everybody stays until the door is opened."""

    def __init__(self, most_waiting: int = 8) -> None:
        self.called_off = 0
        self.line = Line(most_waiting, self._call_off)
        self.places: dict[str, list[int]] = {}
        self.served: list[str] = []
        self.doors: dict[str, asyncio.Event] = {}

    def _call_off(self) -> None:
        self.called_off += 1

    async def stand(self, who: str, id: object = None) -> None:
        """Wait in the line and stay at the counter until the door is opened."""
        name = f"{who} {id}" if id is not None else who
        self.doors[name] = asyncio.Event()
        told = self.places.setdefault(name, [])
        async with self.line.turn(who, id, lambda queued: told.append(queued.place)) as place:
            self.served.append(name)
            await self.doors[name].wait()
            place.check()

    async def comes(self, who: str, id: object = None) -> asyncio.Task[None]:
        """Let somebody stand in the line."""
        task = asyncio.create_task(self.stand(who, id))
        await asyncio.sleep(0)
        return task

    async def goes(self, who: str, task: asyncio.Task[None]) -> None:
        """Let somebody go from the counter."""
        self.doors[who].set()
        await task
        await asyncio.sleep(0)


def play(story: Callable[[Counter], Coroutine[object, object, None]], most: int = 8) -> None:
    async def whole() -> None:
        await asyncio.wait_for(story(Counter(most)), 30)

    asyncio.run(whole())


def test_one_after_the_other_in_the_order_in_which_they_came() -> None:
    async def story(counter: Counter) -> None:
        a, b, c = [await counter.comes(who) for who in "abc"]
        assert counter.served == ["a"]
        assert counter.places == {"a": [0], "b": [1], "c": [2]}
        await counter.goes("a", a)
        assert counter.served == ["a", "b"]
        assert counter.places == {"a": [0], "b": [1, 0], "c": [2, 1]}
        await counter.goes("b", b)
        await counter.goes("c", c)
        assert counter.places["c"] == [2, 1, 0]

    play(story)


def test_whoever_waits_is_called_off_without_a_word_to_the_counter() -> None:
    async def story(counter: Counter) -> None:
        a, b, c = [await counter.comes(who) for who in "abc"]
        assert counter.line.cancel("b") == 1
        with pytest.raises(Cancelled, match="the ask was called off"):
            await b
        assert (counter.called_off, counter.served) == (0, ["a"])
        assert counter.places["c"] == [2, 1]
        await counter.goes("a", a)
        await counter.goes("c", c)

    play(story)


def test_whoever_is_served_is_called_off_at_the_counter() -> None:
    async def story(counter: Counter) -> None:
        a, b = [await counter.comes(who) for who in "ab"]
        assert counter.line.cancel("a") == 1
        assert counter.called_off == 1
        with pytest.raises(Cancelled):
            await counter.goes("a", a)
        await asyncio.sleep(0)
        assert counter.served == ["a", "b"]
        await counter.goes("b", b)

    play(story)


def test_an_id_names_one_ask_of_a_client_and_none_names_all() -> None:
    async def story(counter: Counter) -> None:
        asks = [await counter.comes("a", id) for id in (1, 2, 3)]
        other = await counter.comes("b", 2)
        assert counter.line.cancel("a", 2) == 1
        assert counter.line.cancel("a", 9) == counter.line.cancel("c") == 0
        counter.doors["a 1"].set()
        assert counter.line.cancel("a") == 3  # the second one goes only when it is its turn to run
        for ask in asks:
            with pytest.raises(Cancelled):
                await ask
        await asyncio.sleep(0)
        assert counter.served == ["a 1", "b 2"]
        await counter.goes("b 2", other)

    play(story)


def test_no_more_may_wait_than_there_is_room_for() -> None:
    async def story(counter: Counter) -> None:
        a, b = [await counter.comes(who) for who in "ab"]
        with pytest.raises(Unavailable, match=r"^1 asks wait already; ask again when one is made$"):
            await counter.stand("c")
        await counter.goes("a", a)
        c = await counter.comes("c")
        await counter.goes("b", b)
        await counter.goes("c", c)
        assert counter.served == ["a", "b", "c"]

    play(story, most=1)


def test_whoever_is_torn_away_leaves_no_gap() -> None:
    async def story(counter: Counter) -> None:
        a, b, c = [await counter.comes(who) for who in "abc"]
        for task in (b, a):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await asyncio.sleep(0)
        assert counter.served == ["a", "c"]
        await counter.goes("c", c)

    play(story)


def test_one_askers_trouble_is_not_anothers(caplog: pytest.LogCaptureFixture) -> None:
    def deaf(queued: Queued) -> None:
        raise OSError("the socket is closed")

    async def story(counter: Counter) -> None:
        a = await counter.comes("a")

        async def stand() -> None:
            async with counter.line.turn("deaf", None, deaf):
                counter.served.append("deaf")

        b = asyncio.create_task(stand())
        await asyncio.sleep(0)
        c = await counter.comes("c")
        await counter.goes("a", a)
        await b
        await counter.goes("c", c)
        assert counter.served == ["a", "deaf", "c"]

    with caplog.at_level(logging.ERROR):
        play(story)
    assert "deaf could not be told its place" in caplog.text
