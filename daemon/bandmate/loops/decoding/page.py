"""A plan as the model reads it: cells on the grid and on the white keys, four bars at a time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bandmate.loops.bars import bar_of
from bandmate.loops.decoding.drafts import Draft, PitchesLocked, RhythmLocked, Varied
from bandmate.loops.decoding.harmony import allowed_until, canonical_chords, classes_of
from bandmate.loops.decoding.masks import Writer
from bandmate.loops.decoding.pacing import Pace
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.measured import SCALES
from bandmate.loops.model.tokens import Cell, GridNote, Sheet, bar_steps, cell_ids, gridded, slotted
from bandmate.loops.plan import CellTask, LoopPlan
from bandmate.music.chord import Chord
from bandmate.music.clip import Note

_KEPT = 900
"""Tokens of cells that are there already which a prompt shows at the most."""


class Page:
    """The cells of a plan, those of the base and those that were written; bars count from 0."""

    def __init__(self, plan: LoopPlan) -> None:
        self.plan = plan
        self.names = sorted((part.name for part in plan.parts), key=v.PART_ORDER.__getitem__)
        self.length = bar_steps(plan.meter)
        self._base = _base_of(plan)
        self.cells = _cells_of(plan, self._base, self.length)
        """What sounds, by cell; bars before 0 and behind the end are context."""
        self._tasks = _tasks_of(plan, self.names)
        self._open = set(self._tasks)  # what is still to be written
        self._chords = slotted(canonical_chords(plan), plan.meter, plan.bars)
        self._until = {
            name: allowed_until(classes_of(plan, name))
            for name in self.names
            if not name.startswith("drums")
        }

    def take(self, bar: int, cells: Mapping[str, list[GridNote]]) -> None:
        """Put the written cells of a bar on the page."""
        for name, notes in cells.items():
            self.cells[bar, name] = notes
            self._open.discard((bar, name))

    def is_asked(self, bar: int) -> bool:
        """Say whether a cell of the bar is still to be written."""
        return any((bar, name) in self._open for name in self.names)

    def is_written(self, bar: int, name: str) -> bool:
        """Say whether a cell was written, not kept."""
        return (bar, name) in self._tasks and (bar, name) not in self._open

    def kept(self, bar: int, name: str) -> tuple[Note, ...]:
        """Return the base's own notes of a cell, in beats from the clip's start."""
        return tuple(self._base.get((bar, name), ()))

    def count(self, first: int) -> int:
        """Return how many bars from *first* are written in one go: up to where a section ends."""
        plan, count = self.plan, 1
        while count < min(v.WINDOW_BARS, plan.bars - first):
            here = plan.sections[first : first + count + 1]
            if len(set(here)) > 1:
                break
            count += 1
        return count

    def sheet(self, first: int, count: int) -> Sheet:
        """Return what the model is told of *count* bars from *first*."""
        plan = self.plan
        programs = {part.name: part.program for part in plan.parts}
        return Sheet(
            meter=plan.meter,
            parts={name: programs[name] for name in self.names},
            writes=tuple(
                (bar - first, name)
                for bar in range(first, first + count)
                for name in self.names
                if (bar, name) in self._open
            ),
            kept=self._kept(first, count),
            tempo=plan.tempo,
            mode=plan.key.mode,
            genre=plan.genre,
            section=(plan.sections[first] if plan.sections else None) or plan.section,
            energy=plan.energy,
            bars=count,
            chords=self._told_chords(first, count),
            fields=self._fields(first, count),
        )

    def writer(self, first: int, sheet: Sheet) -> Writer:
        """Return what writes the sheet's cells."""
        plan, shift = self.plan, self.plan.key.shift
        end = (plan.bars - first) * self.length
        tasks = {cell: self._tasks[first + cell[0], cell[1]] for cell in sheet.writes}
        return Writer(
            sheet.writes,
            self.length,
            end,
            (max(0, -shift), min(127, 127 - shift)),
            until={name: until[first * self.length :] for name, until in self._until.items()},
            heard=self._heard(first, sheet),
            drafts={cell: draft for cell, task in tasks.items() if (draft := self._draft(task))},
            starts={cell: round(task.start * v.STEPS) for cell, task in tasks.items()},
            pace=self._pace(first, sheet),
        )

    def _pace(self, first: int, sheet: Sheet) -> Pace | None:
        """Return what holds the window's bars to the density that was asked, if one was."""
        wishes = [wish for wish in self.plan.wishes if wish.field == "Density"]
        moved = [
            replace(w, subject=str(int(w.subject) - first)) if w.subject.isdigit() else w
            for w in wishes
        ]
        bars = {bar for bar, _ in sheet.writes}
        kept = {cell: notes for cell, notes in sheet.kept.items() if cell[0] in bars}
        return Pace(moved, kept, self.length) if wishes else None

    def _heard(self, first: int, sheet: Sheet) -> frozenset[str]:
        """Return the parts that need not sound in this window: they do elsewhere, or later may."""
        anew = (cell for cell, task in self._tasks.items() if task.like is None)
        last = {name: bar for bar, name in sorted(anew)}
        sounding = {name for name in self.names if self._sounds(name)}
        behind = max(bar for bar, _ in sheet.writes) + first
        return frozenset(sounding | {name for name, bar in last.items() if bar > behind})

    def _draft(self, task: CellTask) -> Draft | None:
        source = (task.bar if task.like is None else task.like, task.part)
        if source not in self.cells or (task.vary >= 1 and task.lock is None):
            return None
        if not (self.cells[source] or self._sounds(task.part)):
            return None  # a silence that comes again would leave the part out altogether
        ids = cell_ids(self.cells[source], task.part.startswith("drums"))
        if task.lock == "rhythm":
            return RhythmLocked(ids)
        if task.lock == "pitches":
            return PitchesLocked(ids, self.length)
        rng = random.Random(f"{self.plan.seed} {task.bar} {task.part} varied")
        return Varied(ids, task.vary, self.length, rng)

    def _sounds(self, name: str) -> bool:
        """Say whether a part has notes already, in cells that are not to be written anew."""
        cells = ((bar, name) for bar in range(self.plan.bars))
        return any(self.cells.get(cell) and cell not in self._open for cell in cells)

    def _told_chords(self, first: int, count: int) -> dict[int, Sequence[Chord | None]]:
        chords = self._chords
        told: dict[int, Sequence[Chord | None]] = {
            bar - first: s for bar, s in chords.items() if first <= bar < first + count
        }
        if told and told[0][0] is None:
            earlier = [slot for bar in range(first) for slot in chords[bar] if slot]
            told[0] = [earlier[-1] if earlier else None, *told[0][1:]]
        return told

    def _fields(self, first: int, count: int) -> dict[tuple[str, str], int]:
        told = {}
        for wish in self.plan.wishes:
            subject, value = wish.subject, wish.value
            if wish.field == "Pitch":
                value -= self.plan.key.shift
            if subject.isdigit():
                if not first <= int(subject) < first + count:
                    continue
                subject = str(int(subject) - first)
            told[wish.field, subject] = SCALES[wish.field].bin_of(value)
        return told

    def _kept(self, first: int, count: int) -> dict[Cell, list[GridNote]]:
        """Return the cells that the prompt shows: the window's own, then the bars around it.

        Of a loop's last bars, the first ones are what follows.
        """
        kept: dict[Cell, list[GridNote]] = {}
        tokens = 0
        for bar, shown in self._nearest(first, count):
            cells = {
                name: self.cells[bar, name]
                for name in self.names
                if (bar, name) in self.cells and (bar, name) not in self._open
            }
            if not 0 <= shown < count:
                cells = {name: notes for name, notes in cells.items() if notes}
            tokens += sum(
                1 + len(cell_ids(notes, name.startswith("drums"))) for name, notes in cells.items()
            )
            if tokens > _KEPT:
                break
            kept |= {(shown, name): notes for name, notes in cells.items()}
        return kept

    def _nearest(self, first: int, count: int) -> Iterator[tuple[int, int]]:
        """Yield bars and the places at which they are shown, the nearest to the window first."""
        for place in range(count):
            yield first + place, place
        for distance in range(1, v.WINDOW_BARS + 1):
            yield first - distance, -distance
            place = count - 1 + distance
            behind = first + place
            if self.plan.is_loop and first >= v.WINDOW_BARS and behind >= self.plan.bars:
                yield behind - self.plan.bars, place
            else:
                yield behind, place


def _tasks_of(plan: LoopPlan, names: Sequence[str]) -> dict[Cell, CellTask]:
    if plan.tasks is None:
        return {(bar, name): CellTask(bar, name) for bar in range(plan.bars) for name in names}
    return {(task.bar, task.part): task for task in plan.tasks}


def _base_of(plan: LoopPlan) -> dict[Cell, list[Note]]:
    """Return the base's notes by the cell they belong to."""
    notes: dict[Cell, list[Note]] = {}
    for part in plan.base:
        for note in part.notes:
            bar = bar_of(note.start, plan.meter.bar_beats, plan.bars)
            notes.setdefault((bar, part.name), []).append(note)
    return notes


def _cells_of(
    plan: LoopPlan, base: Mapping[Cell, Sequence[Note]], length: int
) -> dict[Cell, list[GridNote]]:
    """Return the base on the grid and on the white keys; its empty cells are there too."""
    cells: dict[Cell, list[GridNote]] = {
        (bar, part.name): [] for part in plan.base for bar in range(plan.bars)
    }
    for (bar, name), notes in base.items():
        is_drums = name.startswith("drums")
        shift = 0 if is_drums else -plan.key.shift
        cells[bar, name] = [
            note._replace(
                step=min(max(note.step - bar * length, 0), length - 1),
                pitch=note.pitch + shift + (12 if note.pitch + shift < 0 else 0),
            )
            for note in gridded(notes, is_drums)
        ]
    return cells
