"""The line in which asks wait: one is worked at, the others are told their place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bandmate.errors import Cancelled, Unavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Queued:
    """The ask waits; told again whenever its place changes."""

    place: int
    """Asks before it: 0 is being worked at now."""


@dataclass(eq=False)
class Place:
    """One ask in the line."""

    client: str
    id: object
    told: Callable[[Queued], None]
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    is_cancelled: bool = False
    last_told: int | None = None

    def check(self) -> None:
        """Raise Cancelled once the ask was called off."""
        if self.is_cancelled:
            raise Cancelled("the ask was called off")


class Line:
    """Lets one ask through after the other; used from one event loop."""

    def __init__(self, most_waiting: int, call_off: Callable[[], None]) -> None:
        """Take how many may wait, and what stops the work at the ask whose turn it is."""
        self._most_waiting = most_waiting
        self._call_off = call_off
        self._places: list[Place] = []

    @asynccontextmanager
    async def turn(
        self, client: str, id: object, told: Callable[[Queued], None]
    ) -> AsyncIterator[Place]:
        """Wait for a turn and hold it; raises Unavailable where too many wait, and Cancelled."""
        if len(self._places) > self._most_waiting:
            raise Unavailable(f"{self._most_waiting} asks wait already; ask again when one is made")
        place = Place(client, id, told)
        self._places.append(place)
        try:
            self._tell_places()
            await place.turn.wait()
            place.check()
            yield place
        finally:
            self._places.remove(place)
            self._tell_places()

    def cancel(self, client: str, id: object = None) -> int:
        """Call off a client's asks of this id (None: all of them); return how many there were."""
        found = [p for p in self._places if p.client == client and (id is None or p.id == id)]
        for place in found:
            place.is_cancelled = True
            if place is self._places[0]:
                self._call_off()
            place.turn.set()
        return len(found)

    def _tell_places(self) -> None:
        """Let the first in the line begin, and tell all whose place has changed."""
        for number, place in enumerate(self._places):
            if number == 0:
                place.turn.set()
            if place.last_told != number:
                place.last_told = number
                try:
                    place.told(Queued(number))
                except Exception:  # one asker's trouble is not another's
                    log.exception("%s could not be told its place", place.client)
