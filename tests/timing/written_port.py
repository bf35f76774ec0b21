"""An output in another process whose messages the test reads from a file."""

from __future__ import annotations

import os
import time
from pathlib import Path

from bandmate.errors import PortError

PLACE = "BANDMATE_TEST_PORT"
"""Environment variable that names the file."""


class WrittenOutput:
    """Writes each message as a line of hex, at once."""

    name = "bandmate:loops"
    ahead = 0.0

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1)

    def check(self) -> None:
        pass

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        self._file.write(message.hex() + "\n")

    def take_back(self) -> int:
        return 0

    def close(self) -> None:
        self._file.write("closed\n")


def opened() -> WrittenOutput:
    return WrittenOutput(Path(os.environ[PLACE]))


def refused() -> WrittenOutput:
    raise PortError("there is no MIDI port here, plug one in")


def broken() -> WrittenOutput:
    raise ZeroDivisionError("not in words")


def has_come(file: Path, line: str, patience: float = 20.0) -> bool:
    """Wait until a line is in the file."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if line in file.read_text().split():
            return True
        time.sleep(0.005)
    return False
