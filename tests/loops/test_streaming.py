"""What is heard of a clip while it is written, held against the clip that it becomes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song
from bandmate.loops.bars import clip_of
from bandmate.loops.finishing import finished
from bandmate.loops.plan import CellTask, LoopPlan, Wish
from bandmate.loops.streaming import Streamed, bar_clip
from bandmate.music.clip import Clip, Note, Part
from bandmate.plans.loop import plan_of
from fakes import fake_bars
from loops.plans import band_plan


def heard(plan: LoopPlan) -> list[tuple[int, Clip]]:
    streamed = Streamed(plan)
    return [one for bar in fake_bars(plan) for one in streamed.heard(bar)]


def test_on_the_grid_the_bars_are_those_of_the_take() -> None:
    plan = band_plan(bars=6)
    whole = finished(plan, fake_bars(plan))
    bars = heard(plan)
    assert [index for index, _ in bars] == list(range(6))
    for index, clip in bars:
        assert clip == bar_clip(whole, index)
        assert (clip.length, clip.tempo, clip.meter) == (4.0, plan.tempo, plan.meter)


def test_with_feel_every_note_is_there_and_nearly_where_the_take_has_it() -> None:
    plan = band_plan(feel=1.0, wishes=(Wish("Velocity", "All", 90.0),))
    whole = finished(plan, fake_bars(plan))
    for index, clip in heard(plan):
        for now, later in zip(clip.parts, bar_clip(whole, index).parts, strict=True):
            assert sorted(n.pitch for n in now.notes) == sorted(n.pitch for n in later.notes)
            for one, other in zip(now.notes, later.notes, strict=True):
                assert one.start == pytest.approx(other.start, abs=0.15)
    velocities = [n.velocity for _, clip in heard(plan) for part in clip.parts for n in part.notes]
    assert sum(velocities) / len(velocities) == pytest.approx(90, abs=3)
    first = [note for part in heard(plan)[0][1].parts for note in part.notes]
    assert any(note.start * 12 % 1 > 1e-6 for note in first)


@pytest.mark.parametrize(
    ("feel", "order"),
    [("half", [[0, 1], [2, 3]]), ("double", [[], [0], [], [1], [], [2], [], [3]])],
)
def test_in_half_and_double_time_the_bars_that_are_heard_are_counted(
    feel: str, order: list[list[int]]
) -> None:
    pairs = [("bars", 4), ("tempo", 120), ("time_feel", feel), ("feel", 0), ("seed", 1)]
    plan = plan_of(LoopAsk.read(pairs), Song())
    streamed = Streamed(plan)
    assert (streamed.bars, streamed.tempo) == (4, 120.0)
    found = [streamed.heard(bar) for bar in fake_bars(plan)]
    assert [[index for index, _ in bars] for bars in found] == order
    whole = finished(plan, fake_bars(plan))
    for index, clip in (one for bars in found for one in bars):
        assert clip == bar_clip(whole, index)


def test_cells_that_are_kept_come_as_they_are() -> None:
    plan = band_plan()
    base = clip_of(plan, fake_bars(plan)).parts
    again = replace(plan, base=base, tasks=(CellTask(3, "bass"),), seed=2, feel=1.0)
    for index, clip in heard(again):
        for part, was in zip(clip.parts, base, strict=True):
            if (index, part.name) != (3, "bass"):
                old = bar_clip(Clip((was,), 16.0, plan.tempo), index)
                assert part.notes == old.parts[0].notes


def test_a_note_that_leans_on_a_line_belongs_to_the_bar_behind_it() -> None:
    notes = (Note(0.0, 36, 0.25, 90), Note(3.98, 36, 0.25, 90), Note(7.0, 38, 2.0, 90))
    clip = Clip((Part("drums", 0, notes),), 12.0)
    first, second, third = (bar_clip(clip, index).parts[0].notes for index in range(3))
    assert first == (notes[0],)
    assert [(n.start, n.end) for n in second] == [
        (pytest.approx(-0.02), pytest.approx(0.23)),
        (3.0, 5.0),
    ]
    assert third == ()


def test_parts_are_told_before_their_notes() -> None:
    streamed = Streamed(band_plan())
    assert [(part.name, part.notes) for part in streamed.parts] == [
        ("drums", ()),
        ("bass", ()),
        ("keys", ()),
        ("lead", ()),
    ]
