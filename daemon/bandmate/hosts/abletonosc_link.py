"""The way between a daemon and AbletonOSC: the song is told, and takes that are placed are written.

A process of its own beside the daemon, a client like any bridge; it owns the DAW.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import select
import shlex
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bandmate import __version__
from bandmate.contract.messages import Atom, Message, chunks_to_data, pairs_of, pairs_to_clip
from bandmate.errors import AskError, BandmateError, PortError, Unavailable, nearest
from bandmate.hosts.abletonosc import SONG, Live
from bandmate.music.key import MODES
from bandmate.wires.packets import message_to_packet, packet_to_messages

PROTOCOL = 1
HEARTBEAT = 2.0
"""Seconds between two hellos, and between two looks at the song."""
FORGET = 30.0
"""Seconds after which a take whose notes did not come is given up."""

ASKS = {"loop": "/bandmate/loop/ask", "chords": "/bandmate/chords/ask"}
"""What can be wanted here of the daemon; what comes is placed in Live."""
MARKS = {"accept": "/bandmate/take/accept", "reject": "/bandmate/take/reject"}
"""What can be wanted of the take that was placed last."""
NEEDS_CLIPS = ("vary", "continue", "add", "fill")
"""What bandmate's own script can do and this program cannot."""

_OURS = ("insert", "notes", "reply", "context")
_DONE = {
    "/bandmate/loop/queued": "a loop is asked for, and comes into Live",
    "/bandmate/chords/queued": "chords are asked for, and the first card comes into Live",
    "/bandmate/take/accepted": "the take is accepted",
    "/bandmate/take/rejected": "the take is rejected; its clip stays in Live",
}
"""What is told of an errand, once the daemon answers the ask that came of it."""

log = logging.getLogger(__name__)

Say = Callable[[str], None]

_LIVE_MODES = {mode.live for mode in MODES.values()}


@dataclass(slots=True)
class _Arriving:
    """A take on its way."""

    began: float
    head: dict[str, Atom] = field(default_factory=dict)
    chunks: dict[int, bytes] = field(default_factory=dict)
    crc32: int = 0

    @property
    def is_whole(self) -> bool:
        return bool(self.head) and len(self.chunks) == self.head["chunks"]


class Link:
    """Both ends, from open to close; ``turn`` does what there is to do."""

    def __init__(self, host: str, port: int, live: Live, say: Say) -> None:
        self.live = live
        self.live.hears = self._hear_live
        self._say = say
        self._daemon = (host, port)
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._arriving: dict[tuple[Atom, int], _Arriving] = {}
        self._placed: dict[tuple[Atom, int], float] = {}
        self._latest: Atom | None = None
        self._errands: dict[Atom, float] = {}
        self._wanted: dict[Atom, Atom] = {}
        self._song: dict[str, Atom] = {}
        self._told: dict[str, Atom] = {}
        self._name = secrets.token_hex(3)
        self._count = 0
        self._next = 0.0
        self._is_there = False
        self._silence = self._live_silence = 0
        self._is_live: bool | None = None

    def open(self) -> None:
        """Open both ends; raises PortError."""
        self.live.open()
        try:
            self._wire.connect(self._daemon)
        except OSError as error:
            self.live.close()
            raise PortError(f"no daemon can be asked at {self._daemon[0]}") from error
        self._wire.setblocking(False)

    def close(self) -> None:
        """Say that the DAW is ours no more, and close both ends."""
        self._send("/bandmate/hello", "hello", "owns", "")
        self._wire.close()
        self.live.close()

    def turn(self, wait: float) -> None:
        """Wait up to *wait* seconds for a message, and do what is due."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + HEARTBEAT
            self._look(now)
        ready, _, _ = select.select([self._wire, self.live.wire], [], [], wait)
        if self.live.wire in ready:
            for message in self.live.received(0):
                self._hear_live(message)
            self._tell_song()
        if self._wire in ready:
            for message in self._received():
                self._hear(message)

    def _look(self, now: float) -> None:
        owns = () if self._is_there else ("owns", "daw")
        who = ("client", "AbletonOSC", "version", __version__)
        self._send("/bandmate/hello", "hello", *who, *owns)
        self._silence += 1
        if self._silence > 3:
            self._is_there = False
        self._live_silence += 1
        if self._live_silence > 2 and self._is_live is not False:
            self._is_live = False
            self._say(self.live.absence)
        for name in SONG:
            self.live.tell(f"song/get/{name}")
        for key, arriving in list(self._arriving.items()):
            if now - arriving.began > FORGET:
                del self._arriving[key]
                self._say(f"the notes of take {key[1]} did not arrive: insert it again")

    def _send(self, address: str, *arguments: Atom) -> None:
        with contextlib.suppress(OSError):  # the daemon is away; hellos find it again
            self._wire.send(message_to_packet(Message(address, arguments)))

    def _received(self) -> list[Message]:
        came: list[Message] = []
        while True:
            try:
                came += packet_to_messages(self._wire.recv(65_507))
            except BlockingIOError:
                return came
            except OSError:
                self._is_there = False
                return came
            except AskError as error:
                log.debug("the daemon sent what cannot be read: %s", error)

    # Live

    def _hear_live(self, message: Message) -> None:
        name = message.address.removeprefix("/live/song/get/")
        self._live_silence = 0
        if not self._is_live:
            self._is_live = True
            self._say("AbletonOSC answers")
        if message.address == "/live/error":
            self._say(f"AbletonOSC: {message.arguments[0] if message.arguments else 'error'!s}")
        elif name in SONG and message.arguments:
            self._song[name] = message.arguments[0]

    def _tell_song(self) -> None:
        song = {name: value for name, value in self._song.items() if _is_taken(name, value)}
        if self._is_there and song != self._told:
            self._told = song
            self._count += 1
            flat = [atom for pair in song.items() for atom in pair]
            self._send("/bandmate/song/set", f"{self._name}-{self._count}", *flat)

    # the daemon

    def _hear(self, message: Message) -> None:
        if message.address == "/bandmate/hello":
            self._greeted(dict(pairs_of(message.arguments[1:])))
        elif message.address == "/bandmate/clip/place":
            head = dict(pairs_of(message.arguments[1:]))
            self._at(message.arguments[0], head["take"]).head = head
        elif message.address == "/bandmate/take/notes":
            id_, number, chunk, _, crc32, data = message.arguments
            arriving = self._at(id_, number)
            arriving.crc32 = int(crc32)
            arriving.chunks[int(chunk)] = bytes(data)  # type: ignore[arg-type]
        elif message.address == "/bandmate/bridge/do":
            self._do_for(*message.arguments[:2])
        elif message.address == "/bandmate/error":
            self._say(str(message.arguments[-1]))
            self._errand_failed(*message.arguments)
        elif message.address in _DONE and message.arguments[0] in self._wanted:
            errand = self._wanted.pop(message.arguments[0])
            self._send("/bandmate/bridge/done", errand, _DONE[message.address])
        for key, arriving in list(self._arriving.items()):
            if arriving.is_whole:
                del self._arriving[key]
                self._place(key, arriving)

    def _at(self, id_: Atom, number: Atom) -> _Arriving:
        return self._arriving.setdefault((id_, int(number)), _Arriving(time.monotonic()))

    def _greeted(self, told: dict[str, Atom]) -> None:
        self._silence = 0
        if told.get("protocol") != PROTOCOL:
            raise Unavailable(
                f"bandmate {told.get('version')!s} speaks protocol {told.get('protocol')!r} and "
                f"this program {PROTOCOL}: start both from the same bandmate"
            )
        if not self._is_there:
            self._is_there = True
            self._told = {}
            self._say("the daemon answers")

    # what somebody else wants done

    def _do_for(self, id_: Atom, wish: Atom) -> None:
        """Ask what a panel or a surface wants; the daemon's answer to that is the answer."""
        now = time.monotonic()
        if id_ in self._errands:
            return  # a doubled datagram
        self._errands = {known: at for known, at in self._errands.items() if now - at < FORGET}
        self._wanted = {ask: own for ask, own in self._wanted.items() if own in self._errands}
        self._errands[id_] = now
        try:
            address, said = self._asked(str(wish))
        except BandmateError as error:
            self._send("/bandmate/error", id_, error.code, str(error))
            return
        self._count += 1
        ask = f"{self._name}-{self._count}"
        self._wanted[ask] = id_
        self._send(address, ask, *said)

    def _asked(self, wish: str) -> tuple[str, tuple[Atom, ...]]:
        """Return what to send for ``loop bars=8``; raises AskError and Unavailable."""
        try:
            name, *rest = shlex.split(wish) or [""]
        except ValueError:
            raise AskError(f"a quotation mark is missing in: {wish}") from None
        if name in ASKS:
            return ASKS[name], ("insert", "on", *_pairs(rest))
        if name in MARKS:
            if self._latest is None:
                raise Unavailable(f"there is no take to {name}: none was placed in Live yet")
            return MARKS[name], (self._latest,)
        if name in NEEDS_CLIPS:
            raise Unavailable(
                f"{name} needs the notes of a clip, which are not read through AbletonOSC: "
                "`bandmate bridge install ableton` installs the script that does"
            )
        known = (*ASKS, *MARKS)
        raise AskError(
            f"an action must be one of {', '.join(known)}, not {name!r}; try {nearest(name, known)}"
        )

    def _errand_failed(self, id_: Atom, *rest: Atom) -> None:
        if id_ in self._wanted and len(rest) == 2:
            self._send("/bandmate/error", self._wanted.pop(id_), *rest)

    def _place(self, key: tuple[Atom, int], arriving: _Arriving) -> None:
        now = time.monotonic()
        if now - self._placed.get(key, -HEARTBEAT) < 1.0:
            return  # a doubled datagram
        self._placed = {known: at for known, at in self._placed.items() if now - at < FORGET}
        self._placed[key] = now
        where = f"it lies in {arriving.head.get('file')!s}"
        try:
            chunks = [arriving.chunks[i] for i in sorted(arriving.chunks)]
            data = chunks_to_data(chunks, arriving.crc32) if chunks else b""
            names = self.live.place(pairs_to_clip(arriving.head, data), f"#{key[1]}")
        except BandmateError as error:
            self._say(f"take {key[1]} was not placed: {error}; {where}")
        else:
            self._latest = int(key[1])
            self._say(f"placed {', '.join(names)}")


def _pairs(words: list[str]) -> list[Atom]:
    """Return names and values of ``bars=8``; raises AskError."""
    flat: list[Atom] = []
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.isidentifier():
            raise AskError(f"what an action says must look like bars=8, not {word[:40]!r}")
        if name in _OURS:
            raise AskError(f"{name} cannot be said here")
        flat += [name, value]
    return flat


def _is_taken(name: str, value: Atom) -> bool:
    """Return True for what the daemon takes of a song: Live has more tempi and scales."""
    match name:
        case "tempo":
            return 20 <= float(value) <= 400
        case "scale_name":
            return value in _LIVE_MODES
        case "is_playing":
            return True
        case _:
            return 0 <= float(value) <= 32


def run(host: str, port: int, say: Say) -> None:
    """Carry messages until Ctrl-C; raises PortError where a port is taken."""
    link = Link(host, port, Live(), say)
    link.open()
    say("carrying takes into Live through AbletonOSC; Ctrl-C ends it")
    try:
        while True:
            link.turn(0.5)
    finally:
        link.close()
