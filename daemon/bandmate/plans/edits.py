"""Edits: what becomes of a clip that is there, as the cells that are written and those that stay.

A cell is one part in one bar. What is kept is handed on exactly as it is; what is written may have
what stood there as its draft.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bandmate.asks.cells import check_within
from bandmate.asks.loop import LoopAsk
from bandmate.asks.notation import MAX_PARTS
from bandmate.errors import AskError
from bandmate.loops.plan import CellTask, PlannedPart
from bandmate.music.clip import Clip, Note, Part, transposed
from bandmate.music.roles import numbered
from bandmate.plans.context import Given

HEARD_BARS = 4
"""Bars before and behind a clip that are heard."""
LIKE_VARY, BETWEEN_VARY = 0.5, 0.25
"""How far from what is there, where the ask does not say."""

Tasks = Mapping[tuple[int, str], CellTask]


@dataclass(frozen=True, slots=True)
class Stock:
    """The parts of a clip to be: those that are there and those that are new."""

    there: tuple[Part, ...]
    new: tuple[PlannedPart, ...]

    @property
    def parts(self) -> tuple[PlannedPart, ...]:
        """All parts."""
        return (*(PlannedPart(part.name, part.program) for part in self.there), *self.new)


# parts


def stock_of(ask: LoopAsk, given: Given, usual: Sequence[PlannedPart]) -> Stock:
    """Return the parts that a clip keeps and gains; *usual* is written where nothing is named.

    Raises AskError for parts to remove that are not there, and for more than ten.
    """
    there = {part.name: part for part in _read_parts(ask, given)}
    for name in ask.remove or ():
        if name not in there:
            known = ", ".join(there)
            raise AskError(f"remove must name parts of {given.name}, {known}, not {name}")
        del there[name]
    new = [part for part in ask.parts or () if part.name not in there]
    taken = {*there, *(part.name for part in new)}
    for part in ask.add or ():
        role = part.name.rstrip("0123456789")
        free = numbered(role, taken) if part.name in taken else part.name
        if free is None:
            raise AskError(f"add must leave room: {given.name} has four parts like {part.name}")
        new.append(replace(part, name=free))
        taken.add(free)
    if ask.parts is None and ask.add is None:
        new = [part for part in usual if part.name not in there]
    count = len(there) + len(new)
    if not 1 <= count <= MAX_PARTS:
        raise AskError(
            f"parts must be 1..{MAX_PARTS} together, not {len(there)} of {given.name} and "
            f"{len(new)} new ones"
        )
    return Stock(tuple(there.values()), tuple(new))


def _read_parts(ask: LoopAsk, given: Given) -> tuple[Part, ...]:
    """Return the parts of a clip that are read: of more than ten those that the ask names."""
    parts = given.clip.parts
    count = len(parts) + given.left_out
    if count <= MAX_PARTS:
        return parts
    if ask.parts is None:
        busiest = sorted(parts, key=lambda part: -len(part.notes))[:MAX_PARTS]
        names = ",".join(part.name for part in parts if part in busiest)
        raise AskError(
            f"{given.name} has {count} parts, and 1..{MAX_PARTS} are read: name them in parts, "
            f"such as {names}"
        )
    named = {part.name for part in ask.parts}
    return tuple(part for part in parts if part.name in named)


# notes


def base_of(
    there: Iterable[Part], given_bars: int, ask: LoopAsk, bars: int, bar_beats: float
) -> tuple[Part, ...]:
    """Return what is there in beats of the clip to be, with what is heard before and behind it.

    Notes that are kept stay as they are; a note is cut only where the clip now ends before it does.
    """
    shifts = dict(ask.shift or ())
    end, heard = bars * bar_beats, HEARD_BARS * bar_beats
    base = []
    for part in there:
        notes: Iterable[Note] = part.notes
        if ask.continues:
            offset = given_bars * bar_beats
            notes = (replace(n, start=n.start - offset) for n in notes if n.start >= offset - heard)
        elif part.name in shifts:
            beats = shifts[part.name] * bar_beats
            moved = (replace(n, start=n.start + beats) for n in notes)
            notes = (_cut(n, end) for n in moved if 0 <= n.start < end)
        else:
            notes = (
                _cut(n, end) if given_bars > bars else n for n in notes if n.start < end + heard
            )
        base.append(replace(part, notes=tuple(notes)))
    return tuple(base)


def _cut(note: Note, end: float) -> Note:
    return replace(note, duration=end - note.start) if note.start < end < note.end else note


def crossed(first: Given, second: Given, seed: int) -> Given:
    """Return a clip whose cells are drawn from two by a seed, in the first one's key and bars.

    Each part goes by two bars at a time, so that what belongs together stays; a part that one of
    them lacks comes from the other. Raises AskError where their meters differ.
    """
    one, other = first.clip, second.clip
    if one.meter.bar_beats != other.meter.bar_beats:
        raise AskError(
            f"between must be takes of one meter, not {one.meter} ({first.name}) and "
            f"{other.meter} ({second.name})"
        )
    if one.key and other.key:
        other = transposed(other, (one.key.tonic - other.key.tonic + 6) % 12 - 6)
    rng = random.Random(f"{seed} between")
    theirs = {part.name: part for part in other.parts}
    draws = _draws([part.name for part in one.parts if part.name in theirs], one.bars, rng)
    parts = [
        replace(part, notes=_drawn(part, theirs.pop(part.name, None), draws, one, other))
        for part in one.parts
    ]
    parts += [
        replace(part, notes=tuple(n for n in part.notes if n.start < one.length))
        for part in theirs.values()
    ]
    name = f"{first.name} and {second.name}"
    return replace(first, name=name, clip=replace(one, parts=tuple(parts[:MAX_PARTS])))


def _draws(names: Sequence[str], bars: int, rng: random.Random) -> dict[tuple[str, int], bool]:
    """Return, for each shared part and pair of bars, whether it comes from the second clip.

    Neither clip is left out.
    """
    places = [(name, pair) for name in names for pair in range((bars + 1) // 2)]
    draws = {place: rng.random() < 0.5 for place in places}
    if len(set(draws.values())) == 1 and len(places) > 1:
        changed = rng.choice(places)
        draws[changed] = not draws[changed]
    return draws


def _drawn(
    part: Part, other: Part | None, draws: Mapping[tuple[str, int], bool], clip: Clip, second: Clip
) -> tuple[Note, ...]:
    if other is None:
        return part.notes
    two_bars = 2 * clip.meter.bar_beats

    def is_second(note: Note) -> bool:
        place = int(note.start // two_bars)
        # Where the second clip has ended already, the first goes on.
        is_there = (place + 1) * two_bars <= second.length or second.length >= clip.length
        return is_there and draws.get((part.name, place), False)

    notes = [note for note in part.notes if not is_second(note)]
    notes += [note for note in other.notes if note.start < clip.length and is_second(note)]
    return tuple(sorted(notes))


# cells


def tasks_of(
    ask: LoopAsk, stock: Stock, given_bars: int, bars: int, form: Tasks | None
) -> tuple[CellTask, ...]:
    """Return the cells to write, bar by bar; *form* has those of a form, by bar and part.

    Raises AskError for cells outside the clip.
    """
    there = [] if ask.continues else [part.name for part in stock.there]
    names = [part.name for part in stock.parts]
    check_within("refill", ask.refill or (), names, bars)
    check_within("keep", ask.keep or (), there or names, min(given_bars, bars))
    shifts = _shifts(ask, there, names, bars)
    vary = _vary(ask)
    found: list[CellTask] = []
    for bar in range(bars):
        for name in names:
            if name in there and bar < given_bars + max(0, shifts.get(name, 0)):
                if _is_changed(ask, bar, name) and (vary > 0 or ask.lock):
                    found.append(CellTask(bar, name, vary, ask.lock))
            elif name not in there and not _is_entered(ask, shifts, bar, name):
                continue
            elif form is None:
                found.append(CellTask(bar, name))
            elif (bar, name) in form:
                found.append(form[bar, name])
    return tuple(found)


def _vary(ask: LoopAsk) -> float:
    usual = {"like": LIKE_VARY, "between": BETWEEN_VARY}.get(ask.source or "", 1.0)
    return usual if ask.vary is None else ask.vary


def _is_changed(ask: LoopAsk, bar: int, name: str) -> bool:
    """Return whether a cell that is there is to be written anew or varied."""
    if any(cells.has(bar, name) for cells in ask.keep or ()):
        return False
    if ask.refill is not None:
        return any(cells.has(bar, name) for cells in ask.refill)
    is_all = ask.source in ("like", "between") or ask.vary is not None or ask.lock is not None
    return is_all or ask.keep is not None


def _is_entered(ask: LoopAsk, shifts: Mapping[str, int], bar: int, name: str) -> bool:
    """Return whether a new part plays in a bar: from its entry, and where refill names it."""
    own = [cells for cells in ask.refill or () if cells.part == name]
    return bar >= shifts.get(name, 0) and (not own or any(cells.has(bar, name) for cells in own))


def _shifts(
    ask: LoopAsk, there: Collection[str], names: Sequence[str], bars: int
) -> Mapping[str, int]:
    shifts = dict(ask.shift or ())
    for name, count in shifts.items():
        if name not in names:
            raise AskError(f"shift must be of the clip's parts {', '.join(names)}, not of {name}")
        if abs(count) >= bars:
            raise AskError(
                f"shift of {name} must leave it in the clip, by -{bars - 1}..{bars - 1} bars, "
                f"not {count:+d}"
            )
        if count < 0 and name not in there:
            raise AskError(
                f"shift of {name} must be later (+), since it is yet to be written, not {count:+d}"
            )
    return shifts


def check_written(ask: LoopAsk, tasks: Sequence[CellTask], given: Given) -> None:
    """Raise AskError where an ask names nothing to write and changes nothing otherwise."""
    swallowed = [
        cells
        for cells in ask.refill or ()
        if not any(cells.has(task.bar, task.part) for task in tasks)
    ]
    if swallowed and ask.keep and _vary(ask) > 0:
        raise AskError(f"refill must leave out what keep names, not hold {swallowed[0]} again")
    if not (tasks or ask.remove or ask.shift or ask.between):
        raise AskError(
            f"there is nothing to write to {given.name}: name parts to add, cells to refill, how "
            "far to vary, or more bars"
        )
