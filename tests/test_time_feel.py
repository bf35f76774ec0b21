"""Half and double time: what is written, and that it is exact once it is stretched back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bandmate.asks.notation import parse_parts
from bandmate.errors import AskError
from bandmate.loops.plan import CellTask, LoopPlan, Wish
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.time_feel import in_time_feel

PLAN = LoopPlan(
    bars=4,
    tempo=160.0,
    meter=Meter(4, 4),
    key=Key(0),
    parts=parse_parts("drums,bass"),
    seed=1,
    chords=(ChordSpan(0, 8, Chord.parse("C")), ChordSpan(8, 16, Chord.parse("F"))),
    wishes=(
        Wish("Density", "All", 8), Wish("Density", "0", 4), Wish("Density", "1", 6),
        Wish("Duration", "bass", 2), Wish("Velocity", "All", 90),
    ),
    base=(Part("bass", 33, (Note(1 / 3, 40, 0.7, 90), Note(8.1, 40, 1.9, 80))),),
    tasks=tuple(CellTask(bar, "drums") for bar in range(4)),
)  # fmt: skip


def wishes(plan: LoopPlan) -> dict[str, float]:
    return {f"{wish.field} {wish.subject}": wish.value for wish in plan.wishes}


def test_normal_time_changes_nothing() -> None:
    assert in_time_feel(PLAN, "normal") is PLAN


def test_half_time_writes_half_as_many_bars_at_half_the_tempo() -> None:
    half = in_time_feel(PLAN, "half")
    assert (half.bars, half.tempo, half.stretch) == (2, 80.0, 2.0)
    assert [(span.start, span.end) for span in half.chords] == [(0, 4), (4, 8)]
    assert half.tasks == (CellTask(0, "drums"), CellTask(1, "drums"))
    assert wishes(half) == {
        "Density All": 16, "Density 0": 10, "Duration bass": 1, "Velocity All": 90,
    }  # fmt: skip


def test_double_time_writes_twice_as_many_bars_at_twice_the_tempo() -> None:
    double = in_time_feel(PLAN, "double")
    assert (double.bars, double.tempo, double.stretch) == (8, 320.0, 0.5)
    assert [(span.start, span.end) for span in double.chords] == [(0, 16), (16, 32)]
    assert double.tasks == tuple(CellTask(bar, "drums") for bar in range(8))
    assert wishes(double) == {
        "Density All": 4, "Density 0": 2, "Density 1": 2, "Density 2": 3, "Density 3": 3,
        "Duration bass": 4, "Velocity All": 90,
    }  # fmt: skip


@pytest.mark.parametrize("feel", ["half", "double"])
def test_what_is_kept_comes_back_to_the_last_bit(feel: str) -> None:
    plan = in_time_feel(PLAN, feel)
    back = tuple(
        replace(note, start=note.start * plan.stretch, duration=note.duration * plan.stretch)
        for note in plan.base[0].notes
    )
    assert back == PLAN.base[0].notes


REFUSED = [
    ({"tempo": 30.0}, "half", "tempo must be in 40..400 in half time, not 30"),
    ({"tempo": 240.0}, "double", "tempo must be in 20..200 in double time, not 240"),
    ({"bars": 5}, "half", "bars must be an even number in half time, not 5"),
    ({"bars": 33}, "double", "bars must be in 1..32 in double time, not 33"),
    (
        {"tasks": (CellTask(2, "bass"),)},
        "half",
        "cells must go by two bars in half time, as bass:3-4 does, not by bass:3 alone",
    ),
]


@pytest.mark.parametrize(("changes", "feel", "words"), REFUSED)
def test_what_cannot_be_halved_or_doubled_is_told(
    changes: dict[str, object], feel: str, words: str
) -> None:
    with pytest.raises(AskError) as refused:
        in_time_feel(replace(PLAN, **changes), feel)  # type: ignore[arg-type]
    assert str(refused.value) == words
