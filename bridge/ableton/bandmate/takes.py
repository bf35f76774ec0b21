"""Takes as they arrive: a head that tells of them, and their notes in numbered chunks."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Generator, NamedTuple

from .osc import Atom, Message, pairs_of

_NOTE = struct.Struct(">BBBxff")
_METER = re.compile(r"(\d{1,2})/(\d{1,2})$")
_PART = re.compile(r"(?<![a-z])([a-z]+[0-9]?):(\d+):(\d+)")
_SHORTEST = 1.0 / 64
"""Beats: a shorter note cannot be seen in Live, nor grabbed."""

_READ_AT_ONCE = 128

MOST_BEATS = 4096.0
"""Longest clip that is written."""


class Note(NamedTuple):
    """One note; start and duration in beats."""

    pitch: int
    start: float
    duration: float
    velocity: int


class Part(NamedTuple):
    """The notes of one instrument."""

    name: str
    notes: tuple[Note, ...]


class Take(NamedTuple):
    """A take that is whole."""

    number: int
    file: str
    """Where it lies as a .mid."""
    length: float
    """In beats."""
    meter: tuple[int, int]
    names: tuple[str, ...]
    """Of its parts, in the order in which its notes count them."""
    data: bytes
    """Its notes as they came."""
    title: str
    """What a card plays, ``F | Dm7 G7``; empty for a loop."""
    place: int
    """Its place among those of its ask, from 0."""
    only: str = ""
    """The one part that is wanted, empty for all; all too where there is no such part."""


class Damaged(ValueError):
    """Notes that are not what was sent."""


class Arriving:
    """One take on its way: its chunks come in any order, and some of them twice."""

    def __init__(self, id_: Atom, number: int) -> None:
        self.id = id_
        self.number = number
        self.head: dict[str, Atom] | None = None
        self.is_placed = False
        """True where somebody chose it elsewhere and sent it here."""
        self._chunks: dict[int, bytes] = {}
        self._count = 0
        self._crc32 = 0

    def add_chunk(self, message: Message) -> None:
        """Take in ``/bandmate/take/notes``; raises Damaged for one that says something else."""
        try:
            _, _, chunk, chunks, crc32, data = message.arguments
        except ValueError:
            raise Damaged("a chunk of notes is cut off") from None
        if not (isinstance(chunk, int) and isinstance(chunks, int) and isinstance(crc32, int)):
            raise Damaged("a chunk of notes has no number")
        if not isinstance(data, bytes) or not 0 <= chunk < chunks:
            raise Damaged("a chunk of notes has no notes")
        self._chunks[chunk] = data
        self._count, self._crc32 = chunks, crc32

    @property
    def is_whole(self) -> bool:
        """True where the head and every chunk are there."""
        if self.head is None:
            return False
        wanted = self.head.get("chunks", self._count)
        return len(self._chunks) == (self._count or wanted)

    @property
    def file(self) -> str:
        """Where the take lies, empty where that was not told yet."""
        return str((self.head or {}).get("file", ""))

    def take(self) -> Take:
        """Return the take; raises Damaged where its notes are not what was sent."""
        assert self.head is not None
        head = self.head
        data = b"".join(self._chunks[i] for i in sorted(self._chunks))
        if self._chunks and zlib.crc32(data) != self._crc32 & 0xFFFFFFFF:
            raise Damaged("the notes did not arrive as they were sent")
        length = head.get("length")
        if not isinstance(length, (int, float)) or not 0 < length <= MOST_BEATS:
            raise Damaged("its length makes no sense")
        named = _PART.findall(str(head.get("parts", "")))
        symbols = " | ".join(
            word.replace(",", " ") for word in str(head.get("symbols", "")).split()
        )
        index = head.get("index", 0)
        return Take(
            self.number,
            self.file,
            float(length),
            meter_of(str(head.get("meter", "4/4"))),
            tuple(row[0] for row in named),
            data,
            symbols,
            index if isinstance(index, int) else 0,
        )


def parts_of(take: Take) -> Generator[int, None, list[Part]]:
    """Return the parts of a take, read in pieces; raises Damaged where they make no sense."""
    if len(take.data) % _NOTE.size:
        raise Damaged("a note is cut off")
    notes: list[list[Note]] = [[] for _ in take.names]
    for count, row in enumerate(_NOTE.iter_unpack(take.data), 1):
        _read_note(notes, *row)
        if count % _READ_AT_ONCE == 0:
            yield _READ_AT_ONCE // 4  # Live is not asked
    parts = [Part(name, tuple(own)) for name, own in zip(take.names, notes)]
    return [part for part in parts if part.name == take.only] or parts


def _read_note(
    notes: list[list[Note]], part: int, pitch: int, velocity: int, start: float, duration: float
) -> None:
    if part >= len(notes) or pitch > 127 or not 1 <= velocity <= 127:
        raise Damaged("a note makes no sense")
    if not 0 <= start <= MOST_BEATS or not 0 <= duration <= MOST_BEATS:  # neither NaN
        raise Damaged("a note lies outside its clip")
    notes[part].append(Note(pitch, start, max(duration, _SHORTEST), velocity))


def meter_of(text: str) -> tuple[int, int]:
    """Read ``6/8``; what is none is taken for 4/4."""
    found = _METER.match(text)
    return (int(found.group(1)), int(found.group(2))) if found else (4, 4)


def head_of(message: Message, first: int) -> dict[str, Atom]:
    """Return what a message tells of a take: its names and values from argument *first* on."""
    return pairs_of(message.arguments[first:])
