"""Edits of a clip that is there: which cells are written, and that all others stay as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.asks.loop import LoopAsk
from bandmate.asks.presets import preset
from bandmate.asks.song import Song
from bandmate.errors import AskError
from bandmate.loops.bars import clip_of
from bandmate.loops.plan import LoopPlan, Wish
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.context import Given
from bandmate.plans.edits import crossed
from bandmate.plans.loop import plan_of, plans_of
from fakes import fake_bars


def given(parts: str = "drums,bass,keys", bars: int = 4, pitch: int = 40, tonic: int = 0) -> Given:
    """Return a clip with a note a bar and part, off every grid, at least a bar long each."""
    made = tuple(
        Part(name, 0, tuple(Note(4.0 * bar + 0.01 * i, pitch, 4 - 0.5, 90) for bar in range(bars)))
        for i, name in enumerate(parts.split(","))
    )
    return Given("take 12", Clip(made, 4.0 * bars, 96.0, Meter(), Key(tonic)))


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Read ``refill bass:3-4|vary 0.3``."""
    said = []
    for pair in text.split("|"):
        name, _, value = pair.partition(" ")
        said.append((name, value))
    return said


def planned(text: str, clip: Given | None = None) -> LoopPlan:
    pairs = [("take", "12"), *pairs_of(text)]
    return plan_of(LoopAsk.read(pairs), Song(), seed=7, given=(clip or given(),))


def grid(plan: LoopPlan) -> str:
    """Draw the cells to write: a line a part, x where it is new, v where it is varied."""
    tasks = {(task.bar, task.part): task for task in plan.tasks or ()}
    lines = []
    for part in plan.parts:
        marks = ""
        for bar in range(plan.bars):
            task = tasks.get((bar, part.name))
            has_draft = task is not None and (task.vary < 1 or task.lock)
            marks += "." if task is None else "v" if has_draft else "x"
        lines.append(f"{part.name} {marks}")
    return ", ".join(lines)


EDITS = [
    ("refill bass:3-4", "drums ...., bass ..xx, keys ...."),
    ("refill bass:3-4|vary 0.3", "drums ...., bass ..vv, keys ...."),
    ("refill 2", "drums .x.., bass .x.., keys .x.."),
    ("refill 3-4|keep drums", "drums ...., bass ..xx, keys ..xx"),
    ("keep drums", "drums ...., bass xxxx, keys xxxx"),
    ("keep drums,1-2", "drums ...., bass ..xx, keys ..xx"),
    ("vary 0.3", "drums vvvv, bass vvvv, keys vvvv"),
    ("vary 0.3|keep drums", "drums ...., bass vvvv, keys vvvv"),
    ("lock rhythm|refill keys", "drums ...., bass ...., keys vvvv"),
    ("lock pitches|keep drums,bass", "drums ...., bass ...., keys vvvv"),
    ("add lead", "drums ...., bass ...., keys ...., lead xxxx"),
    ("add keys", "drums ...., bass ...., keys ...., keys2 xxxx"),
    ("parts drums,lead:66", "drums ...., bass ...., keys ...., lead xxxx"),
    ("add lead|refill lead:3-4", "drums ...., bass ...., keys ...., lead ..xx"),
    ("add lead|shift lead=+1", "drums ...., bass ...., keys ...., lead .xxx"),
    ("remove keys", "drums ...., bass ...."),
    ("remove keys|refill bass:1", "drums ...., bass x..."),
    ("shift bass=+2", "drums ...., bass ...., keys ...."),
    ("bars 6", "drums ....xx, bass ....xx, keys ....xx"),
    ("bars 6|shift bass=+1", "drums ....xx, bass .....x, keys ....xx"),
    ("bars 6|refill bass:4,drums:6", "drums ....xx, bass ...xxx, keys ....xx"),
    ("bars 2|refill bass:2", "drums .., bass .x, keys .."),
    ("vary 0|bars 5", "drums ....x, bass ....x, keys ....x"),
    ("bars 8|form none", "drums ....xxxx, bass ....xxxx, keys ....xxxx"),
    ("continues on|bars 2", "drums xx, bass xx, keys xx"),
    ("continues on|bars 2|add lead|remove keys", "drums xx, bass xx, lead xx"),
]


@pytest.mark.parametrize(("text", "cells"), EDITS)
def test_these_cells_are_written(text: str, cells: str) -> None:
    assert grid(planned(text)) == cells


@pytest.mark.parametrize("text", [text for text, _ in EDITS if "shift" not in text])
def test_all_other_cells_stay_to_the_last_bit(text: str) -> None:
    plan, before = planned(text), {part.name: part for part in given().clip.parts}
    if dict(pairs_of(text)).get("continues"):
        return
    clip = clip_of(plan, fake_bars(plan))
    tasks = {(task.bar, task.part) for task in plan.tasks or ()}
    for part in clip.parts:
        kept = [n for n in part.notes if (int(n.start // 4), part.name) not in tasks]
        old = before[part.name].notes if part.name in before else ()
        assert kept == [
            n for n in old if n.start < clip.length and (int(n.start // 4), part.name) not in tasks
        ]
        assert len(part.notes) > len(kept) or not any(name == part.name for _, name in tasks)


def test_like_varies_all_of_a_take_and_goes_by_its_plan() -> None:
    asked = LoopPlan(
        4, 96.0, Meter(), Key(0), (), 3, "funk", energy=4,
        wishes=(Wish("Density", "All", 9), Wish("Velocity", "keys", 60)),
    )  # fmt: skip
    clip = replace(given(), plan=asked)
    ask = LoopAsk.read([("like", 12), ("velocity", 80), ("takes", 2)])
    plans = plans_of(ask, Song(), given=(clip,))
    assert len({plan.seed for plan in plans}) == 2
    assert grid(plans[0]) == "drums vvvv, bass vvvv, keys vvvv"
    assert {task.vary for task in plans[0].tasks or ()} == {0.5}
    assert (plans[0].genre, plans[0].energy) == ("funk", 4)
    assert set(plans[0].wishes) == {Wish("Density", "All", 9), Wish("Velocity", "All", 80)}
    edit = plan_of(LoopAsk.read([("take", 12), ("add", "lead")]), Song(), given=(clip,))
    assert (edit.wishes, edit.genre) == ((), "funk")


def test_an_energy_that_is_said_of_a_clip_chooses_its_fields() -> None:
    wishes = {wish.field for wish in planned("refill bass|energy 5").wishes}
    assert wishes == {"Density", "Velocity", "Register"}


def test_between_draws_from_both_and_varies_a_little() -> None:
    low, high = given("drums,bass,keys", pitch=40), given("bass,keys,lead", pitch=62, tonic=2)
    ask = LoopAsk.read([("between", "12,15"), ("takes", 4), ("seed", 1)])
    plans = plans_of(ask, Song(), given=(low, high))
    assert len({str(plan.base) for plan in plans}) > 1
    for plan in plans:
        assert grid(plan) == "drums vvvv, bass vvvv, keys vvvv, lead vvvv"
        assert {task.vary for task in plan.tasks or ()} == {0.25}
        pitches = {
            note.pitch
            for part in plan.base
            for note in part.notes[:]
            if part.name in ("bass", "keys")
        }
        assert pitches == {40, 60}
        assert all(len(part.notes) == 4 for part in plan.base)
    assert plan_of(ask, Song(), given=(low, high)).base == plans[0].base


def test_between_takes_of_other_lengths_leaves_no_hole() -> None:
    for seed in range(20):
        found = crossed(given(bars=8), given(bars=3, pitch=50), seed)
        assert all(len(part.notes) == 8 for part in found.clip.parts)
        found = crossed(given(bars=3), given(bars=8, pitch=50), seed)
        assert all(len(part.notes) == 3 for part in found.clip.parts)


def test_an_extension_follows_a_form() -> None:
    plan = planned("bars 16")
    assert len(plan.sections) == 16
    tasks = {(task.bar, task.part): task for task in plan.tasks or ()}
    assert min(bar for bar, _ in tasks) == 4
    assert tasks[4, "bass"].like == 0
    assert tasks[8, "bass"].like is None
    assert plan.is_loop
    assert not planned("bars 16|form A A' B A'").is_loop
    assert planned("bars 16|form A A' B A'|loop on").is_loop


def test_a_new_part_follows_the_form_over_the_bars_that_are_there() -> None:
    tasks = {(t.bar, t.part): t for t in planned("bars 16|add lead|refill bass:2").tasks or ()}
    assert tasks[0, "lead"].like is None
    assert tasks[4, "lead"].like == 0
    assert tasks[1, "bass"].vary == 1.0


def test_a_part_that_is_shifted_is_cut_at_the_clips_edges() -> None:
    later = planned("shift bass=+2").base[1].notes
    assert [note.start for note in later] == [8.01, 12.01]
    assert [round(note.end, 6) for note in later] == [11.51, 15.51]
    earlier = planned("shift bass=-1").base[1].notes
    assert [round(note.start, 6) for note in earlier] == [0.01, 4.01, 8.01]


def test_what_lies_behind_a_shorter_clip_is_heard_and_cut() -> None:
    base = planned("bars 2|refill bass:2", given(bars=8)).base
    assert [note.start for note in base[0].notes] == [0, 4, 8, 12, 16, 20]


def test_a_continuation_hears_the_last_four_bars() -> None:
    plan = planned("continues on", given(bars=6))
    assert (plan.bars, plan.is_loop) == (4, False)
    assert [note.start for note in plan.base[0].notes] == [-16, -12, -8, -4]


def test_a_preset_plays_to_a_clip_of_which_nothing_is_said() -> None:
    def asked(*said: tuple[str, object]) -> LoopPlan:
        pairs: list[tuple[str, object]] = [("preset", "deep-house"), *said]
        ask = replace(LoopAsk.read([("take", 1), *pairs]), take=None, context=Path("in.mid"))
        return plan_of(ask, Song(), preset("deep-house"), given=(given("lead"),))

    assert grid(asked()) == "lead ...., drums xxxx, bass xxxx, keys xxxx, pad xxxx"
    assert grid(asked(("refill", "lead:2"))) == "lead .x.."


REFUSED = [
    ("genre funk", "there is nothing to write to take 12: name parts to add, cells to refill, how"),
    ("parts drums,bass", "there is nothing to write to take 12"),
    ("vary 0", "there is nothing to write to take 12"),
    ("bars 2", "there is nothing to write to take 12"),
    ("keep drums,bass,keys", "there is nothing to write to take 12"),
    ("refill lead", "refill must be of the clip's parts drums, bass, keys, not lead"),
    ("refill bass:5", "refill must lie in bars 1..4 of the clip, not in bass:5"),
    ("keep bass:5|bars 8", "keep must lie in bars 1..4 of the clip, not in bass:5"),
    ("keep bass:5|lock rhythm", "keep must lie in bars 1..4 of the clip, not in bass:5"),
    ("refill bass:5|lock rhythm", "refill must lie in bars 1..4 of the clip, not in bass:5"),
    ("keep drums|refill drums:2,bass", "refill must leave out what keep names, not hold drums:2"),
    ("remove lead", "remove must name parts of take 12, drums, bass, keys, not lead"),
    ("remove drums,bass,keys", "parts must be 1..10 together, not 0 of take 12 and 0 new ones"),
    (
        "add pad,pad,pad,pad,lead,lead,lead,lead",
        "parts must be 1..10 together, not 3 of take 12 and 8 new ones",
    ),
    ("shift lead=+1", "shift must be of the clip's parts drums, bass, keys, not of lead"),
    ("shift bass=+4", "shift of bass must leave it in the clip, by -3..3 bars, not +4"),
    ("chords C F G C C", "chords must fill 1..4 bars, as the clip does, not 5"),
    ("time_feel half|refill bass:3", "cells must go by two bars in half time, as bass:3-4 does"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_makes_no_sense_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(AskError) as refused:
        planned(text)
    assert str(refused.value).startswith(words)


def test_takes_in_two_meters_have_nothing_between_them() -> None:
    waltz = replace(given(), clip=replace(given().clip, meter=Meter(3, 4)), name="take 15")
    words = r"^between must be takes of one meter, not 4/4 \(take 12\) and 3/4 \(take 15\)$"
    with pytest.raises(AskError, match=words):
        plan_of(LoopAsk.read([("between", "12,15")]), Song(), given=(given(), waltz))
