"""Which requests by HTTP are answered: of programs, of our page, and a link from elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bandmate.wires.origins import SHIELDS, is_ours
from bandmate.wires.oscquery import QueryWire
from bandmate.wires.page.websocket import HOST, PanelWire
from wires.fake_daemon import House, told
from wires.test_panel import page, told_in
from wires.test_panel_files import got
from wires.test_query import answered, asked

PORT = 7771
HERE = f"127.0.0.1:{PORT}"
Said = dict[str, str | list[str]]

PROGRAM: Said = {}
OWN: Said = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
TYPED: Said = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
LINK = TYPED | {"Sec-Fetch-Site": "cross-site"}
OTHER_PORT = TYPED | {"Sec-Fetch-Site": "same-site"}
IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


def fields(said: Said) -> Callable[[str], list[str]]:
    def values(name: str) -> list[str]:
        found = ({"Host": HERE} | said).get(name, [])
        return found if isinstance(found, list) else [found]

    return values


@pytest.mark.parametrize(
    ("said", "front", "else_"),
    [
        (PROGRAM, True, True),
        (OWN, True, True),
        (TYPED, True, True),
        (TYPED | {"Sec-Fetch-User": "?1"}, True, True),
        (LINK, True, False),
        (OTHER_PORT, True, False),
        (LINK | {"Sec-Fetch-Dest": []}, True, False),
        (LINK | {"Sec-Fetch-Dest": "iframe"}, False, False),
        (LINK | {"Sec-Fetch-Dest": "embed"}, False, False),
        (LINK | {"Sec-Fetch-Dest": "object"}, False, False),
        (LINK | {"Sec-Purpose": "prefetch;prerender"}, False, False),
        (LINK | {"Purpose": "prefetch"}, False, False),
        (LINK | {"Sec-Fetch-Mode": "nested-navigate"}, False, False),
        (LINK | {"Origin": "https://evil.example"}, False, False),
        (LINK | {"Origin": "null"}, False, False),
        (OTHER_PORT | {"Origin": "http://127.0.0.1:8000"}, False, False),
        (IMAGE, False, False),
        (IMAGE | {"Sec-Fetch-Site": "same-site"}, False, False),
        (IMAGE | {"Sec-Fetch-Dest": "audio"}, False, False),
        (OWN | {"Sec-Fetch-Site": ["same-origin", "cross-site"]}, False, False),
        (OWN | {"Sec-Fetch-Site": "nonsense"}, False, False),
        # A browser that says nothing of where a request comes from.
        ({"Referer": f"http://{HERE}/"}, True, True),
        ({"Referer": "https://evil.example/page"}, True, False),
        ({"Referer": "http://127.0.0.1:8000/"}, True, False),
        ({"Referer": "http://[x"}, True, False),
        ({"Origin": f"http://{HERE}"}, True, True),
        ({"Origin": "https://evil.example"}, False, False),
        ({"Origin": [f"http://{HERE}", f"http://{HERE}"]}, False, False),
        ({"Host": [HERE, HERE]}, False, False),
        ({"Host": [HERE, "evil.example"]}, False, False),
        ({"Host": []}, False, False),
        ({"Host": "localhost:7771"}, True, True),
        ({"Host": "evil.example:7771"}, False, False),
    ],
)
def test_a_request_is_answered_or_not(said: Said, front: bool, else_: bool) -> None:
    assert is_ours(fields(said), PORT, is_front=True) is front
    assert is_ours(fields(said), PORT) is else_


@pytest.mark.parametrize(
    ("said", "may"),
    [
        (PROGRAM, False),
        ({"Origin": f"http://{HERE}"}, True),
        ({"Origin": "http://localhost:7771"}, True),
        ({"Origin": "http://127.0.0.1:8000"}, False),
        ({"Origin": f"https://{HERE}"}, False),
        ({"Origin": f"http://{HERE}", "Host": "127.0.0.1"}, False),
        (TYPED, False),
    ],
)
def test_a_socket_is_for_our_own_page(said: Said, may: bool) -> None:
    assert is_ours(fields(said), PORT, is_socket=True) is may


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.1:9", "localhost:7771"])
def test_a_program_may_call_us_with_any_port_where_that_is_said(host: str) -> None:
    assert is_ours(fields({"Host": host}), PORT, is_any_port=True)
    assert not is_ours(fields({"Host": f"{host}.evil.example"}), PORT, is_any_port=True)
    assert not is_ours(fields({"Host": host, "Origin": f"http://{host}:1"}), PORT, is_any_port=True)


# the wires


@pytest.mark.parametrize("path", ["/", "/main.js", "/clips/1.mid", "/sound/1.wav", "/nothing"])
@pytest.mark.parametrize("said", [LINK, OTHER_PORT, IMAGE, LINK | {"Sec-Fetch-Dest": "iframe"}])
def test_another_site_gets_the_page_by_a_link_and_nothing_else(path: str, said: Said) -> None:
    rendered = []

    async def story(house: House, wire: PanelWire) -> None:
        sound = wire._files._sound

        async def counted(number: int, clip: object) -> object:
            rendered.append(number)
            return await sound(number, clip)  # type: ignore[arg-type]

        wire._files._sound = counted  # type: ignore[assignment]
        async with page(wire) as client:
            await client.says("loop/ask", 1, "bars", 1)
            assert told(await client.heard.until("loop/made"))["take"] == 1
        response = await got(wire, path, headers={k: str(v) for k, v in said.items()})
        is_link = path == "/" and said in (LINK, OTHER_PORT)
        assert response.status_code == (200 if is_link else 403)
        assert rendered == []
        for name, value in SHIELDS.items():
            assert response.headers[name] == value
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]

    told_in(story)


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_a_form_of_another_site_does_nothing(method: str) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        said = {k: str(v) for k, v in LINK.items()}
        assert (await got(wire, "/", method, said)).status_code == 405
        assert (await got(wire, "/clips/1.mid", method, said)).status_code == 403

    told_in(story)


def test_no_rubbish_in_a_request_is_a_mistake_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        assert (await got(wire, "//[x")).status_code == 404
        lines = ["GET / HTTP/1.1", f"Host: {HOST}:{wire.port}"]
        twice = ["Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"]
        reader, writer = await asyncio.open_connection(HOST, wire.port)
        writer.write("\r\n".join((*lines, *twice, "", "")).encode())
        assert (await reader.read()).startswith(b"HTTP/1.1 403")
        writer.close()

    told_in(story)
    assert caplog.records == []


QUERIES = [
    ("Host: 127.0.0.1", 200),
    ("Host: localhost:7772", 200),
    ("Host: 127.0.0.1\r\nSec-Fetch-Site: none", 200),
    ("Host: 127.0.0.1\r\nOrigin: http://127.0.0.1:{port}", 200),
    ("Host: 127.0.0.1\r\nHost: 127.0.0.1", 403),
    ("Host: evil.example\r\nHost: 127.0.0.1", 403),
    ("host: 127.0.0.1\r\nHOST: evil.example", 403),
    ("Host: evil.example", 403),
    ("Host: 127.0.0.1\r\nOrigin: https://evil.example", 403),
    ("Host: 127.0.0.1\r\nOrigin: null", 403),
    ("Host: 127.0.0.1\r\nOrigin: http://127.0.0.1:8000", 403),
    ("Host: 127.0.0.1\r\nSec-Fetch-Site: cross-site", 403),
    ("Host: 127.0.0.1\r\nSec-Fetch-Site: same-site", 403),
    ("Host: 127.0.0.1\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate", 403),
    ("Host: 127.0.0.1\r\nReferer: https://evil.example/", 403),
]


@pytest.mark.parametrize(("said", "status"), QUERIES)
def test_oscquery_is_for_programs_of_this_machine(said: str, status: int) -> None:
    async def story(wire: QueryWire) -> None:
        head = f"GET / HTTP/1.1\r\n{said.format(port=wire.port)}\r\n\r\n"
        assert (await asked(wire, head.encode()))[0] == status

    answered(story)


def test_what_oscquery_answers_can_be_shown_and_loaded_by_no_page() -> None:
    async def story(wire: QueryWire) -> None:
        reader, writer = await asyncio.open_connection(HOST, wire.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        head = (await reader.read()).partition(b"\r\n\r\n")[0].decode().split("\r\n")
        assert {f"{name}: {value}" for name, value in SHIELDS.items()} <= set(head)
        assert "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'" in head
        assert not any("access-control" in line.lower() for line in head)
        writer.close()

    answered(story)
