"""Random asks, as a person might make them: for Q, for M and for the evaluation."""

from __future__ import annotations

import random

from bandmate.chords.cards import ChordPlan
from bandmate.chords.progression import BarOfChords
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword, vocabulary
from windows import Windows

MODES = {"maj": 0.5, "min": 0.34, "dor": 0.06, "mix": 0.06, "lyd": 0.04}
_BARS = (4, 4, 4, 4, 4, 4, 8, 8, 8, 2, 3, 6, 12, 16, 1, 5)


def random_keywords(rng: random.Random) -> tuple[Keyword, ...]:
    """Draw one to four words of the vocabulary."""
    words = rng.sample(sorted(vocabulary()), rng.choice((1, 2, 2, 3, 3, 4)))
    return tuple(Keyword(word) for word in words)


def random_plan(
    rng: random.Random, windows: Windows | None = None, bars: int | None = None
) -> ChordPlan:
    """Draw an ask in C; of *windows* its surroundings are taken, two times in five."""
    mode = rng.choices(list(MODES), list(MODES.values()))[0]
    before: tuple[BarOfChords, ...] = ()
    after: tuple[BarOfChords, ...] = ()
    is_triple = rng.random() < 0.08
    if windows is not None and rng.random() < 0.4:
        window = windows.window(1.0)
        mode, is_triple = window.song.mode, window.song.is_triple
        before, after = window.before, window.after
    return ChordPlan(
        key=Key(0, mode),
        bars=bars or rng.choice(_BARS),
        meter=Meter(3, 4) if is_triple else Meter(4, 4),
        tempo=120.0,
        seed=rng.randrange(2**31),
        keywords=random_keywords(rng),
        before=before,
        after=after,
    )
