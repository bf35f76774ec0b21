"""OSC bytes <-> messages: one door, where all that came over the network is measured, then read.

python-osc writes. Reading is done here: its parser takes a cut-off float for a number, walks
backwards over a negative blob size, follows bundles of any depth and copies the rest of a message
at every argument.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from pythonosc.osc_message_builder import OscMessageBuilder

from bandmate.contract.messages import Atom, Message
from bandmate.errors import AskError

MESSAGE_BYTES = 8192
"""Longest message that is read; what bandmate sends stays under it."""

FRAME_BYTES = 65536
"""Longest packet on TCP."""

BUNDLE_DEPTH = 4
"""Deepest bundle in a bundle."""

BUNDLE_MESSAGES = 64
"""Most messages in one packet."""

TYPES = "ihfdsbTF"
"""Argument types that are read; T is 1 and F is 0."""

_FLOAT32_MAX = 3.4e38
_BUNDLE = b"#bundle\0"
_BUNDLE_HEAD = 16
_SIZE = struct.Struct(">i")
_NUMBERS = {tag: struct.Struct(f">{code}") for tag, code in zip("ihfd", "iqfd", strict=True)}


def packet_to_messages(data: bytes) -> list[Message]:
    """Read a packet: one message, or a bundle of them in order (its time tag is not waited for).

    Raises AskError; then nothing of the packet is to be done.
    """
    found: list[Message] = []
    waiting = [(data, 0)]
    while waiting:
        packet, depth = waiting.pop()
        if packet.startswith(_BUNDLE):
            if depth > BUNDLE_DEPTH:
                raise AskError(f"bundles must be at most {BUNDLE_DEPTH} deep")
            # Last in, first out: laid down backwards, the elements are read in order.
            waiting += [(element, depth + 1) for element in reversed(_elements(packet))]
        else:
            found.append(_message(packet))
        if len(found) + len(waiting) > BUNDLE_MESSAGES:
            raise AskError(f"a packet must hold at most {BUNDLE_MESSAGES} messages")
    return found


def _elements(bundle: bytes) -> list[bytes]:
    if len(bundle) < _BUNDLE_HEAD:
        raise AskError(f"a bundle must have at least {_BUNDLE_HEAD} bytes, not {len(bundle)}")
    elements = []
    at = _BUNDLE_HEAD
    while at < len(bundle):
        if at + _SIZE.size > len(bundle):
            raise AskError("a bundle must not end within the size of a message")
        (size,) = _SIZE.unpack_from(bundle, at)
        at += _SIZE.size
        if not 0 < size <= len(bundle) - at:
            raise AskError(
                f"a message of a bundle must have 1..{len(bundle) - at} bytes, not {size}"
            )
        elements.append(bundle[at : at + size])
        at += size
    return elements


def _message(data: bytes) -> Message:
    if len(data) > MESSAGE_BYTES:
        raise AskError(f"a message must have at most {MESSAGE_BYTES} bytes, not {len(data)}")
    if not data.startswith(b"/"):
        raise AskError("a message must begin with an address such as /bandmate/hello")
    try:
        address, at = _text(data, 0)
        tags, at = _text(data, at) if at < len(data) else (",", at)
        arguments = []
        for tag in tags.removeprefix(","):
            argument, at = _argument(tag, data, at)
            arguments.append(argument)
    except (struct.error, ValueError) as error:
        raise AskError("a message must be whole OSC: this one is cut off or garbled") from error
    return Message(address, tuple(arguments))


def _argument(tag: str, data: bytes, at: int) -> tuple[Atom, int]:
    if tag in _NUMBERS:
        number: int | float = _NUMBERS[tag].unpack_from(data, at)[0]
        return number, at + _NUMBERS[tag].size
    match tag:
        case "s":
            return _text(data, at)
        case "b":
            return _blob(data, at)
        case "T" | "F":
            return int(tag == "T"), at
    raise AskError(f"argument types must be of {' '.join(TYPES)}, not {tag!r}")


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode(), at + _padded(end - at + 1)


def _blob(data: bytes, at: int) -> tuple[bytes, int]:
    (size,) = _SIZE.unpack_from(data, at)
    at += _SIZE.size
    if not 0 <= size <= len(data) - at:
        raise ValueError(f"a blob of {size} bytes")
    return data[at : at + size], at + _padded(size)


def _padded(size: int) -> int:
    return -(-size // 4) * 4


def message_to_packet(message: Message) -> bytes:
    """Write a message; a text loses what OSC cannot carry (a NUL, half a surrogate pair)."""
    builder = OscMessageBuilder(message.address)
    for atom in message.arguments:
        match atom:
            case str():
                builder.add_arg(atom.encode("utf-8", "replace").decode().replace("\0", ""))
            case float() if _FLOAT32_MAX < abs(atom) < math.inf:  # an id that came as a double
                builder.add_arg(atom, "d")
            case _:
                builder.add_arg(atom)
    packet: bytes = builder.build().dgram
    return packet


def packet_to_frame(packet: bytes) -> bytes:
    """Return a packet as TCP carries it: its size as a big-endian int32, then itself (OSC 1.0)."""
    return _SIZE.pack(len(packet)) + packet


class Frames:
    """Takes a TCP stream apart; holds at most one packet that has not come whole."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def fed(self, data: bytes | bytearray) -> Iterator[bytes]:
        """Yield the packets that are whole now.

        Raises AskError for a size outside 1..FRAME_BYTES: where the next packet begins is then
        unknown, and the connection must be closed.
        """
        self._waiting += data
        while len(self._waiting) >= _SIZE.size:
            (size,) = _SIZE.unpack_from(self._waiting)
            if not 0 < size <= FRAME_BYTES:
                raise AskError(f"a packet on TCP must have 1..{FRAME_BYTES} bytes, not {size}")
            end = _SIZE.size + size
            if len(self._waiting) < end:
                return
            packet = bytes(self._waiting[_SIZE.size : end])
            del self._waiting[:end]
            yield packet
