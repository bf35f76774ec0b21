"""A host's MIDI clock, as bad as cables and queues make it, and where its song really was."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bandmate.timing.sources.clock_in import ClockFollower
from bandmate.timing.sources.grid import Grid

TICK, START, CONTINUE, STOP = (bytes((status,)) for status in (0xF8, 0xFA, 0xFB, 0xFC))


class Stretch(NamedTuple):
    """Some beats at a tempo, or on the way from one tempo to another."""

    beats: int
    tempo: float
    ends: float | None = None


class Truth(NamedTuple):
    """Where the song really is at a tick."""

    second: float
    beat: float
    tempo: float
    steady_beats: float
    """Beats since the tempo last changed."""


@dataclass(frozen=True)
class FakeClockOut:
    """Sends a song's clock; the same one for the same seed."""

    song: tuple[Stretch, ...]
    seed: int = 0
    jitter: float = 3e-3
    """Standard deviation of a tick's time, in seconds."""
    lost: float = 0.02
    """Share of the ticks that do not come."""
    is_late_only: bool = False
    begins: float = 10.0

    def truth(self) -> list[Truth]:
        """Return where the song is at each of its ticks."""
        found: list[Truth] = []
        second, ticks = self.begins, 0
        for beats, tempo, ends in self.song:
            last = tempo if ends is None else ends
            count = beats * 24
            for i in range(count):
                steady = i / 24 if ends is None else 0.0
                here = tempo + (last - tempo) * i / count
                found.append(Truth(second, ticks / 24, here, steady))
                second += 60 / 24 / (tempo + (last - tempo) * (i + 0.5) / count)
                ticks += 1
        return found

    def messages(self) -> Iterator[tuple[float, bytes]]:
        """Yield the start and the ticks as they come; nothing overtakes what was sent before."""
        chance = random.Random(self.seed)
        came = self.begins - 1e-3
        yield came, START
        for number, tick in enumerate(self.truth()):
            off = chance.gauss(0.0, self.jitter)
            if chance.random() >= self.lost or not number:
                came = max(came, tick.second + (abs(off) if self.is_late_only else off))
                yield came, TICK


class Error(NamedTuple):
    """How far the follower was off at a tick of the song."""

    at: Truth
    phase: float
    """Seconds."""
    tempo: float
    """Beats a minute."""
    grid: Grid


def errors(clock: FakeClockOut) -> list[Error]:
    """Follow a clock, and return how far off each of its ticks was told when it was due."""
    follower = ClockFollower()
    coming = [*clock.messages(), (float("inf"), b"")]
    found, place = [], 0
    for truth in clock.truth():
        while coming[place][0] <= truth.second:
            follower.take_in(*coming[place])
            place += 1
        grid = follower.grid(truth.second)
        if grid is not None and grid.is_rolling:
            phase = (grid.beat_at(truth.second) - truth.beat) * 60 / truth.tempo
            found.append(Error(truth, phase, grid.tempo - truth.tempo, grid))
    return found


def quantile(values: Iterable[float], share: float) -> float:
    """Return the size that so many of the values do not pass."""
    sizes = sorted(abs(value) for value in values)
    return sizes[min(len(sizes) - 1, int(len(sizes) * share))]
