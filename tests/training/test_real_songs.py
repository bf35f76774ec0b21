"""Rows of the training data become songs above C."""

from __future__ import annotations

from typing import Any

import pytest

from bandmate.asks.notation import read_chords
from real_songs import genre_of, heard_key, refined_mode, section_of, song_of

ROW: dict[str, Any] = {
    "id": "x-1",
    "source": "McGill Billboard 2.0 (boomerr1 mirror)",
    "title": "A Song",
    "key": "Eb",
    "mode": "major",
    "meter": "3/4",
    "split": "train",
    "n_bars": 3,
    "sections": [
        {"label": "Pre-Chorus", "bars": [["Eb:maj"], ["Ab:maj", "Ab:maj", "Bb:7"]]},
        {"label": "fadeout", "bars": [["N"]]},
    ],
}


def test_a_row_becomes_a_song_above_c() -> None:
    song = song_of(ROW)
    assert [[str(chord) for chord in bar] for bar in song.bars] == [
        ["C:maj"],
        ["F:maj", "F:maj", "G:7"],
        ["N"],
    ]
    assert song.sections == ("prechorus", "prechorus", "outro")
    assert (song.source, song.genre, song.mode, song.is_triple, song.starts) == (
        ("billboard", "rock", "maj", True, (0, 2))
    )


@pytest.mark.parametrize(
    ("chords", "is_minor", "mode"),
    [
        ("C F G C", False, "maj"),
        ("C Bb F C", False, "mix"),
        ("C D C D", False, "lyd"),
        ("C:min F:min G:min Ab", True, "min"),
        ("C:min F:maj C:min F:7", True, "dor"),
    ],
)
def test_modes_by_the_degrees_that_are_used(chords: str, is_minor: bool, mode: str) -> None:
    assert refined_mode(read_chords(chords), is_minor) == mode


def test_a_key_is_heard_where_songs_come_home() -> None:
    assert str(heard_key(read_chords("D:min7 G:7 C:maj7 A:7 D:min7 G:7 C:maj7"))) == "C:maj"
    assert str(heard_key(read_chords("E:min A:min B:7 E:min"))) == "E:min"


@pytest.mark.parametrize(
    ("source", "row", "genre"),
    [
        ("imaginary", {"style": "bossa-2", "title": "X", "n_bars": 32}, "latin"),
        ("realbook", {"title": "Blue Blues", "n_bars": 24}, "blues"),
        ("realbook", {"title": "Blue Blues", "n_bars": 32}, "jazz"),
        ("openewld", {"genre": "Stage & Screen"}, "musical"),
        ("openewld", {"genre": "Pop"}, None),
        ("loops", {}, None),
    ],
)
def test_genres_are_the_datas_own(source: str, row: dict[str, Any], genre: str | None) -> None:
    assert genre_of(source, row) == genre


def test_sections_that_loops_know() -> None:
    assert [section_of(x) for x in ("Verse", "refrain", "A", None)] == [
        "verse",
        "chorus",
        None,
        None,
    ]
