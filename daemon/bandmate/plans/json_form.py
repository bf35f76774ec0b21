"""Plans and clips as one line of JSON, as takes keep them: exact, short, readable for people."""

from __future__ import annotations

import json
from dataclasses import MISSING, astuple, fields
from typing import Any

from bandmate.asks.notation import parse_parts, parts_to_text
from bandmate.loops.plan import CellTask, LoopPlan, Wish
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part, Wheel
from bandmate.music.key import Key
from bandmate.music.meter import Meter

_TASK_DEFAULTS = tuple(
    None if field.default is MISSING else field.default for field in fields(CellTask)
)


def plan_to_json(plan: LoopPlan) -> str:
    """Return the plan as one line of JSON."""
    said: dict[str, Any] = {field.name: getattr(plan, field.name) for field in fields(plan)}
    said |= {"meter": str(plan.meter), "key": str(plan.key), "parts": parts_to_text(plan.parts)}
    said["chords"] = [[span.start, span.end, str(span.chord)] for span in plan.chords]
    said["wishes"] = [[wish.field, wish.subject, wish.value] for wish in plan.wishes]
    said["base"] = [
        [part.name, part.program, [[n.start, n.pitch, n.duration, n.velocity] for n in part.notes]]
        for part in plan.base
    ]
    if plan.tasks is not None:
        said["tasks"] = [_short(task) for task in plan.tasks]
    return json.dumps(said)


def plan_from_json(text: str) -> LoopPlan:
    """Return the plan that ``plan_to_json`` wrote, this bandmate's or an older one's."""
    said = json.loads(text)
    said["meter"], said["key"] = Meter.parse(said["meter"]), Key.parse(said["key"])
    said["parts"] = parse_parts(said["parts"])
    said["chords"] = tuple(ChordSpan(a, b, Chord.parse(label)) for a, b, label in said["chords"])
    said["wishes"] = tuple(Wish(*wish) for wish in said.get("wishes", ()))
    density = said.pop("density", None)  # as plans had it when it was the only field
    if density is not None:
        said["wishes"] = (Wish("Density", "All", density),)
    said["sections"] = tuple(said.get("sections", ()))
    said["base"] = tuple(
        Part(name, program, tuple(Note(*note) for note in notes))
        for name, program, notes in said.get("base", ())
    )
    if said.get("tasks") is not None:
        said["tasks"] = tuple(CellTask(*task) for task in said["tasks"])
    return LoopPlan(**said)


def _short(task: CellTask) -> list[object]:
    """Return a task's values up to the last that is not the usual one."""
    values = list(astuple(task))
    while values and values[-1] == _TASK_DEFAULTS[len(values) - 1]:
        values.pop()
    return values


def clip_to_json(clip: Clip) -> str:
    """Return the clip as JSON, exact to the last bit."""
    parts = [_part_to_json(part) for part in clip.parts]
    chords = [[span.start, span.end, str(span.chord)] for span in clip.chords]
    song = {"tempo": clip.tempo, "meter": str(clip.meter), "key": str(clip.key or "")}
    return json.dumps({"length": clip.length, **song, "chords": chords, "parts": parts})


def _part_to_json(part: Part) -> list[object]:
    """Return name, program, notes, and behind them each wheel, which most parts have none of."""
    notes = [[n.start, n.pitch, n.duration, n.velocity] for n in part.notes]
    wheels = [[wheel.start, wheel.kind, wheel.value] for wheel in part.wheels]
    return [part.name, part.program, notes, *wheels]


def clip_from_json(text: str) -> Clip:
    """Return the clip that ``clip_to_json`` wrote."""
    said = json.loads(text)
    return Clip(
        parts=tuple(
            Part(n, p, tuple(Note(*row) for row in notes), tuple(Wheel(*row) for row in wheels))
            for n, p, notes, *wheels in said["parts"]
        ),
        length=said["length"],
        tempo=said["tempo"],
        meter=Meter.parse(said["meter"]),
        key=Key.parse(said["key"]) if said["key"] else None,
        chords=tuple(ChordSpan(a, b, Chord.parse(label)) for a, b, label in said["chords"]),
    )
