"""Whoever opens a connection and says nothing takes no place from anybody, on any wire."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from bandmate import paths
from bandmate.clients.clients import CLIENTS
from bandmate.wires import osc, oscquery, pending
from bandmate.wires.access import Doors
from bandmate.wires.osc import OscWire
from bandmate.wires.oscquery import QueryWire
from bandmate.wires.packets import packet_to_frame
from bandmate.wires.page.websocket import PanelWire
from bandmate.wires.pending import MOST, Pending
from wires.fake_daemon import PATIENCE, House, housed
from wires.test_osc import packet, tcp, udp
from wires.test_panel import no_sound, page
from wires.test_panel_files import got
from wires.test_query import asked, get, tree

HOST = "127.0.0.1"
IDLE = 200
TOKEN = "a-word-that-we-made-up"
AFAR = "10.1.2.3"
Writers = list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


class Wires:
    """All that listens, in one house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.osc = OscWire(house.desk, house.clients)
        self.panel = PanelWire(house.desk, house.clients, no_sound)
        self.query = QueryWire(tree, 7770)

    async def open(self) -> None:
        """Listen."""
        await self.osc.open(HOST, 0)
        await self.panel.open(0)
        await self.query.open(0)

    async def close(self) -> None:
        """Hang up."""
        for wire in (self.query, self.panel, self.osc):
            await wire.close()

    @property
    def waiting(self) -> list[int]:
        """How many are waited for on each wire."""
        return [len(self.osc.pending), len(self.panel.pending), len(self.query._pending)]


def told_in(story: Callable[[Wires], Awaitable[None]]) -> None:
    async def played() -> None:
        async with housed() as house:
            wires = Wires(house)
            await wires.open()
            try:
                await asyncio.wait_for(story(wires), PATIENCE * 3)
            finally:
                await wires.close()

    asyncio.run(played())


@asynccontextmanager
async def idle(port: int, count: int, said: bytes = b"") -> AsyncIterator[Writers]:
    """Open connections that say little."""
    opened: Writers = []
    for _ in range(count):
        opened.append(await asyncio.open_connection(HOST, port))
        opened[-1][1].write(said)
    yield opened
    for _, writer in opened:
        writer.close()


async def is_ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(1), PATIENCE) == b""
    except ConnectionError:
        return True


PORTS = {
    "osc": lambda wires: wires.osc.port,
    "panel": lambda wires: wires.panel.port,
    "query": lambda wires: wires.query.port,
}


@pytest.mark.parametrize("said", [b"", b"\0\0"])
@pytest.mark.parametrize("name", PORTS)
def test_all_is_answered_beside_idle_connections(name: str, said: bytes) -> None:
    async def story(wires: Wires) -> None:
        async with idle(PORTS[name](wires), IDLE, said) as opened:
            assert (await got(wires.panel, "/")).status_code == 200
            assert (await asked(wires.query, get("/?HOST_INFO")))[0] == 200
            async with udp(wires.osc) as one, tcp(wires.osc) as two, page(wires.panel) as three:
                one.says("hello", 1)
                two.says("hello", 1)
                await three.says("hello", 1)
                for client in (one, two, three):
                    await client.heard.until("hello")
            assert max(wires.waiting) <= MOST
            assert await is_ended(opened[0][0])  # the oldest goes

    told_in(story)


@pytest.mark.parametrize(
    ("name", "said"),
    [("osc", b""), ("osc", b"\0\0\0\x40/band"), ("panel", b""), ("panel", b"GET / HTTP/1.1\r\nHo"),
     ("query", b""), ("query", b"GET / HTTP/1.1\r\nHo")],
)  # fmt: skip
def test_who_does_not_say_what_he_wants_in_time_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, name: str, said: bytes
) -> None:
    monkeypatch.setattr(pending, "SECONDS", 0.05)

    async def story(wires: Wires) -> None:
        async with idle(PORTS[name](wires), 1, said) as opened:
            assert await is_ended(opened[0][0])
            assert wires.waiting == [0, 0, 0]

    told_in(story)


def test_idle_connections_are_no_clients_and_forget_none() -> None:
    async def story(wires: Wires) -> None:
        async with udp(wires.osc) as client, idle(wires.osc.port, CLIENTS + 10):
            client.says("song/set", 1, "tempo", 66)
            await client.heard.until("song/changed")
            assert len(wires.house.clients) == 1

    told_in(story)


def test_the_log_does_not_grow_with_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def story(wires: Wires) -> None:
        async with idle(wires.osc.port, IDLE), idle(wires.panel.port, IDLE):
            assert (await got(wires.panel, "/")).status_code == 200

    told_in(story)
    assert {record.msg for record in caplog.records} <= {"%d %s wait: the oldest is cut off"}


# OSC by TCP


def test_a_client_that_is_silent_for_long_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osc, "IDLE_SECONDS", 0.1)

    async def story(wires: Wires) -> None:
        async with tcp(wires.osc) as client:
            client.says("hello", 1)
            await client.heard.until("hello")
            async with asyncio.timeout(PATIENCE):
                await client.is_over.wait()
            assert wires.osc.connections == set()

    told_in(story)


def test_a_client_that_waits_or_is_told_of_changes_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osc, "IDLE_SECONDS", 0.05)

    async def story(wires: Wires) -> None:
        wires.house.worker.gate.clear()
        async with tcp(wires.osc) as waiting, tcp(wires.osc) as told, tcp(wires.osc) as silent:
            waiting.says("loop/ask", 1, "bars", 1)
            told.says("subscribe", 1, "to", "song")
            silent.says("hello", 1)
            async with asyncio.timeout(PATIENCE):
                await silent.is_over.wait()
                await asyncio.sleep(0.2)  # several times as long again
            wires.house.worker.gate.set()
            await waiting.heard.until("loop/made")
            told.says("song/set", 2, "tempo", 66)
            await told.heard.until("song/told", 2)

    told_in(story)


class Wire:
    """What a transport has of a socket."""

    def setsockopt(self, *said: object) -> None:
        """Take a setting."""


class FromAfar:
    """A connection of another machine, as its transport has it."""

    def __init__(self, wire: OscWire, port: int) -> None:
        self.is_aborted = False
        self.written = b""
        self.stream = osc._Stream(wire)
        self._port = port
        TransportType = type("Transport", (asyncio.Transport,), {
            "get_extra_info": lambda _, name, default=None: (
                (AFAR, self._port) if name == "peername" else Wire()
            ),
            "abort": lambda _: self.abort(),
            "close": lambda _: self.abort(),
            "is_closing": lambda _: self.is_aborted,
            "write": lambda _, data: self.write(data),
            "get_write_buffer_size": lambda _: 0,
        })  # fmt: skip
        self.stream.connection_made(cast(Any, TransportType()))

    def write(self, data: bytes) -> None:
        """Take what is sent."""
        self.written += data

    def abort(self) -> None:
        """End."""
        if not self.is_aborted:
            self.is_aborted = True
            self.stream.connection_lost(None)

    def says(self, address: str, *arguments: Any) -> None:
        """Send a message."""
        data = packet_to_frame(packet(address, *arguments))
        self.stream.get_buffer(len(data))[: len(data)] = data
        self.stream.buffer_updated(len(data))


def test_a_host_counts_once_it_has_said_the_token() -> None:
    async def story(wires: Wires) -> None:
        wires.osc.doors = Doors(paths.clips(), (ipaddress.ip_network("10.0.0.0/8"),), TOKEN)
        strangers = [FromAfar(wires.osc, port) for port in range(1000, 1000 + MOST + 20)]
        for stranger in strangers:
            stranger.says("hello", 1)
            stranger.says("loop/ask", 2, "bars", 1)
        assert len(wires.osc.pending) == MOST
        assert wires.osc.connections == set()
        assert len(wires.house.clients) == 0
        assert b"say hello with the token first" in strangers[-1].written
        friend = FromAfar(wires.osc, 5000)
        friend.says("hello", 1, "token", TOKEN)
        assert wires.osc.connections == {friend.stream}
        assert not friend.is_aborted
        assert b"/bandmate/hello" in friend.written or await answered(friend)
        async with tcp(wires.osc) as home:
            home.says("hello", 1)
            await home.heard.until("hello")

    async def answered(friend: FromAfar) -> bool:
        async with asyncio.timeout(PATIENCE):
            while b"/bandmate/hello" not in friend.written:
                await asyncio.sleep(0.01)
        return True

    told_in(story)


def test_datagrams_without_the_token_make_no_clients() -> None:
    async def story(wires: Wires) -> None:
        wires.osc.doors = Doors(paths.clips(), (ipaddress.ip_network("10.0.0.0/8"),), TOKEN)
        datagrams = osc.Datagrams(wires.osc)
        async with udp(wires.osc) as home:
            home.says("song/set", 1, "tempo", 66)
            await home.heard.until("song/changed")
            for port in range(1000, 1000 + 2 * CLIENTS):
                datagrams.datagram_received(packet("hello", 1), (AFAR, port))
                datagrams.datagram_received(b"/garbled", (AFAR, port))
            assert len(wires.house.clients) == 1
            datagrams.datagram_received(packet("hello", 1, "token", TOKEN), (AFAR, 999))
            assert len(wires.house.clients) == 2

    told_in(story)


# the pending themselves


def test_what_is_done_is_not_cut_off_and_what_is_closed_is() -> None:
    async def story() -> None:
        cut: list[str] = []
        waiting = Pending("callers", most=2, seconds=PATIENCE)
        for name in ("a", "b"):
            waiting.add(name, lambda name=name: cut.append(name))  # type: ignore[misc]
        waiting.done("a")
        waiting.done("a")
        waiting.add("c", lambda: cut.append("c"))
        assert cut == []
        waiting.add("d", lambda: cut.append("d"))
        assert (cut, len(waiting)) == (["b"], 2)
        waiting.close()
        assert (cut, len(waiting)) == (["b", "c", "d"], 0)

    asyncio.run(story())


def test_oscquery_takes_no_more_at_once_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oscquery, "CONNECTIONS", 0)

    async def story(wires: Wires) -> None:
        assert (await asked(wires.query, get("/")))[0] == 503

    told_in(story)
