"""OSCQuery: what bandmate takes and tells, as JSON over HTTP, for programs of this machine.

It is read and nothing is changed by it. A page of another site cannot read it: no leave is given to
other origins, and a request must name this machine.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from bandmate.wires.namespace import ATTRIBUTES, Node, found

HOST = "127.0.0.1"
"""The only address it is taken on, whatever OSC is taken on."""

PATIENCE = 5.0
"""Seconds that a request may take to come."""

CONNECTIONS = 16
"""Most requests at once."""

_HEAD_BYTES = 8192
_OURS = {HOST, "localhost", "[::1]"}

log = logging.getLogger(__name__)

Reply = tuple[HTTPStatus, object]
"""A status and what goes out as JSON; None is nothing."""


class QueryWire:
    """The HTTP socket, from open to close."""

    def __init__(self, tree: Callable[[], Node], osc_port: int) -> None:
        """Take what returns the tree as it is now, and the port of OSC."""
        self._tree = tree
        self._osc_port = osc_port
        self._server: asyncio.Server | None = None
        self._open = 0

    @property
    def port(self) -> int:
        """Where it listens, 0 where it does not."""
        sockets = self._server.sockets if self._server else ()
        return int(sockets[0].getsockname()[1]) if sockets else 0

    async def open(self, port: int) -> None:
        """Listen; 0 takes any port. All of bandmate works without it: that it cannot is told."""
        try:
            self._server = await asyncio.start_server(self._serve, HOST, port, limit=_HEAD_BYTES)
        except OSError as error:
            log.warning("OSCQuery is not told on port %d (%s)", port, error.strerror or error)

    async def close(self) -> None:
        """Listen no more."""
        if self._server:
            self._server.close()
            self._server = None

    def answer(self, target: str) -> Reply:
        """Return what is answered to a GET of *target*."""
        parts = urlsplit(target)
        if parts.query == "HOST_INFO":
            return HTTPStatus.OK, self._host_info()
        node = found(self._tree(), unquote(parts.path))
        if node is None:
            return HTTPStatus.NOT_FOUND, None
        if not parts.query:
            return HTTPStatus.OK, node
        if parts.query not in ATTRIBUTES:
            return HTTPStatus.BAD_REQUEST, None
        if parts.query not in node:
            return HTTPStatus.NO_CONTENT, None
        return HTTPStatus.OK, {parts.query: node[parts.query]}

    def _host_info(self) -> Node:
        can = {"ACCESS": True, "DESCRIPTION": True, "RANGE": True, "TYPE": True, "VALUE": True}
        return {
            "NAME": "bandmate",
            "OSC_IP": HOST,
            "OSC_PORT": self._osc_port,
            "OSC_TRANSPORT": "UDP",
            "EXTENSIONS": can | {"LISTEN": False, "PATH_CHANGED": False},
        }

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            async with asyncio.timeout(PATIENCE):
                status, said = await self._reply(reader)
                writer.write(_written(status, said))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who does not ask in time or at length is not answered
        finally:
            self._open -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _reply(self, reader: asyncio.StreamReader) -> Reply:
        if self._open > CONNECTIONS:
            return HTTPStatus.SERVICE_UNAVAILABLE, None
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, _, rest = head[0].partition(" ")
        headers = dict(line.lower().split(":", 1) for line in head[1:] if ":" in line)
        if method != "GET":
            return HTTPStatus.METHOD_NOT_ALLOWED, None
        if not _is_ours(headers.get("host", "").strip()):
            return HTTPStatus.FORBIDDEN, None
        try:
            return self.answer(rest.rpartition(" ")[0])
        except ValueError:  # no URL
            return HTTPStatus.BAD_REQUEST, None


def _is_ours(host: str) -> bool:
    """Return True where a request means this machine, not a name that leads here by a trick."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host) in _OURS


def _written(status: HTTPStatus, said: object) -> bytes:
    body = b"" if said is None else json.dumps(said).encode()
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + body
