"""The guitar's neck: shapes that a hand can hold, as a player writes them, low string first."""

from __future__ import annotations

import pytest

from bandmate.music.chord import QUALITIES, Chord
from bandmate.music.fretboard import FINGERS, FRETS, SPAN, STRINGS, Shape, fingers, shapes, sounding
from bandmate.music.voicing import kept_degrees, voiced


def shape(text: str) -> Shape:
    return tuple(None if sign == "x" else int(sign) for sign in text)


FINGERED = [
    ("022100", 3), ("x32010", 3), ("133211", 4), ("320003", 3), ("xx0232", 2), ("x0222x", 1),
    ("000000", 0), ("x35553", 4), ("x35550", 4), ("1x3x5x", 3), ("113355", 5), ("103010", 3),
]  # fmt: skip


@pytest.mark.parametrize(("text", "count"), FINGERED)
def test_fingers_are_counted(text: str, count: int) -> None:
    assert fingers(shape(text)) == count


def test_a_shape_sounds_string_by_string() -> None:
    assert sounding(shape("x32010")) == (48, 52, 55, 60, 64)
    assert sounding(shape("320003")) == (43, 47, 50, 55, 59, 67)


FAMOUS = ["C 48,52,55,60,64", "E 40,47,52,56,59,64", "D 50,57,62,66", "F 41,48,53,57,60,65"]


@pytest.mark.parametrize("row", FAMOUS)
def test_famous_shapes_are_found(row: str) -> None:
    label, pitches = row.split()
    chord = Chord.parse(label)
    found = {held for _, held in shapes(chord, kept_degrees(chord), has_bass=False)}
    assert tuple(map(int, pitches.split(","))) in found


def can_be_held(pitches: tuple[int, ...]) -> bool:
    """Try every way of laying pitches on the strings, each string once, low to high."""

    def grown(frets: Shape, left: tuple[int, ...]) -> bool:
        if not left:
            whole = (*frets, *[None] * (len(STRINGS) - len(frets)))
            pressed = [fret for fret in whole if fret]
            return (
                fingers(whole) <= FINGERS
                and max(pressed, default=1) - min(pressed, default=1) < SPAN
            )
        if len(frets) == len(STRINGS):
            return False
        fret = left[0] - STRINGS[len(frets)]
        is_held = 0 <= fret <= FRETS and grown((*frets, fret), left[1:])
        return is_held or grown((*frets, None), left)

    return grown((), pitches)


@pytest.mark.parametrize("root", range(12))
@pytest.mark.parametrize("quality", [q for q in QUALITIES if q not in {"13", "maj13", "min13"}])
def test_what_a_guitar_plays_can_be_held(root: int, quality: str) -> None:
    for has_bass in (False, True):
        (pitches,) = voiced([Chord.of(root, quality)], "guitar", has_bass=has_bass)
        assert can_be_held(pitches)


def test_what_no_hand_holds_is_not_held() -> None:
    assert not can_be_held((40, 41))
    assert not can_be_held((41, 43))  # both on the lowest string alone
    assert not can_be_held((41, 76))  # the first fret and the twelfth
    assert can_be_held((48, 52, 55, 60, 64))
