"""A guest: a worker that goes when nobody asks it, comes back when somebody does, and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import psutil
import pytest

from bandmate.errors import Unavailable
from bandmate.loops.plan import LoopPlan, PlannedPart
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.workers.idle import Guest
from fakes import MODEL, fake_bars, open_fake

PLAN = LoopPlan(2, 120.0, Meter(), Key(0), (PlannedPart("bass", 33),), 7)
PATIENCE = 30.0


def told_with(story: Callable[[Guest], Awaitable[None]], idle: float = 0.0) -> None:
    """Play a story with a guest that goes after *idle* seconds, and stop it."""

    async def played() -> None:
        guest = Guest(open_fake, "the guest", idle)
        try:
            await asyncio.wait_for(story(guest), PATIENCE)
        finally:
            await guest.stop()

    asyncio.run(played())


async def asked(guest: Guest) -> list[object]:
    return [cast(tuple[int, object], item)[1] async for item in guest.ask((PLAN,))]


async def gone(pid: int | None) -> None:
    """Wait until a process has ended."""
    while pid is not None and psutil.pid_exists(pid):
        await asyncio.sleep(0.01)


def test_it_goes_when_it_is_idle_and_comes_back() -> None:
    async def story(guest: Guest) -> None:
        for _ in range(2):
            items = guest.ask((PLAN,))
            await anext(items)
            pid = guest.pid
            assert pid is not None
            rest = [item async for item in items]
            assert len(rest) == PLAN.bars - 1
            await gone(pid)
            assert (guest.pid, guest.model) == (None, MODEL)

    told_with(story)


def test_an_ask_while_it_goes_is_answered() -> None:
    async def story(guest: Guest) -> None:
        for _ in range(3):
            assert await asked(guest) == fake_bars(PLAN)
            await asyncio.sleep(0)  # the clock strikes, and the next ask finds it on its way out

    told_with(story)


def test_it_stays_while_it_works_and_until_the_last_ask_is_done() -> None:
    async def story(guest: Guest) -> None:
        first = guest.ask((PLAN,))
        await anext(first)
        pid = guest.pid
        second = asyncio.create_task(asked(guest))
        await asyncio.sleep(0)
        assert len([item async for item in first]) == PLAN.bars - 1
        assert await second == fake_bars(PLAN)
        assert guest.pid == pid

    told_with(story, idle=PATIENCE * 2)


def test_what_is_stopped_stays_away() -> None:
    async def story(guest: Guest) -> None:
        await asked(guest)
        await guest.stop()
        with pytest.raises(Unavailable, match="the guest was stopped"):
            await asked(guest)

    told_with(story, idle=PATIENCE * 2)


def test_it_may_be_stopped_on_its_way_out() -> None:
    async def story(guest: Guest) -> None:
        await asked(guest)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await guest.stop()
        assert guest.pid is None
        with pytest.raises(Unavailable):
            await asked(guest)

    told_with(story)
