"""Plans for tests: the usual band, and random asks of every kind."""

from __future__ import annotations

import random

from bandmate.loops.plan import LoopPlan, PlannedPart, Wish
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan
from bandmate.music.key import MODES, Key
from bandmate.music.meter import Meter
from bandmate.music.roles import ROLES
from bandmate.style.genres import GENRES

BAND = tuple(
    PlannedPart(name, program)
    for name, program in (("drums", 0), ("bass", 33), ("keys", 4), ("lead", 81))
)


def band_plan(**changes: object) -> LoopPlan:
    """Return four bars of 4/4 in A minor at 96 for drums, bass, keys and lead, with changes."""
    said: dict[str, object] = {
        "bars": 4,
        "tempo": 96.0,
        "meter": Meter(4, 4),
        "key": Key.parse("A:min"),
        "parts": BAND,
        "seed": 7,
        "genre": "funk",
    }
    return LoopPlan(**{**said, **changes})  # type: ignore[arg-type]


def random_plan(rng: random.Random) -> LoopPlan:
    """Return a plan over random parts, keys, meters, tempi, chords and lengths."""
    roles = rng.sample(list(ROLES), rng.randint(1, 6))
    parts = [
        PlannedPart(role, rng.choice([ROLES[role].program, rng.randrange(128)])) for role in roles
    ]
    if rng.random() < 0.3 and "keys" in roles:
        parts.append(PlannedPart("keys2", 4))
    meter = Meter.parse(rng.choice(["4/4", "3/4", "6/8"]))
    bars = rng.choice([1, 2, 3, 4, 4, 4, 4, 5, 8])
    key = Key(rng.randrange(12), rng.choice(list(MODES)))
    chords: tuple[ChordSpan, ...] = ()
    if rng.random() < 0.5:
        length = meter.bar_beats
        chords = tuple(
            ChordSpan(
                bar * length,
                (bar + 1) * length,
                Chord.of(rng.choice(key.scale), rng.choice(["maj", "min", "7"])),
            )
            for bar in range(bars)
        )
    return LoopPlan(
        bars=bars,
        tempo=rng.uniform(50, 200),
        meter=meter,
        key=key,
        parts=tuple(parts),
        seed=rng.randrange(2**31),
        genre=rng.choice([None, *GENRES]),
        energy=rng.choice([None, 1, 3, 5]),
        wishes=rng.choice([(), (Wish("Density", "All", 4.0),), (Wish("Density", "All", 12.0),)]),
        strictness=rng.choice([0.0, 0.5, 1.0]),
        chords=chords,
    )
