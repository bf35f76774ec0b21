"""Forms: how they are written, and what each bar of them is written after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bandmate.errors import AskError
from bandmate.loops.form import bars_of, formed, read_form
from bandmate.loops.plan import CellTask, LoopPlan
from bandmate.music.clip import Note, Part
from loops.plans import band_plan


def plan_of(text: str, bars: int | None = None, **changes: object) -> LoopPlan:
    form = read_form(text, bars)
    return formed(form, band_plan(bars=bars_of(form), **changes))


def tasks_at(plan: LoopPlan, bar: int) -> dict[str, CellTask]:
    return {task.part: task for task in plan.tasks or () if task.bar == bar}


@pytest.mark.parametrize(
    ("text", "bars", "found"),
    [
        ("A A' B A'", None, [("A", 4), ("A'", 4), ("B", 4), ("A'", 4)]),
        ("A B", 16, [("A", 8), ("B", 8)]),
        ("intro:2 A B:8", 14, [("intro", 2), ("A", 4), ("B", 8)]),
        ("pickup A A’", 9, [("pickup", 1), ("A", 4), ("A'", 4)]),
        ("auto", 8, [("A", 4), ("A'", 4)]),
        ("auto", 12, [("A", 4), ("A'", 4), ("B", 4)]),
        ("auto", 18, [("A", 4), ("A'", 4), ("B", 4), ("A'", 6)]),
        ("AUTO", 3, [("A", 3)]),
    ],
)
def test_forms_are_read(text: str, bars: int | None, found: list[tuple[str, int]]) -> None:
    assert [(section.name, section.bars) for section in read_form(text, bars)] == found


@pytest.mark.parametrize(
    ("text", "bars", "told"),
    [
        ("A x", None, r"form must be 1\.\.24 words such as A, A', B:8, .* not 'x'"),
        ("", None, r"form must be 1\.\.24 words"),
        ("A A'", 9, r"form must fill the clip's 9 bars in sections of whole bars, not A A'"),
        ("A:8", 4, r"form must fill the clip's 4 bars"),
        ("A:40 B:40", None, r"form must fill 1\.\.64 bars, not 80"),
    ],
)
def test_forms_that_make_no_sense_are_told(text: str, bars: int | None, told: str) -> None:
    with pytest.raises(AskError, match=told):
        read_form(text, bars)


@pytest.mark.parametrize("bars", range(1, 65))
def test_auto_fills_every_length(bars: int) -> None:
    assert bars_of(read_form("auto", bars)) == bars


def test_a_section_that_comes_again_is_written_after_its_first_time() -> None:
    plan = plan_of("A A' B A''")
    assert plan.sections == ("verse",) * 8 + ("chorus",) * 4 + ("verse",) * 4
    assert not plan.is_loop
    for bar in (0, 1, 2, 3, 8, 9):
        assert all(task.like is None and task.vary == 1 for task in tasks_at(plan, bar).values())
    assert {task.like for task in tasks_at(plan, 5).values()} == {1}
    assert {task.vary for task in tasks_at(plan, 5).values()} == {0.2}
    assert {task.vary for task in tasks_at(plan, 13).values()} == {0.4}


def test_the_last_bar_of_a_section_leads_on_with_a_fill_the_last_of_all_does_not() -> None:
    plan = plan_of("A A A")
    turn = tasks_at(plan, 7)
    assert (turn["drums"].vary, turn["bass"].vary) == (0.8, 0.5)
    assert {task.vary for task in tasks_at(plan, 11).values()} == {0.0}


def test_an_intro_builds_up_and_an_outro_thins_out() -> None:
    plan = plan_of("intro A outro:2")
    assert set(tasks_at(plan, 0)) == {"keys", "lead"}
    assert set(tasks_at(plan, 2)) == {"drums", "bass", "keys", "lead"}
    assert set(tasks_at(plan, 8)) == {"drums", "bass", "keys", "lead"}
    assert set(tasks_at(plan, 9)) == {"keys", "lead"}


def test_of_a_pickup_only_the_last_pulse_sounds() -> None:
    plan = plan_of("pickup A")
    assert {(task.part, task.start) for task in tasks_at(plan, 0).values()} == {
        ("keys", 3.0),
        ("lead", 3.0),
    }


def test_what_is_there_already_is_kept() -> None:
    base = (Part("bass", 33, (Note(0.0, 40, 1.0, 90), Note(13.5, 43, 1.0, 90))),)
    form = read_form("A A'")
    plan = formed(form, replace(band_plan(bars=8), base=base))
    assert {task.bar for task in plan.tasks or ()} == {4, 5, 6, 7}
    assert {task.like for task in tasks_at(plan, 4).values()} == {0}
