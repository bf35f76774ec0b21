"""From keywords and a mood to what is proposed beside them: mode, tempo and energy. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bandmate.inspire.inspiration import Inspiration
from bandmate.style.keywords import Keyword, Word, traits_of

_SLOWEST, _SPREAD, _WIDTH = 100.0, 42.0, 12.0
"""Tempo of a middling energy, what the energy adds at its ends, and half of a range."""

_NARROWEST = 4.0
"""Two words' tempi meet only where they share so much."""

_SURE = 0.5
"""Weight from which a word's own tempo counts."""

_NAMED = 0.9
"""Weight from which its mode does: only of words that were named."""

# Mood words for a mood of which nothing else is known, from calm to driving.
_QUADRANTS: tuple[tuple[float, tuple[str, str, str]], ...] = (
    (-0.55, ("melancholic", "dark", "angry")),
    (-0.2, ("wistful", "bittersweet", "tense")),
    (0.2, ("relaxed", "steady", "energetic")),
    (0.55, ("peaceful", "hopeful", "lively")),
    (2.0, ("gentle", "happy", "joyful")),
)


def proposed(
    keywords: Sequence[Keyword],
    words: Mapping[str, Word],
    valence: float | None,
    energy: float | None,
    notes: Iterable[str] = (),
) -> Inspiration:
    """Return keywords with what follows from them and from a mood, -1..1 each, None unknown."""
    named = traits_of(one for one in keywords if one.weight >= _NAMED).mode
    bright = None if valence is None else "maj" if valence >= 0 else "min"
    return Inspiration(
        keywords=tuple(keywords),
        mode=named or bright,
        tempo=_tempo(keywords, words, energy),
        energy=None if energy is None else max(1, min(5, round(3 + 2 * energy))),
        notes=tuple(notes),
    )


def mood_word(valence: float, energy: float) -> str:
    """Return a mood word for a point -1..1 of valence and energy."""
    row = next(names for top, names in _QUADRANTS if valence < top)
    return row[0 if energy < -0.2 else 1 if energy < 0.3 else 2]


def _tempo(
    keywords: Sequence[Keyword], words: Mapping[str, Word], energy: float | None
) -> tuple[float, float] | None:
    """Return where the words' usual tempi meet, the heavier first; else what the energy says."""
    low, high = 20.0, 400.0
    sure = [one for one in keywords if one.weight >= _SURE]
    for keyword in sorted(sure, key=lambda one: -one.weight):
        usual = words[keyword.word].tempo
        if usual and min(high, usual[1]) - max(low, usual[0]) >= _NARROWEST:
            low, high = max(low, usual[0]), min(high, usual[1])
    if (low, high) != (20.0, 400.0):
        return low, high
    if energy is None:
        return None
    middle = _SLOWEST + _SPREAD * energy
    return round(middle - _WIDTH), round(middle + _WIDTH)
