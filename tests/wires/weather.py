"""Bad weather for datagrams: some are lost, some come twice, some overtake others; and a client
that asks again until it is answered, and keeps account of every answer."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bandmate.contract.messages import Message
from bandmate.loops.plan import LoopPlan
from bandmate.wires.packets import message_to_packet, packet_to_messages
from fakes import MODEL, fake_bars

HOST = "127.0.0.1"
ENDINGS = ("/bandmate/loop/made", "/bandmate/error")
RETRY_SECONDS = 0.3


class InstantWorker:
    """A loop model that has written before it is asked."""

    model = MODEL

    def __init__(self) -> None:
        self.asked: Counter[int] = Counter()
        """How often each seed was written."""

    async def start(self) -> None:
        """Be there."""

    async def ask(self, plans: tuple[LoopPlan, ...], silence: object = None) -> Any:
        """Yield the bars of one plan after the other."""
        for take, plan in enumerate(plans):
            self.asked[plan.seed] += 1
            for bar in fake_bars(plan):
                yield take, bar

    def cancel(self) -> None:
        """Have nothing to call off."""


class Weather:
    """Passes datagrams on: *share* of them lost, as many doubled, as many held back behind the
    next one."""

    def __init__(self, share: float, seed: int) -> None:
        self.lost = self.doubled = self.swapped = 0
        self._share = share
        self._chance = random.Random(seed)
        self._held: list[Callable[[], None]] = []

    def passes(self, deliver: Callable[[], None]) -> None:
        """Deliver now, later, twice or never."""
        fate = self._chance.random() / self._share if self._share else 9.0
        if fate < 1:
            self.lost += 1
            return
        if 2 <= fate < 3 and not self._held:
            self.swapped += 1
            self._held.append(deliver)
            return
        deliver()
        if fate < 2:
            self.doubled += 1
            deliver()
        while self._held:
            self._held.pop()()


@dataclass
class Account:
    """What one client asked and was answered."""

    answers: dict[int, set[tuple[Any, ...]]] = field(default_factory=dict)
    """By id, every ending that differs: the number of a take, or the words of a refusal."""
    sent: int = 0

    @property
    def made(self) -> list[int]:
        """The takes that were made."""
        return [n for ends in self.answers.values() for kind, n in ends if kind == "made"]

    @property
    def refused(self) -> list[str]:
        """The words of all refusals."""
        return [w for ends in self.answers.values() for kind, w in ends if kind == "error"]


class Stubborn(asyncio.DatagramProtocol):
    """A UDP client in bad weather that asks again until it is answered."""

    def __init__(self, number: int, weather: Weather, to: int) -> None:
        self.account = Account()
        self._number, self._weather, self._to = number, weather, to
        self._transport: asyncio.DatagramTransport | None = None
        self._news = asyncio.Event()

    async def open(self) -> None:
        """Take a port."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, 0))

    def close(self) -> None:
        """Give the port back."""
        if self._transport:
            self._transport.close()

    def seed(self, id_: int) -> int:
        """Return the seed of an ask: no other client's ask has it."""
        return self._number * 1_000_000 + id_

    async def asks(self, count: int, at_once: int) -> None:
        """Ask *count* loops, *at_once* of them before the first is answered; return when all are.

        The retries of what is not answered are paced, as everybody's should be.
        """
        waiting: set[int] = set()
        coming = iter(range(count))
        while True:
            waiting -= self.account.answers.keys()
            fresh = [id_ for _, id_ in zip(range(at_once - len(waiting)), coming, strict=False)]
            waiting.update(fresh)
            for id_ in fresh:
                self._send(id_)
            if not waiting:
                return
            if not await self._heard():
                for id_ in sorted(waiting)[:64]:
                    self._send(id_)

    async def _heard(self) -> bool:
        self._news.clear()
        try:
            async with asyncio.timeout(RETRY_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    def _send(self, id_: int) -> None:
        self.account.sent += 1
        said = ("bars", 1, "parts", "bass", "seed", self.seed(id_))
        data = message_to_packet(Message("/bandmate/loop/ask", (id_, *said)))
        transport = self._transport
        assert transport
        self._weather.passes(lambda: transport.sendto(data, (HOST, self._to)))

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Take in an answer, if the weather lets it through."""
        self._weather.passes(lambda: self._take_in(data))

    def _take_in(self, data: bytes) -> None:
        for message in packet_to_messages(data):
            if message.address in ENDINGS:
                id_, *rest = message.arguments
                ending = ("made", rest[1]) if message.address == ENDINGS[0] else ("error", rest[-1])
                self.account.answers.setdefault(int(id_), set()).add(ending)
                self._news.set()
