"""Incoming edits: the notes of edits, which come in chunks and may come before their edit."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass, field

from bandmate.contract.messages import Atom, chunks_to_data
from bandmate.errors import AskError

SECONDS = 10.0
"""How long an edit waits for its notes."""

EDITS = 64
"""Edits whose notes are held at once; beyond it the oldest of whoever has most goes."""

_Key = tuple[str, Atom]
"""A client's name and an id."""


@dataclass(slots=True)
class _Arriving:
    """The notes of one edit, as far as they are here."""

    chunks: dict[int, bytes] = field(default_factory=dict)
    crc32: int = 0
    since: float = field(default_factory=time.monotonic)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Arrivals:
    """The notes of edits on their way in; used from the event loop alone."""

    def __init__(self) -> None:
        self._all: OrderedDict[_Key, _Arriving] = OrderedDict()

    def take_in(self, key: _Key, chunk: int, crc32: int, data: bytes) -> None:
        """Keep a chunk of an edit."""
        arriving = self._of(key)
        arriving.chunks[chunk], arriving.crc32 = data, crc32
        arriving.news.set()

    async def whole(self, key: _Key, chunks: int) -> bytes:
        """Return the notes of an edit once all its *chunks* are here; raises AskError."""
        arriving = self._of(key)
        try:
            async with asyncio.timeout(SECONDS):
                while not arriving.chunks.keys() >= set(range(chunks)):
                    arriving.news.clear()
                    await arriving.news.wait()
        except TimeoutError:
            raise AskError(
                f"the notes did not arrive whole: {len(arriving.chunks)} of {chunks} chunks came "
                f"within {SECONDS:g} seconds"
            ) from None
        finally:
            if self._all.get(key) is arriving:
                del self._all[key]
        if not chunks:
            return b""
        return chunks_to_data([arriving.chunks[i] for i in range(chunks)], arriving.crc32)

    def _of(self, key: _Key) -> _Arriving:
        if key not in self._all:
            # Those of a retry, whose edit is done already, are waited for by nobody.
            old = time.monotonic() - 2 * SECONDS
            for late in [k for k, arriving in self._all.items() if arriving.since < old]:
                del self._all[late]
            self._all[key] = _Arriving()
            if len(self._all) > EDITS:
                del self._all[self._oldest_of_the_fullest()]
        return self._all[key]

    def _oldest_of_the_fullest(self) -> _Key:
        """Return the oldest edit of the client that has most of them: others' edits stay."""
        counts = Counter(client for client, _ in self._all)
        fullest, _ = counts.most_common(1)[0]
        return next(key for key in self._all if key[0] == fullest)
