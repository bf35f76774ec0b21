"""The panel's wire on real sockets of this machine: frames, rubbish, uploads, several pages."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bandmate.contract.messages import Atom, Message, chunks_to_data, pairs_to_clip
from bandmate.music.clip import Clip
from bandmate.wires.page import uploads, websocket
from bandmate.wires.page.frames import frame_to_message, message_to_frame
from bandmate.wires.page.websocket import HOST, PanelWire
from wires.fake_daemon import PATIENCE, Heard, House, housed, told

Story = Callable[[House, PanelWire], Awaitable[None]]


async def no_sound(number: int, clip: Clip) -> BinaryIO:
    """Render nothing: sound has tests of its own."""
    return io.BytesIO(b"RIFF")


def told_in(story: Story) -> None:
    """Play a story in a house whose panel listens on a free port."""

    async def played() -> None:
        async with housed() as house:
            wire = PanelWire(house.desk, house.clients, no_sound)
            try:
                await wire.open(0)
                await asyncio.wait_for(story(house, wire), PATIENCE * 3)
            finally:
                await wire.close()

    asyncio.run(played())


class PageClient:
    """A page as a browser has it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard = Heard()
        self.uploaded: asyncio.Queue[str] = asyncio.Queue()
        self.is_over = asyncio.Event()

    async def says(self, address: str, *arguments: Atom) -> None:
        """Send a message."""
        await self.socket.send(message_to_frame(Message(f"/bandmate/{address}", arguments)))

    async def gives(self, name: str, data: bytes) -> None:
        """Hand a file over."""
        await self.socket.send(json.dumps({"upload": name}))
        await self.socket.send(data)

    async def hear(self) -> None:
        """Read until the daemon hangs up."""
        try:
            async for frame in self.socket:
                said = json.loads(frame)
                if "uploaded" in said:
                    self.uploaded.put_nowait(said["uploaded"])
                else:
                    self.heard(frame_to_message(str(frame)))
        except ConnectionClosed:
            pass
        self.is_over.set()


@asynccontextmanager
async def page(wire: PanelWire, name: str = "", **more: Any) -> AsyncIterator[PageClient]:
    place = f"{HOST}:{wire.port}"
    query = f"?page={name}" if name else ""
    async with connect(f"ws://{place}/ws{query}", origin=f"http://{place}", **more) as socket:  # type: ignore[arg-type]
        client = PageClient(socket)
        hearing = asyncio.create_task(client.hear())
        yield client
        hearing.cancel()


def test_a_loop_is_asked_for_and_its_notes_come_as_they_are_kept() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            await client.says(
                "loop/ask", "a1", "bars", 2, "tempo", 96.5, "notes", "blob", "feel", 0
            )
            made = told(await client.heard.until("loop/made"))
            await client.heard.until("take/notes", made["chunks"])
            assert (made["tempo"], made["bars"]) == (96.5, 2)
            notes = [m.arguments for m in client.heard.of("take/notes")]
            data = chunks_to_data([n[5] for n in notes], notes[0][4])  # type: ignore[misc, arg-type]
            assert pairs_to_clip(made, data) == house.takes.get(made["take"]).clip

    told_in(story)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("{", "a frame must be JSON"),
        ("[1]", "a frame must be a JSON object"),
        ('{"address": 5}', "a frame's address must be one such as /bandmate/hello, not 5"),
        ('{"address": "/bandmate/hello", "args": [null]}', "argument 0 of a frame must be"),
        ('{"upload": ""}', "upload must be a file's name of 1..200 characters"),
        (b"bytes out of the blue", "bytes must come behind a frame that names them"),
        ('{"address": "/bandmate/helo", "args": ["h"]}', "there is no address"),
    ],
)
def test_rubbish_is_told_and_the_page_and_others_go_on(frame: str | bytes, words: str) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client, page(wire) as other:
            await client.socket.send(frame)
            assert words in str((await client.heard.error())[2])
            for each in (client, other):
                await each.says("hello", "h")
                await each.heard.until("hello")
            assert other.heard.of("error") == []

    told_in(story)


def test_a_file_lies_where_it_is_said_until_the_page_closes() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            await client.gives("../../rain.PNG", b"\x89PNG")
            first = Path(await client.uploaded.get())
            assert (first.read_bytes(), first.suffix) == (b"\x89PNG", ".png")
            await client.gives("x", b"")
            assert (await client.heard.error())[:2] == ("upload", "ask")
            await client.gives("again.png", b"2")
            assert Path(await client.uploaded.get()) != first
        await until_gone(wire, house)
        assert not first.parent.exists()

    told_in(story)


async def until_gone(wire: PanelWire, house: House) -> None:
    """Wait until every page is forgotten."""
    gone = asyncio.Event()
    before = house.clients.on_gone

    def on_gone(client: Any) -> None:
        if before:
            before(client)
        gone.set()

    house.clients.on_gone = on_gone
    async with asyncio.timeout(PATIENCE):
        if len(house.clients):
            await gone.wait()
        while wire.pages:  # its files go behind it, in a thread
            await asyncio.sleep(0)


def test_two_files_that_are_named_at_once_keep_their_names() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            for frame in ('{"upload": "a.png"}', '{"upload": "b.wav"}', b"a", b"b"):
                await client.socket.send(frame)
            files = [Path(await client.uploaded.get()) for _ in range(2)]
            assert [(file.suffix, file.read_bytes()) for file in files] == [
                (".png", b"a"),
                (".wav", b"b"),
            ]

    told_in(story)


def test_a_file_beyond_the_limit_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_BYTES", 9)

    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            await client.gives("long.wav", b"0123456789")
            error = await client.heard.error()
            assert error == ("upload", "ask", "a file must have 1..9 bytes, not 10")

    told_in(story)


def test_a_picture_that_was_given_inspires_chords() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            await client.gives("rain.png", b"\x89PNG")
            await client.says("chords/ask", "c", "image", await client.uploaded.get())
            await client.heard.until("chords/made")

    told_in(story)


def test_two_pages_and_a_surface_see_the_same() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        tablet, heard = house.client()
        house.says(tablet, "subscribe", "s", "to", "takes,mix")
        async with page(wire) as one, page(wire) as two:
            for each in (one, two):
                await each.says("subscribe", "s", "to", "song,takes,mix")
                await each.heard.until("take/mixed")
            await one.says("song/set", 1, "tempo", 91)
            assert told(await two.heard.until("song/told", 2))["tempo"] == 91
            await two.says("loop/ask", 2, "bars", 1)
            made = told(await one.heard.until("take/told"))
            assert made["news"] == "made"
            assert house.takes.get(made["take"]).clip.tempo == 91
            await one.says("take/mix", 3, "mute", "bass")
            assert (await two.heard.until("take/mixed", 2)).arguments[1] == "bass"
            await one.says("take/star", 4, made["take"], True)
            for hears in (two.heard, heard):
                news = told(await hears.until("take/told", 2))
                assert (news["news"], news["star"]) == ("starred", 1)
        assert (await heard.until("take/mixed", 2)).arguments[1] == "bass"

    told_in(story)


def test_one_tempo_for_a_page_a_surface_and_the_time() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        tablet, heard = house.client()
        async with page(wire) as client:
            await client.says("subscribe", "s", "to", "song")
            await client.says("song/set", 1, "tempo", 91, "meter", "3/4")
            await client.heard.until("song/changed")
            await until_led(house, 91)
            house.says(tablet, "song/get", 1)
            shared = told(await heard.until("song/told"))
            assert (shared["tempo"], shared["meter"], shared["free"]) == (91, "3/4", "key")
            house.says(tablet, "transport/set", 2, "tempo", 140)
            await heard.until("transport/changed")
            while (news := told(client.heard.of("song/told")[-1]))["tempo"] != 140:
                await asyncio.sleep(0.01)
            assert news["meter"] == "3/4"
            await client.says("song/set", 3, "free", "tempo")
            await client.heard.until("song/changed", 2)
            assert not house.desk.deck.is_led

    told_in(story)


async def until_led(house: House, tempo: float) -> None:
    """Wait until the time goes at a tempo."""
    while house.desk.deck.grid.tempo != tempo:
        await asyncio.sleep(0.01)


def test_song_and_undo_stay_when_the_page_comes_back() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            await client.says("song/set", 1, "tempo", 77)
            await client.heard.until("song/changed")
            await client.says("loop/ask", 2, "bars", 1)
            await client.heard.until("loop/made")
            await client.says("take/accept", 3)
            await client.heard.until("take/accepted")
        async with page(wire) as client:
            await client.says("song/get", 1)
            assert told(await client.heard.until("song/told"))["tempo"] == 77
            await client.says("take/undo", 2)
            assert (await client.heard.until("take/undone")).arguments == (2, 1)

    told_in(story)


def test_a_loop_whose_page_is_gone_is_made_and_kept() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        house.worker.gate.clear()
        async with page(wire) as client:
            await client.says("loop/ask", 1, "bars", 1)
            await house.worker.begun.wait()
        await until_gone(wire, house)
        house.worker.gate.set()
        await house.desk.idle()
        assert house.takes.get(1).clip.bars == 1

    told_in(story)


def test_a_page_that_is_back_is_answered_what_it_asked_and_nothing_is_done_twice() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        house.worker.gate.clear()
        async with page(wire, "x7k2p9") as client:
            await client.says("loop/ask", "a1", "bars", 1)
            await house.worker.begun.wait()
        await until_gone(wire, house)
        async with page(wire, "x7k2p9") as client:
            await client.says("loop/ask", "a1", "bars", 1)  # as a page does that waits for it
            house.worker.gate.set()
            assert told(await client.heard.until("loop/made"))["take"] == 1
            await house.desk.idle()
        async with page(wire, "x7k2p9") as client:
            await client.says("loop/ask", "a1", "bars", 1)
            assert told(await client.heard.until("loop/made"))["take"] == 1
        async with page(wire, "another") as client:
            await client.says("loop/ask", "a1", "bars", 1)
            assert told(await client.heard.until("loop/made"))["take"] == 2

    told_in(story)


def test_a_page_that_is_back_before_its_old_connection_ends_hears_on_the_new_one() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire, "x7k2p9") as old, page(wire, "x7k2p9") as new:
            await new.says("subscribe", "s", "to", "takes")
            await new.heard.until("subscribed")
            await old.socket.close()
            await old.is_over.wait()
            while len(wire.pages) > 1:
                await asyncio.sleep(0.01)
            await new.says("loop/ask", 1, "bars", 1)
            await new.heard.until("loop/made")
            assert told(await new.heard.until("take/told"))["take"] == 1

    told_in(story)


@pytest.mark.parametrize("name", ["short", "A7K2P9", "x" * 41, "../../etc"])
def test_a_page_without_a_plain_name_is_called_by_its_port(name: str) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire, name) as client:
            await client.says("hello", 1)
            await client.heard.until("hello")
            (there,) = wire.pages
            assert there.client.name.removeprefix("panel#").isdigit()

    told_in(story)


def test_a_page_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "UNREAD_CHARS", 2000)

    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            for number in range(30):  # one frame, one turn of the loop: all wait for the sender
                house.desk.take_in(next(iter(wire.pages)).client, hello(number))
            await client.is_over.wait()
            await until_gone(wire, house)

    told_in(story)


def hello(number: int) -> Message:
    return Message("/bandmate/hello", (number,))


def test_what_was_said_is_out_before_the_wire_closes() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            house.worker.gate.clear()
            await client.says("loop/ask", 1, "bars", 1)
            await house.worker.begun.wait()
            await house.desk.close()
            await wire.close()
            await client.is_over.wait()
            assert "bandmate is stopping" in str((await client.heard.error())[2])
            assert client.socket.close_code == 1001
        assert wire.port == 0

    told_in(story)


def test_more_pages_than_may_be_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "PAGES", 1)

    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            with pytest.raises(InvalidStatus) as refused:
                async with page(wire):
                    pass
            assert refused.value.response.status_code == 503
            await client.says("hello", 1)
            await client.heard.until("hello")

    told_in(story)


def test_a_port_that_is_taken_is_told_and_nothing_else_is_harmed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        second = PanelWire(house.desk, house.clients, no_sound)
        await second.open(wire.port)
        assert second.port == 0
        assert f"the panel is not served on port {wire.port}" in caplog.text
        await second.close()

    told_in(story)
