"""One daemon a home: a lock on a file that names its process, which any death lets go of.

A file that a dead daemon left says nothing by itself: only the lock counts.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bandmate.errors import FileError, Unavailable

NAME = "daemon.lock"
"""The file in bandmate's own folder."""

_AT = 1 << 20
"""The byte that is locked on Windows, where nobody can read what is locked."""


class HomeLock:
    """The lock of a home, held until it is closed."""

    def __init__(self, home: Path) -> None:
        """Take the lock; raises Unavailable where a daemon holds it, FileError where it cannot."""
        self._file = home / NAME
        self._descriptor = _taken(self._file)

    def close(self) -> None:
        """Let go of it; the file goes too."""
        if sys.platform != "win32" and _is_at(self._file, self._descriptor):
            self._file.unlink(missing_ok=True)
        os.close(self._descriptor)

    def mend(self) -> None:
        """Take the lock again where its file was deleted; raises as the constructor does."""
        if not _is_at(self._file, self._descriptor):
            descriptor = _taken(self._file)
            os.close(self._descriptor)
            self._descriptor = descriptor


def holder(home: Path) -> int:
    """Return the process that holds the lock of a home; 0 where none does, or nobody can tell."""
    try:
        descriptor = os.open(home / NAME, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return 0
    try:
        return 0 if _locks(descriptor) else _number(home / NAME)
    finally:
        os.close(descriptor)


def _taken(file: Path) -> int:
    try:
        while True:
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
            if not _locks(descriptor):
                os.close(descriptor)
                raise Unavailable(
                    f"bandmate runs already in {file.parent}{_process(file)}: stop that one, "
                    "or set BANDMATE_HOME to another folder"
                )
            if _is_at(file, descriptor):  # else whoever held it has just removed it
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
                return descriptor
            os.close(descriptor)
    except OSError as error:
        raise FileError(
            f"{file} cannot be locked ({error.strerror}): let your user write it, or move it away"
        ) from error


def _locks(descriptor: int) -> bool:
    """Lock a file for us; return False where another holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _AT, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if isinstance(error, BlockingIOError | PermissionError):
            return False
        raise
    return True


def _is_at(file: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(file.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _process(file: Path) -> str:
    number = _number(file)
    return f" (process {number})" if number else ""


def _number(file: Path) -> int:
    try:
        words = file.read_bytes()[:20].split()
        return int(words[0]) if words else 0
    except (OSError, ValueError):
        return 0
