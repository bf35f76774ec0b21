"""Subscriptions: who wants to be told of changes unasked, of which, and what each knows already.

Whatever may have changed is looked at once the event loop is free, and told to those for whom it
did. Takes are told as they change, beats as they come.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from dataclasses import dataclass, field

from bandmate.asks.song import Songs
from bandmate.clients.clients import CONNECTED, Client, Clients
from bandmate.contract.messages import Atom, Message, parts_to_text, song_to_pairs
from bandmate.contract.transport import transport_to_pairs
from bandmate.style.keywords import keywords_to_text
from bandmate.takes.store import Take, Takes
from bandmate.timing.player.client import Deck
from bandmate.timing.player.news import is_news
from bandmate.timing.sources.grid import Grid

SILENCE = 300.0
"""Seconds after which a client without a connection that was not heard is told nothing more."""

_AT_ONCE = 1e-3  # beats that a clock may be early


@dataclass(slots=True)
class Subscription:
    """What one client wants to be told, and what it was told last."""

    client: Client
    id: Atom
    """Goes first in all that it is told."""
    topics: tuple[str, ...]
    told: dict[str, tuple[Atom, ...]] = field(default_factory=dict)
    grid: Grid | None = None
    """The musical time as it was told."""

    def tell(self, address: str, *told: Atom) -> None:
        """Send news."""
        self.client.send(Message(address, (self.id, *told)))


class Subscriptions:
    """All subscriptions; used from the event loop alone."""

    def __init__(self, songs: Songs, deck: Deck, takes: Takes, clients: Clients) -> None:
        """Take what changes; from now on it tells here that it did."""
        self._songs, self._deck, self._clients = songs, deck, clients
        self._all: dict[str, Subscription] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_looking = False
        self._beat: asyncio.TimerHandle | None = None
        songs.on_change = deck.on_change = self.look
        takes.on_change = self._take_changed
        clients.on_gone = self._gone

    def of(self, client: Client) -> tuple[str, ...]:
        """Return what a client is told of, in the order of TOPICS."""
        found = self._all.get(client.name)
        return found.topics if found and found.client is client else ()

    def subscribe(self, client: Client, id_: Atom, topics: tuple[str, ...]) -> None:
        """Tell a client of *topics* from now on, in the place of all before, and how all stands."""
        self._loop = asyncio.get_running_loop()
        self._all.pop(client.name, None)
        if topics:
            subscription = self._all[client.name] = Subscription(client, id_, topics)
            self._tell(subscription)
        self._aim()

    def end(self, client: Client) -> None:
        """Tell a client nothing more."""
        if self.of(client):
            del self._all[client.name]
            self._aim()

    def close(self) -> None:
        """Tell nobody anything more."""
        self._all.clear()
        self._aim()

    def look(self) -> None:
        """Tell whoever wants to know what changed, once the loop is free."""
        if self._all and self._loop and not self._is_looking:
            self._is_looking = True
            self._loop.call_soon(self._look)

    def tell_take(self, take: Take, news: str, only: Client | None = None) -> None:
        """Tell of a take: *news* is what became of it, or latest."""
        pairs = take_news(take, news, self._clients.title(take.client))
        for subscription in self._heard_lately():
            if "takes" in subscription.topics and only in (None, subscription.client):
                subscription.tell("/bandmate/take/told", *pairs)

    def _gone(self, client: Client) -> None:
        self.end(client)
        self.look()  # a song that was shared is shared no more

    def _take_changed(self, take: Take, news: str) -> None:
        # Called in the thread that keeps the take.
        if self._loop:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                self._loop.call_soon_threadsafe(self.tell_take, take, news)

    def _heard_lately(self) -> list[Subscription]:
        for subscription in list(self._all.values()):
            client = subscription.client
            is_lasting = client.heard is None or client.name.startswith(CONNECTED)
            if not is_lasting and self._clients.now() - (client.heard or 0.0) > SILENCE:
                del self._all[client.name]
        return list(self._all.values())

    def _look(self) -> None:
        self._is_looking = False
        for subscription in self._heard_lately():
            self._tell(subscription)
        self._aim()

    def _tell(self, subscription: Subscription) -> None:
        for topic, (address, state) in self._states(subscription).items():
            if subscription.told.get(topic) != state:
                subscription.told[topic] = state
                subscription.tell(address, *state)
        grid = self._deck.grid
        if {"transport", "beat"} & set(subscription.topics) and (
            subscription.grid is None or is_news(subscription.grid, grid, time.monotonic())
        ):
            subscription.grid = grid
            subscription.tell("/bandmate/transport/told", *transport_to_pairs(self._deck))

    def _states(self, subscription: Subscription) -> dict[str, tuple[str, tuple[Atom, ...]]]:
        song = self._songs.of(subscription.client.name)
        muted, soloed = (",".join(sorted(names)) for names in (self._deck.muted, self._deck.soloed))
        states: dict[str, tuple[str, tuple[Atom, ...]]] = {
            "song": ("/bandmate/song/told", song_to_pairs(song, self._clients.daw)),
            "keywords": (
                "/bandmate/keywords/told",
                ("keywords", keywords_to_text(song.keywords)),
            ),
            "mix": ("/bandmate/take/mixed", (muted, soloed)),
        }
        return {topic: states[topic] for topic in subscription.topics if topic in states}

    # beats

    def _aim(self) -> None:
        """Wake up on the next beat, where one comes and somebody wants to know."""
        if self._beat:
            self._beat.cancel()
            self._beat = None
        grid = self._deck.grid
        wanted = any("beat" in subscription.topics for subscription in self._all.values())
        if self._loop and wanted and grid.is_rolling:
            seconds = grid.second_of(next_beat(grid, time.monotonic())) - time.monotonic()
            self._beat = self._loop.call_later(max(seconds, 0.0) + 1e-3, self._on_beat)

    def _on_beat(self) -> None:
        for subscription in self._heard_lately():
            if "beat" in subscription.topics:
                subscription.grid = self._deck.grid
                subscription.tell("/bandmate/transport/told", *transport_to_pairs(self._deck))
        self._aim()


def next_beat(grid: Grid, second: float) -> float:
    """Return the first beat behind a second, counted from a barline."""
    passed = grid.beat_at(second) - grid.bar_beat
    return grid.bar_beat + math.floor(passed + _AT_ONCE) + 1


def take_news(take: Take, news: str, client: str) -> tuple[Atom, ...]:
    """Return what is told of a take that changed: name, value..."""
    told: dict[str, Atom] = {
        "take": take.number,
        "news": news,
        "kind": take.kind,
        "state": take.state,
        "title": take.name,
        "parts": parts_to_text(take.clip),
        "client": client,
        "bars": take.clip.bars,
        "star": int(take.is_starred),
        "parent": take.parent,
        "made": f"{take.made:.3f}",
    }
    return tuple(atom for pair in told.items() for atom in pair)
