"""The shelf: a small window of the latest takes, from which clips are dragged into any DAW.

    feed        follows the daemon by TCP, in a thread of its own; no Qt
    arriving    a take whose notes are on their way; no Qt
    rows        what the shelf knows of each take, newest first; no Qt
    words       what a row says of its take; no Qt
    keys        the keys, as a person reads them; no Qt
    files       the file that is dragged; no Qt
    lanes       where the notes of a little roll lie; no Qt
    picture     the little roll
    elided      a line of text that fits
    row_view    one take: its roll, its buttons, its drag
    window      all of it, on top of all other windows
    look        the colours, dark and light
    place       where the window lay
    fonts       where the cache of the fonts is written
    program     from start to end

A program of its own beside the daemon, with the extra ``shelf``. A browser cannot drag a file into
a DAW; this can.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

from bandmate.errors import FileError, Unavailable

if TYPE_CHECKING:
    from bandmate.config import Settings

_HOME = ("127.0.0.1", "localhost", "::1")


def run(settings: Settings) -> int:
    """Show the shelf until it is closed and return the exit code.

    Raises Unavailable where Qt is not installed, or there is no screen, and FileError where the
    takes cannot be used by this version, so that no daemon would answer.
    """
    _check_takes(settings)
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        raise Unavailable(
            f"the shelf needs PySide6, which cannot be opened ({error}): "
            "pip install bandmate[shelf]"
        ) from error
    _check_screen()
    from bandmate.shelf.fonts import keep_cache_at_home
    from bandmate.shelf.program import show

    keep_cache_at_home()

    return show(settings)


def _check_takes(settings: Settings) -> None:
    from bandmate import paths
    from bandmate.system.home_lock import holder
    from bandmate.takes.database import refusal

    is_alone = settings.host in _HOME and not holder(paths.home())
    if is_alone and (words := refusal(paths.database())):
        raise FileError(words)


def _check_screen() -> None:
    # Qt ends the process where there is none: nothing could be told then.
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in screens):
        raise Unavailable("the shelf needs a screen: neither DISPLAY nor WAYLAND_DISPLAY is set")
