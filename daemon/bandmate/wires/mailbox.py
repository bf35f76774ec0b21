"""The mailbox: how a host without sockets talks to us, one small text file a message.

    mailbox/alive                             the unix second, written each second while we run
    mailbox/<client>/asks/NAME.msg            from the client; taken in the order of names, removed
    mailbox/<client>/answers/00000001.msg     to the client, which removes it

Both sides write under a name that begins with a dot and then rename, so that nobody reads half a
message.
"""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from bandmate.clients.clients import ALIVE, Clients, check_mailbox_name
from bandmate.contract.messages import Message, message_to_text, text_to_message
from bandmate.errors import AskError, FileError
from bandmate.fields import shown
from bandmate.handlers.dispatcher import Desk
from bandmate.wires.mailbox_names import (
    CLEAN_SECONDS,
    CROWDED_SECONDS,
    MAILBOXES,
    MailboxNames,
    Turns,
    entries,
    is_removed,
    last_number,
    remove_older,
)

POLL_SECONDS = 0.05
BEAT_SECONDS = 1.0
MESSAGE_BYTES = 1 << 20
"""Longest message that is read from a file."""

STALE_SECONDS = 60.0
"""An older ask that lies there when the daemon starts is not answered any more, but removed."""

FORGOTTEN_SECONDS = 86400.0
"""Unread answers so old, and empty mailboxes so old, are removed when the daemon starts."""

ASKS_A_ROUND = 64
"""Asks taken from one client before the next has its turn."""

ROUND_BYTES = 2 << 20
"""Bytes of asks after which no others are taken before these are begun."""

ANSWERS_KEPT = 1000
"""Answers that wait for a client; beyond it the oldest go."""

WRITES = 4096
"""Answers that wait to be written; a disk that hangs must not fill the memory."""

_SUFFIX = ".msg"
_NO_FOLLOW = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)

P = ParamSpec("P")
T = TypeVar("T")

Letter = tuple[str, Message | AskError]
"""A client's name, and its message or why there is none."""

log = logging.getLogger(__name__)


class Mailboxes:
    """The files of all mailboxes; every call may block, and one thread alone makes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._answers: dict[str, int] = {}
        self._last = ""
        self._complained: set[str] = set()
        self._turns = Turns()
        self.seen: frozenset[str] = frozenset()  # the names that were there at the last look

    def open(self, now: float) -> None:
        """Make the folder and remove what is stale at the unix second *now*; raises FileError."""
        self._make()
        for box in self._boxes():
            remove_older(box / "asks", now - STALE_SECONDS)
            remove_older(box / "answers", now - FORGOTTEN_SECONDS)
        self.clean(now)

    def clean(self, now: float, kept: str = "") -> None:
        """Remove mailboxes that are empty and old, but not the one that is *kept*."""
        boxes = list(self._boxes())
        age = FORGOTTEN_SECONDS if len(boxes) < MAILBOXES else CROWDED_SECONDS
        for box in boxes:
            if box.name != kept and is_removed(box, now - age):
                self._answers.pop(box.name, None)
        if len(boxes) > MAILBOXES:
            words = "%d mailboxes lay in %s: remove those that are no host's"
            self._warn("crowd", words, len(boxes), self.folder)

    def beat(self, now: float) -> None:
        """Say that the daemon runs at the unix second *now*; the folder may have been deleted."""
        with suppress(FileError):
            self._make()
        self._written(self.folder / ALIVE, f"{now:.3f}\n")

    def close(self) -> None:
        """Say that the daemon runs no more."""
        with suppress(OSError):
            (self.folder / ALIVE).unlink(missing_ok=True)

    def taken(self) -> list[Letter]:
        """Take what lies in the mailboxes, in the order of names, and return it.

        Where it is much, the next call goes on behind the last mailbox.
        """
        boxes = self._turns.all(self.folder, lambda: list(self._boxes()))
        self.seen = frozenset(box.name for box in boxes)
        in_turn = self._turns.of(boxes, self._answers)
        letters: list[Letter] = []
        size = 0
        for box in sorted(in_turn, key=lambda box: (box.name <= self._last, box.name)):
            self._last = box.name
            for letter in self._of(box):
                letters.append((box.name, letter))
                size += _size_of(letter)
                if size >= ROUND_BYTES:
                    return letters
        return letters

    def put(self, client: str, message: Message) -> None:
        """Put an answer into a mailbox, made where it is missing; raises AskError for its name."""
        check_mailbox_name(client)
        answers = self.folder / client / "answers"
        try:
            (self.folder / client / "asks").mkdir(parents=True, exist_ok=True)
            if not answers.is_dir():
                self._answers.pop(client, None)
                answers.mkdir(exist_ok=True)
        except OSError as error:
            self._complain(answers, error)
            return
        number = self._answers.get(client) or last_number(answers, _SUFFIX)
        if self._written(answers / f"{number + 1:08d}{_SUFFIX}", message_to_text(message)):
            self._answers[client] = number + 1
            with suppress(OSError):
                (answers / f"{number + 1 - ANSWERS_KEPT:08d}{_SUFFIX}").unlink(missing_ok=True)

    def _boxes(self) -> Iterator[Path]:
        for entry in entries(self.folder):
            with suppress(AskError):
                check_mailbox_name(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path)

    def _of(self, box: Path) -> Iterator[Message | AskError]:
        names = sorted(
            entry.name
            for entry in entries(box / "asks")
            if not entry.name.startswith(".") and not entry.is_dir(follow_symlinks=False)
        )
        for name in names[:ASKS_A_ROUND]:
            letter = _read(box / "asks" / name)
            try:
                (box / "asks" / name).unlink()
            except FileNotFoundError:
                continue
            except OSError as error:
                # Another program holds it: taken once it can be removed, lest it be done twice.
                self._complain(box / "asks" / name, error)
                continue
            yield letter

    def _written(self, path: Path, text: str) -> bool:
        draft = path.with_name(f".{path.name}")
        try:
            draft.write_bytes(text.encode("utf-8", "replace"))
            draft.replace(path)
        except OSError as error:
            self._complain(path, error)
            return False
        return True

    def _make(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"the mailbox folder {self.folder} cannot be made ({error.strerror})"
            ) from error

    def _complain(self, path: Path, error: OSError) -> None:
        words = "the mailbox file %s cannot be written or removed (%s)"
        self._warn(str(path.parent), words, path, error.strerror)

    def _warn(self, about: str, words: str, *values: object) -> None:
        if about not in self._complained:
            self._complained.add(about)
            log.warning(words, *values)


def _read(path: Path) -> Message | AskError:
    try:
        if path.suffix != _SUFFIX:
            raise AskError(f"a message must be a file called NAME{_SUFFIX}, not {shown(path.name)}")
        return text_to_message(_bytes(path).decode())
    except UnicodeDecodeError:
        return AskError(f"the message {shown(path.name)} must be UTF-8 text")
    except OSError:
        return AskError(f"the message {shown(path.name)} cannot be read")
    except AskError as error:
        return error


def _bytes(path: Path) -> bytes:
    # Neither a link that leads out of the mailbox nor a pipe that never ends is followed.
    descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise AskError(f"the message {shown(path.name)} must be a file")
        if found.st_size > MESSAGE_BYTES:
            raise AskError(
                f"the message {shown(path.name)} must have at most {MESSAGE_BYTES} bytes, "
                f"not {found.st_size}"
            )
        return file.read(MESSAGE_BYTES + 1)


def _size_of(letter: Message | AskError) -> int:
    return sum(map(sys.getsizeof, letter.arguments)) if isinstance(letter, Message) else 0


class MailboxWire:
    """Carries messages between the files and the desk; a thread of its own touches the files."""

    def __init__(
        self, folder: Path, desk: Desk, clients: Clients, now: Callable[[], float] = time.time
    ) -> None:
        self.files = Mailboxes(folder)
        self._desk = desk
        self._clients = clients
        self._now = now
        self._thread = ThreadPoolExecutor(1, "mailbox")
        self._waiting, self._is_full = 0, False
        self._names = MailboxNames(folder)
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Begin to look into the mailboxes; raises FileError."""
        await self._off_loop(self.files.open, self._now())
        await self._off_loop(self.files.beat, self._now())
        self._clients.reach_mailbox(self._send)
        self._clients.check_mailbox = self._names.check
        self._tasks = [asyncio.create_task(x()) for x in (self._look, self._beat, self._clean)]

    async def close(self) -> None:
        """Write what is to be written, and say that nobody looks any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._off_loop(self.files.close)
        self._thread.shutdown(wait=False)

    async def _look(self) -> None:
        while True:
            letters = await self._off_loop(self.files.taken)
            self._names.there = self.files.seen
            for name, letter in letters:
                self._received(name, letter)
                await self._desk.pace.settled(f"mailbox:{name}")  # few are held at once
            await asyncio.sleep(POLL_SECONDS)

    async def _clean(self) -> None:
        while True:
            await asyncio.sleep(CLEAN_SECONDS)
            owner = self._clients.owner.name if self._clients.owner else ""
            await self._off_loop(self.files.clean, self._now(), owner.partition(":")[2])
            self._names.made.clear()

    def _received(self, name: str, letter: Message | AskError) -> None:
        client = self._clients.of_mailbox(name)
        if isinstance(letter, Message):
            self._desk.take_in(client, letter)
        else:
            self._desk.refuse(client, letter)

    async def _beat(self) -> None:
        while True:
            await self._off_loop(self.files.beat, self._now())
            await asyncio.sleep(BEAT_SECONDS)

    def _send(self, client: str, message: Message) -> None:
        if self._waiting >= WRITES:
            if not self._is_full:
                log.warning("answers to mailboxes are dropped (%s): %d wait", client, WRITES)
            self._is_full = True
            return
        self._waiting += 1
        written = asyncio.get_running_loop().run_in_executor(
            self._thread, self.files.put, client, message
        )
        written.add_done_callback(self._was_written)

    def _was_written(self, written: asyncio.Future[None]) -> None:
        self._waiting -= 1
        self._is_full &= self._waiting > 0
        if not written.cancelled() and (error := written.exception()):
            log.error("an answer could not be put into its mailbox: %s", error)

    async def _off_loop(self, do: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(do, *args, **named))
