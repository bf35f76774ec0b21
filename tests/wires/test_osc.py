"""The OSC wire on real sockets of this machine."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bandmate.contract.messages import Atom, Message
from bandmate.errors import PortError
from bandmate.wires import osc
from bandmate.wires.osc import OscWire
from bandmate.wires.packets import (
    FRAME_BYTES,
    Frames,
    message_to_packet,
    packet_to_frame,
    packet_to_messages,
)
from bandmate.wires.sockets import RECEIVE_BYTES
from wires.fake_daemon import PATIENCE, Heard, House, housed, told

Story = Callable[[House, OscWire], Awaitable[None]]
HOST = "127.0.0.1"


def told_in(story: Story, queue: int = 16) -> None:
    """Play a story in a house that listens on a free port."""

    async def played() -> None:
        async with housed(queue) as house:
            wire = OscWire(house.desk, house.clients)
            try:
                await wire.open(HOST, 0)
                await asyncio.wait_for(story(house, wire), PATIENCE * 3)
            finally:
                await wire.close()

    asyncio.run(played())


def packet(address: str, *arguments: Atom) -> bytes:
    return message_to_packet(Message(f"/bandmate/{address}", arguments))


class _Hearing(asyncio.DatagramProtocol):
    def __init__(self, heard: Heard) -> None:
        self.heard = heard

    def datagram_received(self, data: bytes, addr: Any) -> None:
        for message in packet_to_messages(data):
            self.heard(message)


class UdpClient:
    """A client that sends and hears datagrams."""

    def __init__(self, transport: asyncio.DatagramTransport, heard: Heard, to: int) -> None:
        self.heard = heard
        self.port: int = transport.get_extra_info("sockname")[1]
        self.transport = transport
        self._to = to

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.transport.sendto(data, (HOST, self._to))

    def says(self, address: str, *arguments: Atom) -> None:
        """Send a message."""
        self.send(packet(address, *arguments))


@asynccontextmanager
async def udp(wire: OscWire) -> AsyncIterator[UdpClient]:
    heard = Heard()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Hearing(heard), local_addr=(HOST, 0)
    )
    try:
        yield UdpClient(transport, heard, wire.port)
    finally:
        transport.close()


class TcpClient:
    """A client with a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = Heard()
        self.reader = reader
        self.writer = writer
        self.is_over = asyncio.Event()

    def says(self, address: str, *arguments: Atom) -> None:
        """Send a message."""
        self.writer.write(packet_to_frame(packet(address, *arguments)))

    async def hear(self) -> None:
        """Read until the daemon hangs up."""
        frames = Frames()
        try:
            while data := await self.reader.read(65536):
                for frame in frames.fed(data):
                    for message in packet_to_messages(frame):
                        self.heard(message)
        except ConnectionError:
            pass
        self.is_over.set()


@asynccontextmanager
async def tcp(wire: OscWire) -> AsyncIterator[TcpClient]:
    client = TcpClient(*await asyncio.open_connection(HOST, wire.port))
    hearing = asyncio.create_task(client.hear())
    try:
        yield client
    finally:
        hearing.cancel()
        client.writer.close()


def test_a_loop_is_asked_for_by_udp() -> None:
    async def story(house: House, wire: OscWire) -> None:
        async with udp(wire) as client:
            client.says("loop/ask", "a1", "bars", 2, "tempo", 96.5, "notes", "blob")
            await client.heard.until("take/notes")
            made = told(client.heard.of("loop/made")[0])
            assert (made["tempo"], made["bars"]) == (96.5, 2)
            assert house.takes.get(made["take"]).client == f"udp:{HOST}:{client.port}"

    told_in(story)


def test_a_loop_is_asked_for_by_tcp() -> None:
    async def story(house: House, wire: OscWire) -> None:
        async with tcp(wire) as client:
            frame = packet_to_frame(packet("loop/ask", "a1", "bars", 64, "notes", "blob"))
            for byte in frame[:-1]:
                client.writer.write(bytes([byte]))
                await client.writer.drain()
            client.writer.write(frame[-1:])
            made = told(await client.heard.until("loop/made"))
            await client.heard.until("take/notes", made["chunks"])

    told_in(story)


def test_many_clients_at_once_hear_what_is_theirs() -> None:
    async def story(house: House, wire: OscWire) -> None:
        async with udp(wire) as one, udp(wire) as two, tcp(wire) as three, tcp(wire) as four:
            clients: tuple[UdpClient | TcpClient, ...] = (one, two, three, four)
            for tempo, client in enumerate(clients, 100):
                client.says("song/set", 1, "tempo", tempo)
                client.says("loop/ask", 2, "bars", 1)
            for tempo, client in enumerate(clients, 100):
                assert told(await client.heard.until("loop/made"))["tempo"] == tempo
            for client in clients:
                heard = [len(client.heard.of(a)) for a in ("loop/made", "song/changed")]
                assert heard == [1, 1]

    told_in(story)


def test_the_system_is_asked_to_let_many_datagrams_wait() -> None:
    async def story(house: House, wire: OscWire) -> None:
        with (
            socket.socket(type=socket.SOCK_DGRAM) as usual,
            socket.socket(type=socket.SOCK_DGRAM) as probe,
        ):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
            assert wire._datagrams
            ours = wire._datagrams.get_extra_info("socket")
            waiting = [s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) for s in (ours, probe)]
            assert waiting[0] == waiting[1]
            assert waiting[0] >= usual.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    told_in(story)


def test_a_message_by_tcp_does_not_wait_until_the_one_before_it_is_acknowledged() -> None:
    async def story(house: House, wire: OscWire) -> None:
        async with tcp(wire) as client:
            client.says("hello", 1)
            await client.heard.until("hello")
            (stream,) = wire.connections
            assert stream._transport
            ours = stream._transport.get_extra_info("socket")
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    told_in(story)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv6_is_answered_too() -> None:
    async def story() -> None:
        async with housed() as house:
            wire = OscWire(house.desk, house.clients)
            await wire.open("::1", 0)
            heard = Heard()
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Hearing(heard), remote_addr=("::1", wire.port)
            )
            transport.sendto(packet("song/get", 1))
            await heard.until("song/told")
            transport.close()
            await wire.close()

    asyncio.run(story())


def test_a_bundle_is_done_in_its_order() -> None:
    async def story(house: House, wire: OscWire) -> None:
        parts = (packet("song/set", 1, "tempo", 66), packet("song/get", 2), packet("loop/ask", 3))
        sized = b"".join(struct.pack(">i", len(part)) + part for part in parts)
        async with udp(wire) as client:
            client.send(b"#bundle\0" + bytes(7) + b"\1" + sized)
            assert told(await client.heard.until("loop/made"))["tempo"] == 66.0
            assert told(client.heard.of("song/told")[0])["tempo"] == 66.0

    told_in(story)


def test_answers_go_to_the_port_that_is_named() -> None:
    async def story(house: House, wire: OscWire) -> None:
        async with udp(wire) as deaf, udp(wire) as hearing, tcp(wire) as third:
            deaf.says("song/get", 1, "reply", hearing.port)
            assert (await hearing.heard.until("song/told")).arguments[0] == 1
            third.says("song/get", 2, "reply", hearing.port)
            assert (await hearing.heard.until("song/told", 2)).arguments[0] == 2
            deaf.says("hello", 3)
            await deaf.heard.until("hello")
            assert len(deaf.heard.messages) == 1

    told_in(story)


def test_a_client_that_went_stops_nothing() -> None:
    async def story(house: House, wire: OscWire) -> None:
        house.worker.gate.clear()
        async with udp(wire) as gone, tcp(wire) as cut:
            gone.says("loop/ask", 1, "bars", 1)
            cut.says("loop/ask", 1, "bars", 1)
            await gone.heard.until("loop/queued")
            await cut.heard.until("loop/queued")
            cut.writer.transport.abort()
        async with udp(wire) as client:
            client.says("loop/ask", 1, "bars", 1)
            house.worker.gate.set()
            await client.heard.until("loop/made")
            assert len(house.takes.listed()) == 3

    told_in(story)


def test_a_datagram_that_is_garbled_is_answered_and_one_that_is_no_osc_is_not() -> None:
    async def story(house: House, wire: OscWire) -> None:
        async with udp(wire) as client:
            for data in (b"", b"hello", b"GET / HTTP/1.1\r\n\r\n", bytes(1000)):
                client.send(data)
            for data in (b"/bandmate/loop/ask\0\0,si\0", b"#bundle\0x", b"/" * 9000):
                client.send(data)
            client.says("song/get", 1)
            await client.heard.until("song/told")
            assert [m.arguments[:2] for m in client.heard.of("error")] == [("", "ask")] * 3

    told_in(story)


@pytest.mark.parametrize(
    "start",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x7f\xff\xff\xff",
        b"\xff\xff\xff\xff",
        b"\0\0\0\0",
        struct.pack(">i", FRAME_BYTES + 1),
    ],
)
def test_a_frame_of_absurd_length_ends_its_connection_alone(start: bytes) -> None:
    async def story(house: House, wire: OscWire) -> None:
        async with tcp(wire) as bad, tcp(wire) as good:
            good.says("hello", 1)
            await good.heard.until("hello")
            bad.says("song/get", 1)
            bad.writer.write(start + bytes(100))
            assert "a packet on TCP must have 1..65536 bytes" in str((await bad.heard.error())[2])
            await bad.is_over.wait()
            assert len(bad.heard.of("song/told")) <= 1
            good.says("hello", 2)
            await good.heard.until("hello", 2)

    told_in(story)


def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osc, "UNREAD_BYTES", 100_000)

    async def story(house: House, wire: OscWire) -> None:
        deaf, other = socket.socket(), Heard()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect((HOST, wire.port))
        frame = packet_to_frame(packet("song/get", "x" * 200))
        deaf.sendall(frame)
        while not wire.connections:
            await asyncio.sleep(0)
        deaf.setblocking(False)
        loop = asyncio.get_running_loop()
        while wire.connections:
            try:
                await loop.sock_sendall(deaf, frame * 100)
            except ConnectionError:
                break
        deaf.close()
        async with tcp(wire) as client:
            client.says("hello", 1)
            await client.heard.until("hello")
        assert other.messages == []

    told_in(story)


def test_one_connection_too_many_ends_the_one_that_was_silent_for_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(osc, "CONNECTIONS", 2)

    async def story(house: House, wire: OscWire) -> None:
        async with tcp(wire) as one, tcp(wire) as two, tcp(wire) as three:
            for number, client in enumerate((one, two, one), 1):
                client.says("hello", number)
                await client.heard.until("hello", 2 if number == 3 else 1)
            three.says("hello", 1)
            await three.heard.until("hello")
            await two.is_over.wait()
            one.says("hello", 4)
            await one.heard.until("hello", 3)
            assert len(wire.connections) == 2

    told_in(story)


def test_connections_in_use_make_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osc, "CONNECTIONS", 2)

    async def story(house: House, wire: OscWire) -> None:
        house.worker.gate.clear()
        async with tcp(wire) as one, tcp(wire) as two, tcp(wire) as three:
            one.says("loop/ask", 1, "bars", 1)
            await one.heard.until("loop/queued")
            two.says("subscribe", 1, "to", "song")
            await two.heard.until("subscribed")
            three.says("hello", 1)
            assert "connections are open and in use" in str((await three.heard.error())[2])
            await three.is_over.wait()
            house.worker.gate.set()
            await one.heard.until("loop/made")

    told_in(story)


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_in_use_is_told_in_a_sentence(kind: int) -> None:
    async def story(house: House, wire: OscWire) -> None:
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind((HOST, 0))
            if kind == socket.SOCK_STREAM:
                taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(PortError, match=f"port {port} on {HOST} is taken"):
                await OscWire(house.desk, house.clients).open(HOST, port)

    told_in(story)


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_a_host_that_is_not_ours_is_told_in_a_sentence(host: str) -> None:
    async def story(house: House, wire: OscWire) -> None:
        with pytest.raises(PortError, match=f"port 7770 on {host} cannot be had"):
            await OscWire(house.desk, house.clients).open(host, 7770)

    told_in(story)
