"""Progressions: written, laid out in beats, moved to other keys, put on the grid."""

from __future__ import annotations

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.progression import Progression, gridded
from bandmate.errors import AskError
from bandmate.music.chord import Chord
from bandmate.music.key import Key
from bandmate.music.meter import Meter

SONG = Progression(Key.parse("C:maj"), read_chords("C:maj F:maj,G:7/3 G:7/3 C:maj"))


def test_labels_and_text_are_as_they_are_typed() -> None:
    assert SONG.labels == [["C:maj"], ["F:maj", "G:7/3"], ["G:7/3"], ["C:maj"]]
    assert SONG.text == "C:maj F:maj,G:7/3 G:7/3 C:maj"
    assert read_chords(SONG.text) == SONG.bars


def test_a_chord_held_over_a_bar_line_is_one_span() -> None:
    spans = [(s.start, s.end, str(s.chord)) for s in SONG.spans(Meter(4, 4))]
    assert spans == [(0, 4, "C:maj"), (4, 6, "F:maj"), (6, 12, "G:7/3"), (12, 16, "C:maj")]


def test_another_tonic_keeps_the_mode_and_the_numerals() -> None:
    moved = SONG.transposed(Key.parse("Eb:dor"))
    assert str(moved.key) == "Eb:maj"
    assert moved.text == "Eb:maj Ab:maj,Bb:7/3 Bb:7/3 Eb:maj"


@pytest.mark.parametrize("bars", [(), ((),)])
def test_a_bar_without_chords_is_refused(bars: tuple[tuple[Chord, ...], ...]) -> None:
    with pytest.raises(AskError, match="1 or more bars"):
        Progression(Key(0), bars)


@pytest.mark.parametrize(
    ("written", "grid"),
    [
        ("C", "C:maj"),
        ("C,C", "C:maj"),
        ("C,C,F,F", "C:maj,F:maj"),
        ("C,F,F,F", "C:maj,F:maj,F:maj,F:maj"),
        ("C,F,G", "C:maj,F:maj,G:maj"),
        ("C,C,F,F,G,G", "C:maj,F:maj,G:maj"),
        ("C,D,E,F,G,A,B,C", "C:maj,E:maj,G:maj,B:maj"),
    ],
)
def test_a_bar_goes_onto_its_quarters_or_thirds(written: str, grid: str) -> None:
    ((bar,), (expected,)) = read_chords(written), read_chords(grid)
    assert gridded(bar) == expected
