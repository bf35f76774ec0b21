"""An ear for genres that knows nothing of our models: trees over counts, trained on real songs."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import confusion_matrix

from bandmate.chords.events import events_of
from bandmate.chords.progression import BarOfChords
from bandmate.chords.vocabulary import NONE_ROOT, chord_of
from real_songs import Song

GENRES = {"jazz": "jazz", "latin": "bossa nova", "folk": "folk", "pop": "pop", "rock": "rock"}
"""Genres that have songs enough to judge, and the keyword that asks for each."""


class GenreEar:
    """Tells a genre from eight bars."""

    def __init__(self, windows: Sequence[tuple[Song, Sequence[BarOfChords]]]) -> None:
        """Learn from real windows."""
        known = [(song, bars) for song, bars in windows if song.genre in GENRES]
        features = np.array([features_of(bars, song.mode) for song, bars in known])
        genres = np.array([song.genre for song, _ in known])
        # Each genre weighs the same, and so does each song within it.
        per_song = Counter(song.id for song, _ in known)
        songs = Counter(song.genre for song in {song.id: song for song, _ in known}.values())
        weights = np.array([1 / per_song[s.id] / songs[s.genre] for s, _ in known])
        self._trees = HistGradientBoostingClassifier(
            max_iter=150,
            learning_rate=0.1,
            max_leaf_nodes=15,
            l2_regularization=1.0,
            random_state=0,
        )
        self._trees.fit(features, genres, sample_weight=weights * len(weights) / weights.sum())

    def balanced(
        self, rows: Sequence[tuple[str | None, Sequence[BarOfChords], str]]
    ) -> dict[str, Any]:
        """Return accuracies by genre, their mean, and the confusion (rows: asked)."""
        known = [(genre, bars, mode) for genre, bars, mode in rows if genre in GENRES]
        features = np.array([features_of(bars, mode) for _, bars, mode in known])
        asked = [genre for genre, _, _ in known]
        names = list(GENRES)
        table = confusion_matrix(asked, self._trees.predict(features), labels=names)
        shares = table / table.sum(axis=1, keepdims=True)
        return {
            "windows": len(known),
            "balanced accuracy": round(float(np.diag(shares).mean()), 3),
            "confusion": {
                name: {other: round(float(x), 2) for other, x in zip(names, row, strict=True)}
                for name, row in zip(names, shares, strict=True)
            },
        }


def features_of(bars: Sequence[BarOfChords], mode: str) -> NDArray[np.float64]:
    """Return shares of roots, kinds, basses and root motions, and a few means."""
    events = events_of(bars)
    chords = [e.numbers for e in events if e.numbers[0] != NONE_ROOT]
    count = max(len(chords), 1)
    roots, thirds, sizes, motions, pairs = (np.zeros(n) for n in (12, 5, 6, 12, 24))
    sevenths = inversions = 0.0
    for root, content, bass in chords:
        steps = {(p - 0) % 12 for p in chord_of(0, content, 0).pitches}
        roots[root] += 1
        kind = 0 if {4, 7} <= steps else 1 if {3, 7} <= steps else 2 if {3, 6} <= steps else 3
        thirds[4 if {4, 8} <= steps else kind] += 1
        sizes[min(len(steps), 6) - 1] += 1
        sevenths += bool(steps & {10, 11})
        inversions += bass != 0
        pairs[root + 12 * (3 in steps)] += 1
    for (a, _, _), (b, _, _) in itertools.pairwise(chords):
        motions[(b - a) % 12] += 1
    places = np.bincount([e.start % 12 for e in events], minlength=12) / len(events)
    means = [sevenths / count, inversions / count, len(events) / len(bars), mode != "maj"]
    shares = [x / count for x in (roots, thirds, sizes, motions, pairs)]
    distinct = [len(set(chords)) / count, len(set(map(tuple, bars))) / len(bars)]
    return np.concatenate([*shares, places, means, distinct])
