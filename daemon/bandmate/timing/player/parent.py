"""A process that opens something slowly, and must not outlive the one that started it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

LOOK_SECONDS = 0.5


@contextmanager
def leaving_with_parent() -> Iterator[None]:
    """Leave the process at once where its parent goes while the block runs.

    Where a process has no parent to lose (on Windows), nothing happens.
    """
    is_over, parent = threading.Event(), os.getppid()

    def look() -> None:
        while not is_over.wait(LOOK_SECONDS):
            if os.getppid() != parent:
                os._exit(1)

    threading.Thread(target=look, name="parent", daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
