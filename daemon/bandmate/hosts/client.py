"""A bridge's side of the OSC wire, as small as it gets: ask the daemon and hear its answers.

Blocking, over UDP; for the command line and the first-run demonstration.
"""

from __future__ import annotations

import secrets
import socket
from collections.abc import Generator, Iterator

from bandmate.contract.messages import Atom, Message
from bandmate.errors import BandmateError, PortError, Unavailable
from bandmate.wires.packets import message_to_packet, packet_to_messages

_DATAGRAM = 65_507
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, not called


def answers(
    host: str, port: int, address: str, *arguments: Atom, silence: float
) -> Generator[Message, None, None]:
    """Send one ask and yield the answers to its id as they come, without that id.

    Raises PortError where no daemon listens, BandmateError with the daemon's words where it
    refuses, and Unavailable where nothing comes for *silence* seconds. Close it to stop listening.
    """
    asked = secrets.token_hex(4)
    with _connected(host, port) as wire:
        wire.settimeout(silence)
        try:
            wire.send(message_to_packet(Message(address, (asked, *arguments))))
            while True:
                yield from _answers_to(asked, wire.recv(_DATAGRAM))
        except TimeoutError:
            raise Unavailable(f"the daemon at {host}:{port} is silent") from None
        except OSError as error:
            raise PortError(f"no daemon answers at {host}:{port} ({error.strerror})") from error


def _connected(host: str, port: int) -> socket.socket:
    host = _ANYWHERE.get(host, host)
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        wire = socket.socket(family, kind)
    except OSError as error:
        raise PortError(f"no daemon can be asked at {host}:{port} ({error.strerror})") from error
    # Connected, so that the system tells when nobody listens.
    wire.connect(place)
    if wire.getsockname() == wire.getpeername():  # by chance it was given that very port itself
        wire.close()
        raise PortError(f"no daemon answers at {host}:{port} (Connection refused)")
    return wire


def _answers_to(asked: str, packet: bytes) -> Iterator[Message]:
    for message in packet_to_messages(packet):
        if message.arguments[:1] != (asked,):
            continue
        if message.address == "/bandmate/error":
            raise BandmateError(str(message.arguments[-1]))
        yield Message(message.address, message.arguments[1:])
