"""What a loop costs on this machine: `make bench`.

Prints CPU seconds and counts, which hold on a busy machine; milliseconds are upper bounds there.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

from bandmate.caller import answers
from bandmate.errors import PortError
from bandmate.loops.bars import clip_of
from bandmate.loops.controls import LoopPlan, PlannedPart
from bandmate.loops.generate import LoopGenerator
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.weights import checked

LOOPS = 20
ROUND_TRIPS = 300
HOST, PORT = "127.0.0.1", 17770


def main() -> None:
    """Print every figure."""
    _loops()
    with tempfile.TemporaryDirectory() as home, _daemon(home) as (process, ready):
        print(f"daemon answers after                 {ready:8.2f} s")
        print(f"its CPU by then                      {_cpu(process):8.2f} s")
        print(f"resident without the model           {process.memory_info().rss / 2**20:8.0f} MiB")
        list(_until_made())
        print(f"resident with the model's process    {_resident(process):8.0f} MiB")
        print(f"torch is loaded                      {_has_torch(process)!s:>8}")
        _round_trips("idle")
        with _generating():
            _round_trips("while generating")


def _loops() -> None:
    generator = LoopGenerator.open(checked("loops"))
    band = [("drums", 0), ("bass", 33), ("keys", 4), ("lead", 81)]
    cpu: list[float] = []
    tokens: list[int] = []
    notes: list[int] = []
    first_note: list[float] = []
    first_bar: list[float] = []
    whole: list[float] = []
    for seed in range(LOOPS):
        parts = tuple(PlannedPart(name, program) for name, program in band)
        plan = LoopPlan(4, 96.0, Meter(4, 4), Key.parse("A:min"), parts, seed, genre="funk")
        asked: list[float] = []

        def is_cancelled(asked: list[float] = asked) -> bool:
            asked.append(time.perf_counter())
            return False

        started, used = time.perf_counter(), time.process_time()
        bars = []
        for bar in generator.bars(plan, is_cancelled):
            bars.append(bar)
            if len(bars) == 1:
                first_bar.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
        whole.append(time.perf_counter() - started)
        first_note.append(asked[2] - started)  # an onset and its drum lie behind the third look
        tokens.append(generator.model.length)
        notes.append(clip_of(plan, bars).note_count)
    print(f"a loop of 4 bars and 4 parts, one thread, medians of {LOOPS}:")
    print(f"  notes, tokens with the prompt      {_median(notes):8.0f} {_median(tokens):8.0f}")
    print(f"  CPU                                {_median(cpu):8.2f} s")
    print(f"  CPU scaled to 150 notes            {sum(cpu) / sum(notes) * 150:8.2f} s")
    waits = " ".join(f"{_median(times) * 1000:8.0f}" for times in (first_note, first_bar, whole))
    print(f"  first note, first bar, whole       {waits} ms")


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


@contextmanager
def _daemon(home: str) -> Iterator[tuple[psutil.Process, float]]:
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bandmate.cli", "serve", "--port", str(PORT)],
        env={**os.environ, "BANDMATE_HOME": home},
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                next(answers(HOST, PORT, "/bandmate/hello", "client", "bench", silence=0.2))
                break
            except PortError:  # nobody listens yet
                time.sleep(0.01)
        yield psutil.Process(process.pid), time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _resident(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(member.memory_info().rss for member in family) / 2**20


def _has_torch(process: psutil.Process) -> bool:
    family = [process, *process.children(recursive=True)]
    return any("torch" in part.path for member in family for part in member.memory_maps())


def _round_trips(when: str) -> None:
    taken = []
    for _ in range(ROUND_TRIPS):
        started = time.perf_counter()
        next(answers(HOST, PORT, "/bandmate/song/get", silence=5))
        taken.append((time.perf_counter() - started) * 1000)
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
    print(f"OSC round trip p50, p99, {when:<16}{p50:8.2f} {p99:8.2f} ms")


@contextmanager
def _generating() -> Iterator[None]:
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            list(_until_made())

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _until_made() -> Iterator[str]:
    for message in answers(HOST, PORT, "/bandmate/loop/ask", "bars", 8, silence=60):
        yield message.address
        if message.address == "/bandmate/loop/made":
            return


if __name__ == "__main__":
    main()
