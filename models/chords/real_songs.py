"""Real chord progressions, as prior and proposer learn them: tonic moved to C, bars of 1..4.

What the data says is taken; where it is unsure, a rule stands in, and is written here:

- A bar's chords lie on its quarters, or on its thirds where their number divides by three and not
  by four; finer changes move to the quarter before them.
- OpenEWLD's keys are unreliable and are heard from the chords (``heard_key``).
- Major and minor are refined by the degrees that the chords use: a lowered seventh half as often
  again as the leading note makes a major song mixolydian, a raised fourth oftener than the fourth
  lydian; a raised sixth oftener than the lowered one makes a minor song dorian.
- Genres are the data's own words, gathered under eight names (``genre_of``).
"""

from __future__ import annotations

import functools
import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bandmate.chords.progression import BarOfChords, gridded, pitch_weights
from bandmate.music.chord import Chord
from bandmate.music.key import MODES, Key, estimated_key, pitch_class
from data import data_folder

SOURCES = {
    "ChoCo real-book (via smashub/harmory)": "realbook",
    "Impro-Visor Imaginary Book": "imaginary",
    "McGill Billboard 2.0 (boomerr1 mirror)": "billboard",
    "Nottingham (jukedeck cleaned)": "nottingham",
    "OpenEWLD": "openewld",
    "POP909": "pop909",
    "ldrolez/free-midi-chords": "loops",
}
_LATIN = ("latin", "bossa", "samba", "mambo", "cha-cha", "salsa", "rhumba", "african", "calypso")
_EWLD = {
    "Jazz": "jazz", "Rock": "rock", "Stage & Screen": "musical", "Latin": "latin",
    "Folk, World, & Country": "folk", "Blues": "blues",
}  # fmt: skip
_SECTIONS = {
    "pre-chorus": "prechorus", "pre chorus": "prechorus", "fadeout": "outro", "coda": "outro",
    "trans": "interlude", "transition": "interlude", "instrumental": "solo", "refrain": "chorus",
    "theme": "verse", "main theme": "verse", "chorus b": "chorus", "pre-verse": "interlude",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Song:
    """A song's chords above C."""

    id: str
    source: str
    split: str
    mode: str
    """A label of MODES."""
    genre: str | None
    is_triple: bool
    """A bar of three beats, or of three times three."""
    bars: tuple[BarOfChords, ...]
    sections: tuple[str | None, ...]
    """For each bar a name of loops.controls.SECTIONS, or None."""
    starts: tuple[int, ...]
    """Bars where a section starts."""
    moods: tuple[str, ...]
    tempo: float | None


@functools.cache
def load_songs(split: str) -> tuple[Song, ...]:
    """Return the songs of ``train`` or ``valid``."""
    return tuple(map(song_of, load_rows(split)))


def load_rows(split: str) -> list[dict[str, Any]]:
    """Return the rows of a split of chords.jsonl.xz; ends in words where there is no data."""
    with lzma.open(data_folder() / "chords.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if row["split"] == split]


def song_of(row: dict[str, Any]) -> Song:
    """Return the song of a row."""
    bars: list[BarOfChords] = []
    sections: list[str | None] = []
    starts = []
    for section in row["sections"]:
        starts.append(len(bars))
        for bar in section["bars"]:
            bars.append(gridded([Chord.parse(label) for label in bar]))
            sections.append(section_of(section["label"]))
    source = SOURCES[row["source"]]
    tonic, is_minor = pitch_class(row["key"]), row.get("mode") == "minor"
    if source == "openewld":
        heard = heard_key(bars)
        tonic, is_minor = heard.tonic, heard.mode == "min"
    elif row.get("mode") == "modal":
        weights = pitch_weights(bars)
        is_minor = weights[(tonic + 3) % 12] > weights[(tonic + 4) % 12]
    moved = tuple(tuple(chord.transposed(-tonic) for chord in bar) for bar in bars)
    meter = str(row.get("meter") or "4/4")
    return Song(
        id=row["id"],
        source=source,
        split=row["split"],
        mode=refined_mode(moved, is_minor),
        genre=genre_of(source, row),
        is_triple=meter.partition("/")[0] in ("3", "9"),
        bars=moved,
        sections=tuple(sections),
        starts=tuple(starts),
        moods=tuple(row.get("mood") or ()),
        tempo=row.get("tempo"),
    )


def heard_key(bars: Sequence[BarOfChords]) -> Key:
    """Hear the key of chords: their pitches, and twice the last root, where songs come home."""
    weights = pitch_weights(bars)
    last = next((bar[-1].root for bar in reversed(bars) if bar[-1].root is not None), None)
    if last is not None:
        weights[last] += 0.08 * sum(weights)
    return estimated_key(weights)


def refined_mode(bars: Sequence[BarOfChords], is_minor: bool) -> str:
    """Return the mode of bars above C that are major or minor at large."""
    w = pitch_weights(bars)
    if is_minor:
        return "dor" if w[9] > w[8] else "min"
    if w[10] > 1.5 * w[11]:
        return "mix"
    return "lyd" if w[6] > w[5] else "maj"


def genre_of(source: str, row: dict[str, Any]) -> str | None:
    """Return one of CHORD_GENRES by the data's own words."""
    title, style = str(row.get("title") or "").lower(), str(row.get("style") or "").lower()
    if source in ("realbook", "imaginary"):
        if "blues" in title and row["n_bars"] % 12 == 0:
            return "blues"
        if any(word in style for word in _LATIN):
            return "latin"
        return "ballad" if style == "ballad" else "rock" if "rock" in style else "jazz"
    if source == "openewld":
        return _EWLD.get(str(row.get("genre")))
    return {"billboard": "rock", "nottingham": "folk", "pop909": "pop"}.get(source)


def section_of(label: str | None) -> str | None:
    """Return one of loops.controls.SECTIONS by the data's own word."""
    from bandmate.style.genres import SECTIONS

    word = str(label or "").lower()
    word = _SECTIONS.get(word, word)
    return word if word in SECTIONS else None


assert set(MODES) >= {"maj", "min", "dor", "mix", "lyd"}
