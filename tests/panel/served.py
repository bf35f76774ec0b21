"""A daemon on fakes that serves the page, started, killed and started again by a test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

TESTS = Path(__file__).parents[1]
PATIENCE = 30.0
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
    """One daemon with a home and ports of its own."""

    def __init__(self, folder: Path, lingers_at: str = "") -> None:
        self._folder = folder
        self._lingers_at = lingers_at
        self._osc, self.port, self._query = _free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it and wait until it serves the page."""
        daemon = str(TESTS.parent / "daemon")
        paths = os.pathsep.join((daemon, str(TESTS)))
        home = str(self._folder / "home")
        environment = os.environ | {"PYTHONPATH": paths, "BANDMATE_HOME": home}
        ports = [str(port) for port in (self._osc, self.port, self._query)]
        command = [sys.executable, str(TESTS / "panel" / "page_daemon.py"), *ports]
        with (self._folder / "daemon.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(self._folder / "midi.txt"), self._lingers_at],
                env=environment,
                stderr=log,
            )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "daemon.log").read_text()
            assert time.monotonic() < until, "the page is not served"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with closing(urllib.request.urlopen(self.url, timeout=2)):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
