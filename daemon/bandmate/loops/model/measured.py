"""What the notes of a clip measure: the fields that steer a loop, in natural units and in bins.

The fields are those of "Flexible control via musical metadata" (Han et al., 2024), with register,
polyphony and swing added, each for the whole clip, for a part and for a bar. Pitches of drums never
count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bandmate.loops.model.tokens import Cell, GridNote
from bandmate.loops.model.vocabulary import BINS, STEPS, level_velocity


@dataclass(frozen=True, slots=True)
class Scale:
    """How a field's values fall into bins."""

    unit: str
    edges: tuple[float, ...]
    """Upper edge of every bin but the last, rising."""

    def bin_of(self, value: float) -> int:
        """Return the bin, 0..31, of a value."""
        return sum(value >= edge for edge in self.edges)


def _even(low: float, width: float) -> tuple[float, ...]:
    return tuple(low + width * (i + 1) for i in range(BINS - 1))


SCALES: dict[str, Scale] = {
    "Density": Scale(
        "distinct onsets a bar", (*map(float, range(1, 17)), *(18.0 + 2 * i for i in range(15)))
    ),
    "Pitch": Scale("mean pitch of pitched notes", _even(26, 2)),
    "Register": Scale("semitones from lowest to highest pitched note", _even(0, 2)),
    "Velocity": Scale("mean velocity", _even(0, 4)),
    "Duration": Scale(
        "mean duration of pitched notes, beats",
        tuple(0.08 * 1.2 ** (i + 1) for i in range(BINS - 1)),
    ),
    "Polyphony": Scale("pitched notes an onset", _even(0.9, 0.2)),
    "Swing": Scale(
        "share of off-beat notes on the third triplet",
        tuple((i + 1) / BINS for i in range(BINS - 1)),
    ),
}

_STRAIGHT, _SWUNG = STEPS // 2, STEPS * 2 // 3


def measured(cells: Mapping[Cell, Sequence[GridNote]], bars: int) -> dict[tuple[str, str], float]:
    """Return {(field, "All" | part | bar as text): value in natural units} for bars 0..bars-1."""
    subjects: dict[str, list[tuple[int, str, GridNote]]] = {"All": []}
    for (bar, name), notes in cells.items():
        placed = [(bar, name, note) for note in notes]
        for subject in ("All", name, str(bar)):
            subjects.setdefault(subject, []).extend(placed)
    values: dict[tuple[str, str], float] = {}
    for subject, notes_of in subjects.items():
        counted = 1 if subject.isdigit() else bars
        for name, value in _values(notes_of, counted):
            values[name, subject] = value
    return values


def _values(placed: Sequence[tuple[int, str, GridNote]], bars: int) -> Iterable[tuple[str, float]]:
    if not placed:
        return
    yield "Density", len({(bar, note.step) for bar, _, note in placed}) / bars
    yield "Velocity", sum(level_velocity(note.level) for *_, note in placed) / len(placed)
    offbeats = [note.step % STEPS for *_, note in placed]
    swung, straight = offbeats.count(_SWUNG), offbeats.count(_STRAIGHT)
    if swung + straight:
        yield "Swing", swung / (swung + straight)
    pitched = [(bar, name, note) for bar, name, note in placed if not name.startswith("drums")]
    if not pitched:
        return
    pitches = [note.pitch for *_, note in pitched]
    yield "Pitch", sum(pitches) / len(pitches)
    yield "Register", float(max(pitches) - min(pitches))
    yield "Duration", sum(note.steps for *_, note in pitched) / len(pitched) / STEPS
    yield "Polyphony", len(pitched) / len({(bar, name, note.step) for bar, name, note in pitched})


_ENERGY_STEPS = (0.9, 1.6, 2.2, 2.8)


def energy_of(onsets_a_bar: float, velocity: float, bar_beats: float, tempo: float) -> int:
    """Return an energy of 1..5 from how many onsets a second sound and how hard they are struck.

    A weak label of our own (arousal grows with event rate and loudness); the steps part the
    training windows into fifths.
    """
    onsets_a_second = onsets_a_bar / (bar_beats * 60 / tempo)
    drive = math.log2(max(onsets_a_second, 0.25)) + (velocity - 80) / 32
    return 1 + sum(drive >= step for step in _ENERGY_STEPS)
