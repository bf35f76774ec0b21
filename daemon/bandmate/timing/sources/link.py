"""Ableton Link: a beat that everybody in the room shares, where whoever likes may change the tempo.

The package (extra ``link``, GPL-3) is imported only where a person asks for Link. It wants to be
opened in an event loop, so that has a thread of its own; what it says may be read from any other.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from bandmate.errors import PortError
from bandmate.timing.sources.grid import Grid

SLOWEST, FASTEST = 20.0, 999.0
"""Beats a minute that Link takes."""

_OPENING_SECONDS = 5.0
_READINGS = 3


class Link(Protocol):
    """What is used of the package's ``Link``."""

    enabled: bool
    start_stop_sync_enabled: bool
    tempo: float
    quantum: float
    """Beats of the bars that all agree on."""
    playing: bool
    num_peers: int
    beat: float
    """Now; a multiple of the quantum where a bar begins."""

    def add_start_stop_callback(self, callback: Callable[[bool], None]) -> None:
        """Let a function be called when somebody starts or stops."""


class LinkSource:
    """A source that follows Link, and leads it when it is told to.

    Link has no stop as long as nobody uses one: then its beats just go on. From the first start or
    stop on, ours or another's, it rolls and stands as it is told.
    """

    name = "link"
    has_meter = False
    has_phase = True

    def __init__(self, tempo: float = 120.0, bar_beats: float = 4.0) -> None:
        """Join the room, or open one at *tempo*; raises PortError where the package is missing."""
        self._link: Link | None = None
        self.has_transport = False
        """True once anybody, we or others, has started or stopped."""
        self._is_open = threading.Event()
        self._closing: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        try:
            self._package = import_module("aalink")
        except ImportError:
            raise PortError(
                "Ableton Link needs the package aalink, install it with pip install bandmate[link]"
            ) from None
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._stay(tempo, bar_beats)), name="link", daemon=True
        )
        self._thread.start()
        if not self._is_open.wait(_OPENING_SECONDS):
            raise PortError("Ableton Link does not open, follow another source")

    @property
    def peers(self) -> int:
        """How many others are in the room."""
        return self._link.num_peers if self._link else 0

    def grid(self, now: float) -> Grid | None:
        """Return where the room is; None once it is closed. *now* is a second of the clock."""
        link = self._link
        if link is None:
            return None
        is_rolling = link.playing or not self.has_transport
        second, beat = _read(link)
        tempo = link.tempo
        beat += (now - second) * tempo / 60
        return Grid(now, beat, tempo, is_rolling=is_rolling, source=self.name)

    def lead(
        self,
        tempo: float | None = None,
        is_rolling: bool | None = None,
        bar_beats: float | None = None,
    ) -> None:
        """Change everybody's tempo (kept to 20..999), start or stop all, or our length of a bar."""
        link = self._link
        if link is None:
            return
        if tempo is not None:
            link.tempo = min(FASTEST, max(SLOWEST, tempo))
        if is_rolling is not None:
            self.has_transport = True
            link.playing = is_rolling
        if bar_beats is not None:
            link.quantum = bar_beats

    def close(self) -> None:
        """Leave the room; a second time does nothing."""
        loop, self._loop = self._loop, None
        if loop is not None and self._closing is not None:
            loop.call_soon_threadsafe(self._closing.set)
            self._thread.join(_OPENING_SECONDS)

    def _note_transport(self, is_playing: bool) -> None:
        self.has_transport = True

    async def _stay(self, tempo: float, bar_beats: float) -> None:
        link = cast(Link, self._package.Link(min(FASTEST, max(SLOWEST, tempo))))
        link.quantum = bar_beats
        link.start_stop_sync_enabled = True
        link.add_start_stop_callback(self._note_transport)
        link.enabled = True
        self._closing = asyncio.Event()
        self._loop, self._link = asyncio.get_running_loop(), link
        self._is_open.set()
        await self._closing.wait()
        self._link = None
        link.enabled = False


def _read(link: Link) -> tuple[float, float]:
    """Return a second and the beat at it, from the reading that was least interrupted."""
    readings = []
    for _ in range(_READINGS):
        before = time.monotonic()
        beat = link.beat
        after = time.monotonic()
        readings.append((after - before, (before + after) / 2, beat))
    _, second, beat = min(readings)
    return second, beat
