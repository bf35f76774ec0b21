"""The proposer's pieces: text and back, and what a prompt says."""

from __future__ import annotations

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.proposer.pieces import (
    PIECES,
    TOKENS,
    bars_to_pieces,
    pieces_to_bars,
    prompt_pieces,
    tokens_of,
)
from bandmate.chords.steering import Steering
from bandmate.errors import AskError
from bandmate.music.chord import Chord


@pytest.mark.parametrize(
    ("bars", "text"),
    [
        ("C F", "C:maj|F:maj"),
        ("C C F,G:7/3", "C:maj|-|F:maj,G:7/3"),
        ("F#:hdim7 Bb:7(b9,b13),N", "F#:hdim7|Bb:7(b9,b13),N"),
        ("C,C,C,G:sus4", "C:maj,-,-,G:sus4"),
    ],
)
def test_bars_are_text_and_back(bars: str, text: str) -> None:
    known = read_chords(bars)
    pieces = bars_to_pieces(known)
    assert "".join(pieces) == text
    assert pieces_to_bars(text) == known
    assert [PIECES[token] for token in tokens_of(pieces)] == pieces


def test_a_first_bar_may_hold_what_stood_before() -> None:
    before = Chord.parse("A:min")
    assert bars_to_pieces(read_chords("A:min F"), before) == ["-", "|", "F", ":maj"]
    assert pieces_to_bars("-|F:maj", before) == read_chords("A:min F")
    with pytest.raises(AskError, match="must start with a chord"):
        pieces_to_bars("-|F:maj")


def test_a_prompt_says_what_is_asked_and_no_more() -> None:
    steering = Steering(genre="jazz", valence=0)
    after = read_chords("G")
    pieces = prompt_pieces(steering, "min", None, 4, before=read_chords("C F"), after=after)
    assert pieces == [
        "<begin>", "<mode min>", "<genre jazz>", "<valence 0>", "<bars 4>",
        "<after>", "G", ":maj", "<before>", "C", ":maj", "|", "F", ":maj", "<write>",
    ]  # fmt: skip
    assert all(piece in TOKENS for piece in pieces)
