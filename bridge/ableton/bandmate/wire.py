"""The way to the daemon: one UDP socket that never blocks, ids, and asks that are sent again.

What is not answered is sent again with the same id, so nothing is lost and nothing done twice.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections import OrderedDict
from typing import Callable, Iterable

from . import PROTOCOL, VERSION
from .osc import Atom, Garbled, Message, pairs_of, read, written
from .work import NoPlace

HOST = "127.0.0.1"
DATAGRAMS_A_TICK = 64
"""Read in one tick, so that a flood never holds up Live."""

HEARTBEAT = 2.0
"""Seconds between two hellos; three that stay unanswered mean that no daemon runs."""

FIRST_RETRY, LAST_RETRY = 1.5, 6.0
"""Seconds of silence after which an ask is sent again; the time doubles."""

PATIENCE = 60.0
"""Seconds without a word after which an ask is given up."""

MOST_ASKS = 16
"""Asks on their way at once."""

_RECEIVE_BYTES = 1 << 20
_HELLO = "hello"


class Asked:
    """One ask until it is answered."""

    def __init__(self, id_: str, packet: bytes, now: float, is_quiet: bool) -> None:
        self.id = id_
        self.packet = packet
        self.heard = now
        self.is_quiet = is_quiet
        self.wait = FIRST_RETRY
        self.again = now + FIRST_RETRY


class Wire:
    """The socket, from open to close. Its owner calls ``tick`` and is told what came."""

    def __init__(self, port: int, clock: Callable[[], float], say: Callable[[str], None]) -> None:
        self.port = port
        self.is_there = False
        """True while a daemon answers that speaks our protocol."""
        self.was_found = False
        """True in the tick in which it was found (again)."""
        self.given_up: list[str] = []
        """Ids of asks that were given up in this tick."""
        self._clock = clock
        self._say = say
        self._socket: socket.socket | None = None
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._name = f"live-{os.getpid():x}-{int(clock() * 1000) & 0xFFFFFF:x}"
        self._number = 0
        self._owns = True
        self._next_hello = clock()
        self._unanswered = 0
        self._absence_told = False
        self._protocol_told = False

    def open(self) -> None:
        """Open the socket; raises OSError."""
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            with contextlib.suppress(OSError):  # some refuse more than they allow
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
            made.bind((HOST, 0))
            # Connected: only the daemon is heard, and the system tells when nobody listens.
            made.connect((HOST, self.port))
        except OSError:
            made.close()
            raise
        self._socket = made

    def close(self) -> None:
        """Hang up; what is asked is forgotten."""
        self.hang_up()
        self._asked.clear()

    def hang_up(self) -> None:
        """Say that the DAW is ours no more, and close the socket; what is asked waits."""
        if self.is_there:
            self._send(written("/bandmate/hello", (_HELLO, "owns", "")))
        if self._socket:
            self._socket.close()
        self._socket = None
        self.is_there, self._owns = False, True

    def claim(self) -> None:
        """Let takes that are chosen elsewhere come here, from the next hello on."""
        self._owns = True
        self._hello()

    def ask(self, address: str, arguments: Iterable[Atom], is_quiet: bool = False) -> str:
        """Send an ask until it is answered, and return its id; raises NoPlace for too many.

        Who asks a *quiet* one is not told that nothing came.
        """
        loud = [asked for asked in self._asked.values() if not asked.is_quiet]
        if not is_quiet and len(loud) >= MOST_ASKS:
            raise NoPlace(f"{MOST_ASKS} asks are on their way already: wait for one of them")
        id_ = self.next_id()
        asked = Asked(id_, written(address, (id_, *arguments)), self._clock(), is_quiet)
        self._asked[id_] = asked
        self._send(asked.packet)
        if not is_quiet and not self.is_there:
            self._tell_absence()
        return id_

    def send(self, address: str, arguments: Iterable[Atom]) -> str:
        """Send a message once and return its id."""
        id_ = self.next_id()
        self._send(written(address, (id_, *arguments)))
        return id_

    def send_as(self, id_: str, address: str, arguments: Iterable[Atom] = ()) -> None:
        """Send a message once, under an id that was used before."""
        self._send(written(address, (id_, *arguments)))

    def is_ours(self, id_: Atom) -> bool:
        """Return True for an id of this script."""
        return str(id_).startswith(self._name + "-")

    def is_quiet(self, id_: Atom) -> bool:
        """Return True where a quiet ask of this id is on its way."""
        asked = self._asked.get(str(id_))
        return asked is not None and asked.is_quiet

    def next_id(self) -> str:
        """Return an id that was never used."""
        self._number += 1
        return f"{self._name}-{self._number}"

    def done(self, id_: Atom) -> None:
        """Send an ask no more."""
        self._asked.pop(str(id_), None)

    def waits_for(self, id_: Atom) -> bool:
        """Return True where an ask of this id is on its way."""
        return str(id_) in self._asked

    def tick(self) -> list[Message]:
        """Read what came, send again what is due, greet; return what is not about greetings."""
        self.was_found = False
        self.given_up = []
        now = self._clock()
        came = [message for message in self._received() if not self._is_hello(message)]
        for message in came:
            asked = self._asked.get(str(message.id))
            if asked:
                asked.heard, asked.wait = now, FIRST_RETRY * 2
                asked.again = now + asked.wait
        self._send_again(now)
        if now >= self._next_hello:
            self._greet(now)
        return came

    # greetings

    def _is_hello(self, message: Message) -> bool:
        if message.id != _HELLO:
            return False
        if message.address != "/bandmate/hello":
            return True
        told = pairs_of(message.arguments[1:])
        self._unanswered = 0
        if not self._speaks_ours(told.get("protocol"), told.get("version", "?")):
            self.is_there = False
            return True
        self._owns = False
        if not self.is_there:
            self.is_there = self.was_found = True
            if self._absence_told:
                self._say("the daemon is there")
            self._absence_told = False
            for asked in self._asked.values():
                asked.again, asked.heard = self._clock(), self._clock()
        return True

    def _speaks_ours(self, protocol: Atom | None, version: Atom) -> bool:
        if protocol == PROTOCOL:
            self._protocol_told = False
            return True
        if not self._protocol_told:
            self._protocol_told = True
            is_newer = isinstance(protocol, int) and protocol > PROTOCOL
            update = "run `bandmate bridge install ableton` again and restart Live"
            cure = update if is_newer else "update bandmate"
            theirs = f"bandmate {version!s} speaks protocol {protocol!r}"
            self._say(f"{theirs}, this bridge {VERSION} speaks {PROTOCOL}: {cure}")
        return False

    def _greet(self, now: float) -> None:
        self._next_hello = now + HEARTBEAT
        self._unanswered += 1
        if self._unanswered > 3:
            self._lost()
        self._hello()

    def _hello(self) -> None:
        owns: tuple[str, ...] = ("owns", "daw") if self._owns else ()
        who = ("client", "Ableton Live", "version", VERSION)
        self._send(written("/bandmate/hello", (_HELLO, *who, *owns)))

    def _lost(self) -> None:
        if self.is_there or any(not asked.is_quiet for asked in self._asked.values()):
            self._tell_absence()
        self.is_there = False
        self._owns = True  # a daemon that was started anew has forgotten who holds the DAW

    def _tell_absence(self) -> None:
        if not self._absence_told and not self._protocol_told:
            self._absence_told = True
            self._say("the daemon does not answer: start it with `bandmate serve` in a terminal")

    # packets

    def _send_again(self, now: float) -> None:
        for asked in list(self._asked.values()):
            if not asked.is_quiet and now - asked.heard > PATIENCE:
                del self._asked[asked.id]
                self.given_up.append(asked.id)
            elif now >= asked.again:
                asked.wait = min(asked.wait * 2, LAST_RETRY)
                asked.again = now + asked.wait
                self._send(asked.packet)

    def _send(self, packet: bytes) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(packet)
        except (BlockingIOError, InterruptedError):
            pass  # the system's buffer is full; who needs an answer sends it again
        except OSError:
            self._refused()

    def _received(self) -> list[Message]:
        came: list[Message] = []
        if self._socket is None:
            return came
        for _ in range(DATAGRAMS_A_TICK):
            try:
                data = self._socket.recv(65535)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                self._refused()
                continue
            try:
                came.append(read(data))
            except Garbled:
                continue
        return came

    def _refused(self) -> None:
        """Nobody listens on the daemon's port: this the system tells of the packet before."""
        self._unanswered = 3
        self._lost()
