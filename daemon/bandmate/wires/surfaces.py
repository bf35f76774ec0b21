"""The surface wire: what a tablet touches becomes the messages of a bridge, and all is shown to it.

A surface is a client of its own, with a subscription to all that it shows. It has no ids, and
hears at a port that its hello tells, which need not be the one that it sends from.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from bandmate.asks.presets import Preset, presets
from bandmate.clients.clients import PORTS, Client
from bandmate.contract.messages import Atom, Message, pairs_of
from bandmate.errors import AskError, BandmateError, nearest
from bandmate.fields import shown
from bandmate.surfaces.board import CARDS, Board, is_pressed
from bandmate.surfaces.table import BUTTON, HELLO, PREFIX, WIDGETS, Widget

if TYPE_CHECKING:
    from bandmate.handlers.dispatcher import Desk

MOST = 16
"""Surfaces at once; beyond it the one that was heard least lately is forgotten."""
SENDERS = 64
"""Addresses at once that surfaces send from."""
LISTED = 32
"""Takes that can be browsed."""
LIGHT_SECONDS = 0.1
"""How long the light of a beat is lit."""

_TOPICS = "transport,beat,takes,mix"
_NEWS = "news"
_PASSING = frozenset({
    "/bandmate/loop/queued", "/bandmate/loop/planned", "/bandmate/bar/written",
    "/bandmate/loop/progress",
    "/bandmate/chords/queued", "/bandmate/keywords/found", "/bandmate/card/made",
    "/bandmate/take/notes",
})  # fmt: skip
"""Answers after which more follow."""
Arguments = tuple[Atom, ...]
"""What a message brings, the id first."""

_ON_THE_BEAT = 0.05
_ASKS = frozenset({"/bandmate/loop/ask", "/bandmate/chords/ask"})


@dataclass(eq=False)
class Surface:
    """One surface that was heard."""

    reply: Client
    """Where it hears."""
    board: Board
    client: Client
    """What it is for the desk."""
    has_greeted: bool = False
    """True where it said at which port it hears."""
    lit: dict[Atom, str] = field(default_factory=dict)
    """Ids of what is in work, and the button that asked for it."""
    touches: int = 0

    def tell(self, everything: bool = False) -> None:
        """Tell the surface what it does not show yet."""
        for name, value in self.board.news(everything):
            self.reply.send(Message(f"{PREFIX}{name}", (value,)))

    def show(self, name: str, value: Atom) -> None:
        """Let a control show a value."""
        self.board.shown[name] = value
        self.tell()

    def begin(self, name: str) -> Atom:
        """Return a new id, for which the button is lit until it is answered."""
        self.touches += 1
        id_ = f"touch{self.touches}"
        if WIDGETS[name].kind == BUTTON:
            self.lit[id_] = name
            self.board.shown[name] = 1.0
        return id_

    def end(self, id_: Atom) -> None:
        """Let the button of an id go out, unless it is lit for another."""
        name = self.lit.pop(id_, None)
        if name and name not in self.lit.values():
            self.board.shown[name] = 0.0


class Surfaces:
    """All surfaces; used from the event loop alone."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._presets: tuple[Preset, ...] = ()
        self._surfaces: OrderedDict[str, Surface] = OrderedDict()  # by where they hear
        self._hears_at: OrderedDict[str, str] = OrderedDict()  # by where they send from
        self._looking: asyncio.Task[None] | None = None
        self._is_stale = False

    def __len__(self) -> int:
        return len(self._surfaces)

    async def open(self) -> None:
        """Read the presets; from now on the desk knows the surfaces."""
        with suppress(BandmateError):  # an ask that names a broken one tells why
            self._presets = await asyncio.to_thread(presets)
        self._desk.surfaces = self

    async def close(self) -> None:
        """Hear surfaces no more."""
        self._desk.surfaces = None
        for name in list(self._surfaces):
            self._forget(name)
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def take_in(self, sender: Client, message: Message) -> None:
        """Do what a touch asks; never blocks and never raises."""
        name = message.address.removeprefix(PREFIX)
        widget = WIDGETS.get(name)
        try:
            if widget is None:
                near = nearest(name[:40], WIDGETS)
                raise AskError(f"a surface has nothing called {shown(name)}, try {near}")
            if widget.kind == HELLO:
                self._greeted(sender, message)
                return
            value = message.arguments[0] if message.arguments else 1.0
            self._touched(self._of(sender), widget, value)
        except BandmateError as error:
            self._of(sender).board.shown["words"] = str(error)
        self._of(sender).tell()

    # who is there

    def _of(self, sender: Client) -> Surface:
        """Return the surface of a sender; one that never said hello hears where it sends from."""
        surface = self._surfaces.get(self._hears_at.get(sender.name, ""))
        if surface is None:
            # A surface that was started anew may send from another port.
            here = [s for s in self._surfaces.values() if s.reply.host == sender.host]
            greeted = [s for s in here if s.has_greeted]
            surface = greeted[-1] if greeted else self._at(sender)
        self._heard(sender, surface)
        return surface

    def _greeted(self, sender: Client, message: Message) -> None:
        """Let a surface hear at the port that its hello tells, and tell it everything."""
        reply, before = sender, self._hears_at.get(sender.name)
        if message.arguments:  # a port alone: a mailbox of this machine is not a surface's to name
            port = PORTS.read("hello", message.arguments[0])
            reply = self._desk.clients.of_reply(sender, port)
        if before == sender.name and reply.name not in self._surfaces:
            self._surfaces[reply.name] = self._surfaces.pop(before)  # it keeps what it said
        surface = self._at(reply)
        surface.reply, surface.has_greeted = reply, True
        self._heard(sender, surface)
        surface.tell(everything=True)
        self._look()

    def _at(self, reply: Client) -> Surface:
        """Return the surface that hears there, a new one where there was none."""
        if reply.name in self._surfaces:
            return self._surfaces[reply.name]
        usual = {name: widget.usual for name, widget in WIDGETS.items() if widget.kind != HELLO}
        client = Client(
            f"surface:{reply.name}", reply.host, lambda answer: self._told(surface, answer)
        )
        client.title = "surface"
        surface = self._surfaces[reply.name] = Surface(reply, Board(usual, self._presets), client)
        self._send(surface, "/bandmate/subscribe", _NEWS, "to", _TOPICS)
        self._look()
        return surface

    def _heard(self, sender: Client, surface: Surface) -> None:
        """Note that a surface was heard, and make room where there are too many."""
        self._hears_at[sender.name] = surface.reply.name
        self._hears_at.move_to_end(sender.name)
        self._surfaces.move_to_end(surface.reply.name)
        while len(self._surfaces) > MOST:
            self._forget(next(iter(self._surfaces)))
        while len(self._hears_at) > SENDERS:
            self._hears_at.popitem(last=False)

    def _forget(self, name: str) -> None:
        surface = self._surfaces.pop(name)
        self._desk.subscriptions.end(surface.client)

    # what is touched

    def _touched(self, surface: Surface, widget: Widget, value: Atom) -> None:
        number = float(value) if isinstance(value, int) else value
        surface.board.known[widget.name] = number
        if widget.touch is None or (widget.kind == BUTTON and not is_pressed(widget.name, number)):
            return
        surface.board.shown["words"] = ""
        for message in widget.touch(surface.board, widget.name, number):
            if message.address == "/bandmate/cancel":  # its id is that of the ask
                self._send(surface, message.address, *message.arguments)
                continue
            id_ = surface.begin(widget.name)
            if message.address in _ASKS:
                surface.board.last_ask = id_
            self._send(surface, message.address, id_, *message.arguments)

    def _send(self, surface: Surface, address: str, *arguments: Atom) -> None:
        self._desk.take_in(surface.client, Message(address, arguments))

    # what is heard

    def _told(self, surface: Surface, message: Message) -> None:
        if self._surfaces.get(surface.reply.name) is not surface:  # forgotten meanwhile
            self._desk.subscriptions.end(surface.client)
            return
        hears = _HEARS.get(message.address)
        if hears:
            hears(self, surface, message.arguments)
        if message.address not in _PASSING:
            surface.end(message.arguments[0])
        surface.tell()

    def time_told(self, surface: Surface, told: Arguments) -> None:
        """Show the time, and light up on a beat."""
        beat = cast(float, dict(pairs_of(told[1:]))["beat"])
        grid = self._desk.deck.grid
        surface.board.time_is(grid, beat)
        if grid.is_rolling and abs(beat - round(beat)) < _ON_THE_BEAT and told[0] == _NEWS:
            surface.board.shown["light"] = 1.0
            asyncio.get_running_loop().call_later(LIGHT_SECONDS, surface.show, "light", 0.0)

    def mix_told(self, surface: Surface, told: Arguments) -> None:
        """Show what is muted and soloed."""
        surface.board.mixed(str(told[1]), str(told[2]))

    def take_told(self, surface: Surface, told: Arguments) -> None:
        """Look for the takes that there are now."""
        self._look()

    def bar_told(self, surface: Surface, told: Arguments) -> None:
        """Show how many bars of a loop are written."""
        bar, bars = cast("tuple[int, int]", told[2:4])
        surface.board.shown["progress"] = (bar + 1) / bars

    def card_told(self, surface: Surface, told: Arguments) -> None:
        """Show how many cards are made."""
        index = cast(int, dict(pairs_of(told[2:]))["index"])
        surface.board.shown["progress"] = min(1.0, (index + 1) / CARDS)

    def all_made(self, surface: Surface, told: Arguments) -> None:
        """Show that an ask is made."""
        surface.board.shown["progress"] = 1.0

    def error_told(self, surface: Surface, told: Arguments) -> None:
        """Show what went wrong, and what is so all the same."""
        deck = self._desk.deck
        surface.board.shown["words"] = str(told[-1])
        surface.board.mixed(",".join(deck.muted), ",".join(deck.soloed))
        grid = deck.grid
        surface.board.time_is(grid, grid.beat)

    def _look(self) -> None:
        """Look for the last takes, once more where that is being done already."""
        self._is_stale = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look_for_takes())

    async def _look_for_takes(self) -> None:
        while self._is_stale:
            self._is_stale = False
            with suppress(BandmateError):  # whoever asks for one is told why
                takes = await asyncio.to_thread(self._desk.takes.listed, LISTED)
                for surface in self._surfaces.values():
                    surface.board.takes_are(takes)
                    surface.tell()


_HEARS: dict[str, Callable[[Surfaces, Surface, Arguments], None]] = {
    "/bandmate/transport/told": Surfaces.time_told,
    "/bandmate/transport/changed": Surfaces.time_told,
    "/bandmate/take/mixed": Surfaces.mix_told,
    "/bandmate/take/told": Surfaces.take_told,
    "/bandmate/loop/progress": Surfaces.bar_told,
    "/bandmate/card/made": Surfaces.card_told,
    "/bandmate/loop/made": Surfaces.all_made,
    "/bandmate/chords/made": Surfaces.all_made,
    "/bandmate/error": Surfaces.error_told,
}
"""What is done with what the desk tells."""
