"""The daemon as a process: its limits, a log that does not grow without end, closing in time."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bandmate.system import process
from bandmate.system.process import Closing, LoopTroubles, Repeats, in_own_thread

DAEMON = Path(__file__).parents[1] / "daemon"


def record(words: str, *args: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("wire", level, "file", 1, words, args, None)


# the log


def test_the_same_sentence_is_logged_so_often_a_minute_and_then_counted() -> None:
    clock = [0.0]
    repeats = Repeats(lambda: clock[0])
    passed = [repeats.filter(record("%d came", number)) for number in range(1000)]
    assert passed == [True] * process.REPEATS + [False] * (1000 - process.REPEATS)
    clock[0] = process.REPEATS_SECONDS
    told = record("%d came", 7)
    assert repeats.filter(told)
    assert told.getMessage() == f"7 came (and {1000 - process.REPEATS} times before)"


def test_another_sentence_is_not_held_back() -> None:
    repeats = Repeats(lambda: 0.0)
    for number in range(1000):
        repeats.filter(record("%d came", number))
    assert repeats.filter(record("%d went", 1))
    assert repeats.filter(record("%d came", 1, level=logging.ERROR))


def test_a_lack_of_descriptors_is_told_once_a_minute_and_all_else_as_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = [0.0]
    others: list[dict[str, object]] = []
    troubles = LoopTroubles(lambda: clock[0])
    lack = {
        "message": "socket.accept() out of system resource",
        "exception": OSError(errno.EMFILE, "Too many open files"),
    }
    loop = asyncio.new_event_loop()
    loop.default_exception_handler = others.append  # type: ignore[method-assign, assignment]
    for second in range(121):
        clock[0] = float(second)
        for _ in range(64):
            troubles(loop, lack)
    troubles(loop, {"message": "something else"})
    loop.close()
    assert len(caplog.records) == 3
    assert "Too many open files" in caplog.text
    assert "Traceback" not in caplog.text
    assert others == [{"message": "something else"}]


def test_asyncio_calls_a_lack_of_descriptors_by_the_name_that_we_know() -> None:
    selector_events = pytest.importorskip("asyncio.selector_events")
    assert process._ACCEPT in Path(selector_events.__file__).read_text("utf-8")


# files


def test_it_raises_its_own_limit_of_open_files() -> None:
    resource = pytest.importorskip("resource")
    script = (
        "import resource, sys; hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))\n"
        "from bandmate.system import process; print(process.allow_open_files())\n"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(DAEMON)},
    )  # fmt: skip
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = process.OPEN_FILES
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    assert told.stdout.split() == [str(wanted)] * 2


# closing


def closed(seconds: float, *closes: Callable[[], Awaitable[object]]) -> None:
    async def story() -> None:
        closing = Closing(seconds)
        for close in closes:
            await closing(close)

    asyncio.run(story())


def test_what_hangs_is_given_up_and_what_comes_behind_is_closed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ended = []

    async def quick() -> None:
        ended.append("quick")

    async def hanging() -> None:
        await asyncio.Event().wait()

    async def failing() -> None:
        raise ZeroDivisionError

    closed(0.05, quick, hanging, failing, hanging, quick)
    assert ended == ["quick", "quick"]
    words = [record.getMessage().rpartition(".")[2] for record in caplog.records]
    late = "hanging did not end in time and was given up"
    assert words == [late, "failing failed", late]


def test_what_is_closed_together_shares_the_time() -> None:
    async def story() -> None:
        first, second = asyncio.Event(), asyncio.Event()

        async def one() -> None:
            first.set()
            await second.wait()

        async def two() -> None:
            await first.wait()
            second.set()

        await Closing(20.0)(one, two)
        assert second.is_set()

    asyncio.run(story())


def test_a_call_has_a_thread_where_all_of_the_loop_wait() -> None:
    async def story() -> None:
        is_over, done = threading.Event(), threading.Event()
        waits = [asyncio.to_thread(is_over.wait) for _ in range(100)]
        blocked = asyncio.gather(*waits)
        await asyncio.sleep(0)
        await asyncio.wait_for(in_own_thread(done.set), 20)
        assert done.is_set()
        is_over.set()
        await blocked

    asyncio.run(story())
