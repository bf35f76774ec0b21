"""From bars to the clip that is handed over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song
from bandmate.loops.bars import clip_of
from bandmate.loops.finishing import finished
from bandmate.loops.plan import CellTask, Wish
from bandmate.plans.loop import plan_of
from fakes import fake_bars
from loops.plans import band_plan


def test_with_nothing_to_finish_it_is_the_clip_of_the_bars() -> None:
    plan = band_plan()
    assert finished(plan, fake_bars(plan)) == clip_of(plan, fake_bars(plan))


def test_a_wish_is_met_and_feel_keeps_it() -> None:
    plan = band_plan(wishes=(Wish("Velocity", "All", 90.0),), feel=1.0)
    clip = finished(plan, fake_bars(plan))
    velocities = [note.velocity for part in clip.parts for note in part.notes]
    assert sum(velocities) / len(velocities) == pytest.approx(90, abs=1.5)
    assert any(note.start * 12 % 1 > 1e-6 for part in clip.parts for note in part.notes)


def test_feel_leaves_kept_cells_alone() -> None:
    plan = band_plan()
    base = clip_of(plan, fake_bars(plan)).parts
    again = replace(plan, base=base, tasks=(CellTask(3, "bass"),), seed=2, feel=1.0)
    found = finished(again, fake_bars(again))
    for part, was in zip(found.parts, base, strict=True):
        last = 12.0 if part.name == "bass" else 16.0
        assert [n for n in part.notes if n.start < last - 0.5] == [
            n for n in was.notes if n.start < last - 0.5
        ]


@pytest.mark.parametrize(("feel", "written"), [("half", 2), ("double", 8)])
def test_half_and_double_time_last_as_long(feel: str, written: int) -> None:
    pairs = [("bars", 4), ("tempo", 120), ("time_feel", feel), ("feel", 0), ("seed", 1),
             ("chords", "C F G C"), ("key", "C:maj")]  # fmt: skip
    plan = plan_of(LoopAsk.read(pairs), Song())
    assert plan.bars == written
    clip = finished(plan, fake_bars(plan))
    assert (clip.length, clip.tempo, clip.bars) == (16.0, 120.0, 4)
    assert [(span.start, span.end) for span in clip.chords] == [(0, 4), (4, 8), (8, 12), (12, 16)]
