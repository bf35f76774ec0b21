"""From the bars that were written to the clip that is handed over: mended, played, in its time."""

from __future__ import annotations

from collections.abc import Iterable

from bandmate.loops.bars import Bar, clip_of
from bandmate.loops.performance.feel import felt
from bandmate.loops.performance.mending import mended
from bandmate.loops.plan import LoopPlan
from bandmate.music.clip import Clip, stretched


def finished(plan: LoopPlan, bars: Iterable[Bar]) -> Clip:
    """Return the clip of a plan's bars: nearer to its wishes, with its feel, in its time.

    Cells that the plan keeps come through note for note.
    """
    clip = mended(clip_of(plan, bars), plan)
    written = None if plan.tasks is None else {(task.bar, task.part) for task in plan.tasks}
    swing = next((w.value for w in plan.wishes if (w.field, w.subject) == ("Swing", "All")), None)
    clip = felt(clip, plan.feel, swing, plan.genre, plan.seed, written=written)
    return stretched(clip, plan.stretch)
