"""Roman numerals: a chord seen from a key, both ways (``G:7`` in ``C:maj`` is ``V7``).

A numeral is an accidental, the degree of the key's own scale (so that ``VII`` in A minor is G, and
``bVII`` in C major Bb), small for a minor third, what the chord symbol puts behind its root (``o``,
``o7``, ``ø7`` and ``+`` for dim, dim7, m7b5 and aug), and ``/`` with the degree of a bass other
than the root.
"""

from __future__ import annotations

import re

from bandmate.errors import AskError, nearest
from bandmate.music.chord import Chord
from bandmate.music.harte import Degrees, interval, normalised
from bandmate.music.key import MODES, Key
from bandmate.music.symbols import (
    content_or_suffix_to_degrees,
    degrees_to_suffix,
    suffix_to_degrees,
)

_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII")
# Which degree a pitch beside the scale is spelled from, by semitones above the tonic.
_NEAREST_DEGREES = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)
_SIGNS = {"dim": "o", "dim7": "o7", "m7b5": "ø7", "aug": "+", "m(maj7)": "mmaj7", "6/9": "69"}
_ROMAN = re.compile(r"([#b]*)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(.*)")
_OFFERED = ("I", "ii7", "bIII", "iv", "V7", "vi", "viio7", "iiø7", "I/3", "bVII")


def chord_to_roman(chord: Chord, key: Key) -> str:
    """Return the numeral of a chord in a key; ``N`` for no chord."""
    if chord.root is None:
        return "N"
    suffix = degrees_to_suffix(chord.degrees)
    is_small = suffix.startswith("dim") or (suffix[:1] == "m" and suffix[:3] != "maj")
    numeral = _numeral((chord.root - key.tonic) % 12, key, is_small)
    suffix = _SIGNS.get(suffix, suffix)
    shown = suffix.removeprefix("m") if is_small else suffix
    bass = f"/{chord.bass_degree}" if chord.inversion else ""
    return numeral + shown + bass


def _numeral(step: int, key: Key, is_small: bool) -> str:
    steps = MODES[key.mode].steps
    degree = steps.index(step) if step in steps else _NEAREST_DEGREES[step]
    raised = step - steps[degree]
    name = _NUMERALS[degree].lower() if is_small else _NUMERALS[degree]
    return ("#" * raised if raised > 0 else "b" * -raised) + name


def roman_to_chord(text: str, key: Key) -> Chord:
    """Return the chord of a numeral in a key; raises AskError with the nearest numerals."""
    plain = text.strip().replace("♭", "b").replace("♯", "#")
    if plain == "N":
        return Chord(None)
    match = _ROMAN.fullmatch(plain)
    content = _content(match[3], match[2].islower()) if match else None
    if match is None or content is None:
        raise AskError(
            f"numeral must be written like {nearest(text[:40], _OFFERED)}, not {text[:40]!r}"
        )
    step = MODES[key.mode].steps[_NUMERALS.index(match[2].upper())]
    raised = match[1].count("#") - match[1].count("b")
    degrees, inversion = content
    return Chord((key.tonic + step + raised) % 12, degrees, inversion)


def _content(rest: str, is_small: bool) -> tuple[Degrees, int] | None:
    """Return the degrees and the bass's semitones of what stands behind a numeral."""
    whole = _degrees(rest, is_small)
    if whole:
        return whole, 0
    above, slash, bass = rest.rpartition("/")
    degrees, degree = _degrees(above, is_small), normalised(bass)
    return (degrees, interval(degree)) if slash and degrees and degree else None


def _degrees(suffix: str, is_small: bool) -> Degrees | None:
    if suffix.startswith(":"):
        return content_or_suffix_to_degrees(suffix[1:])
    minor = suffix_to_degrees("m" + suffix) if is_small else None
    return minor or suffix_to_degrees(suffix)


def is_diatonic(chord: Chord, key: Key) -> bool:
    """Return whether every pitch of the chord, its bass too, lies in the key's scale."""
    return set(chord.pitches) <= set(key.scale)
