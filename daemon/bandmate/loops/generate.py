"""A plan -> bars: the loop generator, four bars at a time, each given away once it is written.

The model writes on the white keys; the notes move to the asked key by the nearest way. What it
cannot do wrong is kept by the masks (``decoding/masks.py``), what it should do is said in the
prompt, and what it is told of the clip so far is on the page (``decoding/page.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from bandmate.loops.bars import Bar
from bandmate.loops.decoding.page import Page
from bandmate.loops.decoding.sample import sampled
from bandmate.loops.decoding.together import written_together
from bandmate.loops.model.inference import LoopModel
from bandmate.loops.model.tokens import GridNote, played
from bandmate.loops.plan import LoopPlan
from bandmate.music.clip import Part

_FULL = 1400
"""Tokens in the model after which no further bar is begun in a window."""


class LoopGenerator:
    """Writes loops with one model; several takes at a time, where they are asked together."""

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
        for _, bar in self.takes([plan], is_cancelled):
            yield bar

    def takes(
        self, plans: Sequence[LoopPlan], is_cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[int, Bar]]:
        """Yield the bars of several plans, each with its plan's index and in order.

        The takes share the model's calls; each gets the notes that it would get alone. Raises
        Cancelled between two tokens once *is_cancelled* says so.
        """
        takes = [_Take(plan) for plan in plans]
        while True:
            for index, take in enumerate(takes):
                yield from ((index, bar) for bar in take.kept_bars(take.next_asked()))
            going = [(index, take) for index, take in enumerate(takes) if not take.is_done]
            if not going:
                return
            firsts = [take.done for _, take in going]
            sheets = [take.page.sheet(take.done, take.page.count(take.done)) for _, take in going]
            writers = [
                take.page.writer(take.done, sheet)
                for (_, take), sheet in zip(going, sheets, strict=True)
            ]
            chooses = [take.choose for _, take in going]
            for number, bar, cells in written_together(
                self.model, sheets, writers, chooses, is_cancelled, full=_FULL
            ):
                index, take = going[number]
                at = firsts[number] + bar
                yield from ((index, kept) for kept in take.kept_bars(at))
                yield index, take.taken(at, cells)


class _Take:
    """A plan that is being written."""

    def __init__(self, plan: LoopPlan) -> None:
        self.page = Page(plan)
        self.done = 0
        """Bars that were given away."""
        self.choose = partial(
            sampled,
            rng=np.random.default_rng(plan.seed),
            temperature=plan.temperature,
            top_k=plan.top_k,
            top_p=plan.top_p,
        )

    @property
    def is_done(self) -> bool:
        return self.done >= self.page.plan.bars

    def next_asked(self) -> int:
        """Return the first bar with cells to write, the count of bars where there is none."""
        bars = self.page.plan.bars
        return next((bar for bar in range(self.done, bars) if self.page.is_asked(bar)), bars)

    def kept_bars(self, until: int) -> Iterator[Bar]:
        """Yield the bars before *until* that are not given away yet."""
        while self.done < until:
            yield _bar(self.page, self.done)
            self.done += 1

    def taken(self, bar: int, cells: Mapping[str, list[GridNote]]) -> Bar:
        """Put the written cells of a bar on the page and return the bar."""
        self.page.take(bar, cells)
        self.done = bar + 1
        return _bar(self.page, bar)


def _bar(page: Page, index: int) -> Bar:
    """Return a bar: cells that were written, and the base's own notes where they were kept."""
    plan, parts = page.plan, []
    start = index * page.length
    for planned in plan.parts:
        notes = page.kept(index, planned.name)
        if page.is_written(index, planned.name):
            shift = 0 if planned.name.startswith("drums") else plan.key.shift
            cell = page.cells[index, planned.name]
            notes = played((note._replace(step=start + note.step) for note in cell), shift)
        parts.append(Part(planned.name, planned.program, notes))
    return Bar(index, tuple(parts))
