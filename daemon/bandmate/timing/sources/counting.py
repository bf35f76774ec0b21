"""Which tick of a MIDI clock this one is, where some are late, some are lost and the tempo leaps.

A tick that comes a whole tick late may follow a lost one, be held up, or be the first of a slower
tempo; only the next ones tell. So several stories about what happened are told side by side, each
with a Kalman filter of the ticks' time and distance, and the likeliest is believed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

TICKS = 24
"""Of a MIDI clock, in a beat."""

LONGEST, SHORTEST = 60 / TICKS / 15, 60 / TICKS / 500
"""Seconds between two ticks: those of 15 and of 500 beats a minute."""

# What a story costs, as minus the logarithm of how likely it is; one that costs so much more than
# the best is not told on, nor are more than so many.
_LOST_ONE, _LOST_MANY, _HELD_UP = 4.0, 6.0, 6.5
_LEAPT_ON_THE_BEAT, _LEAPT_OFF_IT = 8.0, 11.0
_HOPELESS = 26.0
_STORIES = 16
# How far the distance drifts in one tick, as a part of it, on a ramp of fifty beats a minute in
# eight bars; and how far it may leap.
_DRIFT = 1.5e-3
_LEAP = 0.8
# Ticks that are off by less, in standard deviations, tell no leap.
_EVEN = 1.0
# Two stories are the same where their periods differ by less than this part of their doubt.
_NEAR = 0.5


class Tick:
    """A tick that came, and the one before it: a chain that several stories share."""

    __slots__ = ("before", "index", "second")

    def __init__(self, index: int, second: float, before: Tick | None) -> None:
        self.index = index
        self.second = second
        self.before = before

    def chain(self, count: int) -> list[Tick]:
        """Return up to *count* ticks, the latest first, and let go of those before them."""
        ticks = [self]
        while ticks[-1].before is not None and len(ticks) < count:
            ticks.append(ticks[-1].before)
        ticks[-1].before = None
        return ticks


class Doubt(NamedTuple):
    """How far a story may be off: variances of second and period, and what they share."""

    second: float
    both: float
    period: float

    def later(self, steps: int, drift: float) -> Doubt:
        """Return the doubt after *steps* ticks in each of which the period drifts."""
        period = self.period + steps * drift * drift
        both = self.both + steps * period
        return Doubt(self.second + steps * (self.both + both), both, period)

    def leapt(self, steps: int, leap: float) -> Doubt:
        """Return the doubt where the period has become another one *steps* ticks ago."""
        leap *= leap
        return Doubt(
            self.second + steps * steps * leap, self.both + steps * leap, self.period + leap
        )

    def lessened(self, noise: float) -> Doubt:
        """Return the doubt that is left when a tick with so much variance was seen."""
        all_ = self.second + noise
        kept = noise / all_
        return Doubt(self.second * kept, self.both * kept, self.period - self.both**2 / all_)


class Story(NamedTuple):
    """One account of the ticks so far."""

    cost: float
    number: int
    """The index of the latest tick."""
    second: float
    """When that tick was meant to come."""
    period: float
    """Seconds from tick to tick."""
    doubt: Doubt
    tick: Tick
    """The latest tick that counts, first of the chain since the tempo last leapt."""


class Counter:
    """Numbers the ticks of one clock."""

    def __init__(self) -> None:
        self.jitter = 3e-3
        """How much the ticks are off, as a standard deviation in seconds; whoever fits knows."""
        self.beat: int | None = None
        """The index of a tick on the beat, where one is known: hosts change their tempo there."""
        self._stories: list[Story] = []
        self._first: Tick | None = None

    @property
    def best(self) -> Story | None:
        """What is believed now; None before the second tick."""
        return self._stories[0] if self._stories else None

    def take_in(self, second: float) -> None:
        """Count a tick that came at *second*."""
        if not self._stories:
            self._begin(second)
            return
        told: list[Story] = []
        dearest = math.inf
        for story in self._stories:
            if story.cost < dearest:
                told += self._continued(story, second)
                dearest = min(new.cost for new in told) + _HOPELESS if told else math.inf
        told = told or [self._anew(self._stories[0], second)]
        self._stories = _distinct(sorted(told, key=lambda story: story.cost))

    def resume(self, second: float, period: float) -> None:
        """Count a tick that came after a silence, in which all went on with *period*."""
        best = self.best
        if best is None:
            self._begin(second)
        else:
            self._stories = [self._anew(best._replace(period=period), second)]

    def _begin(self, second: float) -> None:
        first, self._first = self._first, Tick(0, second, None)
        if first is not None and SHORTEST <= second - first.second <= LONGEST:
            period, noise = second - first.second, self.jitter**2
            doubt = Doubt(noise, noise, 2 * noise)
            self._stories = [
                Story(0.0, 1, second, period, doubt, Tick(1, second, first)),
                Story(_LOST_ONE, 2, second, period / 2, doubt, Tick(2, second, first)),
            ]

    def _continued(self, story: Story, second: float) -> Iterator[Story]:
        ratio = (second - story.second) / story.period
        for steps in {1, max(1, math.floor(ratio)), max(1, math.ceil(ratio))}:
            cost = story.cost + (0.0, _LOST_ONE, _LOST_MANY)[min(steps, 3) - 1]
            yield from self._stepped(story, second, steps, cost)

    def _stepped(self, story: Story, second: float, steps: int, cost: float) -> Iterator[Story]:
        """Yield what may be told of a tick that is so many behind the one before."""
        index, expected = story.number + steps, story.second + steps * story.period
        doubt = story.doubt.later(steps, _DRIFT * story.period)
        strange = (second - expected) ** 2 / (doubt.second + self.jitter**2)
        if strange < 2 * _HOPELESS:
            tick = Tick(index, second, story.tick)
            yield self._seen(cost, expected, story.period, doubt, tick)
        if strange > _EVEN**2:
            leapt = doubt.leapt(steps, _LEAP * story.period)
            tick = Tick(index, second, None)
            is_on = self.beat is None or (story.number - self.beat) % TICKS == 0
            cost_of_leap = _LEAPT_ON_THE_BEAT if is_on else _LEAPT_OFF_IT
            yield self._seen(cost + cost_of_leap, expected, story.period, leapt, tick)
        if strange > 9:
            yield Story(cost + _HELD_UP, index, expected, story.period, doubt, story.tick)

    def _seen(self, cost: float, expected: float, period: float, doubt: Doubt, tick: Tick) -> Story:
        """Return the story of a tick that was expected at a second, with that much doubt."""
        noise = self.jitter**2
        off, all_ = tick.second - expected, doubt.second + noise
        return Story(
            cost + off * off / all_ / 2 + math.log(all_ / noise) / 2,
            tick.index,
            expected + doubt.second / all_ * off,
            min(LONGEST, max(SHORTEST, period + doubt.both / all_ * off)),
            doubt.lessened(noise),
            tick,
        )

    def _anew(self, story: Story, second: float) -> Story:
        """Return a story of which only the count of the ticks is kept, as well as it goes."""
        index = story.number + max(1, round((second - story.second) / story.period))
        doubt = Doubt(self.jitter**2, 0.0, (_LEAP * story.period) ** 2)
        return Story(0.0, index, second, story.period, doubt, Tick(index, second, None))


def _distinct(told: list[Story]) -> list[Story]:
    """Return the likeliest stories, the first at no cost; of those that say the same only one."""
    least = told[0].cost
    kept: list[Story] = []
    for story in told:
        if story.cost > least + _HOPELESS or len(kept) == _STORIES:
            break
        if not any(_is_same(story, other) for other in kept):
            kept.append(story)
    return [story._replace(cost=story.cost - least) for story in kept]


def _is_same(one: Story, other: Story) -> bool:
    near = math.sqrt(other.doubt.period) * _NEAR
    return one.number == other.number and abs(one.period - other.period) < near
