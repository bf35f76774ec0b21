"""A co-writer with its three processes, and what everybody was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace

from bandmate import paths
from bandmate.app.standalone import Openings
from bandmate.asks.chords import ChordAsk
from bandmate.asks.song import Song
from bandmate.compose.chords import Answer, ChordProgress, CoWriter
from bandmate.config import Settings
from bandmate.errors import Unavailable
from bandmate.takes.store import Takes
from bandmate.workers.child import Servant
from bandmate.workers.worker import Worker
from fakes_chords import FakeProposer, openings

PATIENCE = 60.0
EIGHT = (("cards", 8), ("seed", 3), ("key", "F:maj"))
"""Of this ask, some of the first eight proposals are accepted and some are not."""


class Stage:
    """A co-writer with its three processes, and what everybody was told."""

    def __init__(self, workers: tuple[Worker, Worker, Worker], takes: Takes, queue: int) -> None:
        self.proposer, self.prior, self.inspire = workers
        self.takes = takes
        self.cowriter = CoWriter(Settings(queue=queue), *workers, takes)
        self.told: dict[str, list[ChordProgress]] = {}

    def ask(
        self, who: str, *pairs: tuple[str, object], id: object = None, song: Song | None = None
    ) -> asyncio.Task[Answer]:
        """Ask as *who*, from a task of its own."""
        told = self.told.setdefault(who, [])
        ask = ChordAsk.read(pairs)
        return asyncio.create_task(self.cowriter.chords(ask, song or Song(), who, told.append, id))

    async def answer(self, *pairs: tuple[str, object]) -> Answer:
        """Ask as the DAW and wait for the answer."""
        return await self.ask("daw", *pairs)

    def of(self, who: str, kind: type[ChordProgress]) -> list[ChordProgress]:
        """Return what *who* was told of one kind."""
        return [news for news in self.told[who] if isinstance(news, kind)]

    async def until(self, who: str, kind: type[ChordProgress], count: int = 1) -> None:
        """Wait until *who* was told so many of a kind."""
        while len(self.of(who, kind)) < count:
            await asyncio.sleep(0.001)


def play(
    scene: Callable[[Stage], Coroutine[object, object, None]],
    opening: Openings | None = None,
    queue: int = 16,
    kind: type[Worker] = Worker,
) -> None:
    """Play a scene with a co-writer that is sent home after it."""
    opening = opening or openings()

    async def whole() -> None:
        takes = Takes(paths.database(), paths.clips())
        workers = (
            kind(opening.proposer, "the proposer"),
            Worker(opening.prior, "the prior"),
            Worker(opening.inspire, "the inspiration's models"),
        )
        try:
            await asyncio.wait_for(scene(Stage(workers, takes, queue)), PATIENCE)
        finally:
            await asyncio.gather(*(worker.stop() for worker in workers))
            takes.close()

    asyncio.run(whole())


def with_proposer(proposer: Callable[[], Servant]) -> Openings:
    return replace(openings(), proposer=proposer)


def marks(answer: Answer) -> list[bool]:
    return [card.is_accepted for card in answer.cards]


def no_llama() -> FakeProposer:
    """Be the proposer where llama.cpp is missing."""
    raise Unavailable("llama_cpp is missing or broken: install bandmate with the extra llm")
