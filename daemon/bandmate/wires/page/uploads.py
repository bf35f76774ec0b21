"""Files that a page gives to be read as inspiration, kept until its connection closes."""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path, PurePath

from bandmate import paths
from bandmate.errors import AskError, FileError

UPLOAD_BYTES = 30 * 1024 * 1024
"""Largest file that is taken."""

KEPT = 4
"""Files kept of one page; the oldest goes."""

ALL_BYTES = 256 * 1024 * 1024
"""What the files of all pages may have together."""

_SUFFIX_CHARS = 6


class Room:
    """What is left on the disk for the files of all pages; may be used from several threads."""

    def __init__(self, most: int = ALL_BYTES) -> None:
        self._most = most
        self._used = 0
        self._lock = threading.Lock()

    def take(self, size: int) -> None:
        """Count a file; raises AskError where there is no room for it."""
        with self._lock:
            if self._used + size > self._most:
                raise AskError(
                    f"the files of all pages may have {self._most} bytes together: close a page "
                    "that has given some, or load it anew"
                )
            self._used += size

    def leave(self, size: int) -> None:
        """Count a file no more."""
        with self._lock:
            self._used -= size


class Uploads:
    """The files of one page, in a folder of its own; used by one thread at a time."""

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or Room()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: deque[tuple[Path, int]] = deque()
        self._count = 0

    def keep(self, name: str, data: bytes) -> Path:
        """Write a file and return where it lies; of its *name* only the ending is used.

        Raises AskError for one that is empty or too large, FileError where the disk refuses it.
        """
        if not 0 < len(data) <= UPLOAD_BYTES:
            raise AskError(f"a file must have 1..{UPLOAD_BYTES} bytes, not {len(data)}")
        while len(self._files) >= KEPT:
            self._drop()
        try:
            if self._folder is None:
                self._folder = paths.temporary_folder("upload-")
            self._room.take(len(data))
            self._count += 1
            file = Path(self._folder.name, f"{self._count}{_suffix(name)}")
            self._files.append((file, len(data)))
            file.write_bytes(data)
        except OSError as error:
            raise FileError(f"the file cannot be kept: {error.strerror or error}") from error
        return file

    def clear(self) -> None:
        """Remove all of them."""
        folder, self._folder = self._folder, None
        while self._files:
            self._drop()
        if folder:
            folder.cleanup()

    def _drop(self) -> None:
        """Remove the oldest file."""
        file, size = self._files.popleft()
        self._room.leave(size)
        with suppress(OSError):  # (on Windows) it is open: it goes with its folder
            file.unlink(missing_ok=True)


def _suffix(name: str) -> str:
    """Return ``.png``; nothing where the ending is no plain word."""
    suffix = PurePath(name.replace("\\", "/")).suffix.lower()
    word = suffix.removeprefix(".")
    is_plain = word.isascii() and word.isalnum() and len(word) <= _SUFFIX_CHARS
    return suffix if is_plain else ""
