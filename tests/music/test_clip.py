"""Clips: moved, cut and joined."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part, joined, transposed, windowed
from bandmate.music.key import Key
from bandmate.music.meter import Meter

DRUMS = Part("drums", 0, (Note(0.0, 36, 0.5, 100), Note(4.0, 38, 0.5, 100)))
KEYS = Part("keys2", 4, (Note(0.0, 60, 1.0, 80), Note(3.0, 64, 2.0, 81), Note(6.0, 67, 2.0, 82)))
CLIP = Clip(
    parts=(DRUMS, KEYS),
    length=8.0,
    tempo=96.0,
    key=Key.parse("C:maj"),
    chords=(ChordSpan(0.0, 4.0, Chord.parse("C/E")), ChordSpan(4.0, 8.0, Chord.parse("G7"))),
)


def test_a_note_ends_and_a_part_has_a_role() -> None:
    assert KEYS.notes[1].end == 5.0
    assert (KEYS.role, KEYS.is_drums, DRUMS.is_drums) == ("keys", False, True)
    assert Part("drums2", 0).is_drums
    assert CLIP.note_count == 5


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        CLIP.parts[0].notes[0].pitch = 40  # type: ignore[misc]


@pytest.mark.parametrize(
    ("meter", "length", "bars"),
    [("4/4", 0.0, 0), ("4/4", 0.1, 1), ("4/4", 4.0, 1), ("4/4", 4.5, 2), ("7/8", 10.5, 3),
     ("6/8", 12.0, 4), ("3/4", 192.0, 64)],
)  # fmt: skip
def test_a_started_bar_counts(meter: str, length: float, bars: int) -> None:
    assert Clip((), length, meter=Meter.parse(meter)).bars == bars


def test_transposed_moves_pitches_key_and_chords_but_no_drums() -> None:
    moved = transposed(CLIP, 3)
    assert moved.parts[0] is DRUMS
    assert [note.pitch for note in moved.parts[1].notes] == [63, 67, 70]
    assert (str(moved.key), [str(span.chord) for span in moved.chords]) == (
        "Eb:maj",
        ["Eb:maj/3", "Bb:7"],
    )
    assert transposed(replace(CLIP, key=None), 1).key is None


@given(st.integers(0, 127), st.integers(-24, 24))
def test_transposed_stays_a_pitch_of_its_class(pitch: int, semitones: int) -> None:
    clip = Clip((Part("lead", 80, (Note(0.0, pitch, 1.0, 64),)),), 4.0)
    (note,) = transposed(clip, semitones).parts[0].notes
    assert 0 <= note.pitch <= 127
    assert note.pitch % 12 == (pitch + semitones) % 12
    assert note.pitch == pitch + semitones or not 0 <= pitch + semitones <= 127


def test_a_window_counts_from_its_start_and_cuts_at_its_end() -> None:
    cut = windowed(CLIP, 2.0, 4.5)
    assert [part.notes for part in cut.parts] == [
        (Note(2.0, 38, 0.5, 100),),
        (Note(1.0, 64, 1.5, 81),),
    ]
    assert cut.length == 2.5
    assert [(span.start, span.end, str(span.chord)) for span in cut.chords] == [
        (0.0, 2.0, "C:maj/3"),
        (2.0, 2.5, "G:7"),
    ]
    assert (cut.tempo, cut.key) == (96.0, CLIP.key)


def test_a_window_of_all_is_all() -> None:
    assert windowed(CLIP, 0.0, 8.0) == CLIP


def test_parts_meet_by_name_when_joined() -> None:
    bass = Part("bass", 33, (Note(1.0, 40, 1.0, 90),))
    second = Clip((bass, replace(KEYS, program=7)), 4.0, chords=(ChordSpan(0, 4, Chord(None)),))
    both = joined(CLIP, second)
    assert [(part.name, part.program) for part in both.parts] == [
        ("drums", 0),
        ("keys2", 4),
        ("bass", 33),
    ]
    assert [note.start for note in both.parts[1].notes] == [0.0, 3.0, 6.0, 8.0, 11.0, 14.0]
    assert both.parts[2].notes == (Note(9.0, 40, 1.0, 90),)
    assert (both.length, both.tempo, both.chords[-1].start) == (12.0, 96.0, 8.0)


@given(st.integers(1, 7))
def test_two_windows_joined_are_the_clip_where_no_note_crosses(edge: int) -> None:
    notes = tuple(Note(float(start), 60 + start, 1.0, 70) for start in range(8))
    clip = Clip((Part("lead", 80, notes),), 8.0)
    assert joined(windowed(clip, 0.0, edge), windowed(clip, edge, 8.0)) == clip
