"""How long bars take to write here, learned from the bars that were written: for honest estimates.

A bar costs the more the more parts are written at once, so times are kept by the count of parts.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence

from bandmate.workers.silence import allowed

_KEPT = 64
"""Times that a median is taken of."""

Times = dict[int, deque[float]]
"""Seconds, by how many parts were written at once."""


class Forecast:
    """What the bars of earlier asks took; used from one event loop."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Take the clock, in seconds."""
        self.now = now
        self._firsts: Times = {}
        self._bars: Times = {}

    def first(self, parts: int) -> float | None:
        """Return the seconds until the first bar of an ask; None before anything was written."""
        return _median(self._firsts, parts)

    def bar(self, parts: int) -> float | None:
        """Return the seconds of each further bar; None before anything was written."""
        return _median(self._bars, parts)

    def learn(self, parts: int, seconds: float, *, is_first: bool) -> None:
        """Take in what a bar took."""
        times = self._firsts if is_first else self._bars
        times.setdefault(parts, deque(maxlen=_KEPT)).append(seconds)

    def watch(self, parts: int, takes: Sequence[Collection[int]]) -> Watch:
        """Begin to time an ask that writes *parts* at once, and of each take these bars."""
        return Watch(self, parts, takes)


class Watch:
    """One ask that is being written, timed bar by bar."""

    def __init__(self, forecast: Forecast, parts: int, takes: Sequence[Collection[int]]) -> None:
        self._forecast = forecast
        self._parts = parts
        self._coming = [set(bars) for bars in takes]
        self._own: list[list[float]] = [[] for _ in takes]
        self._last = [forecast.now()] * len(takes)
        self._is_first = True

    def first(self) -> float | None:
        """Return the seconds until the first bar, as far as is known: 0 where it is only copied."""
        is_copied = self._coming and 0 not in self._coming[0]
        return 0.0 if is_copied else self._forecast.first(self._parts)

    def made(self, take: int, bar: int) -> None:
        """Take in that a bar is there now; one that was only copied teaches nothing."""
        if bar not in self._coming[take]:
            return
        now = self._forecast.now()
        self._coming[take].discard(bar)
        seconds, self._last[take] = now - self._last[take], now
        # Of takes written together the first bars come one behind the other: all of them waited.
        is_first = not self._own[take]
        if not is_first or self._is_first:
            self._forecast.learn(self._parts, seconds, is_first=is_first)
        self._own[take].append(seconds)
        self._is_first = False

    def silence(self) -> float:
        """Return the seconds after which a worker that says nothing is taken for dead."""
        bar = self._forecast.bar(self._parts)
        return allowed(self._forecast.first(self._parts) if bar is None else bar)

    def left(self, take: int) -> float | None:
        """Return the seconds until a take is whole: by its own bars, else by those before it.

        None where nothing was ever written.
        """
        coming, own = len(self._coming[take]), self._own[take]
        if not coming:
            return 0.0
        usual = self._forecast.bar(self._parts)
        if own:
            each = statistics.fmean(own[1:]) if own[1:] else (usual or own[0])
            return coming * each
        first = self._forecast.first(self._parts)
        if first is None or (usual is None and coming > 1):
            return None
        return first + (coming - 1) * (usual or 0.0)


def _median(times: Times, parts: int) -> float | None:
    """Return the median of a count of parts, or of the nearest one in proportion."""
    if not times:
        return None
    near = min(times, key=lambda known: (abs(known - parts), known))
    return statistics.median(times[near]) * max(parts, 1) / max(near, 1)
