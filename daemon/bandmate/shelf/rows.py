"""What the shelf knows of each take: a row each, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bandmate.errors import AskError
from bandmate.music.clip import Clip
from bandmate.wires.messages import Atom

MOST = 40
"""Rows that are kept; the oldest go."""


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
    clip: Clip | None = None
    """None until its notes came."""
    file: Path | None = None
    """The daemon's own .mid; None where it does not lie on this machine."""
    trouble: str = ""
    """Why its notes cannot be had, a sentence."""

    @property
    def label(self) -> str:
        """The title with the take's number, by which asks name it."""
        number = f"#{self.number}"
        return self.title if number in self.title.split() else f"{self.title} {number}"


class Rows:
    """All rows; used by one thread."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}

    @property
    def newest_first(self) -> tuple[Row, ...]:
        """All rows, newest first."""
        return tuple(self._rows[number] for number in sorted(self._rows, reverse=True))

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
            title=str(pairs.get("title") or "take"),
            client=str(pairs.get("client", "")),
            is_starred=None if starred is None else bool(starred),
        )
        if before:
            row = replace(row, clip=before.clip, file=before.file, trouble=before.trouble)
        self._rows[number] = row
        for old in sorted(self._rows)[:-MOST]:
            del self._rows[old]
        return row

    def keep(self, numbers: Iterable[int]) -> None:
        """Let go of all takes but these."""
        self._rows = {number: self._rows[number] for number in numbers if number in self._rows}

    def open(self, number: int, clip: Clip, file: Path | None) -> None:
        """Take in the notes of a take, and its file where it lies here."""
        if number in self._rows:
            row = self._rows[number]
            self._rows[number] = replace(row, clip=clip, file=file, trouble="")

    def fail(self, number: int, words: str) -> None:
        """Take in why the notes of a take cannot be had."""
        if number in self._rows:
            self._rows[number] = replace(self._rows[number], trouble=words)
