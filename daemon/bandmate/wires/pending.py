"""Connections that something is still to come of: only so many, and only for so long.

Somebody who opens a connection and says nothing must cost nothing: no place that another wants,
and no descriptor for longer than a few seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial

MOST = 64
"""Connections of one wire that have not said yet what they want; a new one ends the oldest."""

SECONDS = 5.0
"""How long a connection may take to say what it wants."""

log = logging.getLogger(__name__)


class Pending:
    """The connections of one wire that are waited for; used from the event loop alone."""

    def __init__(self, what: str, most: int = MOST, seconds: float | None = None) -> None:
        """Take what a connection is called in the log, how many there may be, and how long.

        Without *seconds* they have ``SECONDS``.
        """
        self._what, self._most, self._seconds = what, most, seconds
        self._waiting: OrderedDict[Hashable, tuple[asyncio.TimerHandle, Callable[[], None]]] = (
            OrderedDict()
        )

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, connection: Hashable, abort: Callable[[], None]) -> None:
        """Wait for a connection; *abort* is called where it takes too long or too many came."""
        if len(self._waiting) >= self._most:
            log.warning("%d %s wait: the oldest is cut off", self._most, self._what)
            self._cut(next(iter(self._waiting)))
        seconds = SECONDS if self._seconds is None else self._seconds
        clock = asyncio.get_running_loop().call_later(seconds, partial(self._cut, connection))
        self._waiting[connection] = clock, abort

    def done(self, connection: Hashable) -> None:
        """Wait for a connection no longer; one that is not waited for is no mistake."""
        if found := self._waiting.pop(connection, None):
            found[0].cancel()

    def close(self) -> None:
        """Cut all of them off."""
        for connection in list(self._waiting):
            self._cut(connection)

    def _cut(self, connection: Hashable) -> None:
        clock, abort = self._waiting.pop(connection)
        clock.cancel()
        abort()
