"""Roman numerals, both ways."""

from __future__ import annotations

import pytest

from bandmate.errors import AskError
from bandmate.music.chord import QUALITIES, Chord
from bandmate.music.key import MODES, Key
from bandmate.music.roman import chord_to_roman, is_diatonic, roman_to_chord

ROWS = [
    ("C:maj", "C:maj", "I"),
    ("C:maj", "D:min7", "ii7"),
    ("C:maj", "G:7", "V7"),
    ("C:maj", "Bb:maj", "bVII"),
    ("C:maj", "F:min", "iv"),
    ("C:maj", "F#:hdim7", "#ivø7"),
    ("C:maj", "B:dim7", "viio7"),
    ("C:maj", "C:maj/3", "I/3"),
    ("C:maj", "G:7/b7", "V7/b7"),
    ("C:maj", "C:aug", "I+"),
    ("C:maj", "C:maj6(9)", "I69"),
    ("C:maj", "G:sus4(b7)", "V7sus4"),
    ("C:maj", "E:7(#9)", "III7#9"),
    ("C:maj", "N", "N"),
    ("A:min", "A:min", "i"),
    ("A:min", "C:maj", "III"),
    ("A:min", "B:hdim7", "iiø7"),
    ("A:min", "E:7", "V7"),
    ("A:min", "G:maj", "VII"),
    ("A:min", "G#:dim", "#viio"),
    ("A:min", "A:minmaj7", "imaj7"),
    ("A:hmin", "G#:dim7", "viio7"),
    ("A:hmin", "G:maj", "bVII"),
    ("D:dor", "G:7", "IV7"),
    ("F:lyd", "B:hdim7", "ivø7"),
    ("E:phr", "F:maj7", "IImaj7"),
    ("Bb:maj", "Eb:maj7", "IVmaj7"),
]


@pytest.mark.parametrize(("key", "label", "roman"), ROWS)
def test_rows(key: str, label: str, roman: str) -> None:
    chord = Chord.parse(label)
    assert chord_to_roman(chord, Key.parse(key)) == roman
    assert roman_to_chord(roman, Key.parse(key)) == chord


@pytest.mark.parametrize("mode", MODES)
def test_every_quality_round_trips_in_every_key(mode: str) -> None:
    chords = [Chord.of(root, quality) for root in range(12) for quality in QUALITIES]
    for tonic in range(12):
        key = Key(tonic, mode)
        assert [roman_to_chord(chord_to_roman(chord, key), key) for chord in chords] == chords


def test_every_bass_round_trips() -> None:
    key = Key.parse("Eb:maj")
    chords = [Chord.of(5, quality, bass) for quality in QUALITIES for bass in range(12)]
    assert [roman_to_chord(chord_to_roman(chord, key), key) for chord in chords] == chords


@pytest.mark.parametrize(
    ("roman", "label"),
    [
        ("iim7", "D:min7"),
        ("viidim7", "B:dim7"),
        ("vii°", "B:dim"),
        ("I6/9", "C:maj6(9)"),
        ("♭III", "Eb:maj"),
        (" V7 ", "G:7"),
        ("vsus4", "G:sus4"),
        ("I:1(3,b5)/3", "C:maj(b5,*5)/3"),
    ],
)
def test_other_spellings_are_read(roman: str, label: str) -> None:
    assert str(roman_to_chord(roman, Key(0))) == label


@pytest.mark.parametrize("text", ["", "VIII", "V7/V", "I/", "Vx", "Cm", "iI"])
def test_mistakes_are_told(text: str) -> None:
    with pytest.raises(AskError, match="numeral must be written like"):
        roman_to_chord(text, Key(0))


def test_a_chord_is_diatonic_with_its_bass() -> None:
    key = Key.parse("C:maj")
    assert is_diatonic(Chord.parse("D:min7"), key)
    assert is_diatonic(Chord(None), key)
    assert not is_diatonic(Chord.parse("D:7"), key)
    assert not is_diatonic(Chord.parse("C:maj/b7"), key)
    assert is_diatonic(Chord.parse("E:7"), Key.parse("A:hmin"))
