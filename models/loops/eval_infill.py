"""Does a refill hear what stands around it: likelihood of the real cells, and likeness to them.

Cells of real validation loops are masked: a part, a bar, or a single cell. They are filled with all
the others kept, and without: as a loop that has only those cells.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bandmate.loops.model.tokens import Cell, GridNote, played, prompt_ids, sequence_ids
from bandmate.loops.plan import CellTask, LoopPlan
from bandmate.music.clip import Clip, Part
from eval_language import model_loss
from likeness import classes_alike, mean, rhythm_alike
from samples import FULL, Window, sheet_of, window_of
from songs import SETS
from studio import Studio, cells_of, plan_for

_LOOPS = 50


def _part(window: Window, rng: random.Random) -> set[Cell]:
    name = rng.choice(list(window.parts))
    return {(bar, name) for bar in range(window.bars)}


def _bar(window: Window, rng: random.Random) -> set[Cell]:
    bar = rng.randrange(window.bars)
    return {(bar, name) for name in window.parts}


def _cell(window: Window, rng: random.Random) -> set[Cell]:
    return {rng.choice(sorted(window.sounding()))}


MASKS: dict[str, Callable[[Window, random.Random], set[Cell]]] = {
    "a part": _part, "a bar": _bar, "a cell": _cell,
}  # fmt: skip


def infill(studio: Studio) -> dict[str, Any]:
    """Return the figures by set and kind of mask."""
    report: dict[str, Any] = {}
    for name in SETS:
        windows = [w for w in studio.hall(name, _LOOPS).asked if len(w.parts) > 1]
        report[name] = {kind: _filled(studio, windows, kind) for kind in MASKS}
        print(name, report[name], flush=True)
    return report


def _filled(studio: Studio, windows: Sequence[Window], kind: str) -> dict[str, Any]:
    rng = random.Random(kind)
    likeness: dict[str, list[tuple[float, float | None]]] = {"with": [], "without": []}
    nats: dict[str, float] = {"with": 0.0, "without": 0.0}
    notes = kept = loops = 0
    for seed, window in enumerate(windows):
        masked = MASKS[kind](window, rng)
        real = {cell: window.cells.get(cell, []) for cell in sorted(masked)}
        if not any(real.values()):
            continue
        plan = refill_plan(window, masked, seed)
        clip = studio.write(plan)
        kept += is_kept(plan, clip)
        alone, bar = alone_of(window, masked)
        loose = cells_of(studio.write(plan_for(alone, seed)))
        likeness["with"] += _alike(real, cells_of(clip), 0)
        likeness["without"] += _alike(real, loose, bar)
        nats["with"] += _nats(studio, window, masked)
        nats["without"] += _nats(studio, alone, None)
        notes += sum(map(len, real.values()))
        loops += 1
    found: dict[str, Any] = {"loops": loops, "kept cells identical": kept}
    for way, pairs in likeness.items():
        found |= {
            f"nats a note {way} context": round(nats[way] / notes, 3),
            f"rhythm {way}": round(mean([rhythm for rhythm, _ in pairs]), 3),
            f"pitch classes {way}": round(mean([c for _, c in pairs if c is not None]), 3),
        }
    return found


def refill_plan(window: Window, masked: set[Cell], seed: int) -> LoopPlan:
    """Return the plan that keeps a real window but for the masked cells."""
    plan = plan_for(window, seed)
    length = plan.meter.bar_beats
    base = []
    for part in plan.parts:
        notes = []
        for bar in range(window.bars):
            for note in played(window.cells.get((bar, part.name), ()), 0):
                notes.append(replace(note, start=note.start + bar * length))
        base.append(Part(part.name, part.program, tuple(notes)))
    tasks = tuple(CellTask(bar, name) for bar, name in sorted(masked))
    return replace(plan, base=tuple(base), tasks=tasks)


def is_kept(plan: LoopPlan, clip: Clip) -> bool:
    """Say whether every cell that was not asked is in the clip note for note, and nothing else."""
    asked = {(task.bar, task.part) for task in plan.tasks or ()}
    length = plan.meter.bar_beats

    def kept(parts: Sequence[Part]) -> list[tuple[str, object]]:
        return sorted(
            ((part.name, note) for part in parts for note in part.notes
             if (int(note.start // length), part.name) not in asked), key=repr
        )  # fmt: skip

    return kept(plan.base) == kept(clip.parts)


def alone_of(window: Window, masked: set[Cell]) -> tuple[Window, int]:
    """Return a window of the masked bars and parts alone, and which bar is its first."""
    first, last = min(masked)[0], max(masked)[0]
    names = {name for _, name in masked}
    cut = window_of(window.song, window.start + first, last - first + 1)
    assert cut is not None, "a masked cell sounds"
    cells = {cell: notes for cell, notes in cut.cells.items() if cell[1] in names}
    parts = {name: program for name, program in window.parts.items() if name in names}
    return replace(cut, cells=cells, parts=parts), first


def _alike(
    real: dict[Cell, list[GridNote]], made: dict[Cell, list[GridNote]], first: int
) -> list[tuple[float, float | None]]:
    found = []
    for (bar, name), notes in real.items():
        if notes:
            ours, is_drums = made.get((bar - first, name), []), name.startswith("drums")
            classes = None if is_drums else classes_alike(notes, ours)
            found.append((rhythm_alike(notes, ours, is_drums), classes))
    return found


def _nats(studio: Studio, window: Window, masked: set[Cell] | None) -> float:
    """Return the nats of a window's masked cells, the others kept; None masks them all."""
    own = [(bar, name) for bar in range(window.bars) for name in window.parts]
    kept = {cell: window.cells.get(cell, []) for cell in own if masked and cell not in masked}
    sheet = sheet_of(window, FULL, random.Random(0), kept)
    ids = sequence_ids(sheet, window.cells)
    told = len(prompt_ids(sheet))
    return model_loss(studio.generator.model, ids[:told], ids[told:])
