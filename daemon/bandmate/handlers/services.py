"""What handlers share: the call that is answered, and the services that answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

from bandmate.asks.song import Song, Songs
from bandmate.clients.clients import Client, Clients
from bandmate.clients.file_access import Reach
from bandmate.clients.memory import Asked
from bandmate.clients.pace import Pace
from bandmate.compose.chords import CoWriter
from bandmate.compose.loops import Composer
from bandmate.contract.addresses import ANSWERS
from bandmate.contract.messages import Atom, Message, note_messages, take_to_pairs
from bandmate.errors import AskError, BandmateError, Unavailable
from bandmate.handlers.host_actions import Errands
from bandmate.handlers.incoming_edits import Arrivals
from bandmate.handlers.streams import Stream
from bandmate.handlers.subscriptions import Subscriptions
from bandmate.surfaces.controls import Control
from bandmate.surfaces.mapping import Mapping, PadPlan
from bandmate.surfaces.pads import Pads
from bandmate.takes.capture import Capture, Captured
from bandmate.takes.store import Take, Takes
from bandmate.timing.player.client import Deck


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


class SurfaceInput(Protocol):
    """What is touched on surfaces."""

    def take_in(self, sender: Client, message: Message) -> None:
        """Take in what a surface sent; never raises."""


class LiveInput(Protocol):
    """What is played and pressed on the input port."""

    file: Path
    capture: Capture
    mapping: Mapping
    pads: Pads | None
    trouble: str

    @property
    def learning(self) -> str:
        """The action that waits for a press; empty where none does."""

    async def load(self) -> None:
        """Read the person's mapping anew; raises BandmateError."""

    async def learn(self, action: str) -> Control:
        """Wait for a press and let it ask the action from now on; raises BandmateError."""

    async def deal(self, plan: PadPlan) -> Pads:
        """Lay chords on the pads until the mapping is read again; raises BandmateError."""

    async def played(self, bars: int, quantise: float, song: Song) -> Captured:
        """Return the last bars that were played; raises AskError where nothing was."""

    def silence(self) -> None:
        """End every note that pads sound."""


@dataclass
class Services:
    """Everything that a handler may need."""

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
    live: LiveInput | None = None
    """What is played and pressed on the input port; None where nobody listens to it."""
    surfaces: SurfaceInput | None = None
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
    _streams: dict[tuple[str, Atom], Stream] = field(default_factory=dict)
    _asks: int = 0

    def __post_init__(self) -> None:
        """Begin to hear what changes."""
        self.subscriptions = Subscriptions(self.songs, self.deck, self.takes, self.clients)

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
