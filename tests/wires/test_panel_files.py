"""What the panel serves over HTTP, to whom, and what it keeps to itself; over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import pytest
from websockets.asyncio.client import connect
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from bandmate.errors import Unavailable
from bandmate.music import midifile
from bandmate.music.clip import Clip
from bandmate.wires.page import files as panel_files
from bandmate.wires.page.websocket import HOST, PanelWire
from wires.fake_daemon import House
from wires.test_panel import page, told_in


async def got(
    wire: PanelWire, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Response:
    """Ask for a path as it is written, and return what is answered."""
    reader, writer = await asyncio.open_connection(HOST, wire.port)
    said = {"Host": f"{HOST}:{wire.port}", **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in said.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    data = await reader.read()
    writer.close()
    head, _, body = data.partition(b"\r\n\r\n")
    status, *rest = head.decode().split("\r\n")
    response = Response(int(status.split()[1]), "", Headers(), body)
    for line in rest:
        name, _, value = line.partition(": ")
        response.headers[name] = value
    return response


def test_the_page_is_served_and_may_load_from_here_alone() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        root, named = await got(wire, "/"), await got(wire, "/index.html?now")
        assert root.status_code == 200
        assert root.body == named.body == (panel_files.FOLDER / "index.html").read_bytes()
        assert root.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = root.headers["Content-Security-Policy"]
        assert (
            policy.startswith("default-src 'none'; script-src 'self'; ")
            and "frame-ancestors 'none'" in policy
        )
        assert f"ws://127.0.0.1:{wire.port} " in policy
        assert "unsafe" not in policy and "*" not in policy
        assert (root.headers["X-Content-Type-Options"], root.headers["Connection"]) == (
            "nosniff", "close",
        )  # fmt: skip

    told_in(story)


def test_every_kind_of_file_has_its_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("index.html", "deep/notes.js", "look.css", "secret.py", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path.parent / "beside.html").write_text("beside")

    async def story(house: House, wire: PanelWire) -> None:
        wire._files._folder = tmp_path
        found = {
            path: (await got(wire, path)).status_code
            for path in ("/deep/notes.js", "/look.css", "/secret.py", "/.hidden", "/deep", "/deep/")
        }
        assert found == {
            "/deep/notes.js": 200, "/look.css": 200, "/secret.py": 404, "/.hidden": 404,
            "/deep": 404, "/deep/": 404,
        }  # fmt: skip
        types = [
            (await got(wire, p)).headers["Content-Type"] for p in ("/deep/notes.js", "/look.css")
        ]
        assert types == ["text/javascript; charset=utf-8", "text/css; charset=utf-8"]

    told_in(story)


@pytest.mark.parametrize(
    "path",
    [
        "/../serve.py", "/../panel/index.html", "/./index.html", "//etc/passwd", "/%2e%2e/serve.py",
        "/..%2fserve.py", "/deep/../../serve.py", "/..\\serve.py", "/etc/passwd", "/index.html/",
        "/C:/Windows/win.ini", "/index.html%00", "/clips/../takes.sqlite3", "http://evil/x",
        "/clips/1.wav", "/sound/1.mid", "/clips/0.mid", "/clips/01.mid", "/clips/-1.mid",
        "/clips/1.mid.mid", "/clips/99999999999999999999.mid", "/ws/", "/clips/",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(path: str) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        response = await got(wire, path)
        assert response.status_code == 404
        assert b"import" not in response.body

    told_in(story)


def test_a_take_is_served_as_midi_and_as_sound() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        async with page(wire) as client:
            await client.says("loop/ask", 1, "bars", 1)
            await client.heard.until("loop/made")
        take = house.takes.get(1)
        midi, wav = await got(wire, "/clips/1.mid"), await got(wire, "/sound/1.wav")
        assert midi.body == midifile.to_bytes(take.clip)
        assert midi.headers["Content-Type"] == "audio/midi"
        name = midi.headers["Content-Disposition"]
        assert name.startswith("attachment; filename*=UTF-8''") and name.endswith("%231.mid")
        assert (wav.body, wav.headers["Content-Type"]) == (b"RIFF", "audio/wav")
        missing = await got(wire, "/clips/7.mid")
        assert (missing.status_code, missing.body) == (404, b"take must be in 1..1, not 7\n")

    told_in(story)


def test_sound_that_cannot_be_had_is_told_in_words() -> None:
    async def broken(number: int, clip: Clip) -> BinaryIO:
        raise Unavailable("the synthesiser died")

    async def story(house: House, wire: PanelWire) -> None:
        wire._files._sound = broken
        async with page(wire) as client:
            await client.says("loop/ask", 1, "bars", 1)
            await client.heard.until("loop/made")
        response = await got(wire, "/sound/1.wav")
        assert (response.status_code, response.body) == (503, b"the synthesiser died\n")

    told_in(story)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "LOCALHOST:{port}"}, 200),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Host": "evil.example:{port}"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Host": "127.0.0.1:80"}, 403),
        ({"Host": "127.0.0.1:{port}.evil.example"}, 403),
        ({"Host": "0.0.0.0:{port}"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_this_machines_own_page_is_served(headers: dict[str, str], status: int) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        said = {name: value.format(port=wire.port) for name, value in headers.items()}
        response = await got(wire, "/", headers=said)
        assert response.status_code == status
        if status == 403:
            assert response.body == b"this is for pages of this machine alone\n"

    told_in(story)


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", "http://127.0.0.1:1", "https://127.0.0.1:{port}",
     "http://evil.example:{port}", "http://127.0.0.1:{port}.evil.example", "file://"],
)  # fmt: skip
def test_a_socket_is_opened_for_our_own_page_alone(origin: str | None) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        said = origin.format(port=wire.port) if origin else None
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://{HOST}:{wire.port}/ws", origin=said):  # type: ignore[arg-type]
                pass
        assert refused.value.response.status_code == 403
        assert len(house.clients) == 0

    told_in(story)


def test_a_name_that_leads_here_by_a_trick_opens_no_socket() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        evil = f"evil.example:{wire.port}"
        with socket.create_connection((HOST, wire.port)) as sock, pytest.raises(InvalidStatus):
            async with connect(f"ws://{evil}/ws", sock=sock, origin=f"http://{evil}"):  # type: ignore[arg-type]
                pass
        assert len(house.clients) == 0

    told_in(story)


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "OPTIONS"])
def test_only_get_is_answered(method: str) -> None:
    async def story(house: House, wire: PanelWire) -> None:
        assert (await got(wire, "/", method)).status_code == 405

    told_in(story)


def test_what_is_no_http_is_hung_up_on() -> None:
    async def story(house: House, wire: PanelWire) -> None:
        for data in (b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nBad\r\n\r\n"):
            reader, writer = await asyncio.open_connection(HOST, wire.port)
            writer.write(data)
            assert not (await reader.read()).startswith(b"HTTP/1.1 200")
            writer.close()
        assert (await got(wire, "/")).status_code == 200

    told_in(story)
