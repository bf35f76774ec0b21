"""Follows the daemon by TCP, in a thread of its own: takes as they are made and marked.

Where the daemon goes, it is looked for until it is back, and all is asked anew.
"""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from bandmate import __version__
from bandmate.contract.messages import Atom, Message, pairs_of
from bandmate.errors import AskError, BandmateError, PortError, Unavailable
from bandmate.shelf.arriving import Arriving
from bandmate.shelf.rows import KNOWN, Row, Rows
from bandmate.wires.packets import Frames, message_to_packet, packet_to_frame, packet_to_messages

PROTOCOL = 1
PAUSE = 1.0
"""Seconds between two looks for a daemon that is not there."""
HEARTBEAT = 10.0
"""Seconds of silence after which the daemon is greeted; after three of them it is given up."""

_PATIENCE = 5.0
_READ = 65_536
_HELLO, _NEWS, _LIST, _GET, _DO = "hello", "news", "list", "get", "do"
"""How ids begin: what was asked."""
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, not called

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """What the shelf shows."""

    is_there: bool
    """Whether the daemon answers."""
    words: str
    """How it stands with the daemon, or what went wrong last; empty while all is well."""
    rows: tuple[Row, ...]
    """Newest first; those of before while the daemon is away."""


class Feed:
    """The connection to a daemon, from start to close."""

    def __init__(
        self, host: str, port: int, hear: Callable[[State], None], token: str = ""
    ) -> None:
        """*hear* is called in the feed's thread with each state; *token* is for a far daemon."""
        self._host, self._port, self._token = _ANYWHERE.get(host, host), port, token
        self._hear = hear
        self._rows = Rows()
        self._asks: SimpleQueue[tuple[str, tuple[Atom, ...]]] = SimpleQueue()
        self._ear, self._bell = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="shelf", daemon=True)
        self._wire: socket.socket | None = None
        self._is_over = self._is_there = self._is_here = False
        self._words = ""
        self._count = 0
        self._told: set[int] = set()
        self._tried: set[int] = set()
        """Takes whose notes were asked for since the daemon came."""
        self._arriving: Arriving | None = None

    def start(self) -> None:
        """Begin to look for the daemon."""
        self._thread.start()

    def ask(self, address: str, *arguments: Atom) -> None:
        """Send an ask, from any thread; what is asked while the daemon is away is left undone."""
        self._asks.put((address, arguments))
        self._ring()

    def close(self) -> None:
        """End the connection and the thread."""
        self._is_over = True
        self._ring()
        self._thread.join()
        self._ear.close()
        self._bell.close()

    def _ring(self) -> None:
        self._bell.send(b"!")

    # All below runs in the thread.

    def _run(self) -> None:
        while not self._is_over:
            try:
                with self._connected() as wire:
                    self._wire = wire
                    self._follow(wire)
            except OSError as error:
                self._lose(f"no daemon answers at {self._place} ({error.strerror or error})")
            except BandmateError as error:
                self._lose(str(error))
            self._pause()

    @property
    def _place(self) -> str:
        return f"{self._host}:{self._port}"

    def _connected(self) -> socket.socket:
        wire = socket.create_connection((self._host, self._port), _PATIENCE)
        self._is_here = wire.getpeername()[0] == wire.getsockname()[0]
        return wire

    def _lose(self, words: str) -> None:
        self._wire = None
        self._is_there = False
        self._arriving = None
        self._words = f"{words}; looking for it"
        self._tell()

    def _pause(self) -> None:
        if not self._is_over:
            with contextlib.suppress(OSError):
                ready, _, _ = select.select([self._ear], [], [], PAUSE)
                if ready:
                    self._ear.recv(_READ)
        with contextlib.suppress(Empty):
            while True:
                self._asks.get_nowait()

    def _follow(self, wire: socket.socket) -> None:
        """Hear and ask until the connection ends; raises OSError and BandmateError."""
        self._told.clear()
        self._tried.clear()
        self._greet()
        self._send(_NEWS, "/bandmate/subscribe", "to", "takes")
        self._send(_LIST, "/bandmate/take/list", "limit", KNOWN)
        frames, silence = Frames(), 0
        while not self._is_over:
            ready, _, _ = select.select([wire, self._ear], [], [], HEARTBEAT)
            if self._ear in ready:
                self._ear.recv(_READ)
                self._send_asks()
            if wire in ready:
                data = wire.recv(_READ)
                if not data:
                    raise PortError(f"the daemon at {self._place} is gone")
                self._take_in(frames, data)
                silence = 0
            if not ready:
                silence += 1
                if silence > 3:
                    raise PortError(f"the daemon at {self._place} is silent")
                self._greet()

    def _greet(self) -> None:
        token = ("token", self._token) if self._token else ()
        who: tuple[Atom, ...] = ("client", "shelf", "version", __version__, *token)
        self._send(_HELLO, "/bandmate/hello", *who)

    def _send(self, why: str, address: str, *arguments: Atom) -> None:
        self._count += 1
        assert self._wire
        packet = message_to_packet(Message(address, (f"{why} {self._count}", *arguments)))
        self._wire.sendall(packet_to_frame(packet))

    def _send_asks(self) -> None:
        self._words = ""
        with contextlib.suppress(Empty):
            while True:
                address, arguments = self._asks.get_nowait()
                self._send(_DO, address, *arguments)

    def _take_in(self, frames: Frames, data: bytes) -> None:
        for packet in frames.fed(data):
            for message in packet_to_messages(packet):
                try:
                    self._take(message)
                except (AskError, LookupError, TypeError, ValueError) as error:
                    log.debug("the daemon sent what cannot be read: %s", error)
        self._open_next()
        self._tell()

    def _take(self, message: Message) -> None:
        why = str(message.arguments[0]).split(" ")[0] if message.arguments else ""
        rest = message.arguments[1:]
        match message.address:
            case "/bandmate/hello":
                self._greeted(dict(pairs_of(rest)))
            case "/bandmate/take/told":
                self._told.add(self._rows.tell(dict(pairs_of(rest))).number)
            case "/bandmate/take/listed":
                self._rows.keep(self._told)
            case "/bandmate/take/got":
                self._got(dict(pairs_of(rest)))
            case "/bandmate/take/notes":
                self._got_notes(rest)
            case "/bandmate/error":
                self._refused(why, str(rest[-1]))
            case "/bandmate/take/played":
                self._words = f"take {rest[0]!s} plays"
            case "/bandmate/take/stopped" | "/bandmate/take/undone":
                self._words = ""

    def _greeted(self, told: dict[str, Atom]) -> None:
        if told.get("protocol") != PROTOCOL:
            raise Unavailable(
                f"bandmate {told.get('version')!s} speaks protocol {told.get('protocol')!r} and "
                f"this shelf {PROTOCOL}: start both from the same bandmate"
            )
        if not self._is_there:
            self._is_there = True
            self._words = ""

    def _refused(self, why: str, words: str) -> None:
        if why == _GET and self._arriving:
            self._rows.fail(self._arriving.number, words)
            self._arriving = None
        else:
            self._words = words

    # the notes of takes

    def _open_next(self) -> None:
        """Ask for the notes of the newest row that lacks them, one after the other."""
        if self._arriving is not None:
            return
        for row in self._rows.newest_first:
            if row.clip is None and row.number not in self._tried:
                self._tried.add(row.number)
                self._arriving = Arriving(row.number)
                self._send(_GET, "/bandmate/take/get", row.number)
                return

    def _got(self, head: dict[str, Atom]) -> None:
        if self._arriving:
            self._arriving.take_head(head)
            self._open_whole()

    def _got_notes(self, told: tuple[Atom, ...]) -> None:
        if self._arriving:
            self._arriving.take_notes(told)
            self._open_whole()

    def _open_whole(self) -> None:
        come = self._arriving
        if come is None or not come.is_whole:
            return
        self._arriving = None
        try:
            clip = come.clip()
        except (BandmateError, ValueError) as error:
            self._rows.fail(come.number, str(error))
            return
        here = come.file if self._is_here and come.file.is_file() else None
        self._rows.open(come.number, clip, here, come.subject)

    def _tell(self) -> None:
        self._hear(State(self._is_there, self._words, self._rows.newest_first))
