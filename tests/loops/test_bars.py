"""Bars that add up to a clip: what was kept comes through, what was written makes room."""

from __future__ import annotations

import pytest

from bandmate.loops.bars import Bar, bar_of, clip_of
from bandmate.loops.plan import CellTask, PlannedPart
from bandmate.music.clip import Note, Part
from loops.plans import band_plan

KEYS = (PlannedPart("keys", 4),)


def notes_of(tasks: tuple[CellTask, ...] | None, *bars: tuple[Note, ...]) -> tuple[Note, ...]:
    plan = band_plan(bars=len(bars), parts=KEYS, tasks=tasks)
    found = [Bar(i, (Part("keys", 4, notes),)) for i, notes in enumerate(bars)]
    return clip_of(plan, found).parts[0].notes


def test_a_note_ends_where_its_pitch_sounds_anew_or_the_clip_ends() -> None:
    first, second = (Note(0, 60, 6, 80), Note(1, 64, 1, 80)), (Note(4, 60, 9, 80),)
    assert notes_of(None, first, second) == (
        Note(0, 60, 4, 80),
        Note(1, 64, 1, 80),
        Note(4, 60, 4, 80),
    )


def test_kept_notes_stay_and_written_ones_give_way() -> None:
    kept = (Note(0.013, 60, 5.2, 81), Note(0.013, 60, 1.0, 70))
    written = (Note(4, 60, 1, 80), Note(4, 67, 1, 80), Note(6, 60, 1, 80))
    found = notes_of((CellTask(1, "keys"),), kept, written)
    assert found == (*sorted(kept), Note(4, 67, 1, 80), Note(6, 60, 1, 80))


def test_a_written_note_ends_where_a_kept_one_begins() -> None:
    kept = (Note(5, 60, 1, 80),)
    assert notes_of((CellTask(0, "keys"),), (Note(3, 60, 4, 80),), kept) == (
        Note(3, 60, 2, 80),
        *kept,
    )


@pytest.mark.parametrize(
    ("start", "bar"),
    [(0.0, 0), (3.98, 1), (3.9, 0), (4.0, 1), (7.99, 1), (8.0, 2), (-0.01, -1), (-4.0, -1)],
)
def test_a_note_played_early_belongs_to_the_bar_that_it_is_early_for(
    start: float, bar: int
) -> None:
    assert bar_of(start, 4.0, 2) == bar
