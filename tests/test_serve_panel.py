"""The panel as the daemon serves it: page, socket and sound on one port, or none of it."""

from __future__ import annotations

import asyncio
import io
import socket
import wave
from dataclasses import replace

import pytest

from bandmate.app import serve
from bandmate.app.serve import Means
from bandmate.config import Settings
from bandmate.wires.page.websocket import HOST, PanelWire
from fakes import open_fake
from wires.fake_daemon import told
from wires.test_panel import no_sound, page
from wires.test_panel_files import got

QUIET = Settings(midi_api="none", announce=False)


class ThereWire(PanelWire):
    """What the clients of the panel's tests take for a wire: it knows the port."""

    def __init__(self, running: serve.Running) -> None:
        super().__init__(running.desk, running.desk.clients, no_sound)
        self._there = running.panel_port

    @property
    def port(self) -> int:
        """Where the daemon serves its panel."""
        return self._there


def test_page_socket_and_sound_are_served_on_one_port() -> None:
    async def story() -> None:
        async with serve.running(QUIET, Means(open_fake, port=0)) as running:
            wire = ThereWire(running)
            assert b"<html" in (await got(wire, "/")).body
            async with page(wire) as client:
                await client.says("loop/ask", 1, "bars", 1, "tempo", 240)
                take = told(await client.heard.until("loop/made"))["take"]
            response = await got(wire, f"/sound/{take}.wav")
            with wave.open(io.BytesIO(response.body)) as sound:
                assert sound.getnframes() / sound.getframerate() == pytest.approx(3.0)

    asyncio.run(story())


def test_a_panel_that_is_off_is_not_there() -> None:
    async def story() -> None:
        settings = Settings(midi_api="none", announce=False, panel_port=0)
        async with serve.running(settings, Means(open_fake, port=0)) as running:
            assert running.panel_port == 0

    asyncio.run(story())


def test_a_panel_whose_port_is_taken_keeps_nothing_else_from_working(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        with socket.create_server((HOST, 0)) as taken:
            port = taken.getsockname()[1]
            settings = Settings(midi_api="none", announce=False, panel_port=port)
            settings = replace(settings, port=free_port(), query_port=free_port())
            async with serve.running(settings, Means(open_fake)) as running:
                assert (running.panel_port, bool(running.port)) == (0, True)
            assert f"the panel is not served on port {port}" in caplog.text

    asyncio.run(story())


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])
