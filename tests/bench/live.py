"""What the bridge in Live costs Live: the time of its tick, idle and at work; never judged."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from bridges.fake_live import FakeLive
from bridges.live_scene import Scene, dense, scene

TICKS = 300
LINES = ("note 1 36 = loop", "note 1 38 = vary")


def timed(at: Scene, ticks: int) -> list[float]:
    """Return the milliseconds of as many ticks."""
    spent = []
    for _ in range(ticks):
        begun = time.perf_counter()
        at.live.tick()
        spent.append((time.perf_counter() - begun) * 1000)
        at.asked += at.daemon.turn()
    return spent


def tell(what: str, spent: list[float]) -> None:
    spent = sorted(spent)
    p99 = spent[int(len(spent) * 0.99)]
    print(f"{what:34} {statistics.median(spent):6.2f} {p99:6.2f} {spent[-1]:6.2f}")


def main() -> None:
    """Print what a tick costs in ms: median, p99, worst."""
    with (
        tempfile.TemporaryDirectory() as folder,
        scene(Path(folder), *LINES, live=FakeLive(rows=100)) as at,
    ):
        print(f"{'a tick of the bridge in Live, ms':34} {'p50':>6} {'p99':>6} {'worst':>6}")
        tell("idle", timed(at, TICKS))
        at.live.set(is_playing=True)
        tell("rolling", timed(at, TICKS))
        at.live.set(is_playing=False)
        for notes in (150, 3000):
            spent = []
            for _ in range(20):
                at.press(36)
                at.tick(2)
                id_, _ = at.ask()
                at.daemon.say(*at.daemon.made(id_, dense(notes)))
                spent += timed(at, notes // 256 + 3)
            tell(f"writing {notes} notes", spent)
        at.live.put(0, 99, [(36 + i % 48, i / 8) for i in range(4000)], length=500.0)
        at.live.select(0, 99)
        at.press(38)
        tell("reading 4,000 notes as context", timed(at, 40))
        print(f"most calls of Live in a tick {at.live.peak_calls}, most notes {at.live.peak_notes}")


if __name__ == "__main__":
    main()
