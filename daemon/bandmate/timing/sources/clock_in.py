"""A MIDI clock followed: 24 ticks a beat, each a little off, become a straight line of beats.

Ticks are early or late by chance, or late only, where they wait in a queue: then the line is late
by a constant, which the latency that was calibrated takes away with all the other constants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bandmate.timing.sources.counting import TICKS, Counter, Story
from bandmate.timing.sources.fitting import MOST, Point, fitted
from bandmate.timing.sources.grid import Grid

TICK, START, CONTINUE, STOP, POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
"""Status bytes."""

SILENCE_SECONDS = 0.75
"""A clock without a tick for so long is dead."""

_ENOUGH = 6  # ticks before anything is said
_FRESH = 1.5  # ticks after which a clock that does not tick stands
_NEAREST = 0.25  # how much earlier than its tick, in ticks, a start may come and mean that tick
_FIT_EVERY = 3
_LEAST_JITTER, _MOST_JITTER = 0.25e-3, 6e-3
_JITTER_TICKS = 48
_DEVIATION = math.sqrt(math.pi / 2)  # the standard one, of a mean one of 1
_DOUBTFUL_SECONDS = 0.02  # where the beat a bar ahead is as far off, it is half certain
_TICKS_AHEAD = 96


@dataclass(frozen=True, slots=True)
class _Line:
    """Where the latest tick was meant to be, and the next will be."""

    index: int
    second: float
    period: float
    certainty: float

    def index_at(self, second: float) -> float:
        return self.index + (second - self.second) / self.period


class ClockFollower:
    """A source that follows MIDI clock; one thread gives it what comes and asks it for the grid."""

    name = "clock"
    has_meter = False
    has_phase = False

    def __init__(self) -> None:
        self._counter = Counter()
        self._line: _Line | None = None
        self._ticks = 0
        self._heard = -math.inf
        self._is_rolling = False
        self._origin = 0.0
        """The index of the tick that is beat 0 of the song."""
        self._position = 0.0
        """The song's beat while it stands."""
        self._begins: int | None = None
        """The index of the tick at which the position will be, where it is to roll from it."""
        self._is_next = False
        """Whether it is to roll from whichever tick comes next."""
        self._off = self._counter.jitter / _DEVIATION

    def take_in(self, second: float, message: bytes) -> None:
        """Take in a MIDI message that came at the clock's *second*; others than of time pass."""
        kind = message[0] if message else 0
        if kind == TICK:
            self._tick(max(second, self._heard))
        elif kind == START:
            self._position = 0.0
            self._roll(second)
        elif kind == CONTINUE and not self._is_rolling:
            self._roll(second)
        elif kind == STOP:
            self._stop()
        elif kind == POSITION and len(message) == 3:
            self._position = (message[1] + (message[2] << 7)) / 4
            if self._is_rolling:
                self._roll(second)

    def grid(self, now: float) -> Grid | None:
        """Return where the song is; None before enough ticks came, and when none come any more."""
        silence = now - self._heard
        line = self._line
        if line is None or self._ticks < _ENOUGH or silence > SILENCE_SECONDS:
            return None
        certainty = line.certainty * (1 - max(0.0, silence) / SILENCE_SECONDS / 2)
        tempo = 60 / TICKS / line.period
        if not self._is_rolling:
            return Grid(
                now, self._position, tempo, is_rolling=False, source=self.name, certainty=certainty
            )
        beat = (line.index - self._origin) / TICKS
        return Grid(line.second, beat, tempo, source=self.name, certainty=certainty)

    def _tick(self, second: float) -> None:
        line = self._line
        if second - self._heard > SILENCE_SECONDS:
            self._resume(second)
        else:
            if line is not None:
                self._note_jitter(line, second)
            self._counter.take_in(second)
        self._heard = second
        self._ticks += 1
        best = self._counter.best
        if best is not None and (self._ticks < TICKS or not self._ticks % _FIT_EVERY):
            self._line = _line(best, self._counter.jitter)
        index = best.number if best else 0
        if self._is_next or (self._begins is not None and index >= self._begins):
            begins = index if self._is_next or self._begins is None else self._begins
            self._origin = begins - self._position * TICKS
            self._counter.beat = round(self._origin)
            self._is_rolling, self._is_next, self._begins = True, False, None

    def _resume(self, second: float) -> None:
        """Go on after a silence, as if the clock had ticked on unheard."""
        line, self._line, self._ticks = self._line, None, 0
        if line is None:
            self._counter.take_in(second)
        else:
            self._counter.resume(second, line.period)

    def _roll(self, second: float) -> None:
        """Roll from the position, at the first tick after *second*, even if that one is lost."""
        best = self._counter.best
        self._begins, self._is_next = None, True
        if best is not None:
            ticks = (second - best.second) / best.period
            if ticks < _FRESH + 1:
                self._begins = best.number + max(1, math.ceil(ticks - _NEAREST))
                self._is_next = False

    def _stop(self) -> None:
        best = self._counter.best
        if self._is_rolling and best is not None:
            self._position = max(0.0, (best.number + 1 - self._origin) / TICKS)
        self._is_rolling, self._is_next, self._begins = False, False, None

    def _note_jitter(self, line: _Line, second: float) -> None:
        """Learn how much ticks are off, from how far this one is from where one should be."""
        index = line.index_at(second)
        off = abs(index - round(index)) * line.period
        self._off += (off - self._off) / _JITTER_TICKS
        jitter = self._off * _DEVIATION
        self._counter.jitter = min(_MOST_JITTER, max(_LEAST_JITTER, jitter))


def _line(story: Story, jitter: float) -> _Line:
    """Return the line through the latest ticks of a story; the story's own while they are few."""
    tick = story.tick
    points = [Point(t.index - tick.index, t.second - tick.second) for t in tick.chain(MOST)]
    if len(points) < _ENOUGH + 2:
        doubt, period_doubt = math.sqrt(story.doubt.second), math.sqrt(story.doubt.period)
        certainty = _certainty(doubt, period_doubt)
        return _Line(story.number, story.second, story.period, certainty)
    fit = fitted(points, jitter)
    certainty = _certainty(fit.doubt, fit.period_doubt)
    return _Line(tick.index, tick.second + fit.second, fit.period, certainty)


def _certainty(doubt: float, period_doubt: float) -> float:
    return 1 / (1 + math.hypot(doubt, _TICKS_AHEAD * period_doubt) / _DOUBTFUL_SECONDS)
