"""Songs on the grid: saved by ``prepare.py``, read back by split; the sets that are reported."""

from __future__ import annotations

import lzma
import pickle
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bandmate.music.meter import Meter
from data import out_folder

_FIRST_GAMES = ("freedoom", "simutrans", "openmsx", "planetblupi")
SETS = {
    "game": _FIRST_GAMES,
    "pop909": ("pop909",),
    "arranged": ("mma_arranged",),
    "madadog": ("madadog",),
    "freedoom_old": ("freedoom_old",),
    "small": ("trackers", "lmms", "nooskewl", "supertux", "openmsx_old", "easyrpg", "blasphemer"),
    "rs200": ("rs200",),
    "lieder": ("lieder",),
    "quartets": ("quartets",),
    "meters": ("mma_meters",),
    "styles": ("mma_styles",),
}
"""Validation sets and their sources; ``small`` has what is too little to stand alone."""
REAL_BANDS = ("game", "madadog", "freedoom_old", "small", "rs200")
"""The sets by which training is stopped: music by people, neither arranged nor of the concert."""
LONGEST_SHARE = 12
"""Windows that a song counts for at most when songs are drawn."""


@dataclass
class Song:
    """A song of the training data, on the grid and in its canonical key."""

    path: str
    work: str
    """Which composition it is: several songs may be arrangements or pieces of one."""
    source: str
    split: str
    meter: Meter
    tempo: float
    genre: str | None
    mode: str | None
    bars: int
    programs: dict[str, int | None]
    """None where the sound is unknown."""
    cells: dict[str, dict[int, list[tuple[int, int, int, int]]]]
    """part -> bar -> (step in the bar, pitch, steps, velocity level)"""
    chords: dict[int, list[tuple[int, str] | None]]
    """bar -> for each chord slot (semitones to move by, Harte label) or None to hold"""
    are_chords_heard: bool
    """Whether the chords were heard in the notes, not labelled."""
    sections: list[str | None]


def save_songs(songs: Sequence[Song]) -> None:
    """Save prepared songs for `load_songs`, each split in a file of its own."""
    for split in ("train", "valid"):
        content = pickle.dumps([song for song in songs if split_of(song) == split], protocol=5)
        _saved(split).write_bytes(lzma.compress(content, preset=1))


def load_songs(split: str) -> list[Song]:
    """Return the songs of ``train`` or ``valid``.

    The data's own split leaves game music six songs to validate on, so that one is split anew, one
    file in five by the hash of its path.
    """
    if not _saved(split).is_file():
        sys.exit("The songs are not prepared yet: run `make prepare` first.")
    songs: list[Song] = pickle.loads(lzma.decompress(_saved(split).read_bytes()))
    return songs


def _saved(split: str) -> Path:
    return out_folder("loops") / f"songs-{split}.pkl.xz"


def split_of(song: Song) -> str:
    """Return ``train`` or ``valid``; the pieces of a file are in one of them."""
    if song.source not in _FIRST_GAMES:
        return song.split
    file = song.path.partition("#")[0]
    return "train" if zlib.crc32(file.encode()) % 5 else "valid"
