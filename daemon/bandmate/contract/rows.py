"""The shape of the OSC contract: what a row holds, and how a message is read by its row."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bandmate.asks.chords import CHORD_FIELDS
from bandmate.asks.loop import BOUNDARIES
from bandmate.asks.notation import parse_meter, read_chords
from bandmate.contract.messages import CHUNK_NOTES, Atom, Message, pairs_of
from bandmate.errors import AskError, nearest
from bandmate.fields import Field, Flag, OneOf, Real, Text, Whole, Written, check_pairs, shown
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import read_keywords

ID_LIMIT = 200
"""Longest id, in characters."""

TAKE = Field(
    "take", Whole(0, 2**31 - 1), "a take's number", "0: your latest take, else the latest of all"
)
"""The one argument of the addresses under ``/bandmate/take``."""

_WORD = Text(r"[^\x00-\x1f]{1,40}", "1..40 characters")

HELLO = (
    Field("client", _WORD, "what you call yourself", "nameless"),
    Field("version", _WORD, "your version", "untold"),
    Field("owns", Text("daw|", "daw or empty"),
          "daw: takes that are inserted come to you, the latest who said so", "empty"),
    Field("token", Text(r"[^\x00-\x20]{1,200}", "the token of bandmate's settings"),
          "what lets you in from another machine", "you are on this machine"),
)  # fmt: skip
"""What a client can say of itself."""

NOTES = Field("notes", OneOf(("file", "blob")), "answer with a path, or with the notes too", "file")
"""How the notes of a card come."""

CHORDS = (*CHORD_FIELDS[:-1], NOTES, CHORD_FIELDS[-1])
"""What can be said in an ask for chords."""

PATH = Field(
    "path", Text(r"[^\x00-\x1f]{1,1000}", "a path of 1..1000 characters"),
    "a sound or a .mid on the daemon's machine", "nothing is heard",
)  # fmt: skip
"""The one argument of ``/bandmate/chords/transcribe``."""

_KEY = Written(Key.parse, "A:min or F#:dor")
_METER = Written(parse_meter, "4/4 or 6/8")
_CHORDS = Written(lambda text: read_chords(text) if text else (), "A:min D:min,G:7", 8000)

TRANSCRIBE = (
    Field("key", _KEY, "tonic to which the chords are moved", "where they are heard"),
    Field("meter", _METER, "time signature", "the song's, else 4/4"),
)
"""What can be said of chords that are to be heard."""

SUGGEST = (
    Field("before", _CHORDS, "the chords so far: a blank between bars, a comma within one",
          "the song's, else none"),
    Field("after", _CHORDS, "the chords that come behind the one that is looked for", "none"),
    Field("key", _KEY, "tonic and mode", "the song's"),
    Field("meter", _METER, "time signature", "the song's, else 4/4"),
    Field("most", Whole(1, 32), "how many chords are wanted", "8"),
)  # fmt: skip
"""What can be said of a chord that is to come."""

KEYWORDS = (
    Field("keywords", Written(read_keywords, "melancholic:0.8,hip hop:0.5!,slow", 400),
          "words with commas between; a weight of 0..1 behind a colon, ! where a word is locked; "
          "empty forgets them", "they stay as they are"),
)  # fmt: skip
"""What can be said of a song's keywords."""


PLAY = (
    Field("at", OneOf((*BOUNDARIES, "queue")), "the line that it begins on; queue: behind what "
          "plays, without a gap", "bar"),
    Field("loop", Flag(), "round and round", "off"),
    Field("count_in", Whole(0, 4), "bars that are clicked before it, where nothing plays", "0"),
)  # fmt: skip
"""What can be said of a take that is to be played."""

_PARTS = Text(r"[a-z0-9, ]{0,200}", "parts such as drums,keys2, or empty")

MIX = (
    Field("mute", _PARTS, "parts that are silent, empty for none", "they stay as they are"),
    Field("solo", _PARTS, "parts that alone are heard, empty for all", "they stay as they are"),
)
"""What can be said of the mix."""

_TEMPO = Field("tempo", Real(20, 400), "quarter notes per minute", "it stays as it is")
_ANY_METER = Field("meter", Written(Meter.parse, "4/4 or 6/8"), "time signature",
                   "it stays as it is")  # fmt: skip

TRANSPORT = (
    Field("source", OneOf(("internal", "clock", "link", "bridge")),
          "who tells the time: bandmate itself, a MIDI clock, Ableton Link, a bridge's reports",
          "it stays as it is"),
    _TEMPO,
    _ANY_METER,
    Field("is_rolling", Flag(), "on starts the time, off stops it", "it stays as it is"),
)  # fmt: skip
"""What can be changed of the musical time."""

REPORT = (
    Field("beat", Real(-1e6, 1e6), "quarter notes since the start of the project", "0"),
    _TEMPO,
    _ANY_METER,
    Field("is_rolling", Flag(), "whether the project rolls", "on"),
)
"""What a bridge can report of its project."""


ACTION = Field(
    "action",
    Text(r"[^\x00-\x1f]{1,400}", "1..400 characters that the bridge understands"),
    "what is to be done in the DAW, such as loop bars=8",
    "nothing is done",
)
"""The one argument of ``/bandmate/bridge/do``."""

WORDS = Field(
    "words",
    Text(r"[^\x00]{0,1000}", "at most 1000 characters"),
    "what became of it, one sentence for a person",
    "empty",
)
"""The one argument of ``/bandmate/bridge/done``."""


TOPICS = ("song", "transport", "beat", "takes", "keywords", "mix")
"""What can be subscribed to."""

NONE = "none"


def read_topics(text: str) -> tuple[str, ...]:
    """Read ``song,transport``, ``none`` or nothing, in the order of TOPICS; raises AskError."""
    words = {word.strip().lower() for word in text.split(",")} - {"", NONE}
    for word in sorted(words - set(TOPICS)):
        raise AskError(f"there is no news of {shown(word)}, try {nearest(word[:40], TOPICS)}")
    return tuple(topic for topic in TOPICS if topic in words)


SUBSCRIBE = (
    Field("to", Written(read_topics, "song,transport,beat,takes,keywords,mix or none", 200),
          "what you want to be told of unasked, in the place of all before; beat brings transport "
          "along", "it stays as it is"),
)  # fmt: skip
"""What can be said in a subscription."""


@dataclass(frozen=True, slots=True)
class NotesRange:
    """A blob of notes."""

    words: str = f"12 bytes a note, at most {CHUNK_NOTES} notes"

    def read(self, name: str, value: object) -> bytes:
        """Return the bytes; raises AskError."""
        if not isinstance(value, bytes) or len(value) > 12 * CHUNK_NOTES or len(value) % 12:
            told = f"{len(value)} bytes" if isinstance(value, bytes) else shown(value)
            raise AskError(f"{name} must be {self.words}, not {told}")
        return value


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that an answer tells."""

    name: str
    type: str
    """Of OSC: ``i`` int32, ``f`` float32, ``s`` text, ``b`` blob."""
    words: str
    """What it means, with its unit."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A message that bandmate sends: an id, then *tells* in order, then *pairs* as name, value."""

    address: str
    words: str
    tells: tuple[Told, ...] = ()
    pairs: tuple[Told, ...] = ()
    is_passing: bool = False
    """True for news that the next of its kind makes old."""


@dataclass(frozen=True, slots=True)
class Address:
    """A message that bandmate takes: an id, then *takes* in order, then *pairs* as name, value."""

    address: str
    words: str
    answers: tuple[str, ...]
    """Addresses that may answer it; ``/bandmate/error`` always may."""
    takes: tuple[Field, ...] = ()
    pairs: tuple[Field, ...] = ()
    """What may be named; ``reply`` always may."""
    is_once: bool = True
    """True where a retry with the same id is answered from memory; False where it is done again."""
    is_in_turn: bool = False
    """True where it waits for what was sent before it."""

    def reply_in(self, message: Message) -> Atom | None:
        """Return the ``reply`` of a message, or None; the rest of it may make no sense."""
        rest = message.arguments[1 + len(self.takes) :]
        named = (
            value for name, value in zip(rest[::2], rest[1::2], strict=False) if name == "reply"
        )
        return next(named, None)

    def read(self, message: Message) -> tuple[dict[str, object], list[tuple[str, object]]]:
        """Return the arguments by name, and the pairs without ``reply``; raises AskError."""
        given = message.arguments[1 : 1 + len(self.takes)]
        values = {
            field.name: field.range.read(field.name, value)
            for field, value in zip(self.takes, given, strict=False)
        }
        pairs: list[tuple[str, object]] = [
            p for p in pairs_of(message.arguments[1 + len(self.takes) :]) if p[0] != "reply"
        ]
        known = {field.name for field in self.pairs}
        for name, _ in pairs:
            if name not in known:
                near = nearest(name[:40], {*known, "reply"})
                raise AskError(f"{self.address} takes nothing called {shown(name)}, try {near}")
        return values, pairs

    def mistake_in(self, pairs: Iterable[tuple[str, object]]) -> AskError | None:
        """Return what is wrong with the values of *pairs*; no file is looked for."""
        try:
            check_pairs(pairs, self.pairs)
        except AskError as error:
            return error
        return None


def id_in(message: Message) -> Atom:
    """Return the id of a message, ``""`` where there is none; raises AskError."""
    id_: Atom = message.arguments[0] if message.arguments else ""
    if isinstance(id_, bytes) or (isinstance(id_, str) and len(id_) > ID_LIMIT):
        raise AskError(f"an id must be a number or a text of at most {ID_LIMIT} characters")
    if isinstance(id_, float) and not math.isfinite(id_):
        raise AskError(f"an id must be a finite number, not {id_}")
    return id_
