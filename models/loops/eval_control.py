"""Is what was asked what came: the exact facts, and fields as wishes, before and after correction.

A condition asks for what validation windows themselves measure in some fields; under ``none`` the
same figures say how far off loops are when nobody asks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from asking import (
    CONDITIONS,
    Asking,
    Row,
    by_field,
    exactness,
    figures,
    is_bar,
    rows_of,
    within_loops,
)
from bandmate.loops.performance.mending import mended
from bandmate.loops.plan import FIELDS, LoopPlan, Wish
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from judge.features import band_features, features_by_part
from judge.figures import Figures
from judge.piece import piece_of
from judge.sides import clip_of_window
from judge.trees import Table, by_trees
from likeness import mean
from samples import Window
from songs import SETS
from studio import Studio, plan_for, wishes_of

_LOOPS = 50
_RARE_LOOPS = 40
_MAIN = ("Density", "Pitch", "Velocity", "Duration")


@dataclass
class Tally:
    """What the loops of one condition and set came to."""

    rows: list[list[Row]] = field(default_factory=list)
    """By loop."""
    exact: list[dict[str, float]] = field(default_factory=list)
    features: list[Figures] = field(default_factory=list)
    mended_features: list[Figures] = field(default_factory=list)

    def hear(self, plan: LoopPlan, wishes: Sequence[Wish], clip: Clip) -> None:
        """Count one loop."""
        after = mended(clip, plan)
        self.rows.append(rows_of(wishes, clip, after))
        self.exact.append(exactness(plan, after))
        self.features.append(judged(clip))
        self.mended_features.append(judged(after))

    def report(self) -> dict[str, Any]:
        """Return the figures of the condition, field by field."""
        found: dict[str, Any] = {"loops": len(self.exact)}
        found |= {name: round(mean([e[name] for e in self.exact]), 4) for name in self.exact[0]}
        fields = by_field(row for rows in self.rows for row in rows)
        found["fields"] = {name: figures(rows) for name, rows in fields.items()}
        for name, rows in fields.items():
            if all(is_bar(row.wish) for row in rows):
                loops = [[r for r in rows if r.wish.field == name] for rows in self.rows]
                found["fields"][name] |= within_loops(loops)
        return found


def judged(clip: Clip) -> Figures:
    """Return a clip's features as the judge reads it."""
    piece = piece_of(clip)
    return band_features(piece, features_by_part(piece))


def control(studio: Studio) -> dict[str, Any]:
    """Return the figures of every condition by set, and those of rare asks."""
    halls = {name: studio.hall(name, _LOOPS).asked for name in SETS}
    report: dict[str, Any] = {name: {} for name in SETS}
    report["told apart"] = {}
    for condition, asking in CONDITIONS.items():
        tallies = {name: _heard(studio, halls[name], asking, condition) for name in SETS}
        for name, tally in tallies.items():
            report[name][condition] = tally.report()
        report["told apart"][condition] = _told_apart(halls, tallies)
        print(condition, report["told apart"][condition], flush=True)
    report["rare asks"] = rare(studio)
    return report


def _heard(studio: Studio, windows: Sequence[Window], asking: Asking, condition: str) -> Tally:
    tally, rng = Tally(), random.Random(condition)
    for seed, window in enumerate(windows):
        wishes = asking(window, rng)
        plan = plan_for(window, seed, wishes=wishes)
        tally.hear(plan, wishes or wishes_of(window, FIELDS), studio.write(plan))
    return tally


def _told_apart(
    halls: dict[str, list[Window]], tallies: dict[str, Tally]
) -> dict[str, float]:  # fmt: skip
    """Return how often trees tell the loops of a condition from real ones, one judge for all."""
    windows = [window for name in SETS for window in halls[name]]
    real = [judged(clip_of_window(window)) for window in windows]
    songs = [window.song.path for window in windows] * 2
    is_made = np.arange(len(songs)) >= len(real)
    found = {}
    for name in ("features", "mended_features"):
        made = [values for tally in tallies.values() for values in getattr(tally, name)]
        is_right = (by_trees(Table([*real, *made]), is_made, songs) > 0.5) == is_made
        found[name] = round(float(is_right.mean()), 3)
    return {"as written": found["features"], "mended": found["mended_features"]}


def rare(studio: Studio) -> dict[str, Any]:
    """Return the figures of asks that the training songs hardly hold."""
    sparse, six = Tally(), Tally()
    rng = random.Random("rare")
    windows = [w for name in SETS for w in studio.hall(name, _RARE_LOOPS // 2).asked]
    rng.shuffle(windows)
    wishes: tuple[Wish, ...]
    for seed, window in enumerate(windows[: studio.some(_RARE_LOOPS)]):
        wishes = (Wish("Density", "All", rng.choice((2.0, 3.0, 4.0))),)
        plan = plan_for(window, seed, wishes=wishes)
        sparse.hear(plan, wishes, studio.write(plan))
    bands = [w for w in windows if {"drums", "bass"} <= w.parts.keys() and len(w.parts) >= 4]
    for seed, window in enumerate(bands[: studio.some(_RARE_LOOPS)]):
        wishes = tuple(
            replace(wish, value=wish.value * 0.75) if wish.field == "Density" else wish
            for wish in wishes_of(window, _MAIN)
        )
        plan = plan_for(
            window, seed, wishes=wishes, meter=Meter(6, 8), chords=(), strictness=0.0
        )  # fmt: skip
        six.hear(plan, wishes, studio.write(plan))
    return {"density under 5": sparse.report(), "full band in 6/8": six.report()}
