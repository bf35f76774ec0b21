"""What can be asked of the loop generator: checked at the door, frozen inside.

Every wire, the command line and the presets read through the one table ``FIELDS``, so that a
``LoopAsk`` that exists makes sense and nothing below checks again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bandmate.errors import AskError, nearest
from bandmate.loops.controls import GENRES, MAX_BAR_BEATS, SECTIONS, PlannedPart
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.roles import MAX_OF_A_KIND, ROLES, numbered
from bandmate.ranges import Field, Flag, OneOf, Real, Text, Whole, Written, read_pairs, shown

MAX_BARS = 64
MAX_PARTS = 10
_COMMA = re.compile(r",(?![^()]*\))")
"""A comma between chords, not one within ``G:7(b9,b13)``."""

MAX_CHORDS_A_BAR = 8

BarsOfChords = tuple[tuple[Chord, ...], ...]
"""Chords as they are written: for each bar its chords, which share it equally."""

_PART = re.compile(r"([a-z]+)([1-9]\d*)?(?::(.+))?", re.ASCII)


def parse_meter(text: str) -> Meter:
    """Read ``"6/8"``; raises AskError also for a bar that the loop model cannot write."""
    return checked_meter(Meter.parse(text))


def checked_meter(meter: Meter) -> Meter:
    """Return a meter that the loop model can write; raises AskError for the others."""
    if meter.denominator not in (2, 4, 8) or not 1 <= meter.bar_beats <= MAX_BAR_BEATS:
        raise AskError(
            f"meter must be over 2, 4 or 8 with a bar of 1..{MAX_BAR_BEATS:g} beats "
            f"(quarter notes), not {meter}"
        )
    return meter


def parse_parts(text: str) -> tuple[PlannedPart, ...]:
    """Read ``"drums,bass,keys:4,lead2:81"``; raises AskError naming the nearest roles."""
    words = [word.strip().lower() for word in text.split(",")]
    if not text.strip() or len(words) > MAX_PARTS:
        raise AskError(
            f"parts must name 1..{MAX_PARTS} parts, not {len(words) if text.strip() else 0}"
        )
    parts: list[PlannedPart] = []
    for word in words:
        parts.append(_part(word, {part.name for part in parts}))
    return tuple(parts)


def _part(word: str, taken: set[str]) -> PlannedPart:
    match = _PART.fullmatch(word)
    if match is None or match[1] not in ROLES:
        near = nearest(match[1] if match else word[:40], ROLES)
        raise AskError(f"parts must be roles such as {near}, not {shown(word)}")
    role, digit, program = match.groups()
    if digit and int(digit[:3]) > MAX_OF_A_KIND:
        raise AskError(f"parts may number a role 1..{MAX_OF_A_KIND}, not {shown(word)}")
    name = numbered(role, taken) if digit is None else role + digit.replace("1", "")
    if name is None:
        raise AskError(f"parts may hold {role} {MAX_OF_A_KIND} times at most")
    if name in taken:
        raise AskError(f"parts may name {name} once, not twice")
    usual = ROLES[role].program
    return PlannedPart(
        name, usual if program is None else _PROGRAM.read(f"program of {name}", program)
    )


_PROGRAM = Whole(0, 127)


def parts_to_text(parts: Iterable[PlannedPart]) -> str:
    """Return parts as they are written, programs said: ``drums:0,bass:33``."""
    return ",".join(f"{part.name}:{part.program}" for part in parts)


def read_chords(text: str) -> BarsOfChords:
    """Read ``"A:min D:min,G:7"``: a blank between bars, a comma within one; raises AskError."""
    bars = ",".join(label.strip() for label in _COMMA.split(text)).split()
    if not 1 <= len(bars) <= MAX_BARS:
        raise AskError(f"chords must fill 1..{MAX_BARS} bars, not {len(bars)}")
    return tuple(_bar_of_chords(bar) for bar in bars)


def _bar_of_chords(text: str) -> tuple[Chord, ...]:
    labels = _COMMA.split(text)
    if len(labels) > MAX_CHORDS_A_BAR:
        raise AskError(f"chords of a bar must be 1..{MAX_CHORDS_A_BAR}, not {len(labels)}")
    return tuple(Chord.parse(label) for label in labels)


def check_fit(chords: BarsOfChords, bars: int) -> None:
    """Raise AskError where chords fill more than *bars* bars."""
    if len(chords) > bars:
        raise AskError(f"chords must fill 1..{bars} bars, as the clip does, not {len(chords)}")


def placed_chords(chords: BarsOfChords, meter: Meter, bars: int) -> tuple[ChordSpan, ...]:
    """Lay chords over *bars* bars: too few are repeated, too many raise AskError."""
    check_fit(chords, bars)
    spans: list[ChordSpan] = []
    for index in range(bars if chords else 0):
        bar = chords[index % len(chords)]
        edges = [meter.bar_beats * (index + i / len(bar)) for i in range(len(bar) + 1)]
        spans += [ChordSpan(*edge) for edge in zip(edges, edges[1:], bar, strict=False)]
    return tuple(spans)


def parse_chords(text: str, meter: Meter, bars: int) -> tuple[ChordSpan, ...]:
    """Read chords and lay them over *bars* bars of a meter; raises AskError."""
    return placed_chords(read_chords(text), meter, bars)


def parse_reply(text: str) -> str:
    """Read where answers go, a port or ``mailbox:name``, and return it; raises AskError."""
    if re.fullmatch(r"mailbox:[a-z0-9-]{1,40}", text):
        return text
    if not text.isdecimal():
        raise AskError(f"reply must be a port 1..65535 or mailbox:name (a-z, 0-9, -), not {text!r}")
    return str(Whole(1, 65535).read("reply", text))


def chords_to_text(spans: Iterable[ChordSpan], meter: Meter, bars: int) -> str:
    """Return chords as they are written, ``N`` for a bar without one; empty for no chords."""
    known = tuple(spans)
    words = []
    for index in range(bars if known else 0):
        start, end = meter.bar_beats * index, meter.bar_beats * (index + 1)
        words.append(
            ",".join(str(s.chord) for s in known if s.start < end and s.end > start) or "N"
        )
    return " ".join(words)


MODEL_PATTERN = r"[\w.-]{1,40}@[0-9a-f]{8}"

FIELDS: tuple[Field, ...] = (
    Field("bars", Whole(1, MAX_BARS), "length in bars", "as many as the chords fill, else 4"),
    Field(
        "tempo",
        Real(20, 400),
        "quarter notes per minute",
        "the song's, else the preset's, else 120",
    ),
    Field(
        "meter",
        Written(parse_meter, "4/4 or 6/8"),
        "time signature",
        "the song's, else the preset's, else 4/4",
    ),
    Field(
        "key",
        Written(Key.parse, "A:min or F#:dor"),
        "tonic and mode",
        "the song's, else C in the preset's mode",
    ),
    Field(
        "parts",
        Written(parse_parts, "drums,bass,keys:4,lead2:81", 400),
        "roles, a digit for a second of its kind, :program for another sound",
        "the preset's, else drums,bass,keys",
    ),
    Field("genre", OneOf(GENRES), "style", "the preset's, else the model chooses"),
    Field("section", OneOf(SECTIONS), "place in a song", "the preset's, else the model chooses"),
    Field("energy", Whole(1, 5), "1 is calm, 5 drives", "the preset's, else the model chooses"),
    Field(
        "density",
        Real(0.5, 48),
        "distinct onsets a bar, all parts together",
        "the preset's, else the model chooses",
    ),
    Field(
        "chords",
        Written(read_chords, "A:min D:min,G:7 F:maj E:7", 8000),
        "a blank between bars, a comma within one; repeated where they are fewer than the bars",
        "the song's, else the model chooses",
    ),
    Field(
        "card",
        Whole(1, 2**31 - 1),
        "a card's take number: its chords, key, meter, genre, energy and mood are used",
        "the card that the song follows, else none",
    ),
    Field("preset", Text(r"[^\s/\\]{1,40}", "a preset's name"), "a preset's name", "none"),
    Field(
        "seed",
        Whole(0, 2**31 - 1),
        "the same seed, model and ask give the same notes",
        "a random one",
    ),
    Field("takes", Whole(1, 8), "how many clips, made from seed, seed+1 and so on", "1"),
    Field("temperature", Real(0.1, 2), "below 1 is safer, above 1 wilder", "the preset's, else 1"),
    Field("top_k", Whole(0, 1000), "keep the k likeliest tokens, 0 keeps all", "0"),
    Field("top_p", Real(0.05, 1), "keep the likeliest tokens that share this probability", "0.98"),
    Field("in_key", Flag(), "only notes of the key's scale or of the sounding chord", "on"),
    Field(
        "model",
        Text(MODEL_PATTERN, "a model and its checksum, such as loops@1a2b3c4d"),
        "refuse to answer with another model",
        "whichever is loaded",
    ),
    Field("play", Flag(), "play the first take from the next bar", "off"),
    Field("insert", Flag(), "place the first take in the DAW", "off"),
    Field("notes", OneOf(("file", "blob")), "answer with a path, or with the notes too", "file"),
    Field(
        "reply",
        Written(parse_reply, "7780 (a port) or mailbox:name", 60),
        "where the answers go, for hosts that can only send",
        "the sender",
    ),
)
"""All that can be said in an ask."""

_BY_NAME = {field.name: field for field in FIELDS}


@dataclass(frozen=True, slots=True)
class LoopAsk:
    """A wish for a loop; None means that it was not said. Ranges are in ``FIELDS``."""

    bars: int | None = None
    tempo: float | None = None
    """Quarter notes per minute."""
    meter: Meter | None = None
    key: Key | None = None
    parts: tuple[PlannedPart, ...] | None = None
    genre: str | None = None
    section: str | None = None
    energy: int | None = None
    density: float | None = None
    """Distinct onsets a bar, all parts together."""
    chords: BarsOfChords | None = None
    card: int | None = None
    """The number of a take that is a card."""
    preset: str | None = None
    seed: int | None = None
    takes: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    in_key: bool | None = None
    model: str | None = None
    play: bool | None = None
    insert: bool | None = None
    notes: str | None = None
    reply: str | None = None
    """A port as text, or ``mailbox:name``."""

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, object]]) -> LoopAsk:
        """Read names and values as any wire brings them; raises AskError with one sentence."""
        return cls(**read_pairs(pairs, FIELDS))  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        for field in FIELDS:
            value = getattr(self, field.name)
            if value is not None and not isinstance(field.range, Written):
                field.range.read(field.name, value)
        if self.meter is not None:
            checked_meter(self.meter)
        if self.bars is not None and self.chords is not None:
            check_fit(self.chords, self.bars)
