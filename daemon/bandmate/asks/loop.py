"""What can be asked of the loop generator: checked at the door, frozen inside.

Every wire, the command line and the presets read through the one table ``FIELDS``, so that a
``LoopAsk`` that exists makes sense by itself; what only its clip can show is checked in ``plans``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bandmate.asks.cells import EXAMPLE, Cells, read_cells, read_shifts
from bandmate.asks.notation import (
    MAX_BARS,
    BarsOfChords,
    check_fit,
    checked_meter,
    parse_meter,
    parse_parts,
    read_chords,
    read_file,
)
from bandmate.asks.scoped import LONGEST, SHAPED, Curves, Shape, Shaped, read_curve
from bandmate.errors import AskError
from bandmate.fields import Field, Flag, OneOf, Real, Text, Whole, Written, read_pairs, shown
from bandmate.loops.form import read_form
from bandmate.loops.plan import LOCKS, PlannedPart
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.genres import GENRES, SECTIONS
from bandmate.style.keywords import Keyword, read_keywords

MODEL_PATTERN = r"[\w.-]{1,40}@[0-9a-f]{8}"
TIME_FEELS = ("half", "normal", "double")
BOUNDARIES = ("now", "bar", "2 bars", "4 bars")
"""Where a take may begin to play: at once, or on the next line of so many bars."""
NO_FORM = "none"
SOURCES = ("context", "take", "like", "between")
"""Fields that name a clip which is there already; an ask has one at the most."""
EDITS = ("keep", "refill", "vary", "lock", "remove", "continues")
"""Fields that make sense of a clip which is there already."""

_TAKE = Whole(1, 2**31 - 1)


def parse_reply(text: str) -> str:
    """Read where answers go, a port or ``mailbox:name``, and return it; raises AskError."""
    if re.fullmatch(r"mailbox:[a-z0-9-]{1,40}", text):
        return text
    if not text.isdecimal():
        raise AskError(f"reply must be a port 1..65535 or mailbox:name (a-z, 0-9, -), not {text!r}")
    return str(Whole(1, 65535).read("reply", text))


def checked_form(text: str) -> str:
    """Return a form as it was written, or ``none``; raises AskError."""
    if text.lower() in (NO_FORM, "off"):
        return NO_FORM
    read_form(text)
    return text


def read_two(text: str) -> tuple[int, int]:
    """Read ``"12,15"``, two takes; raises AskError."""
    words = text.split(",")
    if len(words) != 2:
        raise AskError(f"between must be two takes such as 12,15, not {shown(text)}")
    first, second = (_TAKE.read("between", word) for word in words)
    if first == second:
        raise AskError(f"between must be two different takes, not {first} twice")
    return first, second


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.name for part in parse_parts(text))


def _shaped(name: str, words: str, example: str) -> Field:
    return Field(name, Shaped(SHAPED[name], example), words, "the preset's, else the model chooses")


_SHAPED_FIELDS = (
    _shaped("density", "how busy: distinct onsets a bar", "drums=8,bass=4"),
    _shaped("pitch", "how high: the mean pitch, 60 is middle C", "lead=72,bass=40"),
    _shaped("register", "how wide: semitones from the lowest to the highest note", "lead=14"),
    _shaped("velocity", "how hard: the mean velocity", "90,keys=60"),
    _shaped("duration", "how long: beats that a note lasts in the mean", "keys=2,bass=0.5"),
    _shaped("polyphony", "how thick: notes struck at once in the mean", "keys=3.5"),
    _shaped("swing", "0 plays eighths straight, 1 swings them all", "drums=1"),
)

FIELDS: tuple[Field, ...] = (
    Field("bars", Whole(1, MAX_BARS), "length in bars",
          "the form's, else as many as the chords or the clip that is there fill, else 4"),
    Field("tempo", Real(20, 400), "quarter notes per minute",
          "the song's, else the preset's, else 120"),
    Field("meter", Written(parse_meter, "4/4 or 6/8"), "time signature",
          "the song's, else the preset's, else 4/4"),
    Field("key", Written(Key.parse, "A:min or F#:dor"), "tonic and mode",
          "the song's, else C in the preset's mode"),
    Field("parts", Written(parse_parts, "drums,bass,keys:4,lead2:81", 400),
          "roles, a digit for a second of its kind, :program for another sound",
          "the preset's, else drums,bass,keys"),
    Field("genre", OneOf(GENRES), "style", "the preset's, else the model chooses"),
    Field("section", OneOf(SECTIONS), "place in a song", "the preset's, else the model chooses"),
    Field("keywords", Written(read_keywords, "dark,hip hop:0.5,slow", 400),
          "moods, energies, genres: they choose genre, energy, section, mode, tempo and height "
          "where you do not", "the preset's, else none"),
    Field("energy", Whole(1, 5),
          "1 is calm, 5 drives: it chooses density, velocity and register where you do not",
          "the preset's, else the model chooses"),
    *_SHAPED_FIELDS,
    Field("curve", Written(read_curve, "density=4,6,8,12; velocity=60,100", LONGEST),
          "from bar to bar, evenly between the numbers where they are fewer than the bars",
          "the preset's, else none"),
    Field("chords", Written(read_chords, "A:min D:min,G:7 F:maj E:7", 8000),
          "a blank between bars, a comma within one; repeated where they are fewer than the bars",
          "the song's, else the model chooses"),
    Field("strictness", Real(0, 1), "0 plays freely over the chords, 1 lets nothing but their "
          "notes sound on strong beats", "the preset's, else 0.5 where chords are told, else 0"),
    Field("feel", Real(0, 1), "0 plays on the grid, 1 as people do: early, late, soft, loud",
          "the preset's, else 0.5"),
    Field("time_feel", OneOf(TIME_FEELS), "half or double time against the tempo",
          "the preset's, else normal"),
    Field("form", Written(checked_form, "A A' B:8 A', auto or none", 200),
          "sections, a prime for a variation; also intro, outro and pickup",
          "the preset's, else auto for 8, 12, 16... bars, else none"),
    Field("loop", Flag(), "whether the end leads back to the start",
          "on; off where a form or continues is asked"),
    Field("context", Written(read_file, "a .mid that is there", 4000, looks_at_disk=True),
          "your own clip: it is kept, and played to", "none"),
    Field("take", _TAKE, "a take that is kept, and played to or changed", "none"),
    Field("like", _TAKE, "a take of which you want more: half of every bar is written anew",
          "none"),
    Field("between", Written(read_two, "12,15"), "two takes to draw the bars from, a little varied",
          "none"),
    Field("keep", Written(read_cells, EXAMPLE, 400),
          "what stays as it is, bars counted from 1; alone, the rest is written anew",
          "all that nothing else names"),
    Field("refill", Written(read_cells, EXAMPLE, 400),
          "what is written anew, bars counted from 1",
          "nothing; with keep all the rest"),
    Field("vary", Real(0, 1), "how far from what is there: 0 changes nothing, 1 everything",
          "1, for like 0.5, for between 0.25"),
    Field("lock", OneOf(LOCKS), "what of the rhythm or the pitches stays in bars that are "
          "written anew", "nothing"),
    Field("add", Written(parse_parts, "strings,lead:66", 400),
          "parts to write to the clip that is there", "none"),
    Field("remove", Written(_names, "lead,pad2", 400), "parts to leave out of the clip that is "
          "there", "none"),
    Field("shift", Written(read_shifts, "bass=+2,lead=-1", 400),
          "bars by which a part enters later (+) or earlier (-)", "none"),
    Field("continues", Flag(), "write the bars that follow the clip, and return them alone", "off"),
    Field("card", _TAKE,
          "a card's take number: its chords, key, meter, genre, energy and mood are used",
          "the card that the song follows, else none"),
    Field("preset", Text(r"[^\s/\\]{1,40}", "a preset's name"), "a preset's name", "none"),
    Field("seed", Whole(0, 2**31 - 1), "the same seed, model and ask give the same notes",
          "a random one"),
    Field("takes", Whole(1, 8), "how many clips, made from seed, seed+1 and so on", "1"),
    Field("temperature", Real(0.1, 2), "below 1 is safer, above 1 wilder", "the preset's, else 1"),
    Field("top_k", Whole(0, 1000), "keep the k likeliest tokens, 0 keeps all", "0"),
    Field("top_p", Real(0.05, 1), "keep the likeliest tokens that share this probability", "0.98"),
    Field("in_key", Flag(), "strong beats keep to the key's scale or the sounding chord, with "
          "strictness 1 every note does", "on"),
    Field("model", Text(MODEL_PATTERN, "a model and its checksum, such as loops@1a2b3c4d"),
          "refuse to answer with another model", "whichever is loaded"),
    Field("play", Flag(), "play the first take from the next bar", "off"),
    Field("at", OneOf(BOUNDARIES), "play the first take from that line on while it is still being "
          "written, round and round where loop is on", "it is played once it is whole, if at all"),
    Field("insert", Flag(), "place the first take in the DAW", "off"),
    Field("notes", OneOf(("file", "blob", "bars")),
          "answer with a path, with the notes too, or with each bar besides as it is written",
          "file"),
    Field("reply", Written(parse_reply, "7780 (a port) or mailbox:name", 60),
          "where the answers go, for hosts that can only send", "the sender"),
)  # fmt: skip
"""All that can be said in an ask."""


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
    keywords: tuple[Keyword, ...] | None = None
    energy: int | None = None
    density: Shape | None = None
    """Distinct onsets a bar."""
    pitch: Shape | None = None
    register: Shape | None = None
    """Semitones."""
    velocity: Shape | None = None
    duration: Shape | None = None
    """Beats."""
    polyphony: Shape | None = None
    """Notes an onset."""
    swing: Shape | None = None
    curve: Curves | None = None
    chords: BarsOfChords | None = None
    strictness: float | None = None
    feel: float | None = None
    time_feel: str | None = None
    """One of TIME_FEELS."""
    form: str | None = None
    """As ``loops.form.read_form`` reads it, or NO_FORM."""
    loop: bool | None = None
    context: Path | None = None
    """A .mid."""
    take: int | None = None
    like: int | None = None
    between: tuple[int, int] | None = None
    keep: tuple[Cells, ...] | None = None
    refill: tuple[Cells, ...] | None = None
    vary: float | None = None
    lock: str | None = None
    """One of LOCKS."""
    add: tuple[PlannedPart, ...] | None = None
    remove: tuple[str, ...] | None = None
    shift: tuple[tuple[str, int], ...] | None = None
    """Part and bars."""
    continues: bool | None = None
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
    at: str | None = None
    """One of BOUNDARIES; the take is heard while it is written."""
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
        self._check_form()
        self._check_edits()

    @property
    def source(self) -> str | None:
        """The one of SOURCES that is said, or None."""
        return next((name for name in SOURCES if getattr(self, name) is not None), None)

    @property
    def is_edit(self) -> bool:
        """True where an ask says what is to happen to a clip that is there."""
        return bool(self._edits())

    def _edits(self) -> list[str]:
        said = ((name, getattr(self, name)) for name in EDITS)
        return [name for name, value in said if value is not None and value is not False]

    def _check_form(self) -> None:
        is_formed = self.form not in (None, NO_FORM)
        if is_formed and self.form is not None:
            read_form(self.form, self.bars)
        if is_formed and self.time_feel not in (None, "normal"):
            raise AskError(f"form and {self.time_feel} time cannot be asked together")

    def _check_edits(self) -> None:
        said = [name for name in SOURCES if getattr(self, name) is not None]
        if len(said) > 1:
            raise AskError(f"an ask must go from one clip, not from both {said[0]} and {said[1]}")
        edits = self._edits()
        if edits and not said:
            raise AskError(
                f"{edits[0]} needs a clip that is there: say context, take, like or between"
            )
        beside = [name for name in edits if name not in ("continues", "remove")]
        if self.shift:
            beside.append("shift")
        if self.continues and beside:
            raise AskError(f"continues writes new bars alone, so {beside[0]} has nothing to change")
