"""Chords as numbers: none is unknown, and what the numbers cannot say costs something."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.chords.vocabulary import CONTENTS, NONE_ROOT, alteration_cost, chord_of, numbers_of
from bandmate.music.chord import Chord


@given(st.integers(0, 11), st.integers(0, len(CONTENTS) - 1), st.integers(0, 11))
def test_every_number_is_a_chord_and_back(root: int, content: int, bass: int) -> None:
    chord = chord_of(root, content, bass)
    assert numbers_of(chord) == (root, content, bass)
    assert Chord.parse(str(chord)) == chord


def test_the_tonic_is_the_root_that_is_counted_from() -> None:
    assert numbers_of(Chord.parse("Bb:7/3"), tonic=10) == (0, CONTENTS.index("7"), 4)
    assert str(chord_of(0, CONTENTS.index("7"), 4, tonic=10)) == "Bb:7/3"


def test_no_chord_has_a_number_of_its_own() -> None:
    assert numbers_of(Chord(None)) == (NONE_ROOT, 0, 0)
    assert chord_of(NONE_ROOT, 0, 0).is_none


@pytest.mark.parametrize(
    ("label", "nearest"),
    [("C:maj13(#11,b9)", "maj13"), ("C:13(b9,#11)", "13(b9)"), ("C:(1,b2,3,b5,7)", None)],
)
def test_a_chord_that_songs_lack_is_the_nearest_altered(label: str, nearest: str | None) -> None:
    chord = Chord.parse(label)
    if nearest:
        assert CONTENTS[numbers_of(chord)[1]] == nearest
    assert alteration_cost(chord) < alteration_cost(Chord.parse("C:maj")) - 5


def test_what_alterations_cost_is_a_probability() -> None:
    plain = math.exp(alteration_cost(Chord.parse("C:maj")))
    altered = math.exp(alteration_cost(Chord.parse("C:maj13(b9)")))
    assert 0 < altered < 1 - plain
