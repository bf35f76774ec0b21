"""Energy and mood: more energy asks for more, and a darker mood lies lower."""

from __future__ import annotations

import pytest

from bandmate.asks.notation import parse_parts
from bandmate.asks.scoped import SHAPED
from bandmate.loops.model.measured import energy_of
from bandmate.loops.plan import LoopPlan
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.energy import energy_of_mood, wished_by_energy, wished_by_mood

BANDS = ["lead", "bass,keys", "drums,bass,keys", "drums,bass,keys,lead", "drums,bass,keys,pad,lead",
         "drums,bass,keys,guitar,pad,lead,strings,brass,reed,choir", "drums"]  # fmt: skip


def plan(parts: str, meter: str = "4/4", tempo: float = 120.0) -> LoopPlan:
    return LoopPlan(4, tempo, Meter.parse(meter), Key(0), parse_parts(parts), seed=1)


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("meter", ["4/4", "3/4", "6/8", "2/8", "7/4"])
def test_more_energy_asks_for_more_of_everything(band: str, meter: str) -> None:
    rows = [wished_by_energy(energy, plan(band, meter)) for energy in range(1, 6)]
    for name in rows[0]:
        values = [row[name] for row in rows]
        assert values == sorted(values)
        assert values[0] < values[4]
        assert all(SHAPED[name.lower()].read(name, value) for value in values)
    assert ("Register" in rows[0]) == (band != "drums")


@pytest.mark.parametrize("tempo", [60, 96, 120, 140, 180])
@pytest.mark.parametrize("band", ["keys,lead", "drums,bass,keys", "drums,bass,keys,pad,lead"])
def test_what_an_energy_asks_for_is_heard_as_about_that_energy(band: str, tempo: float) -> None:
    for energy in range(1, 6):
        wishes = wished_by_energy(energy, plan(band, tempo=tempo))
        heard = energy_of(wishes["Density"], wishes["Velocity"], 4, tempo)
        assert abs(heard - energy) <= 1
        assert heard == energy or tempo != 120 or band != "drums,bass,keys"


def test_a_darker_mood_lies_lower() -> None:
    parts = parse_parts("drums,bass,lead")
    dark, bright = wished_by_mood(-1, parts)["Pitch"], wished_by_mood(1, parts)["Pitch"]
    assert bright - dark == 12
    assert (dark + bright) / 2 == 58
    assert wished_by_mood(-1, parse_parts("drums")) == {}


def test_the_energy_of_a_mood_goes_from_one_to_five() -> None:
    assert [energy_of_mood(e) for e in (-1, -0.5, 0, 0.5, 1)] == [1, 2, 3, 4, 5]
