"""A daemon that serves the page, started, killed and started again by a test: one on fakes, and
the real one as it is shipped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from bandmate.contract.messages import Atom, pairs_of
from bandmate.hosts.client import answers

TESTS = Path(__file__).parents[1]
PATIENCE = 60.0
"""Seconds until a daemon that does not answer is a failure."""


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Served:
    """One daemon on fakes, with a home and ports of its own."""

    def __init__(self, folder: Path, lingers_at: str = "", is_gated: bool = False) -> None:
        """Where it *is_gated*, the bar that it lingers at comes once the gate is opened."""
        self._folder = folder
        self._lingers_at = lingers_at
        self._gate = folder / "gate" if is_gated else None
        self.home = "home"
        self.osc, self.port, self.query = _free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def log(self) -> str:
        """What it said of itself."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self._folder / "daemon.log"

    def start(self) -> None:
        """Start it and wait until it serves the page."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), env=os.environ | self._environment(), stderr=log, stdout=log
            )

    def wait(self) -> None:
        """Wait until it serves the page."""
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process and self._process.poll() is None, self.log
            assert time.monotonic() < until, "the page is not served"
            time.sleep(0.1)

    def _command(self) -> list[str]:
        ports = [str(port) for port in (self.osc, self.port, self.query)]
        more = [str(self._folder / "midi.txt"), self._lingers_at, str(self._gate or "")]
        return [sys.executable, str(TESTS / "panel" / "page_daemon.py"), *ports, *more]

    def _environment(self) -> dict[str, str]:
        paths = os.pathsep.join((str(TESTS.parent / "daemon"), str(TESTS)))
        return {"PYTHONPATH": paths, "BANDMATE_HOME": str(self._folder / self.home)}

    def _answers(self) -> bool:
        try:
            with closing(urllib.request.urlopen(self.url, timeout=2)):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    def open_gate(self) -> None:
        """Let the loop that waits be written to its end."""
        assert self._gate
        self._gate.touch()

    def close_gate(self) -> None:
        """Let the loops that are asked for from now on wait again."""
        assert self._gate
        self._gate.unlink()

    def takes(self) -> list[dict[str, Any]]:
        """Return what is told of its takes to somebody else than the page, newest first."""
        return self.asked("/bandmate/take/list", "take/told", "take/listed")

    def asked(self, address: str, heard: str, last: str, *arguments: Atom) -> list[dict[str, Any]]:
        """Ask as a script does, by UDP; return the names and values of what is *heard*."""
        found = []
        told = answers("127.0.0.1", self.osc, address, *arguments, silence=PATIENCE)
        for message in told:
            if message.address.endswith(heard):
                found.append(dict(pairs_of(message.arguments)))
            if message.address.endswith(last):
                break
        told.close()
        return found

    def until_takes(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so of its takes, looking again whenever it tells of one."""
        said = ("/bandmate/subscribe", "to", "takes")
        with closing(answers("127.0.0.1", self.osc, *said, silence=PATIENCE)) as news:
            next(news)
            while not is_so():
                next(news)

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self._process:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


class Shipped(Served):
    """The daemon as ``bandmate serve`` runs it, with the models that are shipped."""

    def _command(self) -> list[str]:
        ports = (("port", self.osc), ("panel-port", self.port), ("query-port", self.query))
        said = [word for name, port in ports for word in (f"--{name}", str(port))]
        return [sys.executable, "-m", "bandmate.app.cli", "serve", *said, "--midi-api", "none"]
