"""A real daemon to be attacked, and how long everybody else waits for it meanwhile.

Stands on what 0.6.0 has too, so that figures of before and after can be compared:
``PYTHONPATH=<older>/daemon:tests python -m bench.attacks.NAME``.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bandmate.contract.messages import Atom, Message
from bandmate.wires.packets import message_to_packet

HOST = "127.0.0.1"
PATIENCE = 60.0
_PING = (
    "import socket, sys, time\n"
    "to, packet = (sys.argv[1], int(sys.argv[2])), bytes.fromhex(sys.argv[3])\n"
    "worst = 0.0\n"
    "while True:\n"
    "    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "    wire.settimeout(600)\n"
    "    began = time.monotonic()\n"
    "    wire.sendto(packet, to)\n"
    "    wire.recv(65536)\n"
    "    worst = max(worst, time.monotonic() - began)\n"
    "    print(worst * 1000, flush=True)\n"
    "    wire.close()\n"
    "    time.sleep(0.005)\n"
)


@dataclass(frozen=True)
class Attacked:
    """A daemon and where it is reached."""

    process: psutil.Process
    home: Path
    port: int
    panel_port: int
    query_port: int

    @property
    def megabytes(self) -> float:
        """What the daemon's own process holds."""
        return float(self.process.memory_info().rss) / 2**20

    @property
    def most_megabytes(self) -> float:
        """The most that it held since its start."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

    @property
    def longest_turn(self) -> tuple[float, str]:
        """The most milliseconds of the processor that a turn of the loop took, and in what."""
        file = Path(self.home, "turns.txt")
        turn, _, told = (file.read_text() if file.exists() else "0").partition(" ")
        return float(turn), told.strip()

    def forget_turns(self) -> None:
        """Measure turns anew: what the start took is no attack."""
        Path(self.home, "turns.txt").unlink(missing_ok=True)

    def udp(self, packet: bytes, wire: socket.socket | None = None) -> None:
        """Send a datagram."""
        own = wire or socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.sendto(packet, (HOST, self.port))
        if wire is None:
            own.close()

    def tcp(self, *packets: bytes) -> socket.socket:
        """Send packets on a connection of their own, and return it; answers are not read."""
        wire = socket.create_connection((HOST, self.port), PATIENCE)
        wire.sendall(b"".join(struct.pack(">i", len(p)) + p for p in packets))
        return wire

    def mail(self, name: str, text: str, box: str = "attack") -> None:
        """Put a message into a mailbox."""
        asks = self.home / "mailbox" / box / "asks"
        asks.mkdir(parents=True, exist_ok=True)
        (self.home / "mailbox" / box / "answers").mkdir(exist_ok=True)
        (asks / f".{name}.msg").write_text(text)
        (asks / f".{name}.msg").rename(asks / f"{name}.msg")

    def until_read(self, box: str = "attack") -> None:
        """Wait until a mailbox is empty."""
        until = time.monotonic() + PATIENCE
        while list((self.home / "mailbox" / box / "asks").glob("*.msg")):
            if time.monotonic() > until:
                return
            time.sleep(0.01)

    def pinged(self) -> float:
        """Return the seconds that an answer takes now."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.settimeout(PATIENCE)
            began = time.monotonic()
            self.udp(message("transport/get", "ping"), wire)
            wire.recv(65536)
            return time.monotonic() - began

    @contextmanager
    def waits(self) -> Iterator[list[float]]:
        """Ask from another process all the while; the list then holds the worst wait in ms."""
        packet = message("transport/get", "ping").hex()
        command = [sys.executable, "-c", _PING, HOST, str(self.port), packet]
        worst: list[float] = []
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        process.stdout.readline()
        lines: list[str] = []
        reading = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
        reading.start()
        try:
            yield worst
            with suppress(TimeoutError):
                self.pinged()
            time.sleep(0.2)
        finally:
            process.kill()
            process.wait()
            reading.join()
            worst.append(float(lines[-1]) if lines else float("inf"))


def message(address: str, *arguments: Atom) -> bytes:
    """Return a packet to an address under /bandmate/."""
    return message_to_packet(Message(f"/bandmate/{address}", arguments))


def bundle(*packets: bytes) -> bytes:
    """Return a bundle of packets."""
    return b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(p)) + p for p in packets)


def frame(address: str, *arguments: object) -> str:
    """Return a frame of a page."""
    return json.dumps({"address": f"/bandmate/{address}", "args": list(arguments)})


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


@contextmanager
def attacked(*words: str) -> Iterator[Attacked]:
    """Run a daemon in a home of its own until the block ends."""
    with tempfile.TemporaryDirectory() as home:
        ports = [_free_port() for _ in range(3)]
        names = ("--port", "--panel-port", "--query-port")
        said = [word for pair in zip(names, map(str, ports), strict=True) for word in pair]
        log = Path(home, "log.txt").open("w")  # noqa: SIM115 - closed below
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.attacks.watched", str(Path(home, "turns.txt")), "serve",
             "--midi-api", "none", "--announce", "off", *said, *words],
            env=os.environ | {"BANDMATE_HOME": home}, stdout=log, stderr=log,
        )  # fmt: skip
        port, panel, query = ports
        daemon = Attacked(psutil.Process(process.pid), Path(home), port, panel, query)
        try:
            _until_it_answers(daemon)
            yield daemon
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
            log.close()


def _until_it_answers(daemon: Attacked) -> None:
    for _ in range(int(PATIENCE * 10)):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.settimeout(0.1)
            try:
                daemon.udp(message("hello", 1), wire)
                wire.recv(65536)
            except OSError:
                time.sleep(0.05)
            else:
                # The model is loaded meanwhile.
                time.sleep(3)
                return
    raise TimeoutError("the daemon does not answer")
