"""Controls: a button, a pad or a foot switch, as it is written and as it is heard to be pressed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from bandmate.errors import AskError
from bandmate.fields import shown

BOUNCE_SECONDS = 0.05
"""A switch whose contacts bounce is at rest for less than this between two presses."""

_WRITTEN = re.compile(
    r"(cc|note|program)\s+(\d{1,3})(?:\s+channel\s+(\d{1,2}))?(\s+latch)?", re.IGNORECASE
)
_KINDS = {0x80: "note", 0x90: "note", 0xB0: "cc", 0xC0: "program"}
_DOWN = 64


@dataclass(frozen=True, slots=True)
class Control:
    """Something that can be pressed."""

    kind: str
    """``cc``, ``note`` or ``program``."""
    number: int
    """0..127."""
    channel: int | None = None
    """0..15; None is any."""
    is_latching: bool = False
    """Whether going down and coming up are a press each."""

    @classmethod
    def parse(cls, text: str) -> Control:
        """Read ``cc 80``, ``note 36 channel 10``, ``cc 64 latch``; raises AskError."""
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise AskError(
                "a control must be written like cc 80, note 36 channel 10, program 5 or "
                f"cc 64 latch, not {shown(text)}"
            )
        number, channel = int(match[2]), int(match[3] or 1)
        if number > 127:
            raise AskError(f"a control's number must be in 0..127, not {number}")
        if not 1 <= channel <= 16:
            raise AskError(f"a control's channel must be in 1..16, not {channel}")
        kind = match[1].lower()
        if match[4] and kind == "program":
            raise AskError("a program cannot latch: it is sent once a press")
        return cls(kind, number, channel - 1 if match[3] else None, bool(match[4]))

    def __str__(self) -> str:
        channel = "" if self.channel is None else f" channel {self.channel + 1}"
        return f"{self.kind} {self.number}{channel}{' latch' if self.is_latching else ''}"

    def is_moved_by(self, message: bytes) -> bool:
        """Return True where a message is of this control, down or up."""
        if len(message) < 2 or _KINDS.get(message[0] & 0xF0) != self.kind:
            return False
        channel = message[0] & 0x0F
        return message[1] == self.number and self.channel in (None, channel)


def pressed_control(message: bytes) -> Control | None:
    """Return the control that a message presses, on its channel; None where it presses none."""
    kind = _KINDS.get(message[0] & 0xF0) if len(message) >= 2 else None
    if kind is None or not _is_down(message):
        return None
    return Control(kind, message[1], message[0] & 0x0F)


def _is_down(message: bytes) -> bool:
    match message[0] & 0xF0:
        case 0xB0:
            return len(message) > 2 and message[2] >= _DOWN
        case 0x90:
            return len(message) > 2 and message[2] > 0
        case kind:
            return kind == 0xC0


class _Contact(NamedTuple):
    second: float
    is_down: bool


class Switches:
    """Knows which controls are down, so that a press is heard once, however its contact bounces."""

    def __init__(self) -> None:
        self._contacts: dict[tuple[int, int], _Contact] = {}

    def is_pressed(self, control: Control, second: float, message: bytes) -> bool:
        """Take in a message that moves *control* at a second; return True where it is a press."""
        key = (message[0] & 0x0F | (0x90 if control.kind == "note" else message[0] & 0xF0),
               control.number)  # fmt: skip
        before = self._contacts.get(key)
        is_down = _is_down(message)
        self._contacts[key] = _Contact(second, is_down)
        if before is not None and second - before.second < BOUNCE_SECONDS:
            return False
        if control.kind == "program":
            return True
        was_down = before is not None and before.is_down
        return is_down != was_down if control.is_latching else is_down and not was_down
