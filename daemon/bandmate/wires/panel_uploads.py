"""Files that a page gives to be read as inspiration, kept until its connection closes."""

from __future__ import annotations

import tempfile
from collections import deque
from pathlib import Path, PurePath

from bandmate.errors import AskError, FileError

UPLOAD_BYTES = 30 * 1024 * 1024
"""Largest file that is taken."""

KEPT = 4
"""Files kept of one page; the oldest goes."""

_SUFFIX_CHARS = 6


class Uploads:
    """The files of one page, in a folder of its own; used by one thread at a time."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: deque[Path] = deque()
        self._count = 0

    def keep(self, name: str, data: bytes) -> Path:
        """Write a file and return where it lies; of its *name* only the ending is used.

        Raises AskError for one that is empty or too large, FileError where the disk refuses it.
        """
        if not 0 < len(data) <= UPLOAD_BYTES:
            raise AskError(f"a file must have 1..{UPLOAD_BYTES} bytes, not {len(data)}")
        try:
            if self._folder is None:
                # A connection that closes must not fail where a file is open (on Windows).
                self._folder = tempfile.TemporaryDirectory(
                    prefix="bandmate-", ignore_cleanup_errors=True
                )
            self._count += 1
            file = Path(self._folder.name, f"{self._count}{_suffix(name)}")
            file.write_bytes(data)
            self._files.append(file)
            while len(self._files) > KEPT:
                self._files.popleft().unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"the file cannot be kept: {error.strerror or error}") from error
        return file

    def clear(self) -> None:
        """Remove all of them."""
        folder, self._folder = self._folder, None
        self._files.clear()
        if folder:
            folder.cleanup()


def _suffix(name: str) -> str:
    """Return ``.png``; nothing where the ending is no plain word."""
    suffix = PurePath(name.replace("\\", "/")).suffix.lower()
    word = suffix.removeprefix(".")
    is_plain = word.isascii() and word.isalnum() and len(word) <= _SUFFIX_CHARS
    return suffix if is_plain else ""
