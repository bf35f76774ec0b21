"""The desk: the one way in for every wire, where messages are read, remembered, done, answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from bandmate.compose import Composer
from bandmate.cowriter import CoWriter
from bandmate.errors import AskError, BandmateError, Cancelled, Unavailable, nearest
from bandmate.ranges import shown
from bandmate.song import Songs
from bandmate.takes import Take, Takes
from bandmate.wires.addresses import ADDRESSES, ANSWERS
from bandmate.wires.bridge_verbs import Errands
from bandmate.wires.clients import Client, Clients
from bandmate.wires.contract import Address, id_in
from bandmate.wires.deck import Deck
from bandmate.wires.edit_verbs import Arrivals
from bandmate.wires.memory import Asked
from bandmate.wires.messages import (
    ARGUMENTS,
    Atom,
    Message,
    is_short,
    note_messages,
    take_to_pairs,
)
from bandmate.wires.pace import Pace
from bandmate.wires.reach import Reach
from bandmate.wires.streams import Stream
from bandmate.wires.subscriptions import Subscriptions

if TYPE_CHECKING:
    from bandmate.wires.controller import Controller
    from bandmate.wires.surfaces import Surfaces

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


class Busy(Unavailable):
    """There is too much to do already."""

    code = "busy"


@dataclass(slots=True)
class Call:
    """One message that is being answered."""

    client: Client
    id: Atom
    values: dict[str, object]
    """Its arguments by name, checked."""
    pairs: list[tuple[str, object]]
    """Its names and values, unread but for files, which are granted."""
    asked: Asked | None = None
    """Where its answers are remembered."""

    def answer(self, address: str, *told: Atom) -> None:
        """Send an answer; the id goes first."""
        self.send(Message(address, (self.id, *told)))

    def send(self, answer: Message) -> None:
        """Send an answer that holds the id already."""
        if self.asked:
            self.asked.keep(answer, ANSWERS[answer.address].is_passing)
        self.client.send(answer)

    def refuse(self, error: BandmateError) -> None:
        """Answer a mistake in words."""
        self.answer("/bandmate/error", error.code, str(error))

    @contextmanager
    def telling_mistakes(self) -> Iterator[None]:
        """Answer what goes wrong inside in words, and go on."""
        try:
            yield
        except BandmateError as error:
            self.refuse(error)


@dataclass
class Desk:
    """Everything that a message may need, and the calls that are being answered."""

    composer: Composer
    cowriter: CoWriter
    takes: Takes
    songs: Songs
    clients: Clients
    deck: Deck
    facts: Callable[[], tuple[Atom, ...]]
    """Returns what a hello is answered: name, value..."""
    queue: int = 16
    """Most asks that wait, 1..256."""
    reach: Reach = field(default_factory=Reach)
    """Which files are read for whoever asks."""
    live: Controller | None = None
    """What is played and pressed on the input port; None where nobody listens to it."""
    surfaces: Surfaces | None = None
    """What is touched on surfaces; None where nobody listens to them."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever plays, places or marks a take: play and then stop are done in that order."""
    errands: Errands = field(default_factory=Errands)
    """What the client that owns the DAW was sent to do."""
    arrivals: Arrivals = field(default_factory=Arrivals)
    """Notes of edits that are on their way in."""
    pace: Pace = field(default_factory=Pace)
    """How much of a burst is begun in a turn of the loop."""
    subscriptions: Subscriptions = field(init=False)
    """Who is told of changes unasked."""
    is_stopping: bool = False
    """True once it takes nothing more; whoever asks is told so."""
    _calls: set[asyncio.Task[None]] = field(default_factory=set)
    _streams: dict[tuple[str, Atom], Stream] = field(default_factory=dict)
    _asks: int = 0

    def __post_init__(self) -> None:
        """Begin to hear what changes."""
        self.subscriptions = Subscriptions(self.songs, self.deck, self.takes, self.clients)

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
                await row.does(self, call)
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

    # what verbs share

    @contextmanager
    def working_for(self, client: Client) -> Iterator[None]:
        """Count an ask while it waits and is made; raises Busy where as many wait as may."""
        if self._asks > self.queue:
            raise Busy(f"{self.queue} asks wait already: ask again when one is made")
        self._asks += 1
        client.in_work += 1
        try:
            yield
        finally:
            self._asks -= 1
            client.in_work -= 1

    @contextmanager
    def streaming(self, call: Call, stream: Stream) -> Iterator[None]:
        """Know a call's stream while the block runs, so that it can be called off."""
        key = (call.client.name, call.id)
        self._streams[key] = stream
        try:
            yield
        finally:
            if self._streams.get(key) is stream:
                del self._streams[key]

    def call_off_stream(self, client: str, id_: Atom) -> bool:
        """Let a client's stream of this id end with its bar; return whether there was one."""
        stream = self._streams.get((client, id_))
        if stream:
            stream.call_off()
        return stream is not None

    async def found(self, call: Call) -> Take:
        """Return the take that a call names, or the latest; raises AskError where there is none."""
        number = cast(int, call.values.get("take", 0))
        if number:
            return await asyncio.to_thread(self.takes.get, number)
        own = await asyncio.to_thread(self.takes.latest, call.client.name)
        take = own or await asyncio.to_thread(self.takes.latest, None)
        if take is None:
            raise AskError("there is no take yet: ask for a loop first")
        return take

    def place(self, id_: Atom, take: Take) -> Client:
        """Send a take with its notes to the client that owns the DAW, and return that client.

        Raises Unavailable where there is none.
        """
        owner = self.clients.owner
        if owner is None:
            raise Unavailable(
                "no DAW is connected to place it in: start bandmate's bridge in the DAW, "
                "or take the file"
            )
        notes = note_messages(id_, take.number, take.clip)
        pairs = take_to_pairs(take, chunks=len(notes))
        for message in (Message("/bandmate/clip/place", (id_, *pairs)), *notes):
            owner.send(message)
        return owner


def _row(address: str) -> Address:
    row = ADDRESSES.get(address)
    if row is None:
        near = nearest(address[:80], ADDRESSES)
        raise AskError(f"there is no address {shown(address)}, try {near}")
    return row
