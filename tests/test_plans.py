"""Plans: the ask first, then what the song was told, then the preset, then the defaults."""

from __future__ import annotations

import pytest

from bandmate.asks import LoopAsk, parse_parts
from bandmate.errors import AskError
from bandmate.loops.controls import LoopPlan
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans import SEEDS, plan_from_json, plan_of, plan_to_json, plans_of
from bandmate.presets import Preset
from bandmate.song import Song, Songs

SOFT = Preset(
    "soft",
    "A soft one.",
    parse_parts("keys,strings"),
    tempo=(60, 80),
    mode="lyd",
    meter=Meter(3, 4),
    genre="ballad",
    section="intro",
    energy=1,
    density=4.0,
    temperature=0.8,
)


def told(*pairs: tuple[str, object]) -> Song:
    return Songs().set("daw", pairs)


def spans(plan: LoopPlan) -> list[tuple[float, float, str]]:
    return [(span.start, span.end, str(span.chord)) for span in plan.chords]


def test_nothing_said_gives_four_plain_bars() -> None:
    plan = plan_of(LoopAsk(), Song(), seed=7)
    assert (plan.bars, plan.tempo, plan.meter) == (4, 120.0, Meter(4, 4))
    assert plan.key == Key(0, "maj")
    assert plan.parts == parse_parts("drums,bass,keys")
    assert (plan.seed, plan.temperature, plan.top_k, plan.top_p) == (7, 1.0, 0, 0.98)
    assert plan.in_key
    assert (plan.genre, plan.section, plan.energy, plan.density) == (None, None, None, None)


def test_a_preset_says_what_nobody_else_did() -> None:
    plan = plan_of(LoopAsk(), Song(), SOFT, 7)
    assert (plan.tempo, plan.key, plan.meter) == (70.0, Key(0, "lyd"), Meter(3, 4))
    assert (plan.parts, plan.genre, plan.section) == (SOFT.parts, "ballad", "intro")
    assert (plan.energy, plan.density, plan.temperature) == (1, 4.0, 0.8)


def test_what_the_song_was_told_comes_before_a_preset() -> None:
    song = told(("tempo", 100), ("key", "A:min"), ("meter", "4/4"))
    plan = plan_of(LoopAsk(), song, SOFT, 7)
    assert (plan.tempo, plan.key, plan.meter) == (100.0, Key(9, "min"), Meter(4, 4))
    assert plan.genre == "ballad"


def test_the_ask_comes_before_everything() -> None:
    said: list[tuple[str, object]] = [
        *[("tempo", 90), ("key", "E:maj"), ("meter", "6/8"), ("parts", "lead"), ("genre", "ska")],
        *[("section", "outro"), ("energy", 5), ("density", 9), ("temperature", 1.5)],
        *[("bars", 2), ("seed", 0), ("top_k", 5), ("top_p", 0.5), ("in_key", "off")],
        ("chords", "E"),
    ]
    song = told(("tempo", 100), ("key", "A:min"), ("meter", "4/4"), ("chords", "F"))
    plan = plan_of(LoopAsk.read(said), song, SOFT, 7)
    assert (plan.tempo, plan.key, plan.meter) == (90.0, Key(4, "maj"), Meter(6, 8))
    assert (plan.parts, plan.genre, plan.section) == (parse_parts("lead"), "ska", "outro")
    assert (plan.energy, plan.density, plan.temperature) == (5, 9.0, 1.5)
    assert (plan.bars, plan.seed, plan.top_k, plan.top_p) == (2, 0, 5, 0.5)
    assert not plan.in_key
    assert spans(plan) == [(0, 3, "E:maj"), (3, 6, "E:maj")]


def test_a_tempo_within_the_presets_range_stays() -> None:
    assert plan_of(LoopAsk(), Song(tempo=64.0), SOFT, 7).tempo == 64.0


def test_the_chords_asked_for_say_how_many_bars() -> None:
    plan = plan_of(LoopAsk.read([("chords", "C F G C F G")]), Song(), seed=7)
    assert plan.bars == 6


def test_the_songs_chords_are_repeated_and_cut() -> None:
    song = told(("chords", "C F,G A:min"))
    assert spans(plan_of(LoopAsk(), song, seed=7)) == [
        (0, 4, "C:maj"),
        (4, 6, "F:maj"),
        (6, 8, "G:maj"),
        (8, 12, "A:min"),
        (12, 16, "C:maj"),
    ]
    assert spans(plan_of(LoopAsk(bars=1), song, seed=7)) == [(0, 4, "C:maj")]
    waltz = plan_of(LoopAsk(bars=2, meter=Meter(3, 4)), song, seed=7)
    assert spans(waltz) == [(0, 3, "C:maj"), (3, 4.5, "F:maj"), (4.5, 6, "G:maj")]


def test_a_song_in_a_meter_that_the_model_cannot_write_is_told_so() -> None:
    with pytest.raises(AskError, match=r"meter must be over 2, 4 or 8 .* not 15/16"):
        plan_of(LoopAsk(), told(("meter", "15/16")))


def test_takes_have_seeds_that_follow_each_other() -> None:
    plans = plans_of(LoopAsk(seed=SEEDS - 1, takes=3), Song())
    assert [plan.seed for plan in plans] == [SEEDS - 1, 0, 1]


def test_an_ask_without_a_seed_gets_one_of_its_own() -> None:
    seeds = {plan_of(LoopAsk(), Song()).seed for _ in range(8)}
    assert len(seeds) > 1
    assert all(0 <= seed < SEEDS for seed in seeds)


def test_a_plan_comes_back_from_its_json() -> None:
    said = [("chords", "A:min7/b3 N,G:7"), ("key", "F#:hmin"), ("meter", "7/8"), ("tempo", 96.1)]
    plan = plan_of(LoopAsk.read(said), Song(), SOFT)
    assert plan_from_json(plan_to_json(plan)) == plan
