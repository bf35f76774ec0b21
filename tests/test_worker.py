"""The worker: what it passes on, how it is called off, how it dies, and what it leaves: nothing."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from bandmate.errors import AskError, Cancelled, Unavailable, WeightsError
from bandmate.workers import worker as worker_module
from bandmate.workers.worker import Worker

T = TypeVar("T")
Chore = Callable[[Callable[[], bool]], Iterator[object]]


@dataclass
class Handyman:
    """A servant that does whatever it is handed."""

    name: str = "handy@00000000"
    note: str = "handy as ever"

    def serve(self, request: Chore, is_cancelled: Callable[[], bool]) -> Iterator[object]:
        return request(is_cancelled)


def counts(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield from (1, 2, 3)


def lingers(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield os.getpid()
    while not is_cancelled():
        time.sleep(0.001)
    raise Cancelled("called off")


def is_deaf(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield os.getpid()
    signal.pause()


def ends_quietly(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield "begun"
    while not is_cancelled():
        time.sleep(0.001)


def makes_no_sense(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    raise AskError("bars must be in 1..64, not 65")
    yield


def breaks(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield 1 // 0


def makes_what_cannot_travel(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield lambda: None


def exits(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield 1
    os._exit(3)


def reads_input(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    yield os.read(0, 1)


def prints(is_cancelled: Callable[[], bool]) -> Iterator[object]:
    os.write(1, b"chatter")
    print("more chatter", flush=True)
    yield "done"


def opens_badly(error: Exception) -> Handyman:
    raise error


def run(
    life: Callable[[Worker], Coroutine[object, object, T]],
    opening: Callable[[], Handyman] = Handyman,
) -> T:
    """Live through *life* with a worker that is stopped after it."""

    async def whole() -> T:
        worker = Worker(opening, "loops")
        try:
            return await life(worker)
        finally:
            await worker.stop()
            assert worker.pid is None

    return asyncio.run(whole())


async def items_of(worker: Worker, request: Chore) -> list[object]:
    return [item async for item in worker.ask(request)]


def assert_reaped(pid: int) -> None:
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def test_an_ask_is_answered_item_by_item() -> None:
    async def life(worker: Worker) -> None:
        assert (worker.model, worker.pid) == ("", None)
        await worker.start()
        assert (worker.model, worker.note) == ("handy@00000000", "handy as ever")
        pid = worker.pid
        assert await items_of(worker, counts) == [1, 2, 3]
        assert await items_of(worker, counts) == [1, 2, 3]
        assert worker.pid == pid != os.getpid()

    run(life)


def test_an_ask_starts_what_is_not_started() -> None:
    async def life(worker: Worker) -> None:
        assert await items_of(worker, counts) == [1, 2, 3]

    run(life)


def test_asks_take_turns() -> None:
    async def life(worker: Worker) -> None:
        found = await asyncio.gather(*(items_of(worker, counts) for _ in range(5)))
        assert found == [[1, 2, 3]] * 5

    run(life)


def test_a_kill_while_asked_is_an_answer_and_the_next_ask_works() -> None:
    async def life(worker: Worker) -> None:
        async with aclosing(worker.ask(lingers)) as items:
            pid = await anext(items)
            assert isinstance(pid, int)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(
                Unavailable, match=r"loops died while it worked \(killed by signal 9\)"
            ):
                await anext(items)
        assert_reaped(pid)
        assert await items_of(worker, counts) == [1, 2, 3]
        assert worker.pid != pid

    run(life)


def test_a_process_that_exits_is_an_answer_too() -> None:
    async def life(worker: Worker) -> None:
        with pytest.raises(Unavailable, match=r"loops died while it worked \(exit code 3\)"):
            await items_of(worker, exits)
        assert await items_of(worker, counts) == [1, 2, 3]

    run(life)


@pytest.mark.parametrize("chore", [lingers, ends_quietly])
def test_an_ask_is_called_off_between_two_items(chore: Chore) -> None:
    async def life(worker: Worker) -> None:
        items = worker.ask(chore)
        await anext(items)
        pid = worker.pid
        worker.cancel()
        if chore is lingers:
            with pytest.raises(Cancelled):
                await anext(items)
        else:
            assert await anext(items, "no more") == "no more"
        assert await items_of(worker, counts) == [1, 2, 3]
        assert worker.pid == pid

    run(life)


def test_an_ask_is_called_off_while_the_servant_is_opened() -> None:
    async def life(worker: Worker) -> None:
        asked = asyncio.create_task(items_of(worker, lingers))
        while worker.pid is None:
            await asyncio.sleep(0)
        worker.cancel()
        with pytest.raises(Cancelled):
            await asked

    run(life)


def test_closing_an_ask_early_calls_it_off() -> None:
    async def life(worker: Worker) -> None:
        async with aclosing(worker.ask(lingers)) as items:
            pid = await anext(items)
        assert await items_of(worker, counts) == [1, 2, 3]
        assert worker.pid == pid

    run(life)


def test_a_task_that_is_cancelled_calls_its_ask_off() -> None:
    async def life(worker: Worker) -> None:
        begun = asyncio.Event()

        async def asks() -> None:
            async with aclosing(worker.ask(lingers)) as items:
                async for _ in items:
                    begun.set()

        asked = asyncio.create_task(asks())
        await begun.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await items_of(worker, counts) == [1, 2, 3]

    run(life)


def test_a_servant_that_does_not_hear_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_PATIENCE", 0.05)

    async def life(worker: Worker) -> None:
        items = worker.ask(is_deaf)
        await anext(items)
        worker.cancel()
        with pytest.raises(Unavailable, match="killed by signal 9"):
            await anext(items)
        assert await items_of(worker, counts) == [1, 2, 3]

    run(life)


MISTAKES: list[tuple[Chore, type[Exception], str]] = [
    (makes_no_sense, AskError, "^bars must be in 1..64, not 65$"),
    (breaks, Unavailable, r"^the model's process failed \(ZeroDivisionError: "),
    (makes_what_cannot_travel, Unavailable, r"^the model's process failed \("),
]


@pytest.mark.parametrize(("chore", "kind", "words"), MISTAKES)
def test_a_mistake_crosses_in_words_and_the_process_lives_on(
    chore: Chore, kind: type[Exception], words: str
) -> None:
    async def life(worker: Worker) -> None:
        await worker.start()
        pid = worker.pid
        with pytest.raises(kind, match=words):
            await items_of(worker, chore)
        assert await items_of(worker, counts) == [1, 2, 3]
        assert worker.pid == pid

    run(life)


def test_where_it_broke_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def life(worker: Worker) -> None:
        with pytest.raises(Unavailable):
            await items_of(worker, breaks)

    run(life)
    assert "in breaks" in caplog.text


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (WeightsError("models/x is missing"), WeightsError, "^models/x is missing$"),
        (ValueError("odd"), Unavailable, r"could not be opened \(ValueError: odd\)"),
        (SystemExit(5), Unavailable, r"died while it was opened \(exit code 5\)"),
    ],
)
def test_a_servant_that_cannot_be_opened_says_why_each_time(
    error: Exception, kind: type[Exception], words: str
) -> None:
    async def life(worker: Worker) -> None:
        for _ in range(2):
            with pytest.raises(kind, match=words):
                await worker.start()
            assert worker.pid is None
        with pytest.raises(kind, match=words):
            await items_of(worker, counts)

    run(life, partial(opens_badly, error))


def test_stop_ends_an_ask_under_way_and_leaves_no_process() -> None:
    async def life(worker: Worker) -> None:
        items = worker.ask(lingers)
        pid = await anext(items)
        assert isinstance(pid, int)
        waiting = asyncio.create_task(items_of(worker, counts))
        await asyncio.sleep(0)
        await worker.stop()
        assert_reaped(pid)
        with pytest.raises(Unavailable):
            await anext(items)
        with pytest.raises(Unavailable, match="loops was stopped"):
            await waiting
        await worker.stop()
        await worker.start()
        assert await items_of(worker, counts) == [1, 2, 3]

    run(life)


@pytest.mark.parametrize("is_frozen", [False, True])
def test_stop_does_not_hang_on_a_servant_that_does(
    monkeypatch: pytest.MonkeyPatch, is_frozen: bool
) -> None:
    monkeypatch.setattr(worker_module, "_PATIENCE", 0.05)

    async def life(worker: Worker) -> None:
        items = worker.ask(is_deaf)
        pid = await anext(items)
        assert isinstance(pid, int)
        if is_frozen:
            os.kill(pid, signal.SIGSTOP)
        await worker.stop()
        assert_reaped(pid)
        with pytest.raises(Unavailable, match="loops was stopped"):
            await anext(items)

    run(life)


def test_stop_while_it_starts_leaves_no_process() -> None:
    async def life(worker: Worker) -> None:
        starting = asyncio.create_task(worker.start())
        await asyncio.sleep(0)
        await worker.stop()
        assert not multiprocessing.active_children()
        await asyncio.gather(starting, return_exceptions=True)

    run(life)


def test_an_interrupt_from_the_terminal_is_left_to_the_parent() -> None:
    async def life(worker: Worker) -> None:
        async with aclosing(worker.ask(lingers)) as items:
            pid = await anext(items)
            assert isinstance(pid, int)
            os.kill(pid, signal.SIGINT)
        assert await items_of(worker, counts) == [1, 2, 3]
        assert worker.pid == pid

    run(life)


def test_it_reads_no_input_and_prints_no_output(capfd: pytest.CaptureFixture[str]) -> None:
    async def life(worker: Worker) -> None:
        assert await items_of(worker, reads_input) == [b""]
        assert await items_of(worker, prints) == ["done"]

    run(life)
    out, err = capfd.readouterr()
    assert out == ""
    assert "chatter" in err


PARENT = """
import asyncio
import multiprocessing
from bandmate.workers.worker import Worker
from test_worker import Handyman, is_deaf

async def main():
    worker = Worker(Handyman, "loops")
    async for item in worker.ask(is_deaf):
        print(item, flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a process that is no child")
def test_it_dies_with_its_parent() -> None:
    here = str(Path(__file__).parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([here, *sys.path])}
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as parent:
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        ended, _, _ = select.select([worker], [], [], 30)
        os.close(worker)
    assert ended
