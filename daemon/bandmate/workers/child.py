"""Inside the worker's process: a servant is opened, and serves one request after the other.

What goes back over the pipe is always ``(number of the ask, reply)``. A request is called off where
the number that both processes share has reached its own. Whoever works gives signs of life, so that
the parent can tell a long piece of work from a process that is stopped.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from bandmate.errors import BandmateError, Cancelled, Unavailable

OPENING = 0
"""The number under which the opening is answered; asks count from 1."""


class Shared(ctypes.Structure):
    """What parent and child both see."""

    _fields_ = (("called_off", ctypes.c_int64), ("signs", ctypes.c_int64))

    called_off: int
    """Asks up to this number are called off."""
    signs: int
    """Counts the signs of life."""


_shared = Shared()
"""Of this process: that of the worker it is the child of, else nobody's."""


def sign_of_life() -> None:
    """Tell the parent that work goes on; does nothing in a process that is no worker's."""
    _shared.signs += 1


class Servant(Protocol):
    """What works in the process: a model, opened."""

    @property
    def name(self) -> str:
        """The model and its checksum, ``loops@1a2b3c4d``."""

    @property
    def note(self) -> str:
        """A sentence worth telling at the start, or nothing."""

    def serve(
        self,
        request: Any,  # noqa: ANN401 - each kind of servant has its own
        is_cancelled: Callable[[], bool],
    ) -> Iterator[object]:
        """Yield picklable items; raises Cancelled soon after *is_cancelled* says so."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The servant is there."""

    model: str
    note: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the servant made."""

    item: object


@dataclass(frozen=True, slots=True)
class Done:
    """All was made."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It went wrong."""

    error: BandmateError
    trace: str = ""
    """Where it went wrong, for the log; empty for what a person can mend."""


Reply = Opened | Item | Done | Failed


def work(opening: Callable[[], Servant], pipe: Connection, shared: Shared) -> None:
    """Open the servant, then serve until the pipe says None or the parent is gone."""
    global _shared  # noqa: PLW0603 - a process has one parent
    _shared = shared
    _settle_in()
    try:
        servant = opening()
        opened = Opened(servant.name, servant.note)
    except Exception as error:  # noqa: BLE001 - all of it is answered
        _send(pipe, OPENING, _failed(error, "could not be opened"))
        return
    _send(pipe, OPENING, opened)
    while (message := _received(pipe)) is not None:
        number, request = message
        _send(pipe, number, _served(servant, number, request, pipe))


def _served(servant: Servant, number: int, request: object, pipe: Connection) -> Reply:
    """Send what the servant makes, and return how it ended."""

    def is_cancelled() -> bool:
        sign_of_life()
        return _shared.called_off >= number

    try:
        for item in servant.serve(request, is_cancelled):
            if is_cancelled():
                raise Cancelled("the ask was called off")
            _send(pipe, number, Item(item))
    except Exception as error:  # noqa: BLE001 - all of it is answered
        return _failed(error, "failed")
    return Done()


def _failed(error: Exception, what: str) -> Failed:
    """Return an error as it crosses: a person's mistake as itself, all else in a sentence."""
    if isinstance(error, BandmateError):
        return Failed(type(error)(str(error)))
    words = f"the model's process {what} ({type(error).__name__}: {error})"
    return Failed(Unavailable(words), "".join(traceback.format_exception(error)))


def _received(pipe: Connection) -> tuple[int, object] | None:
    try:
        message: tuple[int, object] | None = pipe.recv()
    except (EOFError, OSError):
        return None
    return message


def _send(pipe: Connection, number: int, reply: Reply) -> None:
    try:
        pipe.send((number, reply))
    except OSError:
        raise SystemExit(1) from None  # nobody listens any more


def _settle_in() -> None:
    """Make the process a good child: it takes no input, prints no output and outlives nobody."""
    # Ctrl-C in a terminal reaches every process of the group; the parent ends us in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    # What a library prints must not land in the JSON that the parent writes to its output.
    os.dup2(2, 1)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
