"""Registers come after the fact: parts move apart or together by octaves, strays are folded."""

from __future__ import annotations

from bandmate.loops.performance.heights import Placed, heighten
from bandmate.loops.plan import CellTask, LoopPlan, PlannedPart, Wish
from bandmate.music.clip import Note, Part
from loops.plans import band_plan

PROGRAMS = {"lead": 81, "bass": 33, "keys": 0}


def heightened(*wishes: Wish, kept: str = "", **pitches: list[int]) -> dict[str, list[int]]:
    """Return the pitches of each part, struck one after the other, after the correction."""
    parts = tuple(PlannedPart(name, PROGRAMS[name]) for name in pitches)
    plan: LoopPlan = band_plan(bars=4, parts=parts, wishes=wishes)
    placed = [
        Placed(
            Note(i / 2, pitch, 0.5, 80),
            Part(name, PROGRAMS[name]),
            0,
            None if name == kept else CellTask(0, name),
        )
        for name, line in pitches.items()
        for i, pitch in enumerate(line)
    ]
    heighten(plan, placed)
    return {n: [one.note.pitch for one in placed if one.part.name == n] for n in pitches}


def test_a_wide_register_moves_the_parts_apart() -> None:
    heard = heightened(Wish("Register", "All", 48), bass=[48, 50], lead=[72, 74])
    assert heard == {"bass": [36, 38], "lead": [84, 86]}


def test_a_narrow_register_brings_them_together() -> None:
    heard = heightened(Wish("Register", "All", 14), bass=[36, 38], lead=[84, 86])
    assert max(heard["lead"]) - min(heard["bass"]) <= 16
    assert [p % 12 for p in heard["lead"]] == [0, 2]


def test_what_is_kept_stays_and_counts() -> None:
    heard = heightened(Wish("Register", "All", 26), kept="bass", bass=[36, 38], lead=[84, 86])
    assert heard == {"bass": [36, 38], "lead": [60, 62]}


def test_a_register_and_a_pitch_are_weighed_together() -> None:
    wishes = Wish("Register", "All", 38), Wish("Pitch", "All", 55)
    heard = heightened(*wishes, bass=[48, 50], lead=[72, 74])
    assert heard == {"bass": [36, 38], "lead": [72, 74]}


def test_strays_are_folded_into_the_register_of_their_part() -> None:
    line = [60, 62, 64, 62, 60, 64, 62, 86]
    heard = heightened(Wish("Register", "lead", 7), lead=line, bass=[36, 38])
    assert heard == {"lead": [60, 62, 64, 62, 60, 64, 62, 62], "bass": [36, 38]}


def test_a_melody_that_is_wide_all_over_is_left_alone() -> None:
    line = [48, 60, 72, 84, 48, 60, 72, 84]
    assert heightened(Wish("Register", "lead", 5), lead=line)["lead"] == line


def test_without_a_wish_nothing_moves() -> None:
    assert heightened(bass=[48], lead=[90]) == {"bass": [48], "lead": [90]}
