"""A take whose notes are on their way, in chunks; no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bandmate.contract.messages import Atom, chunks_to_data, pairs_to_clip
from bandmate.errors import AskError
from bandmate.music.clip import Clip


@dataclass(slots=True)
class Arriving:
    """What came of it until now."""

    number: int
    _head: dict[str, Atom] = field(default_factory=dict)
    _chunks: dict[int, bytes] = field(default_factory=dict)
    _crc32: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return bool(self._head) and len(self._chunks) >= int(self._head.get("chunks", 0))

    @property
    def file(self) -> Path:
        """Where the daemon keeps it."""
        return Path(str(self._head.get("file", "")))

    @property
    def subject(self) -> str:
        """What it is about: the keywords that a card answers, the genre of a loop."""
        told = self._head.get("answers") or self._head.get("genre") or ""
        return str(told).replace(",", ", ")

    def take_head(self, head: dict[str, Atom]) -> None:
        """Take in ``/bandmate/take/got``, if it is of this take."""
        if head.get("take") == self.number:
            self._head = head

    def take_notes(self, told: tuple[Atom, ...]) -> None:
        """Take in ``/bandmate/take/notes``, if they are of this take; raises AskError."""
        if len(told) != 5 or told[0] != self.number:
            return
        _, chunk, _, crc32, data = told
        if not isinstance(data, bytes):
            raise AskError("notes must come as bytes")
        self._chunks[int(chunk)], self._crc32 = data, int(crc32)

    def clip(self) -> Clip:
        """Return its notes, once it is whole; raises BandmateError and ValueError."""
        chunks = [self._chunks[index] for index in sorted(self._chunks)]
        data = chunks_to_data(chunks, self._crc32) if chunks else b""
        return pairs_to_clip(self._head, data)
