"""What the panel is served over HTTP: its own files, a take as a .mid and as sound; nothing else.

``origins`` says who may ask: a page of a stranger can neither read here, nor have sound rendered,
nor talk to the socket, even where a name of its own leads to this machine.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bandmate.errors import AskError, BandmateError
from bandmate.music import midifile
from bandmate.music.clip import Clip
from bandmate.takes.store import Takes
from bandmate.wires.origins import NAMES, SHIELDS, is_ours

SOCKET = "/ws"
"""Where the WebSocket is."""

SOUND = "/sound/"
"""Where takes are as sound."""

FOLDER = Path(__file__).parents[2] / "panel"
"""The page."""

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""Endings that are served, and as what."""

_TAKE = re.compile(r"/(clips|sound)/([1-9][0-9]{0,9})\.(mid|wav)")

Sound = Callable[[int, Clip], Awaitable[BinaryIO]]
"""Returns the WAV of a take's number and clip, open to be read; raises BandmateError."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """What is too large to be held: a head, and a file that is read as it is sent."""

    head: Response
    file: BinaryIO


class Files:
    """Answers GET; used from the event loop."""

    def __init__(self, takes: Takes, sound: Sound, folder: Path = FOLDER) -> None:
        """Take the takes, what renders one, and the folder of the page."""
        self._takes = takes
        self._sound = sound
        self._folder = folder

    async def answer(self, request: Request, port: int) -> Response | Streamed | None:
        """Return what is answered; None where the WebSocket may be opened."""
        fields = request.headers.get_all
        try:
            path = urlsplit(request.path).path
        except ValueError:  # no URL
            return _said(HTTPStatus.NOT_FOUND, "there is nothing here", port)
        if not is_ours(fields, port, is_front=path == "/", is_socket=path == SOCKET):
            return _said(HTTPStatus.FORBIDDEN, "this is for pages of this machine alone", port)
        if request.method != "GET":
            return _said(HTTPStatus.METHOD_NOT_ALLOWED, "only GET is answered", port)
        if path == SOCKET:
            return None
        if found := _TAKE.fullmatch(path):
            return await self._take(found[1], int(found[2]), found[3], port)
        return await asyncio.to_thread(self._file, path, port)

    def _file(self, path: str, port: int) -> Response:
        # Looked up among what there is: no path from outside ever names a file.
        wanted = "/index.html" if path == "/" else path
        for file in self._folder.rglob("*"):
            here = f"/{file.relative_to(self._folder).as_posix()}"
            if here == wanted and file.suffix in KINDS and file.is_file():
                return _response(HTTPStatus.OK, KINDS[file.suffix], file.read_bytes(), port)
        return _said(HTTPStatus.NOT_FOUND, "there is nothing here", port)

    async def _take(self, place: str, number: int, kind: str, port: int) -> Response | Streamed:
        if (place, kind) not in (("clips", "mid"), ("sound", "wav")):
            return _said(HTTPStatus.NOT_FOUND, "there is nothing here", port)
        try:
            take = await asyncio.to_thread(self._takes.get, number)
            name = {"Content-Disposition": _attached(f"{take.file.stem}.{kind}")}
            if kind == "wav":
                file = await self._sound(number, take.clip)
                more = name | {"Content-Length": str(file.seek(0, os.SEEK_END))}
                file.seek(0)
                return Streamed(_response(HTTPStatus.OK, "audio/wav", b"", port, more), file)
            data = await asyncio.to_thread(midifile.to_bytes, take.clip)
        except AskError as error:
            return _said(HTTPStatus.NOT_FOUND, str(error), port)
        except BandmateError as error:
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, str(error), port)
        return _response(HTTPStatus.OK, "audio/midi", data, port, name)


def refused(words: str, port: int) -> Response:
    """Return the answer to what cannot be done now."""
    return _said(HTTPStatus.SERVICE_UNAVAILABLE, words, port)


def _attached(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _policy(port: int) -> str:
    """Return what the page may load: ours alone, nothing that is written into it, no frames."""
    # Not every browser takes 'self' for the socket too.
    sockets = " ".join(f"ws://{name}:{port}" for name in NAMES)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"media-src 'self'; font-src 'self'; manifest-src 'self'; connect-src 'self' {sockets}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _said(status: HTTPStatus, words: str, port: int) -> Response:
    return _response(status, "text/plain; charset=utf-8", f"{words}\n".encode(), port)


def _response(
    status: HTTPStatus, kind: str, body: bytes, port: int, more: Mapping[str, str] | None = None
) -> Response:
    """Return an answer; *more* are headers that it has besides or instead."""
    headers = {
        "Content-Type": kind,
        "Content-Length": str(len(body)),
        "Content-Security-Policy": _policy(port),
        **SHIELDS,
        "Cache-Control": "no-cache",
        "Connection": "close",
        **(more or {}),
    }
    return Response(status.value, status.phrase, Headers(headers), body)
