"""What may sound when: the scale, the chords, and strong beats that keep to the chord."""

from __future__ import annotations

import pytest

from bandmate.asks.notation import parse_chords
from bandmate.loops.decoding.harmony import allowed_until, classes_of, strong_beats
from bandmate.loops.model import vocabulary as v
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from loops.plans import band_plan

SCALE = frozenset({0, 2, 4, 5, 7, 9, 11})
CHORDS = parse_chords("A:min E:7,F:maj", Meter(4, 4), 4)


@pytest.mark.parametrize(
    ("meter", "beats"),
    [
        ("4/4", (0, 2)), ("3/4", (0,)), ("6/8", (0, 1.5)), ("2/4", (0,)), ("5/4", (0, 2, 4)),
        ("12/8", (0, 1.5, 3, 4.5)),
    ],
)  # fmt: skip
def test_strong_beats(meter: str, beats: tuple[float, ...]) -> None:
    assert strong_beats(Meter.parse(meter)) == beats


def test_strong_beats_have_the_scale_and_the_chord_and_passing_notes_are_free() -> None:
    classes = classes_of(band_plan(chords=CHORDS), "keys")
    assert classes[0] == SCALE
    assert classes[4 * v.STEPS] == SCALE | {8}  # the g sharp of E7
    assert classes[1] == classes[v.STEPS] == frozenset(range(12))
    assert set(classes_of(band_plan(in_key=False), "keys")) == {frozenset(range(12))}


def test_strict_is_the_chord_on_strong_beats_and_free_between() -> None:
    classes = classes_of(band_plan(chords=CHORDS, strictness=1.0), "keys")
    assert classes[0] == {9, 0, 4}
    assert classes[1] == SCALE
    assert classes[2 * v.STEPS] == {9, 0, 4}
    assert classes[4 * v.STEPS] == {4, 8, 11, 2}
    assert classes[6 * v.STEPS] == {5, 9, 0}


def test_half_strict_keeps_half_of_the_strong_beats_and_each_part_its_own() -> None:
    plan = band_plan(bars=64, chords=parse_chords("A:min", Meter(4, 4), 64), strictness=0.5)
    strong = {p: [c == {9, 0, 4} for c in classes_of(plan, p)[:: 2 * v.STEPS]] for p in ("a", "b")}
    assert 0.4 < sum(strong["a"]) / 128 < 0.6
    assert strong["a"] != strong["b"]
    assert classes_of(plan, "a") == classes_of(plan, "a")


def test_a_bar_without_a_chord_is_free() -> None:
    plan = band_plan(chords=parse_chords("N A:min", Meter(4, 4), 4), strictness=1.0)
    assert classes_of(plan, "lead")[0] == SCALE


def test_chords_move_with_the_key() -> None:
    home = classes_of(band_plan(chords=CHORDS, strictness=1.0), "keys")
    moved = parse_chords("C:min G:7,Ab:maj", Meter(4, 4), 4)
    plan = band_plan(chords=moved, key=Key.parse("C:min"), strictness=1.0)
    assert classes_of(plan, "keys") == home


def test_a_class_lasts_until_it_may_not_sound() -> None:
    until = allowed_until([SCALE | {8}] * 24 + [SCALE] * 24)
    assert (until[0, 8], until[0, 0], until[30, 8]) == (24, 48, 0)
