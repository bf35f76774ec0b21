"""Takes as sound on their way to a page: a few at a time, read from disk as they are sent.

A WAV has up to a hundred megabytes, and who asks for one may read it slowly, never, or be gone
before it is rendered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import BinaryIO, TypeVar

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Response

from bandmate.wires.page.files import Streamed

SOUNDS = 4
"""Sounds that are rendered and sent at once."""

RENDER_SECONDS = 120.0
"""How long one may take to be there."""

READ_SECONDS = 10.0
"""How long a piece of one may wait for whoever asked for it."""

PIECE_BYTES = 1 << 18
"""What is read and sent at once; a sound that is sent holds no more memory than this."""

T = TypeVar("T")


async def unless_gone(connection: ServerConnection, work: Awaitable[T]) -> T | None:
    """Await *work* as long as somebody is there to hear of it; None where nobody is any more.

    Raises TimeoutError where it takes longer than RENDER_SECONDS.
    """
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(connection.wait_closed())
    try:
        async with asyncio.timeout(RENDER_SECONDS):
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        gone.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def stream(connection: ServerConnection, sound: Streamed) -> Response:
    """Send a head and its file, and hang up; return what is then still to be sent, nothing."""
    try:
        connection.transport.write(sound.head.serialize())
        await _sent(connection, sound.file)
    except (OSError, TimeoutError):
        connection.transport.abort()
    finally:
        sound.file.close()
    connection.transport.close()
    try:
        async with asyncio.timeout(READ_SECONDS):
            await connection.wait_closed()
    except TimeoutError:
        connection.transport.abort()
        await connection.wait_closed()
    return sound.head


async def _sent(connection: ServerConnection, file: BinaryIO) -> None:
    read: Callable[[int], bytes] = file.read
    while not connection.transport.is_closing():
        piece = await asyncio.to_thread(read, PIECE_BYTES)
        if not piece:
            return
        connection.transport.write(piece)
        async with asyncio.timeout(READ_SECONDS):
            await connection.drain()
