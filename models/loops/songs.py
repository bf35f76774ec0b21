"""Songs on the grid: saved by ``prepare.py``, read back by split; the sets that are reported."""

from __future__ import annotations

import lzma
import pickle
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate.music.meter import Meter
from data import out_folder

SETS = {
    "game": ("freedoom", "simutrans", "openmsx", "planetblupi"),
    "pop909": ("pop909",),
    "arranged": ("mma_arranged",),
}
"""Validation sets: full-band game music, POP909, arranged songs."""


@dataclass
class Song:
    """A song of the training data, on the grid and in its canonical key."""

    path: str
    source: str
    split: str
    meter: Meter
    tempo: float
    genre: str | None
    mode: str | None
    bars: int
    programs: dict[str, int]
    cells: dict[str, dict[int, list[tuple[int, int, int, int]]]]
    """part -> bar -> (step in the bar, pitch, steps, velocity level)"""
    chords: dict[int, list[tuple[int, str] | None]]
    """bar -> for each chord slot (semitones to move by, Harte label) or None to hold"""
    sections: list[str | None]


def save_songs(songs: Sequence[Song]) -> None:
    """Save prepared songs for `load_songs`."""
    content = pickle.dumps(list(songs), protocol=5)
    (out_folder("loops") / "songs.pkl.xz").write_bytes(lzma.compress(content, preset=1))


def load_songs(split: str) -> list[Song]:
    """Return the songs of ``train`` or ``valid``.

    The data's own split leaves game music six songs to validate on, so that one is split anew, one
    song in five by the hash of its path.
    """
    saved = out_folder("loops") / "songs.pkl.xz"
    if not saved.is_file():
        sys.exit("The songs are not prepared yet: run `make prepare` first.")
    songs: list[Song] = pickle.loads(lzma.decompress(saved.read_bytes()))
    return [song for song in songs if _split_of(song) == split]


def _split_of(song: Song) -> str:
    if song.source not in SETS["game"]:
        return song.split
    return "train" if zlib.crc32(song.path.encode()) % 5 else "valid"
