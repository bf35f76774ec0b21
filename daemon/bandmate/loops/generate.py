"""A plan -> bars: the loop generator, four bars at a time, each given away once it is written.

The model writes on the white keys; the notes move to the asked key by the nearest way. What it
cannot do wrong is kept by the masks (``masks.py``); what it should do is said in the prompt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandmate.errors import Cancelled
from bandmate.loops import vocabulary as v
from bandmate.loops.bars import Bar
from bandmate.loops.controls import LoopPlan
from bandmate.loops.masks import Writer, allowed_until
from bandmate.loops.measured import SCALES
from bandmate.loops.model import LoopModel
from bandmate.loops.sample import sampled
from bandmate.loops.tokens import (
    Cell,
    GridNote,
    Sheet,
    bar_steps,
    cell_ids,
    header_ids,
    played,
    prompt_ids,
    slotted,
)
from bandmate.music.clip import ChordSpan, Part
from bandmate.music.key import MODES, Key

_FULL = 1400
"""Tokens in the model after which no further bar is begun in a window."""
_KEPT = 900
"""Tokens of earlier bars that are shown at the most."""
_SPARE = 24
"""Tokens kept free for headers and for a chord begun at a cell's limit."""


class LoopGenerator:
    """Writes loops with one model; one plan at a time."""

    def __init__(self, model: LoopModel, name: str) -> None:
        self.model = model
        self.name = name
        """The model and the first eight digits of its checksum, ``loops@1a2b3c4d``."""

    @classmethod
    def open(cls, path: Path, device: str = "cpu", threads: int = 1) -> LoopGenerator:
        """Open the ONNX file *path*; raises WeightsError in words."""
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(LoopModel(path, device, threads), f"{path.stem}@{checksum[:8]}")

    @property
    def device_note(self) -> str:
        """A sentence where the asked device could not be had, else empty."""
        return self.model.device_note

    def bars(
        self, plan: LoopPlan, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[Bar]:
        """Yield the bars of a plan in order; the same plan gives the same notes.

        Raises Cancelled between two tokens once *is_cancelled* says so.
        """
        rng = np.random.default_rng(plan.seed)
        choose = partial(
            sampled, rng=rng, temperature=plan.temperature, top_k=plan.top_k, top_p=plan.top_p
        )
        written: dict[Cell, list[GridNote]] = {}
        done = 0
        while done < plan.bars:
            first = done
            sheet = _sheet(plan, first, min(v.WINDOW_BARS, plan.bars - first), written)
            writer = _writer(plan, first, sheet, written)
            for bar, cells in written_bars(self.model, sheet, writer, choose, is_cancelled):
                written.update({(first + bar, name): notes for name, notes in cells.items()})
                done += 1
                yield _bar(plan, first + bar, cells)
                if self.model.length > _FULL:  # a very dense band: begin a new window here
                    break


def written_bars(
    model: LoopModel,
    sheet: Sheet,
    writer: Writer,
    choose: Callable[[NDArray[np.float32], NDArray[np.bool_]], int],
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[int, dict[str, list[GridNote]]]]:
    """Write a sheet's cells with a model; yield each bar, with its cells by part, once it is whole.

    *choose* takes the logits and what is legal, (MUSIC_SIZE,) both, and returns a token.
    """
    model.rewind()
    pending = prompt_ids(sheet)
    before: Cell | None = None
    while not writer.is_done:
        cell = writer.cell
        logits = model.read([*pending, *header_ids(before, cell)])
        pending, before = [], cell
        following = writer.following
        closing = header_ids(cell, following)[0] if following else v.END
        room = model.context - model.length - _SPARE * writer.cells_left_in_bar
        writer.limit = room // writer.cells_left_in_bar
        while True:
            if is_cancelled():
                raise Cancelled("the loop was called off")
            # A cell ends where the header of the one that follows would be said.
            logits[v.END] = logits[closing]
            token = choose(logits, writer.mask())
            if writer.push(token):
                break
            logits = model.read([token])
        if following is None or following[0] != cell[0]:
            yield (
                cell[0],
                {name: notes for (bar, name), notes in writer.notes.items() if bar == cell[0]},
            )


def _bar(plan: LoopPlan, index: int, cells: Mapping[str, Iterable[GridNote]]) -> Bar:
    start = index * bar_steps(plan.meter)
    parts = []
    for planned in plan.parts:
        shift = 0 if planned.name.startswith("drums") else plan.key.shift
        notes = (note._replace(step=start + note.step) for note in cells[planned.name])
        parts.append(Part(planned.name, planned.program, played(notes, shift)))
    return Bar(index, tuple(parts))


def _sheet(plan: LoopPlan, first: int, count: int, written: Mapping[Cell, list[GridNote]]) -> Sheet:
    """Return what the model is told of *count* bars from *first*; four bars before are kept."""
    names = sorted((part.name for part in plan.parts), key=v.PART_ORDER.__getitem__)
    programs = {part.name: part.program for part in plan.parts}
    chords = slotted(_canonical_chords(plan), plan.meter, plan.bars)
    told = {bar - first: slots for bar, slots in chords.items() if first <= bar < first + count}
    if told and told[0][0] is None:
        earlier = [slot for bar in range(first) for slot in chords[bar] if slot]
        told[0] = [earlier[-1] if earlier else None, *told[0][1:]]
    fields = {}
    if plan.density is not None:
        fields["Density", "All"] = SCALES["Density"].bin_of(plan.density)
    return Sheet(
        meter=plan.meter,
        parts={name: programs[name] for name in names},
        writes=tuple((bar, name) for bar in range(count) for name in names),
        kept=_kept(written, first),
        tempo=plan.tempo,
        mode=plan.key.mode,
        genre=plan.genre,
        section=plan.section,
        energy=plan.energy,
        bars=count,
        chords=told,
        fields=fields,
    )


def _kept(written: Mapping[Cell, list[GridNote]], first: int) -> dict[Cell, list[GridNote]]:
    """Return the sounding cells of up to four bars before *first* that the prompt has room for."""
    kept: dict[Cell, list[GridNote]] = {}
    tokens = 0
    for bar in range(first - 1, max(0, first - v.WINDOW_BARS) - 1, -1):
        cells = {name: notes for (at, name), notes in written.items() if at == bar and notes}
        tokens += sum(
            1 + len(cell_ids(notes, name.startswith("drums"))) for name, notes in cells.items()
        )
        if tokens > _KEPT:
            break
        kept |= {(bar - first, name): notes for name, notes in cells.items()}
    return kept


def _canonical_chords(plan: LoopPlan) -> list[ChordSpan]:
    return [replace(span, chord=span.chord.transposed(-plan.key.shift)) for span in plan.chords]


def _writer(
    plan: LoopPlan, first: int, sheet: Sheet, written: Mapping[Cell, list[GridNote]]
) -> Writer:
    length = bar_steps(plan.meter)
    end = (plan.bars - first) * length
    heard = frozenset(name for (_, name), notes in written.items() if notes)
    if first + len({bar for bar, _ in sheet.writes}) < plan.bars:
        heard |= frozenset(sheet.parts)
    shift = plan.key.shift
    return Writer(
        sheet.writes,
        length,
        end,
        (max(0, -shift), min(127, 127 - shift)),
        until=_until(plan, first, end) if plan.in_key else None,
        heard=heard,
    )


def _until(plan: LoopPlan, first: int, end: int) -> NDArray[np.int32]:
    scale = frozenset(Key(MODES[plan.key.mode].canonical_tonic, plan.key.mode).scale)
    classes = [scale] * end
    offset = first * bar_steps(plan.meter)
    for span in _canonical_chords(plan):
        sounds = scale.union(span.chord.pitches)
        for step in range(round(span.start * v.STEPS) - offset, round(span.end * v.STEPS) - offset):
            if 0 <= step < end:
                classes[step] = sounds
    return allowed_until(classes)
