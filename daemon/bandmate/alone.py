"""Takes without a daemon: the composer and its worker, started for one ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bandmate import places
from bandmate.asks import LoopAsk
from bandmate.compose import Composer, Progress
from bandmate.config import Settings
from bandmate.loops.servant import shipped_loops
from bandmate.song import Song
from bandmate.takes import Take, Takes
from bandmate.worker import Worker
from bandmate.workshop import Servant

CLIENT = "command line"
"""Who the takes are kept for."""


def takes_of(
    ask: LoopAsk,
    settings: Settings,
    told: Callable[[Progress], None],
    opening: Callable[[], Servant] | None = None,
) -> tuple[list[Take], str]:
    """Make and keep the takes of *ask*; return them, and what the model wants told of itself.

    *told* hears of each bar; *opening* makes another servant than the loop model. Blocks; raises
    BandmateError in words.
    """
    opening = opening or shipped_loops(settings.device, settings.threads)
    return asyncio.run(_takes_of(ask, settings, told, opening))


async def _takes_of(
    ask: LoopAsk,
    settings: Settings,
    told: Callable[[Progress], None],
    opening: Callable[[], Servant],
) -> tuple[list[Take], str]:
    takes = Takes(places.database(), places.clips(settings.clips))
    worker = Worker(opening, "the loop model")
    try:
        made = await Composer(settings, worker, takes).loop(ask, Song(), CLIENT, told)
        return made, worker.note
    finally:
        await worker.stop()
        takes.close()
