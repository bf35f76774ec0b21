"""What is bandmate's own is the person's alone: folders 0700, files 0600."""

from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_FILES = ("*.yaml", "*.json", "*.sqlite3", "*.sqlite3-*", "*.sqlite3.*", "*.log")
_FOLDERS = ("mailbox", "clips")
_OTHERS = 0o077

log = logging.getLogger(__name__)


def keep_private(home: Path) -> int:
    """Take from everybody else what they may do in bandmate's folder; return in how many places.

    It is told in the log where something was open: once, since it is so no more. What cannot be
    changed is told each time. Nothing is done on Windows, where the folder lies in a profile that
    is the person's alone.
    """
    if sys.platform == "win32":
        log.debug("permissions are left as Windows has them: %s lies in your profile", home)
        return 0
    if home.resolve() in (Path.home().resolve(), Path("/")):
        log.warning("%s is not made private: let BANDMATE_HOME name a folder of its own", home)
        return 0
    changed = 0
    try:
        for path, mode in _open_to_others(home):
            path.chmod(mode)
            changed += 1
    except OSError as error:
        log.warning(
            "%s can be read by others on this machine, and that cannot be changed (%s): "
            "let BANDMATE_HOME name a folder of yours",
            error.filename or home,
            error.strerror,
        )
    if changed:
        log.info(
            "%s is yours alone now: %d of its files and folders were open to others", home, changed
        )
    return changed


def _open_to_others(home: Path) -> Iterator[tuple[Path, int]]:
    """Yield what others may see, with what it is to be; links are left alone."""
    for path in _own(home):
        with suppress(FileNotFoundError):  # a message may be taken meanwhile
            found = path.lstat()
            if not stat.S_ISLNK(found.st_mode) and found.st_mode & _OTHERS:
                yield path, stat.S_IMODE(found.st_mode) & ~_OTHERS


def _own(home: Path) -> Iterator[Path]:
    yield home
    for pattern in _FILES:
        yield from home.glob(pattern)
    for name in _FOLDERS:
        yield home / name
    for folder, folders, files in os.walk(home / "mailbox"):  # links to folders are not entered
        yield from (Path(folder, name) for name in (*folders, *files))
