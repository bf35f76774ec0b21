"""One player's evening: habits drawn from what people do, and what then changes note by note.

A clip is one evening of one player a part: the habits are drawn once, from the seed, and hold for
all its bars; a drift wanders slowly through them, and each onset and each note adds its own. What
is drawn for a part does not depend on the other parts nor on how long the clip is.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from bandmate.loops.performance.groove_table import (
    CLASSES,
    QUANTILES,
    SLOTS,
    TEMPO,
    Feel,
    Follows,
    Spread,
)

_WIDEST = 2.5
"""Standard deviations beyond which nothing is drawn."""
_STEPS_A_BEAT = 12
_STEPS_OF_DRIFT = 3


class Hit(NamedTuple):
    """A note as the habits see it."""

    follows: Follows
    place: int
    step: int
    """Twelfths of a beat from the clip's start."""
    above: float
    """Semitones over the part's mean pitch."""


class Deviation(NamedTuple):
    """How a person's note differs from the written one."""

    timing: float
    """Milliseconds; below 0 is early."""
    velocity: float
    """Lasting: accents of the place and of the player."""
    scatter: float
    """Velocity that changes from note to note."""


class Evening:
    """One player's habits at one part, drawn from a seed: the same for the same names."""

    def __init__(self, feel: Feel, genre: str | None, tempo: float, seed: int, part: str) -> None:
        self._feel = feel
        self._genre = genre or "all"
        self._shrink = (TEMPO / tempo) ** feel.tempo_power
        self._seed = seed
        self._part = part
        self._lasting: dict[tuple[str, str], list[float]] = {}
        self._drifts: dict[tuple[str, str, float], _Drift] = {}
        self._onsets: dict[tuple[str, int], float] = {}
        self._hits = _stream(seed, part, "hits")
        self._pocket = self._drawn_pocket()

    def expected(self, hit: Hit, *, pocket: bool = True) -> Deviation:
        """Return what people do there on average; without *pocket* the off-beats stay even."""
        group = self._feel.groups[hit.follows.group]
        slot = hit.place % len(SLOTS)
        timing = _of(group.timing, self._genre)[hit.place]
        if pocket:
            timing += _of(self._feel.pocket, self._genre)[slot]
        velocity = _of(group.velocity, self._genre)[hit.place] + group.slope * hit.above
        return Deviation(hit.follows.timing * timing, hit.follows.velocity * velocity, 0.0)

    def deviation(self, hit: Hit, *, pocket: bool = True) -> Deviation:
        """Return what this player does there, now; notes are asked for in their order."""
        group, share = self._feel.groups[hit.follows.group], hit.follows
        expected = self.expected(hit, pocket=pocket)
        timing = self._lasting_at(hit, "timing", group.timing_spread)
        if pocket:
            timing += self._pocket[hit.place % len(SLOTS)]
        timing += self._wander(hit, "timing", group.timing_spread) * self._shrink
        velocity = self._lasting_at(hit, "velocity", group.velocity_spread)
        scatter = self._wander(hit, "velocity", group.velocity_spread)
        return Deviation(
            expected.timing + share.timing * timing,
            expected.velocity + share.velocity * velocity,
            share.velocity * scatter,
        )

    def _drawn_pocket(self) -> list[float]:
        rng = _stream(self._seed, "pocket")
        drawn = [_gauss(rng) for _ in range(4)]
        drawn[0] = 0.0  # the beat is where the player's own beat is
        return [
            spread * drawn[CLASSES[slot]] for slot, spread in enumerate(self._feel.pocket_spread)
        ]

    def _owner(self, hit: Hit, what: str) -> str:
        """Return who draws: bass keeps the kick's time, and its own dynamics."""
        is_kick = hit.follows.group == "kick" and what == "timing"
        return "drums" if is_kick else self._part

    def _lasting_at(self, hit: Hit, what: str, spread: Spread) -> float:
        key = (what, hit.follows.group)
        if key not in self._lasting:
            rng = _stream(self._seed, self._owner(hit, what), *key)
            bias = spread.bias * _gauss(rng)
            self._lasting[key] = [
                bias + _quantile(spread.habit[CLASSES[place % len(SLOTS)]], rng.random())
                for place in range(4 * len(SLOTS))
            ]
        return self._lasting[key][hit.place]

    def _wander(self, hit: Hit, what: str, spread: Spread) -> float:
        group = hit.follows.group
        owner = self._owner(hit, what)
        value = spread.drift * self._drift(what, f"{owner}/{group}", spread.beats).at(hit.step)
        if spread.shared:
            value += spread.shared * self._drift(what, owner, spread.beats).at(hit.step)
        if spread.onset:
            at = (what, hit.step)
            if at not in self._onsets:
                self._onsets[at] = _gauss(self._hits)
            value += spread.onset * self._onsets[at]
        return value + spread.hit * _gauss(self._hits)

    def _drift(self, what: str, owner: str, beats: float) -> _Drift:
        key = (what, owner, beats)
        if key not in self._drifts:
            self._drifts[key] = _Drift(_stream(self._seed, owner, what, "drift"), beats)
        return self._drifts[key]


class _Drift:
    """A path that wanders around 0 with a spread of 1, read at any step."""

    def __init__(self, rng: random.Random, beats: float) -> None:
        self._rng = rng
        self._keep = math.exp(-_STEPS_OF_DRIFT / _STEPS_A_BEAT / beats)
        self._path = [_gauss(rng)]

    def at(self, step: int) -> float:
        index = max(0, step // _STEPS_OF_DRIFT)
        while len(self._path) <= index:
            fresh = math.sqrt(1 - self._keep**2) * _gauss(self._rng)
            self._path.append(self._keep * self._path[-1] + fresh)
        return self._path[index]


def _stream(seed: int, *names: str) -> random.Random:
    return random.Random("/".join((str(seed), *names)))


def _gauss(rng: random.Random) -> float:
    return max(-_WIDEST, min(_WIDEST, rng.gauss(0, 1)))


def _quantile(values: Sequence[float], share: float) -> float:
    """Return the value at a share of people, straight between QUANTILES, flat beyond them."""
    if share <= QUANTILES[0]:
        return values[0]
    for (low, high), (a, b) in zip(pairwise(QUANTILES), pairwise(values), strict=True):
        if share <= high:
            return a + (b - a) * (share - low) / (high - low)
    return values[-1]


def _of(rows: Mapping[str, tuple[float, ...]], genre: str) -> tuple[float, ...]:
    return rows.get(genre, rows["all"])
