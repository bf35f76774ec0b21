"""What a loop costs on this machine, one thread: `make bench-loops`.

    python -m bench.loops [the model's name in models/manifest.yaml]

Prints CPU seconds and counts, which hold on a busy machine; milliseconds are upper bounds there.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bandmate.loops.bars import Bar, clip_of
from bandmate.loops.decoding.masks import Writer
from bandmate.loops.decoding.page import Page
from bandmate.loops.decoding.sample import sampled
from bandmate.loops.decoding.together import written_together
from bandmate.loops.generate import LoopGenerator
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.inference import LoopModel
from bandmate.loops.model.positions import places_of
from bandmate.loops.model.tokens import header_ids, prompt_ids
from bandmate.loops.plan import CellTask, LoopPlan
from bandmate.workers.weights import checked
from bench.rivals import written_by_midigpt
from loops.plans import band_plan

LOOPS = 50
TAKES = 4
GROUPS = 10
REFILLS = 20
LISTENED = 8
"""Loops of which every part of a step is timed."""


class Counting(LoopModel):
    """A model that counts its steps."""

    steps = 0

    def step(self, tokens: Sequence[int | None]) -> NDArray[np.float32]:
        self.steps += 1
        return super().step(tokens)


@dataclass
class Made:
    """What loops cost."""

    notes: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    first_note: list[float] = field(default_factory=list)
    first_bar: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)


def main() -> None:
    """Print every figure."""
    name = sys.argv[1] if len(sys.argv) > 1 else "loops"
    model = Counting(checked(name))
    generator = LoopGenerator(model, name)
    list(generator.bars(band_plan(seed=0)))  # the first run of all is not like the others
    made = _loops(generator, model)
    _steps(model)
    _takes(generator)
    _refills(generator)
    _rival(made)


def _loops(generator: LoopGenerator, model: Counting) -> Made:
    made = Made()
    for seed in range(LOOPS):
        plan = band_plan(seed=seed)
        model.begin([[v.BEGIN]])  # nothing of the plan has been read
        model.steps = 0
        asked: list[float] = []

        def is_cancelled(asked: list[float] = asked) -> bool:
            asked.append(time.perf_counter())
            return False

        started, used = time.perf_counter(), time.process_time()
        bars: list[Bar] = []
        for bar in generator.bars(plan, is_cancelled):
            if not bars:
                made.first_bar.append(time.perf_counter() - started)
            bars.append(bar)
        made.cpu.append(time.process_time() - used)
        made.whole.append(time.perf_counter() - started)
        made.first_note.append(asked[2] - started)  # an onset and its drum lie behind it
        made.tokens.append(model.steps)
        made.notes.append(clip_of(plan, bars).note_count)
    print(f"a loop of 4 bars and 4 parts, one thread, medians of {LOOPS}:")
    _line("notes, tokens written", _median(made.notes), _median(made.tokens))
    _line("CPU s, and for 150 notes", _median(made.cpu), sum(made.cpu) / sum(made.notes) * 150)
    waits = (made.first_note, made.first_bar, made.whole)
    _line("first note, first bar, whole, ms", *(_median(times) * 1000 for times in waits))
    return made


def _steps(model: LoopModel) -> None:
    """Print what one step costs, part by part; every part is done again by itself."""
    parts: dict[str, list[float]] = {}
    for seed in range(LISTENED):
        for name, seconds in _parts_of_a_step(model, band_plan(seed=seed)).items():
            parts.setdefault(name, []).append(seconds)
    each = {name: _median(times) * 1e6 for name, times in parts.items()}
    print("one step, microseconds of CPU:")
    for name, cost in each.items():
        _line(name, cost)
    ours = each["masks"] + each["draws"] + each["whereabouts"]
    _line("masks, draws and whereabouts: share of model", ours / each["model"])
    _line("model: times onnxruntime's bare run", each["model"] / each["bare model"])
    megabytes, rate = _weights(model)
    _line("weights, MB; read here at GB/s; microseconds", megabytes, rate, megabytes / rate * 1000)
    _line("model: times reading its weights once", each["model"] / (megabytes / rate * 1000))


def _parts_of_a_step(model: LoopModel, plan: LoopPlan) -> dict[str, float]:
    page = Page(plan)
    sheet = page.sheet(0, plan.bars)
    heard: list[tuple[NDArray[np.float32], NDArray[np.bool_]]] = []
    drawn: list[int] = []
    rng = np.random.default_rng(plan.seed)

    def choose(logits: NDArray[np.float32], legal: NDArray[np.bool_]) -> int:
        heard.append((logits.copy(), legal.copy()))
        drawn.append(sampled(logits, legal, rng, top_p=plan.top_p))
        return drawn[-1]

    prompt = prompt_ids(sheet)
    list(written_together(model, [sheet], [page.writer(0, sheet)], [choose]))
    ids = _read(page.writer(0, sheet), drawn)
    again = partial(sampled, rng=rng, top_p=plan.top_p)
    timed = {
        "masks": lambda: _read(page.writer(0, sheet), drawn),
        "draws": lambda: [again(*each) for each in heard],
        "whereabouts": lambda: places_of(ids),
        "bare model": lambda: _run_bare(model, len(prompt), len(ids)),
        "model": lambda: _step(model, prompt, ids),
    }
    found = {name: _quickest(done) for name, done in timed.items()}
    found["model"] -= _quickest(lambda: model.begin([prompt]))
    return {name: seconds / len(ids) for name, seconds in found.items()}


def _step(model: LoopModel, prompt: Sequence[int], ids: Sequence[int]) -> None:
    model.begin([prompt])
    for token in ids:
        model.step([token])


def _read(writer: Writer, drawn: Sequence[int]) -> list[int]:
    """Let a writer write what was drawn, and return all that the model read."""
    ids: list[int] = []
    before = None
    for token in drawn:
        cell = writer.cell
        if cell != before:
            ids += header_ids(before, cell)
            before = cell
        writer.mask()
        if not writer.push(token):
            ids.append(token)
    return ids


def _run_bare(model: LoopModel, start: int, steps: int) -> None:
    """Let onnxruntime take as many steps, as far along, with nothing of ours around it."""
    cache = model._cache
    cache.step(1)
    binding, run = cache._steps[1], model._session.run_with_iobinding
    for length in range(start, start + steps):
        cache.seqlens[0] = length
        cache._total[0] = length + 1
        run(binding)


def _weights(model: LoopModel) -> tuple[float, float]:
    """Return the megabytes of all matrices, and at how many GB a second so many are read."""
    shape = {name: int(value) for name, value in model.shape.items()}
    width, heads = shape["width"], shape["heads"] * shape["head_width"]
    layer = width * (2 * heads + 2 * shape["head_width"] + 3 * shape["hidden"])
    size = (shape["layers"] * layer + v.MUSIC_SIZE * width) * (1 + 4 / 32)
    buffer = np.ones(int(size) // 4, np.float32)
    return size / 1e6, size / _quickest(lambda: buffer.dot(buffer)) / 1e9


def _takes(generator: LoopGenerator) -> None:
    ratios = []
    for group in range(GROUPS):
        plans = [band_plan(seed=group * TAKES + take) for take in range(TAKES)]
        alone = sum(_cpu(partial(list, generator.bars(plan))) for plan in plans) / TAKES
        ratios.append(_cpu(partial(list, generator.takes(plans))) / alone)
    print(f"{TAKES} takes together, median of {GROUPS}:")
    _line("CPU, one take alone being 1", _median(ratios))


def _refills(generator: LoopGenerator) -> None:
    plan = band_plan(seed=1)
    base = clip_of(plan, generator.bars(plan)).parts
    print(f"one cell of it written anew, CPU and wait, ms, medians of {REFILLS}:")
    for name, step in (
        ("another cell every time", 1),
        ("one cell, its prompt is there already", 0),
    ):
        cpu, wall = [], []
        for seed in range(REFILLS):
            cell = seed * step
            task = CellTask(cell % plan.bars, plan.parts[cell // plan.bars % len(plan.parts)].name)
            refill = replace(plan, seed=seed, base=base, tasks=(task,))
            started = time.perf_counter()
            cpu.append(_cpu(partial(list, generator.bars(refill))))
            wall.append(time.perf_counter() - started)
        _line(name, _median(cpu) * 1000, _median(wall) * 1000)


def _rival(made: Made) -> None:
    """Print what the same costs with the rival, whose weights are random: its notes are noise."""
    found = written_by_midigpt()
    if isinstance(found, str):
        print(f"midigpt is left out: {found}")
        return
    print(f"midigpt {found.version}, {found.millions:.0f} M random weights (compute only):")
    _line("notes, tokens written, CPU s", found.notes, found.tokens, found.cpu)
    ours_token, ours_note = sum(made.cpu) / sum(made.tokens), sum(made.cpu) / sum(made.notes)
    for name, theirs, ours in (
        ("token", found.cpu / found.tokens, ours_token),
        ("note", found.cpu / found.notes, ours_note),
    ):
        _line(f"CPU ms a {name}: theirs, ours, times", theirs * 1000, ours * 1000, theirs / ours)


def _cpu(done: Callable[[], object]) -> float:
    used = time.process_time()
    done()
    return time.process_time() - used


def _quickest(done: Callable[[], object], of: int = 5) -> float:
    return min(_cpu(done) for _ in range(of))


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _line(name: str, *values: float) -> None:
    print(f"  {name:<47}" + " ".join(f"{value:9.3g}" for value in values))


if __name__ == "__main__":
    main()
