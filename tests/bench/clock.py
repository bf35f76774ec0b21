"""Print how well a MIDI clock is followed that is bad in known ways: seeded, so always the same.

``python -m bench.clock``, into clock.json beside this file too; the songs, jitter and losses are
those of the tests.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from timing.fake_clock_out import Error, FakeClockOut, Stretch, errors, quantile

SEEDS = 20
FIGURES = Path(__file__).with_name("clock.json")

SONGS: dict[str, tuple[Stretch, ...]] = {
    "steady 120": (Stretch(32, 120),),
    "ramp 90 to 140 in 8 bars": (Stretch(16, 90), Stretch(32, 90, 140), Stretch(24, 140)),
    "jumps 90, 140, 120, 122": tuple(Stretch(24, tempo) for tempo in (90, 140, 120, 122)),
}


def measured(song: tuple[Stretch, ...]) -> dict[str, float]:
    """Return how far off a song's clock is followed, over all seeds."""
    every: list[Error] = []
    wrong = 0
    for seed in range(SEEDS):
        found = errors(FakeClockOut(song, seed))
        wrong += abs(found[-1].phase) > 60 / 24 / found[-1].at.tempo / 2
        every += found
    steady = [error for error in every if error.at.steady_beats >= 8]
    return {
        "tempo_p50": quantile((e.tempo for e in steady), 0.5),
        "tempo_p95": quantile((e.tempo for e in steady), 0.95),
        "tempo_max": quantile((e.tempo for e in steady), 1.0),
        "phase_steady_p50_ms": 1e3 * quantile((e.phase for e in steady), 0.5),
        "phase_steady_p95_ms": 1e3 * quantile((e.phase for e in steady), 0.95),
        "phase_all_p50_ms": 1e3 * quantile((e.phase for e in every), 0.5),
        "phase_all_p95_ms": 1e3 * quantile((e.phase for e in every), 0.95),
        "runs": SEEDS,
        "runs_a_tick_off": wrong,
    }


def main() -> None:
    """Print the figures as JSON."""
    begun = time.perf_counter()
    told = {name: measured(song) for name, song in SONGS.items()}
    rounded = {name: {k: round(v, 4) for k, v in rows.items()} for name, rows in told.items()}
    FIGURES.write_text(json.dumps(rounded, indent=2) + "\n")
    print(json.dumps(rounded, indent=2))
    print(f"{time.perf_counter() - begun:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
