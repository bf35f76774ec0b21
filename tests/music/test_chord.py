"""Chords: labels and symbols read, written, reduced and moved."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate.errors import AskError
from bandmate.music.chord import QUALITIES, SHORTHANDS, Chord, note_name
from bandmate.music.harte import ordered
from bandmate.music.key import Key

C, D, E, F, G, A, B = 0, 2, 4, 5, 7, 9, 11

# Label, canonical label, pitch classes from the root up, bass.
LABELS = [
    ("C", "C:maj", (C, E, G), C),
    ("C:maj", "C:maj", (C, E, G), C),
    ("A:min", "A:min", (A, C, E), A),
    ("B:dim", "B:dim", (B, D, F), B),
    ("C:aug", "C:aug", (C, E, 8), C),
    ("G:7", "G:7", (G, B, D, F), G),
    ("C:maj7", "C:maj7", (C, E, G, B), C),
    ("D:min7", "D:min7", (D, F, A, C), D),
    ("B:dim7", "B:dim7", (B, D, F, 8), B),
    ("B:hdim7", "B:hdim7", (B, D, F, A), B),
    ("A:minmaj7", "A:minmaj7", (A, C, E, 8), A),
    ("C:maj6", "C:maj6", (C, E, G, A), C),
    ("D:min6", "D:min6", (D, F, A, B), D),
    ("G:9", "G:9", (G, A, B, D, F), G),
    ("C:maj9", "C:maj9", (C, D, E, G, B), C),
    ("D:min9", "D:min9", (D, E, F, A, C), D),
    ("G:sus4", "G:sus4", (G, C, D), G),
    ("G:sus2", "G:sus2", (G, A, D), G),
    ("E:5", "E:5", (E, B), E),
    ("E:1", "E:1", (E,), E),
    ("G:13", "G:13", (G, A, B, C, D, E, F), G),
    ("C:min7/b3", "C:min7/b3", (C, 3, G, 10), 3),
    ("C:maj/9", "C:maj/2", (C, D, E, G), D),
    ("A/3", "A:maj/3", (A, 1, E), 1),
    ("C:(3,5)", "C:maj", (C, E, G), C),
    ("C:(1,b3,5,b7)", "C:min7", (C, 3, G, 10), C),
    ("C:min7(*5,11)", "C:min7(11,*5)", (C, 3, F, 10), C),
    ("C:min7(*b3)", "C:5(b7)", (C, G, 10), C),
    ("C:maj(*1)/5", "C:maj(*1)/5", (E, G), G),
    ("C:7(#5)", "C:7(#5)", (C, E, G, 8, 10), C),
    ("C:sus4(b7,9)/5", "C:sus4(b7,9)/5", (C, D, F, G, 10), G),
    ("F#:maj", "F#:maj", (6, 10, 1), 6),
    ("Gb:maj", "F#:maj", (6, 10, 1), 6),
    ("Cb:min", "B:min", (B, D, 6), B),
    ("E#:7", "F:7", (F, A, C, 3), F),
    ("C:7/b7", "C:7/b7", (C, E, G, 10), 10),
    ("N", "N", (), None),
]

# Symbol, label, the symbol that is shown for it.
SYMBOLS = [
    ("C", "C:maj", "C"),
    ("CM", "C:maj", "C"),
    ("am", "A:min", "Am"),
    ("A-", "A:min", "Am"),
    ("Amin", "A:min", "Am"),
    ("Cm7/E", "C:min7/3", "Cm7/E"),
    ("Cm7/Eb", "C:min7/b3", "Cm7/Eb"),
    ("D/F#", "D:maj/3", "D/F#"),
    ("Ebm/Gb", "Eb:min/b3", "Ebm/Gb"),
    ("C/Bb", "C:maj/b7", "C/Bb"),
    ("F#maj7", "F#:maj7", "F#maj7"),
    ("FΔ", "F:maj7", "Fmaj7"),
    ("FΔ9", "F:maj9", "Fmaj9"),
    ("FM7", "F:maj7", "Fmaj7"),
    ("FMaj7", "F:maj7", "Fmaj7"),
    ("F^7", "F:maj7", "Fmaj7"),
    ("C M7", "C:maj7", "Cmaj7"),
    ("Bb7sus4", "Bb:sus4(b7)", "Bb7sus4"),
    ("G7sus", "G:sus4(b7)", "G7sus4"),
    ("G9sus4", "G:sus4(b7,9)", "G9sus4"),
    ("Asus", "A:sus4", "Asus4"),
    ("A2", "A:sus2", "Asus2"),
    ("Gadd9", "G:maj(9)", "Gadd9"),
    ("Gmadd9", "G:min(9)", "Gmadd9"),
    ("Gm(add9)", "G:min(9)", "Gmadd9"),
    ("C6/9", "C:maj6(9)", "C6/9"),
    ("C69/E", "C:maj6(9)/3", "C6/9/E"),
    ("Cm6/9", "C:min6(9)", "Cm6/9"),
    ("Dm7b5", "D:hdim7", "Dm7b5"),
    ("Dm7(b5)", "D:hdim7", "Dm7b5"),
    ("Dm7♭5", "D:hdim7", "Dm7b5"),
    ("Dø", "D:hdim7", "Dm7b5"),
    ("Dm7-5", "D:hdim7", "Dm7b5"),
    ("E7#9", "E:7(#9)", "E7#9"),
    ("E7(b9,#11)", "E:7(b9,#11)", "E7b9#11"),
    ("E7(b9)(b13)", "E:7(b9,b13)", "E7b9b13"),
    ("C7#5", "C:aug(b7)", "C7#5"),
    ("C+7", "C:aug(b7)", "C7#5"),
    ("C7+5", "C:aug(b7)", "C7#5"),
    ("Caug7", "C:aug(b7)", "C7#5"),
    ("C7b5", "C:7(b5,*5)", "C7b5"),
    ("Cmaj7#11", "C:maj7(#11)", "Cmaj7#11"),
    ("Caug", "C:aug", "Caug"),
    ("C+", "C:aug", "Caug"),
    ("C°", "C:dim", "Cdim"),
    ("Co7", "C:dim7", "Cdim7"),
    ("CmM7", "C:minmaj7", "Cm(maj7)"),
    ("Cm(maj7)", "C:minmaj7", "Cm(maj7)"),
    ("C5", "C:5", "C5"),
    ("Cno3", "C:5", "C5"),
    ("Cm7no5", "C:min7(*5)", "Cm7no5"),
    ("C13b9", "C:13(b9,*9)", "C13b9"),
    ("Cmaj7(9)", "C:maj9", "Cmaj9"),
    ("C7(13)", "C:7(13)", "C7add13"),
    ("Abb5", "Ab:maj(b5,*5)", "Ab(b5)"),
    ("C(b5)", "C:maj(b5,*5)", "C(b5)"),
    ("Cb5", "B:5", "B5"),
    ("Bbb7", "A:7", "A7"),
    ("C:m7", "C:min7", "Cm7"),
    ("C:6", "C:maj6", "C6"),
    ("Csus4(b7)", "C:sus4(b7)", "C7sus4"),
    ("N.C.", "N", "N.C."),
    ("NC", "N", "N.C."),
]


@pytest.mark.parametrize(("text", "label", "pitches", "bass"), LABELS)
def test_labels(text: str, label: str, pitches: tuple[int, ...], bass: int | None) -> None:
    chord = Chord.parse(text)
    assert (str(chord), chord.pitches, chord.bass) == (label, pitches, bass)
    assert Chord.parse(str(chord)) == chord


@pytest.mark.parametrize(("text", "label", "symbol"), SYMBOLS)
def test_symbols(text: str, label: str, symbol: str) -> None:
    chord = Chord.parse(text)
    assert (str(chord), chord.symbol()) == (label, symbol)
    assert Chord.parse(symbol) == chord


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Cmajj7", "Cmaj7"),
        ("Amn7", "Am7"),
        ("G:seven", "G"),
        ("H7", "C, Am7 or Bb:min/b3"),
        ("", "C, Am7 or Bb:min/b3"),
        ("C:", "C"),
        ("C/", "C"),
        ("C/H", "C"),
        ("C:maj(14)", "Cmaj13"),
        ("C:1(*1)", "C1"),
        ("Verse", "C, Am7 or Bb:min/b3"),
    ],
)
def test_mistakes_name_the_text_and_offer_the_nearest(text: str, offered: str) -> None:
    with pytest.raises(AskError) as caught:
        Chord.parse(text)
    assert offered in str(caught.value)
    assert str(caught.value).endswith(f"not {text!r}")
    assert Chord.recognised(text) is None


def test_a_long_mistake_is_shown_short() -> None:
    with pytest.raises(AskError) as caught:
        Chord.parse("C" + "#" * 100_000)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_quality_is_its_own_nearest(quality: str) -> None:
    for root in range(12):
        chord = Chord.of(root, quality)
        assert (chord.root, chord.quality) == (root, quality)
        assert str(chord).endswith(f":{quality}")
        assert Chord.parse(chord.symbol()) == chord


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("C6/9", "maj6"),
        ("E7b9#11", "7(b9)"),
        ("C:7(#5)", "7"),
        ("C:min7(*5,11)", "min7"),
        ("C:5(b7)", "sus4(b7)"),
        ("C:maj/b7", "maj"),
        ("Cmaj7#5", "maj7"),
        ("C13sus4", "sus4(b7)"),
        ("N", "N"),
    ],
)
def test_nearest_quality_keeps_third_and_seventh(text: str, quality: str) -> None:
    assert Chord.parse(text).quality == quality


def test_of_takes_pitch_classes_and_any_spelling() -> None:
    assert Chord.of(12, "min7", bass=3) == Chord.parse("C:min7/b3")
    assert Chord.of(7, "7sus4") == Chord.parse("G:sus4(b7)")
    assert Chord.of(5, "6") == Chord.parse("F:maj6")
    with pytest.raises(AskError, match=r"quality must be like .*minmaj7.*, not 'minmja7'"):
        Chord.of(0, "minmja7")


@pytest.mark.parametrize(("root", "degrees"), [(12, ("1",)), (None, ("1",)), (0, ()), (-1, ("1",))])
def test_a_chord_that_makes_no_sense_cannot_be(root: int | None, degrees: tuple[str, ...]) -> None:
    with pytest.raises(AskError, match="chord must be a root"):
        Chord(root, degrees)


def test_spelling_follows_the_key() -> None:
    chord = Chord.parse("C#:min7/b3")
    assert chord.symbol() == "Dbm7/E"
    assert chord.symbol(Key.parse("A:maj")) == "C#m7/E"
    assert chord.symbol(Key.parse("Db:maj")) == "Dbm7/E"
    assert Chord.parse("E/G#").symbol() == "E/G#"
    assert Chord.parse("E/G#").symbol(Key.parse("F:maj")) == "E/Ab"
    assert [note_name(6), note_name(6, Key(0)), note_name(6, Key(7))] == ["F#", "Gb", "F#"]


def test_transposed_moves_root_and_bass() -> None:
    chord = Chord.parse("A:min7/b7")
    assert str(chord.transposed(3)) == "C:min7/b7"
    assert chord.transposed(3).bass == 10
    assert chord.transposed(-9).transposed(9) == chord
    assert Chord(None).transposed(5).is_none


def test_equal_chords_are_one_key_of_a_dict() -> None:
    assert len({Chord.parse("Cm7"), Chord.parse("C:min7"), Chord.of(0, "min7")}) == 1


degree_names = st.builds(
    str.__add__, st.sampled_from(["", "b", "#", "bb"]), st.integers(1, 13).map(str)
)
chords = st.builds(
    Chord,
    st.integers(0, 11),
    st.sets(degree_names, min_size=1, max_size=7).map(ordered),
    st.integers(0, 11),
)


@given(chords)
@settings(max_examples=300, deadline=None)
def test_any_chord_round_trips_as_label_and_symbol(chord: Chord) -> None:
    assert Chord.parse(str(chord)) == chord
    assert Chord.parse(chord.symbol()) == chord
    assert chord.quality in QUALITIES
    assert chord.bass in chord.pitches
    assert str(chord.transposed(12)) == str(chord)


@given(
    st.sampled_from("ABCDEFG"),
    st.sampled_from(["", "#", "b", "bb", "##"]),
    st.sampled_from(sorted(SHORTHANDS)),
    st.lists(st.builds(str.__add__, st.sampled_from(["", "*"]), degree_names), max_size=3),
    st.sampled_from(["", "/3", "/b7", "/#11"]),
)
@settings(max_examples=200, deadline=None)
def test_any_label_of_the_grammar_is_read(
    letter: str, sign: str, shorthand: str, listed: list[str], bass: str
) -> None:
    omitted = {item[1:] for item in listed if item[0] == "*"}
    if omitted >= set(SHORTHANDS[shorthand]):
        return
    text = f"{letter}{sign}:{shorthand}{'(' + ','.join(listed) + ')' if listed else ''}{bass}"
    chord = Chord.parse(text)
    assert Chord.parse(str(chord)) == chord
    assert {item for item in listed if item[0] != "*"} - omitted <= set(chord.degrees)


@given(
    st.one_of(st.text(max_size=12), st.text("ABCDEFGmajinsud#b0123456789/(),:*+°Δ", max_size=14))
)
@settings(max_examples=300, deadline=None)
def test_other_text_is_a_mistake_told_in_words(text: str) -> None:
    chord = Chord.recognised(text)
    if chord is None:
        with pytest.raises(AskError):
            Chord.parse(text)
    else:
        assert Chord.parse(chord.symbol()) == chord
