"""What a daemon that was killed left behind: found at the start, and swept away.

Temporary files lie in a folder of bandmate's own, which is nobody's but the running daemon's: what
lies there when it starts, a dead one left. Elsewhere only names that nobody else gives are touched.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bandmate import paths

STALE_SECONDS = 60.0
"""A draft beside what it becomes is left alone while another program may write it."""

_DRAFT = re.compile(
    r"\.([0-9a-f]{16}\.part|doctor-[0-9a-f]{8}|takes\.sqlite3\.[0-9a-f]{8}(-wal|-shm)?)"
)

log = logging.getLogger(__name__)


def swept(clips: Path) -> int:
    """Remove what a killed daemon left, also among the clips; return how many; never raises."""
    count = 0
    for path in _left(clips):
        try:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            count += 1
        except OSError as error:
            log.warning("%s cannot be removed (%s): remove it", path, error.strerror)
    if count:
        log.info("%d temporary files that a killed daemon left were removed", count)
    return count


def _left(clips: Path) -> Iterator[Path]:
    yield from _entries(paths.temporary())
    before = time.time() - STALE_SECONDS
    for path in (*_entries(paths.home()), *_entries(clips)):
        if _DRAFT.fullmatch(path.name):
            with suppress(OSError):
                if path.lstat().st_mtime < before:
                    yield path


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
