"""The likeliest way through the chords: what each beat sounds like, and how chords change.

A chord is kept or left at each slot; it is left the more readily the stronger the slot's place in
the bar. Where it goes is looked up relative to the tonic, in a table of changes between the 24
triads learned from songs (`Transition`), or is anybody's guess.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bandmate.errors import WeightsError
from bandmate.inspire.audio.templates import NONE, STATES, TEMPLATES, state_to_triad
from bandmate.paths import shipped
from bandmate.workers import weights

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from bandmate.music.key import Key

SHARPNESS = 22.0
"""By how much a likeness counts against the habits of changes (natural logarithm)."""
_CHANGES = "changes"
"""The table's name in the manifest."""
_FROM_NOWHERE = 0.07
"""Share of changes that no table foresees."""
_OF_NONE = 0.02
"""Share of changes that lead to no chord."""
_LEAVING = (0.9, 0.4, 0.16, 0.04)
"""Probability of a change at a bar line, in a bar's middle, on another beat, between beats."""


@dataclass(frozen=True)
class Transition:
    """How triads follow each other: rows from, columns to; 0..11 major, 12..23 minor, tonic 0."""

    major: NDArray[float64]
    minor: NDArray[float64]

    def of(self, key: Key) -> NDArray[float64]:
        """Return the table of a key's mode, moved to its tonic."""
        table = self.minor if key.mode == "min" else self.major
        place = np.array([(i - key.tonic) % 12 + 12 * (i // 12) for i in range(24)])
        moved: NDArray[float64] = table[np.ix_(place, place)]
        return moved


def shipped_transition(models: Path | None = None) -> Transition | None:
    """Return the changes learned from songs, None where the manifest has none.

    Raises WeightsError for a file that is missing, altered or makes no sense.
    """
    folder = models or shipped("models")
    if _CHANGES not in {row.name for row in weights.manifest(folder)}:
        return None
    file = weights.checked(_CHANGES, folder)
    try:
        said = json.loads(file.read_text("utf-8"))
        tables = [np.array(said[mode], np.float64) for mode in ("maj", "min")]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{file} cannot be read: {error}") from error
    if any(t.shape != (24, 24) or not np.isfinite(t).all() or (t < 0).any() for t in tables):
        raise WeightsError(f"{file} must hold two tables of 24 x 24 probabilities, maj and min")
    return Transition(*tables)


def foreseen(key: Key, transition: Transition | None) -> NDArray[float64]:
    """Return probabilities (24 x 24) of the next triad, none of them 0."""
    flat = np.full((24, 24), 1 / 24)
    if transition is None:
        return flat
    table = transition.of(key) + 1e-9
    table = table / table.sum(axis=1, keepdims=True)
    found: NDArray[float64] = (1 - _FROM_NOWHERE) * table + _FROM_NOWHERE * flat
    return found


def changes(key: Key, transition: Transition | None) -> NDArray[float64]:
    """Return log-probabilities (STATES x STATES) of where a chord goes that does not stay."""
    table = foreseen(key, transition)
    triads = np.array([state_to_triad(state) for state in range(NONE)])
    kinds = np.bincount(triads, minlength=24)
    found = np.zeros((STATES, STATES))
    found[:NONE, :NONE] = (1 - _OF_NONE) * table[np.ix_(triads, triads)] / kinds[triads]
    found[:NONE, NONE] = _OF_NONE
    found[NONE, :NONE] = 1 / (12 * len(TEMPLATES))
    np.fill_diagonal(found, 1e-12)  # to stay is told apart
    logs: NDArray[float64] = np.log(found)
    return logs


class Way(NamedTuple):
    """A way through the chords."""

    states: NDArray[np.int64]
    """One a slot."""
    gain: float
    """Its log-probability, but for a constant."""


def leaving(slots: int, phase: int, beats: int, parts: int) -> NDArray[float64]:
    """Return the probability of a change at each slot.

    A bar has *beats* beats of *parts* slots; slot *phase* is the first that starts one.
    """
    found = np.empty(slots)
    for slot in range(slots):
        beat, part = divmod((slot - phase) % (beats * parts), parts)
        is_middle = beats % 2 == 0 and beat == beats // 2
        place = 3 if part else 0 if beat == 0 else 1 if is_middle else 2
        found[slot] = _LEAVING[place]
    return found


def likeliest(alike: NDArray[float64], change: NDArray[float64], leave: NDArray[float64]) -> Way:
    """Return the likeliest path, after Viterbi (1967)."""
    count = len(alike)
    total = SHARPNESS * alike[0]
    came = np.zeros((count, STATES), np.int64)
    stay = np.arange(STATES)
    for slot in range(1, count):
        arrived = total[:, None] + change
        source = arrived.argmax(axis=0)
        moved = arrived[source, stay] + np.log(leave[slot])
        kept = total + np.log1p(-leave[slot])
        came[slot] = np.where(moved > kept, source, stay)
        total = np.maximum(moved, kept) + SHARPNESS * alike[slot]
    states = np.empty(count, np.int64)
    states[-1] = total.argmax()
    for slot in range(count - 1, 0, -1):
        states[slot - 1] = came[slot, states[slot]]
    return Way(states, float(total.max()))
