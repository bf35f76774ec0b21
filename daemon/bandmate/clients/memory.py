"""What is remembered of clients' asks, so that a retry is answered and not done twice.

Of a message a digest is kept, not the message; of its answers all that fit into a budget of bytes,
one for each client and one for all of them together.
"""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from bandmate.contract.messages import Atom, Message
from bandmate.errors import AskError
from bandmate.fields import shown

REMEMBERED_ASKS = 1024
"""Asks of a client whose answers can be told again."""

REMEMBERED_ANSWERS = 2048
"""Answers kept for a client."""

CLIENT_BYTES = 4 << 20
"""Memory that the answers and ids of one client may take."""

ALL_BYTES = 32 << 20
"""Memory that those of all clients may take: beyond it the client that holds most forgets."""

KNOWN_ASKS = 8192
"""Older asks of a client of which it is known for a while that they were answered."""

KNOWN_SECONDS = 60.0
"""How long: a datagram or a retry that is later than that is a new ask."""

_ASK_BYTES, _KNOWN_BYTES, _ANSWER_BYTES = 600, 300, 120
"""What an ask, a known id and an answer take beside their values."""


def digest_of(message: Message) -> bytes:
    """Return 16 bytes that tell messages apart; 4 and 4.0 are the same value."""
    values = [int(a) if isinstance(a, float) and a.is_integer() else a for a in message.arguments]
    said = repr((message.address, values)).encode("utf-8", "surrogatepass")
    return blake2b(said, digest_size=16).digest()


def bytes_of(message: Message) -> int:
    """Return about how much memory a message takes."""
    return _ANSWER_BYTES + sum(map(sys.getsizeof, message.arguments))


class Asked:
    """One ask and what was answered to it until now."""

    def __init__(self, id_: Atom, digest: bytes, memory: Memory) -> None:
        self.id = id_
        self.digest = digest
        self.answers: list[Message] = []
        self.is_done = False
        self.size = _ASK_BYTES + sys.getsizeof(id_)
        """Bytes that it takes, its answers among them."""
        self._passing: Message | None = None
        self._memory = memory

    def keep(self, answer: Message, is_passing: bool) -> None:
        """Keep an answer; of *passing* ones (a place in the queue, progress) only the newest."""
        if is_passing:
            self._passing = answer
            return
        self.answers.append(answer)
        self._memory.grew(self, bytes_of(answer))

    def done(self) -> None:
        """Mark that no answer follows; what passed is forgotten."""
        self.is_done = True
        self._passing = None
        self._memory.make_room()

    def told_again(self) -> list[Message]:
        """Return what a retry is answered."""
        return [*([self._passing] if self._passing else []), *self.answers]


class _Known(NamedTuple):
    """An ask whose answers are forgotten."""

    digest: bytes
    second: float
    why: str
    size: int


class Budget:
    """The memory that all clients share; used from the event loop alone."""

    def __init__(self, most: int = ALL_BYTES) -> None:
        self.most = most
        self.used = 0
        """Bytes."""
        self._memories: list[Memory] = []

    def joined(self, memory: Memory) -> None:
        """Count a client's memory from now on."""
        self._memories.append(memory)

    def left(self, memory: Memory) -> None:
        """Count a client's memory no more: the client is forgotten."""
        if memory in self._memories:
            self._memories.remove(memory)
            self.used -= memory.size
            memory.budget = Budget()  # what it still has in work is its own

    def make_room(self) -> None:
        """Let the clients that hold most forget what they heard longest ago."""
        while self.used > self.most:
            if not any(m.forget() for m in sorted(self._memories, key=lambda m: -m.size)):
                return  # all of it is in work


class Memory:
    """The last asks of one client by their id."""

    def __init__(
        self, now: Callable[[], float] = time.monotonic, budget: Budget | None = None
    ) -> None:
        self.size = 0
        """Bytes that it takes."""
        self.budget = budget or Budget()
        self.budget.joined(self)
        self._now = now
        self._asks: OrderedDict[Atom, Asked] = OrderedDict()
        self._answers = 0
        self._known: OrderedDict[Atom, _Known] = OrderedDict()

    def recalled(self, id_: Atom, message: Message) -> Asked | None:
        """Return the ask that *message* repeats, or None for a new one.

        Raises AskError where the id is in work with another message, or where the ask was answered
        and its answers are forgotten.
        """
        asked = self._asks.get(id_)
        if asked is None:
            self._check_known(id_, message)
        if asked is None or asked.digest == digest_of(message):
            return asked
        if asked.is_done:
            return None
        raise AskError(f"id {shown(id_)} is in work with another ask: choose a new id for each ask")

    def is_cancelled(self, id_: Atom) -> bool:
        """Return True where the ask of this id was called off."""
        asked = self._asks.get(id_)
        return bool(asked and asked.answers and asked.answers[-1].address == "/bandmate/cancelled")

    def begun(self, id_: Atom, message: Message) -> Asked:
        """Remember a new ask and return it; what is too old is forgotten unless it is in work."""
        self._drop(id_)
        asked = Asked(id_, digest_of(message), self)
        self._asks[id_] = asked
        self._count(asked.size)
        self.make_room()
        return asked

    def grew(self, asked: Asked, size: int) -> None:
        """Count an answer that is kept."""
        asked.size += size
        if self._asks.get(asked.id) is asked:  # else another ask took its id
            self._answers += 1
            self._count(size)

    def make_room(self) -> None:
        """Forget what is too old or too much, of this client and of all."""
        while self._known:
            known = next(iter(self._known.values()))
            if len(self._known) <= KNOWN_ASKS and self._now() - known.second <= KNOWN_SECONDS:
                break
            self._forget_known()
        while len(self._asks) > REMEMBERED_ASKS or self._answers > REMEMBERED_ANSWERS:
            if not self._forget_ask(f"{REMEMBERED_ASKS} asks ago and more"):
                break
        while self.size > CLIENT_BYTES and self.forget():
            pass
        self.budget.make_room()

    def forget(self) -> bool:
        """Forget the oldest answers, else the oldest id that is known; False where there is none.

        What is in work stays.
        """
        return self._forget_ask("but its answers took too much memory to be kept") or (
            self._forget_known()
        )

    def _forget_ask(self, why: str) -> bool:
        id_ = next((id_ for id_, asked in self._asks.items() if asked.is_done), None)
        if id_ is None:
            return False
        asked = self._asks[id_]
        self._drop(id_)
        size = _KNOWN_BYTES + sys.getsizeof(id_)
        self._known[id_] = _Known(asked.digest, self._now(), why, size)
        self._count(size)
        return True

    def _forget_known(self) -> bool:
        if not self._known:
            return False
        _, known = self._known.popitem(last=False)
        self._count(-known.size)
        return True

    def _drop(self, id_: Atom) -> None:
        """Know nothing of an id any more."""
        if asked := self._asks.pop(id_, None):
            self._answers -= len(asked.answers)
            self._count(-asked.size)
        if known := self._known.pop(id_, None):
            self._count(-known.size)

    def _count(self, size: int) -> None:
        self.size += size
        self.budget.used += size

    def _check_known(self, id_: Atom, message: Message) -> None:
        known = self._known.get(id_)
        if known is None or self._now() - known.second > KNOWN_SECONDS:
            return
        if known.digest == digest_of(message):
            raise AskError(
                f"id {shown(id_)} was answered {known.why}: choose a new id to ask it again"
            )
