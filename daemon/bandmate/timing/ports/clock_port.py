"""Our MIDI clock on its port: sent a while ahead where the port wants that, when due elsewhere."""

from __future__ import annotations

import math
from dataclasses import replace

from bandmate.timing.ports.clock_out import ClockOut
from bandmate.timing.ports.ports import CLOCK_OUT, Output
from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import INTERNAL

_AT_ONCE = 5e-4  # seconds: a tick that comes within these is sent now
_TICKS = 24


class ClockPort:
    """Sends MIDI clock while we lead."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._clock = ClockOut()
        self._sent: float | None = None
        """The second up to which all was sent; None while nothing rolls."""

    def send_due(self, grid: Grid, now: float, latency: float) -> None:
        """Send what is due at the second *now* where *grid* holds; raises PortError."""
        until = now + self._output.ahead + _AT_ONCE
        ours = replace(grid, is_rolling=grid.is_rolling and grid.source == INTERNAL)
        since = now if self._sent is None else self._sent
        for second, message in self._clock.due(ours, since, until):
            self._output.send(message, second - latency, CLOCK_OUT)
        self._sent = until if ours.is_rolling else None

    def wake(self, grid: Grid) -> float | None:
        """Return the second at which to send again; None while nothing is to be sent."""
        if self._sent is None:
            return None
        tick = math.ceil(grid.beat_at(self._sent) * _TICKS)
        return grid.second_of(tick / _TICKS) - self._output.ahead
