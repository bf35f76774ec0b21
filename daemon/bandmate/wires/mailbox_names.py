"""Which mailboxes there are: who may have one, whose turn it is, and which are forgotten."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bandmate.clients.clients import check_mailbox_name
from bandmate.errors import AskError

MAILBOXES = 64
"""Mailboxes that are made for who says hello, and that are looked into in one round."""

CROWDED_SECONDS = 600.0
"""Empty mailboxes so old are removed where there are MAILBOXES."""

CLEAN_SECONDS = 60.0
"""From one look for forgotten mailboxes to the next."""


_YOUNG = 200_000_000  # nanoseconds


class MailboxNames:
    """The mailboxes that answers may go to."""

    def __init__(self, folder: Path) -> None:
        self.there: frozenset[str] = frozenset()
        """Those that lie in the folder, as they were seen last."""
        self.made: set[str] = set()
        """Those of a hello that is being answered: they are about to be there."""
        self._folder = folder

    def check(self, name: str, is_hello: bool) -> None:
        """Raise AskError for a mailbox that is not there; a hello alone makes a new one."""
        check_mailbox_name(name)
        if name in self.there or name in self.made:
            return
        if not is_hello:
            raise AskError(
                f"there is no mailbox {name}: say hello with reply mailbox:{name} first, or make "
                "its folders"
            )
        if len(self.there | self.made) >= MAILBOXES:
            raise AskError(
                f"there are {MAILBOXES} mailboxes already: remove those that nobody uses from "
                f"{self._folder}, or ask again in {CROWDED_SECONDS / 60:g} minutes"
            )
        self.made.add(name)


class Turns:
    """Lets many mailboxes take turns, so that a round costs the same however many there are."""

    def __init__(self) -> None:
        self._at = self._changed = 0
        self._boxes: list[Path] = []

    def all(self, folder: Path, look: Callable[[], list[Path]]) -> list[Path]:
        """Return what *look* finds in a folder; it looks only where that has changed since."""
        changed = _changed(folder)
        # What is so young may change once more without being told from now.
        if changed != self._changed or changed > time.time_ns() - _YOUNG:
            self._boxes = look()
            self._changed = changed
        return self._boxes

    def of(self, boxes: list[Path], known: dict[str, int]) -> list[Path]:
        """Return MAILBOXES of them: half of those *known* by name, then others in turn."""
        if len(boxes) <= MAILBOXES:
            return boxes
        first = [box for box in boxes if box.name in known][: MAILBOXES // 2]
        others = [box for box in boxes if box not in first]
        count = MAILBOXES - len(first)
        self._at = (self._at + count) % len(others)
        return first + (others[self._at :] + others)[:count]


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def is_removed(box: Path, second: float) -> bool:
    """Remove a mailbox that nobody touched since then, if it is empty; return whether it was."""
    known = [folder for folder in (box / "asks", box / "answers", box) if folder.is_dir()]
    with suppress(OSError):
        if all(folder.stat().st_mtime < second for folder in known):
            for folder in known:
                folder.rmdir()
            return True
    return False


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder; nothing where that cannot be told."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def remove_older(folder: Path, second: float) -> None:
    """Remove the files of a folder that are older."""
    for entry in entries(folder):
        with suppress(OSError):
            if entry.stat(follow_symlinks=False).st_mtime < second:
                Path(entry.path).unlink()


def last_number(answers: Path, suffix: str) -> int:
    """Return the highest number of the answers that lie in a folder; 0 where none does."""
    stems = (entry.name.removesuffix(suffix) for entry in entries(answers))
    return max((int(stem) for stem in stems if stem.isascii() and stem.isdecimal()), default=0)
