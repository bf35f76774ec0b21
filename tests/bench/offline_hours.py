"""Hours of music on a clock that is moved by hand: the player with random takes and sources."""

from __future__ import annotations

import gc
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import psutil

from bandmate.loops.bars import Bar, clip_of
from bandmate.loops.plan import LoopPlan
from bandmate.loops.streaming import Streamed
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.timing.player.player import At, Player
from bandmate.timing.player.rounds import StreamHead
from bandmate.timing.sources.clock_in import ClockFollower
from bandmate.timing.sources.reported import Reported
from bandmate.timing.sources.transport import Source, Transport
from bench.tracked_port import TrackedOutput
from fakes import fake_bars
from loops.plans import random_plan
from timing.fake_port import FakeClock

GROWTH = 8.0
"""MiB that memory may be larger at the end than once everything had run a while."""
SETTLED = 0.2
"""Share of the time after which memory is looked at first."""
LINES: tuple[At, ...] = ("now", "bar", "2 bars", "4 bars", "queue")
CLIPS = 60
"""Different clips: enough for every kind, few enough to make while it plays."""


@dataclass
class Writing:
    """A take that is still being written."""

    number: int
    plan: LoopPlan
    streamed: Streamed
    coming: list[Bar] = field(default_factory=list)


class Offline:
    """A player on an offline clock, and what may be done with it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.clock = FakeClock()
        self.output = TrackedOutput()
        self.player = Player(self.output, Transport(self.clock))
        self.follower, self.reported = ClockFollower(), Reported()
        self.source, self.tempo, self.since = "internal", 120.0, 0.0
        self.number = self.count = self.hung = 0
        self.writing: list[Writing] = []
        self.plans = [random_plan(self.chance) for _ in range(CLIPS)]
        self.clips = [clip_of(plan, fake_bars(plan)) for plan in self.plans]
        self.acts: list[Callable[[], None]] = [
            *[self.play] * 4, *[self.begin] * 4, *[self.write] * 6, self.mix, self.mix,
            self.stop, self.call_off, self.switch, self.lead, self.stall,
        ]  # fmt: skip

    def played(self, seconds: float) -> list[str]:
        """Let so much time pass; return in words what went wrong."""
        started, begun, settled = time.monotonic(), self.clock.now(), 0.0
        while (passed := self.clock.now() - begun) < seconds:
            self.chance.choice(self.acts)()
            self.count += 1
            self._passes(self.chance.expovariate(0.5))
            if not settled and passed > seconds * SETTLED:
                settled = _memory()
        grown = _memory() - settled
        self.player.close()
        out = self.output
        print(
            f"offline: {seconds / 3600:g} h of music in {time.monotonic() - started:.0f} s, "
            f"{self.count} acts, {out.ons} notes, {out.doubled} doubled, "
            f"{self.hung + len(out.held)} hanging, memory {grown:+.1f} MiB from {settled:.0f}",
            flush=True,
        )
        found = {
            f"{len(out.held)} notes hang at the end": len(out.held),
            f"{self.hung} notes hung behind a stop": self.hung,
            f"{out.doubled} notes were struck while they sounded": out.doubled,
            f"the player had trouble: {self.player.trouble}": len(self.player.trouble),
            f"memory grew by {grown:.1f} MiB": grown > GROWTH,
        }
        return [words for words, is_wrong in found.items() if is_wrong]

    def _passes(self, seconds: float) -> None:
        """Let time pass; a clock that is followed ticks, a bridge reports."""
        now = self.clock.now()
        step = {"clock": 60 / 24 / self.tempo, "bridge": 0.1}.get(self.source, seconds)
        moments = [now + index * step for index in range(max(1, round(seconds / step)) + 1)]
        for moment, following in pairwise(moments):
            if self.source == "clock":
                self._soon(partial(self.follower.take_in, moment, b"\xf8"))
            elif self.source == "bridge":
                beat = (moment - self.since) * self.tempo / 60
                told = (moment, beat, self.tempo, True, Meter())
                self._soon(partial(self.reported.take_in, *told))
            self.clock.advance(following - moment)

    def _soon(self, told: Callable[[], object]) -> None:
        def hears() -> None:
            told()

        self.player.do_soon(hears)

    # what may be done

    def play(self) -> None:
        """Play something anywhere."""
        self.number += 1
        clip, line = self.chance.choice(self.clips), self.chance.choice(LINES)
        is_looped, count_in = self.chance.random() < 0.8, self.chance.choice((0, 0, 0, 1, 2))
        self.player.play(clip, line, is_looped, count_in, number=self.number)

    def begin(self) -> None:
        """Begin a take that is still being written."""
        self.number += 1
        plan = self.chance.choice(self.plans)
        one = Writing(self.number, plan, Streamed(plan), fake_bars(plan))
        self.player.begin(self._head(one))
        self.writing = [*self.writing[-3:], one]

    def _head(self, one: Writing) -> StreamHead:
        grid = self.player.transport.grid(self.clock.now())
        beat = grid.beat_at(self.clock.now()) + self.chance.choice((-1.0, 0.1, 1.0))
        line = grid.next_bar(beat, self.chance.choice((1, 2, 4))) if grid.is_rolling else 0.0
        return StreamHead(
            number=one.number,
            tempo=one.streamed.tempo,
            meter=one.streamed.meter,
            bars=one.streamed.bars,
            parts=one.streamed.parts,
            begins=line,
            stand_in=self.chance.choice([None, *self.clips]),
            is_looped=self.chance.random() < 0.8,
        )

    def write(self) -> None:
        """Write a bar, or hand over what is whole."""
        for one in self.writing:
            if not one.coming:
                self.player.replace(one.number, self._whole(one))
                continue
            for index, clip in one.streamed.heard(one.coming.pop(0)):
                self.player.fill(one.number, index, clip)
        self.writing = [one for one in self.writing if one.coming]

    def _whole(self, one: Writing) -> Clip:
        return self.clips[self.plans.index(one.plan)]

    def mix(self) -> None:
        """Mute and solo."""
        names = ("drums", "bass", "keys", "lead")
        muted, soloed = (frozenset(self.chance.sample(names, n)) for n in (1, 0))
        self.player.mix(self.chance.choice((muted, soloed)), soloed)

    def stop(self) -> None:
        """Stop, one way or another; then nothing sounds."""
        self.chance.choice((self.player.stop, self.player.panic))()
        self.hung += len(self.output.held)

    def call_off(self) -> None:
        """End the last take with its bar."""
        self.player.end(self.number)

    def switch(self) -> None:
        """Let somebody else tell the time."""
        self.source = self.chance.choice(("internal", "clock", "bridge"))
        sources: dict[str, Source] = {"clock": self.follower, "bridge": self.reported}
        self.player.follow(sources.get(self.source))
        self.tempo, self.since = self.chance.uniform(60, 180), self.clock.now()
        if self.source == "clock":
            start = self.chance.choice((b"\xfa", b"\xfb", b"\xfc"))
            self._soon(partial(self.follower.take_in, self.clock.now(), start))

    def lead(self) -> None:
        """Change the time."""
        tempo = self.chance.choice((None, self.chance.uniform(40, 200)))
        meter = self.chance.choice((None, Meter(3, 4), Meter(4, 4), Meter(6, 8)))
        self.player.lead(tempo, meter, self.chance.choice((None, None, True, False)))

    def stall(self) -> None:
        """Let a source fall silent for a while, as when a cable is pulled."""
        self.clock.advance(self.chance.uniform(0.1, 4.0))


def _memory() -> float:
    gc.collect()
    return float(psutil.Process(os.getpid()).memory_info().rss) / 2**20
