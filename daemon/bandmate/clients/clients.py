"""Clients: who asks, what each was answered, and which of them owns the DAW."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bandmate.clients.memory import Budget, Memory
from bandmate.contract.messages import Atom, Message
from bandmate.errors import AskError
from bandmate.fields import Whole, shown

CLIENTS = 256
"""Clients known at once; beyond it the one silent for longest is forgotten."""

PAGES_AWAY = 8
"""Pages that may come back to what they asked; beyond it the one that left first is forgotten."""

MAILBOX_NAME = re.compile(r"[a-z0-9-]{1,40}")
"""What a mailbox may be called; nothing outside the mailbox folder can be named with it."""

PORTS = Whole(1, 65535)

ALIVE = "alive"
"""The file beside the mailboxes that says that the daemon runs; no mailbox may be called so."""

PANEL = "panel#"
"""How the names of the panel's pages begin."""

CONNECTED = ("tcp:", PANEL)
"""How the names of clients begin that hear for as long as their connection holds."""

_MAILBOX = "mailbox:"


def check_mailbox_name(name: str) -> None:
    """Raise AskError for a name that is no plain word."""
    if not MAILBOX_NAME.fullmatch(name) or name == ALIVE:
        raise AskError(
            f"a mailbox must be named with 1..40 of a-z, 0-9 and - (not {ALIVE}), not {shown(name)}"
        )


@dataclass(eq=False)
class Client:
    """Someone who asks: an address on the network, a connection or a mailbox."""

    name: str
    """Unique: ``udp:127.0.0.1:9000``, ``tcp:...``, ``panel#x7k2p9``, ``mailbox:reaper``. It has a
    song of its own; names that differ behind a # alone share one."""
    host: str
    """Where a ``reply`` port of this client is."""
    send: Callable[[Message], None]
    """Sends one message, at once and without blocking; a client that is gone is no error."""
    title: str = ""
    """What it calls itself in its hello."""
    memory: Memory = field(default_factory=Memory)
    in_work: int = 0
    """Asks for loops and chords that are waiting or being made."""
    heard: float | None = None
    """When it was heard last, seconds of a clock; None for one that is part of the daemon."""


def _lost(message: Message) -> None:
    """Send nothing: nobody is there."""


class Clients:
    """All clients that were heard lately."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.on_gone: Callable[[Client], None] | None = None
        """Hears of a client that is forgotten."""
        self.now = now
        """Seconds, as ``Client.heard`` counts them."""
        self.budget = Budget()
        """The memory that is left for what is remembered of their asks."""
        self._clients: OrderedDict[str, Client] = OrderedDict()
        self._away: OrderedDict[str, Client] = OrderedDict()
        self._send_udp: Callable[[tuple[str, int], Message], None] | None = None
        self._send_mailbox: Callable[[str, Message], None] | None = None
        self.check_mailbox: Callable[[str, bool], None] = lambda name, is_hello: None
        """Raises AskError for one that is not there, unless it is a hello's."""
        self.port = 0
        """The daemon's own port, 0 while no OSC wire is open."""
        self.owner: Client | None = None
        """The client in whose DAW a take is placed: the latest that said so in its hello."""

    def __len__(self) -> int:
        return len(self._clients)

    def reach_udp(self, send: Callable[[tuple[str, int], Message], None], port: int) -> None:
        """Tell how a message gets to a host and port; *port* is the daemon's own."""
        self._send_udp, self.port = send, port

    def reach_mailbox(self, send: Callable[[str, Message], None]) -> None:
        """Tell how a message gets into a mailbox."""
        self._send_mailbox = send

    def of_udp(self, host: str, port: int) -> Client:
        """Return the client at a network address."""
        send_udp = self._send_udp
        return self._known(
            f"udp:{host}:{port}",
            host,
            lambda message: send_udp((host, port), message) if send_udp else None,
        )

    def of_tcp(self, host: str, port: int, send: Callable[[Message], None]) -> Client:
        """Return the client of a new connection."""
        if old := self._clients.pop(f"tcp:{host}:{port}", None):
            self.budget.left(old.memory)
        return self._known(f"tcp:{host}:{port}", host, send)

    def of_panel(self, host: str, page: str, send: Callable[[Message], None]) -> Client:
        """Return the client of a page that has opened a connection; all pages have one song.

        A page that is back is the client that it was: what it asks again is not done twice, and
        what it waits for comes this way.
        """
        name = f"{PANEL}{page}"
        if back := self._away.pop(name, None):
            self._clients[name] = back
        client = self._known(name, host, send)
        client.send = send
        return client

    def page_gone(self, client: Client, send: Callable[[Message], None]) -> None:
        """Keep a page in mind whose connection is closed, unless it is back on another one."""
        if client.send != send:
            return
        client.send = _lost
        self.gone(client)
        self._away[client.name] = client
        if len(self._away) > PAGES_AWAY:
            _, forgotten = self._away.popitem(last=False)
            self.budget.left(forgotten.memory)

    def of_mailbox(self, name: str) -> Client:
        """Return the client of a mailbox; raises AskError for a name that is no plain word."""
        check_mailbox_name(name)
        send_mailbox = self._send_mailbox
        return self._known(
            f"{_MAILBOX}{name}",
            "127.0.0.1",
            lambda message: send_mailbox(name, message) if send_mailbox else None,
        )

    def of_reply(self, asker: Client, reply: Atom, is_hello: bool = False) -> Client:
        """Return the client at ``mailbox:NAME`` or at a port of the asker; raises AskError."""
        if isinstance(reply, str) and reply.startswith(_MAILBOX):
            self.check_mailbox(reply.removeprefix(_MAILBOX), is_hello)
            return self.of_mailbox(reply.removeprefix(_MAILBOX))
        try:
            port = PORTS.read("reply", reply)
        except AskError:
            raise AskError(
                f"reply must be a port in {PORTS.words} or mailbox:NAME, not {shown(reply)}"
            ) from None
        if port == self.port:
            raise AskError(f"reply must be a port of yours, not bandmate's own {port}")
        return self.of_udp(asker.host, port)

    @property
    def leader(self) -> str | None:
        """Whose song all have who told none: the DAW's owner's, else the pages', where one is."""
        if self.owner:
            return self.owner.name
        return next((name for name in self._clients if name.startswith(PANEL)), None)

    @property
    def daw(self) -> str:
        """What the client calls itself that owns the DAW, else its name; empty where none does."""
        return (self.owner.title or self.owner.name) if self.owner else ""

    def title(self, name: str) -> str:
        """Return what the client of that name calls itself, else its name."""
        client = self._clients.get(name)
        return (client.title if client else "") or name

    def gone(self, client: Client) -> None:
        """Forget a client whose connection is closed; what it asked for is still made and kept."""
        if self._clients.get(client.name) is client:
            del self._clients[client.name]
            self._left(client)

    def _known(self, name: str, host: str, send: Callable[[Message], None]) -> Client:
        client = self._clients.get(name)
        if client is None:
            memory = Memory(budget=self.budget)
            client = self._clients[name] = Client(name, host, send, memory=memory)
            self._make_room()
        self._clients.move_to_end(name)
        client.heard = self.now()
        return client

    def _make_room(self) -> None:
        idle = (c for c in list(self._clients.values())[:-1] if self._is_idle(c))
        while len(self._clients) > CLIENTS and (client := next(idle, None)):
            del self._clients[client.name]
            self._left(client)

    def _is_idle(self, client: Client) -> bool:
        return (
            not client.in_work
            and client is not self.owner
            and not client.name.startswith(CONNECTED)
        )

    def _left(self, client: Client) -> None:
        if self.owner is client:
            self.owner = None
        if not client.name.startswith(PANEL):  # a page may come back
            self.budget.left(client.memory)
        if self.on_gone:
            self.on_gone(client)
