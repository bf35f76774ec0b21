"""Findings and the patient: what a check returns, and what it may look at."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from bandmate.config import Settings
from bandmate.contract.messages import Atom
from bandmate.hosts.install import System
from bandmate.timing.ports.apis import Machine
from bandmate.workers.child import Servant

OK, NOTE, TROUBLE = "ok", "note", "trouble"
"""Well; worth knowing; broken."""

_PRIORITY = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of what was found."""

    about: str
    words: str
    level: str = OK
    cure: str = ""
    """What to do, a sentence without a full stop; empty where there is nothing to do."""

    @property
    def text(self) -> str:
        """The line as a person reads it, the cure below."""
        line = f"{self.level:<8}{self.about}: {self.words}"
        return f"{line}\n        -> {self.cure}" if self.cure else line


def version_of(package: str) -> str:
    """Return the installed version of a package; empty where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def holder_of(port: int) -> str:
    """Return who listens on a port, ``python3 (process 812)``; empty where nobody can tell."""
    with suppress(ImportError):
        import psutil

        # One by one: on macOS nobody may see the sockets of all.
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if any(_listens(socket, port) for socket in process.net_connections("inet")):
                    return f"{process.name()} (process {process.pid})"
    return ""


def _listens(socket: Any, port: int) -> bool:  # noqa: ANN401 - psutil's, of two kinds
    return bool(socket.laddr) and socket.laddr.port == port and not socket.raddr


def may_play_first() -> bool:
    """Return whether a thread of ours may run before those of other programs.

    It is tried, in a thread that ends: no limit of the system tells it for sure.
    """
    if not hasattr(os, "sched_setscheduler"):
        return True  # Windows and macOS give it to whoever plays
    found = []

    def attempt() -> None:
        with suppress(OSError):
            rule = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
            os.sched_setscheduler(0, rule, os.sched_param(_PRIORITY))
            found.append(True)

    thread = threading.Thread(target=attempt, name="priority")
    thread.start()
    thread.join()
    return bool(found)


@dataclass(frozen=True)
class Daemon:
    """What the running daemon told."""

    hello: Mapping[str, Atom] = field(default_factory=dict)
    """Names and values; empty where no daemon answered."""
    words: str = ""
    """Why nothing was answered."""
    transport: Mapping[str, Atom] = field(default_factory=dict)


@dataclass(frozen=True)
class Patient:
    """All that is looked at; tests bring patients with a fault."""

    settings: Settings = field(default_factory=Settings)
    mistakes: str = ""
    """What is wrong in the person's settings; the defaults are looked at then."""
    machine: Machine = field(default_factory=Machine)
    system: System = field(default_factory=System)
    models: Path | None = None
    """Folder of the shipped models; None is the usual one."""
    version_of: Callable[[str], str] = version_of
    """Returns the installed version of a package, empty where it is not installed."""
    holder_of: Callable[[int], str] = holder_of
    """Returns who listens on a port, empty where nobody can tell."""
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    may_play_first: Callable[[], bool] = may_play_first
    loops: Callable[[], Servant] | None = None
    """Opens the loop model in a process; None is the shipped one."""
    proposer: Callable[[], Servant] | None = None
    """Opens the proposer in a process; None is the one that the settings name."""
    daemon: Daemon = field(default_factory=Daemon)
    temporary: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
