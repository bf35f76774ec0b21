"""What the running daemon costs on this machine: `make bench-daemon`.

Prints CPU seconds and counts, which hold on a busy machine; milliseconds are upper bounds there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from bandmate.errors import PortError
from bandmate.hosts.client import answers

ROUND_TRIPS = 300
HOST, PORT = "127.0.0.1", 17770


def main() -> None:
    """Print every figure."""
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


@contextmanager
def _daemon(home: str) -> Iterator[tuple[psutil.Process, float]]:
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bandmate.app.cli", "serve", "--port", str(PORT)],
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
