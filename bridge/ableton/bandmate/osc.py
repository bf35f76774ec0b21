"""OSC 1.0, read and written with nothing but Python: the few types that bandmate speaks."""

from __future__ import annotations

import struct
from typing import Iterable, NamedTuple, Union

Atom = Union[int, float, str, bytes]
"""One argument."""

MESSAGE_BYTES = 8192
"""Longest message that the daemon reads."""

_NUMBERS = {"i": struct.Struct(">i"), "h": struct.Struct(">q"), "f": struct.Struct(">f")}
_NUMBERS["d"] = struct.Struct(">d")
_INT32 = 1 << 31


class Garbled(ValueError):
    """Bytes that are no whole OSC message."""


class Message(NamedTuple):
    """An address and its arguments."""

    address: str
    arguments: tuple[Atom, ...]

    @property
    def id(self) -> Atom:
        """The id that comes first, empty where there is none."""
        return self.arguments[0] if self.arguments else ""


def written(address: str, arguments: Iterable[Atom]) -> bytes:
    """Return a message as bytes; a text loses its NULs."""
    tags, body = ",", b""
    for atom in arguments:
        tag, data = _argument(atom)
        tags += tag
        body += data
    return _text(address) + _text(tags) + body


def _argument(atom: Atom) -> tuple[str, bytes]:
    if isinstance(atom, bytes):
        return "b", _NUMBERS["i"].pack(len(atom)) + _padded(atom)
    if isinstance(atom, str):
        return "s", _text(atom)
    if isinstance(atom, int):
        tag = "i" if -_INT32 <= atom < _INT32 else "h"
        return tag, _NUMBERS[tag].pack(atom)
    return "f", _NUMBERS["f"].pack(atom)


def _text(text: str) -> bytes:
    return _padded(text.replace("\0", "").encode("utf-8", "replace") + b"\0")


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def read(data: bytes) -> Message:
    """Read one message; raises Garbled. Bundles are refused: the daemon sends none."""
    if not data.startswith(b"/"):
        raise Garbled("no address")
    try:
        address, at = _read_text(data, 0)
        tags, at = _read_text(data, at) if at < len(data) else (",", at)
        arguments: list[Atom] = []
        for tag in tags[1:]:
            atom, at = _read_argument(tag, data, at)
            arguments.append(atom)
    except (struct.error, ValueError) as error:
        raise Garbled(str(error)) from error
    return Message(address, tuple(arguments))


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode("utf-8"), at + (end - at) // 4 * 4 + 4


def _read_argument(tag: str, data: bytes, at: int) -> tuple[Atom, int]:
    if tag in _NUMBERS:
        number = _NUMBERS[tag]
        return number.unpack_from(data, at)[0], at + number.size
    if tag == "s":
        return _read_text(data, at)
    if tag == "b":
        (size,) = _NUMBERS["i"].unpack_from(data, at)
        start = at + 4
        if not 0 <= size <= len(data) - start:
            raise Garbled("a blob is cut off")
        return data[start : start + size], start + size + -size % 4
    if tag in "TF":
        return int(tag == "T"), at
    raise Garbled("no such type: " + tag)


def pairs_of(arguments: Iterable[Atom]) -> dict[str, Atom]:
    """Return names and values as a table; a name without a value is left out."""
    flat = list(arguments)
    return {str(name): value for name, value in zip(flat[::2], flat[1::2])}
