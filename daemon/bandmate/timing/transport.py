"""Where we are, in beats: the clock and the internal transport that counts bars on it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

from bandmate.music.meter import Meter

T = TypeVar("T")

# A barline that was reached by adding floats must not be missed by a rounding error and waited
# for a whole bar again.
_AT_ONCE = 1e-6


class Clock:
    """The machine's monotonic clock, in seconds, and how to wait by it; tests bring their own."""

    def now(self) -> float:
        """Return the second it is now; only differences mean something."""
        return time.monotonic()

    def get(self, inbox: SimpleQueue[T], until: float | None) -> T:
        """Return what comes into *inbox*, waiting up to the second *until* (None waits for ever).

        Raises queue.Empty when that second has come.
        """
        if until is None:
            return inbox.get()
        return inbox.get(timeout=max(0.0, until - self.now()))


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A barline from which beats and bars are counted on."""

    second: float
    beat: float
    bar: int
    tempo: float
    meter: Meter

    def beat_at(self, now: float) -> float:
        return self.beat + (now - self.second) * self.tempo / 60

    def bars_at(self, now: float) -> float:
        return (self.beat_at(now) - self.beat) / self.meter.bar_beats

    def second_of(self, bars: float) -> float:
        return self.second + bars * self.meter.bar_beats * 60 / self.tempo


class Transport:
    """Rolling or not, and the beat now.

    Any thread may read; whoever plays changes. What is read is replaced whole, so a reader sees
    the state before a change or the one after it.
    """

    def __init__(
        self, clock: Clock | None = None, tempo: float = 120.0, meter: Meter | None = None
    ) -> None:
        self.clock = clock or Clock()
        self._tempo = tempo
        self._meter = meter or Meter()
        self._anchors: tuple[_Anchor, ...] = ()

    @property
    def is_rolling(self) -> bool:
        """True from start to stop."""
        return bool(self._anchors)

    @property
    def tempo(self) -> float:
        """Quarter notes per minute, now."""
        anchor = self._anchor(self.clock.now())
        return anchor.tempo if anchor else self._tempo

    @property
    def meter(self) -> Meter:
        """The meter now."""
        anchor = self._anchor(self.clock.now())
        return anchor.meter if anchor else self._meter

    def start(self, at: float) -> None:
        """Roll from the clock's second *at*, which becomes beat 0 and bar 0."""
        self._anchors = (_Anchor(at, 0.0, 0, self._tempo, self._meter),)

    def stop(self) -> None:
        """Stand still, at beat 0."""
        self._tempo, self._meter = self.tempo, self.meter
        self._anchors = ()

    def change(self, tempo: float, meter: Meter, at: float) -> None:
        """Take another tempo and meter from the clock's second *at*, where a bar begins.

        A change that was still to come is forgotten. Without rolling the change counts from now.
        """
        now = self.clock.now()
        anchor = self._anchor(now)
        if anchor is None:
            self._tempo, self._meter = tempo, meter
            return
        bar = anchor.bar + math.ceil(anchor.bars_at(at) - _AT_ONCE)
        new = _Anchor(at, anchor.beat_at(at), bar, tempo, meter)
        self._anchors = (new,) if at <= now else (anchor, new)

    def beat_at(self, now: float) -> float:
        """Return the beats since the start at the clock's second *now*; 0 where nothing rolls."""
        anchor = self._anchor(now)
        return max(0.0, anchor.beat_at(now)) if anchor else 0.0

    def bar_at(self, now: float) -> int:
        """Return the index of the bar at the clock's second *now*; 0 where nothing rolls."""
        anchor = self._anchor(now)
        return anchor.bar + max(0, int(anchor.bars_at(now) + _AT_ONCE)) if anchor else 0

    def next_bar(self, now: float) -> float:
        """Return the clock's second of the first barline at *now* or later.

        It is *now* where nothing rolls: then whatever begins, begins a bar.
        """
        anchor = self._anchor(now)
        if anchor is None:
            return now
        bars = max(0, math.ceil(anchor.bars_at(now) - _AT_ONCE))
        return max(now, anchor.second_of(bars))

    def _anchor(self, now: float) -> _Anchor | None:
        anchors = self._anchors
        passed = [anchor for anchor in anchors if anchor.second <= now]
        return passed[-1] if passed else anchors[0] if anchors else None
