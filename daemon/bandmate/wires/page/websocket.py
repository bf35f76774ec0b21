"""The panel's wire: a page over HTTP, and a WebSocket that carries the OSC contract as JSON."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bandmate.clients.clients import Client, Clients
from bandmate.contract.messages import Message
from bandmate.errors import AskError, BandmateError
from bandmate.handlers.dispatcher import Desk
from bandmate.wires.page.files import SOUND, Files, Sound, Streamed, refused
from bandmate.wires.page.frames import Announced, frame_to_said, message_to_frame, uploaded_frame
from bandmate.wires.page.sound import RENDER_SECONDS, SOUNDS, stream, unless_gone
from bandmate.wires.page.uploads import KEPT, UPLOAD_BYTES, Room, Uploads
from bandmate.wires.pending import Pending

HOST = "127.0.0.1"
"""The only address it is taken on, whatever OSC is taken on."""

PAGES = 32
"""Most pages at once; ``pending`` says how many connections may be about to become one."""

UNREAD_CHARS = 2 << 20
"""Most characters that wait for a page that does not read; then its connection is cut."""

UPLOAD = "upload"
"""The id under which it is told that a file cannot be taken."""

_PAGE = re.compile(r"[a-z0-9]{6,40}")
_PATIENCE = 5.0
ANSWER_SECONDS = 10.0
"""How long an answer may wait for whoever asked to read it."""
CLOSE_SECONDS = 0.8
"""How long pages may take to read what was told, and to hang up, when the daemon stops."""
_LONGEST = UPLOAD_BYTES + (1 << 20)
"""A file a little too large is refused in words; one that is larger ends the connection."""

log = logging.getLogger(__name__)
_sockets = logging.getLogger(f"{__name__}.sockets")
_sockets.setLevel(logging.CRITICAL)  # that somebody talks rubbish or leaves is no news


class PanelWire:
    """The panel's socket, from open to close."""

    def __init__(self, desk: Desk, clients: Clients, sound: Sound) -> None:
        """Take who answers, who is known, and what renders a take."""
        self.desk = desk
        self.clients = clients
        self.pages: set[Page] = set()
        self.connections: set[ServerConnection] = set()
        """All of them, whatever they want."""
        self.pending = Pending("connections to the page without a request")
        self._answered = Pending("answers of the page that nobody reads", seconds=ANSWER_SECONDS)
        self._files = Files(desk.takes, sound)
        self._room = Room()
        self._sounds = 0
        self._server: Server | None = None

    @property
    def port(self) -> int:
        """Where it listens, 0 where it does not."""
        sockets = list(self._server.sockets) if self._server else []
        return int(sockets[0].getsockname()[1]) if sockets else 0

    async def open(self, port: int) -> None:
        """Listen; 0 takes any port. All of bandmate works without it: that it cannot is told."""
        try:
            self._server = await serve(
                self._meet,
                HOST,
                port,
                process_request=self._answer,
                compression=None,
                open_timeout=None,
                create_connection=partial(_Connection, self),  # type: ignore[arg-type]
                close_timeout=_PATIENCE,
                max_size=_LONGEST,
                max_queue=1,
                server_header=None,
                logger=_sockets,
            )
        except OSError as error:
            log.warning("the panel is not served on port %d (%s)", port, error.strerror or error)

    async def close(self) -> None:
        """Hang up once what was sent is out, or has had its time to be read; listen no more."""
        server, self._server = self._server, None
        if not server:
            return
        self.pending.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(*(page.sent() for page in self.pages))
                server.close()
                await server.wait_closed()
        server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        await server.wait_closed()

    async def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        self.pending.done(connection)
        port = connection.local_address[1]
        response = await self._found(connection, request, port)
        if response and connection in self.connections:
            self._answered.add(connection, connection.transport.abort)
        return response

    async def _found(
        self, connection: ServerConnection, request: Request, port: int
    ) -> Response | None:
        if request.path.startswith(SOUND):
            return await self._sound(connection, request, port)
        response = await self._files.answer(request, port)
        assert not isinstance(response, Streamed)
        if response is None and len(self.pages) >= PAGES:
            return refused(f"{PAGES} pages are open already: close one", port)
        return response

    async def _sound(
        self, connection: ServerConnection, request: Request, port: int
    ) -> Response | None:
        if self._sounds >= SOUNDS:
            return refused(f"{SOUNDS} sounds are on their way: ask again when one is there", port)
        self._sounds += 1
        try:
            found = await unless_gone(connection, self._files.answer(request, port))
            return await stream(connection, found) if isinstance(found, Streamed) else found
        except TimeoutError:
            return refused(f"the sound was not there within {RENDER_SECONDS:g} seconds", port)
        finally:
            self._sounds -= 1

    def begun(self, connection: ServerConnection) -> None:
        """Wait for what a new connection wants."""
        self.connections.add(connection)
        self.pending.add(connection, connection.transport.abort)

    def ended(self, connection: ServerConnection) -> None:
        """Forget a connection."""
        self.connections.discard(connection)
        self.pending.done(connection)
        self._answered.done(connection)

    async def _meet(self, connection: ServerConnection) -> None:
        page = Page(self.desk, self.clients, connection, self._room)
        self.pages.add(page)
        try:
            await page.live()
        finally:
            self.pages.discard(page)


class _Connection(ServerConnection):
    """A connection that its wire knows from its first moment on."""

    def __init__(self, wire: PanelWire, *said: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*said, **named)
        self._wire = wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._wire.begun(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.ended(self)
        super().connection_lost(exc)


class Page:
    """One connection of a page, from its opening to its end."""

    def __init__(
        self, desk: Desk, clients: Clients, connection: ServerConnection, room: Room
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._connection = connection
        host, port, *_ = connection.remote_address or (HOST, 0)  # it may be gone already
        self.client: Client = clients.of_panel(host, _page_of(connection, port), self._send)
        self._uploads = Uploads(room)
        self._announced: deque[Announced] = deque(maxlen=KEPT)
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._unread = 0

    async def live(self) -> None:
        """Take what comes and send what is told, until either side hangs up."""
        sending = asyncio.create_task(self._send_on())
        try:
            with suppress(ConnectionClosed):
                async for frame in self._connection:
                    await self._take(frame)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            self._clients.page_gone(self.client, self._send)
            await asyncio.to_thread(self._uploads.clear)

    async def sent(self) -> None:
        """Return when all that was told is out, or when the page has had its time to read it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._waiting.join(), _PATIENCE)

    async def _take(self, frame: str | bytes) -> None:
        self.client.heard = self._clients.now()
        is_file = isinstance(frame, bytes)
        try:
            if isinstance(frame, bytes):
                await self._keep(frame)
                return
            said = frame_to_said(frame)
        except BandmateError as error:
            self._desk.refuse(self.client, error, UPLOAD if is_file else "")
            return
        if isinstance(said, Announced):
            self._announced.append(said)
        else:
            self._desk.take_in(self.client, said)
            await self._desk.pace.settled(self.client.name)

    async def _keep(self, data: bytes) -> None:
        if not self._announced:
            raise AskError('bytes must come behind a frame that names them: {"upload": "name.png"}')
        name = self._announced.popleft().name
        file = await asyncio.to_thread(self._uploads.keep, name, data)
        self._push(uploaded_frame(str(file)))

    def _send(self, message: Message) -> None:
        self._push(message_to_frame(message))

    def _push(self, frame: str) -> None:
        self._unread += len(frame)
        if self._unread > UNREAD_CHARS:
            log.warning("a page that does not read its answers was cut off")
            self._connection.transport.abort()
            return
        self._waiting.put_nowait(frame)

    async def _send_on(self) -> None:
        while True:
            frame = await self._waiting.get()
            with suppress(ConnectionClosed):  # what comes behind is let go too
                await self._connection.send(frame)
            self._unread -= len(frame)
            self._waiting.task_done()


def _page_of(connection: ServerConnection, port: int) -> str:
    """Return what the page calls itself, so that it is known again; else its port."""
    query = parse_qs(urlsplit(connection.request.path).query) if connection.request else {}
    name = query.get("page", [""])[0]
    return name if _PAGE.fullmatch(name) else str(port)
