"""Once the daemon stops, whoever asks is told so in words, on every wire, and nothing is made."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bandmate import paths
from bandmate.contract.messages import Message, message_to_text, text_to_message
from bandmate.handlers.dispatcher import STOPPING
from bandmate.wires.mailbox import MailboxWire
from bandmate.wires.osc import OscWire
from bandmate.wires.page.websocket import PanelWire
from bandmate.wires.surfaces import Surfaces
from wires.fake_daemon import PATIENCE, House, housed, told_in
from wires.test_osc import tcp, udp
from wires.test_panel import no_sound, page


async def stopped(house: House) -> None:
    """Have a loop in work, and begin to stop."""
    house.worker.gate.clear()
    client, heard = house.client()
    house.says(client, "loop/ask", "before", "bars", 1)
    await house.worker.begun.wait()
    await house.desk.close()
    assert (await heard.error())[::2] == ("before", STOPPING)


def test_what_was_in_work_is_told_and_what_is_asked_is_refused() -> None:
    async def story(house: House) -> None:
        await stopped(house)
        client, heard = house.client()
        for address in ("loop/ask", "chords/ask", "take/play", "song/set", "hello", "live/get"):
            house.says(client, address, address)
            id_, code, words = await heard.error(len(heard.messages))
            assert (id_, code, words) == (address, "unavailable", STOPPING)
        assert house.takes.listed() == []

    told_in(story)


def test_an_answer_of_before_is_told_again() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", "a", "bars", 1)
        await heard.until("loop/made")
        await house.desk.close()
        house.says(client, "loop/ask", "a", "bars", 1)
        await heard.until("loop/made", 2)

    told_in(story)


def test_every_network_wire_refuses_in_words() -> None:
    async def story() -> None:
        async with housed() as house:
            osc = OscWire(house.desk, house.clients)
            panel = PanelWire(house.desk, house.clients, no_sound)
            await osc.open("127.0.0.1", 0)
            await panel.open(0)
            async with udp(osc) as one, tcp(osc) as two, page(panel) as three:
                await stopped(house)
                one.says("loop/ask", 1)
                two.says("loop/ask", 1)
                await three.says("loop/ask", 1)
                for client in (one, two, three):
                    assert (await client.heard.error())[2] == STOPPING
            await panel.close()
            await osc.close()

    asyncio.run(story())


def test_a_mailbox_is_answered_in_words(home: Path) -> None:
    async def story(house: House) -> None:
        wire = MailboxWire(paths.mailboxes(), house.desk, house.clients)
        await wire.open()
        await stopped(house)
        box = paths.mailboxes() / "reaper"
        (box / "asks").mkdir(parents=True)
        (box / "asks" / ".1.msg").write_text(message_to_text(Message("/bandmate/loop/ask", (1,))))
        (box / "asks" / ".1.msg").rename(box / "asks" / "1.msg")
        async with asyncio.timeout(PATIENCE):
            while not (answers := list((box / "answers").glob("[0-9]*.msg"))):
                await asyncio.sleep(0.01)
        assert text_to_message(answers[0].read_text()).arguments[2] == STOPPING
        await wire.close()

    told_in(story)


def test_a_surface_shows_it() -> None:
    async def story() -> None:
        async with housed() as house:
            surfaces = Surfaces(house.desk)
            await surfaces.open()
            tablet, heard = house.client()
            surfaces.take_in(tablet, Message("/bandmate/surface/hello", ()))
            await heard.until("surface/words")
            await stopped(house)
            surfaces.take_in(tablet, Message("/bandmate/surface/ask/loop", (1.0,)))
            async with asyncio.timeout(PATIENCE):
                while heard.of("surface/words")[-1].arguments != (STOPPING,):
                    await asyncio.sleep(0.01)
            await surfaces.close()
            heard.messages.clear()  # what a surface hears is a contract of its own

    asyncio.run(story())
