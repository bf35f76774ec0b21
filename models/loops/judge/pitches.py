"""Which pitches a part plays: register, scale degrees, notes outside the key."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from bandmate.loops.model.vocabulary import STEPS
from judge.figures import Figures, commonest, entropy, least, mean, most, ratio, share, spread
from judge.piece import PartNotes, Tone

CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
WHITE = frozenset({0, 2, 4, 5, 7, 9, 11})
"""Both sides are on the white keys, with the mode's tonic."""


def pitches(part: PartNotes) -> Figures:
    """Return the features of a part's pitches."""
    return {**_register(part), **_scale(part)}


def _register(part: PartNotes) -> Figures:
    found = [tone.pitch for tone in part.tones]
    counts = Counter(found)
    return {
        "mean pitch": mean(found),
        "pitch spread": spread(found),
        "highest pitch": most(found),
        "lowest pitch": least(found),
        "pitch range": most(found) - least(found),
        "mean pitch of the top line": mean(tone.pitch for tone in part.top),
        "mean pitch of the lowest line": mean(tone.pitch for tone in part.lowest),
        "distinct pitches": len(counts),
        "distinct pitches a note": ratio(len(counts), len(found)),
        "notes of the commonest pitch": commonest(found),
        "pitch entropy": entropy(found),
        "pitches heard once": share(count == 1 for count in counts.values()),
    }


def _scale(part: PartNotes) -> Figures:
    weights = [0.0] * 12
    for tone in part.tones:
        weights[tone.pitch % 12] += tone.steps
    total = sum(weights)
    found = [tone.pitch % 12 for tone in part.tones]
    return {
        **{f"time on {n}": ratio(w, total) for n, w in zip(CLASSES, weights, strict=True)},
        "notes in key": share(c in WHITE for c in found),
        "notes in key on beats": share(_in_key(t) for t in part.tones if t.start % STEPS == 0),
        "foreign notes left by half step": _led(part),
        "distinct pitch classes": len(set(found)),
        "pitch-class entropy": entropy(found),
        "distinct pitch classes a bar": mean(
            len({tone.pitch % 12 for tone in bar}) for bar in part.by_bar if bar
        ),
        "bars with foreign notes": share(
            any(not _in_key(tone) for tone in bar) for bar in part.by_bar if bar
        ),
    }


def _in_key(tone: Tone) -> bool:
    return tone.pitch % 12 in WHITE


def _led(part: PartNotes) -> float:
    return share(abs(b.pitch - a.pitch) == 1 for a, b in pairwise(part.top) if not _in_key(a))
