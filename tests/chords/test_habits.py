"""The habits of a foreign proposer: probabilities, and where they are kept."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.proposal_statistics import FORM, Habits, _said

USUAL = read_chords("C G A:min F")
SEEN = [(USUAL, 0, "maj")] * 30 + [(read_chords("D A B:min G"), 2, "maj")] * 10


@pytest.fixture
def habits() -> Habits:
    return Habits.counted("model@00112233", SEEN)


def test_what_is_often_written_is_likely_in_every_key(habits: Habits) -> None:
    usual = habits.log(USUAL, 0, "maj")
    assert usual == pytest.approx(habits.log(read_chords("E B C#:min A"), 4, "maj"))
    assert usual > habits.log(read_chords("C F# A:min F"), 0, "maj") + 3
    assert math.isfinite(habits.log(read_chords("C:13(b9)/b6 N"), 7, "loc"))


@pytest.mark.parametrize("temperature", [1.0, 1.7])
@pytest.mark.parametrize("own", [{}, {"0": 3, "5": 1}])
def test_the_chances_of_each_part_sum_to_one(
    habits: Habits, own: dict[str, int], temperature: float
) -> None:
    parts = set()
    for said in _said(USUAL, 0, "maj"):
        parts.add(said.part)
        chances = habits._chances(said, own, temperature)
        assert sum(chances) == pytest.approx(1)
        assert min(chances) > 0
        assert int(said.value) < len(chances)
    assert parts == {"root", "content", "bass", "when"}


def test_what_stood_before_tells_the_next(habits: Habits) -> None:
    swapped = [(0, "C G A:min F"), (0, "C A:min G F")]
    usual, other = (habits.log(read_chords(text), tonic, "maj") for tonic, text in swapped)
    assert usual > other


def test_a_proposal_counts_as_written_too(habits: Habits) -> None:
    """What dwells on one odd chord is not odd four times over."""
    odd_once = habits.log(read_chords("C F#:aug A:min F"), 0, "maj")
    odd_twice = habits.log(read_chords("C F#:aug A:min F#:aug"), 0, "maj")
    usual = habits.log(USUAL, 0, "maj")
    assert usual > odd_once > odd_twice
    assert odd_once - odd_twice < usual - odd_once


def test_habits_of_one_mode_are_not_those_of_another() -> None:
    minor = (read_chords("C:min F:min G:min C:min"), 0, "min")
    habits = Habits.counted("model@00112233", SEEN + [minor] * 40)
    bars = read_chords("C:min Eb:min")
    assert habits.log(bars, 0, "min") > habits.log(bars, 0, "maj")


def test_a_higher_temperature_evens_out(habits: Habits) -> None:
    rare = read_chords("C Eb:aug F#:7 B")
    gap = habits.log(USUAL, 0, "maj") - habits.log(rare, 0, "maj")
    assert habits.log(USUAL, 0, "maj", 3.0) - habits.log(rare, 0, "maj", 3.0) < gap


def test_habits_are_kept(habits: Habits, tmp_path: Path) -> None:
    file = tmp_path / "proposers" / "model@00112233.json"
    habits.m["1.7"] = 4.5
    habits.write(file)
    assert Habits.read(file) == habits
    kept = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(kept | {"form": FORM - 1}))
    assert Habits.read(file) is None
    del kept["form"]
    file.write_text(json.dumps(kept))
    assert Habits.read(file) is None
    file.write_text("{}")
    assert Habits.read(file) is None
    assert Habits.read(tmp_path / "none.json") is None
