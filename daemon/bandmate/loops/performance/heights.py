"""Pitch and register corrected after the fact: parts move by octaves, strays are folded back.

Pitch classes never change, so what the masks kept of key and chords still holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bandmate.loops.plan import CellTask, LoopPlan
from bandmate.music.clip import Note, Part
from bandmate.music.roles import ROLES

_SLIGHT = {"Pitch": 2.0, "Register": 2.0}
"""Errors that stay, in semitones."""
_HEAVY = {"Pitch": 1.0, "Register": 0.2}
"""What a semitone of error counts: a register is an affair of two notes, a mean pitch of all."""
_WORTH = 0.4
"""A move that brings less is not made."""
_STRAYS = 0.25
"""Share of the notes that may be folded; where more lie outside, they are no strays."""


@dataclass(slots=True)
class Placed:
    """A note that is being mended."""

    note: Note
    part: Part
    bar: int
    task: CellTask | None
    """None where the cell was kept."""

    def may(self, lock: str) -> bool:
        """Say whether what *lock* would keep of the note may change."""
        return self.task is not None and self.task.lock != lock

    def move(self, semitones: int) -> None:
        """Put the note higher or lower."""
        self.note = replace(self.note, pitch=self.note.pitch + semitones)


Group = list[Placed]


def heighten(plan: LoopPlan, pitched: Group) -> None:
    """Move notes, by octaves, towards the plan's wishes for pitch and register."""
    table = {(wish.field, wish.subject): wish.value for wish in plan.wishes}
    parts: dict[str, Group] = {}
    for one in pitched:
        parts.setdefault(one.part.name, []).append(one)
    for name, group in parts.items():
        if ("Pitch", name) in table:
            _to_pitch(group, table["Pitch", name])
        if ("Register", name) in table:
            _fold(group, table["Register", name])
    wanted = {field: table[field, "All"] for field in _SLIGHT if (field, "All") in table}
    if wanted:
        free = {name: parts[name] for name in sorted(parts) if ("Pitch", name) not in table}
        moved: Counter[str] = Counter()
        while name := _best_move(free, pitched, wanted, moved):
            moved[name] += 1
    if "Register" in wanted:
        _fold(pitched, wanted["Register"])


def _to_pitch(group: Group, target: float) -> None:
    """Bring a part's mean pitch within half an octave of what is asked of it alone."""
    moving = [one for one in group if one.may("pitches")]
    if not moving:
        return
    gap = target - _mean(moving)
    while abs(gap) > 6 and _shift(group, 12 if gap > 0 else -12, (0, 127)):
        gap -= 12 if gap > 0 else -12


def _best_move(
    parts: Mapping[str, Group], pitched: Group, wanted: Mapping[str, float], moved: Counter[str]
) -> str:
    """Move the part by the octave that brings all nearest, return its name; empty if none does.

    Of parts that do as well, the one is taken that was *moved* least.
    """
    before = _off(pitched, wanted)
    moves = []
    for name, group in parts.items():
        moving = {id(one) for one in group if one.may("pitches")}
        for octave in (12, -12):
            after = _off(pitched, wanted, moving, octave)
            if moving and after < before - _WORTH:
                moves.append((after, moved[name], name, octave))
    for *_, name, octave in sorted(moves):
        role = ROLES[parts[name][0].part.role]
        if _shift(parts[name], octave, (role.low, role.high)):
            return name
    return ""


def _off(
    pitched: Group, wanted: Mapping[str, float], moving: Iterable[int] = (), octave: int = 0
) -> float:
    """Return how far all notes are from what is wanted, were the *moving* an octave away.

    It is 0 where only slight errors are left.
    """
    heights = [one.note.pitch + (octave if id(one) in moving else 0) for one in pitched]
    opened = [h for h, one in zip(heights, pitched, strict=True) if one.may("pitches")]
    if not opened:
        return 0.0
    came = {"Pitch": sum(opened) / len(opened), "Register": max(heights) - min(heights)}
    gaps = {field: abs(value - came[field]) for field, value in wanted.items()}
    if all(gap <= _SLIGHT[field] for field, gap in gaps.items()):
        return 0.0
    return sum(_HEAVY[field] * gap for field, gap in gaps.items())


def _shift(group: Group, octave: int, pitches: tuple[int, int]) -> bool:
    """Move a part's open notes where they stay in range and clear of the kept; say if it was."""
    moved = [one for one in group if one.may("pitches")]
    kept = [one.note for one in group if not one.may("pitches")]
    for one in moved:
        pitch = one.note.pitch + octave
        if not pitches[0] <= pitch <= pitches[1] or _clashes(kept, one.note, pitch):
            return False
    for one in moved:
        one.move(octave)
    return True


def _fold(group: Group, width: float) -> None:
    """Fold the few notes that lie outside the window of that width which holds the most."""
    pitches = sorted(one.note.pitch for one in group)
    if pitches[-1] - pitches[0] <= width + _SLIGHT["Register"]:
        return
    low = max(pitches, key=lambda low: (sum(low <= p <= low + width for p in pitches), -low))
    strays = [one for one in group if not low <= one.note.pitch <= low + width]
    if len(strays) > _STRAYS * len(group):
        return
    for one in strays:
        octaves = [12 * n for n in range(-5, 6) if low <= one.note.pitch + 12 * n <= low + width]
        others = [other.note for other in group if other.part is one.part and other is not one]
        nearest = min(octaves, key=abs, default=0)
        if one.may("pitches") and not _clashes(others, one.note, one.note.pitch + nearest):
            one.move(nearest)


def _clashes(notes: Iterable[Note], note: Note, pitch: int) -> bool:
    """Say whether a note would sound over another of that pitch."""
    return any(n.pitch == pitch and n.start < note.end and note.start < n.end for n in notes)


def _mean(group: Group) -> float:
    return sum(one.note.pitch for one in group) / len(group)
