"""What can be asked of the chord co-writer: checked at the door, frozen inside.

As in ``loop.py``, every wire and the command line read through the one table ``CHORD_FIELDS``.
Files are looked for here; what is in them is the business of the process that opens them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bandmate.asks.loop import FIELDS, MODEL_PATTERN
from bandmate.asks.notation import BarsOfChords, checked_meter, read_chords, read_file
from bandmate.chords.patterns import RHYTHMS
from bandmate.chords.steering import CHORD_GENRES
from bandmate.fields import Field, Flag, OneOf, Real, Text, Whole, Written, read_pairs
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.voicing import STYLES
from bandmate.style.genres import GENRES
from bandmate.style.keywords import Keyword, read_keywords

MAX_CHORD_BARS = 16
MAX_CARDS = 8
LONGEST_TEXT = 2000
"""Characters of an inspiring text."""
ASKED_GENRES = tuple(dict.fromkeys((*CHORD_GENRES, *GENRES)))
"""Genres of chords and of loops; either becomes a keyword."""

_CONTEXT = Written(read_chords, "A:min D:min,G:7 F:maj", 8000)
_OF_A_LOOP = {field.name: field for field in FIELDS}

FILE = Written(read_file, "a file that is there", 4000, looks_at_disk=True)
"""How an image, a recording or a .mid is named."""


CHORD_FIELDS: tuple[Field, ...] = (
    Field(
        "text",
        Text(rf"[\s\S]{{1,{LONGEST_TEXT}}}", f"1..{LONGEST_TEXT} characters"),
        "words that inspire: a line of lyrics, a memory, a mood",
        "none",
    ),
    Field("image", FILE, "a picture that inspires", "none"),
    Field("audio", FILE, "a recording or a .mid that inspires", "none"),
    Field(
        "keywords",
        Written(read_keywords, "melancholic:0.8,hip hop,slow!", 400),
        "moods, energies, genres, eras, textures or sections, each with its weight; ! locks it",
        "the song's, and those that the inspiration brings",
    ),
    Field(
        "key",
        _OF_A_LOOP["key"].range,
        _OF_A_LOOP["key"].words,
        "the song's if it was told, else one that suits the inspiration",
    ),
    Field("bars", Whole(1, MAX_CHORD_BARS), "length in bars", "4"),
    Field(
        "tempo",
        _OF_A_LOOP["tempo"].range,
        _OF_A_LOOP["tempo"].words,
        "the song's if it was told, else one that suits the inspiration",
    ),
    Field("meter", _OF_A_LOOP["meter"].range, _OF_A_LOOP["meter"].words, "the song's, else 4/4"),
    Field(
        "section", _OF_A_LOOP["section"].range, _OF_A_LOOP["section"].words, "as the keywords say"
    ),
    Field("genre", OneOf(ASKED_GENRES), "style, as one keyword more", "as the keywords say"),
    Field("cards", Whole(1, MAX_CARDS), "how many progressions are offered", "4"),
    Field(
        "seed",
        _OF_A_LOOP["seed"].range,
        "the same seed, models and ask give the same cards",
        "a random one",
    ),
    Field("temperature", Real(0.1, 2), "of the proposals: lower is safer, higher wilder", "0.92"),
    Field(
        "m",
        Real(1, 100),
        "M of the rejection sampling: higher is stricter and accepts fewer",
        "as calibrated for the proposer",
    ),
    Field("before", _CONTEXT, "the chords that stand before, bar by bar", "none"),
    Field("after", _CONTEXT, "the chords that follow, bar by bar", "none"),
    Field("voicing", OneOf(STYLES), "how the notes of a chord are spread", "smooth"),
    Field("rhythm", OneOf(tuple(RHYTHMS)), "how the chords are struck", "held"),
    Field("bass", Flag(), "a bass part below the chords", "on"),
    Field(
        "program",
        Whole(0, 127),
        "General MIDI program of the chords",
        "0, a piano; 25, a guitar, where voicing is guitar",
    ),
    Field(
        "model",
        Text(MODEL_PATTERN, "a proposer and its checksum, such as proposer@1a2b3c4d"),
        "refuse to answer with another proposer",
        "whichever is there",
    ),
    Field("play", Flag(), "play the first card from the next bar", "off"),
    Field("insert", Flag(), "place the first card in the DAW", "off"),
    _OF_A_LOOP["reply"],
)
"""All that can be said in an ask for chords."""


@dataclass(frozen=True, slots=True)
class ChordAsk:
    """A wish for chords; None means that it was not said. Ranges are in ``CHORD_FIELDS``."""

    text: str | None = None
    image: Path | None = None
    audio: Path | None = None
    """A recording or a .mid."""
    keywords: tuple[Keyword, ...] | None = None
    key: Key | None = None
    bars: int | None = None
    tempo: float | None = None
    """Quarter notes per minute."""
    meter: Meter | None = None
    section: str | None = None
    genre: str | None = None
    cards: int | None = None
    seed: int | None = None
    temperature: float | None = None
    m: float | None = None
    before: BarsOfChords | None = None
    after: BarsOfChords | None = None
    voicing: str | None = None
    rhythm: str | None = None
    bass: bool | None = None
    program: int | None = None
    model: str | None = None
    play: bool | None = None
    insert: bool | None = None
    reply: str | None = None
    """A port as text, or ``mailbox:name``."""

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, object]]) -> ChordAsk:
        """Read names and values as any wire brings them; raises AskError or FileError."""
        return cls(**read_pairs(pairs, CHORD_FIELDS, "an ask for chords"))  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        for field in CHORD_FIELDS:
            value = getattr(self, field.name)
            if value is not None and not isinstance(field.range, Written):
                field.range.read(field.name, value)
        if self.meter is not None:
            checked_meter(self.meter)

    @property
    def has_inspiration(self) -> bool:
        """True where there is a text, an image or a recording to read."""
        return not (self.text is None and self.image is None and self.audio is None)
