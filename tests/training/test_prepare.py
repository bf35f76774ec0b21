"""Files of the index become songs on the grid, in a canonical key."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from bandmate.music.clip import Clip, Note, Part
from prepare import song_of
from training.conftest import MODELS

ROW: dict[str, Any] = {
    "path": "x.mid", "source": "mma_arranged", "split": "train", "meter": "4/4", "n_meter": 1,
    "tempo": 96.0, "genre": "funk", "key": "D", "mode": "minor", "labels": ["verse", "chorus a"],
}  # fmt: skip


def clip(*notes: Note, drums: tuple[Note, ...] = ()) -> Clip:
    return Clip((Part("bass", 33, notes), Part("drums", 0, drums)), 8.0)


def test_a_song_moves_to_the_white_keys_and_its_chords_with_it() -> None:
    song = song_of(
        ROW, clip(Note(0, 38, 1, 100), Note(5, 45, 1, 90), drums=(Note(4, 36, 0.1, 120),)),
        [["D:min"], ["G:7", "A:min"]],
    )  # fmt: skip
    assert song is not None
    assert (song.mode, song.genre, song.bars) == ("min", "funk", 2)
    assert song.cells["bass"] == {0: [(0, 33, 12, 6)], 1: [(12, 40, 12, 5)]}
    assert song.cells["drums"] == {1: [(0, 36, 3, 7)]}
    assert song.chords == {
        0: [(-5, "D:min"), None, None, None],
        1: [(-5, "G:7"), None, (-5, "A:min"), None],
    }
    assert song.sections == ["verse", "chorus"]


def test_played_notes_snap_to_sixteenths_or_triplets_beat_by_beat() -> None:
    played = [Note(beat, 60, 0.25, 80) for beat in (0.02, 0.27, 0.49, 1.01, 1.32, 1.68)]
    song = song_of({**ROW, "source": "pop909", "key": "A"}, clip(*played), [])
    assert song is not None
    assert [note[0] for note in song.cells["bass"][0]] == [0, 3, 6, 12, 16, 20]


def test_without_a_label_the_key_is_heard_in_the_notes() -> None:
    scale = [62, 64, 66, 67, 69, 71, 73, 74]  # D major, ending on D
    notes = [Note(i, pitch, 1, 80) for i, pitch in enumerate(scale)]
    song = song_of({**ROW, "mode": None}, clip(*notes), [])
    assert song is not None
    heard = {note[1] % 12 for bar in song.cells["bass"].values() for note in bar}
    assert heard == {0, 2, 4, 5, 7, 9, 11}


def test_changing_and_strange_meters_are_left_out() -> None:
    note = Note(0, 60, 1, 80)
    assert song_of({**ROW, "n_meter": 2}, clip(note), []) is None
    assert song_of({**ROW, "meter": "1/16"}, clip(note), []) is None


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
