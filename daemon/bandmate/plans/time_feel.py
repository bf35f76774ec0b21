"""Half and double time: a clip written at half or twice its tempo, and stretched back behind it.

In half time two bars of the clip are one that is written; in double time one is two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bandmate.asks.notation import MAX_BARS
from bandmate.errors import AskError
from bandmate.loops.plan import CellTask, LoopPlan, Wish
from bandmate.music.clip import stretched_parts, stretched_spans

STRETCHES = {"half": 2, "double": 0.5}
"""What the times of a written clip are multiplied by."""
_LOWEST, _HIGHEST = 20, 400


def in_time_feel(plan: LoopPlan, feel: str) -> LoopPlan:
    """Return what is written for a plan in half or double time; raises AskError."""
    if feel not in STRETCHES:
        return plan
    stretch = STRETCHES[feel]
    _check(plan, feel, stretch)
    return replace(
        plan,
        bars=int(plan.bars / stretch),
        tempo=plan.tempo / stretch,
        chords=stretched_spans(plan.chords, 1 / stretch),
        wishes=tuple(_wishes(plan.wishes, stretch)),
        base=stretched_parts(plan.base, 1 / stretch),
        tasks=None if plan.tasks is None else _tasks(plan.tasks, stretch),
        stretch=float(stretch),
    )


def _check(plan: LoopPlan, feel: str, stretch: float) -> None:
    low, high = max(_LOWEST, _LOWEST * stretch), min(_HIGHEST, _HIGHEST * stretch)
    if not low <= plan.tempo <= high:
        raise AskError(f"tempo must be in {low:g}..{high:g} in {feel} time, not {plan.tempo:g}")
    if plan.bars % stretch:
        raise AskError(f"bars must be an even number in half time, not {plan.bars}")
    if plan.bars / stretch > MAX_BARS:
        raise AskError(f"bars must be in 1..{MAX_BARS // 2} in double time, not {plan.bars}")


def _wishes(wishes: Iterable[Wish], stretch: float) -> Iterable[Wish]:
    by_bar: dict[tuple[str, int], list[float]] = {}
    for wish in wishes:
        if not wish.subject.isdigit():
            yield replace(wish, value=_written(wish.field, wish.value, stretch))
            continue
        bar = int(wish.subject)
        for written in [bar // 2] if stretch > 1 else [2 * bar, 2 * bar + 1]:
            by_bar.setdefault((wish.field, written), []).append(wish.value)
    for (field, bar), values in by_bar.items():
        yield Wish(field, str(bar), _written(field, sum(values) / len(values), stretch))


def _written(field: str, value: float, stretch: float) -> float:
    """Return a value in the bars and beats that are written."""
    return value * {"Density": stretch, "Duration": 1 / stretch}.get(field, 1)


def _tasks(tasks: Iterable[CellTask], stretch: float) -> tuple[CellTask, ...]:
    if stretch < 1:
        return tuple(replace(task, bar=2 * task.bar + i) for task in tasks for i in range(2))
    pairs: dict[tuple[int, str], list[CellTask]] = {}
    for task in tasks:
        pairs.setdefault((task.bar // 2, task.part), []).append(task)
    for (bar, part), both in pairs.items():
        if len(both) < 2:
            raise AskError(
                f"cells must go by two bars in half time, as {part}:{2 * bar + 1}-{2 * bar + 2} "
                f"does, not by {part}:{both[0].bar + 1} alone"
            )
    return tuple(replace(both[0], bar=bar) for (bar, _), both in pairs.items())
