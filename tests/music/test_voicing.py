"""Voicings: every named tone sounds, nothing growls, the voices walk."""

from __future__ import annotations

import itertools

import pytest

from bandmate.music.chord import QUALITIES, Chord
from bandmate.music.harte import interval
from bandmate.music.voicing import STYLES, Voicing, kept_degrees, voiced

AUTUMN = "C:min7 F:7 Bb:maj7 Eb:maj7 A:hdim7 D:7 G:min6 G:min6"
POP = "C:maj G:maj A:min F:maj C:maj/E F:maj D:min7 G:7"
KEYBOARD = ("smooth", "close", "open")


def chords(text: str) -> list[Chord]:
    return [Chord.parse(label) for label in text.split()]


def classes(pitches: Voicing) -> set[int]:
    return {pitch % 12 for pitch in pitches}


def moved(path: tuple[Voicing, ...]) -> list[int]:
    """Return how far each voice goes at each change, voices counted from the top."""
    pairs = itertools.pairwise(path)
    return [
        abs(a - b) for old, new in pairs for a, b in zip(reversed(old), reversed(new), strict=False)
    ]


def test_a_cadence_as_a_pianist_plays_it() -> None:
    assert voiced(chords("D:min7 G:7 C:maj7"), has_bass=True) == (
        (57, 60, 62, 65),  # A C D F
        (55, 59, 62, 65),  # G B D F
        (55, 59, 60, 64),  # G B C E
    )


def test_a_campfire_on_a_guitar() -> None:
    assert voiced(chords("C G A:min F"), "guitar") == (
        (48, 52, 55, 60, 67),  # x32013
        (43, 47, 50, 55, 59, 67),  # 320003
        (45, 52, 57, 60, 64),  # x02210
        (41, 48, 53, 57, 60, 65),  # 133211
    )


def test_close_stacks_thirds_from_the_root() -> None:
    for root, (pitches,) in ((r, voiced([Chord.of(r, "min7")], "close")) for r in range(12)):
        assert [pitch - pitches[0] for pitch in pitches] == [0, 3, 7, 10]
        assert pitches[0] % 12 == root


def test_open_is_wider_than_close() -> None:
    for label in ("C", "D:min7", "G:7", "F:maj7", "B:hdim7", "Eb:min"):
        (wide,), (narrow,) = (
            voiced(chords(label), style, has_bass=True) for style in ("open", "close")
        )
        assert wide[-1] - wide[0] > narrow[-1] - narrow[0]
        assert classes(wide) == classes(narrow)


@pytest.mark.parametrize("text", [AUTUMN, POP])
def test_smooth_voices_walk(text: str) -> None:
    path = voiced(chords(text), has_bass=True)
    steps = moved(path)
    assert sum(steps) / len(steps) <= 2
    assert all(abs(a[-1] - b[-1]) <= 5 for a, b in itertools.pairwise(path))
    close = moved(voiced(chords(text), "close", has_bass=True))
    assert sum(steps) < sum(close)


def test_smooth_is_the_least_movement_of_all_inversions() -> None:
    path = voiced(chords("C F"), has_bass=True)
    held = classes(path[0]) & classes(path[1])
    assert held == {0}
    assert set(path[0]) & set(path[1])  # the common C stays where it is


QUALITY_AND_BASS = [(0, None), (5, None), (10, None), (7, 11), (3, 5)]


def roots_of(quality: str) -> list[Chord]:
    return [Chord.of(root, quality, bass) for root, bass in QUALITY_AND_BASS]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("quality", QUALITIES)
def test_every_chord_holds_what_it_names_and_nothing_else(quality: str, style: str) -> None:
    for chord, has_bass in itertools.product(roots_of(quality), (True, False)):
        (pitches,) = voiced([chord], style, has_bass=has_bass)
        own = sounding(chord, chord.degrees)
        if chord.bass is not None and not has_bass:
            own |= {chord.bass}
            assert not chord.inversion or pitches[0] % 12 == chord.bass
        assert sounding(chord, kept_degrees(chord, has_bass)) <= classes(pitches) <= own
        assert list(pitches) == sorted(set(pitches))
        assert 38 <= pitches[0] <= pitches[-1] <= 84


@pytest.mark.parametrize("style", KEYBOARD)
@pytest.mark.parametrize("quality", QUALITIES)
def test_nothing_growls(quality: str, style: str) -> None:
    for chord, has_bass in itertools.product(roots_of(quality), (True, False)):
        (pitches,) = voiced([chord], style, has_bass=has_bass)
        for low, high in itertools.pairwise(pitches):
            assert low >= 48 or high - low > 4


def sounding(chord: Chord, degrees: tuple[str, ...]) -> set[int]:
    return {((chord.root or 0) + interval(name)) % 12 for name in degrees}


KEPT = [
    ("C:maj9", True, "1 3 7 9"),
    ("C:13", True, "3 b7 9 13"),
    ("C:13", False, "1 3 b7 9 13"),
    ("C:min11", True, "b3 b7 9 11"),
    ("C:11", True, "1 b7 9 11"),
    ("C:7(#9)", True, "1 3 b7 #9"),
    ("C:7(b9,b13)", True, "3 b7 b9 b13"),
    ("C:maj6(9)", True, "1 3 6 9"),
    ("C:13/E", True, "1 3 b7 13"),
    ("C:maj", True, "1 3 5"),
]


@pytest.mark.parametrize(("label", "has_bass", "degrees"), KEPT)
def test_the_fifth_goes_first_then_a_root_that_the_bass_has(
    label: str, has_bass: bool, degrees: str
) -> None:
    assert " ".join(kept_degrees(Chord.parse(label), has_bass)) == degrees


def test_no_chord_is_silence_and_the_voices_meet_across_it() -> None:
    path = voiced(chords("C N C"))
    assert path[1] == ()
    assert path[0] == path[2]
    assert voiced([]) == ()
    assert voiced(chords("N N")) == ((), ())


def test_one_note_and_power_chords_stay_what_they_are() -> None:
    for style in STYLES:
        one, two = voiced(chords("A:1 E:5"), style)
        assert classes(one) == {9}
        assert classes(two) == {4, 11}
        assert two[0] % 12 == 4


def test_a_strange_chord_has_a_voicing_too() -> None:
    for label in ("C:(3)/3", "C:1(3,*1)/3", "C:1(b2,2,b3,3,4,b5,5,b6,6,b7,7)", "C:1(b2)", "C/Gb"):
        for style in STYLES:
            (pitches,) = voiced([Chord.parse(label)], style)
            assert pitches


def test_the_centre_moves_them() -> None:
    (low,), (high,) = (voiced(chords("F:maj7"), centre=centre) for centre in (55, 72))
    assert sum(high) / 4 - sum(low) / 4 > 10


def test_the_same_chords_give_the_same_voicings() -> None:
    assert voiced(chords(AUTUMN)) == voiced(chords(AUTUMN))
