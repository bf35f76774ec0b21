"""Training data -> songs on the grid in a canonical key, saved once for training and evaluation.

    python models/loops/prepare.py            reads $BANDMATE_DATA (default ../shared/data)

A song is cut into cells (a part in a bar). Keys come from the index; where it has none, from the
notes of sixteen bars around (``music.key.estimated_key``). Parts played by people snap, beat by
beat, to sixteenths or to triplets, whichever they are nearer.
"""

from __future__ import annotations

import json
import lzma
import multiprocessing
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bandmate.errors import BandmateError
from bandmate.loops.controls import GENRES
from bandmate.loops.tokens import GridNote, bar_steps, chord_slots, gridded
from bandmate.loops.vocabulary import METERS, STEPS
from bandmate.music.chord import Chord
from bandmate.music.clip import Clip, Part
from bandmate.music.key import Key, estimated_key, pitch_class
from bandmate.music.meter import Meter
from bandmate.music.midifile import read
from data import data_folder
from songs import Song, save_songs

RENAMED = {
    ("pop909", "keys", "keys2"): {"keys": "lead2", "keys2": "keys"},
    ("nottingham", "keys", "keys2"): {"keys": "lead", "keys2": "keys"},
}
"""What parts of a source really do where their names and programs do not tell."""
PLAYED_BY_PEOPLE = ("pop909", "groove")
KEY_BARS = 16
MAX_PARTS = 10

GENRE_WORDS = {
    "mandopop": "pop", "Pop": "pop", "Jazz": "jazz", "Rock": "rock", "Blues": "blues",
    "Latin": "latin", "Folk, World, & Country": "folk", "Classical": "classical",
    "classical chorale": "classical", "Funk / Soul": "soul", "Reggae": "reggae",
    "hiphop": "hip hop", "afrocuban": "latin", "afrobeat": "afro", "neworleans": "funk",
    "dance": "house", "highlife": "afro", "middleeastern": "folk",
}  # fmt: skip
SECTION_WORDS = {
    "intro": "intro", "pre-verse": "intro", "fade": "outro", "outro": "outro", "coda": "outro",
    "ending": "outro", "pre": "prechorus", "chorus": "chorus", "refrain": "chorus",
    "verse": "verse", "bridge": "bridge", "solo": "solo", "instrumental": "interlude",
    "interlude": "interlude", "trans": "interlude",
}  # fmt: skip


def song_of(row: dict[str, Any], clip: Clip, bars_of_chords: list[list[str]]) -> Song | None:
    """Return a row's song, or None where its meter cannot be written."""
    meter = Meter.parse(row["meter"]) if row["meter"] in METERS else None
    if meter is None or row["n_meter"] > 1 or not clip.parts:
        return None
    people = row["source"] in PLAYED_BY_PEOPLE
    clip = _renamed(row["source"], clip)
    notes = {part.name: _notes(part, people) for part in _largest(clip)}
    notes = {name: found for name, found in notes.items() if found}
    if not notes:
        return None
    length = bar_steps(meter)
    bars = max(note.step for found in notes.values() for note in found) // length + 1
    key = _labelled_key(row)
    shifts = [key.shift] * bars if key else _heard_shifts(notes, bars, length)
    cells: dict[str, dict[int, list[tuple[int, int, int, int]]]] = {}
    for name, found in notes.items():
        for note in found:
            bar, step = divmod(note.step, length)
            pitch = note.pitch if name.startswith("drums") else note.pitch - shifts[bar]
            while pitch < 0 or pitch > 127:
                pitch += 12 if pitch < 0 else -12
            cells.setdefault(name, {}).setdefault(bar, []).append(
                (step, pitch, note.steps, note.level)
            )
    return Song(
        path=row["path"],
        source=row["source"],
        split=row["split"],
        meter=meter,
        tempo=float(row["tempo"]),
        genre=_genre(row),
        mode=key.mode if key else None,
        bars=bars,
        programs={part.name: part.program for part in clip.parts if part.name in notes},
        cells=cells,
        chords=_chords(bars_of_chords[:bars], meter, shifts),
        sections=[_section(label) for label in row.get("labels", [])][:bars],
    )


def _renamed(source: str, clip: Clip) -> Clip:
    names = {part.name for part in clip.parts}
    for (of, *told), renames in RENAMED.items():
        if of == source and names.issuperset(told):
            parts = (replace(part, name=renames.get(part.name, part.name)) for part in clip.parts)
            return replace(clip, parts=tuple(parts))
    return clip


def _largest(clip: Clip) -> list[Part]:
    return sorted(clip.parts, key=lambda part: -len(part.notes))[:MAX_PARTS]


def _notes(part: Part, people: bool) -> list[GridNote]:
    found = gridded(part.notes, part.is_drums)
    if not people:
        return found
    beats: dict[int, list[float]] = {}
    for note in part.notes:
        beats.setdefault(round(note.start), []).append((note.start - round(note.start)) * STEPS)
    straight = {
        beat: _cost(offsets, 3) <= 0.8 * _cost(offsets, 4) + 0.1 for beat, offsets in beats.items()
    }
    snapped = []
    for note in part.notes:
        beat = round(note.start)
        width = 3 if straight[beat] else 4
        step = beat * STEPS + round((note.start - beat) * STEPS / width) * width
        steps = max(width, round(note.duration * STEPS / width) * width)
        snapped.append(type(note)(max(0, step) / STEPS, note.pitch, steps / STEPS, note.velocity))
    return gridded(snapped, part.is_drums)


def _cost(offsets: list[float], width: int) -> float:
    return sum(abs(offset - round(offset / width) * width) for offset in offsets) / len(offsets)


def _labelled_key(row: dict[str, Any]) -> Key | None:
    mode = {"major": "maj", "minor": "min"}.get(row.get("mode") or "")
    return Key(pitch_class(row["key"]), mode) if mode and row["source"] != "openewld" else None


def _heard_shifts(notes: dict[str, list[GridNote]], bars: int, length: int) -> list[int]:
    weights = [[0.0] * 12 for _ in range(bars)]
    for name, found in notes.items():
        for note in found if not name.startswith("drums") else ():
            weights[note.step // length][note.pitch % 12] += min(note.steps, length)
    shifts = []
    for block in range(0, bars, KEY_BARS):
        near = weights[max(0, block - KEY_BARS // 2) : block + KEY_BARS * 3 // 2]
        heard = [sum(bar[i] for bar in near) for i in range(12)]
        shifts += [estimated_key(heard).shift] * KEY_BARS
    return shifts[:bars]


def _chords(
    bars: list[list[str]], meter: Meter, shifts: list[int]
) -> dict[int, list[tuple[int, str] | None]]:
    slots = chord_slots(meter)
    table: dict[int, list[tuple[int, str] | None]] = {}
    for bar, labels in enumerate(bars):
        row: list[tuple[int, str] | None] = [None] * len(slots)
        for i, label in enumerate(labels):
            beat = i * meter.bar_beats / len(labels)
            at = max(j for j, slot in enumerate(slots) if slot <= beat + 1e-6)
            if row[at] is None:
                row[at] = (-shifts[bar], label)
        table[bar] = row
    return table


def _genre(row: dict[str, Any]) -> str | None:
    text = str(row.get("genre") or "")
    if text.startswith("game"):
        return "game"
    word = text.split("/", maxsplit=1)[0]
    genre = GENRE_WORDS.get(text, GENRE_WORDS.get(word, word))
    return genre if genre in GENRES else None


def _section(label: str) -> str | None:
    return next(
        (section for word, section in SECTION_WORDS.items() if label.startswith(word)), None
    )


def _rows() -> Iterator[tuple[dict[str, Any], list[list[str]]]]:
    folder = data_folder()
    progressions: dict[str, list[list[str]]] = {}
    with lzma.open(folder / "chords.jsonl.xz", "rt") as lines:
        for line in lines:
            song = json.loads(line)
            progressions[song["id"]] = [bar for part in song["sections"] for bar in part["bars"]]
    with lzma.open(folder / "index.jsonl.xz", "rt") as lines:
        for line in lines:
            row = json.loads(line)
            chords = row.get("chords") or []
            if row["source"] in ("pop909", "openewld"):
                chords = progressions.get(row.get("chord_id", ""), [])
            yield row, chords


def _one(task: tuple[dict[str, Any], list[list[str]], bytes]) -> Song | str:
    row, chords, content = task
    try:
        song = song_of(row, read(content), chords)
    except BandmateError as error:
        return f"{row['path']}: {error}"
    return song or f"{row['path']}: meter {row['meter']} ({row['n_meter']} changes) left out"


def _tasks() -> Iterator[tuple[dict[str, Any], list[list[str]], bytes]]:
    by_path = {row["path"]: (row, chords) for row, chords in _rows()}
    for archive in sorted(data_folder().glob("*.tar.xz")):
        with tarfile.open(archive) as files:
            for member in files:
                known = by_path.get(member.name.removeprefix("./"))
                opened = files.extractfile(member) if known else None
                if known and opened:
                    yield (*known, opened.read())


def read_rows(source: str) -> Iterator[tuple[dict[str, Any], Clip]]:
    """Yield the index rows of a source with their clips as they are on file."""
    for row, _, content in _tasks():
        if row["source"] == source:
            yield row, read(content)


def main() -> None:
    """Read every file of the index and save the songs."""
    chord_cache: Counter[str] = Counter()
    songs: list[Song] = []
    with multiprocessing.Pool(int(sys.argv[1]) if len(sys.argv) > 1 else 1) as pool:
        for result in pool.imap(_one, _tasks(), chunksize=16):
            if isinstance(result, str):
                print(result)
                continue
            songs.append(result)
            for bar in result.chords.values():
                chord_cache.update(label for slot in bar if slot for label in [slot[1]])
    unread = [label for label in chord_cache if not _reads(label)]
    print(f"{len(songs)} songs, {len(chord_cache)} chord labels, unread: {unread[:20]}")
    save_songs(songs)


def _reads(label: str) -> bool:
    try:
        Chord.parse(label)
    except BandmateError:
        return False
    return True


if __name__ == "__main__":
    main()
