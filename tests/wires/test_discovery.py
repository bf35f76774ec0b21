"""Discovery, seen by zeroconf's own browser on the loopback."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest
from zeroconf import ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from bandmate import __version__
from bandmate.app import serve
from bandmate.app.serve import Means
from bandmate.config import Settings
from bandmate.wires import discovery
from bandmate.wires.discovery import GROUP, OSC, QUERY, Announcer, Service, addresses_of, named
from fakes import open_fake

HOME = "127.0.0.1"
FOUND_SECONDS, GONE_SECONDS = 3.0, 10.0
"""What the page promises; a browser that waits longer has lost."""


class Browser:
    """Looks for OSC and OSCQuery, and notes what comes and goes."""

    def __init__(self, zeroconf: AsyncZeroconf) -> None:
        self.there: set[str] = set()
        self._news = asyncio.Event()
        self.zeroconf = zeroconf
        self.browser = AsyncServiceBrowser(zeroconf.zeroconf, [OSC, QUERY], [self._changed])

    def _changed(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if state_change is ServiceStateChange.Added:
            self.there.add(name)
        elif state_change is ServiceStateChange.Removed:
            self.there.discard(name)
        self._news.set()

    async def until(self, names: set[str], is_there: bool, seconds: float) -> None:
        """Wait until all of them are there, or none; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while (names & self.there) != (names if is_there else set()):
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    zeroconf = AsyncZeroconf(interfaces=[HOME])
    browser = Browser(zeroconf)
    try:
        yield browser
    finally:
        await browser.browser.async_cancel()
        await zeroconf.async_close()


def services(port: int) -> tuple[list[Service], set[str]]:
    name = named(port)
    return [Service(OSC, port), Service(QUERY, port + 1)], {f"{name}.{OSC}", f"{name}.{QUERY}"}


@pytest.mark.parametrize("is_early", [True, False])
def test_a_browser_finds_bandmate_and_its_going(is_early: bool) -> None:
    port = 40_001 + is_early
    served, names = services(port)

    async def story() -> None:
        announcer = Announcer(named(port), served, [HOME])
        if not is_early:  # it looks when both announcements are long over: it has to ask
            announcer.open()
            assert announcer._task
            await announcer._task
        async with browsing() as browser:
            if is_early:
                announcer.open()
            await browser.until(names, True, FOUND_SECONDS)
            info = AsyncServiceInfo(OSC, f"{named(port)}.{OSC}")
            assert await info.async_request(browser.zeroconf.zeroconf, 3000)
            assert (info.port, info.parsed_addresses()) == (port, [HOME])
            assert info.properties[b"version"] == __version__.encode()
            await announcer.close()
            await browser.until(names, False, GONE_SECONDS)
            assert not names & browser.there

    asyncio.run(story())


def test_two_daemons_are_found_beside_each_other() -> None:
    async def story() -> None:
        pairs = [services(port) for port in (40_011, 40_021)]
        async with browsing() as browser:
            both = [
                Announcer(named(port), served, [HOME])
                for port, (served, _) in zip((40_011, 40_021), pairs, strict=True)
            ]
            for announcer in both:
                announcer.open()
            await browser.until(pairs[0][1] | pairs[1][1], True, FOUND_SECONDS)
            await both[0].close()
            await browser.until(pairs[0][1], False, GONE_SECONDS)
            assert pairs[1][1] <= browser.there
            await both[1].close()

    asyncio.run(story())


def test_no_network_is_told_and_is_no_mistake(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def refused(address: str) -> socket.socket:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(discovery, "_sending", refused)

    async def story() -> None:
        announcer = Announcer("bandmate", [Service(OSC, 1)], [HOME])
        announcer.open()
        assert announcer._task
        await announcer._task
        await announcer.close()

    asyncio.run(story())
    (record,) = caplog.records
    assert record.getMessage().endswith("(Network is unreachable)")
    assert record.levelno == logging.INFO


def test_its_sockets_are_on_the_loopback_and_the_group_alone() -> None:
    async def story() -> None:
        before = {(c.fd, c.laddr) for c in psutil.Process().net_connections("inet")}
        announcer = Announcer(named(40_031), [Service(OSC, 40_031)], [HOME])
        announcer.open()
        assert announcer._task
        await announcer._task
        opened = {(c.fd, c.laddr) for c in psutil.Process().net_connections("inet")} - before
        assert {address.ip for _, address in opened} == {HOME, GROUP}
        await announcer.close()
        assert not opened & {(c.fd, c.laddr) for c in psutil.Process().net_connections("inet")}

    asyncio.run(story())


def test_garbage_is_passed_over() -> None:
    async def story() -> None:
        announcer = Announcer(named(40_041), [Service(OSC, 40_041)], [HOME])
        announcer.open()
        assert announcer._task
        await announcer._task
        for packet in (b"", b"\xff" * 600, b"\0" * 12, bytes(9000)):
            announcer.hear(packet)
        assert announcer._answering is None
        await announcer.close()

    asyncio.run(story())


def test_where_it_is_reached() -> None:
    assert addresses_of(HOME) == [HOME]
    assert addresses_of("::1") == []
    assert HOME in addresses_of("0.0.0.0")


def test_a_daemon_is_found_with_its_query_port_and_goes_as_it_stops() -> None:
    async def story() -> None:
        async with browsing() as browser:
            settings = Settings(midi_api="none")
            async with serve.running(settings, Means(open_fake, port=0)) as running:
                name = named(running.port)
                names = {f"{name}.{OSC}", f"{name}.{QUERY}"}
                await browser.until(names, True, FOUND_SECONDS)
                for kind, port in ((OSC, running.port), (QUERY, running.query_port)):
                    info = AsyncServiceInfo(kind, f"{name}.{kind}")
                    assert await info.async_request(browser.zeroconf.zeroconf, 3000)
                    assert info.port == port
                reader, writer = await asyncio.open_connection(HOME, running.query_port)
                writer.write(b"GET /?HOST_INFO HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert f'"OSC_PORT": {running.port}'.encode() in await reader.read()
                writer.close()
            await browser.until(names, False, GONE_SECONDS)

    asyncio.run(story())
