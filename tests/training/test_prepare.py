"""Files of the index become songs on the grid, in a canonical key."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import mido
import pytest

from bandmate.loops.model.tokens import GridNote
from bandmate.music.clip import Note
from bandmate.music.meter import Meter
from data_report import reported
from heard_chords import heard_chords
from labels import genre_of
from prepare import songs_of
from reading import Source, SourcePart, read_source
from snapping import snapped
from songs import Song, split_of
from training.conftest import MODELS

ROW: dict[str, Any] = {
    "path": "x.mid", "source": "mma_arranged", "split": "train", "meter": "4/4", "n_meter": 1,
    "tempo": 96.0, "genre": "funk", "key": "D", "mode": "minor", "labels": ["verse", "chorus a"],
}  # fmt: skip
FOUR = [(0.0, Meter(4, 4))]


def source(
    *notes: Note,
    drums: tuple[Note, ...] = (),
    meters: Sequence[tuple[float, Meter]] = FOUR,
) -> Source:
    parts = [SourcePart("bass", 33, notes), SourcePart("drums", 0, drums)]
    beats = max(note.end for part in parts for note in part.notes)
    return Source(parts, list(meters), [(0.0, 96.0)], beats)


def one(row: dict[str, Any], made: Source, chords: list[list[str]] | None = None) -> Song:
    songs = songs_of(row, made, chords or [])
    assert len(songs) == 1
    return songs[0]


def midi(*tracks: list[mido.Message | mido.MetaMessage]) -> bytes:
    import io

    out = io.BytesIO()
    made = [mido.MidiTrack(track) for track in tracks]
    mido.MidiFile(type=1, ticks_per_beat=480, tracks=made).save(file=out)
    return out.getvalue()


def track(
    name: str, channel: int, program: int, pitches: list[int]
) -> list[mido.Message | mido.MetaMessage]:
    """Return a track of quarter notes."""
    made: list[mido.Message | mido.MetaMessage] = [
        mido.MetaMessage("track_name", name=name),
        mido.Message("program_change", channel=channel, program=program),
    ]
    for pitch in pitches:
        made.append(mido.Message("note_on", channel=channel, note=pitch, velocity=90))
        made.append(mido.Message("note_off", channel=channel, note=pitch, time=480))
    return made


def test_a_song_moves_to_the_white_keys_and_its_chords_with_it() -> None:
    made = source(Note(0, 38, 1, 100), Note(5, 45, 1, 90), drums=(Note(4, 36, 0.1, 120),))
    song = one(ROW, made, [["D:min"], ["G:7", "A:min"]])
    assert (song.mode, song.genre, song.bars) == ("min", "funk", 2)
    assert song.cells["bass"] == {0: [(0, 33, 12, 6)], 1: [(12, 40, 12, 5)]}
    assert song.cells["drums"] == {1: [(0, 36, 3, 7)]}
    assert song.chords == {
        0: [(-5, "D:min"), None, None, None],
        1: [(-5, "G:7"), None, (-5, "A:min"), None],
    }
    assert song.sections == ["verse", "chorus"]
    assert not song.are_chords_heard


def test_notes_snap_to_sixteenths_or_triplets_beat_by_beat() -> None:
    beats = (0.02, 0.27, 0.49, 1.01, 1.32, 1.68)
    played = [Note(beat, 60, 0.25, 80) for beat in beats]
    steps = [note.step for note in snapped(played, 4, False, keeps_durations=False)]
    assert steps == [0, 3, 6, 12, 16, 20]


def test_the_grid_is_counted_from_each_bar_line() -> None:
    seven_eighths = [Note(3.5 + beat, 60, 0.25, 80) for beat in (0, 1 / 3, 2 / 3, 1, 2, 3.46)]
    steps = [note.step % 42 for note in snapped(seven_eighths, 3.5, False, keeps_durations=True)]
    assert steps == [0, 4, 8, 12, 24, 0], "an early onset is the next bar's"


@pytest.mark.parametrize("bar_beats", [3.0, 3.5, 4.0, 1.5])
def test_sixteenths_and_triplets_stay_where_they_are(bar_beats: float) -> None:
    steps = [step for step in range(round(4 * bar_beats * 12)) if step % (bar_beats * 12) % 3 == 0]
    notes = [Note(step / 12, 60 + i % 40, 0.1, 80) for i, step in enumerate(steps)]
    assert [n.step for n in snapped(notes, bar_beats, False, keeps_durations=True)] == steps
    if bar_beats == int(bar_beats):
        triplets = [step for step in range(round(4 * bar_beats * 12)) if step % 4 == 0]
        notes = [Note(step / 12, 60 + i % 40, 0.1, 80) for i, step in enumerate(triplets)]
        found = snapped(notes, bar_beats, False, keeps_durations=True)
        assert [n.step for n in found] == triplets


def test_a_flam_lands_on_its_hit_and_nothing_lies_off_the_grid() -> None:
    flam = [Note(0.96, 38, 0.1, 60), Note(1.0, 38, 0.1, 110), Note(1.08, 42, 0.1, 80)]
    song = one(ROW, source(Note(0, 40, 4, 80), drums=tuple(flam)))
    assert {step for step, *_ in song.cells["drums"][0]} == {12}
    report = reported([song], [{**ROW, "sha_notes": "a", "licence": "MIT"}], [])
    assert report["notes off the grid"] == 0
    assert report["by source"]["mma_arranged"]["licences"] == {"MIT": 1}


def test_without_a_label_the_key_is_heard_in_the_notes() -> None:
    scale = [62, 64, 66, 67, 69, 71, 73, 74]  # D major, ending on D
    notes = [Note(i, pitch, 1, 80) for i, pitch in enumerate(scale)]
    song = one({**ROW, "mode": None}, source(*notes))
    heard = {note[1] % 12 for bar in song.cells["bass"].values() for note in bar}
    assert heard == {0, 2, 4, 5, 7, 9, 11}


def test_a_song_is_cut_where_its_meter_changes_and_a_pickup_is_not_its_meter() -> None:
    notes = [Note(0.5 + beat, 60, 1, 80) for beat in range(28)]
    meters = [(0.0, Meter(1, 8)), (0.5, Meter(4, 4)), (16.5, Meter(3, 4))]
    first, second = songs_of(ROW, source(*notes, meters=meters), [])
    assert (str(first.meter), first.bars) == ("4/4", 4)
    assert (str(second.meter), second.bars) == ("3/4", 4)
    assert first.cells["bass"][0][0][0] == 0, "its first bar begins on its own bar line"
    assert (first.path, second.path) == ("x.mid#0", "x.mid#1")
    assert split_of(first) == split_of(second)


def test_chords_follow_the_bars_of_the_file_through_a_cut() -> None:
    notes = [Note(beat, 60, 1, 80) for beat in range(28)]
    meters = [(0.0, Meter(4, 4)), (16.0, Meter(3, 4))]
    chords = [["D:min"]] * 4 + [["G:maj"]] * 4
    _, waltz = songs_of(ROW, source(*notes, meters=meters), chords)
    assert waltz.chords[0][0] == (-5, "G:maj")


def test_a_song_is_cut_where_its_labelled_key_changes() -> None:
    row = {**ROW, "keys": [[0, "C", "major"], [4, "D", "major"]]}
    first, second = songs_of(row, source(*[Note(b, 62, 1, 80) for b in range(32)]), [])
    assert first.cells["bass"][0][0][1] == 62
    assert second.cells["bass"][0][0][1] == 60


def test_a_kit_over_several_tracks_is_one_part() -> None:
    content = midi(track("Kick", 9, 0, [36] * 4), track("Crash", 9, 0, [49]))
    assert [(part.name, len(part.notes)) for part in read_source("lmms", content).parts] == [
        ("drums", 5)
    ]


@pytest.mark.parametrize(
    ("name", "program", "pitch", "role"),
    [
        ("Bass-9", 38, 38, "bass"), ("Bass-7", 87, 70, "lead"), ("Bass-8", 89, 67, "pad"),
        ("Bass-Synthbass", 38, 58, "lead"), ("Bass", 26, 38, "bass"), ("Walk", 32, 40, "bass"),
        ("Bass-Synthdrum", 118, 60, "mallet"), ("Melody", 52, 72, "lead"),
    ],
)  # fmt: skip
def test_a_part_does_what_it_plays_not_what_it_is_called(
    name: str, program: int, pitch: int, role: str
) -> None:
    content = midi(track(name, 0, program, [pitch] * 4))
    (part,) = read_source("mma_arranged", content).parts
    assert (part.name, part.program) == (role, program)


@pytest.mark.parametrize(("pitches", "role"), [([36] * 4, "bass"), ([70] * 4, "lead")])
def test_a_stand_in_program_says_nothing_of_the_sound(pitches: list[int], role: str) -> None:
    (part,) = read_source("madadog", midi(track("", 0, 81, pitches))).parts
    assert (part.name, part.program) == (role, None)
    (known,) = read_source("simutrans", midi(track("", 0, 81, pitches))).parts
    assert (known.name, known.program) == ("lead", 81)


def test_the_piano_of_pop909_is_its_keys_however_many_notes_it_has() -> None:
    bridge, piano = track("BRIDGE", 0, 0, [70] * 4), track("PIANO", 1, 0, [50] * 9)
    found = {
        part.name: len(part.notes) for part in read_source("pop909", midi(bridge, piano)).parts
    }
    assert found == {"lead2": 4, "keys": 9}


def test_of_several_meters_at_one_place_the_last_counts() -> None:
    told = [
        mido.MetaMessage("time_signature", numerator=4, denominator=4),
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
    ]
    made = read_source("lmms", midi(told, track("", 0, 0, [60] * 6)))
    assert made.meters == [(0.0, Meter(3, 4))]


def test_chords_are_heard_in_the_notes_of_a_song_without_labels() -> None:
    triads = [(48, 64, 67), (45, 60, 64), (41, 60, 69), (43, 59, 62)]
    notes = [
        GridNote(bar * 48, pitch, 48, 5) for bar, chord in enumerate(triads) for pitch in chord
    ]
    found = heard_chords({"keys": notes, "drums": [GridNote(0, 36, 3, 7)]}, Meter(4, 4), 4)
    assert [row[0] for row in found.values()] == ["C:maj", "A:min", "F:maj", "G:maj"]
    assert all(label is None for row in found.values() for label in row[1:]), "held"


def test_no_chords_are_heard_where_the_notes_make_none() -> None:
    cluster = [GridNote(bar * 48, 60 + i, 48, 5) for bar in range(12) for i in range(8)]
    assert heard_chords({"keys": cluster}, Meter(4, 4), 12) == {}
    assert heard_chords({"drums": cluster}, Meter(4, 4), 12) == {}


def test_genres_of_the_index_become_those_of_the_model() -> None:
    told = ["classical song", "electronic/game (LMMS)", "game: RPG", "bluegrass", "Non-Music"]
    assert [genre_of({"genre": genre}) for genre in told] == [
        "art song", "electronic", "game", "country", None,
    ]  # fmt: skip


def test_without_the_data_a_sentence_says_so() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from data import data_folder; data_folder()"],
        cwd=MODELS,
        env={**os.environ, "BANDMATE_DATA": "nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "set BANDMATE_DATA" in told.stderr
    assert "Traceback" not in told.stderr
