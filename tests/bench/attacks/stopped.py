"""A process that is stopped, not dead: how long does everybody else wait?

python -m bench.attacks.stopped [most seconds to wait]
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bandmate import paths
from bandmate.asks.chords import ChordAsk
from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song
from bandmate.compose.chords import CoWriter
from bandmate.compose.loops import Composer
from bandmate.config import Settings
from bandmate.takes.rendering import Renderings
from bandmate.takes.store import Takes
from bandmate.workers.worker import Worker
from bench.attacks.tables import own_home, show
from fakes import open_fake
from fakes_chords import FakeInspire, FakePrior, FakeProposer
from test_takes import kept

USUAL = 60.0
"""Seconds after which it is taken for endless."""


def _stop(worker: Worker) -> None:
    assert worker.pid
    os.kill(worker.pid, signal.SIGSTOP)


async def _loops(takes: Takes) -> float:
    worker = Worker(open_fake, "the loop model")
    composer = Composer(Settings(), worker, takes)
    ask = LoopAsk.read([("bars", 2), ("seed", 1)])
    try:
        await composer.loop(ask, Song(), "before", lambda _: None)
        _stop(worker)
        first = asyncio.create_task(composer.loop(ask, Song(), "one", lambda _: None))
        await asyncio.sleep(0)
        began = time.monotonic()
        await composer.loop(ask, Song(), "two", lambda _: None)
        await asyncio.gather(first, return_exceptions=True)
        return time.monotonic() - began
    finally:
        await worker.stop()


def _chords(stopped: int) -> Callable[[Takes], Awaitable[float]]:
    async def story(takes: Takes) -> float:
        openings = (FakeProposer, FakePrior, FakeInspire)
        workers = [Worker(opening, opening.__name__) for opening in openings]
        cowriter = CoWriter(Settings(), workers[0], workers[1], workers[2], takes)
        ask = ChordAsk.read([("bars", 2), ("cards", 2), ("text", "warm")])
        try:
            await cowriter.chords(ask, Song(), "before", lambda _: None)
            _stop(workers[stopped])
            first = asyncio.create_task(cowriter.chords(ask, Song(), "one", lambda _: None))
            await asyncio.sleep(0)
            began = time.monotonic()
            await cowriter.chords(ask, Song(), "two", lambda _: None)
            await asyncio.gather(first, return_exceptions=True)
            return time.monotonic() - began
        finally:
            await asyncio.gather(*(worker.stop() for worker in workers))

    return story


async def _sound(takes: Takes) -> float:
    renderings = Renderings()
    clip = kept(takes).clip
    try:
        await renderings.of(1, clip)
        _stop(renderings._guest)
        first = asyncio.create_task(renderings.of(2, clip))
        await asyncio.sleep(0)
        began = time.monotonic()
        await renderings.of(3, clip)
        await asyncio.gather(first, return_exceptions=True)
        return time.monotonic() - began
    finally:
        await renderings.close()


CASES: dict[str, Callable[[Takes], Awaitable[float]]] = {
    "the loop model": _loops,
    "the proposer": _chords(0),
    "the prior": _chords(1),
    "the reader of inspirations": _chords(2),
    "the synthesiser": _sound,
}


async def _waited(story: Callable[[Takes], Awaitable[float]], most: float) -> float:
    takes = Takes(paths.database(), paths.clips())
    try:
        async with asyncio.timeout(most):
            return await story(takes)
    except TimeoutError:
        return most
    finally:
        takes.close()


def main() -> int:
    """Stop each; return 1 where the others waited without an end."""
    most = float(sys.argv[1]) if len(sys.argv) > 1 else USUAL
    rows = []
    for name, story in CASES.items():
        with own_home():
            waits: Coroutine[Any, Any, float] = _waited(story, most)
            seconds = asyncio.run(waits)
        rows.append((name, f"{seconds:.1f}" if seconds < most else f"for ever (> {most:g})"))
    show(list(rows), "stopped", "the next one waits, seconds")
    return int(any("ever" in words for _, words in rows))


if __name__ == "__main__":
    sys.exit(main())
