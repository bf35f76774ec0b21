"""What is heard of a clip while it is still being written: bar by bar, finished as far as can be.

A bar is mended and played with feel beside the three before it, at once: the first time round is
as loud, as high and as much in its pocket as the take will be, within what its later bars can
still change. Only the finished take is exact, and takes over once it is there. Looking no further
back keeps the work of a bar the same however long the clip is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from bandmate.loops.bars import Bar, bar_of
from bandmate.loops.finishing import finished
from bandmate.loops.plan import LoopPlan
from bandmate.music.clip import Clip, Part, windowed
from bandmate.music.meter import Meter

_SEEN = 4
"""Bars that are finished together; the model hears as many."""


class Streamed:
    """Turns the written bars of a plan into bars that are heard; bars come in their order."""

    def __init__(self, plan: LoopPlan) -> None:
        self._plan = plan
        self._seen: deque[Bar] = deque(maxlen=_SEEN)

    @property
    def bars(self) -> int:
        """Bars that are heard; of a clip in half or double time not as many as are written."""
        return round(self._plan.bars * self._plan.stretch)

    @property
    def tempo(self) -> float:
        """Quarter notes per minute, as it is heard."""
        return self._plan.tempo * self._plan.stretch

    @property
    def meter(self) -> Meter:
        """The meter, the same written and heard."""
        return self._plan.meter

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, without notes."""
        return tuple(Part(part.name, part.program) for part in self._plan.parts)

    def heard(self, bar: Bar) -> list[tuple[int, Clip]]:
        """Take in a written bar; return what is whole by it, each bar with its index.

        Beats count from the bar's start; a note that is played early for it begins below 0, one
        that rings over its end goes on behind it.
        """
        self._seen.append(bar)
        plan = self._plan
        # One bar more than there is, so that what rings over the line is not cut there.
        so_far = replace(plan, bars=min(bar.index + 2, plan.bars))
        clip = finished(so_far, self._seen)
        first, end = (int(count * plan.stretch) for count in (bar.index, bar.index + 1))
        return [(index, bar_clip(clip, index)) for index in range(first, end)]


def bar_clip(clip: Clip, index: int) -> Clip:
    """Return bar *index* (from 0) of a clip, beats from its start: all notes that belong to it."""
    length = clip.meter.bar_beats
    start = index * length
    around = windowed(replace(clip, parts=()), start, min(start + length, clip.length))
    parts = (
        replace(
            part,
            notes=tuple(
                replace(note, start=note.start - start)
                for note in part.notes
                if bar_of(note.start, length, clip.bars) == index
            ),
        )
        for part in clip.parts
    )
    return replace(around, parts=tuple(parts))
