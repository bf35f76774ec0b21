"""Do energy and mood move what they should: correlations over loops that were asked at random.

Energies and mood words are drawn for the plans of real windows, whatever the windows themselves
sound like; shuffled, the same figures say what chance gives. Each window is asked twice, and what
moves "within plans" is told apart from how plans differ: a band of ten is wide at any energy.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song
from bandmate.loops.performance.mending import mended
from bandmate.loops.plan import LoopPlan
from bandmate.music.clip import Clip
from bandmate.music.key import Key
from bandmate.plans.loop import plan_of
from bandmate.style.keywords import vocabulary
from likeness import correlation
from samples import Window
from songs import SETS
from studio import Studio, plan_for, values_of

_LOOPS = 50
_FIELDS = ("Density", "Velocity", "Register", "Pitch")

Measure = Callable[[Clip], dict[str, float]]


class Asked(NamedTuple):
    """What was asked, and what the loop measures after correction and before it."""

    asked: float
    after: dict[str, float]
    before: dict[str, float]


def energy(studio: Studio) -> dict[str, Any]:
    """Return correlations of asked energy, alone and as an ask has it, and of asked mood."""
    rng = random.Random("energy")
    words = {word.word: word.traits.valence for word in vocabulary().values()}
    moods = {word: valence for word, valence in words.items() if valence}
    levels = [1, 2, 3, 4, 5]

    def by_token(window: Window, seed: int) -> tuple[float, LoopPlan]:
        level = rng.choice(levels)
        return level, plan_for(window, seed, energy=level, section=None)

    def by_ask(window: Window, seed: int) -> tuple[float, LoopPlan]:
        level = rng.choice(levels)
        return level, _plan(window, seed, energy=level, key=str(plan_for(window, 0).key))

    def by_word(window: Window, seed: int) -> tuple[float, LoopPlan]:
        word = rng.choice(sorted(moods))
        return moods[word] or 0.0, _plan(window, seed, keywords=word)

    return {
        "energy, the model's own sense": _moved(studio, by_token, _levels),
        "energy, as an ask means it": _moved(studio, by_ask, _levels),
        "mood, as a keyword means it": _moved(studio, by_word, _brightness),
    }


def _plan(window: Window, seed: int, **said: object) -> LoopPlan:
    """Return the plan of an ask that says what is true of a window, and *said*."""
    known = plan_for(window, seed)
    parts = ",".join(f"{part.name}:{part.program}" for part in known.parts)
    facts = {"bars": known.bars, "tempo": known.tempo, "meter": str(known.meter), "parts": parts}
    pairs = [*facts.items(), *said.items(), ("seed", seed)]
    return replace(plan_of(LoopAsk.read(pairs), Song()), feel=0.0)


def _moved(
    studio: Studio, asking: Callable[[Window, int], tuple[float, LoopPlan]], measure: Measure
) -> dict[str, Any]:
    heard: dict[str, list[Asked]] = {}
    for name in SETS:
        for seed, window in enumerate(w for w in studio.hall(name, _LOOPS).asked for _ in "ab"):
            asked, plan = asking(window, seed)
            clip = studio.write(plan)
            figures = measure(mended(clip, plan)), measure(clip)
            heard.setdefault(name, []).append(Asked(asked, *figures))
    heard["all sets"] = [one for found in heard.values() for one in found]
    report = {name: _correlations(found) for name, found in heard.items()}
    print(report, flush=True)
    return report


def _correlations(heard: Sequence[Asked]) -> dict[str, Any]:
    asked = [one.asked for one in heard]
    after, before = [one.after for one in heard], [one.before for one in heard]
    shuffled = random.Random(0).sample(asked, len(asked))

    def of(asks: Sequence[float], values: Sequence[dict[str, float]]) -> dict[str, float]:
        return {n: round(correlation(asks, [one[n] for one in values]), 3) for n in values[0]}

    return {
        "loops": len(heard),
        **of(asked, after),
        "within plans": of(_within(asked), _moves_within(after)),
        "shuffled": of(shuffled, after),
        "shuffled within plans": of(_within(shuffled), _moves_within(after)),
        "before correction": of(asked, before),
    }


def _within(values: Sequence[float]) -> list[float]:
    """Return how far each value of a pair lies from the pair's middle."""
    return [(a - b) / 2 * sign for a, b in _pairs(values) for sign in (1, -1)]


def _moves_within(values: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    columns = {name: _within([one[name] for one in values]) for name in values[0]}
    return [{name: column[i] for name, column in columns.items()} for i in range(len(values))]


def _pairs(values: Sequence[float]) -> Iterator[tuple[float, float]]:
    """Yield values in pairs."""
    return zip(values[::2], values[1::2], strict=True)


def _levels(clip: Clip) -> dict[str, float]:
    values = values_of(clip)
    return {field.lower(): values.get((field, "All"), 0.0) for field in _FIELDS}


def _brightness(clip: Clip) -> dict[str, float]:
    key = clip.key or Key(0)
    weights = [0.0, 0.0]
    for part in clip.parts:
        for note in part.notes if not part.is_drums else ():
            above = (note.pitch - key.tonic) % 12
            if above in (3, 4):
                weights[above - 3] += note.duration
    minor, major = weights
    thirds = (major - minor) / (major + minor) if major + minor else 0.0
    return {"major thirds over minor": thirds, "pitch": values_of(clip).get(("Pitch", "All"), 0.0)}
