"""What people do at a place in the bar: the learnt table of their timing and velocity.

``models/loops/feel.json`` (from ``learn_feel.py``) holds, for each group of parts, what people do
there on average, by genre where enough of it was heard, and how they differ: a player's own lasting
habits, a drift that moves slowly from note to note, and what is left for each onset and each note.
`evening` draws one player from it.

Habits of timing are in milliseconds whatever the tempo; in Groove they hardly change with it, while
drift and scatter shrink as beats get shorter (``tempo_power``).
"""

from __future__ import annotations

import functools
import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from bandmate.errors import WeightsError
from bandmate.music.meter import Meter
from bandmate.workers import weights

SLOTS = (0, 3, 4, 6, 8, 9)
"""Twelfths of a beat that are told apart: on it, sixteenths, triplets and the eighth."""
KINDS = {
    "kick": (35, 36), "snare": (37, 38, 39, 40), "hat": (22, 42), "pedal": (44,),
    "open": (26, 46), "ride": (51, 53, 59), "crash": (49, 52, 55, 57),
}  # fmt: skip
"""Kinds of drum, by General MIDI drum (22 and 26 are edges of a hat); all others are toms."""
GROUPS = (*KINDS, "tom", "keys", "lead")
"""Groups of notes that have habits of their own."""
QUANTILES = (0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.98)
"""Of players: where the table says how their habits at a place differ."""
CLASSES = (0, 2, 3, 1, 3, 2)
"""Of each slot: the beat, the eighth, sixteenths, triplets; habits are told by class."""
TEMPO = 100.0
"""Quarter notes per minute at which drift and scatter are told."""

_NEAREST = (0, 0, 1, 1, 2, 3, 3, 3, 4, 5, 5, 5)
_KIND_OF = {pitch: kind for kind, pitches in KINDS.items() for pitch in pitches}


class Follows(NamedTuple):
    """Whose habits a role has, and how much of them."""

    group: str
    timing: float = 1.0
    velocity: float = 1.0


ROLES = {
    "bass": Follows("kick", 1.0, 0.5), "keys": Follows("keys"), "mallet": Follows("keys"),
    "organ": Follows("keys", 1.0, 0.3), "guitar": Follows("keys", 0.8, 0.8),
    "pad": Follows("keys", 0.5, 0.5), "strings": Follows("keys", 0.5, 0.5),
    "lead": Follows("lead"), "reed": Follows("lead", 0.8, 0.8), "brass": Follows("lead", 0.8, 0.8),
    "choir": Follows("lead", 0.5, 0.5),
}  # fmt: skip
"""Nobody's bass, guitar or strings were heard: bass sits with the kick, the others lean on keys
or on the melody. The shares are a judgement of ours, not learnt."""


def followed(role: str, pitch: int) -> Follows:
    """Return whose habits a note of a role has; drums go by their pitch."""
    if role == "drums":
        return Follows(_KIND_OF.get(pitch, "tom"))
    return ROLES.get(role, Follows("keys", 0.5, 0.5))


def felt_beats(meter: Meter) -> tuple[tuple[float, float], ...]:
    """Return (start, length) of what is felt as a beat in a bar: pulses over eights, quarters."""
    over_eights = meter.denominator >= 8
    starts = meter.pulses if over_eights else tuple(map(float, range(math.ceil(meter.bar_beats))))
    return tuple(zip(starts, (b - a for a, b in pairwise((*starts, meter.bar_beats))), strict=True))


def place_of(meter: Meter, beat: float) -> int:
    """Return the place of a beat of the bar: ``len(SLOTS)`` places in each of four kinds of beat.

    In a bar of four those are its beats; elsewhere the first counts as the first, strong ones as
    the third, the others by turns as the second and the fourth. In 6/8 the eighths of a dotted beat
    lie where triplets do.
    """
    beats = felt_beats(meter)
    index = bisect_right([start for start, _ in beats], beat + 1e-6) - 1
    start, length = beats[index]
    step = min(11, round((beat - start) / length * 12))
    kind = index
    if len(beats) != 4 and index:
        kind = 2 if start in meter.strong_beats else (1 if index % 2 else 3)
    return kind * len(SLOTS) + _NEAREST[step]


@dataclass(frozen=True, slots=True)
class Spread:
    """How people differ, and how one differs from note to note; standard deviations."""

    bias: float
    """Of a player's whole group, for good."""
    habit: tuple[tuple[float, ...], ...]
    """Of a player's place, for good: QUANTILES by class of slot."""
    shared: float
    """A slow drift that all of a drummer's limbs have in common."""
    drift: float
    """A slow drift of the group's own."""
    beats: float
    """After so many beats a drift is forgotten to a third."""
    onset: float
    """For all notes of an onset alike."""
    hit: float
    """For each note."""

    @property
    def wander(self) -> float:
        """Of all that changes from note to note."""
        return math.hypot(self.shared, self.drift, self.onset, self.hit)


@dataclass(frozen=True, slots=True)
class Group:
    """The habits of a group of notes."""

    timing: Mapping[str, tuple[float, ...]]
    """Genre or "all" -> milliseconds by place, over the pocket."""
    velocity: Mapping[str, tuple[float, ...]]
    """Genre or "all" -> velocity over the part's mean, by place."""
    slope: float
    """Velocity a semitone over the part's mean pitch."""
    timing_spread: Spread
    """In milliseconds, at TEMPO where it wanders."""
    velocity_spread: Spread


@dataclass(frozen=True, slots=True)
class Feel:
    """The learnt table."""

    pocket: Mapping[str, tuple[float, ...]]
    """Genre or "all" -> milliseconds after the player's own beat, by slot: all parts alike."""
    pocket_spread: tuple[float, ...]
    """How players differ in it, by slot."""
    tempo_power: float
    """Drift and scatter of timing go with (TEMPO / tempo) to this power."""
    swung_eighths: frozenset[str]
    """Genres whose off-beat eighths were played on the triplet."""
    groups: Mapping[str, Group]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Feel:
        """Read a table as ``learn_feel.py`` writes it; raises KeyError or TypeError."""
        groups = {
            name: Group(
                _rows(row["timing"]),
                _rows(row["velocity"]),
                float(row["slope"]),
                _spread(row["timing spread"]),
                _spread(row["velocity spread"]),
            )
            for name, row in table["groups"].items()
        }
        return cls(
            _rows(table["pocket"]),
            tuple(table["pocket spread"]),
            float(table["tempo power"]),
            frozenset(table["swung eighths"]),
            {name: groups[name] for name in GROUPS},
        )


def _rows(rows: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, ...]]:
    return {genre: tuple(row) for genre, row in rows.items()}


def _spread(row: Mapping[str, Any]) -> Spread:
    return Spread(**{**row, "habit": tuple(map(tuple, row["habit"]))})


@functools.cache
def shipped_feel(models: Path | None = None) -> Feel:
    """Return the table that is shipped; raises WeightsError in words."""
    file = weights.checked("feel", models)
    try:
        return Feel.of(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{file} is not a table of feel: {error}") from error
