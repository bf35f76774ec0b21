"""The person's settings and buttons: a commented text file beside this script, read when saved."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple, Tuple

FILE = Path(__file__).resolve().parent / "bandmate.txt"

PARTS = (
    "drums", "bass", "keys", "organ", "guitar", "pad", "strings", "brass", "reed", "lead", "choir",
    "mallet",
)  # fmt: skip
"""Roles of parts, as the daemon names them."""

ACTIONS = (
    "loop", "chords", "vary", "continue", "add", "more", "insert", "accept", "reject", "undo",
    "play", "stop", "panic", "cancel",
)  # fmt: skip
"""What a button can do."""

ASKS = ("loop", "chords", "vary", "continue")
"""Actions whose names and values can be set for all buttons."""

_CHOICES = {
    "place": ("auto", "session", "arrangement"),
    "layout": ("tracks", "one"),
    "colours": ("on", "off"),
}
_OURS = frozenset(("insert", "notes", "reply", "context", "like", "add", "continues"))
"""Names that the script itself says or that would place a clip twice."""

_BUTTON = re.compile(r"(note|cc)\s+(\d+)\s+(\d+)$")
_NAME = re.compile(r"[a-z_]+$")
_COMMENT = re.compile(r"(^|\s)#.*")
_MOST_BYTES = 100000


class Action(NamedTuple):
    """What is to be done, and what is said with it."""

    name: str
    part: str = ""
    """Of add: the part."""
    pairs: tuple[tuple[str, str], ...] = ()


Button = Tuple[str, int, int]
"""note or cc, channel from 0, number."""


class Settings:
    """What the file says; what it does not say is as here."""

    def __init__(self) -> None:
        self.port = 7770
        self.place = "auto"
        self.layout = "tracks"
        self.key = "live"
        self.colours = "on"
        self.defaults: dict[str, tuple[tuple[str, str], ...]] = {}
        """Names and values of each ask, by action."""
        self.buttons: dict[Button, Action] = {}
        self.mistakes: list[str] = []
        """A sentence for each line that makes no sense."""


def action_of(text: str) -> Action:
    """Read ``loop bars=8``; raises ValueError with a sentence."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("a quotation mark is missing in: " + text) from None
    if not words or words[0] not in ACTIONS:
        raise ValueError(
            "an action must be one of {}, not {!r}".format(", ".join(ACTIONS), text[:40])
        )
    name, rest, part = words[0], words[1:], ""
    if name == "add":
        if not rest or rest[0].rstrip("1234567890:") not in PARTS:
            raise ValueError("add must name a part, one of " + ", ".join(PARTS))
        part, rest = rest[0], rest[1:]
    return Action(name, part, _pairs(rest))


def _pairs(words: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not _NAME.match(name):
            raise ValueError(f"what an action says must look like bars=8, not {word[:40]!r}")
        if name in _OURS:
            raise ValueError(f"{name} cannot be said here")
        pairs.append((name, value))
    return tuple(pairs)


def parsed(text: str) -> Settings:
    """Read the file's text; mistakes are collected, and nothing is raised."""
    settings = Settings()
    for number, written in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        line = _without_comment(written).strip()
        if not line:
            continue
        try:
            _read_line(settings, line)
        except ValueError as error:
            settings.mistakes.append(f"line {number} of bandmate.txt: {error}")
    return settings


def _without_comment(line: str) -> str:
    """Cut what stands behind a # that begins a line or a word: F#:dor is a key."""
    return _COMMENT.sub("", line)


def _read_line(settings: Settings, line: str) -> None:
    name, sign, value = line.partition("=")
    name, value = name.strip().lower(), value.strip()
    if not sign:
        raise ValueError(f"a line must look like name = value, not {line[:40]!r}")
    button = _BUTTON.match(name)
    if button:
        channel, key = int(button.group(2)), int(button.group(3))
        if not 1 <= channel <= 16 or key > 127:
            raise ValueError("a button must have a channel in 1..16 and a number in 0..127")
        settings.buttons[(button.group(1), channel - 1, key)] = action_of(value)
    elif name in ASKS:
        settings.defaults[name] = _pairs(shlex.split(value))
    elif name == "port":
        if not value.isdigit() or not 1 <= int(value) <= 65535:
            raise ValueError(f"port must be in 1..65535, not {value[:20]!r}")
        settings.port = int(value)
    elif name == "key":
        settings.key = value
    elif name in _CHOICES:
        if value not in _CHOICES[name]:
            raise ValueError("{} must be {}".format(name, " or ".join(_CHOICES[name])))
        setattr(settings, name, value)
    else:
        raise ValueError(f"there is no setting {name[:40]!r}")


class SettingsFile:
    """The file, looked at now and then."""

    def __init__(self, path: Path = FILE) -> None:
        self.path = path
        self._seen: tuple[float, int] | None = None

    def changed(self) -> Settings | None:
        """Return what it says where it was saved since the last look, else None."""
        try:
            facts = self.path.stat()
            seen = (facts.st_mtime, facts.st_size)
        except OSError:
            seen = (0.0, -1)
        if seen == self._seen:
            return None
        self._seen = seen
        return parsed(self._text()) if seen[1] >= 0 else Settings()

    def _text(self) -> str:
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                return file.read(_MOST_BYTES)
        except OSError:
            return ""
