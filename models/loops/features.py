"""The forty listed features of a loop in which PRDC measures distances."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from bandmate.loops.model.tokens import Cell, GridNote, bar_steps
from bandmate.loops.model.vocabulary import STEPS, level_velocity
from bandmate.music.meter import Meter

Placed = tuple[int, str, GridNote]

FEATURES = (
    "notes a bar", "distinct onsets a bar", "velocity mean", "velocity deviation",
    "pitch mean", "pitch deviation", "pitch range", "pitch classes", "pitch-class entropy",
    "duration mean", "duration deviation", "distinct durations", "notes held over the bar",
    "onsets on beats", "onsets on off-beat eighths", "onsets on off sixteenths",
    "onsets on triplets", "onsets elsewhere", "notes an onset", "distinct velocities",
    "white-key share",
    "rhythm alike, bar to bar", "pitch classes alike, bar to bar", "cells empty",
    "same pitch again", "steps between melody notes", "mean interval", "leaps over an octave",
    "bass mean pitch", "bass on downbeats", "bass interval mean",
    "drums a bar", "kick on downbeats", "snare on backbeats", "distinct drums", "drum rhythm alike",
    "parts starting together", "note overlap within a part", "lowest part is bass",
    "seconds together",
)  # fmt: skip
"""Forty features, in the order of `features_of`; what a loop lacks counts as -1."""


def features_of(
    cells: Mapping[Cell, Sequence[GridNote]], meter: Meter, bars: int, names: Sequence[str]
) -> list[float]:
    """Return the forty features of a loop in canonical key."""
    length = bar_steps(meter)
    placed: list[Placed] = [(bar, name, n) for (bar, name), notes in cells.items() for n in notes]
    drums = [p for p in placed if p[1].startswith("drums")]
    pitched = [p for p in placed if not p[1].startswith("drums")]
    bass = [p for p in pitched if p[1].startswith("bass")]
    steps = [n.step % STEPS for _, _, n in placed]
    onsets = {(bar, n.step) for bar, _, n in placed}
    heard = {(bar, name) for bar, name, _ in placed}
    values = [
        len(placed) / bars,
        len(onsets) / bars,
        *_spread([level_velocity(n.level) for _, _, n in placed]),
        *_spread([n.pitch for _, _, n in pitched]),
        _of([n.pitch for _, _, n in pitched], lambda p: max(p) - min(p)),
        *_classes(pitched),
        *_spread([n.steps / STEPS for _, _, n in pitched]),
        len({n.steps for _, _, n in pitched}),
        _share(pitched, lambda p: p[2].step + p[2].steps > length),
        _part_of(steps, (0,)),
        _part_of(steps, (6,)),
        _part_of(steps, (3, 9)),
        _part_of(steps, (4, 8)),
        _part_of(steps, (1, 2, 5, 7, 10, 11)),
        _of(pitched, lambda p: len(p) / len({(bar, name, n.step) for bar, name, n in p})),
        len({n.level for _, _, n in placed}),
        _share(pitched, lambda p: p[2].pitch % 12 in (0, 2, 4, 5, 7, 9, 11)),
        _alike(pitched, bars, lambda p: (p[1], p[2].step)),
        _alike(pitched, bars, lambda p: (p[1], p[2].pitch % 12)),
        1 - len(heard) / (bars * len(names)),
        *_melody(pitched, length),
        _of([n.pitch for _, _, n in bass], lambda p: sum(p) / len(p)),
        _of(bass, lambda b: len({bar for bar, _, n in b if n.step == 0}) / bars),
        _of(bass, lambda b: _mean_interval(b, length)),
        len(drums) / bars if drums else -1,
        _of(
            drums,
            lambda d: len({bar for bar, _, n in d if n.step == 0 and n.pitch in (35, 36)}) / bars,
        ),
        _share(
            [d for d in drums if d[2].pitch in (37, 38, 39, 40)],
            lambda d: d[2].step % (2 * STEPS) == STEPS,
        ),
        len({n.pitch for _, _, n in drums}) if drums else -1,
        _alike(drums, bars, lambda p: (p[2].pitch, p[2].step)),
        _of(placed, lambda p: len({(bar, name, n.step) for bar, name, n in p}) / len(onsets)),
        _overlap(pitched, length),
        _of(
            bass,
            lambda b: float(min(n.pitch for _, _, n in b) == min(n.pitch for _, _, n in pitched)),
        ),
        _seconds(pitched, length),
    ]
    assert len(values) == len(FEATURES)
    return [float(value) for value in values]


def _of(items: Sequence, measure: Callable[[Sequence], float]) -> float:  # type: ignore[type-arg]
    return measure(items) if items else -1.0


def _spread(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        return -1.0, -1.0
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def _share(items: Sequence[Placed], test: Callable[[Placed], bool]) -> float:
    return sum(map(test, items)) / len(items) if items else -1.0


def _part_of(steps: Sequence[int], wanted: tuple[int, ...]) -> float:
    return sum(step in wanted for step in steps) / len(steps) if steps else -1.0


def _classes(pitched: Sequence[Placed]) -> tuple[float, float]:
    counts = Counter(n.pitch % 12 for _, _, n in pitched)
    total = counts.total()
    return len(counts), -sum(
        c / total * math.log2(c / total) for c in counts.values()
    ) if total else -1.0


def _alike(items: Sequence[Placed], bars: int, say: Callable[[Placed], object]) -> float:
    if not items or bars < 2:
        return -1.0
    sets = [{say(p) for p in items if p[0] == bar} for bar in range(bars)]
    pairs = [(a, b) for a, b in pairwise(sets) if a | b]
    return sum(len(a & b) / len(a | b) for a, b in pairs) / len(pairs) if pairs else -1.0


def _lines(pitched: Sequence[Placed], length: int) -> list[list[int]]:
    tops: dict[str, dict[int, int]] = {}
    for bar, name, n in pitched:
        at = bar * length + n.step
        line = tops.setdefault(name, {})
        line[at] = max(line.get(at, 0), n.pitch)
    return [[line[at] for at in sorted(line)] for line in tops.values()]


def _melody(pitched: Sequence[Placed], length: int) -> tuple[float, float, float, float]:
    moves = [abs(b - a) for line in _lines(pitched, length) for a, b in pairwise(line)]
    if not moves:
        return -1.0, -1.0, -1.0, -1.0
    count = len(moves)
    return (
        moves.count(0) / count,
        sum(1 <= m <= 2 for m in moves) / count,
        sum(moves) / count,
        sum(m > 12 for m in moves) / count,
    )


def _mean_interval(part: Sequence[Placed], length: int) -> float:
    return _melody(part, length)[2]


def _overlap(pitched: Sequence[Placed], length: int) -> float:
    if not pitched:
        return -1.0
    overlapped = 0
    ends: dict[str, tuple[int, int]] = {}
    for bar, name, n in sorted(pitched, key=lambda p: p[0] * length + p[2].step):
        at = bar * length + n.step
        start, end = ends.get(name, (-1, -1))
        overlapped += start < at < end
        ends[name] = (at, max(end, at + n.steps))
    return overlapped / len(pitched)


def _seconds(pitched: Sequence[Placed], length: int) -> float:
    together: dict[int, set[int]] = {}
    for bar, _, n in pitched:
        together.setdefault(bar * length + n.step, set()).add(n.pitch % 12)
    rubs = [
        any((c + 1) % 12 in classes for c in classes)
        for classes in together.values()
        if len(classes) > 1
    ]
    return sum(rubs) / len(rubs) if rubs else -1.0
