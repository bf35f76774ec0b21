"""What the notes of a clip sound: plain chords are heard, and where there are none, none."""

from __future__ import annotations

from bandmate.music.chord import Chord
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.sounding import sounding_chords, sounding_key

C, AM, F, G7 = (60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62, 65)


def clip(
    *blocks: tuple[float, float, tuple[int, ...]], meter: str = "4/4", part: str = "keys"
) -> Clip:
    """Return a clip of blocks: start, duration and pitches."""
    notes = tuple(Note(start, p, beats, 90) for start, beats, pitches in blocks for p in pitches)
    length = max(start + beats for start, beats, _ in blocks)
    return Clip((Part(part, 0, notes),), length, meter=Meter.parse(meter))


def heard(of: Clip) -> list[tuple[float, float, str]]:
    return [(span.start, span.end, str(span.chord)) for span in sounding_chords(of)]


def test_a_chord_a_bar() -> None:
    found = heard(clip((0, 4, AM), (4, 4, F), (8, 4, C), (12, 4, G7)))
    assert found == [(0, 4, "A:min"), (4, 8, "F:maj"), (8, 12, "C:maj"), (12, 16, "G:7")]


def test_two_chords_in_a_bar() -> None:
    assert heard(clip((0, 2, C), (2, 2, G7), (4, 4, C))) == [
        (0, 2, "C:maj"), (2, 4, "G:7"), (4, 8, "C:maj"),
    ]  # fmt: skip


def test_a_chord_that_holds_on_is_one() -> None:
    assert heard(clip((0, 3, C), (3, 3, C), (6, 3, AM), meter="3/4")) == [
        (0, 6, "C:maj"), (6, 9, "A:min"),
    ]  # fmt: skip


def test_a_broken_chord_over_a_bass_is_one_too() -> None:
    broken = [(float(beat), 1.0, (pitch,)) for beat, pitch in enumerate((60, 64, 67, 64))]
    assert heard(clip((0, 4, (36,)), *broken)) == [(0, 4, "C:maj")]


def test_a_melody_alone_names_no_chord() -> None:
    tune = [(float(beat), 1.0, (pitch,)) for beat, pitch in enumerate((60, 64, 67, 64))]
    assert heard(clip(*tune)) == []
    assert heard(clip((0, 4, C), part="drums")) == []


def test_where_few_bars_are_plain_none_is_told() -> None:
    cluster = (60, 61, 62, 63, 64, 66)
    assert heard(clip((0, 4, C), (4, 4, cluster), (8, 4, cluster))) == []
    assert heard(clip((0, 4, C), (4, 4, cluster), (8, 4, C))) == [(0, 4, "C:maj"), (8, 12, "C:maj")]


def test_the_key_is_heard_unless_the_one_told_fits() -> None:
    minor = clip((0, 4, AM), (4, 4, (62, 65, 69)), (8, 4, (64, 68, 71)), (12, 4, AM))
    assert sounding_key(minor) == Key.parse("A:min")
    assert sounding_key(minor, Key.parse("C:maj")) == Key.parse("C:maj")
    assert sounding_key(minor, Key.parse("F#:maj")) == Key.parse("A:min")
    assert sounding_key(Clip((), 4.0), Key.parse("F#:maj")) == Key.parse("F#:maj")


def test_every_template_is_a_chord() -> None:
    assert heard(clip((0, 4, (59, 62, 65)))) == [(0, 4, "B:dim")]
    assert Chord.parse("B:dim").pitches == (11, 2, 5)
