"""What the panel is served over HTTP: its own files, a take as a .mid and as sound; nothing else.

Who asks must name this machine and our port, and come from no other site: a page of a stranger
can neither read here nor talk to the socket, even where a name of its own leads to this machine.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bandmate.errors import AskError, BandmateError
from bandmate.music import midifile
from bandmate.music.clip import Clip
from bandmate.takes import Takes

SOCKET = "/ws"
"""Where the WebSocket is."""

FOLDER = Path(__file__).parents[1] / "panel"
"""The page."""

NAMES = ("127.0.0.1", "localhost")
"""What this machine may be called."""

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
_FOREIGN = ("cross-site", "same-site")

Sound = Callable[[int, Clip], Awaitable[bytes]]
"""Returns the WAV of a take's number and clip; raises BandmateError."""


class Files:
    """Answers GET; used from the event loop."""

    def __init__(self, takes: Takes, sound: Sound, folder: Path = FOLDER) -> None:
        """Take the takes, what renders one, and the folder of the page."""
        self._takes = takes
        self._sound = sound
        self._folder = folder

    async def answer(self, request: Request, port: int) -> Response | None:
        """Return what is answered; None where the WebSocket may be opened."""
        path = urlsplit(request.path).path
        if not is_ours(request.headers, port, is_socket=path == SOCKET):
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

    async def _take(self, place: str, number: int, kind: str, port: int) -> Response:
        if (place, kind) not in (("clips", "mid"), ("sound", "wav")):
            return _said(HTTPStatus.NOT_FOUND, "there is nothing here", port)
        try:
            take = await asyncio.to_thread(self._takes.get, number)
            if kind == "mid":
                data, type_ = await asyncio.to_thread(midifile.to_bytes, take.clip), "audio/midi"
            else:
                data, type_ = await self._sound(number, take.clip), "audio/wav"
        except AskError as error:
            return _said(HTTPStatus.NOT_FOUND, str(error), port)
        except BandmateError as error:
            return _said(HTTPStatus.SERVICE_UNAVAILABLE, str(error), port)
        response = _response(HTTPStatus.OK, type_, data, port)
        name = quote(f"{take.file.stem}.{kind}", safe="")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return response


def is_ours(headers: Headers, port: int, is_socket: bool) -> bool:
    """Return True for a request that means this machine and comes from our page or from none.

    A WebSocket must name where it comes from, as every browser does: it is the one that can act.
    """
    places = {f"{name}:{port}" for name in NAMES}
    hosts = headers.get_all("Host")
    origins = headers.get_all("Origin")
    if len(hosts) != 1 or hosts[0].lower() not in places:
        return False
    if not origins:
        is_foreign = headers.get("Sec-Fetch-Site") in _FOREIGN
        # A link from elsewhere may lead here; no other page may take our files for its own.
        return not is_socket and (not is_foreign or headers.get("Sec-Fetch-Mode") == "navigate")
    return len(origins) == 1 and origins[0].lower() in {f"http://{place}" for place in places}


def _policy(port: int) -> str:
    """Return what the page may load: ours alone, and what it made itself."""
    # Not every browser takes 'self' for the socket too.
    sockets = " ".join(f"ws://{name}:{port}" for name in NAMES)
    return (
        f"default-src 'self'; connect-src 'self' {sockets}; img-src 'self' blob: data:; "
        "media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _said(status: HTTPStatus, words: str, port: int) -> Response:
    return _response(status, "text/plain; charset=utf-8", f"{words}\n".encode(), port)


def _response(status: HTTPStatus, kind: str, body: bytes, port: int) -> Response:
    headers = Headers(
        {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Content-Security-Policy": _policy(port),
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
            "Connection": "close",
        }
    )
    return Response(status.value, status.phrase, headers, body)
