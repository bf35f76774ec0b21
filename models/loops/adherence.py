"""Chords and keys kept: chord tones on strong beats by role, time in the chord, notes in key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bandmate.loops.decoding.harmony import strong_beats
from bandmate.loops.model.tokens import Cell, GridNote, bar_steps
from bandmate.loops.model.vocabulary import STEPS
from bandmate.music.clip import ChordSpan
from bandmate.music.key import Key
from bandmate.music.meter import Meter

Cells = Mapping[Cell, Sequence[GridNote]]
Share = tuple[int, int]
"""How many of how many."""


class Adherence:
    """Counts over many loops; the shares are of all their notes together."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, bool]] = Counter()

    def hear(self, cells: Cells, meter: Meter, chords: Sequence[ChordSpan], key: Key) -> None:
        """Count one loop, chords in beats from its start.

        On strong beats held notes count; where no chord sounds only the key does.
        """
        length = bar_steps(meter)
        strong = {round(beat * STEPS) for beat in strong_beats(meter)}
        steps = _classes_by_step(chords)
        for name, start, note in _pitched(cells, length):
            role, tone = name.rstrip("234"), note.pitch % 12
            for step in range(start, start + note.steps):
                if step in steps:
                    self._counts["time in the chord", tone in steps[step]] += 1
                    if step % length in strong:
                        self._counts[role, tone in steps[step]] += 1
            is_known = tone in key.scale or tone in steps.get(start, ())
            self._counts["in key", is_known] += 1
        self._hear_roots(cells, length, chords)

    def _hear_roots(self, cells: Cells, length: int, chords: Sequence[ChordSpan]) -> None:
        basses = [(s, n) for name, s, n in _pitched(cells, length) if name.startswith("bass")]
        for span in chords:
            at = round(span.start * STEPS)
            sounding = [note.pitch for start, note in basses if start <= at < start + note.steps]
            if sounding and not span.chord.is_none:
                tone = min(sounding) % 12
                is_bass = tone in (span.chord.root, span.chord.bass)
                self._counts["bass on the root where chords change", is_bass] += 1

    def of(self, what: str) -> Share:
        """Return the count of a role on strong beats, or of another thing that was heard."""
        kept = self._counts[what, True]
        return kept, kept + self._counts[what, False]

    @property
    def heard(self) -> set[str]:
        """What was counted at all."""
        return {what for what, _ in self._counts}

    def report(self, least: int = 100) -> dict[str, float]:
        """Return the shares, those of fewer than *least* left out."""
        shares = {what: self.of(what) for what in sorted(self.heard)}
        return {
            what: round(kept / count, 3) for what, (kept, count) in shares.items() if count >= least
        }


def _classes_by_step(chords: Sequence[ChordSpan]) -> dict[int, frozenset[int]]:
    return {
        step: frozenset(span.chord.pitches)
        for span in chords
        if not span.chord.is_none
        for step in range(round(span.start * STEPS), round(span.end * STEPS))
    }


def _pitched(cells: Cells, length: int) -> Iterator[tuple[str, int, GridNote]]:
    """Yield part, step from the loop's start and note of all that is not drums."""
    for (bar, name), notes in cells.items():
        if not name.startswith("drums"):
            yield from ((name, bar * length + note.step, note) for note in notes)
