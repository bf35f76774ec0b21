"""The desk: the one way in for every wire, where messages are read, remembered, done, answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from bandmate.clients.clients import Client
from bandmate.contract.addresses import ADDRESSES, ANSWERS
from bandmate.contract.messages import ARGUMENTS, Atom, Message, is_short
from bandmate.contract.rows import Address, id_in
from bandmate.errors import AskError, BandmateError, Cancelled, Unavailable, nearest
from bandmate.fields import shown
from bandmate.handlers.services import Busy, Call, Services

CALLS = 1024
"""Most messages that are being answered at once, of all clients."""

WAITING = 8192
"""Most messages that wait to be begun, of all clients; of one at most CALLS."""

HELLO = "/bandmate/hello"
SURFACE = "/bandmate/surface/"
"""What begins like this comes from a surface, without an id."""

STOPPING = "bandmate is stopping: ask again when it runs"
"""What an ask is answered from the signal on that ends the daemon."""

GIVE_UP_SECONDS = 0.8
"""How long what was given up may take to end, twice."""

_OUR_OWN = ANSWERS.keys() - ADDRESSES.keys()

log = logging.getLogger(__name__)


Handler = Callable[[Services, Call], Awaitable[None]]
"""What answers a message; it raises BandmateError where it cannot."""


@dataclass
class Desk(Services):
    """The services, and the way in to them: messages are read, remembered, handled, answered."""

    routes: Mapping[str, Handler] = field(kw_only=True)
    """Address -> handler, see ``routes.py``."""
    is_stopping: bool = False
    """True once it takes nothing more; whoever asks is told so."""
    _calls: set[asyncio.Task[None]] = field(default_factory=set)

    def take_in(self, sender: Client, message: Message) -> None:
        """Begin to answer a message, now or once others had their turn; never raises."""
        if self.pace.of(sender.name) >= CALLS or len(self.pace) >= WAITING:
            self.refuse(sender, Busy("too many messages wait already: try again in a moment"))
        else:
            self.pace.do(sender.name, lambda: self._take_in(sender, message), is_short(message))

    def _take_in(self, sender: Client, message: Message) -> None:
        if message.address == "/bandmate/error":
            self.errands.failed(message)
        if self.surfaces is not None and message.address.startswith(SURFACE):
            self.surfaces.take_in(sender, message)
            return
        if message.address in _OUR_OWN:
            return  # Our own words, sent back: an answer to them would go round for ever.
        call = Call(sender, "", {}, [])
        try:
            call.id = id_in(message)
            if len(message.arguments) > ARGUMENTS:
                raise AskError(f"a message must have at most {ARGUMENTS} arguments")
            row = _row(message.address)
            reply = row.reply_in(message)
            if reply is not None:
                call.client = self.clients.of_reply(sender, reply, row.address == HELLO)
            self._begin(row, call, message)
        except BandmateError as error:
            call.refuse(error)

    def refuse(self, sender: Client, error: BandmateError, id_: Atom = "") -> None:
        """Answer bytes or a text that no message could be read from, or one that is not let in."""
        Call(sender, id_, {}, []).refuse(error)

    def _begin(self, row: Address, call: Call, message: Message) -> None:
        is_once = row.is_once and call.id != ""
        asked = call.client.memory.recalled(call.id, message) if is_once else None
        if asked:
            for answer in asked.told_again():
                call.client.send(answer)
            return
        if self.is_stopping:
            raise Unavailable(STOPPING)
        call.values, call.pairs = row.read(message)
        mistake = row.mistake_in(call.pairs)
        # Begun before it may be refused: a datagram that comes twice is refused twice. What makes
        # no sense is refused again anyhow, and is not remembered.
        if is_once and not mistake:
            call.asked = call.client.memory.begun(call.id, message)
        if len(self._calls) >= CALLS:
            call.refuse(Busy(f"{CALLS} messages are being answered already: try again in a moment"))
            if call.asked:
                call.asked.done()
            return
        task = asyncio.get_running_loop().create_task(self._do(row, call, mistake))
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _do(self, row: Address, call: Call, mistake: AskError | None) -> None:
        try:
            if mistake:
                raise mistake
            await self.reach.grant(call.values, call.pairs)
            async with self.turn if row.is_in_turn else nullcontext():
                await self.routes[row.address](self, call)
        except Cancelled:
            call.answer("/bandmate/cancelled")
        except BandmateError as error:
            call.refuse(error)
        except asyncio.CancelledError:
            call.refuse(Unavailable(STOPPING))
            raise
        except Exception:
            log.exception("%s from %s", row.address, call.client.name)
            call.refuse(BandmateError("bandmate made a mistake of its own: its log tells more"))
        finally:
            if call.asked:
                call.asked.done()

    async def idle(self) -> None:
        """Wait until all that was taken in is answered."""
        while self._calls or len(self.pace):
            if self._calls:
                await asyncio.wait(set(self._calls))
            else:
                await asyncio.sleep(0)

    async def close(self) -> None:
        """Take nothing more and give up what is in work; each of its clients is told."""
        self.is_stopping = True
        self.subscriptions.close()
        await self.pace.close()
        for _ in range(2):  # again for what waits for something else to end first
            for task in list(self._calls):
                task.cancel()
            if self._calls:
                await asyncio.wait(set(self._calls), timeout=GIVE_UP_SECONDS)


def _row(address: str) -> Address:
    row = ADDRESSES.get(address)
    if row is None:
        near = nearest(address[:80], ADDRESSES)
        raise AskError(f"there is no address {shown(address)}, try {near}")
    return row
