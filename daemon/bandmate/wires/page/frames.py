"""Frames of the panel's WebSocket: messages as JSON and back, and the announcement of an upload.

``{"address": "/bandmate/loop/ask", "args": ["a1", "bars", 4]}``; bytes are ``{"b64": "..."}``. Pure
functions; what cannot be read is an AskError.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from dataclasses import dataclass

from bandmate.contract.messages import ARGUMENTS, Atom, Message
from bandmate.errors import AskError
from bandmate.fields import shown

FRAME_CHARS = 65536
"""Longest text that is read."""

_INT64 = 1 << 63
_NAME_CHARS = 200
_HALVES = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Announced:
    """The next binary frame is a file of this name."""

    name: str


def frame_to_said(text: str) -> Message | Announced:
    """Read a text frame; raises AskError."""
    if len(text) > FRAME_CHARS:
        raise AskError(f"a frame must have at most {FRAME_CHARS} characters, not {len(text)}")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise AskError(f"a frame must be JSON, not {shown(text)}") from None
    if not isinstance(said, dict):
        raise AskError(f"a frame must be a JSON object, not {shown(said)}")
    if "upload" in said:
        return Announced(_file_name(said["upload"]))
    return _message(said.get("address"), said.get("args", []))


def message_to_frame(message: Message) -> str:
    """Return a message as JSON; a number that JSON has no word for is null."""
    told = {"address": message.address, "args": [_json(atom) for atom in message.arguments]}
    return json.dumps(told, separators=(",", ":"))


def uploaded_frame(path: str) -> str:
    """Return what tells the page where its file lies."""
    return json.dumps({"uploaded": path})


def frame_to_message(text: str) -> Message:
    """Read what ``message_to_frame`` wrote, as the panel does; raises AskError."""
    said = frame_to_said(text)
    if isinstance(said, Announced):
        raise AskError("a message must have an address, not the name of a file")
    return said


def _message(address: object, arguments: object) -> Message:
    if not isinstance(address, str) or not address.startswith("/") or not _is_text(address):
        raise AskError(
            f"a frame's address must be one such as /bandmate/hello, not {shown(address)}"
        )
    if not isinstance(arguments, list):
        raise AskError(f"a frame's args must be a list, not {shown(arguments)}")
    if len(arguments) > ARGUMENTS:
        raise AskError(f"a message must have at most {ARGUMENTS} arguments, not {len(arguments)}")
    return Message(address, tuple(_atom(index, value) for index, value in enumerate(arguments)))


def _atom(index: int, value: object) -> Atom:
    match value:
        case bool():
            return int(value)
        case int() if -_INT64 <= value < _INT64:
            return value
        case float() if math.isfinite(value):
            return value
        case str() if _is_text(value):
            return value
        case {"b64": str(written), **rest} if not rest:
            return _bytes(index, written)
    raise AskError(
        f"argument {index} of a frame must be a number, a text, true, false or "
        f'{{"b64": "..."}}, not {shown(value)}'
    )


def _bytes(index: int, written: str) -> bytes:
    try:
        return base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise AskError(
            f"argument {index} of a frame must be base64, not {shown(written)}"
        ) from None


def _json(atom: Atom) -> object:
    match atom:
        case bytes():
            return {"b64": base64.b64encode(atom).decode()}
        case float() if not math.isfinite(atom):
            return None
    return atom


def _file_name(said: object) -> str:
    if not isinstance(said, str) or not 1 <= len(said) <= _NAME_CHARS or not _is_text(said):
        raise AskError(
            f"upload must be a file's name of 1..{_NAME_CHARS} characters, not {shown(said)}"
        )
    return said


def _is_text(text: str) -> bool:
    """Return False for half a surrogate pair: JSON may write it, no file or database holds it."""
    return not _HALVES.search(text)
