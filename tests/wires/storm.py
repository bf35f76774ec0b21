"""A storm: many clients ask an instant generator at once, in bad weather; then the books are
balanced. ``make stress`` runs the large one, a test a small one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import cast

from bandmate import paths
from bandmate.asks.song import Songs
from bandmate.clients.clients import Clients
from bandmate.compose.chords import CoWriter
from bandmate.compose.loops import Composer
from bandmate.config import Settings
from bandmate.errors import PortError
from bandmate.handlers.dispatcher import Desk
from bandmate.handlers.routes import ROUTES
from bandmate.takes.store import Takes
from bandmate.timing.player.client import Deck, Player, Told
from bandmate.wires.osc import OscWire
from bandmate.workers.worker import Worker
from wires.weather import HOST, InstantWorker, Stubborn, Weather


@dataclass(frozen=True)
class Books:
    """What came of a storm."""

    asked: int
    made: int
    """Asks that were answered by a take."""
    refused: dict[str, int]
    """Asks that were refused, by their words."""
    silent: int
    """Asks that nobody answered."""
    twice: int
    """Asks that were answered in two ways, or written twice."""
    kept: int
    """Takes in the database."""
    written: int
    """Loops that the generator wrote."""
    sent: int
    """Datagrams of the clients, retries included."""
    lost: int
    doubled: int
    swapped: int

    @property
    def is_balanced(self) -> bool:
        """Whether every ask was answered once or refused in words, and nothing done in silence.

        A loop may be there whose maker was told in the meantime that its answer is forgotten.
        """
        once = self.made + sum(self.refused.values()) == self.asked
        return once and not self.silent and not self.twice and self.kept == self.written


def _no_player(told: Told) -> Player:
    raise PortError("there is no MIDI port in a storm")


async def storm(
    clients: int, asks: int, at_once: int, *, share: float, seed: int, queue: int = 16
) -> Books:
    """Let *clients* ask *asks* loops together, each *at_once* before the first is answered.

    *share* of the datagrams are lost, as many doubled, as many swapped, both ways.
    """
    worker, known = InstantWorker(), Clients()
    takes = Takes(paths.database(), paths.clips())
    composer = Composer(Settings(queue=queue), cast(Worker, worker), takes)
    desk = Desk(
        composer,
        cast(CoWriter, None),
        takes,
        Songs(),
        known,
        Deck(_no_player),
        lambda: (),
        queue,
        routes=ROUTES,
    )
    wire = OscWire(desk, known)
    await wire.open(HOST, 0)
    weathers = [Weather(share, seed + number) for number in range(clients)]
    all_of_them = [Stubborn(n, weather, wire.port) for n, weather in enumerate(weathers)]
    try:
        for client in all_of_them:
            await client.open()
        await asyncio.gather(*(client.asks(asks // clients, at_once) for client in all_of_them))
        await desk.idle()
        await asyncio.sleep(0)
        return _balanced(worker, takes, all_of_them, weathers, asks // clients)
    finally:
        for client in all_of_them:
            client.close()
        await desk.close()
        await wire.close()
        takes.close()


def _balanced(
    worker: InstantWorker,
    takes: Takes,
    clients: list[Stubborn],
    weathers: list[Weather],
    each: int,
) -> Books:
    accounts = [client.account for client in clients]
    refused: dict[str, int] = {}
    for words in (words for account in accounts for words in account.refused):
        kind = words.split(" ", 2)[-1] if words.startswith("id ") else words
        refused[kind] = refused.get(kind, 0) + 1
    endings = [ends for account in accounts for ends in account.answers.values()]
    made = [take for account in accounts for take in account.made]
    return Books(
        asked=each * len(clients),
        made=len(made),
        refused=refused,
        silent=each * len(clients) - len(endings),
        twice=sum(len(ends) > 1 for ends in endings)
        + sum(count > 1 for count in worker.asked.values())
        + len(made)
        - len(set(made)),
        kept=len(takes.listed(10**6)),
        written=sum(worker.asked.values()),
        sent=sum(account.sent for account in accounts),
        lost=sum(weather.lost for weather in weathers),
        doubled=sum(weather.doubled for weather in weathers),
        swapped=sum(weather.swapped for weather in weathers),
    )
