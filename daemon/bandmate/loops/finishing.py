"""From the bars that were written to the clip that is handed over: mended, played, in its time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bandmate.loops.bars import Bar, clip_of
from bandmate.loops.controls import LoopPlan
from bandmate.loops.feel import felt
from bandmate.loops.mending import mended
from bandmate.music.clip import Clip


def finished(plan: LoopPlan, bars: Iterable[Bar]) -> Clip:
    """Return the clip of a plan's bars: nearer to its wishes, with its feel, in its time.

    Cells that the plan keeps come through note for note.
    """
    clip = mended(clip_of(plan, bars), plan)
    written = None if plan.tasks is None else {(task.bar, task.part) for task in plan.tasks}
    swing = next((w.value for w in plan.wishes if (w.field, w.subject) == ("Swing", "All")), None)
    clip = felt(clip, plan.feel, swing, plan.genre, plan.seed, written=written)
    return stretched(clip, plan.stretch)


def stretched(clip: Clip, by: float) -> Clip:
    """Return a clip with its times and its tempo multiplied, so that it lasts as long as it did."""
    if by == 1:
        return clip
    return replace(
        clip,
        parts=tuple(
            replace(
                part,
                notes=tuple(
                    replace(note, start=note.start * by, duration=note.duration * by)
                    for note in part.notes
                ),
            )
            for part in clip.parts
        ),
        length=clip.length * by,
        tempo=clip.tempo * by,
        chords=tuple(
            replace(span, start=span.start * by, end=span.end * by) for span in clip.chords
        ),
    )
