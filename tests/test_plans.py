"""Plans: the ask first, then what the song was told, then the preset, then the defaults."""

from __future__ import annotations

import pytest

from bandmate.asks.loop import LoopAsk
from bandmate.asks.notation import parse_parts
from bandmate.asks.presets import Preset
from bandmate.asks.scoped import Shape
from bandmate.asks.song import Song, Songs
from bandmate.errors import AskError
from bandmate.loops.plan import LoopPlan
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.loop import SEEDS, Theme, plan_of, plans_of

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
    density=Shape(4.0),
    strictness=0.9,
    feel=0.1,
    temperature=0.8,
)


def told(*pairs: tuple[str, object]) -> Song:
    return Songs().set("daw", pairs)


def wishes(plan: LoopPlan) -> dict[str, float]:
    return {f"{wish.field} {wish.subject}": wish.value for wish in plan.wishes}


def spans(plan: LoopPlan) -> list[tuple[float, float, str]]:
    return [(span.start, span.end, str(span.chord)) for span in plan.chords]


def test_nothing_said_gives_four_plain_bars() -> None:
    plan = plan_of(LoopAsk(), Song(), seed=7)
    assert (plan.bars, plan.tempo, plan.meter) == (4, 120.0, Meter(4, 4))
    assert plan.key == Key(0, "maj")
    assert plan.parts == parse_parts("drums,bass,keys")
    assert (plan.seed, plan.temperature, plan.top_k, plan.top_p) == (7, 1.0, 0, 0.98)
    assert plan.in_key
    assert (plan.genre, plan.section, plan.energy, plan.wishes) == (None, None, None, ())
    assert (plan.base, plan.tasks, plan.sections, plan.is_loop) == ((), None, (), True)
    assert (plan.strictness, plan.feel, plan.stretch) == (0.0, 0.5, 1.0)


def test_a_preset_says_what_nobody_else_did() -> None:
    plan = plan_of(LoopAsk(), Song(), SOFT, 7)
    assert (plan.tempo, plan.key, plan.meter) == (70.0, Key(0, "lyd"), Meter(3, 4))
    assert (plan.parts, plan.genre, plan.section) == (SOFT.parts, "ballad", "intro")
    assert (plan.energy, plan.temperature) == (1, 0.8)
    assert (plan.strictness, plan.feel) == (0.9, 0.1)
    assert wishes(plan) == {"Density All": 4, "Velocity All": 66, "Register All": 19}


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
    assert (plan.energy, plan.temperature) == (5, 1.5)
    assert wishes(plan) == {"Density All": 9, "Velocity All": 104, "Register All": 32}
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


CARD = Theme(
    key=Key(5),
    meter=Meter(3, 4),
    tempo=96.5,
    bars=2,
    chords=(
        ChordSpan(0, 3, Chord.parse("F:maj7")),
        ChordSpan(3, 4.5, Chord.parse("D:min")),
        ChordSpan(4.5, 6, Chord.parse("C:7/E")),
    ),
    genre="jazz",
    energy=2,
    section="verse",
)


def test_a_loop_follows_its_card() -> None:
    plan = plan_of(LoopAsk(), told(("key", "A:min"), ("chords", "E")), None, 7, CARD)
    assert (plan.key, plan.meter, plan.tempo, plan.bars) == (Key(5), Meter(3, 4), 96.5, 2)
    assert spans(plan) == [(0, 3, "F:maj7"), (3, 4.5, "D:min"), (4.5, 6, "C:7/3")]
    assert (plan.genre, plan.energy, plan.section) == ("jazz", 2, "verse")
    assert plan_of(LoopAsk(), told(("tempo", 100)), None, 7, CARD).tempo == 100.0


def test_a_card_is_repeated_and_fits_another_meter() -> None:
    ask = LoopAsk.read([("bars", 3), ("meter", "4/4")])
    assert spans(plan_of(ask, Song(), None, 7, CARD)) == [
        (0, 4, "F:maj7"), (4, 6, "D:min"), (6, 8, "C:7/3"), (8, 12, "F:maj7"),
    ]  # fmt: skip


def test_a_card_is_moved_to_the_key_that_is_asked() -> None:
    plan = plan_of(LoopAsk(key=Key(7)), Song(), None, 7, CARD)
    assert plan.key == Key(7)
    assert [label for _, _, label in spans(plan)] == ["G:maj7", "E:min", "D:7/3"]


def test_the_ask_then_the_preset_come_before_a_cards_taste() -> None:
    preset = plan_of(LoopAsk(), Song(), SOFT, 7, CARD)
    assert (preset.genre, preset.energy, preset.section) == ("ballad", 1, "intro")
    assert (preset.key, preset.meter, preset.tempo) == (Key(5), Meter(3, 4), 96.5)
    ask = LoopAsk.read([("chords", "C"), ("genre", "funk"), ("energy", 5), ("tempo", 60)])
    plan = plan_of(ask, Song(), SOFT, 7, CARD)
    assert (plan.genre, plan.energy, plan.tempo, plan.bars) == ("funk", 5, 60.0, 1)
    assert spans(plan) == [(0, 3, "C:maj")]


def test_all_takes_follow_the_card() -> None:
    assert {plan.chords for plan in plans_of(LoopAsk(takes=3), Song(), theme=CARD)} == {CARD.chords}


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


def test_energy_asks_for_what_nobody_said() -> None:
    calm, wild = (wishes(plan_of(LoopAsk(energy=e), Song(), seed=1)) for e in (1, 5))
    assert set(calm) == {"Density All", "Velocity All", "Register All"}
    assert all(calm[name] < wild[name] for name in calm)
    said = LoopAsk.read([("energy", 5), ("velocity", "bass=50"), ("curve", "density=4,8")])
    assert set(wishes(plan_of(said, Song(), seed=1))) == {
        "Density 0", "Density 1", "Density 2", "Density 3", "Velocity bass", "Register All",
    }  # fmt: skip


def test_keywords_say_genre_energy_mode_tempo_and_height() -> None:
    dark = plan_of(LoopAsk.read([("keywords", "dark,bossa nova,slow")]), SOFT_SONG, None, 1)
    assert (dark.genre, dark.key, dark.energy) == ("latin", Key(2, "min"), 2)
    assert 60 <= dark.tempo <= 75
    bright = plan_of(LoopAsk.read([("keywords", "happy")]), SOFT_SONG, None, 1)
    assert bright.key == Key(2, "maj")
    assert wishes(dark)["Pitch All"] < 50 < wishes(bright)["Pitch All"]
    said: list[tuple[str, object]] = [
        ("keywords", "happy,bossa nova"),
        ("pitch", 40),
        ("genre", "ska"),
        ("tempo", 200),
    ]
    plan = plan_of(LoopAsk.read(said), told(("key", "C:dor")), SOFT, 1)
    assert (plan.genre, plan.key, plan.tempo) == ("ska", Key(0, "dor"), 200)
    assert wishes(plan)["Pitch All"] == 40


SOFT_SONG = Song(key=Key(2, "maj"))


def test_strictness_has_a_use_where_chords_are_told() -> None:
    assert plan_of(LoopAsk.read([("chords", "C")]), Song(), seed=1).strictness == 0.5
    assert plan_of(LoopAsk(), told(("chords", "C")), seed=1).strictness == 0.5
    said = [("chords", "C"), ("strictness", 0), ("feel", 0)]
    plan = plan_of(LoopAsk.read(said), Song(), seed=1)
    assert (plan.strictness, plan.feel) == (0, 0)


def test_a_form_says_how_many_bars() -> None:
    plan = plan_of(LoopAsk.read([("form", "A:2 B:4 A:2"), ("chords", "C F")]), Song(), seed=1)
    assert (plan.bars, len(plan.sections), plan.is_loop) == (8, 8, False)
    assert plan.tasks is not None
    assert {(task.bar, task.like) for task in plan.tasks if task.like is not None} >= {(6, 0)}
    assert len(plan.chords) == 8


def test_whole_sections_have_a_form_of_their_own() -> None:
    assert plan_of(LoopAsk(bars=16), Song(), seed=1).sections[8] != "verse"
    assert plan_of(LoopAsk(bars=16), Song(), seed=1).is_loop
    for ask in (LoopAsk(bars=4), LoopAsk(bars=10), LoopAsk(bars=16, form="none")):
        plan = plan_of(ask, Song(), seed=1)
        assert (plan.sections, plan.tasks) == ((), None)


def test_half_time_is_planned_in_bars_that_are_written() -> None:
    said = [("bars", 8), ("tempo", 160), ("time_feel", "half"), ("chords", "C F"), ("density", 6)]
    plan = plan_of(LoopAsk.read(said), Song(), seed=1)
    assert (plan.bars, plan.tempo, plan.stretch) == (4, 80.0, 2.0)
    assert [start for start, _, _ in spans(plan)] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert wishes(plan) == {"Density All": 12}


def test_a_part_may_enter_later() -> None:
    ask = LoopAsk.read([("shift", "keys=+2"), ("add", "strings")])
    plan = plan_of(ask, Song(), SOFT, seed=1)
    assert [part.name for part in plan.parts] == ["keys", "strings", "strings2"]
    with pytest.raises(AskError, match=r"shift must be of the clip's parts drums, not of bass"):
        plan_of(LoopAsk.read([("parts", "drums"), ("shift", "bass=+1")]), Song())
    plan = plan_of(LoopAsk.read([("parts", "drums,bass"), ("shift", "bass=+2")]), Song())
    assert plan.tasks is not None
    assert [task.bar for task in plan.tasks if task.part == "bass"] == [2, 3]
    with pytest.raises(AskError, match=r"shift of bass must be later \(\+\), since it is yet"):
        plan_of(LoopAsk.read([("shift", "bass=-1")]), Song())
    with pytest.raises(AskError, match=r"shift of bass must leave it in the clip, by -3..3 bars"):
        plan_of(LoopAsk.read([("shift", "bass=4")]), Song())
