"""A daemon on fakes as a process that serves the page; three ports, a file."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from bandmate.config import Settings
from bandmate.serve import Means, serve
from fakes import open_fake
from fakes_chords import openings
from serve_with_fakes import FiledOutput
from wires.here_player import HerePlayer


def main(osc: str, panel: str, query: str, midi: str, lingers_at: str = "") -> int:
    """Serve until a signal; *lingers_at* is the bar before which the loop model works on."""
    opening = partial(open_fake, lingers_at=int(lingers_at) if lingers_at else None)
    means = Means(
        opening, openings(), lambda settings, told: HerePlayer(FiledOutput(Path(midi)), told)
    )
    ports = (int(osc), int(panel), int(query))
    settings = Settings(port=ports[0], panel_port=ports[1], query_port=ports[2], announce=False)
    return serve(settings, means)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
