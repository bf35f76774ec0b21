"""Every token knows its part, bar and step."""

from __future__ import annotations

from bandmate.loops import vocabulary as v
from bandmate.loops.whereabouts import BARS, NOWHERE, PARTS, STEPS, places_of

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
    assert places_of(v.IDS[name] for name, _ in told) == [place for _, place in told]


def test_more_chords_than_slots_stay_on_the_last() -> None:
    ids = [v.IDS[n] for n in ("Meter_3/4", "Slots_0", "Hold_0", "Hold_0", "Hold_0", "Hold_0")]
    assert [place[2] for place in places_of(ids)[2:]] == [STEPS, STEPS + 12, STEPS + 24, STEPS + 24]
