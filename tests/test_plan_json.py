"""Plans as JSON: exact, and those of older bandmates are still read."""

from __future__ import annotations

import json

from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song
from bandmate.loops.plan import CellTask, LoopPlan, PlannedPart, Wish
from bandmate.music.clip import Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.json_form import plan_from_json, plan_to_json
from bandmate.plans.loop import plan_of

FULL = LoopPlan(
    bars=2,
    tempo=96.1,
    meter=Meter(7, 8),
    key=Key(6, "hmin"),
    parts=(PlannedPart("drums", 0), PlannedPart("bass", 33)),
    seed=7,
    sections=("verse", None),
    wishes=(Wish("Density", "All", 8.5), Wish("Pitch", "bass", 40.0), Wish("Swing", "1", 0.3)),
    base=(Part("bass", 33, (Note(-1 / 3, 40, 0.1, 90), Note(0.1 + 0.2, 41, 2 / 7, 1))),),
    tasks=(
        CellTask(0, "drums"),
        CellTask(1, "drums", 0.2, like=0),
        CellTask(1, "bass", 0.3, "rhythm", start=1.5),
    ),
    strictness=1.0,
    feel=0.25,
    is_loop=False,
    stretch=2.0,
)

OLD = (
    '{"bars": 4, "tempo": 96.0, "meter": "4/4", "key": "A:min", "parts": "drums:0,bass:33",'
    ' "seed": 7, "genre": "funk", "section": null, "energy": 3, "chords": [[0.0, 4.0, "A:min"]],'
    ' "density": 8.0, "temperature": 0.9, "top_k": 20, "top_p": 0.9, "in_key": false}'
)


def test_a_plan_comes_back_to_the_last_bit() -> None:
    assert plan_from_json(plan_to_json(FULL)) == FULL
    said = [("chords", "A:min7/b3 N,G:7"), ("key", "F#:hmin"), ("meter", "7/8"), ("tempo", 96.1)]
    plan = plan_of(LoopAsk.read(said), Song())
    assert plan_from_json(plan_to_json(plan)) == plan


def test_no_tasks_are_not_all_tasks() -> None:
    for tasks in (None, ()):
        plan = plan_of(LoopAsk(), Song(), seed=1)
        plan = plan_from_json(
            plan_to_json(plan).replace('"tasks": null', f'"tasks": {json.dumps(tasks)}')
        )
        assert plan.tasks == tasks


def test_tasks_are_short() -> None:
    said = json.loads(plan_to_json(FULL))["tasks"]
    assert said == [[0, "drums"], [1, "drums", 0.2, None, 0], [1, "bass", 0.3, "rhythm", None, 1.5]]


def test_a_plan_of_an_older_bandmate_is_read() -> None:
    plan = plan_from_json(OLD)
    assert plan.wishes == (Wish("Density", "All", 8.0),)
    assert (plan.tasks, plan.base, plan.strictness, plan.feel, plan.is_loop) == (
        None, (), 0.0, 0.0, True,
    )  # fmt: skip
    assert (plan.genre, plan.energy, plan.in_key) == ("funk", 3, False)
    assert plan_from_json(OLD.replace("8.0", "null")).wishes == ()
