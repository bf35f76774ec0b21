"""A MIDI output that keeps count of what sounds, here or in another process."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

PLACE = "BANDMATE_SOAK_PORT"
"""Environment variable that names the file which tells the counts once the port is closed."""


@dataclass
class TrackedOutput:
    """Takes every message at once and knows which notes sound."""

    file: Path | None = None
    name: str = "bandmate:nowhere"
    ahead: float = 0.0
    ons: int = 0
    doubled: int = 0
    """Notes that were struck while they sounded."""
    held: set[tuple[int, int]] = field(default_factory=set)
    """Channel and pitch of what sounds."""

    def check(self) -> None:
        """Be there."""

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        """Take a message."""
        kind, voice = message[0] & 0xF0, (message[0] & 0x0F, message[1])
        if kind == 0x90:
            self.ons += 1
            self.doubled += voice in self.held
            self.held.add(voice)
        elif kind == 0x80:
            self.held.discard(voice)

    def take_back(self) -> int:
        """Have nothing that waits."""
        return 0

    def close(self) -> None:
        """Write the counts down, where a file was named."""
        if self.file:
            told = {"ons": self.ons, "doubled": self.doubled, "hanging": len(self.held)}
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")


def opened() -> TrackedOutput:
    """Open one whose counts go to the file that the environment names; for a stage."""
    return TrackedOutput(Path(os.environ[PLACE]))
