"""A MIDI output for a player in another process that sends nowhere."""

from __future__ import annotations


class NullOutput:
    """Takes every message at once."""

    name = "bandmate:nowhere"
    ahead = 0.0

    def check(self) -> None:
        """Be there."""

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        """Take a message."""

    def take_back(self) -> int:
        """Have nothing that waits."""
        return 0

    def close(self) -> None:
        """Go."""


def opened() -> NullOutput:
    """Open it; for a stage."""
    return NullOutput()
