"""The OSC wire: UDP and TCP on one port; bytes to the desk, answers to their senders."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from bandmate import places
from bandmate.errors import AskError, PortError
from bandmate.wires.clients import Client, Clients
from bandmate.wires.contract import id_in
from bandmate.wires.desk import Desk
from bandmate.wires.doors import Doors
from bandmate.wires.messages import Atom, Message
from bandmate.wires.packets import Frames, message_to_packet, packet_to_frame, packet_to_messages
from bandmate.wires.pending import Pending

RECEIVE_BYTES = 4 << 20
"""Asked of the system for datagrams that wait: a burst must not be lost while the loop is busy."""

CONNECTIONS = 64
"""Most TCP connections at once of those that were let in; see ``pending`` for the others."""

IDLE_SECONDS = 600.0
"""Silence after which a TCP client that waits for nothing and is told of nothing is hung up on."""

READ_BYTES = 8192
"""Most bytes of a connection that are read in a turn of the loop, so that others have theirs."""

UNREAD_BYTES = 2 << 20
"""Most bytes that wait for a TCP client that does not read; then its connection is cut."""

_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}
_TRIES = 16
_TAKEN = (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))

log = logging.getLogger(__name__)

Admit = Callable[[], Client | None]
"""Makes a sender a client that is known; None where there is no room."""


class OscWire:
    """Both sockets, from open to close."""

    def __init__(self, desk: Desk, clients: Clients, doors: Doors | None = None) -> None:
        """Take who answers, who is known, and who is let in: without *doors*, this machine."""
        self.desk = desk
        self.clients = clients
        self.doors = doors or Doors(places.clips())
        self.address = ""
        """What it listens on, as the system writes it."""
        self.port = 0
        """Where it listens, 0 before it is open."""
        self.connections: set[_Stream] = set()
        """Those that were let in: whose first packet came, from another machine with the token."""
        self.pending = Pending("OSC connections without a word")
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen on *host*, UDP and TCP; port 0 takes any that is free. Raises PortError."""
        loop = asyncio.get_running_loop()
        try:
            stream, datagram = await _bound(host, port)
        except OSError as error:
            raise PortError(_in_words(host, port, error)) from error
        self.address, self.port = stream.getsockname()[:2]
        self._server = await loop.create_server(lambda: _Stream(self), sock=stream)
        self._datagrams, _ = await loop.create_datagram_endpoint(
            lambda: Datagrams(self), sock=datagram
        )
        self.clients.reach_udp(self._send, self.port)

    async def close(self) -> None:
        """Stop listening and hang up; what was sent is on its way."""
        if self._server:
            self._server.close()
        self.pending.close()
        for connection in list(self.connections):
            connection.close()
        if self._datagrams:
            self._datagrams.close()
        await asyncio.sleep(0)  # the transports tell their protocols on the next turn of the loop

    def received(self, sender: Client, packet: bytes, admit: Admit | None = None) -> None:
        """Pass on what a packet holds, or answer that it holds nothing that can be read.

        *admit* makes a sender who was let in a client that is known; without it he is one.
        """
        admit = admit or (lambda: sender)
        try:
            messages = packet_to_messages(packet)
        except AskError as error:
            if self.doors.knows(sender) and (client := admit()):
                self.desk.refuse(client, error)
            return
        for message in messages:
            self._let_in(sender, admit, message)

    def _let_in(self, sender: Client, admit: Admit, message: Message) -> None:
        try:
            seen = self.doors.let_in(sender, message)
        except AskError as error:
            id_: Atom = ""
            with suppress(AskError):
                id_ = id_in(message)
            self.desk.refuse(sender, error, id_)
            return
        if seen and (client := admit()):
            self.desk.take_in(client, seen)

    def of_udp(self, host: str, port: int) -> Client:
        """Return a sender who is known to nobody yet."""
        return Client(f"udp:{host}:{port}", host, lambda message: self._send((host, port), message))

    def _send(self, to: tuple[str, int], message: Message) -> None:
        if self._datagrams and not self._datagrams.is_closing():
            self._datagrams.sendto(message_to_packet(message), to)


class Datagrams(asyncio.DatagramProtocol):
    """What comes by UDP."""

    def __init__(self, wire: OscWire) -> None:
        self._wire = wire

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a datagram; one that is no OSC at all stays unanswered."""
        if not self._wire.doors.may_come(addr[0]):
            return
        if data.startswith((b"/", b"#bundle\0")):
            sender = self._wire.of_udp(*addr[:2])
            self._wire.received(sender, data, lambda: self._wire.clients.of_udp(*addr[:2]))
        else:
            log.debug("%d bytes from %s are no OSC", len(data), addr)

    def error_received(self, exc: Exception) -> None:
        """Take note that an answer found nobody; who is gone misses nothing."""
        log.debug("an answer did not arrive: %s", exc)


class _Stream(asyncio.BufferedProtocol):
    """One TCP connection."""

    def __init__(self, wire: OscWire) -> None:
        self._wire = wire
        self._frames = Frames()
        self._read = bytearray(READ_BYTES)
        self._transport: asyncio.Transport | None = None
        self._client: Client | None = None
        self._port = 0
        self._heard = 0.0
        self._clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        host, port, *_ = transport.get_extra_info("peername") or ("", 0)  # it may be gone already
        if not self._wire.doors.may_come(host) or self._is_full():
            transport.abort()
            return
        _settle(transport.get_extra_info("socket"))
        self._transport, self._port = transport, port
        self._client = Client(f"tcp:{host}:{port}", host, self._send)
        self._wire.doors.forget(self._client)
        self._wire.pending.add(self, transport.abort)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._read

    def buffer_updated(self, nbytes: int) -> None:
        if self._client is None:
            return
        self._heard = asyncio.get_running_loop().time()
        try:
            for packet in self._frames.fed(self._read[:nbytes]):
                if self._client:
                    self._wire.received(self._client, packet, self._admitted)
        except AskError as error:
            if self._client:
                self._wire.desk.refuse(self._client, error)
            self.close()
            return
        pace = self._wire.desk.pace
        if self._client and self._transport and pace.of(self._client.name):
            self._transport.pause_reading()  # until what it sent has had its turn
            pace.do(self._client.name, self._transport.resume_reading)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.pending.done(self)
        self._wire.connections.discard(self)
        if self._clock:
            self._clock.cancel()
        if self._client:
            self._wire.clients.gone(self._client)

    def close(self) -> None:
        """Hang up when what was sent is out."""
        self._client, client = None, self._client
        if client:
            self._wire.clients.gone(client)
        if self._transport:
            self._transport.close()

    def _is_full(self) -> bool:
        is_full = len(self._wire.connections) >= CONNECTIONS
        if is_full:
            log.warning("a connection was refused: %d are open", CONNECTIONS)
        return is_full

    def _admitted(self) -> Client | None:
        """Count from now on, and return the client; None where as many are open as may be."""
        if self in self._wire.connections or self._client is None:
            return self._client
        self._wire.pending.done(self)
        if self._is_full():
            self.close()
            return None
        self._client = self._wire.clients.of_tcp(self._client.host, self._port, self._send)
        self._wire.connections.add(self)
        self._clock = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._look)
        return self._client

    def _look(self) -> None:
        """Hang up on a client that was silent for long, or look again when it might be."""
        client, loop = self._client, asyncio.get_running_loop()
        if client is None:
            return
        is_busy = client.in_work or self._wire.desk.subscriptions.of(client)
        left = IDLE_SECONDS if is_busy else self._heard + IDLE_SECONDS - loop.time()
        if left > 0:
            self._clock = loop.call_later(left, self._look)
        else:
            self.close()

    def _send(self, message: Message) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(packet_to_frame(message_to_packet(message)))
        if transport.get_write_buffer_size() > UNREAD_BYTES:
            log.warning("a client that does not read its answers was cut off")
            transport.abort()


def _settle(wire: socket.socket) -> None:
    """Let answers go out at once, and notice a client that is gone without a word."""
    # asyncio leaves it as it was on what comes through a door of ours: the second message of an
    # answer then waits 40 ms.
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _bound(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return a stream and a datagram socket on the same port; raises OSError."""
    loop = asyncio.get_running_loop()
    family, *_, address = (await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))[0]
    for tried in range(_TRIES):
        stream = _socket(family, socket.SOCK_STREAM, address)
        try:
            taken = (address[0], stream.getsockname()[1], *address[2:])
            return stream, _socket(family, socket.SOCK_DGRAM, taken)
        except OSError:
            stream.close()
            # A free TCP port that was chosen for us may be taken on UDP.
            if port or tried + 1 == _TRIES:
                raise
    raise AssertionError("unreachable")


def _socket(family: int, kind: int, address: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, kind)
    try:
        if sys.platform == "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == socket.SOCK_DGRAM:
            with suppress(
                OSError
            ):  # some systems refuse more than they allow instead of cutting it
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        made.setblocking(False)
        made.bind(address)
        if kind == socket.SOCK_STREAM:
            made.listen(CONNECTIONS)
    except OSError:
        made.close()
        raise
    return made


def _in_words(host: str, port: int, error: OSError) -> str:
    if error.errno in _TAKEN:
        return (
            f"port {port} on {host} is taken, perhaps by a bandmate that runs already: "
            "stop the other program or choose another port"
        )
    return f"port {port} on {host} cannot be had ({error.strerror or error})"
