"""What the loop generator hands back: bars, one after the other, that add up to a clip.

Pure Python: the daemon's own process knows bars, never the model that wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bandmate.loops.plan import GRID, LoopPlan
from bandmate.music.clip import Clip, Note, Part


def bar_of(start: float, bar_beats: float, bars: int) -> int:
    """Return the bar that a note belongs to: played early, the one it is early for.

    Bars count from the clip's start, below 0 before it; a note within its *bars* stays within them.
    """
    bar = int(round(start * GRID) / GRID // bar_beats)
    if start < 0:
        return min(bar, -1)
    return min(bar, bars - 1) if start < bars * bar_beats else bar


@dataclass(frozen=True, slots=True)
class Bar:
    """The notes that start in one bar of a clip."""

    index: int
    """From 0."""
    parts: tuple[Part, ...]
    """Every planned part; notes in beats from the clip's start."""


def clip_of(plan: LoopPlan, bars: Iterable[Bar]) -> Clip:
    """Return the clip that *bars* add up to: every planned part, the plan's exact length.

    Cells that were kept come through as they are; what was written makes room for them.
    """
    length = plan.bars * plan.meter.bar_beats
    tasks = None if plan.tasks is None else {(task.bar, task.part) for task in plan.tasks}
    written: dict[str, list[Note]] = {}
    kept: dict[str, list[Note]] = {}
    for bar in bars:
        for part in bar.parts:
            is_kept = tasks is not None and (bar.index, part.name) not in tasks
            (kept if is_kept else written).setdefault(part.name, []).extend(part.notes)
    parts = []
    for planned in plan.parts:
        stays = kept.get(planned.name, [])
        fits = _fitted(written.get(planned.name, ()), stays, length)
        parts.append(Part(planned.name, planned.program, tuple(sorted([*stays, *fits]))))
    return Clip(tuple(parts), length, plan.tempo, plan.meter, plan.key, plan.chords)


def _fitted(written: Iterable[Note], kept: Iterable[Note], length: float) -> list[Note]:
    """Return written notes, each ended where its pitch sounds anew or the clip ends."""
    stays = sorted(kept)
    upcoming: dict[int, float] = {}
    found = []
    for note in sorted(written, reverse=True):
        same = [other for other in stays if other.pitch == note.pitch]
        if any(other.start <= note.start < other.end for other in same):
            continue
        starts = [other.start for other in same if other.start > note.start]
        end = min(upcoming.get(note.pitch, length), *starts, length)
        if note.start < end:
            found.append(note if note.end <= end else replace(note, duration=end - note.start))
            upcoming[note.pitch] = note.start
    return found
