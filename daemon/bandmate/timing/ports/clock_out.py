"""MIDI clock of our own: which messages are due while our transport leads; it sends nothing."""

from __future__ import annotations

import math

from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import JUMP_BEATS

TICK, START, CONTINUE, STOP = (bytes((status,)) for status in (0xF8, 0xFA, 0xFB, 0xFC))

_TICKS = 24  # in a beat
_SIXTEENTH = 6  # ticks: song positions are told in these
_LAST_POSITION = 0x3FFF
_AHEAD_SECONDS = 1e-3  # of the first tick: the standard gives a receiver that long to get ready
_AT_ONCE = 1e-6


class ClockOut:
    """Remembers what was sent, so that every tick is sent once, and start and stop with them."""

    def __init__(self) -> None:
        self._next: int | None = None
        """The tick to send next, counted from the song's start; None while stopped."""
        self._sent = -math.inf
        """The second of the last message."""

    def due(self, grid: Grid, now: float, until: float) -> list[tuple[float, bytes]]:
        """Return what is to be sent from the second *now* to before *until*, where *grid* holds.

        Ask for one stretch after the other. A song that begins at its start is started, one that
        begins elsewhere continues from the next sixteenth, and one that jumps stops and continues.
        """
        found: list[tuple[float, bytes]] = []
        if self._next is not None and (not grid.is_rolling or self._has_jumped(grid, now)):
            found.append(self._at(now, STOP))
            self._next = None
        if grid.is_rolling:
            if self._next is None:
                found += self._begun(grid, now, until)
            while self._next is not None and self._second(grid, self._next) < until:
                found.append(self._at(self._second(grid, self._next), TICK))
                self._next += 1
        return found

    def _begun(self, grid: Grid, now: float, until: float) -> list[tuple[float, bytes]]:
        """Begin at the first sixteenth that is not too near, if it lies before *until*."""
        beat = grid.beat_at(max(now, self._sent) + _AHEAD_SECONDS)
        first = max(0, math.ceil(beat * _TICKS / _SIXTEENTH - _AT_ONCE))
        if beat * _TICKS < 1 + _AT_ONCE:
            first = 0  # it has just begun: better its first tick late than a sixteenth left out
        second = self._second(grid, first * _SIXTEENTH)
        if second - _AHEAD_SECONDS >= until or first > _LAST_POSITION:
            return []
        self._next = first * _SIXTEENTH
        begun = second - _AHEAD_SECONDS
        if not first:
            return [self._at(max(now, begun), START)]
        position = bytes((0xF2, first & 0x7F, first >> 7))
        return [self._at(begun, position), self._at(begun, CONTINUE)]

    def _has_jumped(self, grid: Grid, now: float) -> bool:
        coming = (self._next or 0) / _TICKS
        ahead = coming - grid.beat_at(now)
        return not -JUMP_BEATS <= ahead <= JUMP_BEATS + 1 / _TICKS

    def _second(self, grid: Grid, tick: int) -> float:
        return grid.second_of(tick / _TICKS)

    def _at(self, second: float, message: bytes) -> tuple[float, bytes]:
        """Return a message at a second, none before another that was sent."""
        self._sent = max(second, self._sent)
        return self._sent, message
