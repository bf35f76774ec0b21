"""Cards to music: exact lengths, no note beyond its chord, none struck while it sounds."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.patterns import RHYTHMS
from bandmate.chords.playing import played
from bandmate.chords.progression import Progression
from bandmate.music import midifile
from bandmate.music.clip import ChordSpan, Clip, Note
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.voicing import STYLES

SONG = "F:maj A:min,D:min7 G:min9,N,C:13,F/A Bb:maj7 Bb:maj7 B:dim7,N N E:5,C:1"
METERS = ["4/4", "3/4", "6/8", "12/8", "7/8", "5/4", "2/2"]


def song(text: str = SONG, key: str = "F:maj") -> Progression:
    return Progression(Key.parse(key), read_chords(text))


def chord_at(clip: Clip, beat: float) -> ChordSpan:
    return next(s for s in clip.chords if s.start - 1e-9 <= beat < s.end - 1e-9)


@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_no_note_outlives_its_chord(rhythm: str, meter: str) -> None:
    for voicing, tempo in (("smooth", 60), ("guitar", 400)):
        clip = played(song(), meter=Meter.parse(meter), tempo=tempo, voicing=voicing, rhythm=rhythm)
        assert clip.length == 8 * clip.meter.bar_beats
        assert [part.name for part in clip.parts] == ["keys", "bass"]
        for part in clip.parts:
            check(clip, part.notes)
        assert midifile.read(midifile.to_bytes(clip)).note_count == clip.note_count


def check(clip: Clip, notes: tuple[Note, ...]) -> None:
    assert list(notes) == sorted(notes)
    ends: dict[int, float] = defaultdict(float)
    for note in notes:
        span = chord_at(clip, note.start)
        assert note.pitch % 12 in span.chord.pitches
        assert note.duration > 0
        assert note.end <= min(span.end, clip.length) + 1e-9
        assert ends[note.pitch] <= note.start + 1e-9
        assert 1 <= note.velocity <= 127
        ends[note.pitch] = note.end
    for span in clip.chords:
        is_heard = any(span.start - 1e-9 <= note.start < span.end - 1e-9 for note in notes)
        assert is_heard is not span.chord.is_none


def test_a_held_card_reads_as_music() -> None:
    clip = played(song("C A:min F,G:7 C/E", "C:maj"), meter=Meter(), tempo=90)
    keys, bass = clip.parts
    assert (clip.tempo, clip.meter, str(clip.key), clip.bars) == (90, Meter(), "C:maj", 4)
    assert [(n.start, n.duration, n.pitch) for n in bass.notes] == [
        (0, 4, 36), (4, 4, 33), (8, 2, 29), (10, 2, 31), (12, 4, 28),
    ]  # fmt: skip
    starts = [start for start, _ in itertools.groupby(keys.notes, lambda note: note.start)]
    assert starts == [0, 4, 8, 10, 12]
    assert [str(span.chord) for span in clip.chords] == [
        "C:maj",
        "A:min",
        "F:maj",
        "G:7",
        "C:maj/3",
    ]


def test_a_chord_that_stays_is_held_over_the_bar_line() -> None:
    clip = played(song("C C F", "C:maj"), meter=Meter(), tempo=90)
    assert {(n.start, n.duration) for n in clip.parts[0].notes} == {(0, 8), (8, 4)}


def test_without_a_bass_the_chords_have_their_own() -> None:
    clip = played(song("C/E F/G", "C:maj"), meter=Meter(), tempo=90, bass=False)
    (keys,) = clip.parts
    lowest = [min(n.pitch for n in keys.notes if n.start == start) % 12 for start in (0, 4)]
    assert lowest == [4, 7]


PARTS = [
    (0, "keys", "bass"),
    (25, "guitar", "bass"),
    (48, "strings", "bass"),
    (33, "bass", "bass2"),
]


@pytest.mark.parametrize(("program", "name", "bass"), PARTS)
def test_a_part_is_named_for_its_program(program: int, name: str, bass: str) -> None:
    clip = played(song(), meter=Meter(), tempo=90, program=program)
    assert [part.name for part in clip.parts] == [name, bass]
    assert clip.parts[0].program == program


def test_a_strum_goes_down_then_up() -> None:
    clip = played(song("E", "E:maj"), meter=Meter(), tempo=120, voicing="guitar", rhythm="strum")
    down = [n.pitch for n in clip.parts[0].notes if n.start < 0.5]
    up = [n.pitch for n in clip.parts[0].notes if 1.5 <= n.start < 2]
    assert down == sorted(down)
    assert len(down) >= 4
    assert up == sorted(up, reverse=True)
    gap = clip.parts[0].notes[1].start - clip.parts[0].notes[0].start
    assert 0.005 < gap * 60 / clip.tempo < 0.05  # seconds from string to string


def test_an_arpeggio_rings_on() -> None:
    clip = played(song("C", "C:maj"), meter=Meter(), tempo=90, rhythm="arpeggio")
    lowest = clip.parts[0].notes[0]
    assert (lowest.start, lowest.end) == (0, 4)
    assert len({n.start for n in clip.parts[0].notes}) == len(clip.parts[0].notes) == 8


def test_no_two_strokes_are_alike_and_the_tune_is_on_top() -> None:
    clip = played(song("C", "C:maj"), meter=Meter(), tempo=90, rhythm="quarters")
    strokes = [
        [n.velocity for n in group]
        for _, group in itertools.groupby(clip.parts[0].notes, lambda note: note.start)
    ]
    assert len({tuple(stroke) for stroke in strokes}) == 4
    means = [sum(stroke) / len(stroke) for stroke in strokes]
    assert means[0] > means[1]
    assert means[2] > means[3]
    tops = sum(stroke[-1] for stroke in strokes)
    assert all(tops > sum(stroke[i] for stroke in strokes) for i in range(3))


@pytest.mark.parametrize("voicing", STYLES)
def test_the_same_card_is_played_alike(voicing: str) -> None:
    first, again = (
        played(song(), meter=Meter(6, 8), tempo=90, voicing=voicing, rhythm="ballad")
        for _ in range(2)
    )
    assert midifile.to_bytes(first) == midifile.to_bytes(again)


def test_only_silence_is_silent() -> None:
    clip = played(song("N N", "C:maj"), meter=Meter(3, 4), tempo=90)
    assert (clip.note_count, clip.length) == (0, 6)
