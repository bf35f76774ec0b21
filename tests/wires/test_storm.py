"""Every ask is answered once or refused in words, whatever the weather does to datagrams."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import pytest

from bandmate.contract.messages import Message, chunks_to_data, clip_to_data
from bandmate.wires.osc import OscWire
from wires.fake_daemon import PATIENCE, House, housed, told
from wires.storm import storm
from wires.test_osc import HOST, UdpClient, udp
from wires.weather import RETRY_SECONDS, Weather


def test_paced_asks_are_all_answered_by_one_take_each() -> None:
    books = asyncio.run(storm(clients=8, asks=160, at_once=1, share=0.05, seed=1))
    assert books.is_balanced, books
    assert (books.made, books.kept, books.refused) == (160, 160, {})
    assert min(books.lost, books.doubled, books.swapped) > 0
    assert books.sent > books.asked


@pytest.mark.parametrize("seed", [1, 2])
def test_a_flood_is_answered_or_refused_in_words_and_nothing_is_done_twice(seed: int) -> None:
    books = asyncio.run(storm(clients=8, asks=800, at_once=100, share=0.05, seed=seed))
    assert books.is_balanced, books
    assert books.made >= 17
    assert any("asks wait already" in words for words in books.refused)


async def chunks_in(client: UdpClient, weather: Weather) -> list[Message]:
    """Ask for a long loop with its notes, again and again, until every chunk has come through."""
    arrived: dict[int, Message] = {}
    while True:
        client.heard.messages.clear()
        weather.passes(partial(client.says, "loop/ask", "a1", "bars", 64, "notes", "blob"))
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY_SECONDS):
                made = told(await client.heard.until("loop/made"))
                await client.heard.until("take/notes", made["chunks"])
        for message in client.heard.of("take/notes"):
            weather.passes(partial(arrived.__setitem__, int(message.arguments[2]), message))
        counts = {int(message.arguments[3]) for message in arrived.values()}
        if counts == {len(arrived)}:
            return [arrived[index] for index in sorted(arrived)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_notes_of_a_long_take_come_whole_through_bad_weather(seed: int) -> None:
    async def story(house: House) -> None:
        wire = OscWire(house.desk, house.clients)
        await wire.open(HOST, 0)
        weather = Weather(0.2, seed)
        async with udp(wire) as client:
            notes = await chunks_in(client, weather)
        await wire.close()
        assert len(notes) > 1
        blobs = [m.arguments[5] for m in notes if isinstance(m.arguments[5], bytes)]
        data = chunks_to_data(blobs, int(notes[0].arguments[4]))
        (take,) = house.takes.listed()
        assert data == clip_to_data(take.clip)

    async def played() -> None:
        async with housed() as house:
            await asyncio.wait_for(story(house), PATIENCE)

    asyncio.run(played())
