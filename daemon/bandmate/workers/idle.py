"""A worker that goes when nobody has asked it for a while, and comes back when somebody does.

For models that are wanted now and then: what they hold in memory, the DAW has again meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from bandmate.workers.child import Servant
from bandmate.workers.worker import Worker

log = logging.getLogger(__name__)


class Guest(Worker):
    """A worker whose process ends after some idle seconds; used from one event loop."""

    def __init__(self, opening: Callable[[], Servant], name: str, idle: float) -> None:
        """Take what a worker takes, and the seconds without an ask after which it goes."""
        super().__init__(opening, name)
        self._idle = idle
        self._asks = 0
        self._clock: asyncio.TimerHandle | None = None
        self._going: asyncio.Task[None] | None = None

    async def ask(
        self, request: object, silence: Callable[[], float] | None = None
    ) -> AsyncGenerator[object, None]:
        """Yield what the servant makes of *request*, opened anew where it has gone."""
        self._asks += 1
        self._stay()
        try:
            if self._going:
                await self._going
            async with aclosing(super().ask(request, silence)) as items:
                async for item in items:
                    yield item
        finally:
            self._asks -= 1
            self._stay()
            if not self._asks:
                self._clock = asyncio.get_running_loop().call_later(self._idle, self._go)

    async def stop(self) -> None:
        """End the process for good, until a start."""
        self._stay()
        if self._going:
            await self._going
        await super().stop()

    def _stay(self) -> None:
        if self._clock:
            self._clock.cancel()
            self._clock = None

    def _go(self) -> None:
        log.info("%s has nothing to do and is let go", self.name)
        self._going = asyncio.get_running_loop().create_task(self._gone())

    async def _gone(self) -> None:
        await super().stop()
        self._is_stopped = False  # it may come back
        self._going = None
