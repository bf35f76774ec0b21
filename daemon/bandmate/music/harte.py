"""Harte's degrees and shorthands: what a chord label holds between its root and its bass.

After C. Harte, M. Sandler, S. Abdallah and E. Gomez (2005), "Symbolic representation of musical
chords in text", ISMIR: ``shorthand(additions,*omissions)``, degrees counted from the root in a
major scale. Degrees are text such as ``b7``, in tuples ordered from low to high.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

Degrees = tuple[str, ...]
"""Degrees of a chord in order, ``("1", "b3", "5", "b7")``."""

SHORTHANDS: dict[str, Degrees] = {
    name: tuple(degrees.split())
    for name, degrees in {
        "maj": "1 3 5",
        "min": "1 b3 5",
        "dim": "1 b3 b5",
        "aug": "1 3 #5",
        "sus2": "1 2 5",
        "sus4": "1 4 5",
        "5": "1 5",
        "1": "1",
        "7": "1 3 5 b7",
        "maj7": "1 3 5 7",
        "min7": "1 b3 5 b7",
        "minmaj7": "1 b3 5 7",
        "dim7": "1 b3 b5 bb7",
        "hdim7": "1 b3 b5 b7",
        "maj6": "1 3 5 6",
        "min6": "1 b3 5 6",
        "9": "1 3 5 b7 9",
        "maj9": "1 3 5 7 9",
        "min9": "1 b3 5 b7 9",
        "11": "1 3 5 b7 9 11",
        "maj11": "1 3 5 7 9 11",
        "min11": "1 b3 5 b7 9 11",
        "13": "1 3 5 b7 9 11 13",
        "maj13": "1 3 5 7 9 11 13",
        "min13": "1 b3 5 b7 9 11 13",
    }.items()
}
"""Shorthands and their degrees: the paper's, then elevenths, thirteenths, sus2, 5 and 1."""

QUALITIES: tuple[str, ...] = (
    *(name for name in SHORTHANDS if name != "maj11"),
    *("sus4(b7)", "aug(b7)", "7(b9)", "7(#9)", "7(b5,*5)", "maj(9)", "min(9)"),
)
"""What follows the colon in a label that the loop model knows; any chord has a nearest one."""

_SCALE = (0, 2, 4, 5, 7, 9, 11)
_NAMES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")
_DEGREE = re.compile(r"([#b]{0,9})(1[0-3]|[1-9])")
_CONTENT = re.compile(r"([a-z0-9]*)(?:\(([^()]+)\))?")


def normalised(name: str) -> str | None:
    """Return a degree 1..13 with its accidentals summed (``#b3`` is ``3``), None for other text."""
    match = _DEGREE.fullmatch(name)
    if match is None:
        return None
    up = match[1].count("#") - match[1].count("b")
    return ("#" * up if up > 0 else "b" * -up) + match[2]


def ordered(held: Iterable[str]) -> Degrees:
    """Return degrees from low to high."""
    return tuple(sorted(held, key=_place))


def _place(name: str) -> tuple[int, int]:
    return int(name.lstrip("#b")), name.count("#") - name.count("b")


def interval(name: str) -> int:
    """Return the semitones of a degree above the root, 0..11."""
    number, raised = _place(name)
    return (_SCALE[(number - 1) % 7] + raised) % 12


@lru_cache(maxsize=4096)
def intervals(degrees: Degrees) -> frozenset[int]:
    """Return the semitones above the root of all degrees, 0..11."""
    return frozenset(map(interval, degrees))


def bass_name(degrees: Degrees, semitones: int) -> str:
    """Return the degree of a bass 0..11 semitones above the root, as the chord itself spells it."""
    own = (name for name in degrees if _place(name)[0] <= 7 and interval(name) == semitones)
    return next(own, _NAMES[semitones])


@lru_cache(maxsize=4096)
def content_to_degrees(content: str) -> Degrees | None:
    """Read ``min7(11,*5)`` or a bare ``(3,5)``; None for what is no content, or an empty one."""
    match = _CONTENT.fullmatch(content)
    if match is None or not content or (match[1] and match[1] not in SHORTHANDS):
        return None
    # A list without a shorthand is the whole chord, its root understood.
    held = set(SHORTHANDS[match[1] or "1"])
    for item in map(str.strip, match[2].split(",") if match[2] else ()):
        name = normalised(item.removeprefix("*"))
        if name is None:
            return None
        (held.discard if item.startswith("*") else held.add)(name)
    return ordered(held) or None


@lru_cache(maxsize=4096)
def degrees_to_content(degrees: Degrees) -> str:
    """Return the shorthand with the fewest additions and omissions: ``min7(11,*5)``."""
    wanted = set(degrees)
    best = min(SHORTHANDS, key=lambda name: len(wanted.symmetric_difference(SHORTHANDS[name])))
    listed = [name for name in degrees if name not in SHORTHANDS[best]]
    listed += [f"*{name}" for name in SHORTHANDS[best] if name not in wanted]
    return f"{best}({','.join(listed)})" if listed else best


@lru_cache(maxsize=4096)
def nearest_quality(degrees: Degrees) -> str:
    """Return the quality that differs in the fewest notes, third and seventh kept first of all."""
    steps = intervals(degrees)

    def distance(quality: str) -> int:
        other = _QUALITY_STEPS[quality]
        moved = 16 * (_third(steps) != _third(other)) + 8 * (_seventh(steps) != _seventh(other))
        return moved + len(steps ^ other)

    return min(QUALITIES, key=distance)


_QUALITY_STEPS = {quality: intervals(content_to_degrees(quality) or ()) for quality in QUALITIES}


def _third(steps: frozenset[int]) -> int | None:
    return next((step for step in (4, 3) if step in steps), None)


def _seventh(steps: frozenset[int]) -> int | None:
    return next((step for step in (10, 11) if step in steps), None)
