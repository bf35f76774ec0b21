"""Every token knows its part, bar and step."""

from __future__ import annotations

from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.positions import BARS, NOWHERE, PARTS, STEPS, places_of

DRUMS, BASS = PARTS, PARTS + v.PART_ORDER["bass"]
FIRST = BARS + v.BAR_INDICES.index(0)


def test_a_sequence_from_plan_to_music() -> None:
    told = [
        ("Begin_0", (NOWHERE, NOWHERE, NOWHERE)),
        ("Meter_6/8", (NOWHERE, NOWHERE, NOWHERE)),
        ("Part_bass", (BASS, NOWHERE, NOWHERE)),
        ("Program_33", (BASS, NOWHERE, NOWHERE)),
        ("Slots_0", (NOWHERE, FIRST, NOWHERE)),
        ("Root_9", (NOWHERE, FIRST, STEPS)),
        ("Quality_min", (NOWHERE, FIRST, STEPS)),
        ("Hold_0", (NOWHERE, FIRST, STEPS + 18)),
        ("Write_0", (NOWHERE, NOWHERE, NOWHERE)),
        ("Bar_0", (NOWHERE, FIRST, NOWHERE)),
        ("Cell_drums", (DRUMS, FIRST, NOWHERE)),
        ("On_12.5", (DRUMS, FIRST, STEPS + 12)),
        ("Drum_36", (DRUMS, FIRST, STEPS + 12)),
        ("Cell_bass", (BASS, FIRST, NOWHERE)),
        ("On_3.2", (BASS, FIRST, STEPS + 3)),
        ("Pitch_40", (BASS, FIRST, STEPS + 3)),
        ("Duration_6", (BASS, FIRST, STEPS + 3)),
        ("Bar_1", (NOWHERE, FIRST + 1, NOWHERE)),
    ]
    places = places_of(v.IDS[name] for name, _ in told)
    assert [place[:3] for place in places] == [place for _, place in told]
    assert {copy for place in places for copy in place[3:6]} == {NOWHERE}, "there is no bar to copy"


def test_more_chords_than_slots_stay_on_the_last() -> None:
    ids = [v.IDS[n] for n in ("Meter_3/4", "Slots_0", "Hold_0", "Hold_0", "Hold_0", "Hold_0")]
    assert [place[2] for place in places_of(ids)[2:]] == [STEPS, STEPS + 12, STEPS + 24, STEPS + 24]


BEAT = """Begin_0 Meter_4/4 Write_0 Bar_0 Cell_drums On_0.6 Drum_36 Drum_42 On_6.4 Drum_42
On_12.6 Drum_38 Bar_1 Cell_drums"""


def copies(music: str) -> list[str]:
    """Return what a copyist of one bar ago would write after each token that follows BEAT."""
    ids = [v.IDS[name] for name in f"{BEAT} {music}".split()]
    written = [place[3] for place in places_of(ids)][len(BEAT.split()) - 1 :]
    return [v.NAMES[copy - 1] if copy else "-" for copy in written]


def test_a_copyist_repeats_the_bar_before() -> None:
    beat = "On_0.6 Drum_36 Drum_42 On_6.4 Drum_42 On_12.6 Drum_38"
    assert copies(beat) == [*beat.split(), "End_0"]


def test_a_copyist_finds_the_way_back_after_something_new() -> None:
    assert copies("On_0.2 Drum_36 Drum_42 On_6.4 Drum_46 On_9.4 Drum_42 On_12.6") == [
        "On_0.6", "Drum_36", "Drum_42", "On_6.4", "Drum_42", "On_12.6", "-", "On_12.6", "Drum_38",
    ]  # fmt: skip


def test_what_was_two_and_four_bars_ago_is_told_too() -> None:
    ids = [v.IDS[name] for name in f"{BEAT} Bar_2 Cell_drums Bar_4 Cell_drums".split()]
    one, two, four = places_of(ids)[-3][3:6]
    assert v.NAMES[one - 1] == "End_0", "the bar before was silent"
    assert v.NAMES[two - 1] == "On_0.6"
    assert four == NOWHERE
    one, two, four = places_of(ids)[-1][3:6]
    assert (one, v.NAMES[two - 1], v.NAMES[four - 1]) == (NOWHERE, "End_0", "On_0.6")
