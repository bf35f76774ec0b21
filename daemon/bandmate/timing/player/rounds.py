"""What is under way: takes that play or wait, and at each barline whose notes come next.

All is counted in beats of the song's grid, so that a tempo that changes changes nothing here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from bandmate.music.clip import Clip, Part
from bandmate.music.meter import Meter
from bandmate.timing.player.events import Bar, Score
from bandmate.timing.player.news import Whose
from bandmate.timing.sources.grid import Grid

# Two sums of floats that mean the same barline may differ by a hair: a loop must not strike its
# first notes again just before another clip takes its place there.
ONE_MOMENT = 1e-4
"""Beats that are one moment."""

EVERY = {"bar": 1, "2 bars": 2, "4 bars": 4}
"""Boundaries that a take can be launched on, and of how many bars each is the line."""


@dataclass(frozen=True, slots=True)
class StreamHead:
    """A take that is still being written, as far as is known before its first bar."""

    number: int
    """By which it is filled, replaced and told of; above 0."""
    tempo: float
    """Quarter notes per minute."""
    meter: Meter
    bars: int
    """Count of bars, from 1."""
    parts: tuple[Part, ...]
    """Without notes."""
    begins: float | None
    """Beat of the song's grid, or beats from now where nothing rolls; None: behind what plays."""
    stand_in: Clip | None = None
    """Plays where a bar is not there in time; of the same meter, else it is not used."""
    is_looped: bool = False


@dataclass(slots=True)
class Round:
    """A take under way or waiting."""

    number: int
    tempo: float
    meter: Meter
    setup: tuple[tuple[str, bytes], ...]
    channels: tuple[int, ...]
    bars: list[Bar | None]
    """None where a bar is not written yet."""
    length: float
    """Beats."""
    begins: float | None
    """Beat at which its first or its present pass begins; None behind what plays."""
    is_looped: bool = False
    clip: Clip | None = None
    """What plays, where it is whole."""
    stand_in: tuple[Bar, ...] = ()
    parts: dict[str, int] = field(default_factory=dict)
    """The channel of each part of a stream."""
    next_bar: int = 0
    """Index of the bar that is to be decided on."""
    is_ending: bool = False
    _latest: Bar | None = None

    @property
    def line(self) -> float:
        """The beat of the barline that is to be decided on; of the end behind the last bar."""
        assert self.begins is not None
        return self.begins + min(self.next_bar * self.meter.bar_beats, self.length)

    @property
    def is_through(self) -> bool:
        """True where the next line is the end of a pass."""
        return self.next_bar >= len(self.bars)

    def next(self) -> tuple[Bar, Whose]:
        """Step on and return the bar that comes next, with whose notes it has."""
        bar = self.bars[self.next_bar]
        index = self.next_bar
        self.next_bar += 1
        if bar is not None:
            self._latest = bar
            return bar, "own"
        if self.stand_in:
            return self.stand_in[index % len(self.stand_in)], "stand-in"
        if self._latest is not None:
            return self._latest, "stand-in"
        return (), "silent"

    def take(self, score: Score, clip: Clip) -> None:
        """Take the notes of the whole take for all bars that are not decided on."""
        self.clip = clip
        self.bars[: len(score.bars)] = score.bars[: len(self.bars)]


class Step(NamedTuple):
    """What was decided on for a barline."""

    beat: float
    round: Round
    bar: int = 0
    """Index in the take."""
    strikes: Bar = ()
    """Counted from *beat*."""
    whose: Whose = "own"
    is_new: bool = False
    """True where the round takes over."""
    is_end: bool = False
    """True where the round is over, and nothing follows."""
    end: float = 0.0
    """Beat that no note of this bar outlasts."""


class Rounds:
    """The round that plays and those to come."""

    def __init__(self) -> None:
        self.playing: Round | None = None
        self.coming: list[Round] = []
        self.over = -math.inf
        """Beat at which the last round came to its end."""

    def launch(self, coming: Round) -> None:
        """Let a round take over at its beat, in the place of all that waited; None: queue it."""
        if coming.begins is None and (self.playing or self.coming):
            self.coming.append(coming)
            return
        self.coming = [coming]

    def numbered(self, number: int) -> list[Round]:
        """Return the rounds of that number."""
        found = [self.playing, *self.coming] if self.playing else self.coming
        return [r for r in found if r is not None and r.number == number]

    def end(self, number: int) -> None:
        """Let a round end with its bar, and forget it where it waits."""
        self.coming = [r for r in self.coming if r.number != number]
        if self.playing and self.playing.number == number:
            self.playing.is_ending = True

    def clear(self) -> None:
        """Forget all."""
        self.playing, self.coming, self.over = None, [], -math.inf

    @property
    def line(self) -> float | None:
        """The beat that is to be decided on next; None where nothing plays nor waits."""
        lines = [self.playing.line] if self.playing else []
        lines += [r.begins for r in self.coming[:1] if r.begins is not None]
        return min(lines, default=None)

    def step(self) -> Step:
        """Decide on ``line``, which must be there."""
        line = self.line
        assert line is not None
        first = self.coming[0] if self.coming else None
        if first and first.begins is not None and first.begins <= line + ONE_MOMENT:
            return self._take_over(first.begins)
        now = self.playing
        assert now is not None
        if not now.is_ending and not now.is_through:
            return self._bar(now, line)
        if first and first.begins is None:
            return self._take_over(line)
        if now.is_looped and now.length and not now.is_ending:
            now.begins, now.next_bar = line, 0
            return self._bar(now, line)
        self.playing, self.over = None, line
        return Step(line, now, is_end=True)

    def realign(self, old: float, grid: Grid, new: float) -> None:
        """Shift all by whole bars of *grid*, so that what played at *old* goes on at *new*."""
        for waiting in self.coming:
            if waiting.begins is not None:
                waiting.begins = grid.next_bar(new)
        now = self.playing
        if now is None or now.begins is None:
            return
        bars = (new - (old - now.begins) - grid.bar_beat) / grid.meter.bar_beats
        now.begins = grid.beat_of_bar(grid.bar + round(bars))
        place = new - now.begins
        if now.is_looped and now.length:
            passes = math.floor(place / now.length)
            now.begins, place = now.begins + passes * now.length, place - passes * now.length
        now.next_bar = max(0, min(len(now.bars), math.floor(place / now.meter.bar_beats)))

    @property
    def end_of_all(self) -> float:
        """The beat at which whatever plays and waits has been through once."""
        known = [r for r in (self.playing, *self.coming) if r is not None]
        beat = self.over
        for r in known:
            beat = (beat if r.begins is None else r.begins) + r.length
        return beat

    def _take_over(self, line: float) -> Step:
        now = self.coming.pop(0)
        now.begins, self.playing = line, now
        if not now.bars:  # nothing in it: it is over as soon as it begins
            self.playing, self.over = None, line
            return Step(line, now, is_new=True, is_end=True)
        return self._bar(now, line)._replace(is_new=True)

    def _bar(self, now: Round, line: float) -> Step:
        index = now.next_bar
        strikes, whose = now.next()
        assert now.begins is not None
        return Step(line, now, index, strikes, whose, end=now.begins + now.length)
