"""The OSC wire: UDP and TCP on one port; bytes to the desk, answers to their senders."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from bandmate import paths
from bandmate.clients.clients import Client, Clients
from bandmate.contract.messages import Atom, Message
from bandmate.contract.rows import id_in
from bandmate.errors import AskError, PortError, Unavailable
from bandmate.handlers.dispatcher import Desk
from bandmate.wires.access import Doors
from bandmate.wires.packets import Frames, message_to_packet, packet_to_frame, packet_to_messages
from bandmate.wires.pending import Pending
from bandmate.wires.sockets import bound, in_words, settle

CONNECTIONS = 64
"""Most TCP connections that were let in; one more ends the one that was silent for longest."""

IDLE_SECONDS = 600.0
"""Silence after which a TCP client that waits for nothing and is told of nothing is hung up on."""

READ_BYTES = 8192
"""Most bytes of a connection that are read in a turn of the loop, so that others have theirs."""

UNREAD_BYTES = 2 << 20
"""Most bytes that wait for a TCP client that does not read; then its connection is cut."""

_FULL = f"{CONNECTIONS} connections are open and in use: end one, or ask by UDP"

log = logging.getLogger(__name__)

Admit = Callable[[], Client | None]
"""Makes a sender a client that is known; None where there is no room."""


class OscWire:
    """Both sockets, from open to close."""

    def __init__(self, desk: Desk, clients: Clients, doors: Doors | None = None) -> None:
        """Take who answers, who is known, and who is let in: without *doors*, this machine."""
        self.desk = desk
        self.clients = clients
        self.doors = doors or Doors(paths.clips())
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
            stream, datagram = await bound(host, port)
        except OSError as error:
            raise PortError(in_words(host, port, error)) from error
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

    def makes_room(self) -> bool:
        """End the connection that was silent for longest where there are as many as may be.

        Return False where all of them are in use.
        """
        if len(self.connections) < CONNECTIONS:
            return True
        idle = [stream for stream in self.connections if not stream.is_busy]
        if idle:
            min(idle, key=lambda stream: stream.heard).close()
        return bool(idle)

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
        self.heard = 0.0
        self._clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        host, port, *_ = transport.get_extra_info("peername") or ("", 0)  # it may be gone already
        if not self._wire.doors.may_come(host):
            transport.abort()
            return
        settle(transport.get_extra_info("socket"))
        self._transport, self._port = transport, port
        self._client = Client(f"tcp:{host}:{port}", host, self._send)
        self._wire.doors.forget(self._client)
        self._wire.pending.add(self, transport.abort)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._read

    def buffer_updated(self, nbytes: int) -> None:
        if self._client is None:
            return
        self.heard = asyncio.get_running_loop().time()
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
        self._wire.connections.discard(self)
        self._client, client = None, self._client
        if client:
            self._wire.clients.gone(client)
        if self._transport:
            self._transport.close()

    @property
    def is_busy(self) -> bool:
        """True for one that waits for something or is told of changes."""
        client = self._client
        return bool(client and (client.in_work or self._wire.desk.subscriptions.of(client)))

    def _admitted(self) -> Client | None:
        """Count from now on, and return the client; None where there is no room."""
        wire = self._wire
        if self in wire.connections or self._client is None:
            return self._client
        wire.pending.done(self)
        if not wire.makes_room():
            wire.desk.refuse(self._client, Unavailable(_FULL))
            self.close()
            return None
        self._client = wire.clients.of_tcp(self._client.host, self._port, self._send)
        wire.connections.add(self)
        self._clock = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._look)
        return self._client

    def _look(self) -> None:
        """Hang up on a client that was silent for long, or look again when it might be."""
        loop = asyncio.get_running_loop()
        left = IDLE_SECONDS if self.is_busy else self.heard + IDLE_SECONDS - loop.time()
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
