"""Ranges: how a value from a wire, a file or a command line is read, or refused in words.

Numbers come as int, float or text, and a whole number may come as a float. A range knows its own
words (``1..64``), so that an error, a ``--help`` and a README all say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bandmate.errors import AskError, nearest
from bandmate.system import yaml_reader
from bandmate.system.files import GrantedPath

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_BLANKS = re.compile(r"[\s_-]+")
_SHOWN = 40
_LONGEST_NAME = 100
_LONGEST_NUMBER = 40
_LARGEST = 2**53


class Range(Protocol):
    """What a field of an ask, a song, a preset or the settings may hold."""

    @property
    def words(self) -> str:
        """The range as a person reads it."""

    def read(self, name: str, value: object) -> object:
        """Return the value of field *name*; raises AskError with one sentence."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within two bounds."""

    low: int
    high: int

    @property
    def words(self) -> str:
        """The bounds, ``1..64``."""
        return f"{self.low}..{self.high}"

    def read(self, name: str, value: object) -> int:
        """Return the number; raises AskError."""
        number = _number(value)
        if number is None or not self.low <= number <= self.high:
            raise AskError(f"{name} must be in {self.words}, not {shown(value)}")
        if number != int(number):
            raise AskError(f"{name} must be a whole number in {self.words}, not {shown(value)}")
        return int(number)


@dataclass(frozen=True, slots=True)
class Real:
    """A number within two bounds."""

    low: float
    high: float

    @property
    def words(self) -> str:
        """The bounds, ``20..400``."""
        return f"{self.low:g}..{self.high:g}"

    def read(self, name: str, value: object) -> float:
        """Return the number; raises AskError."""
        number = _number(value)
        # An OSC float has 24 bits: 96.1 arrives as 96.0999985. Seven digits bring back what was
        # said, so that an ask gives the same plan over every wire.
        told = None if number is None else float(f"{number:.7g}")
        if told is None or not self.low <= told <= self.high:
            raise AskError(f"{name} must be in {self.words}, not {shown(value)}")
        return told


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some names; capitals, blanks and hyphens do not matter."""

    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """The names, separated by commas."""
        return ", ".join(self.names)

    def read(self, name: str, value: object) -> str:
        """Return the name as the table spells it; raises AskError with the nearest."""
        plain = {_plain(known): known for known in self.names}
        is_name = isinstance(value, str) and len(value) <= _LONGEST_NAME
        found = plain.get(_plain(str(value))) if is_name else None
        if found is None:
            near = f"one such as {nearest(str(value)[:_SHOWN], self.names)}"
            few = " or ".join(self.names) if len(self.names) <= 3 else near
            raise AskError(f"{name} must be {few}, not {shown(value)}")
        return found


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    @property
    def words(self) -> str:
        """How it is written."""
        return "on or off"

    def read(self, name: str, value: object) -> bool:
        """Return the choice; raises AskError."""
        text = value.strip().lower() if isinstance(value, str) else value
        if text in (1, "1", "on", "yes", "true"):
            return True
        if text in (0, "0", "off", "no", "false"):
            return False
        raise AskError(f"{name} must be on or off, not {shown(value)}")


@dataclass(frozen=True, slots=True)
class Text:
    """Text that a pattern fits, whole."""

    pattern: str
    words: str
    """What fits, in words."""
    longest: int = 2000
    """Characters; what is longer is refused before it is matched."""

    def read(self, name: str, value: object) -> str:
        """Return the text without blanks around it; raises AskError."""
        text = _text(value)
        fits = text is not None and len(text) <= self.longest
        if text is None or not fits or not re.fullmatch(self.pattern, text):
            raise AskError(f"{name} must be {self.words}, not {shown(value)}")
        return text


@dataclass(frozen=True, slots=True)
class Written:
    """Text that a reader of its own turns into a value: a key, a meter, chords."""

    reader: Callable[[str], object]
    """Returns the value of a text; raises AskError."""
    words: str
    """How it is written."""
    longest: int = 40
    """Characters; what is longer is refused unread, so that an error stays a sentence."""
    looks_at_disk: bool = False
    """True where the reader looks for a file, which may take long."""

    def read(self, name: str, value: object) -> object:
        """Return what the text says; raises AskError. A file that is granted already stays so."""
        if self.looks_at_disk and isinstance(value, GrantedPath):
            return value
        return self.reader(self.text(name, value))

    def text(self, name: str, value: object) -> str:
        """Return the text unread; raises AskError for what is too long or none."""
        text = _text(value)
        if text is None or len(text) > self.longest:
            raise AskError(f"{name} must be written like {self.words}, not {shown(value)}")
        return text


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table of what can be said: in an ask, of a song, in a preset, as a setting."""

    name: str
    range: Range
    words: str
    """What it means, with its unit."""
    default: str
    """What happens where it is not said, in words."""


def read_pairs(
    pairs: Iterable[tuple[str, object]], fields: Iterable[Field], whose: str = "an ask"
) -> dict[str, object]:
    """Read names and values by a table; an unknown or repeated name raises AskError."""
    known = {field.name: field for field in fields}
    said: dict[str, object] = {}
    for name, value in pairs:
        if name not in known:
            near = nearest(str(name)[:40], known)
            raise AskError(f"{whose} has nothing called {shown(name)}, try {near}")
        if name in said:
            raise AskError(f"{name} must be said once, not twice")
        said[name] = known[name].range.read(name, value)
    return said


def check_pairs(pairs: Iterable[tuple[str, object]], fields: Iterable[Field]) -> None:
    """Raise AskError for values that a table does not take; no file is looked for."""
    known = {field.name: field for field in fields}
    for name, value in pairs:
        match known[name].range:
            case Written(looks_at_disk=True) as written:
                written.text(name, value)
            case values:
                values.read(name, value)


def read_yaml(file: Path) -> dict[str, object]:
    """Return the names and values of a YAML file; raises FileError, or AskError for other YAML."""
    said = yaml_reader.load(yaml_reader.read_text(file), str(file))
    if said is not None and not isinstance(said, dict):
        raise AskError(f"{file.name} must be lines of `name: value`, not a {type(said).__name__}")
    return said or {}


def shown(value: object) -> str:
    """Return a value as an error shows it, cut short: it may have come from anywhere."""
    if isinstance(value, str | bytes) and len(value) > _SHOWN:
        value = value[: _SHOWN + 1]  # a megabyte need not be written out to be cut
    try:
        text = repr(value)
    except ValueError:  # an int of thousands of digits has no decimal text
        text = "a number too long to show"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _number(value: object) -> float | None:
    """Return a finite number, or None for all that is not one."""
    if isinstance(value, str):
        text = value.strip()
        is_number = len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text)
        value = float(text) if is_number else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) <= _LARGEST else None  # NaN is not either


def _text(value: object) -> str | None:
    """Return text, or the text of a whole number: a port may come as one; None for all else."""
    number = None if isinstance(value, str) else _number(value)
    if number is not None and number == int(number):
        return str(int(number))
    return value.strip() if isinstance(value, str) else None


def _plain(text: str) -> str:
    return _BLANKS.sub("", text.lower())
