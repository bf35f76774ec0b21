"""How tightly takes are played: `make bench-time`.

    python -m bench.time [seconds]

Sixteenths of four parts at 120 BPM through a JACK server without sound (blocks of 128 frames),
while the real model writes loops without pause: through python-rtmidi, and on the frame-exact
path. What lies within a second of an xrun is discarded, since it moves JACK's whole timeline; at
least 30 seconds must remain. Figures go to time.json beside this file.
"""

from __future__ import annotations

import asyncio
import bisect
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bandmate.loops.service import shipped_loops
from bandmate.music.clip import Clip, Note, Part
from bandmate.timing.player.process import PlayerApart
from bandmate.timing.player.stage import Stage
from bandmate.workers.worker import Worker
from bench.recorder import BLOCK, RATE, recording, server, through_rtmidi
from loops.plans import band_plan

SECONDS = 60.0
LEAST_SECONDS = 30.0
RUNS = 3
"""How often a way is measured anew at the most, where xruns leave too little."""
TEMPO = 120.0
STEPS = 64
"""Sixteenths in the loop; each has a pitch of its own, so that none is taken for another."""
STEP = RATE * 60 / TEMPO / 4
"""Frames of a sixteenth."""
PARTS = ("drums", "bass", "keys", "lead")
LOWEST = 30

Message = tuple[int, str]
"""The frame on which it came, and its bytes."""


def main() -> None:
    """Measure both ways, print and write the figures; exit with 1 where too little remained."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    stage = Stage(midi_api="jack", has_inputs=False)
    ways = {
        "rtmidi": Stage(midi_api="jack", has_inputs=False, opening=through_rtmidi(stage)),
        "frames": stage,
    }
    with server(f"bandmate-bench-{os.getpid()}"), _generating() as made:
        found = {way: _measured(stage, seconds) for way, stage in ways.items()}
    told = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "block_ms": round(1000 * BLOCK / RATE, 2),
        "loops_written_meanwhile": made[0],
        **found,
    }
    print(json.dumps(told, indent=2))
    if seconds == SECONDS:
        file = Path(__file__).with_suffix(".json")
        file.write_text(json.dumps(told, indent=2) + "\n")
    if any(way["seconds_counted"] < min(LEAST_SECONDS, seconds / 2) for way in found.values()):
        sys.exit("too many xruns: less than 30 s could be counted")


def _measured(stage: Stage, seconds: float) -> dict[str, Any]:
    for _ in range(RUNS):
        found = _figures(*_played(stage, seconds))
        if found["seconds_counted"] >= LEAST_SECONDS:
            break
    return found


def _played(stage: Stage, seconds: float) -> tuple[list[Message], list[int]]:
    """Play the loop for some seconds, stop in its midst, and return what was recorded."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recorded"
        with PlayerApart(stage) as player, recording(player.name, file):
            player.play(_loop(), is_looped=True)
            time.sleep(seconds)
            player.stop()
            time.sleep(0.5)
        recorded = json.loads(file.read_text())
    return [(frame, text) for frame, text in recorded["messages"]], recorded["xruns"]


def _loop() -> Clip:
    notes = tuple(Note(i / 4, LOWEST + i, 0.2, 100) for i in range(STEPS))
    return Clip(tuple(Part(name, 0, notes) for name in PARTS), STEPS / 4, TEMPO)


@dataclass(frozen=True)
class _Timed:
    """A note that came."""

    frame: int
    channel: int
    index: int
    """Which sixteenth it is, counted from the first."""


def _figures(messages: Sequence[Message], xruns: Sequence[int]) -> dict[str, Any]:
    notes = _indexed(messages)
    kept = [note for note in notes if _is_quiet(note.frame, xruns)]
    late: list[float] = []
    between: list[float] = []
    wanted: set[int] = set()
    for segment in _segments(kept, xruns):
        indices = [note.index for note in segment]
        wanted.update(range(min(indices), max(indices) + 1))
        late += _off_line(segment)
        between += _intervals(segment)
    count = Counter((note.channel, note.index) for note in kept if note.index in wanted)
    return {
        "seconds_counted": round(len(wanted) * STEP / RATE, 1),
        "xruns": len(xruns),
        "notes": sum(count.values()),
        "jitter_ms": _quantiles(late),
        "interval_error_ms": _quantiles(between),
        "lost": len(wanted) * len(PARTS) - len(count),
        "doubled": sum(count.values()) - len(count),
        "hanging": _hanging(messages),
    }


def _indexed(messages: Sequence[Message]) -> list[_Timed]:
    """Return the starts with the sixteenth that each is of: the nearest of its pitch."""
    starts = [(frame, bytes.fromhex(text)) for frame, text in messages if text[0] == "9"]
    if not starts:
        return []
    first = starts[0][0]
    notes = []
    for frame, message in starts:
        about = (frame - first) / STEP
        step = message[1] - LOWEST
        index = round((about - step) / STEPS) * STEPS + step
        notes.append(_Timed(frame, message[0] & 0x0F, index))
    return notes


def _is_quiet(frame: int, xruns: Sequence[int]) -> bool:
    place = bisect.bisect(xruns, frame)
    return all(abs(frame - other) > RATE for other in xruns[max(0, place - 1) : place + 1])


def _segments(notes: Sequence[_Timed], xruns: Sequence[int]) -> list[list[_Timed]]:
    """Return the notes between one xrun and the next."""
    found: dict[int, list[_Timed]] = defaultdict(list)
    for note in notes:
        found[bisect.bisect(xruns, note.frame)].append(note)
    return [segment for segment in found.values() if len({n.index for n in segment}) > 8]


def _off_line(notes: Sequence[_Timed]) -> list[float]:
    """Return how many milliseconds each note is off the straight line through all."""
    slope, offset = statistics.linear_regression(
        [note.index for note in notes], [note.frame for note in notes]
    )
    return [abs(n.frame - (offset + slope * n.index)) * 1000 / RATE for n in notes]


def _intervals(notes: Sequence[_Timed]) -> list[float]:
    """Return how many milliseconds each step from a part's note to its next is off."""
    errors = []
    by_channel: dict[int, list[_Timed]] = defaultdict(list)
    for note in notes:
        by_channel[note.channel].append(note)
    for line in by_channel.values():
        for one, other in pairwise(line):
            if other.index == one.index + 1:
                errors.append(abs(other.frame - one.frame - STEP) * 1000 / RATE)
    return errors


def _hanging(messages: Sequence[Message]) -> int:
    sounding = set()
    for _, text in messages:
        if text[0] == "9":
            sounding.add(text[1:4])
        elif text[0] == "8":
            sounding.discard(text[1:4])
    return len(sounding)


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values) or [float("nan")]
    last = len(ordered) - 1
    marks = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {name: round(ordered[round(last * mark)], 3) for name, mark in marks.items()}


@contextmanager
def _generating() -> Iterator[list[int]]:
    """Let the real model write loops in its worker without pause; yield how many it wrote."""
    made = [0]
    is_over, is_ready = threading.Event(), threading.Event()

    async def write() -> None:
        worker = Worker(shipped_loops("cpu", 1), "the loop model")
        await worker.start()
        try:
            while not is_over.is_set():
                async for _ in worker.ask((band_plan(seed=made[0], bars=8),)):
                    is_ready.set()
                made[0] += 1
        finally:
            await worker.stop()
            is_ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(write()))
    thread.start()
    is_ready.wait()
    try:
        yield made
    finally:
        is_over.set()
        thread.join()


if __name__ == "__main__":
    main()
