"""The prior as a table of triads, for hearing chords: models/chords/changes.json.

For major and minor keys the probability of each triad right behind each other one, the tonic at 0:
rows and columns 0..11 are major roots, 12..23 minor ones.
"""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from bandmate.chords.events import Frame, Sort
from bandmate.chords.prior import Prior
from bandmate.chords.vocabulary import CONTENTS, NONE_ROOT, chord_of
from bandmate.music.chord import Chord
from bandmate.workers import weights
from data import MODELS, enlist


def triads(prior: Prior, mode: str) -> NDArray[np.float64]:
    """Return the table of a mode, (24, 24), rows summing to one."""
    is_minor = np.array([3 in set(chord_of(0, n, 0).pitches) for n in range(len(CONTENTS))])
    table = np.zeros((24, 24))
    for state in range(24):
        chord = Chord.of(state % 12, "min" if state >= 12 else "maj")
        found = prior.following(Frame(0, Sort.of(mode, is_triple=False), ((chord,),)))
        by_content = found[:NONE_ROOT].sum(axis=2)
        table[state, :12] = by_content[:, ~is_minor].sum(axis=1)
        table[state, 12:] = by_content[:, is_minor].sum(axis=1)
        table[state, state] = 0  # the same triad in another dress is no change
    return table / table.sum(axis=1, keepdims=True)


if __name__ == "__main__":
    prior = Prior(weights.checked("prior", MODELS))
    file = MODELS / "chords" / "changes.json"
    tables = {mode: triads(prior, mode).round(5).tolist() for mode in ("maj", "min")}
    file.write_text(json.dumps(tables) + "\n", "utf-8")
    enlist(file)
