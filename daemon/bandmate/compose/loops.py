"""The one path from an ask to takes: fill in the plan, let the worker write it, keep what it made.

One ask at a time goes to the worker; the others wait in a line and are told their place. Knows no
wire: who asks hands in a function that is told of the progress: a place in the line, the plans once
their turn has come, each bar as it is written, each take once it is whole.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

from bandmate.asks.loop import LoopAsk
from bandmate.asks.presets import preset
from bandmate.asks.song import Song
from bandmate.compose.estimate import Forecast, Watch
from bandmate.compose.queue import Line, Place, Queued
from bandmate.config import Settings
from bandmate.errors import AskError, Unavailable
from bandmate.loops.bars import Bar
from bandmate.loops.finishing import finished
from bandmate.loops.plan import LoopPlan
from bandmate.plans.context import Given, read_context
from bandmate.plans.loop import plan_of, plans_of
from bandmate.takes.rows import plan_of_take
from bandmate.takes.store import Take, Takes
from bandmate.workers.worker import Worker

__all__ = ["BarMade", "Begun", "Composer", "Progress", "Queued", "TakeMade", "plan_of"]


@dataclass(frozen=True, slots=True)
class Begun:
    """The ask's turn has come: this is what will be written."""

    plans: tuple[LoopPlan, ...]
    """One a take."""
    first: float | None = field(default=None, compare=False)
    """Seconds until the first bar, as expected; None where nothing was ever written here."""
    left: float | None = field(default=None, compare=False)
    """Seconds until the first take is whole, likewise."""


@dataclass(frozen=True, slots=True)
class BarMade:
    """A bar is written."""

    take: int
    """Which of the ask's takes, from 0."""
    bar: int
    """Which bar, from 0."""
    bars: int
    """Of how many."""
    notes: Bar
    left: float = field(default=0.0, compare=False)
    """Seconds until this take is whole, by its bars so far."""


@dataclass(frozen=True, slots=True)
class TakeMade:
    """A take is whole and kept; others of the ask may still be written."""

    index: int
    """Which of the ask's takes, from 0."""
    take: Take


Progress = Queued | Begun | BarMade | TakeMade


class Composer:
    """Turns asks into takes; used from one event loop."""

    def __init__(self, settings: Settings, worker: Worker, takes: Takes) -> None:
        self._worker = worker
        self._takes = takes
        self._line = Line(settings.queue, worker.cancel)
        self._forecast = Forecast()

    async def loop(
        self,
        ask: LoopAsk,
        song: Song,
        client: str,
        told: Callable[[Progress], None],
        id: object = None,
    ) -> list[Take]:
        """Make the takes of an ask, in order of their seeds; raises BandmateError in words.

        Cancelled says that ``cancel(client, id)`` called it off; takes made until then are kept.
        """
        # A clip that is there may be large: it is read when its turn has come, one at a time.
        plans = () if ask.source else self._plans(ask, song)
        async with self._line.turn(client, id, told) as place:
            await self._check_model(ask.model)
            if ask.source:
                plans = await asyncio.to_thread(self._plans, ask, song)
                place.check()
            return await self._written(place, told, plans)

    def cancel(self, client: str, id: object = None) -> int:
        """Call off a client's asks of this id (None: all of them); return how many there were."""
        return self._line.cancel(client, id)

    def _plans(self, ask: LoopAsk, song: Song) -> tuple[LoopPlan, ...]:
        """Return the plans of an ask; reads the clips that it names."""
        card = ask.card or (None if ask.source else song.card)
        theme = self._takes.theme(card) if card else None
        taste = preset(ask.preset) if ask.preset else None
        return plans_of(ask, song, taste, theme, given=self._given(ask))

    def _given(self, ask: LoopAsk) -> tuple[Given, ...]:
        if ask.context is not None:
            return (read_context(ask.context),)
        numbers = (ask.take, ask.like, *(ask.between or ()))
        return tuple(_given_take(self._takes.get(number)) for number in numbers if number)

    async def _written(
        self, place: Place, told: Callable[[Progress], None], plans: tuple[LoopPlan, ...]
    ) -> list[Take]:
        """Let the worker write plans together; keep each take once it is whole."""
        place.check()
        started = time.monotonic()
        watch = self._watched(plans)
        told(Begun(plans, watch.first(), watch.left(0)))
        bars: list[list[Bar]] = [[] for _ in plans]
        first_ms = [0.0] * len(plans)
        takes: dict[int, Take] = {}
        try:
            async with aclosing(self._worker.ask(plans, watch.silence)) as items:
                async for item in items:
                    place.check()
                    index, bar = cast(tuple[int, Bar], item)
                    bars[index].append(bar)
                    watch.made(index, bar.index)
                    first_ms[index] = first_ms[index] or _ms_since(started)
                    left = watch.left(index) or 0.0
                    told(BarMade(index, bar.index, plans[index].bars, bar, left))
                    if len(bars[index]) == plans[index].bars:
                        takes[index] = await asyncio.to_thread(
                            self._kept, place, plans[index], bars[index], first_ms[index], started
                        )
                        told(TakeMade(index, takes[index]))
        except Unavailable:
            place.check()  # a worker that was killed because it did not stop did stop
            raise
        return [takes[index] for index in range(len(plans))]

    def _watched(self, plans: tuple[LoopPlan, ...]) -> Watch:
        """Begin to time the bars of plans that have cells to write."""
        takes = [
            range(plan.bars) if plan.tasks is None else {task.bar for task in plan.tasks}
            for plan in plans
        ]
        return self._forecast.watch(sum(len(plan.parts) for plan in plans), takes)

    def _kept(
        self, place: Place, plan: LoopPlan, bars: list[Bar], first_ms: float, started: float
    ) -> Take:
        made_ms = _ms_since(started)
        return self._takes.keep(
            place.client,
            plan,
            finished(plan, bars),
            model=self._worker.model,
            first_bar_ms=first_ms,
            made_ms=made_ms,
        )

    async def _check_model(self, asked: str | None) -> None:
        """Raise AskError where an ask pins another model than the one that is loaded."""
        if asked is None:
            return
        await self._worker.start()
        if asked != self._worker.model:
            raise AskError(f"model must be {self._worker.model}, which is loaded, not {asked}")


def _given_take(take: Take) -> Given:
    """Return a take as a clip that is there; of a card only its music counts."""
    return Given(f"take {take.number}", take.clip, plan=plan_of_take(take))


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
