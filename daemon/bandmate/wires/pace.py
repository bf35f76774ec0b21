"""The pace of the event loop: bursts of messages are begun over several turns, client by client.

Between two turns everybody else is heard, so that nobody waits for long for what another sends.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable

SLICE = 0.002
"""Seconds of a turn of the loop that may be spent on beginning to answer."""
AT_ONCE = 32
"""Messages that are begun in a turn, at the most."""


class Pace:
    """What is begun now and what later; used from the event loop alone."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[Callable[[], None]]] = OrderedDict()
        self._count = 0
        self._since: float | None = None
        """When this turn began, None before the first work of it."""
        self._done = 0

    def __len__(self) -> int:
        return self._count

    def of(self, who: str) -> int:
        """Return how much of a client's waits for one of the next turns."""
        return len(self._waiting.get(who, ()))

    def do(self, who: str, work: Callable[[], None]) -> None:
        """Do a client's *work* at once where this turn has time left, else in one of the next.

        What a client brings is done in order, and of several clients each has its turn.
        """
        if who not in self._waiting and self._has_time():
            self._done += 1
            work()
        else:
            self._waiting.setdefault(who, deque()).append(work)
            self._count += 1

    async def settled(self, who: str) -> None:
        """Return once nothing of a client's waits."""
        while who in self._waiting:
            await asyncio.sleep(0)

    def _has_time(self) -> bool:
        if self._since is None:
            self._begin()
        return self._done < AT_ONCE and time.monotonic() - (self._since or 0.0) < SLICE

    def _begin(self) -> None:
        self._since, self._done = time.monotonic(), 0
        asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        """Go on in another turn of the loop."""
        self._since = None
        while self._waiting and self._has_time():
            who, works = next(iter(self._waiting.items()))
            work = works.popleft()
            self._count -= 1
            if works:
                self._waiting.move_to_end(who)
            else:
                del self._waiting[who]
            self._done += 1
            work()
