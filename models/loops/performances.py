"""What people played, note by note beside the grid: Groove's drums, POP909's keys and melodies.

Groove was played to a click, so what a hit is away from the grid is the player's; its performances
are counted from the player's own beat. Of POP909 all velocities count, but timing only in parts
that somebody played by hand: most of it stands exactly on the grid (see `is_by_hand`).
"""

from __future__ import annotations

import json
import lzma
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate.loops.performance.groove_table import GROUPS, SLOTS, followed, place_of
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.midifile import read
from bandmate.style.genres import GENRES
from data import data_folder
from labels import GENRE_WORDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_NOTES = 60
REALLY = {"lead": "lead", "keys": "lead", "keys2": "keys"}
"""What the melody, the bridge and the piano of POP909 do."""
STRUM = 60.0
"""Milliseconds from the grid beyond which a note of keys is an ornament, not feel."""


@dataclass(frozen=True)
class Played:
    """One part as somebody played it; arrays by note, in order of step, then pitch."""

    source: str
    genre: str
    tempo: float
    group: Ints
    """Index in GROUPS."""
    place: Ints
    step: Ints
    timing: Floats
    """Milliseconds after the grid, counted from the player's own beat; NaN where not by hand."""
    velocity: Floats
    """Over the part's mean."""
    above: Floats
    """Semitones over the part's mean pitch."""
    notes: tuple[Note, ...]


def steps_of_people(notes: Sequence[Note]) -> list[int]:
    """Return the step of each note: beat by beat sixteenths or triplets, whichever are nearer."""
    beats: dict[int, list[float]] = {}
    for note in notes:
        beats.setdefault(round(note.start), []).append((note.start - round(note.start)) * 12)
    width = {
        beat: 4 if _far(offsets, 4) < 0.8 * _far(offsets, 3) - 0.1 else 3
        for beat, offsets in beats.items()
    }
    steps = []
    for note in notes:
        beat = round(note.start)
        steps.append(beat * 12 + round((note.start - beat) * 12 / width[beat]) * width[beat])
    return steps


def _far(offsets: Sequence[float], width: int) -> float:
    return sum(abs(x - round(x / width) * width) for x in offsets) / len(offsets)


def played_of(source: str, genre: str, clip: Clip, part: Part) -> Played | None:
    """Return a part as it was played; None where it says too little or is not in four."""
    if clip.meter.numerator != 4 or clip.meter.denominator != 4:
        return None
    rows = sorted(zip(steps_of_people(part.notes), part.notes, strict=True), key=_step_and_pitch)
    if part.is_drums:
        rows = _without_flams(rows)
    if len(rows) < LEAST_NOTES:
        return None
    step = np.array([at for at, _ in rows])
    notes = tuple(note for _, note in rows)
    pitch = np.array([note.pitch for note in notes], float)
    velocity = np.array([note.velocity for note in notes], float)
    timing = np.array([n.start - at / 12 for at, n in rows]) * 60_000 / clip.tempo
    place = np.array([place_of(clip.meter, at % 48 / 12) for at in step])
    if part.is_drums:
        on_beat = timing[place % len(SLOTS) == 0]
        timing = timing - (on_beat.mean() if len(on_beat) else timing.mean())
    elif is_by_hand(timing):
        timing = timing - np.median(timing)
        timing = np.where(np.abs(timing) < STRUM, timing, np.nan)
    else:
        timing = np.full(len(rows), np.nan)
    return Played(
        source, genre, clip.tempo,
        np.array([GROUPS.index(followed(part.role, note.pitch).group) for note in notes]),
        place, step, timing, velocity - velocity.mean(), pitch - pitch.mean(), notes,
    )  # fmt: skip


def _step_and_pitch(row: tuple[int, Note]) -> tuple[int, int]:
    return row[0], row[1].pitch


def _without_flams(rows: list[tuple[int, Note]]) -> list[tuple[int, Note]]:
    """Leave out hits of one kind that share a step: flams and rolls are ornaments, not time."""
    kinds = [(at, followed("drums", note.pitch).group) for at, note in rows]
    count = Counter(kinds)
    return [row for row, kind in zip(rows, kinds, strict=True) if count[kind] == 1]


def is_by_hand(timing: Floats) -> bool:
    """Tell whether a part was played, by its distances from the grid in milliseconds.

    Most of them differ from the usual one by more than the rounding of a file, yet they stay within
    what a hand does: others are quantised, or counted at a wrong tempo.
    """
    off = np.abs(timing - np.median(timing))
    return bool(np.mean(off > 2) > 0.6 and np.median(off) < 20 and abs(np.median(timing)) < 20)


def performances(split: str) -> list[Played]:
    """Return all that was played in a split."""
    found = (
        played_of(
            row["source"], _genre(row), clip, replace(part, name=REALLY.get(part.name, part.name))
        )
        for row, clip in _clips(split)
        for part in clip.parts
        if part.is_drums or part.name in REALLY
    )
    return [played for played in found if played]


def _genre(row: dict[str, Any]) -> str:
    text = str(row.get("genre") or "")
    word = text.split("/", maxsplit=1)[0]
    genre = GENRE_WORDS.get(text, GENRE_WORDS.get(word, word))
    return genre if genre in GENRES else "all"


def _clips(split: str) -> Iterator[tuple[dict[str, Any], Clip]]:
    with lzma.open(data_folder() / "index.jsonl.xz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    by_path = {row["path"]: row for row in rows if row["split"] == split}
    for source in ("groove", "pop909"):
        with tarfile.open(data_folder() / f"{source}.tar.xz") as files:
            for member in files:
                row = by_path.get(member.name.removeprefix("./"))
                opened = files.extractfile(member) if row else None
                if row and opened:
                    yield row, read(opened.read())
