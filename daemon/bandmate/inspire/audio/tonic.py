"""The key of chords that were heard: how they change, what they hold, where they begin and rest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import numpy as np

from bandmate.inspire.audio.chordpath import Transition, foreseen
from bandmate.music.key import Key, estimated_key

if TYPE_CHECKING:
    from bandmate.music.chord import Chord

_OUTSIDE = 20.0
"""What tones outside the key cost, all of them, in natural logarithms of a change."""
_BEGINS = 2.0
"""What it is worth that the first chord is the tonic's."""
_RESTS = 3.0
"""What it is worth that all chords are the tonic triad."""

KEYS = tuple(Key(tonic, mode) for mode in ("maj", "min") for tonic in range(12))


def key_of_chords(chords: Sequence[Chord], transition: Transition | None) -> Key:
    """Return the major or minor key of chords, a chord for each slot; C major for none.

    Without a *transition* the tones alone decide (`music.key.estimated_key`). The weights were
    tuned on songs of the training split.
    """
    held = [chord for chord in chords if not chord.is_none]
    tones = [0.0] * 12
    for chord in held:
        for pitch in chord.pitches:
            tones[pitch] += 1.0
    if transition is None or not held:
        return estimated_key(tones)
    return max(KEYS, key=lambda key: _fit(held, tones, key, transition))


def _fit(held: Sequence[Chord], tones: list[float], key: Key, transition: Transition) -> float:
    """Return how well chords fit a key."""
    triads = [_triad(chord) for chord in held]
    log = np.log(foreseen(key, transition))
    changes = sum(float(log[a, b]) for a, b in pairwise(t for t, _ in groupby(triads)))
    # The leading note belongs to a minor key as much as its own seventh.
    scale = {*key.scale, (key.tonic + 11) % 12} if key.mode == "min" else {*key.scale}
    outside = sum(tone for pitch, tone in enumerate(tones) if pitch not in scale) / sum(tones)
    rests = triads.count(key.tonic + 12 * (key.mode == "min")) / len(triads)
    begins = held[0].root == key.tonic
    return changes - _OUTSIDE * outside + _BEGINS * begins + _RESTS * rests


def _triad(chord: Chord) -> int:
    """Return 0..11 for a chord that counts as major, 12..23 for one with a minor third."""
    root = int(chord.root or 0)
    has_minor = (root + 3) % 12 in chord.pitches and (root + 4) % 12 not in chord.pitches
    return root + 12 * has_minor
