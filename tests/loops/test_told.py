"""What the plan says of a place is told where it holds, and nowhere else."""

from __future__ import annotations

from bandmate.loops.model import conditioning
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.conditioning import (
    BASS,
    CLASS,
    DISTANCE,
    ENERGY,
    FIELD,
    GENRE,
    HIGH,
    LOW,
    MODE,
    NEXT_BASS,
    NEXT_CLASS,
    NEXT_ROOT,
    ROOT,
    SECTION,
)
from bandmate.loops.model.positions import places_of
from bandmate.loops.plan import FIELDS
from bandmate.music.key import MODES

PLAN = """Begin_0 Meter_4/4 Energy_4 DensityAll_9 Part_bass Program_33 PitchPart_5 Part_keys
Slots_0 Root_9 Quality_min Hold_0 Root_7 Quality_7 Bass_11 Hold_0
Slots_1 DensityBar_3 Hold_0 NoChord_0 Hold_0 Hold_0 Write_0"""


def columns(music: str, plan: str = PLAN) -> tuple[int, ...]:
    """Return what is told with the last token of a sequence."""
    ids = [v.IDS[name] for name in f"{plan} {music}".split()]
    return places_of(ids)[-1][-conditioning.COLUMNS :]


def chord(music: str) -> set[int]:
    return set(columns(music)[:8]) - {0}


def wishes(music: str) -> set[int]:
    return set(columns(music)[8 : 9 + 3 * len(FIELDS)]) - {0}


def ahead(music: str, plan: str = PLAN) -> set[int]:
    """Return the next chord, and how many half beats it is away."""
    return {columns(music, plan)[column] for column in conditioning.AHEAD_COLUMNS} - {0}


def coming(chord: set[int], half_beats: int) -> set[int]:
    return {row + NEXT_ROOT - ROOT for row in chord} | {DISTANCE + half_beats - 1}


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


def test_the_next_chord_and_how_far_it_is() -> None:
    assert NEXT_BASS - NEXT_ROOT == BASS - ROOT
    assert NEXT_CLASS - NEXT_ROOT == CLASS - ROOT
    assert ahead("Bar_0 Cell_bass On_0.5") == coming(G7_OVER_B, 4)
    assert ahead("Bar_0 Cell_bass On_12.5 Pitch_40") == coming(G7_OVER_B, 2)
    assert ahead("Bar_0 Cell_bass On_23.5") == coming(G7_OVER_B, 1)
    assert ahead("Bar_0 Cell_bass On_24.5") == {DISTANCE + 5}, "no chord, three beats on"
    assert ahead("Bar_1 Cell_bass On_12.5") == set(), "nothing follows"


def test_a_chord_that_is_said_again_is_no_change() -> None:
    plan = "Begin_0 Meter_3/4 Slots_0 Root_0 Quality_maj Slots_1 Root_0 Quality_maj Write_0"
    assert ahead("Bar_0 Cell_bass On_0.5", plan) == set()


def test_a_long_way_to_the_next_chord_is_sixteen_half_beats_or_more() -> None:
    bars = " ".join(f"Slots_{bar} Hold_0 Hold_0 Hold_0 Hold_0" for bar in range(1, 3))
    plan = f"Begin_0 Meter_4/4 Slots_0 Root_0 Quality_maj {bars} Slots_3 Root_7 Quality_maj Write_0"
    assert DISTANCE + 15 in ahead("Bar_0 Cell_bass", plan)
    assert DISTANCE + 15 in ahead("Bar_1 Cell_bass On_0.5", plan)
    assert DISTANCE + 7 in ahead("Bar_2 Cell_bass On_0.5", plan)


def test_genre_mode_and_section_are_told_everywhere_and_a_register_of_its_part() -> None:
    plan = """Begin_0 Meter_4/4 Mode_min Genre_pop Section_chorus
    Part_bass Program_33 Low_4 High_7 Part_keys Write_0"""
    clip = {MODE + list(MODES).index("min"), GENRE, SECTION + 3}
    style = conditioning.STYLE_COLUMNS + conditioning.REGISTER_COLUMNS
    bass = columns("Bar_0 Cell_bass On_0.5", plan)
    assert {bass[column] for column in style} == clip | {LOW + 4, HIGH + 7}
    assert {columns("Bar_0 Cell_keys", plan)[column] for column in style} - {0} == clip


def test_nothing_is_told_of_the_plan_itself_or_where_it_says_nothing() -> None:
    assert set(columns("")) == {0}
    assert set(columns("Bar_0")) == {0}
    assert set(columns("Bar_0 Cell_bass On_0.5", "Begin_0 Meter_4/4 Part_bass Write_0")) == {0}


def test_every_row_and_column_is_within_the_tables() -> None:
    assert len(columns("Bar_0 Cell_bass")) == conditioning.COLUMNS
    assert row(FIELDS[-1], v.SCOPES[-1], v.BINS - 1) == NEXT_ROOT - 1
    assert HIGH + v.REGISTER_BINS == conditioning.ROWS
