"""A chord in three numbers and what is left over: root, content, bass; nothing is unknown.

``CONTENTS`` holds what real songs put between a root and a bass at least fifteen times. A chord
that holds something else is the nearest of them with some degrees added or taken away
(``Alterations``), so that every Harte label has a number and a probability.
"""

from __future__ import annotations

import math
from functools import lru_cache

from bandmate.music.chord import Chord
from bandmate.music.harte import Degrees, content_to_degrees, intervals, ordered

CONTENTS: tuple[str, ...] = (
    "maj", "7", "min", "min7", "maj7", "maj6", "9", "hdim7", "dim", "sus2", "7(b9)", "sus4",
    "sus4(b7)", "min6", "aug(b7)", "13", "min9", "dim7", "7(#9)", "aug", "5", "sus4(b7,9)", "maj9",
    "1", "maj6(9)", "min11", "7(b5,*5)", "7(b9,b13)", "maj(9)", "7(#11)", "minmaj7", "aug(b7,b9)",
    "9(#11)", "aug(b7,#9)", "maj7(#11)", "13(b9,*9)", "aug(b7,9)", "11", "min(#5,*5)",
    "7(#9,#11,b13)", "maj13", "9(b5,*5)", "min6(9)", "5(b7)", "13(b9)", "aug(7)", "min(9)",
    "7(b5,b9,*5)", "9(#11,13)", "sus4(b7,9,13)", "7(b9,#11)", "maj9(#11)", "maj7(b5,*5)",
    "13(4,*3)", "13(#11)", "min7(#5,*5)", "min(11)", "min7(11)", "sus4(b7,b9)", "9(b5,13,*5)",
    "sus4(9)", "sus4(7)", "maj(11)", "7(b13)", "min(b13)", "maj(#9)", "min13", "1(11)", "13(#9)",
    "sus2(b7)", "1(b7)", "7(b5,#9,*5)", "sus4(*5)", "min11(*5)", "sus4(7,9)", "min9(b5)", "7(6)",
    "maj9(#11,13)",
)  # fmt: skip
"""What stands between a label's colon and its bass, most frequent first."""

NONE_ROOT, START_ROOT = 12, 13
"""Roots beside 0..11: no chord, and nothing yet."""
ROOTS = 14

_ALTERED = 0.0016
"""Share of the chord changes of real songs that are not in CONTENTS."""
_DEGREES = 42
"""Degrees that an alteration may name: seven letters of two octaves, flat, plain and sharp."""

_HELD: tuple[Degrees, ...] = tuple(content_to_degrees(content) or () for content in CONTENTS)
_NUMBER = {degrees: number for number, degrees in enumerate(_HELD)}


@lru_cache(maxsize=8192)
def content_of(degrees: Degrees) -> tuple[int, int]:
    """Return the number of the nearest of CONTENTS, and how many degrees differ from it."""
    if degrees in _NUMBER:
        return _NUMBER[degrees], 0
    wanted, steps = set(degrees), intervals(degrees)

    def distance(number: int) -> tuple[int, int]:
        held = _HELD[number]
        return len(steps ^ intervals(held)), len(wanted.symmetric_difference(held))

    number = min(range(len(_HELD)), key=distance)
    return number, len(wanted.symmetric_difference(_HELD[number]))


def numbers_of(chord: Chord, tonic: int = 0) -> tuple[int, int, int]:
    """Return (root above the tonic or NONE_ROOT, content, bass above the root) of a chord."""
    if chord.root is None:
        return NONE_ROOT, 0, 0
    return (chord.root - tonic) % 12, content_of(chord.degrees)[0], chord.inversion


def alteration_cost(chord: Chord) -> float:
    """Return the log-probability, 0 or less, of what the three numbers do not say."""
    count = 0 if chord.root is None else content_of(chord.degrees)[1]
    if count == 0:
        return math.log1p(-_ALTERED)
    return math.log(_ALTERED) - count * math.log(2 * _DEGREES)


def chord_of(root: int, content: int, bass: int, tonic: int = 0) -> Chord:
    """Return the chord of three numbers."""
    if root == NONE_ROOT:
        return Chord(None)
    return Chord((root + tonic) % 12, ordered(_HELD[content]), bass)
