"""The panel's wire: a page over HTTP, and a WebSocket that carries the OSC contract as JSON."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from bandmate.errors import AskError, BandmateError
from bandmate.wires.clients import Client, Clients
from bandmate.wires.desk import Desk
from bandmate.wires.messages import Message
from bandmate.wires.panel_files import Files, Sound
from bandmate.wires.panel_frames import (
    Announced,
    frame_to_said,
    message_to_frame,
    uploaded_frame,
)
from bandmate.wires.panel_uploads import KEPT, UPLOAD_BYTES, Room, Uploads

HOST = "127.0.0.1"
"""The only address it is taken on, whatever OSC is taken on."""

PAGES = 32
"""Most pages at once."""

UNREAD_CHARS = 2 << 20
"""Most characters that wait for a page that does not read; then its connection is cut."""

UPLOAD = "upload"
"""The id under which it is told that a file cannot be taken."""

_PAGE = re.compile(r"[a-z0-9]{6,40}")
_PATIENCE = 5.0
_ANSWER_SECONDS = 120.0
"""How long a request may take to come and to be answered: a long clip is not rendered at once."""
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
        self._files = Files(desk.takes, sound)
        self._room = Room()
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
                open_timeout=_ANSWER_SECONDS,
                close_timeout=_PATIENCE,
                max_size=_LONGEST,
                max_queue=1,
                server_header=None,
                logger=_sockets,
            )
        except OSError as error:
            log.warning("the panel is not served on port %d (%s)", port, error.strerror or error)

    async def close(self) -> None:
        """Hang up once what was sent is out, and listen no more."""
        if not self._server:
            return
        await asyncio.gather(*(page.sent() for page in self.pages))
        self._server.close()
        await self._server.wait_closed()
        self._server = None

    async def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        response = await self._files.answer(request, connection.local_address[1])
        if response is None and len(self.pages) >= PAGES:
            words = f"{PAGES} pages are open already: close one\n"
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, words)
        return response

    async def _meet(self, connection: ServerConnection) -> None:
        page = Page(self.desk, self.clients, connection, self._room)
        self.pages.add(page)
        try:
            await page.live()
        finally:
            self.pages.discard(page)


class Page:
    """One connection of a page, from its opening to its end."""

    def __init__(
        self, desk: Desk, clients: Clients, connection: ServerConnection, room: Room
    ) -> None:
        self._desk = desk
        self._clients = clients
        self._connection = connection
        host, port, *_ = connection.remote_address
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
