"""Keywords: the words between an inspiration and its music, and what each means for chords.

The vocabulary is ``presets/keywords.yaml``, which a musician may edit; a keyword is one of its
words with a weight, as it is shown, typed, locked and sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bandmate.errors import AskError, BandmateError, nearest
from bandmate.fields import OneOf, Range, Real, shown
from bandmate.music.key import MODES
from bandmate.paths import shipped
from bandmate.style.genres import GENRES, SECTIONS
from bandmate.system import yaml_reader

KINDS = ("mood", "energy", "genre", "era", "texture", "section")
"""What a word is about."""

MOST = 8
"""Keywords that are held or asked at once."""

HARMONIES = ("jazz", "latin", "ballad", "blues", "folk", "pop", "rock", "musical")
"""What ``genre`` may say: the genres whose progressions the co-writer learnt."""

_DASHES = re.compile(r"[-_‐-―]")
_MARKS = 30

LANGUAGES = ("de", "fr", "es", "it", "pt", "ja", "ko", "zh")
"""Languages beside English whose words the vocabulary may hold."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a word, or several together, ask of chords and loops; None leaves it open."""

    valence: float | None = None
    """-1 (dark) .. 1 (bright)."""
    energy: float | None = None
    """-1 (calm) .. 1 (driving)."""
    richness: float | None = None
    """-1 (plain triads) .. 1 (extended chords)."""
    pace: float | None = None
    """-1 (a chord every two bars) .. 1 (two or more a bar)."""
    genre: str | None = None
    """One of HARMONIES, for chords."""
    style: str | None = None
    """One of ``loops.controls.GENRES``, for the loops that follow."""
    section: str | None = None
    """One of ``loops.controls.SECTIONS``."""
    mode: str | None = None
    """Label of a mode (``music.key.MODES``), where the word names one."""


NUMBERS = ("valence", "energy", "richness", "pace")
"""The traits that are numbers -1..1; the others are names."""

_RANGES: dict[str, Range] = {
    **dict.fromkeys(NUMBERS, Real(-1, 1)),
    "genre": OneOf(HARMONIES),
    "style": OneOf(GENRES),
    "section": OneOf(SECTIONS),
    "mode": OneOf(tuple(MODES)),
}
_TEMPO = Real(20, 400)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the vocabulary."""

    word: str
    kind: str
    """One of KINDS."""
    traits: Traits = Traits()
    also: tuple[str, ...] = ()
    """English words and emoji that mean the same."""
    other: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of other languages, by code (LANGUAGES)."""
    anchor: str = ""
    """A sentence that stands for it where a text is compared by meaning."""
    tempo: tuple[float, float] | None = None
    """Usual tempi, quarter notes per minute."""
    is_common: bool = False
    """Also an everyday word (house, bridge): in a text it counts only where music is meant."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that is held, found or asked."""

    word: str
    """A word of the vocabulary."""
    weight: float = 1.0
    """Above 0, at most 1."""
    is_locked: bool = False
    """The person keeps it, whatever else is found."""


def vocabulary(folder: Path | None = None) -> Mapping[str, Word]:
    """Return the words of ``keywords.yaml`` by name; raises FileError or AskError in words."""
    return _vocabulary((folder or shipped("presets")) / "keywords.yaml")


def vocabulary_read() -> None:
    """Read the words now, which takes a while: whoever asks first need not wait for it.

    What is wrong with them is told to whoever asks.
    """
    with suppress(BandmateError):
        _names()


def read_keywords(text: str) -> tuple[Keyword, ...]:
    """Read ``"melancholic:0.8,hip hop:0.5!,slow"``: a comma between, a weight, ``!`` locks.

    A synonym is read as its word, no text as no keywords; raises AskError.
    """
    items = [item.strip() for item in text.split(",")] if text.strip() else []
    if len(items) > MOST:
        raise AskError(f"keywords must be 0..{MOST} words, not {len(items)}")
    found = [_read_keyword(item) for item in items]
    twice = [k.word for i, k in enumerate(found) if k.word in {other.word for other in found[:i]}]
    if twice:
        raise AskError(f"keywords must say {twice[0]} once, not twice")
    return tuple(found)


def keywords_to_text(keywords: Iterable[Keyword]) -> str:
    """Return keywords as they are typed; a weight of 1 is left out."""
    return ",".join(_keyword_to_text(keyword) for keyword in keywords)


def merged(
    held: Iterable[Keyword], found: Iterable[Keyword], most: int = MOST
) -> tuple[Keyword, ...]:
    """Return the keywords to use: locked ones stay, found ones fill up to *most*.

    What is held without a lock gives way to what is found, and stays where nothing is.
    """
    there = tuple(held)
    locked = [keyword for keyword in there if keyword.is_locked]
    names = {keyword.word for keyword in locked}
    new = tuple(found) or there
    return tuple([*locked, *(keyword for keyword in new if keyword.word not in names)][:most])


def traits_of(keywords: Iterable[Keyword]) -> Traits:
    """Return what keywords ask together.

    A number is the mean of the words that say it, by weight; a name is that of the heaviest word
    that says one, the first of equals.
    """
    words = vocabulary()
    held = [(keyword.weight, words[keyword.word].traits) for keyword in keywords]
    held.sort(key=lambda pair: -pair[0])
    values: dict[str, Any] = {}
    for trait in (one.name for one in fields(Traits)):
        said = [(w, value) for w, t in held if (value := getattr(t, trait)) is not None]
        if said and trait in NUMBERS:
            values[trait] = sum(w * value for w, value in said) / sum(w for w, _ in said)
        elif said:
            values[trait] = said[0][1]
    return Traits(**values)


def plain(text: str) -> str:
    """Return text as words are compared: small letters, one blank, no hyphen, plain quotes."""
    folded = unicodedata.normalize("NFKC", _stream_safe(text.replace("\ufe0f", ""))).casefold()
    return " ".join(_DASHES.sub(" ", folded.replace("’", "'")).split())


def _stream_safe(text: str) -> str:
    """Return text with at most 30 combining marks in a row: more take quadratic time to order."""
    if text.isascii():
        return text
    kept, row = [], 0
    for sign in text:
        row = row + 1 if unicodedata.combining(sign) else 0
        if row <= _MARKS:
            kept.append(sign)
    return "".join(kept)


def _read_keyword(item: str) -> Keyword:
    name, colon, said = item.removesuffix("!").partition(":")
    known = _names()
    word = known.get(plain(name))
    if word is None:
        near = nearest(plain(name)[:40], vocabulary())
        raise AskError(f"keywords must be words such as {near}, not {shown(name.strip())}")
    weight = Real(0, 1).read(f"weight of {word}", said) if colon else 1.0
    if weight == 0:
        raise AskError(f"weight of {word} must be above 0 and at most 1, not {shown(said)}")
    return Keyword(word, weight, item.endswith("!"))


def _keyword_to_text(keyword: Keyword) -> str:
    weight = "" if keyword.weight == 1 else f":{keyword.weight:.3g}"
    return f"{keyword.word}{weight}{'!' if keyword.is_locked else ''}"


@cache
def _names() -> Mapping[str, str]:
    """Return every name of the shipped words, synonyms and foreign ones too."""
    names: dict[str, str] = {}
    for word in vocabulary().values():
        for name in (*word.also, *(name for named in word.other.values() for name in named)):
            names.setdefault(plain(name), word.word)
    for word in vocabulary().values():
        # "house" is too common a word to be looked for in texts; as a keyword it is a style.
        names.setdefault(word.traits.style or word.word, word.word)
    return names | {plain(word): word for word in vocabulary()}


@cache
def _vocabulary(file: Path) -> Mapping[str, Word]:
    said = _read_rows(file)
    words: dict[str, Word] = {}
    for kind, rows in said.items():
        if kind not in KINDS or not isinstance(rows, dict):
            raise AskError(f"{file.name}: kinds must be {', '.join(KINDS)}, not {shown(kind)}")
        for name, row in rows.items():
            word = _word(str(name), kind, row, file.name)
            if word.word in words:
                raise AskError(f"{file.name}: {word.word} must stand once, not twice")
            words[word.word] = word
    return MappingProxyType(words)


def _read_rows(file: Path) -> dict[str, Any]:
    said = yaml_reader.load(yaml_reader.read_text(file), str(file))
    if not isinstance(said, dict) or not said:
        raise AskError(f"{file.name} must be lines of `kind: words`, not {shown(said)}")
    return said


_ROW = ("traits", "tempo", "also", "other", "anchor", "common")


def _word(name: str, kind: str, row: object, file: str) -> Word:
    if not isinstance(row, dict) or not set(row) <= set(_ROW):
        raise AskError(f"{file}: {name} may say {', '.join(_ROW)}, not {shown(row)}")
    other = row.get("other") or {}
    if not isinstance(other, dict) or not set(other) <= set(LANGUAGES):
        known = ", ".join(LANGUAGES)
        raise AskError(f"{file}: languages of {name} must be {known}, not {shown(other)}")
    try:
        traits = _traits(name, row.get("traits") or {})
        tempo = _tempo(name, row.get("tempo"))
    except AskError as error:
        raise AskError(f"{file}: {error}") from error
    return Word(
        word=" ".join(name.casefold().split()),
        kind=kind,
        traits=traits,
        also=_listed(row.get("also")),
        other={str(language): _listed(words) for language, words in other.items()},
        anchor=str(row.get("anchor") or name),
        tempo=tempo,
        is_common=row.get("common") is True,
    )


def _traits(name: str, said: object) -> Traits:
    if not isinstance(said, dict) or not set(said) <= set(_RANGES):
        raise AskError(f"traits of {name} must be {', '.join(_RANGES)}, not {shown(said)}")
    values = {key: _RANGES[key].read(f"{key} of {name}", value) for key, value in said.items()}
    return Traits(**values)  # type: ignore[arg-type]


def _tempo(name: str, said: object) -> tuple[float, float] | None:
    if said is None:
        return None
    if not isinstance(said, list) or len(said) != 2:
        raise AskError(f"tempo of {name} must be [low, high], not {shown(said)}")
    low, high = sorted(_TEMPO.read(f"tempo of {name}", bound) for bound in said)
    return low, high


def _listed(said: object) -> tuple[str, ...]:
    """Return the words of a text with commas between them."""
    return tuple(word.strip() for word in str(said).split(",") if word.strip()) if said else ()
