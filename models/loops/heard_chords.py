"""Chords of songs that come without: heard beat by beat in their notes, for training only.

A hidden Markov model whose states are chords: a state fits where the pitch classes that sound are
its own and its root lies in the bass; changes cost something, and more off the bar line. Songs
that are not mostly made of the chords found are left without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bandmate.loops.model.tokens import GridNote, chord_slots
from bandmate.loops.model.vocabulary import STEPS
from bandmate.music.meter import Meter

QUALITIES = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "min7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11), "dim": (0, 3, 6), "sus4": (0, 5, 7), "5": (0, 7),
}  # fmt: skip
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
LABELS = tuple(f"{name}:{quality}" for name in _NAMES for quality in QUALITIES)
_OUTSIDE = -1.3
"""Score of a beat's share outside the chord, where the share inside scores 1."""
_PLAIN = {"maj": 0.06, "min": 0.06, "7": 0.0, "min7": 0.0, "maj7": -0.02, "dim": -0.06,
          "sus4": -0.08, "5": 0.0}  # fmt: skip
_BASS = 0.35
_CHANGE = {True: 0.35, False: 0.75}
"""Cost of a change on a bar line and elsewhere."""
LEAST_INSIDE = 0.72
"""Share of the pitched time that the chords found must hold."""


@lru_cache(1)
def _templates() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    masks = np.zeros((len(LABELS), 12))
    extra = np.zeros(len(LABELS))
    roots = np.zeros(len(LABELS), np.int64)
    for root in range(12):
        for i, (quality, classes) in enumerate(QUALITIES.items()):
            row = root * len(QUALITIES) + i
            masks[row, [(root + c) % 12 for c in classes]] = 1
            extra[row], roots[row] = _PLAIN[quality], root
    return masks, extra, roots


def heard_chords(
    parts: Mapping[str, Sequence[GridNote]], meter: Meter, bars: int
) -> dict[int, list[str | None]]:
    """Return for each bar a label a slot, None to hold the one before; empty where none fit.

    Notes count their steps from the song's start.
    """
    pitched = [note for name, notes in parts.items() if name[:5] != "drums" for note in notes]
    if not pitched:
        return {}
    slots = chord_slots(meter)
    starts = np.array(
        [(bar * meter.bar_beats + slot) * STEPS for bar in range(bars) for slot in slots]
    )
    weights, bass = _sounding(pitched, np.append(starts, bars * meter.bar_beats * STEPS))
    path, inside = _best_path(weights, bass, len(slots))
    if inside < LEAST_INSIDE:
        return {}
    found: dict[int, list[str | None]] = {}
    before = -1
    for at, state in enumerate(path):
        bar, slot = divmod(at, len(slots))
        row = found.setdefault(bar, [None] * len(slots))
        if state != before:
            row[slot] = LABELS[state]
            before = state
    return found


def _sounding(
    pitched: Sequence[GridNote], edges: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return each slot's time by pitch class, (slots, 12), and its lowest pitch class or -1."""
    slots = len(edges) - 1
    weights = np.zeros((slots, 12))
    lowest = np.full(slots, 999)
    for note in pitched:
        first = max(0, int(np.searchsorted(edges, note.step, "right")) - 1)
        for slot in range(first, slots):
            start, end = max(edges[slot], note.step), min(edges[slot + 1], note.step + note.steps)
            if end <= start:
                break
            weights[slot, note.pitch % 12] += end - start
            if end - start >= (edges[slot + 1] - edges[slot]) / 3:
                lowest[slot] = min(lowest[slot], note.pitch)
    return weights, np.where(lowest < 999, lowest % 12, -1)


def _best_path(
    weights: NDArray[np.float64], bass: NDArray[np.int64], a_bar: int
) -> tuple[list[int], float]:
    """Return the likeliest state of each slot, and the share of time inside those chords."""
    masks, extra, roots = _templates()
    totals = weights.sum(1, keepdims=True)
    shares = weights / np.maximum(totals, 1e-9)
    fit = shares @ (masks.T * (1 - _OUTSIDE)) + _OUTSIDE + extra
    fit += _BASS * (roots[None, :] == bass[:, None])
    fit *= totals > 0
    scores, back = fit[0].copy(), np.zeros((len(fit), len(LABELS)), np.int64)
    for at in range(1, len(fit)):
        best = int(scores.argmax())
        moved = scores[best] - _CHANGE[at % a_bar == 0]
        stays = scores >= moved
        back[at] = np.where(stays, np.arange(len(LABELS)), best)
        scores = np.where(stays, scores, moved) + fit[at]
    path = [int(scores.argmax())]
    for at in range(len(fit) - 1, 0, -1):
        path.append(int(back[at, path[-1]]))
    path.reverse()
    inside = (weights * masks[path]).sum()
    return path, float(inside / max(weights.sum(), 1e-9))
