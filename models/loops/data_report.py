"""What went into training: counted by source, genre, role and meter; what was left out, and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from data import MODELS
from snapping import is_off_grid
from songs import LONGEST_SHARE, Song, split_of


def save_report(
    songs: Sequence[Song],
    rows: Sequence[Mapping[str, Any]],
    left_out: Sequence[tuple[str, str]],
) -> None:
    """Write it beside the weights, as data.json; `make card` makes its tables."""
    file = MODELS / "loops" / "data.json"
    file.write_text(json.dumps(reported(songs, rows, left_out), indent=1) + "\n", "utf-8")
    print(f"{len(songs)} songs; what went in is counted in {file}")


def reported(
    songs: Sequence[Song],
    rows: Sequence[Mapping[str, Any]],
    left_out: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Return the report: counts of songs, windows and notes, both splits together but where named.

    A window is four bars; a song's share is the windows that count towards how often it is drawn.
    """
    sources = sorted({song.source for song in songs})
    licences = {source: Counter[str]() for source in sources}
    for row in rows:
        if row["source"] in licences:
            licences[row["source"]][row["licence"]] += 1
    return {
        "songs": len(songs),
        "notes off the grid": _off_grid(songs),
        "files with notes of another": len(rows) - len({row["sha_notes"] for row in rows}),
        "by source": {
            source: _figures([song for song in songs if song.source == source])
            | {"licences": dict(licences[source].most_common(4))}
            for source in sources
        },
        "windows by genre": _windows(songs, lambda song: song.genre or "unknown"),
        "windows by meter": _windows(songs, lambda song: str(song.meter)),
        "windows by role": _windows_by_role(songs),
        "left out": dict(Counter(reason for _, reason in left_out).most_common()),
        "left out files": dict(left_out),
    }


def _figures(songs: Sequence[Song]) -> dict[str, Any]:
    splits = Counter(split_of(song) for song in songs)
    return {
        "train": splits["train"],
        "valid": splits["valid"],
        "windows": sum(windows_of(song) for song in songs),
        "windows in its share": sum(min(LONGEST_SHARE, windows_of(song)) for song in songs),
        "notes": sum(len(cell) for song in songs for part in song.cells.values()
                     for cell in part.values()),
        "keys labelled": sum(song.mode is not None for song in songs),
        "chords": Counter(
            "none" if not song.chords else "heard" if song.are_chords_heard else "labelled"
            for song in songs
        ),
        "parts of unknown sound": sum(p is None for song in songs for p in song.programs.values()),
    }  # fmt: skip


def windows_of(song: Song) -> int:
    """Return how many windows of four bars a song has, at least one."""
    return max(1, song.bars // 4)


def _off_grid(songs: Iterable[Song]) -> int:
    return sum(
        is_off_grid(step)
        for song in songs
        for part in song.cells.values()
        for cell in part.values()
        for step, *_ in cell
    )


def _windows(songs: Iterable[Song], of: Callable[[Song], str]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for song in songs:
        counted[of(song)] += windows_of(song)
    return dict(counted.most_common())


def _windows_by_role(songs: Iterable[Song]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for song in songs:
        for role in {name.rstrip("234") for name in song.cells}:
            counted[role] += windows_of(song)
    return dict(counted.most_common())
