"""Asks for chords by chance: every length, meter, key and mode, and strange chords around them."""

from __future__ import annotations

import random
from dataclasses import replace

from bandmate.asks.notation import read_chords
from bandmate.chords.cards import ChordPlan
from bandmate.chords.progression import BarOfChords
from bandmate.music.chord import Chord
from bandmate.music.key import MODES, Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword, vocabulary

PLAN = ChordPlan(Key(5), 4, Meter(), 120.0, 7)
METERS = tuple(Meter(*said) for said in ((4, 4), (3, 4), (6, 8), (9, 8), (12, 8), (5, 4), (7, 8)))
STRANGE = read_chords(
    "C:maj7(#11)/b5 N G:(1,b2,#4)/b7 C,D,E,F,G F#:13(b9,*9),N,N,A:5/2,B:hdim7/b3,C "
    "Bb:sus4(b7,9,13)/6 C,C#,D,D#,E,F,F# E:aug(b7,#9),N C,C,D,D,E,E,F,F N"
)
"""One to eight chords a bar: extended, altered, over strange basses, spelled out, and none."""


def plans(count: int, seed: int = 0) -> list[ChordPlan]:
    """Return asks drawn by chance, the first of them of 1, 2 .. 16 bars."""
    chance = random.Random(f"plans {seed}")
    return [_plan(chance, index) for index in range(count)]


def _plan(chance: random.Random, index: int) -> ChordPlan:
    words = chance.sample(sorted(vocabulary()), chance.randrange(4))
    return replace(
        PLAN,
        key=Key(chance.randrange(12), sorted(MODES)[index % len(MODES)]),
        bars=index % 16 + 1,
        meter=METERS[index % len(METERS)],
        seed=chance.randrange(2**31),
        keywords=tuple(map(Keyword, words)),
        before=_around(chance),
        after=_around(chance),
        temperature=chance.choice((0.1, 0.7, 1.0, 2.0)),
    )


def _around(chance: random.Random) -> tuple[BarOfChords, ...]:
    return tuple(chance.choice(STRANGE) for _ in range(chance.choice((0, 0, 1, 3, 20))))


def moved(bars: tuple[BarOfChords, ...], by: int) -> tuple[BarOfChords, ...]:
    """Return bars *by* semitones higher."""
    return tuple(tuple(chord.transposed(by) for chord in bar) for bar in bars)


def higher(plan: ChordPlan, by: int) -> ChordPlan:
    """Return the same ask *by* semitones higher."""
    return replace(
        plan,
        key=plan.key.transposed(by),
        before=moved(plan.before, by),
        after=moved(plan.after, by),
    )


def chords_of(bars: tuple[BarOfChords, ...]) -> list[Chord]:
    """Return the chords of bars in a row."""
    return [chord for bar in bars for chord in bar]
