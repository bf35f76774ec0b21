"""A second process in the room: it joins Link, and says what it sees when it is asked.

A command is a line: ``peers``, ``bars COUNT``, ``tempo BPM``, ``started``, ``rolling 0|1`` or
``lead BPM``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial

from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.link import LinkSource

PATIENCE = 30.0


def wait_for(source: LinkSource, is_so: Callable[[Grid], bool]) -> Grid:
    """Look at Link until it is so; it tells nobody, one can only look."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        grid = source.grid(time.monotonic())
        if grid is not None and is_so(grid):
            return grid
        time.sleep(0.002)
    raise TimeoutError


def barlines(source: LinkSource, count: int) -> list[float]:
    """Return the seconds of the next barlines, each as it was told shortly before it came."""
    seconds: list[float] = []
    grid = wait_for(source, lambda grid: True)
    coming = grid.next_bar(grid.beat)
    while len(seconds) < count:
        grid = wait_for(source, partial(_is_near, coming))
        seconds.append(grid.second_of(coming))
        coming += grid.meter.bar_beats
    return seconds


def _is_near(line: float, grid: Grid) -> bool:
    return grid.beat > line - 0.5


def answered(source: LinkSource, name: str, value: float) -> object:
    """Do what a command says, and return the answer."""
    if name == "peers":
        wait_for(source, lambda grid: source.peers > 0)
        return source.peers
    if name == "bars":
        return barlines(source, int(value))
    if name == "tempo":
        return wait_for(source, lambda grid: abs(grid.tempo - value) < 0.01).second
    if name == "started":
        wait_for(source, lambda grid: source.has_transport and grid.is_rolling)
        return None
    if name == "rolling":
        return wait_for(source, lambda grid: grid.is_rolling == bool(value)).second
    source.lead(tempo=value)
    return None


def main() -> None:
    """Answer each line with one line of JSON."""
    source = LinkSource(100.0)
    for line in sys.stdin:
        name, _, value = line.strip().partition(" ")
        print(json.dumps(answered(source, name, float(value or 0))), flush=True)
    source.close()


if __name__ == "__main__":
    main()
