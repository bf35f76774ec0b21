"""How much of a loop stands in the training songs note for note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bandmate.loops.model.tokens import Cell, GridNote
from songs import Song

Cells = Mapping[Cell, Sequence[GridNote]]
Bar = Mapping[str, Sequence[tuple[int, int]]]
"""By part, onsets in steps from the bar's start and pitches."""

LEAST = 4
"""Pitched notes that a bar must have: fewer say nothing of where they come from."""


def print_of(bar: Bar) -> int | None:
    """Return a fingerprint of a bar's onsets and pitches, of whatever key; None of too few notes.

    Drums, durations, velocities and instruments are left out.
    """
    pitched = (found for name, found in bar.items() if not name.startswith("drums"))
    notes = sorted({note for found in pitched for note in found})
    if len(notes) < LEAST:
        return None
    lowest = min(pitch for _, pitch in notes)
    return hash(tuple((step, pitch - lowest) for step, pitch in notes))


def prints_of(bars: Iterable[Bar]) -> list[int]:
    """Return the fingerprints of the bars that have enough notes."""
    return [found for found in map(print_of, bars) if found is not None]


def bars_of_song(song: Song) -> Iterable[Bar]:
    """Yield the bars of a song."""
    for index in range(song.bars):
        yield {
            name: [(step, pitch) for step, pitch, *_ in bars[index]]
            for name, bars in song.cells.items()
            if index in bars
        }


def bars_of_loop(cells: Cells, bars: int) -> Iterable[Bar]:
    """Yield the bars of a loop."""
    for index in range(bars):
        yield {
            name: [(note.step, note.pitch) for note in notes]
            for (bar, name), notes in cells.items()
            if bar == index
        }


def parts_alone(bars: Iterable[Bar]) -> Iterable[Bar]:
    """Yield every part of every bar on its own."""
    for bar in bars:
        for name, notes in bar.items():
            yield {name: notes}
