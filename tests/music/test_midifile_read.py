"""MIDI files read: what each row of bytes becomes. A beat has four ticks unless a test says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.errors import FileError
from bandmate.music import midifile
from bandmate.music.clip import Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from music.midi_bytes import dumped, file_of


def heard(track: str) -> list[tuple[float, int, float, int]]:
    """Return the notes of a one-track file as start, pitch, duration, velocity."""
    (part,) = midifile.read(file_of(track)).parts
    return [(note.start, note.pitch, note.duration, note.velocity) for note in part.notes]


def test_a_whole_file_row_by_row() -> None:
    clip = midifile.read(
        dumped("""
        4d 54 68 64  00 00 00 06   # MThd, six bytes of header
        00 01  00 02  00 60        # type 1, two tracks, 96 ticks a beat
        4d 54 72 6b  00 00 00 1d   # MTrk
        00  ff 51 03  09 89 68     # set_tempo: 625000 microseconds a beat, 96 a minute
        00  ff 58 04  03 02 18 08  # time_signature: 3/4
        00  ff 59 02  fd 01        # key_signature: three flats, minor
        60  ff 06 00               # a marker without text
        00  ff 2f 00               # end_of_track
        4d 54 72 6b  00 00 00 1f   # MTrk
        00  ff 03 04  42 61 73 73  # track_name: Bass
        00  c2 21                  # program 33 on channel 2
        60  92 28 64               # beat 1: pitch 40, velocity 100
        30  82 28 40               # half a beat later it ends
        00  92 2b 50               # pitch 43, velocity 80
        60  92 2b 00               # note_on with velocity 0 ends it
        00  ff 2f 00
        """)
    )
    assert (clip.tempo, clip.meter, clip.key) == (96.0, Meter(3, 4), Key.parse("C:min"))
    assert clip.length == 3.0
    assert clip.parts == (Part("bass", 33, (Note(1.0, 40, 0.5, 100), Note(1.5, 43, 1.0, 80))),)


def test_running_status() -> None:
    assert heard("""
        00 90 3c 40   # on 60
        04 3e 41      # on 62, status byte left out
        04 3c 00      # off 60
        04 3e 00      # off 62
    """) == [(0.0, 60, 2.0, 64), (1.0, 62, 2.0, 65)]


def test_a_pitched_note_without_length_is_dropped() -> None:
    assert heard("00 90 3c 40  00 80 3c 00  00 90 3e 40  04 80 3e 00") == [(0.0, 62, 1.0, 64)]


def test_a_drum_hit_without_length_takes_a_tick() -> None:
    assert heard("04 99 24 40  00 89 24 00  04 99 26 41  00 89 26 00") == [
        (1.0, 36, 0.25, 64),
        (2.0, 38, 0.25, 65),
    ]


def test_a_drum_hit_on_the_last_tick_stays_inside_the_clip() -> None:
    clip = midifile.read(file_of("00 99 24 40  10 99 24 40  00 89 24 00"))
    assert (clip.parts[0].notes[-1].start, clip.length) == (4.0, 8.0)


def test_a_hanging_note_ends_with_its_track() -> None:
    assert heard("00 90 3c 40  08 b0 01 00") == [(0.0, 60, 2.0, 64)]


def test_overlapping_notes_of_one_pitch_are_cut_at_the_next_onset() -> None:
    assert heard("""
        00 90 3c 40   # on
        04 90 3c 50   # on again: the first is cut here
        04 80 3c 00   # the first off ends the second
        04 80 3c 00   # the second off ends nothing
    """) == [(0.0, 60, 1.0, 64), (1.0, 60, 1.0, 80)]


def test_an_end_written_behind_the_next_onset_is_the_former_notes() -> None:
    assert heard("00 90 3c 40  04 90 3c 50  00 80 3c 00  08 80 3c 00") == [
        (0.0, 60, 1.0, 64),
        (1.0, 60, 2.0, 80),
    ]


def test_one_pitch_struck_twice_at_once_is_one_note() -> None:
    assert heard("00 90 3c 40  00 90 3c 50  04 80 3c 00  04 80 3c 00") == [(0.0, 60, 1.0, 80)]
    assert heard("00 99 24 40  00 89 24 00  00 99 24 50  04 89 24 00") == [(0.0, 36, 1.0, 80)]


def test_the_pedal_holds_notes_until_it_lifts() -> None:
    assert heard("""
        00 90 3c 40   # on 60
        00 b0 40 40   # pedal down (64 is the least)
        02 80 3c 00   # key up: it rings on
        02 90 3e 41   # on 62, held by the hand past the pedal
        04 b0 40 3f   # pedal up (63 is the most)
        04 80 3e 00
    """) == [(0.0, 60, 2.0, 64), (1.0, 62, 2.0, 65)]


def test_the_pedal_holds_a_note_until_its_pitch_sounds_again() -> None:
    assert heard("""
        00 b0 40 7f   # pedal down
        00 90 3c 40   # on 60
        02 80 3c 00
        02 90 3c 50   # 60 anew
        02 80 3c 00
        06 b0 40 00   # pedal up
    """) == [(0.0, 60, 1.0, 64), (1.0, 60, 2.0, 80)]


def test_a_pedal_that_never_lifts_ends_with_the_track() -> None:
    assert heard("00 b0 40 7f  00 90 3c 40  02 80 3c 00  0e b0 01 00") == [(0.0, 60, 4.0, 64)]


def test_a_touch_without_length_under_the_pedal_rings_on() -> None:
    assert heard("""
        00 b0 40 7f   # pedal down
        00 90 3c 40  02 80 3c 00
        02 90 3c 50  00 80 3c 00   # 60 anew and let go at once
        04 b0 40 00   # pedal up
    """) == [(0.0, 60, 1.0, 64), (1.0, 60, 1.0, 80)]


def test_drums_know_no_pedal() -> None:
    assert heard("00 b9 40 7f  00 99 24 40  02 89 24 00  0e b9 40 00") == [(0.0, 36, 0.5, 64)]


def test_type_0_is_split_by_channel() -> None:
    clip = midifile.read(
        file_of(
            """
            00 ff 03 04 42 61 73 73   # named Bass, which none of several channels may claim
            00 c0 19  00 c1 30        # programs 25 and 48
            00 90 3c 40  00 91 40 40  00 99 24 40
            04 80 3c 00  00 81 40 00  00 89 24 00
            """,
            kind=0,
        )
    )
    assert [(p.name, p.program, len(p.notes)) for p in clip.parts] == [
        ("guitar", 25, 1),
        ("strings", 48, 1),
        ("drums", 0, 1),
    ]


def test_tracks_of_one_channel_stay_apart() -> None:
    track = "00 c0 00  00 90 3c 40  04 80 3c 00"
    names = [part.name for part in midifile.read(file_of(track, track, track)).parts]
    assert names == ["keys", "keys2", "keys3"]


def test_a_track_of_several_channels_splits() -> None:
    clip = midifile.read(file_of("00 c0 00  00 c1 21  00 90 3c 40  00 91 28 40  04 80 3c 00"))
    assert [(p.name, p.notes[0].pitch) for p in clip.parts] == [("keys", 60), ("bass", 40)]


def test_the_last_program_before_the_first_note_counts() -> None:
    clip = midifile.read(file_of("00 c0 00  00 c0 15  04 90 3c 40  04 80 3c 00  00 c0 38"))
    assert [(p.name, p.program) for p in clip.parts] == [("organ", 21)]


def test_a_program_chosen_in_another_track_or_late_is_better_than_none() -> None:
    clip = midifile.read(file_of("00 c1 21", "00 91 28 40  04 81 28 00"))
    assert [(p.name, p.program) for p in clip.parts] == [("bass", 33)]
    clip = midifile.read(file_of("00 91 28 40  04 81 28 00  00 c1 21"))
    assert [(p.name, p.program) for p in clip.parts] == [("bass", 33)]


def test_more_than_four_of_a_kind_leaves_out_those_with_the_fewest_notes() -> None:
    def track(count: int) -> str:
        return "00 c0 00" + "00 90 3c 40  04 80 3c 00" * count

    clip = midifile.read(file_of(*(track(count) for count in (3, 1, 4, 2, 5, 6))))
    assert [(part.name, len(part.notes)) for part in clip.parts] == [
        ("keys", 3),
        ("keys2", 4),
        ("keys3", 5),
        ("keys4", 6),
    ]


def test_a_track_without_notes_makes_no_part() -> None:
    clip = midifile.read(file_of("00 ff 03 04 42 61 73 73"))
    assert (clip.parts, clip.length, clip.tempo, clip.key) == ((), 0.0, 120.0, None)


@pytest.mark.parametrize(
    ("meter", "wait", "bars", "length"),
    [
        ("04 02", "10", 1, 4.0),  # 4/4, 16 ticks: one bar exactly
        ("04 02", "11", 2, 8.0),  # one tick more starts another bar
        ("03 02", "0d", 2, 6.0),  # 3/4
        ("06 03", "0c", 1, 3.0),  # 6/8
        ("07 03", "0f", 2, 7.0),  # 7/8: a bar of 14 ticks
    ],
)
def test_the_length_is_rounded_up_to_a_bar(meter: str, wait: str, bars: int, length: float) -> None:
    clip = midifile.read(file_of(f"00 ff 58 04 {meter} 18 08  {wait} b0 01 00"))
    assert (clip.bars, clip.length) == (bars, length)


def test_the_first_tempo_meter_and_key_hold() -> None:
    clip = midifile.read(
        file_of(
            "08 ff 51 03 0f 42 40  00 ff 58 04 03 02 18 08",  # at beat 2: 60, 3/4
            "04 ff 51 03 06 1a 80  00 ff 58 04 05 02 18 08  00 ff 59 02 02 00",  # at beat 1: 150
        )
    )
    assert (clip.tempo, clip.meter, clip.key) == (150.0, Meter(5, 4), Key.parse("D:maj"))


def test_facts_that_make_no_sense_are_passed_over() -> None:
    clip = midifile.read(
        file_of("""
            00 ff 51 03 00 00 00        # no microseconds a beat
            00 ff 58 04 00 02 18 08     # 0/4
            00 ff 58 04 03 ff 18 08     # 3 over a number of 77 digits
            00 ff 59 02 01 ff           # a mode that is neither major nor minor
            00 ff 51 03 0f 42 40        # 60 a minute
            00 ff 58 04 03 02 18 08     # 3/4
            00 ff 59 02 01 00           # G major
        """)
    )
    assert (clip.tempo, clip.meter, clip.key) == (60.0, Meter(3, 4), Key.parse("G:maj"))


def markers(*texts: str) -> str:
    rows = (f"04 ff 06 {len(text):02x} {text.encode().hex()}" for text in texts)
    return " ".join(rows)


def test_markers_that_name_chords_become_chords() -> None:
    clip = midifile.read(file_of(markers("Intro", "C M7", "Am 7", "Bridge", "N.C.")))
    assert [(s.start, s.end, str(s.chord)) for s in clip.chords] == [
        (2.0, 3.0, "C:maj7"),
        (3.0, 5.0, "A:min7"),
        (5.0, 8.0, "N"),
    ]


def test_markers_that_letter_sections_are_no_chords() -> None:
    assert midifile.read(file_of(markers("A", "B", "A2"))).chords == ()
    assert len(midifile.read(file_of(markers("A", "D", "E7"))).chords) == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the MIDI data is empty"),
        (b"RIFF" + bytes(40), "the MIDI data is not a MIDI file"),
        (b"MThd", "the MIDI data is cut short"),
        (file_of("00 90 3c 40")[:-3], "the MIDI data is cut short"),
        (file_of("00 90 3c 40")[:-20], "the MIDI data is cut short"),
        (file_of("00 3c 40"), "the MIDI data is a damaged MIDI file: running status"),
        (file_of("00 f5 40"), "the MIDI data is a damaged MIDI file: undefined status"),
        (file_of(kind=2), "the MIDI data must be a MIDI file of type 0 or 1, not 2"),
        (file_of(division=0), "the MIDI data counts time in film frames"),
        (file_of(division=0xE728), "the MIDI data counts time in film frames"),
        (file_of("ff" * 5000), "the MIDI data is not a MIDI file"),
        (file_of("ff ff ff 7f b0 01 00"), "the MIDI data is longer than the 50000 beats"),
        (file_of("ff" * 300 + "7f b0 01 00"), "the MIDI data is longer than the 50000 beats"),
        (bytes(midifile.MAX_BYTES + 1), "the MIDI data is larger than the 4 MB that are read"),
    ],
)
def test_what_is_no_such_file_is_told_in_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(FileError) as caught:
        midifile.read(data)
    assert str(caught.value).startswith(words)


def test_a_file_of_10_mb_is_refused_without_being_held(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "big.mid"
    with path.open("wb") as file:
        file.write(file_of("00 90 3c 40"))
        file.truncate(10_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(FileError, match=r"big\.mid is larger than the 4 MB that are read"):
            midifile.read(path)
        assert tracemalloc.get_traced_memory()[1] < 3 * midifile.MAX_BYTES
    finally:
        tracemalloc.stop()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"gone\.mid cannot be read: No such file"):
        midifile.read(str(tmp_path / "gone.mid"))
    with pytest.raises(FileError, match="cannot be read"):
        midifile.read(tmp_path)
    with pytest.raises(FileError, match="cannot be read"):
        midifile.read("a\0b.mid")
