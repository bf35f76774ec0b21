"""The daemon as a process: its limits, what its log may grow by, and how it ends in time.

Closing has one deadline that everything shares. Whatever hangs beyond it (a thread that waits for a
disk, an event loop that is blocked) is ended with the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

CLOSE_SECONDS = 2.2
"""For closing everything in order."""

EXIT_SECONDS = 3.0
"""After a signal, the process ends by itself or is ended."""

OPEN_FILES = 4096
"""Files that may be open at once, as far as the system lets us say so."""

FEW_FILES = 512
"""With fewer than these, full wires leave too few for the database and the clips."""

REPEATS, REPEATS_SECONDS = 30, 60.0
"""The same sentence of the log in that many seconds; what goes beyond it is counted."""

ACCEPT_SECONDS = 60.0
"""Between two log lines that say that no connection can be taken."""

_LEAST_SECONDS = 0.05
_ACCEPT = "socket.accept() out of system resource"  # what asyncio calls it

log = logging.getLogger(__name__)


def allow_open_files() -> int:
    """Raise our own soft limit of open files as far as it goes; return it, 0 where there is none.

    Whatever the wires hold at most must leave room for the database and the clips.
    """
    try:
        import resource
    except ImportError:  # on Windows
        return 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    if soft != resource.RLIM_INFINITY and soft < FEW_FILES:
        log.warning("only %d files may be open at once: let your user have %d", soft, FEW_FILES)
    return soft


class Repeats(logging.Filter):
    """Lets the same sentence through so many times a minute; the next one tells how many were not.

    Two records are the same sentence where logger, level and the unformatted message are the same.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._seen: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True for a record that is logged."""
        key = (record.name, record.levelno, str(record.msg))
        since, count = self._seen.get(key, (self._now(), 0))
        if self._now() - since >= REPEATS_SECONDS:
            if count > REPEATS:
                record.msg = f"{record.getMessage()} (and {count - REPEATS} times before)"
                record.args = ()
            since, count = self._now(), 0
        self._seen[key] = (since, count + 1)
        return count < REPEATS


class LoopTroubles:
    """What the event loop tells of: a lack of descriptors once a minute, all else as it does."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._told = -ACCEPT_SECONDS

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Log it; handed to ``loop.set_exception_handler``."""
        if context.get("message") != _ACCEPT:
            loop.default_exception_handler(context)
        elif self._now() - self._told >= ACCEPT_SECONDS:
            self._told = self._now()
            error = context.get("exception")
            log.error(
                "new connections wait, for no more files can be opened (%s): raise the limit with "
                "`ulimit -n`, or end the program that holds so many connections", error
            )  # fmt: skip


async def in_own_thread(call: Callable[[], None]) -> None:
    """Await a call that may block, where all threads of the loop may be waiting already."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def run() -> None:
        try:
            call()
        except Exception:
            log.exception("%r failed", call)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, daemon=True).start()
    await done.wait()


class Closing:
    """Closes one thing after the other within a deadline that begins with the first."""

    def __init__(
        self, seconds: float = CLOSE_SECONDS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._now = seconds, now
        self._until: float | None = None

    async def __call__(self, *closes: Callable[[], Awaitable[object]]) -> None:
        """Await *closes* together; what takes longer than what is left is named and given up."""
        if self._until is None:
            self._until = self._now() + self._seconds
        left = max(_LEAST_SECONDS, self._until - self._now())
        tasks = {asyncio.ensure_future(close()): close for close in closes}
        _, late = await asyncio.wait(tasks, timeout=left)
        for task in late:
            task.cancel()
            log.warning("%s did not end in time and was given up", _name(tasks[task]))
        for task in tasks.keys() - late:
            if not task.cancelled() and (error := task.exception()):
                log.error("%s failed", _name(tasks[task]), exc_info=error)


def _name(call: object) -> str:
    named = call.args[0] if isinstance(call, partial) else call
    return str(getattr(named, "__qualname__", named))


def on_signal(end: Callable[[], None]) -> None:
    """Call *end* on the running loop at SIGTERM or Ctrl-C; EXIT_SECONDS later the process is over.

    The handlers are the interpreter's own, so that they are heard while the loop is blocked.
    """
    loop = asyncio.get_running_loop()
    heard: list[object] = []

    def handle(number: int, _: object) -> None:
        heard.append(number)
        if len(heard) == 1:
            with contextlib.suppress(RuntimeError):  # the loop is closed: we are nearly gone
                loop.call_soon_threadsafe(end)
            threading.Thread(target=_exit_late, name="exit", daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _exit_late() -> None:
    time.sleep(EXIT_SECONDS)
    for child in multiprocessing.active_children():
        child.kill()  # one that is stopped would not notice that we are gone
    # In a thread of its own: whoever hangs may hang in the log.
    words = f"bandmate did not stop within {EXIT_SECONDS:g} seconds and was ended"
    telling = threading.Thread(target=log.warning, args=("%s", words), daemon=True)
    telling.start()
    telling.join(0.1)
    os._exit(0)
