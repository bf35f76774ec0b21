"""Capture: the last bars of what was played, from barline to barline or from the first note."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate.errors import AskError
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part, Wheel
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.takes.capture import Capture, Captured, captured, chords_from, named
from bandmate.timing.ports.inputs import Heard
from bandmate.timing.sources.grid import Grid
from playing_by_hand import Hands, rolling, standing


def found(hands: Hands, bars: int, beat: float) -> Captured:
    return captured(hands.told, bars, hands.grid, hands.at(beat), quantise=0.0)


def starts(clip: Clip) -> list[float]:
    return [round(note.start, 3) for note in clip.parts[0].notes]


def walking(beats: int, hands: Hands | None = None) -> Hands:
    """Play a note on each beat: 60, 61, 62..."""
    hands = hands or rolling()
    for beat in range(beats):
        hands.plays(float(beat), 60 + beat % 24)
    return hands


# where the song rolls


@pytest.mark.parametrize(
    ("beat", "begins", "first"),
    [
        (16.0, 8.0, 68), (16.3, 8.0, 68), (17.9, 8.0, 68),  # pressed behind the barline
        (15.8, 8.0, 68), (14.1, 8.0, 68),  # pressed a little before it
        (13.9, 4.0, 64),  # bar 4 has hardly begun
    ],
)  # fmt: skip
def test_the_last_bars_end_at_the_nearest_barline(beat: float, begins: float, first: int) -> None:
    clip = found(walking(16), 2, beat)
    assert clip.begins == begins
    assert clip.clip.length == 8.0
    assert clip.clip.parts[0].notes[0].pitch == first


def test_bars_count_from_the_grids_own_barline() -> None:
    grid = Grid(1000.0, 0.0, 120.0, Meter(3, 4), bar_beat=1.0, bar=5)
    clip = found(walking(12, Hands(grid)), 2, 10.0)
    assert (clip.begins, clip.clip.length, str(clip.clip.meter)) == (4.0, 6.0, "3/4")
    assert [note.pitch for note in clip.clip.parts[0].notes] == [64, 65, 66, 67, 68, 69]


def test_the_time_of_every_note_is_kept_and_one_before_the_barline_belongs_to_it() -> None:
    hands = rolling(bar=8)
    for place in (0.0, 32 - 0.04, 33.03, 33.98, 35.1, 36 - 0.03):
        hands.plays(place, 60, 0.5)
    clip = found(hands, 1, 36.0).clip
    assert starts(clip) == [0.0, 1.03, 1.98, 3.1]
    assert clip.parts[0].notes[0].duration == pytest.approx(0.46)


def test_a_note_that_still_sounds_is_cut_at_the_end() -> None:
    hands = rolling()
    hands.plays(3.0, 60, 4.0)
    assert found(hands, 1, 4.2).clip.parts[0].notes == (Note(3.0, 60, 1.0, 80),)
    hands.told.pop()  # its end has not come yet
    assert found(hands, 1, 3.5).clip.parts[0].notes[0].duration == pytest.approx(0.5)


def test_a_silence_behind_what_was_played_does_not_lose_it() -> None:
    clip = found(walking(8), 2, 31.0)
    assert (clip.begins, clip.clip.length) == (0.0, 8.0)


def test_empty_bars_before_the_first_note_are_left_out() -> None:
    hands = rolling()
    hands.plays(9.0, 60)
    clip = found(hands, 4, 16.0)
    assert (clip.begins, clip.clip.length, starts(clip.clip)) == (8.0, 8.0, [1.0])


def test_a_rest_at_the_end_is_kept() -> None:
    clip = found(walking(12), 4, 16.0).clip
    assert (clip.length, starts(clip)[-1]) == (16.0, 11.0)


def test_going_round_a_loop_in_the_daw_is_one_time_line() -> None:
    hands = rolling()
    told = [Heard(heard.second, heard.beat % 8, heard.message) for heard in walking(16, hands).told]
    grid = replace(hands.grid, second=hands.at(16.0), beat=0.0)  # it has just gone round again
    clip = captured(told, 4, grid, hands.at(16.0))
    assert (clip.begins, clip.clip.length) == (-16.0, 16.0)
    assert [note.pitch for note in clip.clip.parts[0].notes] == list(range(60, 76))


def test_a_slower_tempo_before_is_counted_in_the_beats_that_it_had() -> None:
    slow, told = Grid(1000.0, 0.0, 90.0), []
    for beat in range(8):
        told.append(Heard(slow.second_of(beat), beat, bytes((0x90, 60 + beat, 80))))
    fast = Grid(slow.second_of(8.0), 8.0, 140.0)
    clip = captured(told, 2, fast, fast.second_of(8.0)).clip
    assert starts(clip) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert clip.tempo == 140.0


# where it stands


def test_without_a_song_that_rolls_the_first_note_is_one() -> None:
    hands = standing()
    for beat in (0.37, 1.37, 2.4, 3.37, 4.37):
        hands.plays(beat, 60)
    clip = found(hands, 4, 9.0)
    assert clip.begins is None
    assert (clip.clip.length, starts(clip.clip)) == (8.0, [0.0, 1.0, 2.03, 3.0, 4.0])


def test_it_is_counted_at_the_songs_tempo_and_meter() -> None:
    hands = standing(120.0)
    for beat in (0.0, 1.0, 2.0, 3.0):
        hands.plays(beat, 60)
    clip = captured(hands.told, 4, hands.grid, hands.at(5.0), tempo=60.0, meter=Meter(2, 4)).clip
    assert (clip.tempo, str(clip.meter), clip.length) == (60.0, "2/4", 2.0)
    assert starts(clip) == [0.0, 0.5, 1.0, 1.5]


def test_a_phrase_begins_behind_a_silence_of_a_bar() -> None:
    hands = standing()
    hands.plays(0.0, 40)
    for beat in (6.0, 7.0, 8.0):
        hands.plays(beat, 60)
    assert [n.pitch for n in found(hands, 8, 10.0).clip.parts[0].notes] == [60, 60, 60]


def test_a_long_phrase_keeps_its_bars_and_gives_the_last() -> None:
    clip = found(walking(12, standing()), 2, 13.0).clip
    assert (clip.length, clip.parts[0].notes[0].pitch) == (8.0, 64)


# parts


def test_each_channel_is_a_part_named_for_what_it_plays() -> None:
    hands = rolling()
    hands.strikes(0.0, "57 60 64")
    for beat in range(4):
        hands.plays(float(beat), 36, 0.1, channel=9)
        hands.plays(float(beat), 40, 0.8, channel=1)
        hands.plays(float(beat), 76, 0.8, channel=2)
    hands.sends(0.0, 0xC3, 24)
    hands.plays(1.0, 64, channel=3)
    parts = found(hands, 1, 4.0).clip.parts
    assert [(part.name, part.program) for part in parts] == [
        ("keys", 0), ("bass", 33), ("lead", 0), ("guitar", 24), ("drums", 0),
    ]  # fmt: skip


def test_a_channel_for_each_note_is_one_part() -> None:
    hands = rolling()
    for index, pitch in enumerate((57, 60, 64, 67, 71, 74)):
        hands.plays(0.0, pitch, 3.0, channel=index + 1)
    (part,) = found(hands, 1, 4.0).clip.parts
    assert (part.name, len(part.notes)) == ("keys", 6)


def test_pedal_and_wheels_are_kept() -> None:
    hands = rolling()
    hands.sends(3.5, 0xE0, 0, 0x60)
    hands.sends(4.0, 0xB0, 64, 127)
    hands.plays(4.0, 60, 0.5)
    hands.sends(5.0, 0xB0, 1, 50)
    hands.sends(7.0, 0xB0, 64, 0)
    (part,) = found(hands, 1, 8.0).clip.parts
    assert part.notes == (Note(0.0, 60, 3.0, 80),)
    assert part.wheels == (Wheel(0.0, "bend", 4096), Wheel(1.0, "modulation", 50))


def test_nothing_played_is_told() -> None:
    hands = rolling()
    hands.sends(1.0, 0xB0, 64, 127)
    with pytest.raises(AskError, match="nothing was played"):
        found(hands, 4, 16.0)


@given(
    st.lists(
        st.tuples(st.floats(0, 60), st.integers(0, 127), st.floats(0.01, 9), st.integers(0, 15)),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 8),
    st.booleans(),
    st.floats(0, 70),
)
def test_whatever_was_played_gives_whole_bars_of_notes_within_them(
    rows: list[tuple[float, int, float, int]], bars: int, is_rolling: bool, now: float
) -> None:
    hands = rolling() if is_rolling else standing()
    for beat, pitch, duration, channel in rows:
        hands.plays(beat, pitch, duration, channel=channel)
    heard = [one for one in hands.told if one.beat <= now]
    try:
        clip = captured(heard, bars, hands.grid, hands.at(now)).clip
    except AskError:
        assert not any(one.message[0] & 0xF0 == 0x90 for one in heard)
        return
    assert clip.length / 4 in range(1, bars + 1)
    notes = [note for part in clip.parts for note in part.notes]
    assert notes
    assert min(note.start for note in notes) < 4
    for note in notes:
        assert 0 <= note.start < clip.length
        assert note.duration > 0
        assert note.end <= clip.length + 1 / 64


# the ring


def test_what_is_old_is_forgotten() -> None:
    capture = Capture(seconds=10.0, messages=3)
    for second in range(5):
        capture.take_in(Heard(float(second), 0.0, b"\x90\x3c\x50"))
    assert [one.second for one in capture.heard] == [2.0, 3.0, 4.0]
    capture.take_in(Heard(13.5, 0.0, b"\x80\x3c\x00"))
    assert [one.second for one in capture.heard] == [4.0, 13.5]


# key and chords


def spans(*rows: tuple[float, float, str]) -> tuple[ChordSpan, ...]:
    return tuple(ChordSpan(start, end, Chord.parse(label)) for start, end, label in rows)


def test_chords_that_are_played_are_heard_and_so_is_the_key() -> None:
    hands = rolling()
    for bar, pitches in enumerate(("57 60 64", "53 57 60", "48 52 55", "55 59 62")):
        hands.strikes(bar * 4.0, pitches)
    clip = named(found(hands, 4, 16.0), None, spans((0.0, 4.0, "E:7"))).clip
    assert [str(span.chord) for span in clip.chords] == ["A:min", "F:maj", "C:maj", "G:maj"]
    assert clip.key in (Key.parse("C:maj"), Key.parse("A:min"))
    assert named(found(hands, 4, 16.0), Key.parse("A:min"), ()).clip.key == Key.parse("A:min")


def test_a_tune_has_the_songs_chords_at_its_place() -> None:
    song = spans((0.0, 4.0, "A:min"), (4.0, 8.0, "F:maj"), (8.0, 12.0, "G:7"))
    tune = found(walking(20), 2, 20.0)
    assert tune.begins == 12.0
    assert named(tune, None, song).clip.chords == spans((0.0, 4.0, "A:min"), (4.0, 8.0, "F:maj"))
    assert named(replace(tune, begins=None), None, song).clip.chords == ()
    assert named(tune, None, ()).clip.chords == ()


def test_chords_are_repeated_from_any_beat() -> None:
    song = spans((0.0, 3.0, "C"), (3.0, 4.0, "G"))
    assert chords_from(song, 6.0, 4.0) == spans((0.0, 1.0, "C"), (1.0, 2.0, "G"), (2.0, 4.0, "C"))
    assert chords_from(song, -1.0, 2.0) == spans((0.0, 1.0, "G"), (1.0, 2.0, "C"))


def test_a_clip_of_the_captured_is_a_plain_value() -> None:
    clip = found(walking(4), 1, 4.0).clip
    assert isinstance(clip.parts[0], Part)
    assert (clip.tempo, clip.key, clip.chords) == (120.0, None, ())


def test_unless_asked_otherwise_chance_goes_and_the_feel_stays() -> None:
    hands = rolling()
    for beat, late in enumerate((0.02, 0.06, 0.05, 0.03)):
        hands.plays(beat + late, 60 + beat)
    clip = captured(hands.told, 1, hands.grid, hands.at(4.0)).clip
    assert starts(clip) == [0.032, 1.032, 2.032, 3.032]
