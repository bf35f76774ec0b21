"""A worker that is stopped, not dead, is ended like a dead one; one that works is left alone."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from functools import partial

import pytest

from bandmate import paths
from bandmate.asks.chords import ChordAsk
from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song
from bandmate.compose.chords import CoWriter
from bandmate.compose.estimate import Forecast
from bandmate.compose.loops import Composer
from bandmate.config import Settings
from bandmate.errors import Unavailable
from bandmate.takes.store import Takes
from bandmate.workers import silence as silence_module
from bandmate.workers import worker as worker_module
from bandmate.workers.silence import LEAST, TIMES, UNKNOWN, Silence, allowed
from bandmate.workers.worker import Worker
from fakes import open_fake
from fakes_chords import FakeInspire, FakePrior, FakeProposer
from test_worker import Handyman, counts, is_deaf, items_of, lingers, run

SILENT = "loops gave no sign of life for .* seconds and was ended; ask again"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_TICK", 0.05)
    monkeypatch.setattr(silence_module, "UNKNOWN", 2.0)
    monkeypatch.setattr(silence_module, "LEAST", 2.0)


def stop(pid: object) -> None:
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGSTOP)


def test_a_stopped_process_is_an_answer_and_the_next_ask_works() -> None:
    async def life(worker: Worker) -> None:
        async with aclosing(worker.ask(lingers)) as items:
            pid = await anext(items)
            stop(pid)
            waiting = asyncio.create_task(items_of(worker, counts))
            with pytest.raises(Unavailable, match=SILENT):
                await anext(items)
        assert await waiting == [1, 2, 3]
        assert worker.pid != pid

    run(life)


def test_one_that_hangs_without_a_word_is_ended_too() -> None:
    async def life(worker: Worker) -> None:
        with pytest.raises(Unavailable, match=SILENT):
            await items_of(worker, is_deaf)
        assert await items_of(worker, counts) == [1, 2, 3]

    run(life)


def works_long(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    for _ in range(60):
        time.sleep(0.05)
        is_cancelled()
    yield "made"


def test_one_that_works_long_is_left_alone() -> None:
    async def life(worker: Worker) -> None:
        assert await items_of(worker, works_long) == ["made"]

    run(life)


def test_a_pause_of_the_daemon_itself_is_no_silence() -> None:
    async def life(worker: Worker) -> None:
        async with aclosing(worker.ask(counts_slowly)) as items:
            pid = await anext(items)
            assert isinstance(pid, int)
            stop(pid)
            time.sleep(3.0)  # the whole group is stopped, as by Ctrl-Z
            os.kill(pid, signal.SIGCONT)
            assert [item async for item in items] == ["made"]

    run(life)


def counts_slowly(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield os.getpid()
    yield from works_long(is_cancelled)


def takes_much(data: bytes, is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield len(data)


def test_a_large_request_to_a_stopped_process_does_not_stall_the_loop() -> None:
    async def life(worker: Worker) -> None:
        await worker.start()
        stop(worker.pid)
        asked = asyncio.create_task(items_of(worker, partial(takes_much, bytes(1 << 22))))
        beats = 0
        while not asked.done():
            beats += 1
            await asyncio.sleep(0.01)
        with pytest.raises(Unavailable, match=SILENT):
            await asked
        assert beats > 5
        assert await items_of(worker, partial(takes_much, bytes(1 << 22))) == [1 << 22]

    run(life)


def opens_never() -> Handyman:
    os.kill(os.getpid(), signal.SIGSTOP)
    return Handyman()


def test_one_that_is_stopped_while_it_opens_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_OPENING_SECONDS", 1.0)

    async def life(worker: Worker) -> None:
        with pytest.raises(Unavailable, match=SILENT):
            await worker.start()

    run(life, opens_never)


def test_one_that_not_even_a_kill_ends_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_PATIENCE", 0.1)

    async def life(worker: Worker) -> None:
        async with aclosing(worker.ask(lingers)) as items:
            pid = await anext(items)
            stop(pid)
            assert worker._child
            process = worker._child.process
            with monkeypatch.context() as patch:
                patch.setattr(process, "kill", lambda: None)
                with pytest.raises(Unavailable, match=SILENT):
                    await anext(items)
                assert await items_of(worker, counts) == [1, 2, 3]
                assert process.is_alive()
            process.kill()

    run(life)


def test_the_loops_of_the_others_are_made_while_one_hangs() -> None:
    async def story() -> None:
        worker = Worker(open_fake, "the loop model")
        takes = Takes(paths.database(), paths.clips())
        composer = Composer(Settings(), worker, takes)
        ask = LoopAsk.read([("bars", 2), ("seed", 1)])
        try:
            await worker.start()
            stop(worker.pid)
            first = asyncio.create_task(composer.loop(ask, Song(), "one", lambda _: None))
            await asyncio.sleep(0)
            others = [composer.loop(ask, Song(), f"c{i}", lambda _: None) for i in range(3)]
            made = await asyncio.gather(*others)
            with pytest.raises(Unavailable, match="the loop model gave no sign of life"):
                await first
            assert [take.number for (take,) in made] == [1, 2, 3]
        finally:
            await worker.stop()
            takes.close()

    asyncio.run(story())


@pytest.mark.parametrize("stopped", [0, 1])
def test_cards_are_dealt_though_the_proposer_or_the_prior_is_stopped(stopped: int) -> None:
    async def story() -> None:
        workers = [
            Worker(opening, name)
            for opening, name in (
                (FakeProposer, "the proposer"), (FakePrior, "the prior"), (FakeInspire, "inspire")
            )
        ]  # fmt: skip
        takes = Takes(paths.database(), paths.clips())
        cowriter = CoWriter(Settings(), workers[0], workers[1], workers[2], takes)
        ask = ChordAsk.read([("bars", 2), ("cards", 2), ("seed", 1)])
        try:
            await workers[stopped].start()
            stop(workers[stopped].pid)
            answer = await cowriter.chords(ask, Song(), "one", lambda _: None)
            assert len(answer.cards) == 2
            assert any("gave no sign of life" in note for note in answer.notes)
        finally:
            await asyncio.gather(*(worker.stop() for worker in workers))
            takes.close()

    asyncio.run(story())


def test_silence_is_allowed_by_what_was_usual() -> None:
    known = Silence()
    first = known.of("text")
    assert first.limit() == silence_module.UNKNOWN
    first.heard(0.3)
    first.heard(0.1)
    assert known.of("text").limit() == silence_module.UNKNOWN  # not answered: nothing is learnt
    first.done()
    assert known.of("text").limit() == pytest.approx(3.0)
    assert known.of(7).limit() == silence_module.UNKNOWN
    assert known.of("text", lambda: 5.0).limit() == 5.0


def test_a_bar_that_takes_long_is_waited_for_ten_times_as_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    assert (allowed(None), allowed(0.1), allowed(4.0)) == (UNKNOWN, LEAST, 4.0 * TIMES)
    now = [0.0]
    forecast = Forecast(lambda: now[0])
    watch = forecast.watch(2, [range(2)])
    assert watch.silence() == UNKNOWN
    now[0] += 5.0
    watch.made(0, 0)
    assert watch.silence() == 50.0
    now[0] += 2.0
    watch.made(0, 1)
    assert forecast.watch(2, [range(2)]).silence() == 20.0  # the first had to be opened for
