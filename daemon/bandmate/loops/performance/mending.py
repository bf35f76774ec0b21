"""Correction after the fact: what was written moves the last bit towards what was asked.

Velocities are offset, parts move by whole octaves (``heights.py``), durations are scaled within the
room that they have; onsets and pitch classes stay, so what the masks kept still holds. Only wishes
are mended and only in cells that were written. A wish for a part comes first, then one for a bar,
then one for the whole clip, each for the notes that no narrower wish has spoken for.

Pure Python: the daemon's own process mends what its worker wrote.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from bandmate.loops.bars import bar_of
from bandmate.loops.performance.heights import Group, Placed, heighten
from bandmate.loops.plan import GRID, CellTask, LoopPlan
from bandmate.music.clip import Clip, Note

_ROUNDS = 8
"""A note that is held up leaves more to the others, so an offset is taken again."""
_SLIGHT = {"Velocity": 0.5, "Duration": 0.03}
"""Errors that stay: half a velocity, three per cent."""


def mended(clip: Clip, plan: LoopPlan) -> Clip:
    """Return a plan's clip nearer to the plan's wishes for velocity, pitch, register, duration.

    Kept cells come through as they are, as do locked rhythms and pitches. Where chords are known
    no note is held into one that lacks it.
    """
    wished = {wish.field for wish in plan.wishes}
    placed = _placed(clip, plan)
    if "Velocity" in wished:
        played = [one for one in placed if one.may("rhythm")]
        for target, group in _groups(plan, "Velocity", played):
            _offset(group, target)
    pitched = [one for one in placed if not one.part.is_drums]
    if wished & {"Pitch", "Register"} and pitched:
        heighten(plan, pitched)
    if "Duration" in wished:
        scale = _scale(clip, plan)
        room = _rooms(clip, plan, pitched)
        held = [one for one in pitched if one.may("rhythm")]
        for target, group in _groups(plan, "Duration", held):
            _resize(group, target * scale, room, scale / GRID)
    return _collected(clip, placed)


def _scale(clip: Clip, plan: LoopPlan) -> float:
    """Return by how much the clip was stretched after it was written."""
    return clip.length / (plan.bars * plan.meter.bar_beats)


def _placed(clip: Clip, plan: LoopPlan) -> Group:
    bar_beats = clip.length / plan.bars
    tasks = {(task.bar, task.part): task for task in plan.tasks or ()}
    placed = []
    for part in clip.parts:
        for note in part.notes:
            bar = bar_of(note.start, bar_beats, plan.bars)
            task = tasks.get((bar, part.name)) if tasks else None
            if plan.tasks is None:
                task = CellTask(bar, part.name)
            placed.append(Placed(note, part, bar, task if task and task.vary > 0 else None))
    return placed


def _collected(clip: Clip, placed: Group) -> Clip:
    notes: dict[str, list[Note]] = {part.name: [] for part in clip.parts}
    for one in placed:
        notes[one.part.name].append(one.note)
    parts = (replace(part, notes=tuple(sorted(notes[part.name]))) for part in clip.parts)
    return replace(clip, parts=tuple(parts))


def _groups(plan: LoopPlan, field: str, notes: Group) -> Iterator[tuple[float, Group]]:
    """Yield what is asked of a field and of which notes, narrow wishes first."""
    wishes = {wish.subject: wish.value for wish in plan.wishes if wish.field == field}
    told = [one for one in notes if one.part.name in wishes]
    left = [one for one in notes if one.part.name not in wishes]
    for name in {one.part.name: None for one in told}:
        yield wishes[name], [one for one in told if one.part.name == name]
    bars = {one.bar for one in left}
    for bar in sorted(bar for bar in bars if str(bar) in wishes):
        yield wishes[str(bar)], [one for one in left if one.bar == bar]
    rest = [one for one in left if str(one.bar) not in wishes]
    if "All" in wishes and rest:
        yield wishes["All"], rest


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _offset(group: Group, target: float) -> None:
    for _ in range(_ROUNDS):
        gap = target - _mean([one.note.velocity for one in group])
        if abs(gap) <= _SLIGHT["Velocity"]:
            return
        for one in group:
            velocity = min(127, max(1, round(one.note.velocity + gap)))
            one.note = replace(one.note, velocity=velocity)


def _resize(group: Group, target: float, room: Callable[[Placed], float], step: float) -> None:
    for _ in range(_ROUNDS):
        ratio = target / _mean([one.note.duration for one in group])
        if abs(ratio - 1) <= _SLIGHT["Duration"]:
            return
        for one in group:
            wanted = max(1, round(one.note.duration * ratio / step)) * step
            longest = max(room(one), one.note.duration)
            one.note = replace(one.note, duration=min(wanted, longest))


def _rooms(clip: Clip, plan: LoopPlan, pitched: Group) -> Callable[[Placed], float]:
    """Return what says how long a note may last, in beats.

    Up to the clip's end, to the next note of its pitch and, in a part whose notes never overlap, to
    the next note; and no further than where it would be foreign to the chord.
    """
    lines: dict[str, list[Note]] = {}
    for one in pitched:
        lines.setdefault(one.part.name, []).append(one.note)
    onsets = {name: sorted({note.start for note in line}) for name, line in lines.items()}
    single = {name for name, line in lines.items() if _is_single(line)}
    edges = _edges(clip, plan)

    def room(one: Placed) -> float:
        note, name = one.note, one.part.name
        ends = [clip.length]
        ends += [n.start for n in lines[name] if n.pitch == note.pitch and n.start > note.start]
        if name in single:
            ends += onsets[name][bisect_left(onsets[name], note.start) + 1 :][:1]
        late = (edge for edge in edges if edge[0] >= note.end - 1e-6)
        ends += [at for at, classes in late if note.pitch % 12 not in classes]
        return min(ends) - note.start

    return room


def _is_single(line: Sequence[Note]) -> bool:
    ordered = sorted(line)
    return all(a.end <= b.start + 1e-6 or a.start == b.start for a, b in pairwise(ordered))


Edge = tuple[float, frozenset[int]]
"""A time in beats, and the pitch classes that may be held over it."""


def _edges(clip: Clip, plan: LoopPlan) -> list[Edge]:
    """Return the chord changes and felt beats of a clip with known chords."""
    anything = frozenset(clip.key.scale if clip.key and plan.in_key else range(12))
    scale = _scale(clip, plan)
    pulses = [
        (bar * plan.meter.bar_beats + pulse) * scale
        for bar in range(plan.bars)
        for pulse in plan.meter.pulses
    ]
    changes = [time for span in clip.chords for time in (span.start, span.end)]
    edges = []
    for at in sorted({*pulses, *changes} if clip.chords else ()):
        chords = [s.chord.pitches for s in clip.chords if s.start - 1e-6 <= at < s.end - 1e-6]
        edges.append((at, frozenset(chords[0]) if chords and chords[0] else anything))
    return edges
