"""What the shelf knows of each take: a row each, newest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bandmate.contract.messages import Atom
from bandmate.errors import AskError
from bandmate.music.clip import Clip

MOST = 40
"""Rows that are shown; the oldest are not."""
KNOWN = 200
"""Takes that are known: among them are edits that are not shown. A list holds no more."""
_NUMBER = re.compile(r"#(\d+)(?: \(\d+\))?$")


@dataclass(frozen=True, slots=True)
class Row:
    """A take on the shelf."""

    number: int
    kind: str
    """``loop`` or ``card``."""
    state: str
    """``made``, ``accepted`` or ``rejected``."""
    title: str
    """What a person called it, else the name of its file: ``funk drums+bass Am 96 #12``."""
    client: str
    """Who asked for it."""
    is_starred: bool | None = None
    """None where the daemon knows no stars."""
    parent: int = 0
    """The take on the shelf that was edited to get this one; 0 where none was."""
    clip: Clip | None = None
    """None until its notes came."""
    file: Path | None = None
    """The daemon's own .mid; None where it does not lie on this machine."""
    subject: str = ""
    """Its genre, or the keywords that a card answers; empty until its notes came."""
    trouble: str = ""
    """Why its notes cannot be had, a sentence."""

    @property
    def is_named(self) -> bool:
        """Whether a person gave it a name: else it is called as its file is, ``... #12``."""
        found = _NUMBER.search(self.title)
        return found is None or int(found[1]) != self.number

    @property
    def label(self) -> str:
        """The title with the take's number, by which asks name it."""
        number = f"#{self.number}"
        return self.title if number in self.title.split() else f"{self.title} {number}"

    @property
    def is_passing(self) -> bool:
        """Whether it is an edit that nobody marked: a step on somebody's way."""
        is_marked = self.is_starred or self.is_named or self.state != "made"
        return bool(self.parent) and not is_marked


class Rows:
    """All rows; used by one thread."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}

    @property
    def newest_first(self) -> tuple[Row, ...]:
        """What is shown, newest first: of a chain of edits that nobody marked the latest alone.

        Each has for a parent one that is shown as well.
        """
        edited = {row.parent for row in self._rows.values()}
        hidden = {
            number: row.parent
            for number, row in self._rows.items()
            if row.is_passing and number in edited
        }
        shown = sorted(self._rows.keys() - hidden.keys(), reverse=True)[:MOST]
        return tuple(_child_of_shown(self._rows[number], hidden) for number in shown)

    def get(self, number: int) -> Row | None:
        """Return a take's row, None where it has none."""
        return self._rows.get(number)

    def tell(self, pairs: Mapping[str, Atom]) -> Row:
        """Take in what ``/bandmate/take/told`` tells and return the row; raises AskError."""
        number = pairs.get("take")
        if not isinstance(number, int):
            raise AskError(f"a take must tell its number, not {number!r}")
        starred = pairs.get("star")
        before = self._rows.get(number)
        row = Row(
            number,
            kind=str(pairs.get("kind", "loop")),
            state=str(pairs.get("state", "made")),
            title=str(pairs.get("title") or f"take #{number}"),
            client=str(pairs.get("client", "")),
            is_starred=None if starred is None else bool(starred),
            parent=int(pairs.get("parent") or 0),
        )
        if before:
            row = replace(
                row,
                clip=before.clip,
                file=before.file,
                subject=before.subject,
                trouble=before.trouble,
            )
        self._rows[number] = row
        for old in sorted(self._rows)[:-KNOWN]:
            del self._rows[old]
        return row

    def keep(self, numbers: Iterable[int]) -> None:
        """Let go of all takes but these."""
        self._rows = {number: self._rows[number] for number in numbers if number in self._rows}

    def open(self, number: int, clip: Clip, file: Path | None, subject: str = "") -> None:
        """Take in the notes of a take, its file where it lies here, and what it is about."""
        if number in self._rows:
            row = self._rows[number]
            self._rows[number] = replace(row, clip=clip, file=file, subject=subject, trouble="")

    def fail(self, number: int, words: str) -> None:
        """Take in why the notes of a take cannot be had."""
        if number in self._rows:
            self._rows[number] = replace(self._rows[number], trouble=words)


def _child_of_shown(row: Row, hidden: Mapping[int, int]) -> Row:
    parent = row.parent
    while parent in hidden:
        parent = hidden[parent]
    return row if parent == row.parent else replace(row, parent=parent)
