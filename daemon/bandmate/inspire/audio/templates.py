"""Chords as they sound: what each would hold of the twelve pitch classes, and how like it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bandmate.inspire.audio.chroma import folded, lowest
from bandmate.music.chord import Chord

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Template:
    """One row of the table of chords that are heard."""

    quality: str
    """As a label has it, ``min7``."""
    steps: tuple[int, ...]
    """Semitones above the root, the third or what stands for it second."""
    is_minor: bool
    """Which of the two triads it counts as where changes are looked up."""
    handicap: float
    """How much more like it a sound must be than like a major or minor triad."""


TEMPLATES = (
    Template("maj", (0, 4, 7), False, 0.0),
    Template("min", (0, 3, 7), True, 0.0),
    Template("7", (0, 4, 7, 10), False, 0.012),
    Template("maj7", (0, 4, 7, 11), False, 0.012),
    Template("min7", (0, 3, 7, 10), True, 0.012),
    Template("maj6", (0, 4, 7, 9), False, 0.08),
    Template("min6", (0, 3, 7, 9), True, 0.08),
    Template("hdim7", (0, 3, 6, 10), True, 0.035),
    Template("dim7", (0, 3, 6, 9), True, 0.035),
    Template("dim", (0, 3, 6), True, 0.05),
    Template("aug", (0, 4, 8), False, 0.06),
    Template("sus4", (0, 5, 7), False, 0.12),
    Template("sus4(b7)", (0, 5, 7, 10), False, 0.1),
)
"""The chords that are heard; the handicaps were tuned on rendered songs of the training split."""

STATES = 12 * len(TEMPLATES) + 1
"""Roots times templates, and no chord, the last."""
NONE = STATES - 1

_POWER = 0.4
"""Loud notes count for little more than soft ones."""
_BASS = 0.2
"""How much the root in the bass counts, where the chroma counts 1."""
_BASS_OF_OTHERS = 0.57
"""How much a third or fifth in the bass counts, where the root counts 1."""


def state_to_chord(state: int, inversion: int = 0) -> Chord:
    """Return the chord of a state, *inversion* semitones from its root up to its bass."""
    if state == NONE:
        return Chord(None)
    root, row = divmod(state, len(TEMPLATES))
    return Chord.of(root, TEMPLATES[row].quality, (root + inversion) % 12)


def state_to_triad(state: int) -> int:
    """Return 0..11 for chords that count as major, 12..23 for minor ones; not for NONE."""
    root, row = divmod(state, len(TEMPLATES))
    return root + 12 * TEMPLATES[row].is_minor


def likeness(weights: NDArray[float64]) -> NDArray[float64]:
    """Return how like each state the notes sound (gaps x STATES, about 0..1.2).

    The column of NONE is 0: whoever knows how loud a gap is, fills it.
    """
    chroma = folded(weights, 40, 84) ** _POWER
    chroma = chroma / (np.linalg.norm(chroma, axis=1, keepdims=True) + 1e-9)
    bass = lowest(weights) ** _POWER
    bass = bass / (bass.max(axis=1, keepdims=True) + 1e-9)
    found = np.zeros((len(weights), STATES))
    for state in range(NONE):
        root, row = divmod(state, len(TEMPLATES))
        template = TEMPLATES[row]
        tones = [(root + step) % 12 for step in template.steps]
        above = bass[:, tones[1:3]].max(axis=1)
        low = np.maximum(bass[:, root], _BASS_OF_OTHERS * above)
        alike = chroma[:, tones].sum(axis=1) / np.sqrt(len(tones))
        found[:, state] = alike + _BASS * low - template.handicap
    return found
