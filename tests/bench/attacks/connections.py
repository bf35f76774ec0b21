"""A thousand idle connections to each wire: what is still answered, and what it costs.

    python -m bench.attacks.connections [connections]

The daemon may open 1,024 files at first, as is usual. Connections are opened as fast as they go and
held; one that the daemon ends is opened again. Then loops are asked for by UDP, the page, OSC by
TCP and OSCQuery are asked, ten times each. The exit code is 1 where any of it is not answered.
"""

from __future__ import annotations

import selectors
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bench.attacks.target import HOST, Target, frame

CONNECTIONS = 1000
FILES = 1024
TRIES = 10
OPENED_SECONDS = 30.0
"""In which all are opened, or as many as the daemon takes."""
SECONDS = 4.0
"""How long they are held before anything is asked: the log grows meanwhile."""

WIRES = {
    "the page": ("panel", b""),
    "the page, half a head": ("panel", b"GET / HTTP/1.1\r\nHost: 127.0.0.1"),
    "OSC": ("osc", b""),
    "OSC, half a packet": ("osc", b"\0\0\0\x40/bandmate"),
    "OSC, after a hello": ("osc", frame("hello", 1)),
    "OSCQuery": ("query", b""),
}


class Holder:
    """Holds connections, and opens another where one is ended."""

    def __init__(self, port: int, count: int, said: bytes) -> None:
        self._port, self._count, self._said = port, count, said
        self._selector = selectors.DefaultSelector()
        self._is_over = threading.Event()
        self.opened = 0
        """Since the start."""

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold them while the block runs."""
        thread = threading.Thread(target=self._hold)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()
            for key in list(self._selector.get_map().values()):
                self._drop(key.fileobj)  # type: ignore[arg-type]

    def _hold(self) -> None:
        while not self._is_over.is_set():
            while len(self._selector.get_map()) < self._count and not self._is_over.is_set():
                self._open()
            for key, _ in self._selector.select(0.05):
                wire: socket.socket = key.fileobj  # type: ignore[assignment]
                with suppress(OSError):
                    if wire.recv(65536):
                        continue
                self._drop(wire)

    def _open(self) -> None:
        wire = socket.socket()
        wire.settimeout(1)
        with suppress(OSError):
            wire.connect((HOST, self._port))
            wire.sendall(self._said)
            self.opened += 1
            self._selector.register(wire, selectors.EVENT_READ)
            return
        wire.close()

    def _drop(self, wire: socket.socket) -> None:
        self._selector.unregister(wire)
        wire.close()


def hears_by_tcp(target: Target) -> bool:
    """Say hello by TCP."""
    with suppress(OSError), target.connected(target.osc) as wire:
        wire.sendall(frame("hello", "h"))
        return b"/bandmate/hello" in wire.recv(65536)
    return False


def hears_query(target: Target) -> bool:
    """Ask OSCQuery for its host information."""
    with suppress(OSError), target.connected(target.query) as wire:
        wire.sendall(f"GET /?HOST_INFO HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        return wire.recv(65536).startswith(b"HTTP/1.1 200")
    return False


def attacked(name: str, count: int) -> bool:
    """Attack one wire and print a row; return whether all was answered."""
    where, said = WIRES[name]
    target = Target(files=FILES)
    try:
        before = target.log.stat().st_size
        holder = Holder(getattr(target, where), count, said)
        with holder.holding():
            until = time.monotonic() + OPENED_SECONDS
            while holder.opened < count and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(SECONDS)
            files = target.process.num_fds()
            takes = sum(target.makes_take() > 0 for _ in range(TRIES))
            pages = sum(target.fetched("/") == 200 for _ in range(TRIES))
            by_tcp = sum(hears_by_tcp(target) for _ in range(TRIES))
            queries = sum(hears_query(target) for _ in range(TRIES))
            logged = target.log.stat().st_size - before
        row = (takes, pages, by_tcp, queries)
        shown = "".join(f"{n:>6}/{TRIES}" for n in row)
        print(f"{name:<24}{holder.opened:>8}{files:>7}{shown}{logged:>12,}", flush=True)
        return row == (TRIES,) * 4
    finally:
        target.close()


def main() -> int:
    """Attack all wires; return the exit code."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CONNECTIONS
    columns = "".join(f"{word:>9}" for word in ("takes", "page", "TCP", "query"))
    print(f"{f'{count} idle on':<24}{'opened':>8}{'files':>7}{columns}{'log bytes':>12}")
    answered = [attacked(name, count) for name in WIRES]
    return 0 if all(answered) else 1


if __name__ == "__main__":
    sys.exit(main())
