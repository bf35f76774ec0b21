"""A daemon as a process, with models that answer at once and a MIDI port that writes into a file.

python serve_with_fakes.py PORT MIDI_FILE [json]
"""

from __future__ import annotations

import sys
from pathlib import Path

from bandmate.app.serve import Means, serve
from bandmate.config import Settings
from fakes import open_fake
from fakes_chords import openings
from wires.here_player import HerePlayer


class FiledOutput:
    """A MIDI port whose messages lie in a file, one line of hex each."""

    name = "file"
    ahead = 0.0

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", buffering=1)

    def check(self) -> None:
        """Be there."""

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        """Write one message."""
        self._file.write(f"{message.hex()}\n")

    def take_back(self) -> int:
        """Have nothing that waits."""
        return 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def main(port: str, midi: str, *words: str) -> int:
    """Serve until a signal."""
    means = Means(
        open_fake, openings(), lambda settings, told: HerePlayer(FiledOutput(Path(midi)), told)
    )
    settings = Settings(port=int(port), query_port=0, panel_port=0, log_json="json" in words)
    return serve(settings, means)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
