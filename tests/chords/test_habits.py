"""The habits of a foreign proposer: probabilities, and where they are kept."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bandmate.asks import read_chords
from bandmate.chords.habits import Habits, _tempered
from bandmate.chords.vocabulary import CONTENTS

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
def test_the_chances_of_all_chords_sum_to_one(habits: Habits, temperature: float) -> None:
    contexts = ("maj", "maj|maj start", "maj|maj start|maj start")
    names = [f"{r} {c} {b}" for r in range(13) for c in range(len(CONTENTS)) for b in range(12)]
    logs = [habits._log_chord(contexts, name, temperature) for name in names]
    assert sum(map(math.exp, logs)) == pytest.approx(1, abs=1e-6)
    whens = sum(math.exp(_tempered({"3": 5, "9": 2}, str(w), 50, temperature)) for w in range(50))
    assert whens == pytest.approx(1)


def test_a_higher_temperature_evens_out(habits: Habits) -> None:
    rare = read_chords("C Eb:aug F#:7 B")
    gap = habits.log(USUAL, 0, "maj") - habits.log(rare, 0, "maj")
    assert habits.log(USUAL, 0, "maj", 3.0) - habits.log(rare, 0, "maj", 3.0) < gap


def test_habits_are_kept(habits: Habits, tmp_path: Path) -> None:
    file = tmp_path / "proposers" / "model@00112233.json"
    habits.m["1.7"] = 4.5
    habits.write(file)
    assert Habits.read(file) == habits
    file.write_text("{}")
    assert Habits.read(file) is None
    assert Habits.read(tmp_path / "none.json") is None
