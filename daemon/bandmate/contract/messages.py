"""Messages as values, and what they carry: notes as bytes, takes as pairs, mailbox text.

Pure functions, each with its way back; no socket and no file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bandmate.asks.notation import chords_to_text, parse_chords
from bandmate.errors import AskError
from bandmate.fields import shown
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import keywords_to_text

if TYPE_CHECKING:
    from bandmate.asks.song import Song
    from bandmate.loops.bars import Bar
    from bandmate.takes.store import Take

Atom = int | float | str | bytes
"""One argument of a message."""

ARGUMENTS = 512
"""Most arguments of a message, on every wire; the longest ask has about a hundred."""

CHUNK_NOTES = 336
"""Notes in one blob: 4,032 bytes, since some receivers lose blobs of more than 4,076."""

CHORDS_LIMIT = 4000
"""Longest chords text in an answer, in bytes, else it is left out: 8 KB must hold a path too."""

_NOTE = struct.Struct(">BBBxff")
_INT64 = 1 << 63
_SHORT = 400
"""Characters and bytes of all arguments together."""


@dataclass(frozen=True, slots=True)
class Message:
    """An address and its arguments, as every wire carries them."""

    address: str
    arguments: tuple[Atom, ...] = ()


def is_short(message: Message) -> bool:
    """Return True for what is soon read: few and short arguments, as a touch or a press has."""
    texts = sum(len(a) for a in message.arguments if isinstance(a, str | bytes))
    return len(message.arguments) <= 32 and texts <= _SHORT


# notes


def clip_to_data(clip: Clip | Bar) -> bytes:
    """Return the notes of a clip or a bar, 12 bytes each: part index, pitch, velocity, 0, start,
    duration.

    Start and duration are beats as big-endian float32; notes come part by part, in their order.
    """
    return b"".join(
        _NOTE.pack(index, note.pitch, note.velocity, note.start, note.duration)
        for index, part in enumerate(clip.parts)
        for note in part.notes
    )


def data_to_notes(data: bytes, parts: int) -> tuple[tuple[Note, ...], ...]:
    """Return the notes of each of *parts* parts; raises AskError where the bytes are no notes."""
    if len(data) % _NOTE.size:
        raise AskError(
            f"notes must come as {_NOTE.size} bytes each, not as {len(data)} bytes in all"
        )
    notes: list[list[Note]] = [[] for _ in range(parts)]
    for index, pitch, velocity, start, duration in _NOTE.iter_unpack(data):
        if index >= parts:
            raise AskError(f"a note's part must be in 0..{parts - 1}, not {index}")
        notes[index].append(Note(start, pitch, duration, velocity))
    return tuple(tuple(part) for part in notes)


def data_to_chunks(data: bytes) -> list[bytes]:
    """Cut notes into blobs of at most CHUNK_NOTES notes; no notes give no blob."""
    size = CHUNK_NOTES * _NOTE.size
    return [data[i : i + size] for i in range(0, len(data), size)]


def chunks_to_data(chunks: Sequence[bytes], crc32: int) -> bytes:
    """Join blobs again; raises AskError where their checksum is not *crc32*."""
    data = b"".join(chunks)
    if checksum(data) != crc32:
        raise AskError(
            f"the notes did not arrive whole: crc32 must be {crc32}, not {checksum(data)}"
        )
    return data


def checksum(data: bytes) -> int:
    """Return the CRC-32 of *data* as OSC carries it: a signed int32."""
    crc32 = zlib.crc32(data)
    return crc32 - (1 << 32) if crc32 >= 1 << 31 else crc32


def note_messages(id_: Atom, take: int, clip: Clip) -> list[Message]:
    """Return the ``/bandmate/take/notes`` messages that carry a clip, in order."""
    data = clip_to_data(clip)
    chunks = data_to_chunks(data)
    return [
        Message("/bandmate/take/notes", (id_, take, i, len(chunks), checksum(data), chunk))
        for i, chunk in enumerate(chunks)
    ]


def bar_to_atoms(bar: Bar) -> tuple[Atom, Atom]:
    """Return the parts of a bar that is written, and its notes: as many as one blob holds."""
    return parts_to_text(bar), clip_to_data(bar)[: CHUNK_NOTES * _NOTE.size]


# takes


def take_to_pairs(take: Take, index: int = 0, takes: int = 1, chunks: int = 0) -> tuple[Atom, ...]:
    """Return what ``made`` and ``place`` tell of a take: name, value...

    *index* is its place (from 0) among the *takes* that answer one ask, *chunks* the number of
    ``/bandmate/take/notes`` messages that follow.
    """
    clip = take.clip
    told: dict[str, Atom] = {
        "take": take.number,
        "seed": take.seed,
        "file": str(take.file),
        "tempo": float(clip.tempo),
        "key": str(clip.key) if clip.key else "",
        "meter": str(clip.meter),
        "bars": clip.bars,
        "length": float(clip.length),
        "chords": _tellable(chords_to_text(clip.chords, clip.meter, clip.bars)),
        "parts": parts_to_text(clip),
        "notes": clip.note_count,
        "first_bar_ms": float(take.first_bar_ms),
        "made_ms": float(take.made_ms),
        "model": take.model,
        "index": index,
        "takes": takes,
        "chunks": chunks,
    }
    return tuple(atom for pair in told.items() for atom in pair)


def pairs_to_clip(pairs: Mapping[str, Atom], data: bytes) -> Clip:
    """Return the clip that an answer's pairs and its notes tell of; raises AskError."""
    missing = [n for n in ("tempo", "key", "meter", "bars", "length", "parts") if n not in pairs]
    if missing:
        raise AskError(f"a take must tell its {', '.join(missing)}")
    meter, bars = Meter.parse(str(pairs["meter"])), int(pairs["bars"])
    named = [text.split(":") for text in str(pairs["parts"]).split(",") if text]
    chords = str(pairs.get("chords", ""))
    return Clip(
        parts=tuple(
            Part(name, int(program), notes)
            for (name, program, _), notes in zip(
                named, data_to_notes(data, len(named)), strict=True
            )
        ),
        length=float(pairs["length"]),
        tempo=float(pairs["tempo"]),
        meter=meter,
        key=Key.parse(str(pairs["key"])) if pairs["key"] else None,
        chords=parse_chords(chords, meter, bars) if chords else (),
    )


def parts_to_text(clip: Clip | Bar) -> str:
    """Return ``drums:0:64,bass:33:20``: each part's name, program and count of notes."""
    return ",".join(f"{part.name}:{part.program}:{len(part.notes)}" for part in clip.parts)


def song_to_pairs(song: Song, daw: str) -> tuple[Atom, ...]:
    """Return what ``/bandmate/song/told`` tells of a song and the DAW's title: name, value..."""
    told = dict(song.pairs)
    told |= {"is_playing": int(song.is_playing), "chords": _tellable(str(told["chords"]))}
    told |= {"keywords": keywords_to_text(song.keywords), "card": song.card or 0, "daw": daw}
    return tuple(cast(Atom, atom) for pair in told.items() for atom in pair)


def _tellable(chords: str) -> str:
    return chords if len(chords.encode()) <= CHORDS_LIMIT else ""


# mailbox text

_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"))


def message_to_text(message: Message) -> str:
    """Return a message as a mailbox holds it: the address, then one line an argument."""
    return "".join(f"{line}\n" for line in (message.address, *map(_line, message.arguments)))


def text_to_message(text: str) -> Message:
    """Read a mailbox text; raises AskError that names the line."""
    lines = text.removesuffix("\n").split("\n", ARGUMENTS + 1)
    if len(lines) > ARGUMENTS + 1:
        raise AskError(f"a message must have at most {ARGUMENTS} arguments")
    lines = [line.removesuffix("\r") for line in lines]
    address = lines[0]
    if not address.startswith("/") or " " in address or "\0" in text:
        raise AskError(
            f"a message must begin with an address such as /bandmate/hello, not {address[:40]!r}"
        )
    return Message(address, tuple(_atom(i, line) for i, line in enumerate(lines[1:], 2)))


def _line(atom: Atom) -> str:
    match atom:
        case bytes():
            return f"b {atom.hex()}"
        case str():
            return f"s {_escaped(atom)}"
        case float():
            return f"f {atom!r}"
        case _:
            return f"i {int(atom)}"


def _atom(number: int, line: str) -> Atom:
    kind, _, value = line.partition(" ")
    try:
        match kind:
            case "i" if -_INT64 <= int(value) < _INT64:
                return int(value)
            case "f":
                return float(value)
            case "s":
                return _unescaped(value)
            case "b":
                return bytes.fromhex(value)
    except ValueError:
        pass
    raise AskError(
        f"line {number} of a message must be written like i 4, f 96.0, s text or b 00ff, "
        f"not {shown(line)}"
    )


def _escaped(text: str) -> str:
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return text


def _unescaped(text: str) -> str:
    plain = {escaped: char for char, escaped in _ESCAPES}
    pieces = text.split("\\\\")
    for escaped in ("\\n", "\\r"):
        pieces = [piece.replace(escaped, plain[escaped]) for piece in pieces]
    return "\\".join(pieces)


def pairs_of(arguments: Iterable[Atom]) -> list[tuple[str, Atom]]:
    """Read arguments as name, value pairs; raises AskError where they are none."""
    rest = list(arguments)
    for name in rest[::2]:
        if not isinstance(name, str):
            raise AskError(f"name, value pairs must have a text for a name, not {shown(name)}")
    if len(rest) % 2:
        raise AskError(f"name, value pairs must come in twos: {shown(rest[-1])} has no value")
    return [(str(name), value) for name, value in zip(rest[::2], rest[1::2], strict=True)]
