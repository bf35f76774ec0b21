"""The daemon that is attacked: on fakes, in a process of its own, and what the attacks ask of it.

    python -m bench.attacks.target OSC PANEL QUERY WORDS...

*WORDS* say how its parts behave: ``loading`` (the loop model never comes), ``deaf`` (it works on
and hears no cancel), ``lingering`` (it works on until it is called off), ``apart`` (a player in a
process of its own), ``hanging`` (a player whose port never opens), ``unread`` (a log that nobody
reads).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

import bandmate
from bandmate.app.serve import Means, serve
from bandmate.config import Settings
from bandmate.contract.messages import Atom, Message
from bandmate.loops.bars import Bar
from bandmate.loops.plan import LoopPlan
from bandmate.timing.player.client import Player, Told
from bandmate.timing.player.process import PlayerApart
from bandmate.timing.player.stage import Stage
from bandmate.wires.packets import message_to_packet, packet_to_frame, packet_to_messages
from fakes import FakeServant, open_fake
from fakes_chords import openings
from serve_with_fakes import FiledOutput
from timing import written_port
from wires.here_player import HerePlayer

HOST = "127.0.0.1"
READY_SECONDS = 60.0


@dataclass
class DeafServant(FakeServant):
    """Works on without an end, whatever it is told."""

    def serve(
        self, request: tuple[LoopPlan, ...], is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, Bar]]:
        """Yield one bar, then nothing any more."""
        yield next(super().serve(request, is_cancelled))
        signal.pause()


def never_opened() -> FakeServant:
    """Be a model that takes very long to load."""
    time.sleep(600)
    return FakeServant()


def hanging_output() -> written_port.WrittenOutput:
    """Be a MIDI port that never opens."""
    time.sleep(600)
    return written_port.opened()


def main(osc: str, panel: str, query: str, *words: str) -> int:
    """Serve until a signal."""
    opening: Callable[[], FakeServant] = open_fake
    if "loading" in words:
        opening = never_opened
    elif "deaf" in words:
        opening = DeafServant
    elif "lingering" in words:
        opening = partial(open_fake, lingers_at=1)
    chords = openings(lingers_at=2 if "lingering" in words else None)
    settings = Settings(
        port=int(osc), panel_port=int(panel), query_port=int(query), announce=False
    )  # fmt: skip
    return serve(settings, Means(opening, chords, partial(player, words)))


def player(words: tuple[str, ...], settings: Settings, told: Told) -> Player:
    """Open the player that *words* name."""
    if "apart" in words or "hanging" in words:
        from bench.attacks import target  # by its name, which the player's process finds

        port = target.hanging_output if "hanging" in words else written_port.opened
        return PlayerApart(Stage(has_inputs=False, opening=port), told)
    return HerePlayer(FiledOutput(Path(os.environ[written_port.PLACE])), told)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody has now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind((HOST, 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Target:
    """One life of the daemon, with a home of its own."""

    def __init__(self, *words: str, files: int | None = None, is_ready: bool = True) -> None:
        """Start it and wait until it answers; *files* are those that it may open at first."""
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)
        self.osc, self.panel, self.query = free_ports(3)
        self.log = self.home / "daemon.log"
        limit = ["bash", "-c", f'ulimit -Sn {files}; exec "$@"', "limited"] if files else []
        command = [sys.executable, "-m", "bench.attacks.target"]
        ports = [str(port) for port in (self.osc, self.panel, self.query)]
        paths = (Path(bandmate.__file__).parents[1], Path(__file__).parents[2])
        environment = {
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "BANDMATE_HOME": str(self.home / "home"),
            "TMPDIR": str(self.temporary),
            written_port.PLACE: str(self.home / "midi.txt"),
        }
        self.temporary.mkdir()
        (self.home / "midi.txt").touch()
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(
                [*limit, *command, *ports, *words], env=os.environ | environment,
                stdout=log, stderr=subprocess.PIPE if "unread" in words else log,
            )  # fmt: skip
        self.process = psutil.Process(self.popen.pid)
        self._wire = socket.socket(type=socket.SOCK_DGRAM)
        self._wire.connect((HOST, self.osc))
        self._count = 0
        if is_ready:
            self._until_ready()

    @property
    def temporary(self) -> Path:
        """Where its temporary files lie."""
        return self.home / "tmp"

    def _until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self.popen.poll() is None:
            if self.hears("hello", patience=0.2):
                return
        raise AssertionError(self.log.read_text())

    # OSC

    def says(self, address: str, *arguments: Atom) -> str:
        """Send a message by UDP; return its id."""
        self._count += 1
        id_ = f"t{self._count}"
        with suppress(OSError):
            self._wire.send(message_to_packet(Message(f"/bandmate/{address}", (id_, *arguments))))
        return id_

    def heard(self, patience: float) -> list[Message]:
        """Return what came next by UDP; nothing where nothing came in time."""
        self._wire.settimeout(patience)
        try:
            return packet_to_messages(self._wire.recv(65_507))
        except OSError:
            return []

    def hears(
        self, address: str, *arguments: Atom, answer: str = "", patience: float = 20.0
    ) -> Message | None:
        """Ask, and return the answer of that address (the ask's own by default), or an error."""
        id_ = self.says(address, *arguments)
        until = time.monotonic() + patience
        while (left := until - time.monotonic()) > 0:
            for message in self.heard(left):
                wanted = (f"/bandmate/{answer or address}", "/bandmate/error")
                if message.arguments[:1] == (id_,) and message.address in wanted:
                    return message
        return None

    def makes_take(self, bars: int = 1, tempo: float = 120.0, **more: Atom) -> int:
        """Have a loop made; return the number of its take, 0 where none came."""
        pairs = [atom for pair in more.items() for atom in pair]
        said = ("bars", bars, "tempo", tempo, *pairs)
        made = self.hears("loop/ask", *said, answer="loop/made")
        if made is None or made.address == "/bandmate/error":
            return 0
        return int(made.arguments[2])

    # other wires

    def connected(self, port: int, is_slow: bool = False) -> socket.socket:
        """Return a connection; one that *is_slow* has little room for what comes."""
        wire = socket.socket()
        if is_slow:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(5)
        wire.connect((HOST, port))
        return wire

    def requests(self, path: str, more: str = "", is_slow: bool = False) -> socket.socket:
        """Send a request to the page's port and return the connection, unread."""
        wire = self.connected(self.panel, is_slow)
        head = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{self.panel}\r\n{more}\r\n"
        wire.sendall(head.encode())
        return wire

    def websocket(self, is_slow: bool = False) -> socket.socket:
        """Return an open WebSocket of the page."""
        wire = self.requests(
            "/ws",
            f"Origin: http://{HOST}:{self.panel}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n",
            is_slow,
        )
        assert wire.recv(4096).startswith(b"HTTP/1.1 101")
        return wire

    def fetched(self, path: str, more: str = "", patience: float = 10.0) -> int:
        """Return the status that a GET is answered with; 0 where none came."""
        try:
            with self.requests(path, more) as wire:
                wire.settimeout(patience)
                return int(wire.recv(12).split()[1])
        except (OSError, IndexError):
            return 0

    def mails(self, name: str, text: str) -> None:
        """Put a message into a mailbox."""
        asks = self.home / "home" / "mailbox" / name / "asks"
        asks.mkdir(parents=True, exist_ok=True)
        draft = asks / f".{time.monotonic_ns()}.msg"
        draft.write_text(text)
        draft.rename(asks / draft.name.removeprefix("."))

    # what it costs, and its end

    @property
    def resident(self) -> float:
        """Memory of the daemon's own process, in MB."""
        return float(self.process.memory_info().rss) / 2**20

    @property
    def temporary_bytes(self) -> int:
        """Bytes of its temporary files."""
        files = self.temporary.rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file())

    def family(self) -> list[psutil.Process]:
        """Return its children, and theirs."""
        return list(self.process.children(recursive=True))

    def suspend(self) -> None:
        """Stop its workers and its player with SIGSTOP."""
        for child in self.family():
            if "resource_tracker" not in " ".join(child.cmdline()):  # Python's own
                child.suspend()

    def close(self) -> None:
        """Leave nothing behind."""
        family = self.family() if self.popen.poll() is None else []
        for member in family:
            with suppress(psutil.Error):
                member.kill()
        self.popen.kill()
        self.popen.wait()
        if "BANDMATE_ATTACK_LOG" in os.environ:
            sys.stdout.write(self.log.read_text(errors="replace"))
        self._wire.close()
        self._folder.cleanup()


def frame(address: str, *arguments: Atom) -> bytes:
    """Return a message as TCP carries it."""
    return packet_to_frame(message_to_packet(Message(f"/bandmate/{address}", arguments)))


def text_frame(text: str) -> bytes:
    """Return a text as a page sends it by WebSocket."""
    data = text.encode()
    assert len(data) < 126
    return bytes((0x81, 0x80 | len(data))) + bytes(4) + data


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
