"""Chords: a root, degrees above it and a bass; Harte labels and screen symbols both ways.

A label holds all that it names, ``C:7(#5)`` both fifths, as Harte's paper has it; the symbol
``C7#5`` holds one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from bandmate.errors import AskError, nearest
from bandmate.music.harte import (
    QUALITIES,
    SHORTHANDS,
    Degrees,
    bass_name,
    content_to_degrees,
    degrees_to_content,
    interval,
    intervals,
    nearest_quality,
    normalised,
)
from bandmate.music.key import FLAT_NAMES, NATURALS, SHARP_NAMES, Key, pitch_class
from bandmate.music.symbols import (
    content_or_suffix_to_degrees,
    degrees_to_suffix,
    suffix_to_degrees,
)

__all__ = ["QUALITIES", "SHORTHANDS", "Chord", "note_name", "split_chords"]

_ROOT_NAMES = (*FLAT_NAMES[:6], "F#", *FLAT_NAMES[7:])
_NONE = frozenset({"n", "nc", "n.c", "n.c."})
# In "Abb5" the second flat is the fifth's: a doubly flat root carries no such number.
_CHORD = re.compile(r"([A-Ga-g])(b(?=b(?:5|9|13))|[#b]*)(:?)(.*)")
_NOTE = re.compile(r"[A-Ga-g][#b]*")
_MARK = re.compile(r"[,()]")
_LONGEST = 80
"""Characters of the longest label that is read; a whole thirteenth chord spelled out has 40."""
_SIGNS = str.maketrans({"♯": "#", "♭": "b", "−": "-", "–": "-"})


@dataclass(frozen=True, slots=True)
class Chord:
    """A root, the degrees above it and a bass; ``str(chord)`` is its Harte label, ``C:min7/b3``."""

    root: int | None
    """Pitch class, 0..11, or None for no chord."""
    degrees: Degrees = ()
    """Degrees in order, ``("1", "b3", "5", "b7")``; empty for no chord."""
    inversion: int = 0
    """Semitones from the root up to the bass, 0..11."""

    def __post_init__(self) -> None:
        if (self.root is None) == bool(self.degrees) or self.root not in (None, *range(12)):
            raise AskError(
                "chord must be a root 0..11 with degrees, or neither, "
                f"not {self.root}, {self.degrees}"
            )

    @classmethod
    def parse(cls, text: str) -> Chord:
        """Read a Harte label or a symbol (``Cm7/E``); raises AskError with the nearest chords."""
        chord = _read(text)
        if chord is None:
            shown = text if len(text) <= 40 else text[:40] + "..."
            raise AskError(f"chord must be written like {_offered(text[:40])}, not {shown!r}")
        return chord

    @classmethod
    def recognised(cls, text: str) -> Chord | None:
        """Return the chord that *text* names, or None where it names none (a marker ``Verse``)."""
        return _read(text)

    @classmethod
    def of(cls, root: int, quality: str, bass: int | None = None) -> Chord:
        """Build from pitch classes and a quality as a label has it (``min7``); raises AskError."""
        degrees = content_or_suffix_to_degrees(quality)
        if degrees is None:
            raise AskError(f"quality must be like {nearest(quality, QUALITIES)}, not {quality!r}")
        return cls(root % 12, degrees, 0 if bass is None else (bass - root) % 12)

    def __str__(self) -> str:
        if self.root is None:
            return "N"
        bass = f"/{self.bass_degree}" if self.inversion else ""
        return f"{_ROOT_NAMES[self.root]}:{degrees_to_content(self.degrees)}{bass}"

    def symbol(self, key: Key | None = None) -> str:
        """Return the name for a screen, ``Cm7/Eb``, in the sharps or flats of *key*; ``N.C.``."""
        if self.root is None:
            return "N.C."
        root = note_name(self.root, key)
        above = degrees_to_suffix(self.degrees)
        if not self.inversion:
            return root + above
        bass = (self.root + self.inversion) % 12
        name = note_name(bass, key) if key else _spelled_above(root, self.bass_degree, bass)
        return f"{root}{above}/{name}"

    @property
    def is_none(self) -> bool:
        """True where no chord sounds."""
        return self.root is None

    @property
    def bass(self) -> int | None:
        """Pitch class of the lowest note."""
        return None if self.root is None else (self.root + self.inversion) % 12

    @property
    def bass_degree(self) -> str:
        """The degree of the bass above the root, ``b3``; ``1`` in root position."""
        return bass_name(self.degrees, self.inversion)

    @property
    def pitches(self) -> tuple[int, ...]:
        """Pitch classes from the root up, the bass among them."""
        if self.root is None:
            return ()
        steps = sorted(intervals(self.degrees) | {self.inversion})
        return tuple((self.root + step) % 12 for step in steps)

    @property
    def quality(self) -> str:
        """The nearest of QUALITIES, third and seventh kept before all else; ``N`` for no chord."""
        return "N" if self.root is None else nearest_quality(self.degrees)

    def transposed(self, semitones: int) -> Chord:
        """Return the chord *semitones* higher."""
        return self if self.root is None else replace(self, root=(self.root + semitones) % 12)


def split_chords(text: str) -> list[str]:
    """Cut text at its commas, but not at those within ``G:7(b9,b13)``; takes linear time.

    A comma lies within where the next bracket behind it closes.
    """
    cuts: list[int] = []
    waiting: list[int] = []
    for mark in _MARK.finditer(text):
        if mark[0] == ",":
            waiting.append(mark.start())
            continue
        if mark[0] == "(":
            cuts += waiting
        waiting = []
    ends = [*cuts, *waiting]
    starts = [0, *(end + 1 for end in ends)]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True)]


def note_name(pitch: int, key: Key | None = None) -> str:
    """Return the name of a pitch class 0..11 in the sharps or flats of *key*."""
    names = _ROOT_NAMES if key is None else SHARP_NAMES if key.is_sharp else FLAT_NAMES
    return names[pitch]


def _read(text: str) -> Chord | None:
    # Longer text is not remembered: thousands of megabytes could be.
    plain = text.strip()
    return _read_short(plain) if len(plain) <= _LONGEST else None


@lru_cache(maxsize=8192)
def _read_short(text: str) -> Chord | None:
    plain = text.translate(_SIGNS)
    if plain.lower() in _NONE:
        return Chord(None)
    match = _CHORD.fullmatch(plain)
    if match is None:
        return None
    root, colon, rest = pitch_class(match[1] + match[2]), match[3], match[4]
    content, _, bass = rest.rpartition("/")
    inversion = _inversion(bass, root)
    is_six_nine = content.endswith("6") and bass == "9" and not (colon and content in SHORTHANDS)
    if inversion is None or is_six_nine or content + bass == rest:
        content, inversion = rest, 0
    if colon:
        degrees = content_or_suffix_to_degrees(content)
    else:
        degrees = suffix_to_degrees(content) or content_to_degrees(content)
    return Chord(root, degrees, inversion) if degrees else None


def _inversion(bass: str, root: int) -> int | None:
    """Return the semitones up to a bass written as a note or a degree, None for other text."""
    if _NOTE.fullmatch(bass):
        return (pitch_class(bass) - root) % 12
    degree = normalised(bass)
    return interval(degree) if degree else None


def _spelled_above(root: str, degree: str, pitch: int) -> str:
    """Spell a degree above a root on its own letter where that takes one sharp or flat."""
    letters = "CDEFGAB"
    letter = letters[(letters.index(root[0]) + int(degree.lstrip("#b")) - 1) % 7]
    sign = {1: "#", 11: "b"}.get((pitch - NATURALS[letter]) % 12)
    is_white = pitch in NATURALS.values()
    return _ROOT_NAMES[pitch] if sign is None or is_white else letter + sign


def _offered(text: str) -> str:
    match = _CHORD.fullmatch(text.strip())
    if match is None:
        return "C, Am7 or Bb:min/b3"
    suffixes = (degrees_to_suffix(Chord.of(0, quality).degrees) for quality in QUALITIES)
    return nearest(text, [match[1].upper() + match[2][:2] + suffix for suffix in suffixes])
