"""Training data -> songs on the grid in a canonical key, saved once for training and evaluation.

    python models/loops/prepare.py            reads $BANDMATE_DATA (default ../shared/data)

A file is cut where its meter or its labelled key changes; each piece of four bars or more is a
song. A song is cut into cells (a part in a bar). Keys come from the index; where it has none, from
the notes of sixteen bars around (``music.key.estimated_key``). Every onset snaps to a sixteenth or
a triplet. Songs without chord labels have theirs heard in the notes.
"""

from __future__ import annotations

import json
import lzma
import multiprocessing
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bandmate.errors import BandmateError
from bandmate.loops.model.tokens import GridNote, bar_steps, chord_slots
from bandmate.loops.model.vocabulary import METERS
from bandmate.music.clip import Clip
from bandmate.music.key import Key, estimated_key
from bandmate.music.meter import Meter
from bandmate.music.midifile import read
from data import data_folder
from data_report import save_report
from heard_chords import heard_chords
from labels import genre_of, keys_of, section_of
from reading import ARRANGED, Source, SourcePart, read_source
from snapping import EARLY, snapped
from songs import Song, save_songs

PLAYED_BY_PEOPLE = ("pop909", "groove")
UNSURE_BARS = 0.6
"""POP909 songs whose bar lines are less sure than this are left out."""
KEY_BARS = 16
LEAST_BARS = 4
JOINED_BY_ID = ("pop909", "openewld", "rs200")
"""Sources whose chords stand in chords.jsonl, bar by bar."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a file with one meter and, where they are labelled, one key."""

    start: float
    """Its first bar line, in beats of the file."""
    bars: int
    first_bar: int
    """How many bars of the file lie before it."""
    meter: Meter
    key: Key | None


def songs_of(row: Mapping[str, Any], source: Source, chords: Sequence[list[str]]) -> list[Song]:
    """Return the songs of a row's file, one for each piece; none where nothing can be written."""
    pieces = pieces_of(row, source)
    songs = []
    for number, piece in enumerate(pieces):
        song = _song(row, piece, source, chords)
        if song:
            song.tempo = _tempo_at(piece.start, source, row)
            song.path += f"#{number}" if len(pieces) > 1 else ""
            songs.append(song)
    return songs


def pieces_of(row: Mapping[str, Any], source: Source) -> list[Piece]:
    """Return the stretches of a file that can be written: a known meter, four bars or more."""
    meters = source.meters or [(0.0, Meter.parse(row["meter"]))]
    if meters[0][0] > 0:
        meters = [(0.0, Meter(4, 4)), *meters]
    keys = keys_of(row)
    pieces: list[Piece] = []
    counted = 0
    for (start, meter), (end, _) in zip(meters, [*meters[1:], (source.beats, None)], strict=True):
        bars = int(-(-(end - start) // meter.bar_beats))
        if str(meter) in METERS:
            pieces += _by_key(Piece(start, bars, counted, meter, None), keys)
        counted += bars
    return [piece for piece in pieces if piece.bars >= min(LEAST_BARS, counted)]


def _by_key(piece: Piece, keys: Sequence[tuple[int, Key]]) -> list[Piece]:
    if not keys:
        return [piece]
    found = []
    last = piece.first_bar + piece.bars
    for (bar, key), (until, _) in zip(keys, [*keys[1:], (last, None)], strict=True):
        first, end = max(bar, piece.first_bar), min(until, last)
        if end > first:
            start = piece.start + (first - piece.first_bar) * piece.meter.bar_beats
            found.append(Piece(start, end - first, first, piece.meter, key))
    return found


def _tempo_at(beat: float, source: Source, row: Mapping[str, Any]) -> float:
    if row.get("n_tempo", 1) <= 1:
        return float(row["tempo"])
    told = [tempo for at, tempo in source.tempi if at <= beat + 1e-6]
    return float(told[-1]) if told else float(row["tempo"])


def _song(
    row: Mapping[str, Any],
    piece: Piece,
    source: Source,
    chords: Sequence[list[str]],
) -> Song | None:
    length = bar_steps(piece.meter)
    inside = {part.name: _inside(row, piece, part) for part in source.parts}
    inside = {name: found for name, found in inside.items() if found}
    if not inside:
        return None
    bars = max(note.step for found in inside.values() for note in found) // length + 1
    shifts = [piece.key.shift] * bars if piece.key else _heard_shifts(inside, bars, length)
    labels = [*chords[piece.first_bar : piece.first_bar + bars]]
    told = _labelled(labels, piece.meter) if labels else heard_chords(inside, piece.meter, bars)
    return Song(
        path=row["path"],
        work=str(row.get("song") or row.get("chord_id") or row["path"]),
        source=row["source"],
        split=row["split"],
        meter=piece.meter,
        tempo=float(row["tempo"]),
        genre=genre_of(row),
        mode=piece.key.mode if piece.key else None,
        bars=bars,
        programs={part.name: part.program for part in source.parts if part.name in inside},
        cells=_cells(inside, shifts, length),
        chords={
            bar: [(-shifts[bar], label) if label else None for label in slots]
            for bar, slots in told.items()
            if bar < bars
        },
        are_chords_heard=not labels,
        sections=[section_of(label) for label in row.get("labels", [])][
            piece.first_bar : piece.first_bar + bars
        ],
    )


def _inside(row: Mapping[str, Any], piece: Piece, part: SourcePart) -> list[GridNote]:
    """Return the notes of a part that begin in a piece, on the grid, counted from its start."""
    beats = piece.bars * piece.meter.bar_beats
    notes = [replace(note, start=note.start - piece.start) for note in part.notes]
    keeps = row["source"] not in (*PLAYED_BY_PEOPLE, *ARRANGED)
    found = snapped(
        [note for note in notes if -EARLY <= note.start < beats - EARLY],
        piece.meter.bar_beats,
        part.name.startswith("drums"),
        keeps_durations=keeps,
    )
    return [note for note in found if note.step < piece.bars * bar_steps(piece.meter)]


def _cells(
    notes: Mapping[str, Sequence[GridNote]], shifts: Sequence[int], length: int
) -> dict[str, dict[int, list[tuple[int, int, int, int]]]]:
    cells: dict[str, dict[int, list[tuple[int, int, int, int]]]] = {}
    for name, found in notes.items():
        for note in found:
            bar, step = divmod(note.step, length)
            pitch = note.pitch if name.startswith("drums") else note.pitch - shifts[bar]
            while not 0 <= pitch <= 127:
                pitch += 12 if pitch < 0 else -12
            cell = cells.setdefault(name, {}).setdefault(bar, [])
            cell.append((step, pitch, note.steps, note.level))
    return cells


def _heard_shifts(notes: Mapping[str, Sequence[GridNote]], bars: int, length: int) -> list[int]:
    weights = [[0.0] * 12 for _ in range(bars)]
    for name, found in notes.items():
        for note in found if not name.startswith("drums") else ():
            weights[note.step // length][note.pitch % 12] += min(note.steps, length)
    shifts: list[int] = []
    for block in range(0, bars, KEY_BARS):
        near = weights[max(0, block - KEY_BARS // 2) : block + KEY_BARS * 3 // 2]
        heard = [sum(bar[i] for bar in near) for i in range(12)]
        shifts += [estimated_key(heard).shift] * KEY_BARS
    return shifts[:bars]


def _labelled(bars: Sequence[list[str]], meter: Meter) -> dict[int, list[str | None]]:
    """Return the labels of bars in their slots; labels share a bar equally."""
    slots = chord_slots(meter)
    table: dict[int, list[str | None]] = {}
    for bar, labels in enumerate(bars):
        row: list[str | None] = [None] * len(slots)
        for i, label in enumerate(labels):
            beat = i * meter.bar_beats / len(labels)
            at = max(j for j, slot in enumerate(slots) if slot <= beat + 1e-6)
            if row[at] is None:
                row[at] = label
        table[bar] = row
    return table


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
            if row["source"] in JOINED_BY_ID:
                chords = progressions.get(row.get("chord_id", ""), [])
            yield row, chords


_Task = tuple[dict[str, Any], list[list[str]], bytes]


def _one(task: _Task) -> tuple[dict[str, Any], list[Song] | str]:
    row, chords, content = task
    if row.get("phase_conf", 1) < UNSURE_BARS:
        return row, "its bar lines are unsure"
    try:
        songs = songs_of(row, read_source(row["source"], content), chords)
    except BandmateError as error:
        return row, str(error)
    return row, songs or f"meter {row['meter']} is not one that is written"


def _tasks() -> Iterator[_Task]:
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
    """Read every file of the index, save the songs and report what went in."""
    songs: list[Song] = []
    rows: list[dict[str, Any]] = []
    left_out: list[tuple[str, str]] = []
    with multiprocessing.Pool(int(sys.argv[1]) if len(sys.argv) > 1 else 1) as pool:
        for row, result in pool.imap(_one, _tasks(), chunksize=16):
            rows.append(row)
            if isinstance(result, str):
                left_out.append((row["path"], result))
            else:
                songs += result
    save_songs(songs)
    save_report(songs, rows, left_out)


if __name__ == "__main__":
    main()
