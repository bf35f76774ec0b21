"""Presets: what is shipped makes sense and sounds different; what is written wrong is told."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from bandmate.asks.loop import LoopAsk
from bandmate.asks.presets import PRESET_FIELDS, Preset, preset, presets
from bandmate.asks.scoped import Shape
from bandmate.asks.song import Song
from bandmate.errors import AskError, FileError
from bandmate.paths import shipped
from bandmate.plans.loop import plan_of

SHIPPED = presets()


def test_there_are_enough() -> None:
    assert len(SHIPPED) >= 10
    assert [one.name for one in SHIPPED] == sorted(one.name for one in SHIPPED)


@pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.name)
def test_each_says_what_a_musician_wants_to_know(one: Preset) -> None:
    assert one.words.endswith(".")
    assert None not in (one.genre, one.tempo, one.density)
    text = shipped("presets", f"{one.name}.yaml").read_text("utf-8")
    assert text.startswith("# ")
    plan = plan_of(LoopAsk(), Song(), one, 7)
    low, high = one.tempo or (0, 0)
    assert low <= plan.tempo <= high
    assert (plan.parts, plan.genre) == (one.parts, one.genre)


@pytest.mark.parametrize(("one", "other"), list(combinations(SHIPPED, 2)))
def test_no_two_sound_alike(one: Preset, other: Preset) -> None:
    def sound(of: Preset) -> set[int]:
        return {128 if part.name.startswith("drums") else part.program for part in of.parts}

    assert one.genre != other.genre
    assert sound(one) != sound(other)


def test_a_preset_is_found_by_its_name_and_another_offers_the_nearest() -> None:
    assert preset("Deep-House").name == "deep-house"
    with pytest.raises(AskError, match=r"preset must be one such as deep-house.*, not 'deephouse'"):
        preset("deephouse")


def test_the_vocabulary_beside_them_is_no_preset(tmp_path: Path) -> None:
    assert shipped("presets", "keywords.yaml").is_file()
    with pytest.raises(AskError, match=r"preset must be one such as .*, not 'keywords'"):
        preset("keywords")
    (tmp_path / "keywords.yaml").write_text("mood: {}\n")
    with pytest.raises(FileError, match=r"there are no presets in"):
        presets(tmp_path)


GOOD = "words: A test.\nparts: drums,bass:38\n"
WRONG = [
    ("words: A test.\n", "a preset must say its parts"),
    ("{}", "a preset must say its words and parts"),
    (GOOD + "genre: fnk\n", "genre must be one such as funk"),
    (GOOD + "tempo: 120\n", r"tempo must be \[low, high\] within 20..400, not 120"),
    (GOOD + "tempo: [120, 90]\n", r"tempo must be \[low, high\] within 20..400, not \[120, 90\]"),
    (GOOD + "tempo: [10, 90]\n", "tempo must be in 20..400, not 10"),
    (GOOD + "mode: mayor\n", "mode must be one such as maj"),
    (GOOD + "meter: 15/16\n", "meter must be over 2, 4 or 8"),
    (GOOD + "energy: 6\n", "energy must be in 1..5, not 6"),
    (GOOD + "velocity: bas=6\n", "velocity must be of a part such as bass"),
    (GOOD + "feel: much\n", "feel must be in 0..1, not 'much'"),
    (GOOD + "take: 3\n", "a preset has nothing called 'take', try "),
    (GOOD + "seed: 7\n", "a preset has nothing called 'seed', try "),
    (GOOD + "1: 7\n", "a preset has nothing called 1, try "),
    ("words: A test.\nparts: drms\n", "parts must be roles such as drums"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_mistake_names_its_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(AskError, match=rf"^mine\.yaml: {words}"):
        preset("mine", tmp_path)


def test_every_field_is_read(tmp_path: Path) -> None:
    text = GOOD + "tempo: [90, 110]\nmode: dor\nmeter: 6/8\ngenre: Funk\nsection: verse\n"
    text += "energy: 2\ndensity: 9.5\ntemperature: 1.2\npitch: bass=40\nregister: 30\n"
    text += "velocity: 80,bass=90\nduration: 1\npolyphony: 2\nswing: 0.5\nfeel: 0\n"
    text += "curve: velocity=60,100\nkeywords: dark\nstrictness: 1\ntime_feel: half\nform: A B\n"
    (tmp_path / "mine.yaml").write_text(text)
    mine = preset("mine", tmp_path)
    assert all(getattr(mine, field.name) is not None for field in PRESET_FIELDS)
    assert (mine.tempo, mine.mode, str(mine.meter)) == ((90.0, 110.0), "dor", "6/8")
    assert (mine.genre, mine.section, mine.energy) == ("funk", "verse", 2)
    assert (mine.density, mine.velocity) == (Shape(9.5), Shape(80.0, (("bass", 90.0),)))
    assert (mine.curve, mine.strictness, mine.feel) == ((("velocity", (60.0, 100.0)),), 1.0, 0.0)


def test_a_folder_without_presets_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"there are no presets in"):
        presets(tmp_path)
