"""Sockets that are listened on, UDP and TCP on one port, and how one that came is set."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from contextlib import suppress

RECEIVE_BYTES = 4 << 20
"""Asked of the system for datagrams that wait: a burst must not be lost while the loop is busy."""

BACKLOG = 64
"""Connections that may wait until they are taken."""

_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}
_TRIES = 16
_TAKEN = (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))


def settle(wire: socket.socket) -> None:
    """Let answers go out at once, and notice a client that is gone without a word."""
    # asyncio leaves it as it was on what comes through a door of ours: the second message of an
    # answer then waits 40 ms.
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        if hasattr(socket, name):
            wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def bound(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return a stream and a datagram socket on the same port; raises OSError."""
    loop = asyncio.get_running_loop()
    family, *_, address = (await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM))[0]
    for tried in range(_TRIES):
        stream = _socket(family, socket.SOCK_STREAM, address)
        try:
            taken = (address[0], stream.getsockname()[1], *address[2:])
            return stream, _socket(family, socket.SOCK_DGRAM, taken)
        except OSError:
            stream.close()
            # A free TCP port that was chosen for us may be taken on UDP.
            if port or tried + 1 == _TRIES:
                raise
    raise AssertionError("unreachable")


def _socket(family: int, kind: int, address: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, kind)
    try:
        if sys.platform == "win32":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        elif kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if kind == socket.SOCK_DGRAM:
            with suppress(
                OSError
            ):  # some systems refuse more than they allow instead of cutting it
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        made.setblocking(False)
        made.bind(address)
        if kind == socket.SOCK_STREAM:
            made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


def in_words(host: str, port: int, error: OSError) -> str:
    """Return why an address cannot be listened on."""
    if error.errno in _TAKEN:
        return (
            f"port {port} on {host} is taken, perhaps by a bandmate that runs already: "
            "stop the other program or choose another port"
        )
    return f"port {port} on {host} cannot be had ({error.strerror or error})"
