"""What the plan says of a place is told where it holds, and nowhere else."""

from __future__ import annotations

from bandmate.loops import told
from bandmate.loops import vocabulary as v
from bandmate.loops.controls import FIELDS
from bandmate.loops.told import BASS, CLASS, ENERGY, FIELD, ROOT
from bandmate.loops.whereabouts import places_of

PLAN = """Begin_0 Meter_4/4 Energy_4 DensityAll_9 Part_bass Program_33 PitchPart_5 Part_keys
Slots_0 Root_9 Quality_min Hold_0 Root_7 Quality_7 Bass_11 Hold_0
Slots_1 DensityBar_3 Hold_0 NoChord_0 Hold_0 Hold_0 Write_0"""


def columns(music: str, plan: str = PLAN) -> tuple[int, ...]:
    """Return what is told with the last token of a sequence."""
    ids = [v.IDS[name] for name in f"{plan} {music}".split()]
    return places_of(ids)[-1][-told.COLUMNS :]


def chord(music: str) -> set[int]:
    return set(columns(music)[:8]) - {0}


def wishes(music: str) -> set[int]:
    return set(columns(music)[8:]) - {0}


def row(field: str, scope: str, place: int) -> int:
    return FIELD + (FIELDS.index(field) * 3 + v.SCOPES.index(scope)) * v.BINS + place


A_MINOR = {ROOT + 9, BASS + 9, CLASS + 9, CLASS + 0, CLASS + 4}
G7_OVER_B = {ROOT + 7, BASS + 11, CLASS + 7, CLASS + 11, CLASS + 2, CLASS + 5}


def test_the_chord_of_the_place() -> None:
    assert chord("Bar_0 Cell_bass") == A_MINOR
    assert chord("Bar_0 Cell_bass On_0.5") == A_MINOR
    assert chord("Bar_0 Cell_bass On_23.5 Pitch_40") == A_MINOR
    assert chord("Bar_0 Cell_bass On_24.5") == G7_OVER_B
    assert chord("Bar_1 Cell_bass") == G7_OVER_B, "held over the bar line"
    assert chord("Bar_1 Cell_bass On_12.5") == set()


def test_wishes_for_the_clip_the_part_and_the_bar() -> None:
    everywhere = {ENERGY + 3, row("Density", "All", 9)}
    assert wishes("Bar_0 Cell_keys") == everywhere
    assert wishes("Bar_0 Cell_bass On_3.5") == everywhere | {row("Pitch", "Part", 5)}
    assert wishes("Bar_1 Cell_keys") == everywhere | {row("Density", "Bar", 3)}


def test_nothing_is_told_of_the_plan_itself_or_where_it_says_nothing() -> None:
    assert set(columns("")) == {0}
    assert set(columns("Bar_0")) == {0}
    assert set(columns("Bar_0 Cell_bass On_0.5", "Begin_0 Meter_4/4 Part_bass Write_0")) == {0}


def test_every_row_and_column_is_within_the_tables() -> None:
    assert len(columns("Bar_0 Cell_bass")) == told.COLUMNS
    assert row(FIELDS[-1], v.SCOPES[-1], v.BINS - 1) == told.ROWS - 1
