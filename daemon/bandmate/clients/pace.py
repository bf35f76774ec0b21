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
_PATIENCE = 32
"""Turns in which what comes in is read first, while something comes in each of them."""
_FAIR = 4
"""Of so many messages one is that of whoever waits longest, though others' are shorter."""

Work = tuple[bool, Callable[[], None]]
"""Whether it is short, and what is to be done."""


class Pace:
    """What is begun now and what later; used from the event loop alone."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[Work]] = OrderedDict()
        self._count = 0
        self._since: float | None = None
        """When this turn began, None before the first work of it."""
        self._done = 0
        self._has_heard = False
        self._pump: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return self._count

    def of(self, who: str) -> int:
        """Return how much of a client's waits for one of the next turns."""
        return len(self._waiting.get(who, ()))

    def do(self, who: str, work: Callable[[], None], is_short: bool = True) -> None:
        """Do a client's *work* at once where nothing waits and this turn has time left, else later.

        What a client brings is done in order; of several clients each has its turn, and short work
        comes first.
        """
        self._has_heard = True
        if not self._waiting and self._has_time():
            self._done += 1
            work()
            return
        self._waiting.setdefault(who, deque()).append((is_short, work))
        self._count += 1
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._go_on())

    async def settled(self, who: str) -> None:
        """Return once nothing of a client's waits."""
        while who in self._waiting:
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Do nothing more of what waits."""
        self._waiting.clear()
        self._count = 0
        if self._pump:
            await asyncio.gather(self._pump, return_exceptions=True)

    def _has_time(self) -> bool:
        if self._since is None:
            self._since, self._done = time.monotonic(), 0
            asyncio.get_running_loop().call_soon(self._turn_over)
        return self._done < AT_ONCE and time.monotonic() - self._since < SLICE

    def _turn_over(self) -> None:
        self._since = None

    async def _go_on(self) -> None:
        """Do what waits, some of it in each turn of the loop."""
        while self._waiting:
            for _ in range(_PATIENCE):
                self._has_heard = False
                await asyncio.sleep(0)
                if not self._has_heard:
                    break
            began = time.monotonic()
            for number in range(AT_ONCE):
                if not self._waiting or time.monotonic() - began >= SLICE:
                    break
                self._next(number)()

    def _next(self, number: int) -> Callable[[], None]:
        """Take the next work out of what waits."""
        clients = iter(self._waiting.items())
        first = next(clients)
        is_fair = first[1][0][0] or number % _FAIR == _FAIR - 1
        who, works = first if is_fair else next((c for c in clients if c[1][0][0]), first)
        _, work = works.popleft()
        self._count -= 1
        if works:
            self._waiting.move_to_end(who)
        else:
            del self._waiting[who]
        return work
