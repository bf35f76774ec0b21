"""The daemon's command line, its event loop watched: ``python -m bench.attacks.watched FILE ...``.

FILE holds the most milliseconds of the processor that one turn of the loop took, which a busy
machine does not change, and after them the callback that took longest in it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

from bandmate.app.cli import main


def watch(file: Path) -> None:
    """Write down the longest turn from now on."""
    loops: Any = asyncio.base_events.BaseEventLoop
    handles: Any = asyncio.events.Handle
    turn, run = loops._run_once, handles._run
    worst = [0.0]
    slowest: list[Any] = [0.0, None]

    def watched_run(handle: Any) -> None:
        began = time.thread_time()
        run(handle)
        if (spent := time.thread_time() - began) > slowest[0]:
            slowest[:] = [spent, repr(handle)[:300]]

    def watched_turn(loop: Any) -> None:
        began = time.thread_time()
        slowest[:] = [0.0, None]
        turn(loop)
        spent = time.thread_time() - began
        if spent > 0.002 and (spent > worst[0] or not file.exists()):
            worst[0] = spent
            file.write_text(f"{spent * 1000:.3f} {slowest[0] * 1000:.3f} {slowest[1]}\n")

    loops._run_once, handles._run = watched_turn, watched_run


if __name__ == "__main__":
    started = Path(sys.argv[1])
    watch(started)
    sys.exit(main(sys.argv[2:]))
