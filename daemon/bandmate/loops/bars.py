"""What the loop generator hands back: bars, one after the other, that add up to a clip.

Pure Python: the daemon's own process knows bars, never the model that wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bandmate.loops.controls import LoopPlan
from bandmate.music.clip import Clip, Note, Part


@dataclass(frozen=True, slots=True)
class Bar:
    """The notes that start in one bar of a clip."""

    index: int
    """From 0."""
    parts: tuple[Part, ...]
    """Every planned part; notes in beats from the clip's start."""


def clip_of(plan: LoopPlan, bars: Iterable[Bar]) -> Clip:
    """Return the clip that *bars* add up to: every planned part, the plan's exact length."""
    notes: dict[str, list[Note]] = {}
    for bar in bars:
        for part in bar.parts:
            notes.setdefault(part.name, []).extend(part.notes)
    length = plan.bars * plan.meter.bar_beats
    return Clip(
        tuple(Part(p.name, p.program, _cut(notes.get(p.name, ()), length)) for p in plan.parts),
        length,
        plan.tempo,
        plan.meter,
        plan.key,
        plan.chords,
    )


def _cut(notes: Iterable[Note], length: float) -> tuple[Note, ...]:
    """Return notes in order, each ended where its pitch sounds anew or the clip ends."""
    upcoming: dict[int, float] = {}
    found = []
    for note in sorted(notes, reverse=True):
        end = upcoming.get(note.pitch, length)
        if note.start < end:
            found.append(note if note.end <= end else replace(note, duration=end - note.start))
            upcoming[note.pitch] = note.start
    return tuple(reversed(found))
