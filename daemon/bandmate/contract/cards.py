"""What is told of cards, of the answer they belong to and of suggestions: name, value...

A line of text that would not fit beside the others in 8 KB is told empty; a card's chords lie in
the file of its take too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bandmate.contract.messages import Atom, pairs_of, take_to_pairs
from bandmate.music.roman import chord_to_roman
from bandmate.style.keywords import keywords_to_text

if TYPE_CHECKING:
    from bandmate.chords.cards import Card
    from bandmate.chords.requests import Suggestion
    from bandmate.compose.chords import Answer
    from bandmate.music.key import Key
    from bandmate.takes.store import Take

LINE_LIMIT = 1200
"""Longest line of text in what is told of a card, in bytes."""

OF_THE_TAKE = (
    "seed", "file", "tempo", "meter", "bars", "length", "parts", "notes", "first_bar_ms",
    "made_ms", "model", "chunks",
)  # fmt: skip
"""What is told of a card's take, as of any take."""

_LARGEST = 3e38
"""A ratio beyond it does not go into an OSC float."""


def card_to_pairs(card: Card, take: Take, index: int, chunks: int = 0) -> tuple[Atom, ...]:
    """Return what ``/bandmate/card/made`` tells of a card behind its take's number.

    *index* is its place among the cards of its ask, from 0, *chunks* the number of
    ``/bandmate/take/notes`` messages that follow.
    """
    of_take = dict(pairs_of(take_to_pairs(take, chunks=chunks)))
    told: dict[str, Atom] = {
        "index": index,
        "accepted": int(card.is_accepted),
        "log_p": float(card.log_p),
        "ratio": float(min(card.ratio, _LARGEST)),
        "chords": line(card.progression.text),
        "romans": _bars(card.romans),
        "symbols": _bars(card.symbols),
        "borrowed": line(" ".join(card.borrowed)),
        "answers": line(",".join(card.answers)),
        "key": str(card.progression.key),
        "proposer": card.proposer,
    }
    return _flat(told | {name: of_take[name] for name in OF_THE_TAKE})


def answer_to_pairs(answer: Answer) -> tuple[Atom, ...]:
    """Return what ``/bandmate/chords/made`` tells when all cards are made."""
    return _flat(
        {
            "cards": len(answer.cards),
            "key": str(answer.key),
            "proposer": answer.proposer,
            "keywords": line(keywords_to_text(answer.keywords)),
            "words": line("\n".join(answer.notes)),
        }
    )


def suggestions_to_pairs(suggestions: Sequence[Suggestion], key: Key) -> tuple[Atom, ...]:
    """Return what ``/bandmate/chords/suggested`` tells: three lists of the same length."""
    return _flat(
        {
            "chords": " ".join(str(s.chord) for s in suggestions),
            "probabilities": " ".join(f"{s.probability:.4f}" for s in suggestions),
            "romans": " ".join(chord_to_roman(s.chord, key) for s in suggestions),
        }
    )


def _bars(bars: Iterable[Iterable[str]]) -> str:
    return line(" ".join(",".join(bar) for bar in bars))


def line(text: str) -> str:
    """Return a line of text, empty where it is too long to be told."""
    return text if len(text.encode()) <= LINE_LIMIT else ""


def _flat(told: dict[str, Atom]) -> tuple[Atom, ...]:
    return tuple(atom for pair in told.items() for atom in pair)
