"""OSCQuery: what bandmate takes and tells, as JSON over HTTP, for programs of this machine.

It is read and nothing is changed by it. A page of another site gets no answer: a request must name
this machine, and where a page asks, it must be of our own origin.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from bandmate.wires.namespace import ATTRIBUTES, Node, found
from bandmate.wires.origins import SHIELDS, is_ours
from bandmate.wires.pending import Pending

HOST = "127.0.0.1"
"""The only address it is taken on, whatever OSC is taken on."""

PATIENCE = 5.0
"""Seconds that a request may take to come and its answer to be read."""

CONNECTIONS = 64
"""Most requests that are answered at once."""

_HEAD_BYTES = 8192

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
        self._open: set[asyncio.StreamWriter] = set()
        self._pending = Pending("OSCQuery connections without a request")

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
        """Listen no more, and hang up on who asks slowly or does not read."""
        if self._server:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()

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
        self._open.add(writer)
        self._pending.add(writer, writer.transport.abort)
        try:
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                self._pending.done(writer)
                writer.write(_written(*self._reply(head)))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who does not ask or read in time, or asks at length, is not answered
        finally:
            self._pending.done(writer)
            self._open.discard(writer)
            writer.transport.abort()

    def _reply(self, head: bytes) -> Reply:
        if len(self._open) - len(self._pending) > CONNECTIONS:
            return HTTPStatus.SERVICE_UNAVAILABLE, None
        line, *rest = head.decode("latin-1").split("\r\n")
        method, _, target = line.partition(" ")
        if method != "GET":
            return HTTPStatus.METHOD_NOT_ALLOWED, None
        if not self._is_ours(rest):
            return HTTPStatus.FORBIDDEN, None
        try:
            return self.answer(target.rpartition(" ")[0])
        except ValueError:  # no URL
            return HTTPStatus.BAD_REQUEST, None

    def _is_ours(self, lines: list[str]) -> bool:
        """Return True where a request means this machine and comes from no page of another site."""
        said = [line.partition(":") for line in lines if ":" in line]

        def fields(wanted: str) -> list[str]:
            return [value.strip() for name, _, value in said if name.lower() == wanted.lower()]

        return is_ours(fields, self.port, is_any_port=True)


def _written(status: HTTPStatus, said: object) -> bytes:
    body = b"" if said is None else json.dumps(said).encode()
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in SHIELDS.items()),
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode() + body
