"""Sounds on their way to a page: a few at a time, held by no memory, and for nobody who is gone."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import BinaryIO

import pytest

from bandmate.errors import Unavailable
from bandmate.music.clip import Clip
from bandmate.wires.page import sound
from bandmate.wires.page.sound import PIECE_BYTES, SOUNDS
from bandmate.wires.page.websocket import HOST, PanelWire
from wires.fake_daemon import PATIENCE, House
from wires.test_panel import page, told_in
from wires.test_panel_files import got


class Sounds:
    """Renders nothing, and knows who waited for it."""

    def __init__(self, data: bytes = b"RIFF") -> None:
        self.data = data
        self.gate = asyncio.Event()
        self.begun = 0
        self.cancelled = 0
        self.files: list[BinaryIO] = []

    async def __call__(self, number: int, clip: Clip) -> BinaryIO:
        """Return the data once the gate is open."""
        self.begun += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self.files.append(io.BytesIO(self.data))
        return self.files[-1]


async def with_take(wire: PanelWire, sounds: Sounds) -> None:
    """Have a take, and sounds that wait at a gate."""
    wire._files._sound = sounds
    async with page(wire) as client:
        await client.says("loop/ask", 1, "bars", 1)
        await client.heard.until("loop/made")


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():
            await asyncio.sleep(0.01)


async def asking(wire: PanelWire) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(HOST, wire.port)
    writer.write(f"GET /sound/1.wav HTTP/1.1\r\nHost: {HOST}:{wire.port}\r\n\r\n".encode())
    return reader, writer


def test_a_sound_is_sent_as_it_is_whatever_its_size() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        data = bytes(range(256)) * (PIECE_BYTES // 100)
        sounds = Sounds(data)
        sounds.gate.set()
        await with_take(wire, sounds)
        response = await got(wire, "/sound/1.wav")
        assert (response.status_code, response.body) == (200, data)
        assert response.headers["Content-Length"] == str(len(data))
        assert response.headers["Content-Disposition"].endswith(".wav")
        await until(lambda: sounds.files[0].closed and not wire._sounds)

    told_in(story)


def test_only_so_many_are_on_their_way() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        sounds = Sounds()
        await with_take(wire, sounds)
        asked = [asyncio.create_task(got(wire, "/sound/1.wav")) for _ in range(SOUNDS)]
        await until(lambda: sounds.begun == SOUNDS)
        refused = await got(wire, "/sound/1.wav")
        assert refused.status_code == 503
        assert refused.body == b"4 sounds are on their way: ask again when one is there\n"
        sounds.gate.set()
        assert {(await one).status_code for one in asked} == {200}
        await until(lambda: not wire._sounds)
        assert (await got(wire, "/sound/1.wav")).status_code == 200

    told_in(story)


def test_a_sound_that_nobody_waits_for_is_called_off() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        sounds = Sounds()
        await with_take(wire, sounds)
        for _ in range(3 * SOUNDS):
            _, writer = await asking(wire)
            await until(lambda: wire._sounds == 1)
            writer.close()
            await until(lambda: not wire._sounds)
        assert sounds.cancelled == sounds.begun

    told_in(story)


def test_a_sound_that_is_not_read_ends_and_holds_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "READ_SECONDS", 0.2)

    async def story(house: House, wire: PanelWire) -> None:
        sounds = Sounds(bytes(64 << 20))
        sounds.gate.set()
        await with_take(wire, sounds)
        _, writer = await asking(wire)
        await until(lambda: len(sounds.files) == 1)
        (connection,) = wire.connections
        most = 0
        while not sounds.files[0].closed:
            most = max(most, connection.transport.get_write_buffer_size())
            await asyncio.sleep(0.01)
        assert most <= 2 * PIECE_BYTES
        await until(lambda: not wire.connections)
        writer.close()

    told_in(story)


def test_one_that_takes_too_long_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "RENDER_SECONDS", 0.05)

    async def story(house: House, wire: PanelWire) -> None:
        sounds = Sounds()
        await with_take(wire, sounds)
        assert (await got(wire, "/sound/1.wav")).status_code == 503
        assert sounds.cancelled == 1

    told_in(story)


def test_the_wire_closes_while_a_sound_is_on_its_way() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        class Broken(Sounds):
            async def __call__(self, number: int, clip: Clip) -> BinaryIO:
                self.begun += 1
                await self.gate.wait()
                raise Unavailable("the synthesiser was stopped")

        sounds = Broken()
        await with_take(wire, sounds)
        waiting = asyncio.create_task(got(wire, "/sound/1.wav"))
        await until(lambda: sounds.begun == 1)
        sounds.gate.set()
        assert (await waiting).body == b"the synthesiser was stopped\n"
        unread = Sounds(bytes(64 << 20))
        unread.gate.set()
        wire._files._sound = unread
        _, writer = await asking(wire)
        await until(lambda: len(unread.files) == 1)
        await wire.close()
        assert wire.connections == set()
        assert unread.files[0].closed
        writer.close()

    told_in(story)
