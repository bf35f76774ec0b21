"""Plans for chords: the ask, the inspiration, the song, the defaults; and what a card passes on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bandmate.asks.chords import ASKED_GENRES, ChordAsk
from bandmate.asks.notation import read_chords
from bandmate.asks.song import Song, Songs
from bandmate.chords.cards import Card, ChordPlan
from bandmate.chords.playing import played
from bandmate.chords.progression import Progression
from bandmate.inspire.inspiration import Inspiration
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.chords import (
    asked_keywords,
    card_to_json,
    chord_plan_from_json,
    chord_plan_of,
    chord_plan_to_json,
    theme_of,
)
from bandmate.plans.loop import SEEDS
from bandmate.style.genres import GENRES
from bandmate.style.keywords import Keyword, keywords_to_text, read_keywords, traits_of


def told(*pairs: tuple[str, object]) -> Song:
    return Songs().set("daw", pairs)


def asked(**said: object) -> ChordAsk:
    return ChordAsk.read(said.items())


def inspired(keywords: str = "", **said: object) -> Inspiration:
    return replace(Inspiration(read_keywords(keywords)), **said)  # type: ignore[arg-type]


def test_nothing_said_gives_four_plain_bars() -> None:
    plan = chord_plan_of(ChordAsk(), Song(), seed=7)
    assert plan == ChordPlan(Key(0, "maj"), 4, Meter(4, 4), 120.0, 7)


def test_the_ask_comes_before_everything() -> None:
    ask = asked(
        **{"key": "F:dor", "bars": 8, "tempo": 90, "meter": "3/4", "seed": 0, "cards": 2},
        **{"section": "verse", "temperature": 0.5, "m": 4, "before": "C", "after": "F,G C"},
        **{"voicing": "open", "rhythm": "strum", "bass": "off", "program": 4, "keywords": "slow"},
    )
    song = told(("tempo", 100), ("key", "A:min"), ("meter", "6/8"))
    plan = chord_plan_of(ask, song, inspired("happy", key=Key(2), tempo=(60.0, 70.0)), 7)
    assert (plan.key, plan.bars, plan.tempo, plan.meter) == (Key(5, "dor"), 8, 90.0, Meter(3, 4))
    assert (plan.seed, plan.cards, plan.section, plan.temperature, plan.m) == (
        0,
        2,
        "verse",
        0.5,
        4,
    )
    assert (plan.before, plan.after) == (read_chords("C"), read_chords("F,G C"))
    assert (plan.voicing, plan.rhythm, plan.bass, plan.program) == ("open", "strum", False, 4)


def test_what_the_song_was_told_comes_before_the_inspiration() -> None:
    song = told(("tempo", 100), ("key", "A:min"), ("meter", "6/8"))
    plan = chord_plan_of(ChordAsk(), song, inspired("happy", key=Key(2), tempo=(60.0, 70.0)), 7)
    assert (plan.key, plan.tempo, plan.meter) == (Key(9, "min"), 100.0, Meter(6, 8))


def test_the_inspiration_proposes_a_tempo() -> None:
    assert chord_plan_of(ChordAsk(), Song(), inspired(tempo=(60.0, 71.0)), 7).tempo == 66.0
    assert chord_plan_of(ChordAsk(), Song(), inspired(tempo=(500.0, 900.0)), 7).tempo == 400.0


PROPOSED = [
    (inspired("gloomy", key=Key(2, "maj")), Key(2, "maj")),  # what is heard is a fact
    (inspired("sad"), Key(9, "min")),
    (inspired("happy"), Key(0, "maj")),
    (inspired("happy", mode="min"), Key(9, "min")),
    (inspired("happy", mode="lyd"), Key(0, "lyd")),
    (inspired(), Key(0, "maj")),
]


@pytest.mark.parametrize(("inspiration", "key"), PROPOSED)
def test_the_inspiration_proposes_a_key(inspiration: Inspiration, key: Key) -> None:
    assert chord_plan_of(ChordAsk(seed=0), Song(), inspiration).key == key


def test_the_mood_that_is_asked_proposes_a_key() -> None:
    assert chord_plan_of(asked(keywords="sad", seed=0), Song()).key.mode == "min"
    assert chord_plan_of(asked(keywords="happy", seed=0), Song()).key.mode == "maj"


def test_the_seed_chooses_among_tonics_that_lie_well() -> None:
    keys = {chord_plan_of(ChordAsk(seed=seed), Song(), inspired("happy")).key for seed in range(40)}
    assert len(keys) == 8
    assert chord_plan_of(ChordAsk(seed=3), Song(), inspired("happy")).key in keys


def test_an_ask_without_a_seed_gets_one_of_its_own() -> None:
    seeds = {chord_plan_of(ChordAsk(), Song()).seed for _ in range(8)}
    assert len(seeds) > 1
    assert all(0 <= seed < SEEDS for seed in seeds)


def test_a_guitars_voicing_is_a_guitars_sound() -> None:
    assert chord_plan_of(asked(voicing="guitar"), Song()).program == 25
    assert chord_plan_of(asked(voicing="guitar", program=0), Song()).program == 0


KEYWORDS = [
    # asked, genre, the song's, found, used
    (None, None, "slow,warm!", None, "slow,warm!"),
    (None, None, "slow,warm!", "", "slow,warm!"),
    (None, None, "slow,warm!", "happy", "warm!,happy"),
    ("sad", None, "slow,warm!", None, "sad,warm!"),
    ("sad", None, "slow,warm!", "happy", "sad,warm!,happy"),
    ("happy:0.3", None, "", "happy,slow", "happy:0.3,slow"),
    (None, "jazz", "slow", None, "jazz,slow"),
    ("jazz:0.2", "jazz", "", None, "jazz:0.2"),
    ("", None, "slow,warm!", None, "warm!"),
]


@pytest.mark.parametrize(("own", "genre", "held", "found", "used"), KEYWORDS)
def test_whose_keywords_are_used(
    own: str | None, genre: str | None, held: str, found: str | None, used: str
) -> None:
    ask = ChordAsk(keywords=None if own is None else read_keywords(own), genre=genre)
    inspiration = None if found is None else inspired(found)
    keywords = asked_keywords(ask, Song(keywords=read_keywords(held)), inspiration)
    assert keywords_to_text(keywords) == used


def test_eight_keywords_are_the_most() -> None:
    own = "sad,slow,warm,happy,dark,calm,jazz"
    keywords = asked_keywords(asked(keywords=own, genre="rock"), Song(), inspired("nostalgic"))
    assert keywords_to_text(keywords) == own + ",rock"


@pytest.mark.parametrize("genre", ASKED_GENRES)
def test_every_genre_is_a_keyword_that_means_it(genre: str) -> None:
    (keyword,) = asked_keywords(ChordAsk(genre=genre), Song())
    traits = traits_of([keyword])
    assert genre in (traits.genre, traits.style)


PLAN = ChordPlan(
    key=Key(5),
    bars=2,
    meter=Meter(6, 8),
    tempo=96.1,
    seed=3,
    keywords=(Keyword("jazz", 0.9), Keyword("nostalgic", 0.123456789, True)),
    section="verse",
    before=read_chords("F:maj G:7(b9,b13),C:7/3"),
    after=read_chords("N"),
    m=2.5,
)
CARD = Card(
    Progression(Key(5), read_chords("F:maj7 D:7,G:min7")),
    is_accepted=True,
    log_p=-5.25,
    ratio=1.5,
    proposer="proposer@1a2b3c4d",
    answers=("jazz",),
)


def test_a_plan_comes_back_from_its_json() -> None:
    assert chord_plan_from_json(chord_plan_to_json(PLAN)) == PLAN
    assert chord_plan_from_json(chord_plan_to_json(chord_plan_of(ChordAsk(), Song()))).m is None


def test_a_card_is_told_in_json() -> None:
    assert json.loads(card_to_json(CARD)) == {
        "key": "F:maj",
        "chords": [["F:maj7"], ["D:7", "G:min7"]],
        "symbols": [["Fmaj7"], ["D7", "Gm7"]],
        "romans": [["Imaj7"], ["VI7", "ii7"]],
        "accepted": True,
        "log_p": -5.25,
        "ratio": 1.5,
        "answers": ["jazz"],
        "borrowed": ["D7"],
        "proposer": "proposer@1a2b3c4d",
    }


def test_a_card_passes_on_its_music_and_what_its_keywords_mean() -> None:
    clip = played(CARD.progression, meter=PLAN.meter, tempo=PLAN.tempo)
    theme = theme_of(PLAN, clip)
    assert (theme.key, theme.meter, theme.tempo, theme.bars) == (Key(5), Meter(6, 8), 96.1, 2)
    assert theme.chords == clip.chords
    assert (theme.genre, theme.section) == ("jazz", "verse")
    lively = replace(PLAN, keywords=read_keywords("energetic"), section=None)
    calm = replace(PLAN, keywords=read_keywords("calm"), section=None)
    plain = replace(PLAN, keywords=(), section=None)
    energies = [theme_of(plan, clip).energy for plan in (calm, lively, plain)]
    assert energies[0] in (1, 2)
    assert energies[1] in (4, 5)
    assert energies[2] is None
    assert theme_of(plain, clip).genre is None


def test_a_theme_names_only_genres_that_loops_know() -> None:
    clip = played(CARD.progression, meter=PLAN.meter, tempo=PLAN.tempo)
    for genre in ASKED_GENRES:
        theme = theme_of(
            replace(PLAN, keywords=asked_keywords(ChordAsk(genre=genre), Song())), clip
        )
        assert theme.genre in (*GENRES, None)


def test_a_card_older_than_its_keyword_still_has_its_chords() -> None:
    clip = played(CARD.progression, meter=PLAN.meter, tempo=PLAN.tempo)
    old = replace(PLAN, keywords=(Keyword("a word that was"), Keyword("jazz")))
    assert theme_of(old, clip) == theme_of(replace(PLAN, keywords=(Keyword("jazz"),)), clip)
