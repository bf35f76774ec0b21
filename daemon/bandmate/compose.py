"""The one path from an ask to takes: fill in the plan, let the worker write it, keep what it made.

One ask at a time goes to the worker; the others wait in a line and are told their place. Knows no
wire: who asks hands in a function that is told of the progress.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from bandmate.asks import LoopAsk
from bandmate.config import Settings
from bandmate.errors import AskError, Unavailable
from bandmate.line import Line, Place, Queued
from bandmate.loops.bars import Bar, clip_of
from bandmate.loops.controls import LoopPlan
from bandmate.plans import plan_of, plans_of
from bandmate.presets import preset
from bandmate.song import Song
from bandmate.takes import Take, Takes
from bandmate.worker import Worker

__all__ = ["BarMade", "Composer", "Progress", "Queued", "plan_of"]


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


Progress = Queued | BarMade


class Composer:
    """Turns asks into takes; used from one event loop."""

    def __init__(self, settings: Settings, worker: Worker, takes: Takes) -> None:
        self._worker = worker
        self._takes = takes
        self._line = Line(settings.queue, worker.cancel)

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
        card = ask.card or song.card
        theme = self._takes.theme(card) if card else None
        plans = plans_of(ask, song, preset(ask.preset) if ask.preset else None, theme)
        async with self._line.turn(client, id, told) as place:
            await self._check_model(ask.model)
            return [await self._take(place, told, index, plan) for index, plan in enumerate(plans)]

    def cancel(self, client: str, id: object = None) -> int:
        """Call off a client's asks of this id (None: all of them); return how many there were."""
        return self._line.cancel(client, id)

    async def _take(
        self, place: Place, told: Callable[[Progress], None], index: int, plan: LoopPlan
    ) -> Take:
        place.check()
        started = time.monotonic()
        first_ms: float | None = None
        bars: list[Bar] = []
        try:
            async with aclosing(self._worker.ask(plan)) as items:
                async for item in items:
                    place.check()
                    bars.append(cast(Bar, item))
                    first_ms = first_ms or _ms_since(started)
                    told(BarMade(index, bars[-1].index, plan.bars, bars[-1]))
        except Unavailable:
            place.check()  # a worker that was killed because it did not stop did stop
            raise
        made_ms = _ms_since(started)
        clip = clip_of(plan, bars)
        return await asyncio.to_thread(
            self._takes.keep,
            place.client,
            plan,
            clip,
            model=self._worker.model,
            first_bar_ms=first_ms or made_ms,
            made_ms=made_ms,
        )

    async def _check_model(self, asked: str | None) -> None:
        """Raise AskError where an ask pins another model than the one that is loaded."""
        if asked is None:
            return
        await self._worker.start()
        if asked != self._worker.model:
            raise AskError(f"model must be {self._worker.model}, which is loaded, not {asked}")


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
