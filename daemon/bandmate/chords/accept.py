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


def is_accepted(judged: Judged, seed: int, m: float | None = None) -> bool:
    """Draw for one proposal: by its place in the batch, so that the order of judging is nothing."""
    drawn = random.Random(f"{seed} accepts {judged.proposal.index}").random()
    log_m = math.log(judged.m if m is None else m)
    return math.log(max(drawn, 1e-300)) < judged.log_ratio - log_m


def chosen(
    judged: Iterable[Judged], count: int, seed: int, m: float | None = None
) -> list[tuple[Judged, bool]]:
    """Return *count* proposals, no two alike, each with whether it was accepted.

    The accepted come first, in the order of the batch; where they are too few, the likeliest of the
    others by P/Q top them up. What never leaves its first chord is no card while there is another:
    P and Q are then both taken of progressions that move.
    """
    known: dict[tuple[object, ...], Judged] = {}
    for one in sorted(judged, key=lambda one: one.proposal.index):
        known.setdefault(one.proposal.progression.bars, one)
    moving = [one for one in known.values() if _moves(one)]
    taken = [one for one in moving if is_accepted(one, seed, m)][:count]
    rest = sorted(
        (one for one in known.values() if one not in taken),
        key=lambda one: (not _moves(one), -one.log_ratio),
    )
    return [(one, True) for one in taken] + [
        (one, False) for one in rest[: max(0, count - len(taken))]
    ]


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
