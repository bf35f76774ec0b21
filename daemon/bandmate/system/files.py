"""Files that somebody names to be read: plain ones alone, and no further than that somebody may."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from bandmate.errors import FileError

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe is not waited for
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


class GrantedPath(type(Path())):  # type: ignore[misc]
    """A path that was looked at for somebody who asked: it leads through no link, then and now."""

    __slots__ = ()


def open_plain(path: Path) -> BinaryIO:
    """Open a file to be read; a GrantedPath is followed through no link.

    Raises FileError in a sentence for what is not there and for folders, devices, pipes and
    sockets, which are never waited for.
    """
    is_granted = isinstance(path, GrantedPath)
    try:
        _check_plain(path, path.stat(follow_symlinks=not is_granted))
        descriptor = os.open(path, _FLAGS | (_NO_FOLLOW if is_granted else 0))
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read: {_reason(error)}") from error
    try:
        found = os.fstat(descriptor)
        _check_plain(path, found)
        if is_granted and not _is_still_there(path, found):
            raise FileError(f"{path} cannot be read: something else was put in its place")
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def read_plain(path: Path, most: int) -> bytes:
    """Return the first *most* bytes of a file; raises FileError as `open_plain` does."""
    with open_plain(path) as file:
        try:
            return file.read(most)
        except OSError as error:
            raise FileError(f"{path} cannot be read: {_reason(error)}") from error


def _check_plain(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{path} cannot be read: it is no plain file")


def _is_still_there(path: Path, found: os.stat_result) -> bool:
    """Return True where the path itself, no link in it, leads to the file that was opened."""
    try:
        return os.path.realpath(path) == str(path) and os.path.samestat(path.lstat(), found)
    except OSError:
        return False


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
