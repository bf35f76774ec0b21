"""Keys: labels, scales, signatures, Live's names, and hearing one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.errors import AskError
from bandmate.music.key import MODES, Key, estimated_key, pitch_class

keys = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(MODES)))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("C", "C:maj"),
        ("C:maj", "C:maj"),
        ("A:min", "A:min"),
        ("Am", "A:min"),
        ("AM", "A:maj"),
        ("a minor", "A:min"),
        ("F# dorian", "F#:dor"),
        ("Bb", "Bb:maj"),
        ("B♭ major", "Bb:maj"),
        ("A#", "Bb:maj"),
        ("Gb:min", "F#:min"),
        ("E harmonic minor", "E:hmin"),
        ("E Phrygian", "E:phr"),
        ("D aeolian", "D:min"),
        ("Cb", "B:maj"),
    ],
)
def test_what_is_read(text: str, label: str) -> None:
    assert str(Key.parse(text)) == label


@pytest.mark.parametrize(
    ("text", "offered"),
    [("A:mni", "A:min"), ("H:maj", "C:maj"), ("", "A:dor"), ("F# blues", "F#:")],
)
def test_mistakes_offer_the_nearest(text: str, offered: str) -> None:
    with pytest.raises(AskError, match="key must be written like") as caught:
        Key.parse(text)
    assert offered in str(caught.value)


def test_a_key_that_makes_no_sense_cannot_be() -> None:
    for tonic, mode in ((12, "maj"), (-1, "maj"), (0, "blues")):
        with pytest.raises(AskError, match=r"key must be a tonic 0\.\.11"):
            Key(tonic, mode)


@given(keys)
def test_labels_and_names_round_trip(key: Key) -> None:
    assert Key.parse(str(key)) == key
    assert Key.parse(key.name) == key
    assert Key.parse(key.short_name) == key


@given(keys, st.integers(-24, 24))
def test_transposing_moves_scale_and_shift(key: Key, semitones: int) -> None:
    moved = key.transposed(semitones)
    assert moved.transposed(-semitones) == key
    assert set(moved.scale) == {(pitch + semitones) % 12 for pitch in key.scale}
    assert moved.scale[0] == moved.tonic
    assert -5 <= key.shift <= 6
    # What is on the white keys before the shift is in the key after it.
    canonical = Key((key.tonic - key.shift) % 12, key.mode)
    assert canonical.relative_major == 0
    assert canonical.mode == "hmin" or set(canonical.scale) == {0, 2, 4, 5, 7, 9, 11}


@pytest.mark.parametrize(
    ("text", "signature", "is_sharp"),
    [
        ("C:maj", 0, False),
        ("G:maj", 1, True),
        ("F:maj", -1, False),
        ("E:min", 1, True),
        ("D:dor", 0, False),
        ("Bb:maj", -2, False),
        ("F#:maj", 6, True),
        ("Db:maj", -5, False),
        ("A:hmin", 0, False),
        ("B:maj", 5, True),
        ("E:lyd", 5, True),
    ],
)
def test_signatures(text: str, signature: int, is_sharp: bool) -> None:
    key = Key.parse(text)
    assert (key.signature, key.is_sharp) == (signature, is_sharp)


def test_lives_scales_are_known_by_their_names() -> None:
    assert Key.from_live(9, "Minor") == Key(9, "min")
    assert Key.from_live(14, "Dorian") == Key(2, "dor")
    assert Key.from_live(0, "Harmonic Minor") == Key(0, "hmin")
    assert Key.from_live(0, "Bhairav") is None
    for mode in MODES.values():
        assert Key.from_live(0, mode.live) == Key(0, mode.label)


@pytest.mark.parametrize(
    ("name", "expected"), [("C", 0), ("F#", 6), ("Cb", 11), ("B#", 0), ("e♭", 3), ("Fbb", 3)]
)
def test_pitch_class(name: str, expected: int) -> None:
    assert pitch_class(name) == expected


def test_what_is_no_note_name_is_told() -> None:
    for name in ("", "H", "C4", "#"):
        with pytest.raises(AskError, match=r"note name must be A\.\.G"):
            pitch_class(name)


@given(st.integers(0, 11))
def test_a_scale_with_its_triad_is_heard_as_its_key(tonic: int) -> None:
    for key, triad in ((Key(tonic), (0, 4, 7)), (Key(tonic, "min"), (0, 3, 7))):
        weights = [0.0] * 12
        for pitch in key.scale:
            weights[pitch] += 1.0
        for step in triad:
            weights[(tonic + step) % 12] += 3.0
        assert estimated_key(weights) == key
        assert estimated_key([weight * 40 for weight in weights]) == key


def test_silence_is_heard_as_c_major() -> None:
    assert estimated_key([0.0] * 12) == Key(0)
