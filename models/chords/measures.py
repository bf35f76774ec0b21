"""Distances and diversities of progressions, as Amuse reports them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from bandmate.chords.events import events_of
from bandmate.chords.progression import BarOfChords

Grams = Counter[tuple[Hashable, ...]]


def chords_of(bars: Sequence[BarOfChords], tonic: int = 0) -> list[Hashable]:
    """Return the chords of bars above a tonic, repeats merged."""
    return [event.numbers for event in events_of(bars, tonic)]


def grams_of(progressions: Sequence[Sequence[Hashable]], size: int) -> Grams:
    """Count runs of *size* chords."""
    return Counter(
        tuple(chords[i : i + size])
        for chords in progressions
        for i in range(len(chords) - size + 1)
    )


def js_distance(one: Grams, other: Grams) -> float:
    """Return the Jensen-Shannon distance: its square root, in nats, 0..0.833."""
    names = sorted(one.keys() | other.keys(), key=repr)
    p, q = (np.array([table[name] for name in names], dtype=float) for table in (one, other))
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2

    def gap(a: NDArray[np.float64]) -> float:
        held = a > 0
        return float((a[held] * np.log(a[held] / middle[held])).sum())

    return math.sqrt(max(0.0, (gap(p) + gap(q)) / 2))


def self_bleu(progressions: Sequence[Sequence[Hashable]], size: int = 4, add: float = 0.1) -> float:
    """Return how much the progressions of a batch repeat each other, 0..1: mean Self-BLEU."""
    scores = []
    for index, chords in enumerate(progressions):
        others = [*progressions[:index], *progressions[index + 1 :]]
        scores.append(_bleu(chords, others, size, add))
    return sum(scores) / len(scores)


def _bleu(
    chords: Sequence[Hashable], others: Sequence[Sequence[Hashable]], size: int, add: float
) -> float:
    logs = []
    for length in range(1, size + 1):
        own = grams_of([chords], length)
        best: Grams = Counter()
        for other in others:
            best |= grams_of([other], length)
        met = sum(min(count, best[gram]) for gram, count in own.items())
        total = sum(own.values())
        logs.append(math.log((met + add) / (total + add)) if total else 0.0)
    nearest = min((abs(len(o) - len(chords)), len(o)) for o in others)[1]
    brevity = min(0.0, 1 - nearest / len(chords))
    return math.exp(sum(logs) / size + brevity)


def auc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Return how often a true one scores above a false one; ties count half."""
    true = [score for score, label in zip(scores, labels, strict=True) if label]
    false = [score for score, label in zip(scores, labels, strict=True) if not label]
    won = sum((a > b) + 0.5 * (a == b) for a in true for b in false)
    return won / (len(true) * len(false))
