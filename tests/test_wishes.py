"""Wishes: who comes first, and what no clip can fulfil together."""

from __future__ import annotations

import pytest

from bandmate.asks.loop import LoopAsk
from bandmate.asks.notation import parse_parts
from bandmate.errors import AskError
from bandmate.loops.plan import LoopPlan, Wish
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.targets import wishes_of

NOBODY = LoopAsk()


def plan(parts: str = "drums,bass,lead", bars: int = 4, meter: str = "4/4") -> LoopPlan:
    return LoopPlan(bars, 120.0, Meter.parse(meter), Key(0), parse_parts(parts), seed=1)


def told(wishes: tuple[Wish, ...]) -> list[str]:
    return [f"{wish.field} {wish.subject} {wish.value:g}" for wish in wishes]


def said(text: str) -> LoopAsk:
    """Read ``density 8|curve velocity=60,100``."""
    pairs = [pair.split(" ", 1) for pair in text.split("|") if text]
    return LoopAsk.read((name, value) for name, value in pairs)


WISHED = [
    ("", []),
    ("density 8", ["Density All 8"]),
    ("velocity 90,lead=60", ["Velocity All 90", "Velocity lead 60"]),
    ("pitch lead=72", ["Pitch lead 72"]),
    ("curve density=4,10", ["Density 0 4", "Density 1 6", "Density 2 8", "Density 3 10"]),
    (
        "density 6,drums=4|curve swing=1",
        ["Density All 6", "Density drums 4", "Swing 0 1", "Swing 1 1", "Swing 2 1", "Swing 3 1"],
    ),
]


@pytest.mark.parametrize(("text", "wishes"), WISHED)
def test_fields_are_wished_of_all_of_parts_and_of_bars(text: str, wishes: list[str]) -> None:
    assert told(wishes_of(said(text), NOBODY, plan())) == wishes


def test_the_ask_comes_before_a_preset_then_a_take_then_what_is_derived() -> None:
    taste = said("density 4|velocity lead=70|curve pitch=50,60")
    wishes = wishes_of(
        said("density drums=8|pitch 60"),
        taste,
        plan(),
        inherited=(Wish("Velocity", "All", 9), Wish("Duration", "lead", 2)),
        derived={"Density": 1, "Duration": 1, "Register": 30},
    )
    assert told(wishes) == [
        "Density drums 8", "Pitch All 60", "Register All 30", "Velocity lead 70",
        "Duration lead 2",
    ]  # fmt: skip


def test_what_a_preset_or_a_take_says_of_others_is_left_out() -> None:
    taste = said("velocity strings=70|curve swing=0,0.5,1,0,0.5|pitch 60")
    handed = (Wish("Density", "strings", 3), Wish("Density", "3", 3), Wish("Density", "4", 3))
    wishes = wishes_of(NOBODY, taste, plan("drums"), inherited=handed)
    assert told(wishes) == ["Density 3 3"]


REFUSED = [
    ("density strings=8", "density must be of the clip's parts drums, bass, lead, not of strings"),
    ("pitch drums=40", "pitch must be of a pitched part, not of drums"),
    (
        "density 40|duration 4",
        "density 40 and duration 4 cannot be together: notes that long leave room for 36 onsets",
    ),
    ("density lead=16|duration lead=4", "density 16 and duration 4 cannot be together"),
    ("density lead=16|duration 4", "density 16 and duration 4 cannot be together"),
    ("curve density=4,40|duration 4", "density 40 and duration 4 cannot be together"),
    ("density 40|curve density=4,8", "density must lie in its bars' own 4..8, not be 40"),
    ("velocity 40|curve velocity=60", "velocity must lie in its bars' own 60, not be 40"),
    ("pitch 40,bass=45,lead=70", "pitch must lie in its parts' own 45..70, not be 40"),
    ("density 4,lead=8", "density of all parts together must be at least 8, as one of them alone"),
    (
        "density 40,drums=4,bass=2,lead=1",
        "density of all parts together must be at most 7, the sum of theirs, not 40",
    ),
    ("polyphony lead=4|register lead=2", "polyphony 4 needs a register of at least 3 semitones"),
    ("curve density=1,2,3,4,5", "curve of density must have 1..4 numbers, as the clip has bars"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_cannot_be_together_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(AskError) as refused:
        wishes_of(said(text), NOBODY, plan())
    assert str(refused.value).startswith(words)


def test_what_depends_on_the_clip_is_told_too() -> None:
    with pytest.raises(AskError, match=r"density must be in 0.5..12 in a bar of 2/8, not 13"):
        wishes_of(said("density 13"), NOBODY, plan(meter="2/8"))
    with pytest.raises(AskError, match=r"register needs a pitched part, not drums"):
        wishes_of(said("register 13"), NOBODY, plan("drums"))


POSSIBLE = [
    "density 8|curve density=4,6,8,12",
    "density 40",
    "density 30|duration 4",
    "density drums=16|duration 4",
    "density 8,drums=8",
    "polyphony lead=4|register lead=7",
    "velocity 40,lead=90",
]


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_can_be_together_is_not_refused(text: str) -> None:
    assert wishes_of(said(text), NOBODY, plan())
