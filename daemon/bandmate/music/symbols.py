"""What musicians write behind a chord's root (``m7b5``, ``7sus4``, ``Δ``), read and written.

Reading is a table of words, the longest that fits taken first; each word edits a major triad.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bandmate.music.harte import Degrees, content_to_degrees, degrees_to_content, ordered

# An edit sets a degree (up to 7 it replaces its like, above it an altered one ousts its natural);
# with + it is added beside what is there, with * it is taken away.
_SEVENTHS = {"7": "{}7", "9": "{}7 9", "11": "{}7 9 11", "13": "{}7 9 11 13"}
_ACCIDENTALS = {"": "", "b": "b", "#": "#", "-": "b", "+": "#", "bb": "bb", "##": "##"}
_MAJOR_SIGNS = ("maj", "ma", "M", "Δ", "^")

_WORDS: dict[str, str] = {
    "Δ": "7",
    "^": "7",
    "maj": "",
    "major": "",
    "M": "",
    "6": "6",
    "maj6": "6",
    "69": "6 9",
    "6/9": "6 9",
    "6add9": "6 9",
    "aug": "#5",
    "alt": "b7 #9 b13 *5",
    "sus": "*3 4",
    "sus2": "*3 2",
    "sus4": "*3 4",
    "sus24": "*3 2 4",
    "sus2sus4": "*3 2 4",
    "no3rd": "*3",
    "no5th": "*5",
}
_WORDS |= {number: edits.format("b") for number, edits in _SEVENTHS.items()}
_WORDS |= {f"({number}": f"+{number}" for number in ("9", "11", "13")}
for _sign, _spelled in _ACCIDENTALS.items():
    _WORDS |= {_sign + number: _spelled + number for number in ("5", "9", "11", "13") if _sign}
    for _number in range(1, 14):
        _WORDS[f"add{_sign}{_number}"] = f"+{_spelled}{_number}"
        _WORDS[f"no{_sign}{_number}"] = f"*{_spelled}{_number}"
        _WORDS[f"omit{_sign}{_number}"] = f"*{_spelled}{_number}"
for _sign in _MAJOR_SIGNS:
    _WORDS |= {_sign + number: edits.format("") for number, edits in _SEVENTHS.items()}

_OPENERS: dict[str, str] = {
    "+": "#5",
    "-9": "b3 b7 9",
    "1": "*3 *5",
    "2": "*3 2",
    "4": "*3 4",
    "5": "*3",
}
"""Words that mean this at the start of a suffix only."""
_OPENERS |= dict.fromkeys(("m", "min", "mi", "minor", "-"), "b3")
_OPENERS |= dict.fromkeys(("dim", "°", "o"), "b3 b5")
_OPENERS |= dict.fromkeys(("dim7", "°7", "o7"), "b3 b5 bb7")
_OPENERS |= dict.fromkeys(("hdim7", "hdim", "ø", "ø7", "Ø", "Ø7"), "b3 b5 b7")

_LONGEST = max(map(len, (*_WORDS, *_OPENERS)))
_CASED = re.compile("major|maj|minor|min|dim|aug|sus|add|omit|no|alt", re.IGNORECASE)

_SUFFIXES = {
    "maj": "",
    "min": "m",
    "min6": "m6",
    "min7": "m7",
    "min9": "m9",
    "min11": "m11",
    "min13": "m13",
    "minmaj7": "m(maj7)",
    "hdim7": "m7b5",
    "maj6": "6",
    "maj6(9)": "6/9",
    "min6(9)": "m6/9",
    "sus4(b7)": "7sus4",
    "sus4(b7,9)": "9sus4",
    "aug(b7)": "7#5",
}
"""Suffixes of Harte contents where the two differ."""


@lru_cache(maxsize=4096)
def suffix_to_degrees(suffix: str) -> Degrees | None:
    """Return the degrees that ``m7b5`` names; None at an unknown word, or where none is left."""
    rest = _CASED.sub(lambda found: found[0].lower(), suffix)
    held = {"1", "3", "5"}
    place, known = 0, _OPENERS | _WORDS | _OPENERS
    while place < len(rest):
        sizes = range(min(_LONGEST, len(rest) - place), 0, -1)
        word = next((w for size in sizes if (w := rest[place : place + size]) in known), None)
        if word is not None:
            for edit in known[word].split():
                _apply(edit, held)
            known = _WORDS
        elif rest[place] not in " (),":
            return None
        place += len(word or " ")
    return ordered(held) or None


def _apply(edit: str, held: set[str]) -> None:
    name = edit.lstrip("+*")
    number = name.lstrip("#b")
    if edit[0] == "*":
        # "no3" takes the third of a minor chord too, "no5" the fifth of a diminished one.
        is_vague = name == number and name not in held
        held -= {like for like in held if like.lstrip("#b") == number} if is_vague else {name}
        return
    if edit[0] != "+" and int(number) <= 7:
        held -= {like for like in held if like.lstrip("#b") == number}
    elif edit[0] != "+" and name != number:
        held.discard(number)
    held.add(name)


@lru_cache(maxsize=4096)
def degrees_to_suffix(degrees: Degrees) -> str:
    """Return a short suffix that reads back as these degrees; failing that the Harte content."""
    content = degrees_to_content(degrees)
    shorthand, _, listed = content.rstrip(")").partition("(")
    start = _SUFFIXES.get(shorthand, shorthand)
    names = listed.split(",") if listed else []
    swapped = {f"*{name.lstrip('#b')}" for name in names if name[0] in "#b"}
    altered = "".join(name for name in names if name not in swapped)
    plain = [f"no{name[1:]}" if name[0] == "*" else f"add{name}" for name in names]
    mixed = [word[3:] if word[:4] in ("addb", "add#") else word for word in plain]
    tries = (altered, "".join(mixed), "".join(plain), f"({','.join(plain)})")
    for suffix in (_SUFFIXES.get(content), *(start + rest for rest in tries)):
        if suffix is not None and suffix_to_degrees(suffix) == degrees:
            # Behind a root, "b5" would be a flat and a 5.
            return f"({suffix})" if suffix[:1] in ("b", "#") else suffix
    return f":{content}"


def content_or_suffix_to_degrees(text: str) -> Degrees | None:
    """Read what stands behind a label's colon: Harte's grammar first, then a symbol's words."""
    return content_to_degrees(text) or (suffix_to_degrees(text) if text else None)
