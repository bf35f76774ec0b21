"""OSCQuery: the namespace says what the tables say, and HTTP is answered with it, no more."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import pytest

from bandmate.contract.addresses import ADDRESSES, ANSWERS
from bandmate.fields import Flag, OneOf, Real, Text, Whole
from bandmate.surfaces.table import PREFIX, WIDGETS
from bandmate.wires import oscquery
from bandmate.wires.catalogue import catalogue
from bandmate.wires.namespace import READ, WRITE, found, leaf, namespace, range_of, type_of
from bandmate.wires.oscquery import QueryWire
from wires.fake_daemon import House, told_in

LETTERS = {str: "s", int: "i", float: "f"}


def tree(tempo: float = 96.0) -> dict[str, Any]:
    values = {"/bandmate/keywords/told": lambda: ("keywords", "dark")}
    more = [leaf("/bandmate/knob", "a knob", "f", READ | WRITE, Real(0, tempo))]
    return namespace(ADDRESSES.values(), ANSWERS.values(), values, more)


def test_every_address_is_a_node_with_its_words() -> None:
    root = tree()
    for address in ADDRESSES.keys() | ANSWERS.keys():
        node = found(root, address)
        assert node is not None
        row = ADDRESSES.get(address) or ANSWERS[address]
        assert (node["FULL_PATH"], node["DESCRIPTION"]) == (address, row.words)
        assert bool(node["ACCESS"] & WRITE) == (address in ADDRESSES)
    assert found(root, "/")["ACCESS"] == 0  # type: ignore[index]
    assert found(root, "/bandmate/loop/nothing") is None
    assert found(root, "/bandmate/knob")["RANGE"] == [{"MIN": 0, "MAX": 96.0}]  # type: ignore[index]


def test_a_node_tells_types_ranges_and_what_may_be_named() -> None:
    play = found(tree(), "/bandmate/take/play")
    assert play is not None
    assert (play["TYPE"], play["RANGE"][1]) == ("si", {"MIN": 0, "MAX": 2**31 - 1})
    assert [pair["NAME"] for pair in play["PAIRS"]] == ["at", "loop", "count_in"]
    assert play["PAIRS"][2]["RANGE"] == [{"MIN": 0, "MAX": 4}]


def test_a_value_has_the_types_that_its_node_says() -> None:
    node = found(tree(), "/bandmate/keywords/told")
    assert node is not None
    assert node["VALUE"] == ["", "keywords", "dark"]
    assert (node["ACCESS"], node["TYPE"]) == (READ, "sss")
    assert "".join(LETTERS[type(value)] for value in node["VALUE"]) == node["TYPE"]


@pytest.mark.parametrize(
    ("range_", "letter", "written"),
    [
        (Whole(1, 4), "i", {"MIN": 1, "MAX": 4}),
        (Real(0, 1), "f", {"MIN": 0, "MAX": 1}),
        (Flag(), "i", {"MIN": 0, "MAX": 1}),
        (OneOf(("a", "b")), "s", {"VALS": ["a", "b"]}),
        (Text(".*", "anything"), "s", {"WORDS": "anything"}),
    ],
)
def test_ranges(range_: Any, letter: str, written: dict[str, Any]) -> None:
    assert (type_of(range_), range_of(range_)) == (letter, written)


# HTTP


def answered(story: Callable[[QueryWire], Awaitable[None]]) -> None:
    async def played() -> None:
        wire = QueryWire(tree, 7770)
        await wire.open(0)
        try:
            await story(wire)
        finally:
            await wire.close()
        assert wire.port == 0

    asyncio.run(played())


async def asked(wire: QueryWire, request: bytes) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection(oscquery.HOST, wire.port)
    try:
        writer.write(request)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    except ConnectionError:  # it hung up before all was read
        head, body = b"", b""
    writer.close()
    return (int(head.split()[1]) if head else 0), body


def get(target: str, host: str = "127.0.0.1:7772") -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n".encode()


def test_the_tree_a_node_an_attribute_and_the_host_are_told() -> None:
    async def story(wire: QueryWire) -> None:
        status, body = await asked(wire, get("/"))
        assert (status, json.loads(body)) == (200, tree())
        status, body = await asked(wire, get("/bandmate/hello"))
        assert json.loads(body)["DESCRIPTION"] == ADDRESSES["/bandmate/hello"].words
        status, body = await asked(wire, get("/bandmate/keywords/told?VALUE", "localhost"))
        assert json.loads(body) == {"VALUE": ["", "keywords", "dark"]}
        status, body = await asked(wire, get("/?HOST_INFO"))
        info = json.loads(body)
        assert (info["OSC_PORT"], info["OSC_TRANSPORT"], info["OSC_IP"]) == (
            7770, "UDP", "127.0.0.1",
        )  # fmt: skip
        assert info["EXTENSIONS"]["LISTEN"] is False

    answered(story)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/nowhere"), HTTPStatus.NOT_FOUND),
        (get("/../../etc/passwd"), HTTPStatus.NOT_FOUND),
        (get("/bandmate/hello?NOTHING"), HTTPStatus.BAD_REQUEST),
        (get("/bandmate?VALUE"), HTTPStatus.NO_CONTENT),
        (get("//[x"), HTTPStatus.BAD_REQUEST),
        (get("/", "evil.example:7772"), HTTPStatus.FORBIDDEN),
        (b"GET / HTTP/1.1\r\n\r\n", HTTPStatus.FORBIDDEN),
        (get("/").replace(b"GET", b"POST"), HTTPStatus.METHOD_NOT_ALLOWED),
        (b"\xff\xfe\r\n\r\n", HTTPStatus.METHOD_NOT_ALLOWED),
    ],
)
def test_what_makes_no_sense_is_refused(request_: bytes, status: HTTPStatus) -> None:
    async def story(wire: QueryWire) -> None:
        assert await asked(wire, request_) == (status, b"")

    answered(story)


def test_who_asks_at_length_or_never_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(wire: QueryWire) -> None:
        assert (await asked(wire, b"GET /" + b"a" * 20_000))[0] == 0
        monkeypatch.setattr(oscquery, "PATIENCE", 0.0)
        assert (await asked(wire, b"GET / HTTP"))[0] == 0
        monkeypatch.undo()
        assert (await asked(wire, get("/")))[0] == 200

    answered(story)


def test_a_port_that_is_taken_is_told_and_all_else_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        with socket.create_server((oscquery.HOST, 0)) as taken:
            wire = QueryWire(tree, 7770)
            await wire.open(taken.getsockname()[1])
            assert wire.port == 0
            await wire.close()

    asyncio.run(story())
    assert [r.getMessage().split(" on port")[0] for r in caplog.records] == ["OSCQuery is not told"]


# what the daemon tells


def test_the_daemons_own_tree_tells_how_things_stand() -> None:
    async def story(house: House) -> None:
        daw, heard = house.client()
        house.says(daw, "hello", 1, "owns", "daw")
        house.says(daw, "song/set", 2, "tempo", 96, "key", "A:min")
        house.says(daw, "keywords/set", 3, "keywords", "dark")
        house.says(daw, "take/mix", 4, "mute", "bass")
        house.says(daw, "transport/get", 5)
        await house.desk.idle()
        root = catalogue(house.desk)
        changed = heard.of("song/changed")[0].arguments[1:]
        for address, value in (
            ("song/told", changed[:18]),
            ("keywords/told", ("keywords", "dark")),
            ("take/mixed", ("bass", "")),
            ("transport/told", ("beat", 0.0)),
        ):
            node = found(root, f"/bandmate/{address}")
            assert node is not None
            assert tuple(node["VALUE"][1 : 1 + len(value)]) == value
            assert "".join(LETTERS[type(atom)] for atom in node["VALUE"]) == node["TYPE"]
        assert changed[:4] == ("tempo", 96.0, "key", "A:min")
        json.dumps(root)

    told_in(story)


def test_the_surfaces_controls_are_in_the_tree() -> None:
    async def story(house: House) -> None:
        root = catalogue(house.desk)
        tempo = found(root, f"{PREFIX}tempo")
        assert tempo is not None
        assert (tempo["TYPE"], tempo["RANGE"]) == ("f", [{"MIN": 20, "MAX": 400}])
        assert all(found(root, f"{PREFIX}{name}") for name in WIDGETS)

    told_in(story)
