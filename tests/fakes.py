"""Whole fakes of what is slow or not there: a loop model that answers at once.

A worker opens it in its own process: pass ``open_fake`` or ``partial(open_fake, ...)``.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bandmate.errors import Cancelled
from bandmate.loops.bars import Bar, bar_of
from bandmate.loops.plan import LoopPlan, PlannedPart
from bandmate.music.clip import Note, Part
from bandmate.music.roles import ROLES

MODEL = "fake@00c0ffee"
"""The name that the fake goes by."""


@dataclass
class FakeServant:
    """A loop model without a model: a plausible clip, decided by the plan alone."""

    name: str = MODEL
    note: str = ""
    lingers_at: int | None = None
    """The bar before which it works on without an end, until it is called off."""
    dies_at: int | None = None
    """The bar before which its process dies."""

    def serve(
        self, request: tuple[LoopPlan, ...], is_cancelled: Callable[[], bool]
    ) -> Iterator[tuple[int, Bar]]:
        """Yield the bars of one plan after the other; raises Cancelled."""
        for take, plan in enumerate(request):
            for index in range(plan.bars):
                if index == self.dies_at:
                    os._exit(7)
                while index == self.lingers_at and not is_cancelled():
                    time.sleep(0.002)
                if is_cancelled():
                    raise Cancelled("the loop was called off")
                yield take, fake_bar(plan, index)


def open_fake(lingers_at: int | None = None, dies_at: int | None = None) -> FakeServant:
    """Open the fake; for a worker."""
    return FakeServant(lingers_at=lingers_at, dies_at=dies_at)


def fake_bar(plan: LoopPlan, index: int) -> Bar:
    """Return bar *index* of what the fake makes of a plan: it sounds, in key, within the bar.

    Cells that are no task are the base's own.
    """
    tasks = None if plan.tasks is None else {(task.bar, task.part) for task in plan.tasks}
    return Bar(
        index,
        tuple(
            _part(plan, part, index)
            if tasks is None or (index, part.name) in tasks
            else _kept(plan, part, index)
            for part in plan.parts
        ),
    )


def _kept(plan: LoopPlan, part: PlannedPart, index: int) -> Part:
    length = plan.meter.bar_beats
    notes = (note for one in plan.base if one.name == part.name for note in one.notes)
    kept = (note for note in notes if bar_of(note.start, length, plan.bars) == index)
    return Part(part.name, part.program, tuple(kept))


def fake_bars(plan: LoopPlan) -> list[Bar]:
    """Return all bars of what the fake makes of a plan."""
    return [fake_bar(plan, index) for index in range(plan.bars)]


def _part(plan: LoopPlan, part: PlannedPart, index: int) -> Part:
    chance = random.Random(f"{plan.seed} {part.name} {index}")
    start = index * plan.meter.bar_beats
    starts = [start + pulse for pulse in plan.meter.pulses]
    ends = [*starts[1:], start + plan.meter.bar_beats]
    notes = tuple(
        Note(beat, _pitch(plan, part, chance), end - beat, chance.randrange(40, 120))
        for beat, end in zip(starts, ends, strict=True)
    )
    return Part(part.name, part.program, notes)


def _pitch(plan: LoopPlan, part: PlannedPart, chance: random.Random) -> int:
    role = part.name.rstrip("0123456789")
    if role == "drums":
        return chance.choice((36, 38, 42))
    row = ROLES[role]
    pitches = [p for p in range(row.low, row.high + 1) if p % 12 in plan.key.scale]
    return chance.choice(pitches)
