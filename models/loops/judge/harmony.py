"""The harmony of all pitched parts, half bar by half bar, as triads and sevenths heard in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from judge.figures import Figures, commonest, cosine, entropy, mean, ratio, share, spread
from judge.piece import PartNotes, Piece
from judge.pitches import WHITE

_SHAPES = {
    "major": (0, 4, 7), "minor": (0, 3, 7), "power": (0, 7), "suspended": (0, 5, 7),
    "diminished": (0, 3, 6), "augmented": (0, 4, 8), "seventh": (0, 4, 7, 10),
    "minor seventh": (0, 3, 7, 10), "major seventh": (0, 4, 7, 11),
}  # fmt: skip
_CHORDS = [
    (root, shape, tuple((root + step) % 12 for step in steps))
    for root in range(12)
    for shape, steps in _SHAPES.items()
]


class Heard(NamedTuple):
    """The chord that a stretch is nearest to."""

    root: int
    shape: str
    fit: float
    """Cosine of the time on each pitch class and the chord's."""


def harmony(piece: Piece) -> Figures:
    """Return the features of what sounds together."""
    whole = piece.notes_of(*piece.pitched)
    half = piece.bar_steps // 2
    weights = [_weights(whole, i * half, (i + 1) * half) for i in range(2 * piece.bars)]
    lowest = [_bass(whole, i * half, (i + 1) * half) for i in range(2 * piece.bars)]
    sounding = [(w, low) for w, low in zip(weights, lowest, strict=True) if any(w)]
    chords = [heard(w) for w, _ in sounding]
    return {
        **_chords(chords, [low for _, low in sounding]),
        **_changes(chords, [w for w, _ in sounding]),
        **_classes([w for w, _ in sounding]),
        **_stretches(whole),
    }


def _weights(whole: PartNotes, start: int, end: int) -> list[float]:
    """Return for each pitch class how long it sounds between two steps."""
    weights = [0.0] * 12
    for tone in whole.tones:
        weights[tone.pitch % 12] += max(0, min(tone.end, end) - max(tone.start, start))
    return weights


def _bass(whole: PartNotes, start: int, end: int) -> int:
    """Return the pitch class of the lowest note that sounds between two steps, -1 of none."""
    found = [t.pitch for t in whole.tones if t.start < end and t.end > start]
    return min(found) % 12 if found else -1


def heard(weights: Sequence[float]) -> Heard:
    """Return the chord nearest to the time on each pitch class."""
    norm = sum(w * w for w in weights) ** 0.5
    fits = [
        (sum([weights[c] for c in classes]) / (norm * len(classes) ** 0.5), root, shape)
        for root, shape, classes in _CHORDS
    ]
    fit, root, shape = max(fits)
    return Heard(root, shape, fit)


def _chords(chords: Sequence[Heard], lowest: Sequence[int]) -> Figures:
    return {
        **{f"heard as {s}": share(c.shape == s for c in chords) for s in _SHAPES},
        "clearness of chords": mean(chord.fit for chord in chords),
        "clearness of chords, spread": spread(chord.fit for chord in chords),
        "lowest note is the root": share(
            chord.root == low for chord, low in zip(chords, lowest, strict=True)
        ),
        "roots in key": share(chord.root in WHITE for chord in chords),
        "chords on the first degree": share(chord.root in (0, 9) for chord in chords),
    }


def _changes(chords: Sequence[Heard], weights: Sequence[Sequence[float]]) -> Figures:
    roots = [chord.root for chord in chords]
    ways = [(b - a) % 12 for a, b in pairwise(roots) if a != b]
    near = [cosine(a, b) for a, b in pairwise(weights)]
    return {
        "chord changes a half bar": share(a[:2] != b[:2] for a, b in pairwise(chords)),
        "root changes a half bar": share(a != b for a, b in pairwise(roots)),
        "roots by fourth or fifth": share(way in (5, 7) for way in ways),
        "roots by second": share(way in (1, 2, 10, 11) for way in ways),
        "roots by third": share(way in (3, 4, 8, 9) for way in ways),
        "distinct roots": len(set(roots)),
        "distinct chords heard": len({chord[:2] for chord in chords}),
        "commonest root": commonest(roots),
        "second half has the first's roots": share(
            a == b for a, b in zip(roots[: len(roots) // 2], roots[len(roots) // 2 :], strict=False)
        ),
        "pitch classes alike, half bars": mean(near),
        "pitch classes alike, half bars, spread": spread(near),
        "last half bar like the first": cosine(weights[0], weights[-1]) if weights else 0.0,
    }


def _classes(weights: Sequence[Sequence[float]]) -> Figures:
    total = [sum(column) for column in zip(*weights, strict=True)] if weights else [0.0] * 12
    every = sum(total)
    return {
        "time in key": ratio(sum(total[c] for c in WHITE), every),
        "pitch classes of the clip": sum(w > 0 for w in total),
        "pitch classes a half bar": mean(sum(w > 0 for w in row) for row in weights),
        "pitch classes a half bar, spread": spread(sum(w > 0 for w in row) for row in weights),
        "half bars with foreign notes": share(
            any(w > 0 and i not in WHITE for i, w in enumerate(row)) for row in weights
        ),
    }


def _stretches(whole: PartNotes) -> Figures:
    """What sounds at each onset of any part."""
    sets = []
    tones = whole.tones
    for start in whole.onsets:
        sets.append({t.pitch % 12 for t in tones if t.start <= start < t.end})
    return {
        "pitch classes at an onset": mean(len(found) for found in sets),
        "pitch classes at an onset, spread": spread(len(found) for found in sets),
        "half steps at an onset": share(any((c + 1) % 12 in f for c in f) for f in sets),
        "entropy of what sounds": entropy(frozenset(found) for found in sets),
        "distinct sets that sound": ratio(len({frozenset(f) for f in sets}), len(sets)),
    }
