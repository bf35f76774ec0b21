"""A screen that nobody sees, and a mouse on it: Xvfb and xdotool."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

PATIENCE = 40.0
"""Seconds after which what was waited for does not come: a failure, never a measure."""


def needed() -> None:
    """Skip the test where what a screen needs is missing."""
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (apt-get install xvfb xdotool)")
    needed_qt()


def needed_qt() -> None:
    """Skip the test where Qt cannot be opened."""
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        pytest.skip(f"PySide6 is not installed, or a library of its own: {error}")


class Program:
    """A process that tells what happens in it, a line at a time."""

    def __init__(self, *command: str, log: Path, **extra: str) -> None:
        path = os.pathsep.join([str(ROOT / "daemon"), str(ROOT / "tests")])
        self._log = log
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, *command], stdout=subprocess.PIPE, stderr=file,
                env=os.environ | {"PYTHONPATH": path} | extra,
            )  # fmt: skip
        self._waiting = b""

    def line(self, patience: float = PATIENCE) -> str:
        """Return the next line; empty where none comes for *patience* seconds."""
        assert self.process.stdout
        end = time.monotonic() + patience
        while b"\n" not in self._waiting:
            ready, _, _ = select.select([self.process.stdout], [], [], end - time.monotonic())
            if not ready:
                return ""
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, self._log.read_text()
            self._waiting += data
        line, _, self._waiting = self._waiting.partition(b"\n")
        return line.decode()

    def until(self, word: str) -> str:
        """Wait for a line that begins with *word* and return what follows it."""
        while line := self.line():
            if line.startswith(word):
                return line.removeprefix(word).strip()
        raise AssertionError(f"{word} did not come: {self._log.read_text()}")

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        assert self.process.stdout
        self.process.stdout.close()


@contextmanager
def screen(size: str = "900x700") -> Iterator[str]:
    """Open a screen and yield its name."""
    ear, mouth = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(mouth), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=(mouth,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(mouth)
    try:
        with os.fdopen(ear) as told:
            number = told.readline().strip()
        assert number, "Xvfb opened no screen"
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


class Mouse:
    """The mouse of a screen."""

    def __init__(self, display: str) -> None:
        self._environment = os.environ | {"DISPLAY": display}

    def does(self, *words: Any) -> None:
        """Do what xdotool understands."""
        command = ["xdotool", *map(str, words)]
        subprocess.run(command, env=self._environment, check=True, timeout=PATIENCE)

    def drag(
        self, start: tuple[int, int], end: tuple[int, int], is_felt: Callable[[], bool]
    ) -> None:
        """Take hold at *start*, go to *end*, move there until *is_felt*, and let go."""
        self.does("mousemove", *start, "mousedown", 1)
        steps = 12
        for step in range(1, steps + 1):
            share = step / steps
            x, y = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
            self.does("mousemove", x, y)
        deadline = time.monotonic() + PATIENCE
        nudge = 0
        while not is_felt():
            assert time.monotonic() < deadline, "the drag did not arrive"
            nudge += 1
            self.does("mousemove", end[0] + nudge % 5, end[1])
        self.does("mouseup", 1)
