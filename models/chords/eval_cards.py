"""What the cards are like: near to real songs, diverse, enough, and meant."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import yaml

from bandmate.asks.chords import ChordAsk
from bandmate.asks.song import Song as Told
from bandmate.chords.cards import PROPOSALS, ChordPlan
from bandmate.chords.progression import BarOfChords
from bandmate.chords.requests import Judged
from bandmate.inspire.inspiration import Inspiration
from bandmate.music.chord import Chord
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.roman import is_diatonic
from bandmate.plans.chords import chord_plan_of
from bandmate.style.keywords import Keyword, traits_of
from data import MODELS
from desk import Desk
from genres import GENRES, GenreEar
from measures import auc, chords_of, grams_of, js_distance, self_bleu
from real_songs import Song, load_songs
from wishes import random_plan

BARS = 4
Bars = Sequence[BarOfChords]


def real_windows(split: str, bars: int = BARS) -> list[tuple[Song, Bars]]:
    """Return every window of a split that starts on a section, or so many bars behind it."""
    found = []
    for song in load_songs(split):
        ends = (*song.starts[1:], len(song.bars))
        for first, end in zip(song.starts, ends, strict=True):
            for start in range(first, end - bars + 1, bars):
                found.append((song, song.bars[start : start + bars]))
    return found


# nearness to real songs


def _shares(songs: Sequence[Song]) -> list[tuple[float, str]]:
    """Return how often each source is drawn, so that no large book drowns the rest."""
    from windows import SHARES

    return [(share, name) for name, share in SHARES.items() if any(s.source == name for s in songs)]


def mixed(windows: list[tuple[Song, Bars]], count: int, seed: str) -> list[tuple[Song, Bars]]:
    """Draw windows by the shares of their sources; a window may come twice."""
    rng = random.Random(seed)
    shares = _shares([song for song, _ in windows])
    by_source = {name: [w for w in windows if w[0].source == name] for _, name in shares}
    names = rng.choices([n for _, n in shares], [s for s, _ in shares], k=count)
    return [rng.choice(by_source[name]) for name in names]


def nearness(desk: Desk, count: int, name: str = "ours") -> dict[str, Any]:
    """Return JS distances of bigrams to the valid songs: raw, accepted, prior, and real itself."""
    reference = mixed(real_windows("valid"), 20_000, "reference")
    real = mixed(real_windows("train"), count, "floor")
    plans = _plans_like(real, f"nearness {name}")
    raw: list[Any] = []
    accepted: list[Any] = []
    for plan in plans:
        dealt = desk.dealt(plan)
        raw += [_chords(one) for one in dealt.judged]
        accepted += [_chords(one) for one in dealt.accepted]
        if min(len(raw), len(accepted)) >= count:
            break
    prior = _from_prior(desk, real)
    sets = {
        "noise floor: real songs of the training split": [chords_of(bars) for _, bars in real],
        "the prior's own": prior[:count],
        "proposed": raw[:count],
        "accepted": accepted[:count],
    }
    held = [chords_of(bars) for _, bars in reference]
    report: dict[str, Any] = {
        "progressions": {what: len(found) for what, found in sets.items()},
    }
    for size, what in ((1, "chords"), (2, "bigrams")):
        known = grams_of(held, size)
        report[what] = {
            what_set: round(js_distance(grams_of(found, size), known), 4)
            for what_set, found in sets.items()
        }
    return report


def _chords(one: Judged) -> list[Any]:
    progression = one.proposal.progression
    return chords_of(progression.bars, progression.key.tonic)


def _plans_like(real: list[tuple[Song, Bars]], seed: str) -> list[ChordPlan]:
    """Return random asks in the modes and meters of real windows, none with surroundings."""
    rng = random.Random(seed)
    return [
        replace(
            random_plan(rng, bars=BARS),
            key=Key(0, song.mode),
            meter=Meter(3, 4) if song.is_triple else Meter(4, 4),
        )
        for song, _ in real
    ]


def _from_prior(desk: Desk, real: list[tuple[Song, Bars]]) -> list[Any]:
    found = []
    for index, (song, _) in enumerate(real[::10]):
        plan = replace(random_plan(random.Random(index), bars=BARS), keywords=())
        plan = replace(plan, key=Key(0, song.mode), seed=index)
        found += [chords_of(p.progression.bars) for p in desk.filled(plan, 10)]
    return found


# a batch


def batches(desk: Desk, asks: int) -> dict[str, Any]:
    """Return diversity, yield and failures over random keyword sets, four bars, no surroundings."""
    rng = random.Random("batches")
    kinds = [random_plan(rng, bars=BARS) for _ in range(asks)]
    dealt = [desk.dealt(plan) for plan in kinds]
    bleu = [self_bleu([_chords(one) for one in d.judged]) for d in dealt]
    distinct = [len({one.proposal.progression.bars for one in d.judged}) for d in dealt]
    accepted = [len(d.accepted) for d in dealt]
    chords = [
        (chord, d.plan.key)
        for d in dealt
        for one, _ in d.cards
        for bar in one.proposal.progression.bars
        for chord in bar
    ]
    known = {tuple(bars) for _, bars in real_windows("train")}
    cards = [one.proposal.progression.bars for d in dealt for one, _ in d.cards]
    real = [
        self_bleu([chords_of(b) for _, b in mixed(real_windows("valid"), PROPOSALS, f"real {i}")])
        for i in range(20)
    ]
    return {
        "asks": asks,
        "Self-BLEU-4 of a batch": round(float(np.mean(bleu)), 3),
        "Self-BLEU-4, standard deviation": round(float(np.std(bleu)), 3),
        "Self-BLEU-4 of thirty real ones": round(float(np.mean(real)), 3),
        "proposals": sum(len(d.judged) for d in dealt),
        "asked for": PROPOSALS * asks,
        "parse failures": PROPOSALS * asks - sum(len(d.judged) for d in dealt),
        "distinct of 30": round(float(np.mean(distinct)), 1),
        "accepted of 30": round(float(np.mean(accepted)), 1),
        "share of asks with 4 accepted": round(float(np.mean([n >= 4 for n in accepted])), 3),
        "share of asks whose four cards are all accepted": round(
            float(np.mean([[ok for _, ok in d.cards] == [True] * 4 for d in dealt])), 3
        ),
        "diatonic chords of cards": round(
            float(np.mean([is_diatonic(chord, key) for chord, key in chords])), 3
        ),
        "cards that stand in the training songs": round(
            float(np.mean([bars in known for bars in cards])), 3
        ),
        "valid windows that do": round(
            float(np.mean([tuple(bars) in known for _, bars in real_windows("valid")])), 3
        ),
    }


# relevance


def genre_relevance(desk: Desk, asks: int) -> dict[str, Any]:
    """Return how well an ear trained on real songs tells the asked genre from accepted cards."""
    ear = GenreEar(real_windows("train", 8))
    real = ear.balanced([(song.genre, bars, song.mode) for song, bars in real_windows("valid", 8)])
    rng = random.Random("genres")
    asked = [genre for genre in GENRES for _ in range(asks)]
    plans = [_genre_plan(genre, rng.randrange(2**31)) for genre in asked]
    heard = _heard(ear, desk, plans, asked)
    shuffled = [*asked]
    rng.shuffle(shuffled)
    words = [
        replace(p, keywords=(Keyword(GENRES[g]),)) for p, g in zip(plans, shuffled, strict=True)
    ]
    lost = _heard(ear, desk, words, asked)
    return {
        "genres": list(GENRES),
        "chance": round(1 / len(GENRES), 3),
        "real songs": real,
        "accepted cards": heard,
        "keywords shuffled": lost,
        "ratio to real songs": round(heard["balanced accuracy"] / real["balanced accuracy"], 3),
    }


def _genre_plan(genre: str, seed: int) -> ChordPlan:
    """Return the plan of an ask that says a genre and no key, eight bars."""
    words = (Keyword(GENRES[genre]),)
    plan = chord_plan_of(ChordAsk(keywords=words, bars=8, seed=seed), Told())
    return replace(plan, key=Key(0, plan.key.mode))


def _heard(ear: GenreEar, desk: Desk, plans: list[ChordPlan], asked: list[str]) -> dict[str, Any]:
    rows = []
    for plan, genre in zip(plans, asked, strict=True):
        for one, is_accepted in desk.dealt(plan).cards:
            if is_accepted:
                rows.append((genre, one.proposal.progression.bars, plan.key.mode))
    return ear.balanced(rows)


def minorness(bars: Bars) -> float:
    """Return the share of time under chords with a minor third, less that of major thirds."""
    total = 0.0
    for bar in bars:
        for chord in bar:
            steps = _steps(chord)
            total += ((3 in steps) - (4 in steps)) / len(bar)
    return total / len(bars)


def _steps(chord: Chord) -> set[int]:
    return {(pitch - (chord.root or 0)) % 12 for pitch in chord.pitches}


def mood_relevance(
    desk: Desk, read: Callable[[str], Inspiration], seeds: Sequence[int] = (1, 2, 3)
) -> dict[str, Any]:
    """Return how surely a dark phrase is answered in a darker harmony than a bright one."""
    phrases = yaml.safe_load((MODELS / "chords" / "phrases.yaml").read_text("utf-8"))
    said = [(text, True) for text in phrases["dark"]] + [(t, False) for t in phrases["bright"]]
    found = [read(text) for text, _ in said]
    labels = [is_dark for _, is_dark in said]
    scores = [np.mean([_score(desk, one, seed) for seed in seeds]) for one in found]
    mixed_up = [*found]
    random.Random("shuffled").shuffle(mixed_up)
    lost = [np.mean([_score(desk, one, seed) for seed in seeds]) for one in mixed_up]
    words = [traits_of(one.keywords).valence or 0.0 for one in found]
    return {
        "phrases": len(said),
        "AUC of minor-ness": round(auc([float(s) for s in scores], labels), 3),
        "AUC, keywords shuffled": round(auc([float(s) for s in lost], labels), 3),
        "AUC of the keywords' own darkness": round(auc([-v for v in words], labels), 3),
        "phrases without a keyword": sum(not one.keywords for one in found),
    }


def _score(desk: Desk, inspiration: Inspiration, seed: int) -> float:
    plan = chord_plan_of(ChordAsk(text="read already", seed=seed), Told(), inspiration)
    dealt = desk.dealt(plan)
    cards = [one for one, is_accepted in dealt.cards if is_accepted] or [c for c, _ in dealt.cards]
    return float(np.mean([minorness(one.proposal.progression.bars) for one in cards]))
