"""A daemon on fakes as a process that serves the page; three ports, a file, where it waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bandmate.app.serve import Means, serve
from bandmate.config import Settings
from bandmate.errors import Cancelled
from bandmate.loops.bars import Bar
from bandmate.loops.plan import LoopPlan
from fakes import FakeServant, open_fake
from fakes_chords import openings
from serve_with_fakes import FiledOutput
from wires.here_player import HerePlayer


@dataclass
class GatedServant(FakeServant):
    """A fake that waits before a bar until a file lies at its gate."""

    gate: Path = field(default_factory=Path)

    def serve(
        self, request: tuple[LoopPlan, ...], is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, Bar]]:
        """Yield the bars; raises Cancelled."""
        waits_at, self.lingers_at = self.lingers_at, None
        for take, bar in super().serve(request, is_cancelled):
            while bar.index == waits_at and not self.gate.exists():
                if is_cancelled():
                    raise Cancelled("the loop was called off")
                time.sleep(0.002)
            yield take, bar
        self.lingers_at = waits_at


def main(osc: str, panel: str, query: str, midi: str, *waits: str) -> int:
    """Serve until a signal; *waits* are the bar before which the loop model works on, and the gate
    that lets it come; without a gate it works on without an end."""
    lingers_at, gate = waits or ("", "")
    bar = int(lingers_at) if lingers_at else None
    gated = partial(GatedServant, lingers_at=bar, gate=Path(gate))
    opening = gated if gate else partial(open_fake, lingers_at=bar)
    means = Means(
        opening, openings(), lambda settings, told: HerePlayer(FiledOutput(Path(midi)), told)
    )
    ports = (int(osc), int(panel), int(query))
    settings = Settings(port=ports[0], panel_port=ports[1], query_port=ports[2], announce=False)
    return serve(settings, means)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
