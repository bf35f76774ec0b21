"""YAML as people write it, read safely: bounded in size, depth and count, without aliases and tags.

Everything that is YAML passes here. A file of some bytes can stand for gigabytes by aliases, and
end the interpreter by its depth, so both are refused in words before anything is built.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import yaml

from bandmate.errors import FileError

MOST_BYTES = 1 << 18
"""Largest file; the largest that is shipped has 85 KB."""
MOST_DEPTH = 20
"""Lists and mappings within one another."""
MOST_VALUES = 50_000
"""Values, keys, lists and mappings of a file."""
LONGEST = 8192
"""Characters of one value."""

# The reader in C is ten times faster, and every start of the daemon waits for the vocabulary.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

T = TypeVar("T")


def read_text(file: Path) -> str:
    """Return the text of a file of at most MOST_BYTES; raises FileError."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # a pipe would be waited for
            raise FileError(f"{file} cannot be read: it is not a file")
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise FileError(f"{file} cannot be read: it must have at most {MOST_BYTES} bytes")
        return data.decode("utf-8")
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise FileError(f"{file} cannot be read: {error}") from error


def load(text: str, name: str) -> object:
    """Return what a text says; raises FileError that begins with *name*."""
    return _safely(lambda: yaml.load(text, _LOADER), text, name)  # noqa: S506 - both are safe


def compose(text: str, name: str) -> yaml.Node | None:
    """Return the nodes of a text with their lines, None for an empty one; raises FileError."""
    # The reader in C marks the ends of empty values otherwise, and learning counts lines.
    return _safely(lambda: yaml.compose(text, yaml.SafeLoader), text, name)


def value_of(node: yaml.Node, name: str) -> object:
    """Return the value of a composed node; raises FileError."""
    return _told(lambda: yaml.SafeLoader("").construct_object(node, deep=True), name)


def _safely(read: Callable[[], T], text: str, name: str) -> T:
    if len(text) > MOST_BYTES:
        raise FileError(f"{name} must have at most {MOST_BYTES} characters, not {len(text)}")
    _told(lambda: _check(text, name), name)
    return _told(read, name)


def _told(read: Callable[[], T], name: str) -> T:
    try:
        return read()
    except (
        yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError
    ) as error:  # fmt: skip
        # Beside its own errors, the package lets those of int(), date() and tables through.
        words = " ".join(str(error).replace('in "<unicode string>",', "at").split())
        raise FileError(f"{name} is not YAML: {words}") from error
    except RecursionError as error:
        raise FileError(f"{name} is not YAML: its values lie too deep") from error


def _check(text: str, name: str) -> None:
    """Raise FileError for a text that is too deep, too rich, or has aliases or tags."""
    depth = 0
    for count, event in enumerate(_events(text)):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _refused(name, event, "aliases (& and *) are not read: write the value out")
        if isinstance(event, yaml.NodeEvent) and _has_tag(event):
            raise _refused(name, event, "tags (!) are not read: put such a text in quotes")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > LONGEST:
            words = f"a value must have at most {LONGEST} characters, not {len(event.value)}"
            raise _refused(name, event, words)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise _refused(name, event, f"values lie at most {MOST_DEPTH} deep")
        if count > MOST_VALUES:
            raise _refused(name, event, f"a file has at most {MOST_VALUES} values")


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, _LOADER)


def _has_tag(event: yaml.NodeEvent) -> bool:
    tag = getattr(event, "tag", None)
    return tag is not None and tag != "!"  # the reader in C gives a quoted text this one


def _refused(name: str, event: yaml.Event, words: str) -> FileError:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return FileError(f"{name} is not YAML that bandmate reads: {words} (line {line})")
