"""Takes without a daemon: the composer or the co-writer and its workers, started for one ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bandmate import paths
from bandmate.asks.chords import ChordAsk
from bandmate.asks.loop import LoopAsk
from bandmate.asks.notation import BarsOfChords
from bandmate.asks.song import Song
from bandmate.chords.progression import pitch_weights
from bandmate.chords.requests import Suggestion
from bandmate.compose.loops import Composer, Progress
from bandmate.config import Settings
from bandmate.loops.service import shipped_loops
from bandmate.music.key import Key, estimated_key
from bandmate.music.meter import Meter
from bandmate.takes.store import Take, Takes
from bandmate.workers.child import Servant
from bandmate.workers.worker import Worker

if TYPE_CHECKING:
    from bandmate.chords.proposal_statistics import Habits
    from bandmate.compose.chords import Answer, ChordProgress, CoWriter

CLIENT = "command line"
"""Who the takes are kept for."""


@dataclass(frozen=True, slots=True)
class Openings:
    """What makes the servants of the chord co-writer."""

    proposer: Callable[[], Servant]
    prior: Callable[[], Servant]
    inspire: Callable[[], Servant]

    @classmethod
    def shipped(cls, settings: Settings) -> Openings:
        """Return those of the models that came with bandmate, or that *settings* name."""
        from bandmate.chords.service import shipped_prior, shipped_proposer
        from bandmate.inspire.service import shipped_inspire

        return cls(
            shipped_proposer(settings.proposer),
            shipped_prior(settings.chord_temperature),
            shipped_inspire(),
        )


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
    takes = Takes(paths.database(), paths.clips(settings.clips))
    worker = Worker(opening, "the loop model")
    try:
        made = await Composer(settings, worker, takes).loop(ask, Song(), CLIENT, told)
        return made, worker.note
    finally:
        await worker.stop()
        takes.close()


def cards_of(
    ask: ChordAsk,
    settings: Settings,
    told: Callable[[ChordProgress], None],
    openings: Openings | None = None,
) -> Answer:
    """Make and keep the cards of *ask*; *told* hears of keywords and cards as they come.

    Blocks; raises BandmateError in words.
    """

    async def answer() -> Answer:
        async with _cowriting(settings, openings) as cowriter:
            return await cowriter.chords(ask, Song(), CLIENT, told)

    return asyncio.run(answer())


def heard_in(
    path: Path, said: Mapping[str, object], settings: Settings, openings: Openings | None = None
) -> Answer:
    """Return the chords of a recording or a .mid as one card, kept; *said* is of TRANSCRIBE.

    Blocks; raises BandmateError in words.
    """
    key, meter = cast("Key | None", said.get("key")), cast(Meter, said.get("meter", Song().meter))

    async def answer() -> Answer:
        async with _cowriting(settings, openings) as cowriter:
            return await cowriter.transcribe(path, key, meter, CLIENT)

    return asyncio.run(answer())


def suggestions_of(
    said: Mapping[str, object], settings: Settings, openings: Openings | None = None
) -> tuple[Key, list[Suggestion]]:
    """Return the key and the chords that could come next in it; *said* is of SUGGEST.

    Without a key it is heard in the chords that were said. Blocks; raises BandmateError in words.
    """
    before = cast(BarsOfChords, said.get("before", ()))
    after = cast(BarsOfChords, said.get("after", ()))
    key = cast(Key, said.get("key") or estimated_key(pitch_weights((*before, *after))))
    meter, most = cast(Meter, said.get("meter", Song().meter)), cast(int, said.get("most", 8))

    async def answer() -> list[Suggestion]:
        async with _cowriting(settings, openings) as cowriter:
            return await cowriter.suggest(before, after, key, meter, most)

    return key, asyncio.run(answer())


def habits_of(
    count: int,
    settings: Settings,
    told: Callable[[int], None],
    openings: Openings | None = None,
) -> Habits:
    """Learn and keep the habits of a proposer of one's own; *told* hears how many are written.

    Blocks; raises BandmateError in words.
    """
    from bandmate.compose.measure_proposer import measured_proposer

    opening = openings or Openings.shipped(settings)
    return measured_proposer(settings, opening.proposer, opening.prior, count, told)


@asynccontextmanager
async def _cowriting(settings: Settings, openings: Openings | None) -> AsyncIterator[CoWriter]:
    from bandmate.compose.chords import CoWriter

    opening = openings or Openings.shipped(settings)
    takes = Takes(paths.database(), paths.clips(settings.clips))
    proposer = Worker(opening.proposer, "the proposer")
    prior = Worker(opening.prior, "the prior")
    inspire = Worker(opening.inspire, "the inspiration's models")
    try:
        yield CoWriter(settings, proposer, prior, inspire, takes)
    finally:
        await asyncio.gather(*(worker.stop() for worker in (proposer, prior, inspire)))
        takes.close()
