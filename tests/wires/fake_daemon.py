"""A whole daemon in one process: a model that waits at a gate, a MIDI port that is a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from bandmate import paths
from bandmate.asks.song import Songs
from bandmate.clients.clients import Client, Clients
from bandmate.compose.chords import CoWriter
from bandmate.compose.loops import Composer
from bandmate.config import Settings
from bandmate.contract.addresses import ANSWERS
from bandmate.contract.messages import Atom, Message, pairs_of
from bandmate.errors import Cancelled, PortError
from bandmate.handlers.dispatcher import Desk
from bandmate.handlers.routes import ROUTES
from bandmate.loops.plan import LoopPlan
from bandmate.music.clip import Clip
from bandmate.takes.store import Take, Takes
from bandmate.timing.player.client import Deck, Player
from bandmate.workers.worker import Worker
from fakes import MODEL, fake_bars
from wires.here_cowriter import HereCoWriter
from wires.here_player import HerePlayer, NotingPlayer, Tell

PATIENCE = 20.0
"""Seconds after which what was waited for does not come: a failure, never a measure."""

NO_PORT = "there is no MIDI port: start JACK"


def take_of(clip: Clip, number: int) -> Take:
    """Return a take as the database would."""
    file = Path("clips") / f"loop #{number}.mid"
    return Take(number, "udp:1", 0.0, "{}", 7, clip, file, "made", MODEL, 200.0, 900.0)


class HereWorker:
    """Makes bars without a process; before each it waits at the gate."""

    def __init__(self) -> None:
        self.model = MODEL
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.plans: list[LoopPlan] = []
        self._is_cancelled = asyncio.Event()

    async def start(self) -> None:
        """Be there."""

    async def ask(
        self, plans: tuple[LoopPlan, ...], silence: object = None
    ) -> AsyncIterator[object]:
        """Yield the bars of one plan after the other; raises Cancelled."""
        self.plans += plans
        self._is_cancelled.clear()
        self.begun.set()
        for bar in ((take, bar) for take, plan in enumerate(plans) for bar in fake_bars(plan)):
            waits = [asyncio.create_task(e.wait()) for e in (self.gate, self._is_cancelled)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            if self._is_cancelled.is_set():
                raise Cancelled("the loop was called off")
            yield bar

    def cancel(self) -> None:
        """Call off what is made now."""
        self._is_cancelled.set()


class ListedOutput:
    """A MIDI port that remembers what it was sent."""

    name = "bandmate:loops"
    ahead = 0.0

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def check(self) -> None:
        """Be there."""

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        """Remember a message."""
        self.sent.append(message)

    def take_back(self) -> int:
        """Have nothing that waits."""
        return 0

    def close(self) -> None:
        """Go."""


class Heard:
    """What one client was sent, and waiting for more of it."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._news = asyncio.Event()

    def __call__(self, message: Message) -> None:
        self.messages.append(message)
        self._news.set()

    def of(self, address: str) -> list[Message]:
        """Return what came from an address; ``made`` stands for /bandmate/loop/made."""
        return [m for m in self.messages if m.address == f"/bandmate/{address}"]

    async def until(self, address: str, count: int = 1) -> Message:
        """Wait until *count* messages came from an address, and return the last of them."""
        async with asyncio.timeout(PATIENCE):
            while len(self.of(address)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(address)[count - 1]

    async def error(self, count: int = 1) -> tuple[Atom, ...]:
        """Wait for an error and return its id, code and words."""
        return (await self.until("error", count)).arguments


def told(message: Message) -> dict[str, Any]:
    """Return the names and values of an answer."""
    return dict(pairs_of(message.arguments[1:]))


def fits(message: Message) -> bool:
    """Return True where an answer is what the contract says: its arguments, names and types."""
    row = ANSWERS[message.address]
    first = 1 + len(row.tells)
    given = [_TYPES[type(value)] for value in message.arguments[1:first]]
    said = [(name, _TYPES[type(value)]) for name, value in pairs_of(message.arguments[first:])]
    return given == [t.type for t in row.tells] and said == [(t.name, t.type) for t in row.pairs]


_TYPES = {int: "i", float: "f", str: "s", bytes: "b"}


@dataclass
class House:
    """The daemon behind its wires."""

    desk: Desk
    clients: Clients
    worker: HereWorker
    cowriter: HereCoWriter
    takes: Takes
    output: ListedOutput
    clock: list[float]
    """By which clients are heard, seconds; moved by hand."""
    player: NotingPlayer | None = None
    """In the place of a real one, where the story wants to see what it is told."""
    sent_by_udp: list[tuple[tuple[str, int], Message]] = field(default_factory=list)
    sent_by_mailbox: list[tuple[str, Message]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    """What each client heard."""
    _ports: int = 5000

    def client(self) -> tuple[Client, Heard]:
        """Return a new client and what it hears."""
        self._ports += 1
        heard = Heard()
        self.heard.append(heard)
        return self.clients.of_tcp("127.0.0.1", self._ports, heard), heard

    def says(self, client: Client, address: str, *arguments: Atom) -> None:
        """Let a client send a message."""
        self.desk.take_in(client, Message(f"/bandmate/{address}", arguments))


@asynccontextmanager
async def housed(
    queue: int = 16, has_port: bool = True, is_noting: bool = False
) -> AsyncIterator[House]:
    """Start all that is behind the wires, and stop it; *is_noting* brings a NotingPlayer."""
    clock = [0.0]
    worker, output, clients = HereWorker(), ListedOutput(), Clients(lambda: clock[0])
    takes = Takes(paths.database(), paths.clips())

    def opening(tell: Tell) -> Player:
        if not has_port:
            raise PortError(NO_PORT)
        if is_noting:
            house.player = NotingPlayer(tell)
            return house.player
        return HerePlayer(output, tell)

    deck = Deck(opening)
    composer = Composer(Settings(queue=queue), cast(Worker, worker), takes)

    def facts() -> tuple[Atom, ...]:
        told = ("version", "0", "protocol", 1, "model", worker.model)
        return (*told, "clips", str(paths.clips()), "midi", deck.port, "started", "1.5")

    cowriter = HereCoWriter(takes, queue)
    songs = Songs(lambda: clients.leader)
    desk = Desk(
        composer, cast(CoWriter, cowriter), takes, songs, clients, deck, facts, queue, routes=ROUTES
    )
    house = House(desk, clients, worker, cowriter, takes, output, clock)
    clients.reach_udp(lambda to, message: house.sent_by_udp.append((to, message)), 7770)
    clients.reach_mailbox(lambda name, message: house.sent_by_mailbox.append((name, message)))
    try:
        yield house
    finally:
        await desk.close()
        await deck.close()
        takes.close()
    sent = [message for heard in house.heard for message in heard.messages]
    sent += [message for _, message in [*house.sent_by_udp, *house.sent_by_mailbox]]
    assert [message for message in sent if not fits(message)] == []


def told_in(
    story: Callable[[House], Awaitable[None]],
    queue: int = 16,
    has_port: bool = True,
    is_noting: bool = False,
) -> None:
    """Play a story in a house of its own."""

    async def played() -> None:
        async with housed(queue, has_port, is_noting) as house:
            await asyncio.wait_for(story(house), PATIENCE * 3)

    asyncio.run(played())
