"""Rejection sampling: which proposals real songs would have made too.

Amuse (Kim, Lee and Donahue 2025): a proposal x is accepted where u < P(x) / (M Q(x)), u drawn
evenly from 0..1, P the prior of real songs, Q the proposer's own habit whatever the keywords, M the
95th percentile of P/Q over its proposals. What is accepted follows P(x) p(keywords | x): the
proposer's reading of the keywords, and the chords of real songs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence

from bandmate.chords.requests import Judged

PERCENTILE = 95
"""Of P/Q over a proposer's proposals: M."""


def accepted(judged: Iterable[Judged], seed: int, m: float | None = None) -> list[Judged]:
    """Return the proposals that pass, no two alike, in the order of the batch.

    Each passes with exactly the chance P/(M Q), at most 1. The draws are spread evenly over the
    batch (systematic sampling, Madow and Madow 1944), so that how many pass varies no more than it
    must, and the front of a batch may be judged before the rest is there. What never leaves its
    first chord does not pass: P and Q are taken of progressions that move.
    """
    reached = random.Random(f"{seed} accepts").random()
    passed = []
    for one in _distinct(judged):
        before, reached = reached, reached + _chance(one, m)
        if int(reached) > int(before) and _moves(one):
            passed.append(one)
    return passed


def chosen(
    judged: Sequence[Judged], count: int, seed: int, m: float | None = None
) -> list[tuple[Judged, bool]]:
    """Return *count* proposals, no two alike, each with whether it was accepted.

    The accepted come first, in the order of the batch; where they are too few, the likeliest of the
    others by P/Q top them up, those that never leave their first chord last.
    """
    taken = accepted(judged, seed, m)[:count]
    rest = sorted(
        (one for one in _distinct(judged) if one not in taken),
        key=lambda one: (not _moves(one), -one.log_ratio),
    )
    return [(one, True) for one in taken] + [
        (one, False) for one in rest[: max(0, count - len(taken))]
    ]


def _distinct(judged: Iterable[Judged]) -> list[Judged]:
    known: dict[tuple[object, ...], Judged] = {}
    for one in sorted(judged, key=lambda one: one.proposal.index):
        known.setdefault(one.proposal.progression.bars, one)
    return list(known.values())


def _chance(one: Judged, m: float | None) -> float:
    return math.exp(min(0.0, one.log_ratio - math.log(one.m if m is None else m)))


def _moves(judged: Judged) -> bool:
    bars = judged.proposal.progression.bars
    return len(bars) == 1 or len({chord for bar in bars for chord in bar}) > 1


def percentile(ratios: Sequence[float], percent: float = PERCENTILE) -> float:
    """Return a percentile of numbers, between two of them in proportion."""
    ordered = sorted(ratios)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
