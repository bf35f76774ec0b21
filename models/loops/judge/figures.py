"""Small sums of which the features are made; what cannot be measured is NaN."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet

Figures = dict[str, float]
"""Feature -> value."""


def mean(values: Iterable[float]) -> float:
    """Return the mean of the values that could be measured."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan


def spread(values: Iterable[float]) -> float:
    """Return the standard deviation of the values that could be measured."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan
    middle = sum(known) / len(known)
    return math.sqrt(sum((value - middle) ** 2 for value in known) / len(known))


def least(values: Iterable[float]) -> float:
    """Return the smallest value that could be measured."""
    return min((value for value in values if not math.isnan(value)), default=math.nan)


def most(values: Iterable[float]) -> float:
    """Return the largest value that could be measured."""
    return max((value for value in values if not math.isnan(value)), default=math.nan)


def share(tests: Iterable[bool]) -> float:
    """Return the share of tests that hold."""
    held = list(tests)
    return sum(held) / len(held) if held else math.nan


def ratio(part: float, whole: float) -> float:
    """Return part / whole, NaN of nothing."""
    return part / whole if whole else math.nan


def entropy(items: Iterable[Hashable]) -> float:
    """Return the entropy of items in bits."""
    counts = Counter(items)
    total = counts.total()
    if not total:
        return math.nan
    return -sum(n / total * math.log2(n / total) for n in counts.values())


def commonest(items: Sequence[Hashable]) -> float:
    """Return the share of the item that is there most often."""
    return ratio(max(Counter(items).values(), default=0), len(items))


def alike(one: AbstractSet[Hashable], other: AbstractSet[Hashable]) -> float:
    """Return the Jaccard index of two sets, NaN of two empty ones."""
    return ratio(len(one & other), len(one | other))


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two lists of weights, NaN where one has none."""
    norm = math.sqrt(sum(w * w for w in one) * sum(w * w for w in other))
    return ratio(sum(a * b for a, b in zip(one, other, strict=True)), norm)


def named(prefix: str, figures: Figures) -> Figures:
    """Return figures with a prefix to their names."""
    return {f"{prefix}{name}": value for name, value in figures.items()}
