"""Bytes that make no sense, by the hundred thousand, through the door of UDP."""

from __future__ import annotations

import asyncio
import logging
import random
import struct
from collections import Counter
from typing import Any

import pytest

from bandmate.wires.osc import Datagrams, OscWire
from wires.fake_daemon import housed
from wires.test_osc import HOST, packet, udp

VALID = [
    packet("hello", 1, "client", "fuzz", "owns", "daw"),
    packet("song/set", "s", "tempo", 96.0, "key", "A:min", "chords", "A:min D:min,G:7"),
    packet("song/get", 2, "reply", "mailbox:fuzz"),
    packet("loop/ask", "a", "bars", 1, "parts", "drums,bass", "notes", "blob", "reply", 9001),
    packet("chords/ask", "c", "text", "rain", "cards", 1, "keywords", "warm:0.5!", "notes", "blob"),
    packet("chords/transcribe", "t", "/nowhere.wav", "key", "F:maj", "meter", "3/4"),
    packet("chords/suggest", 5, "before", "A:min D:min,G:7", "most", 3),
    packet("keywords/set", 6, "keywords", "warm:0.5,hip hop!"),
    packet("keywords/get", 7),
    packet("take/play", 3, 0),
    packet("take/accept", 3.5, 1),
    packet("take/undo", 4),
    packet("take/insert", 4, 1),
    packet("cancel", "a"),
    packet("panic"),
    b"#bundle\0" + bytes(7) + b"\1" + struct.pack(">i", 16) + b"/bandmate/hello\0",
]


def garbage(seed: int) -> bytes:
    """Return bytes that are random, or a good packet with some of it changed."""
    chance = random.Random(seed)
    if chance.random() < 0.3:
        start = chance.choice((b"", b"/", b"#bundle\0", b"/bandmate/loop/ask\0\0,"))
        return start + chance.randbytes(chance.randrange(200))
    data = bytearray(chance.choice(VALID))
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at : at + 1] = chance.randbytes(1)
            case 1:
                del data[at : at + chance.randrange(1, 9)]
            case 2:
                data[at:at] = chance.randbytes(chance.randrange(1, 9))
            case _:
                data += chance.choice(VALID)
        data = data or bytearray(b"/")
    return bytes(data)


def test_a_hundred_thousand_datagrams_of_garbage_stop_nothing(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.WARNING)
    unhandled: list[dict[str, Any]] = []

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, told: unhandled.append(told))
        async with housed(queue=4) as house:
            wire = OscWire(house.desk, house.clients)
            door = Datagrams(wire)
            for seed in range(100_000):
                door.datagram_received(garbage(seed), (HOST, 9002 + seed % 300))
                while seed % 5000 == 4999 and len(asyncio.all_tasks()) > 1:
                    await asyncio.sleep(0.001)
            await wire.open(HOST, 0)
            async with udp(wire) as client:
                client.says("loop/ask", "last", "bars", 1)
                made = await client.heard.until("loop/made")
                assert made.arguments[0] == "last"
            await wire.close()
            heard = Counter(message.address for _, message in house.sent_by_udp)
            assert heard["/bandmate/error"] > 10_000
            assert heard["/bandmate/silenced"] > 100
            assert heard["/bandmate/song/changed"] > 500
            assert heard["/bandmate/loop/made"] > 0
            assert heard["/bandmate/chords/made"] > 0
            assert heard["/bandmate/chords/suggested"] > 100
            assert heard["/bandmate/keywords/changed"] > 100

    asyncio.run(story())
    assert unhandled == []
    assert [r for r in caplog.records if r.exc_info or r.levelno >= logging.ERROR] == []
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
