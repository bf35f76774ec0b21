"""A chord progression: a key and bars of chords, and the ways it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bandmate.errors import AskError
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan
from bandmate.music.key import Key
from bandmate.music.meter import Meter

BarOfChords = tuple[Chord, ...]
"""The chords of a bar, which share it equally."""


@dataclass(frozen=True, slots=True)
class Progression:
    """Bars of chords in a key."""

    key: Key
    bars: tuple[BarOfChords, ...]
    """A chord that is held over a bar line stands in both bars."""

    def __post_init__(self) -> None:
        if not self.bars or not all(self.bars):
            raise AskError("a progression must have a chord in each of 1 or more bars")

    @property
    def labels(self) -> list[list[str]]:
        """Harte labels, a list for each bar."""
        return [[str(chord) for chord in bar] for bar in self.bars]

    @property
    def text(self) -> str:
        """As it is typed in an ask: a blank between bars, a comma within one."""
        return " ".join(",".join(bar) for bar in self.labels)

    def spans(self, meter: Meter) -> tuple[ChordSpan, ...]:
        """Lay the bars out in beats from 0; a chord that is struck again is one span."""
        spans: list[ChordSpan] = []
        for index, bar in enumerate(self.bars):
            edges = [meter.bar_beats * (index + i / len(bar)) for i in range(len(bar) + 1)]
            for start, end, chord in zip(edges, edges[1:], bar, strict=False):
                if spans and spans[-1].chord == chord:
                    spans[-1] = ChordSpan(spans[-1].start, end, chord)
                else:
                    spans.append(ChordSpan(start, end, chord))
        return tuple(spans)

    def transposed(self, key: Key) -> Progression:
        """Return the same numerals above another tonic; the mode stays what it was."""
        by = key.tonic - self.key.tonic
        bars = tuple(tuple(chord.transposed(by) for chord in bar) for bar in self.bars)
        return Progression(self.key.transposed(by), bars)


def pitch_weights(bars: Iterable[BarOfChords]) -> list[float]:
    """Return how long each of the 12 pitch classes sounds, in bars."""
    weights = [0.0] * 12
    for bar in bars:
        for chord in bar:
            for pitch in chord.pitches:
                weights[pitch] += 1 / len(bar)
    return weights


def gridded(chords: Sequence[Chord]) -> BarOfChords:
    """Return a bar on its quarters, or its thirds, written with as few chords as say it.

    Thirds are for numbers of chords that divide by three and not by four; finer changes move to the
    quarter before them.
    """
    count = len(chords)
    slots = 3 if count % 3 == 0 and count % 4 else 4
    cells = tuple(chords[index * count // slots] for index in range(slots))
    if slots == 4 and cells[0] == cells[1] and cells[2] == cells[3]:
        cells = (cells[0], cells[2])
    return cells[:1] if len(set(cells)) == 1 else cells
