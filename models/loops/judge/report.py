"""The judge's report: by set the whole band and each role alone, beside real music and chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.figures import Figures
from judge.piece import role_of
from judge.reader import by_reader
from judge.show import BAND
from judge.sides import Loop
from judge.verdict import accuracy, told_by_trees

LEAST = 60
"""Parts of a role that each side must have, or they are not judged alone."""
Loops = Mapping[str, Sequence[Loop]]
"""By set."""


class Sides:
    """Real loops and made ones of one set, as rows of a table."""

    def __init__(self, real: Sequence[Loop], made: Sequence[Loop]) -> None:
        self.loops = [*real, *made]
        self.is_made = np.arange(len(self.loops)) >= len(real)
        self.songs = [loop.song for loop in self.loops]

    def roles(self, least: int = LEAST) -> list[str]:
        """Return the roles of which both sides have enough parts, the most frequent first."""
        counts: list[Counter[str]] = [Counter(), Counter()]
        for loop, is_made in zip(self.loops, self.is_made, strict=True):
            counts[int(is_made)].update(map(role_of, loop.by_part))
        both = counts[0] & counts[1]
        return [role for role, count in both.most_common() if count >= least]

    def rows_of(self, role: str) -> tuple[list[Figures], NDArray[np.bool_], list[str]]:
        """Return the parts of a role: features, whether they are made, songs."""
        found = [
            (figures, bool(is_made), loop.song)
            for loop, is_made in zip(self.loops, self.is_made, strict=True)
            for name, figures in loop.by_part.items()
            if role_of(name) == role
        ]
        return [f for f, *_ in found], np.array([m for _, m, _ in found]), [s for *_, s in found]


def band_report(sides: Sides) -> dict[str, Any]:
    """Return how often trees are right about whole bands, and what tells most."""
    found, most = told_by_trees([loop.band for loop in sides.loops], sides.is_made, sides.songs)
    return {
        "loops": int(sides.is_made.sum()),
        "songs": len(set(sides.songs)),
        "trees": found.report(),
        "tells": most,
    }


def role_report(sides: Sides, role: str) -> dict[str, Any]:
    """Return how often trees are right about the parts of a role alone."""
    rows, is_made, songs = sides.rows_of(role)
    found, most = told_by_trees(rows, is_made, songs)
    return {
        "parts": int(is_made.sum()),
        "songs": len(set(songs)),
        "trees": found.report(),
        "tells": most,
    }


def told_apart(real: Loops, made: Loops, is_full: bool = False) -> dict[str, Any]:
    """Return by set what trees make of the whole band.

    A full report has what the reader makes of it too, and each role alone.
    """
    sides = {name: Sides(real[name], loops) for name, loops in made.items()}
    report: dict[str, Any] = {name: {BAND: band_report(both)} for name, both in sides.items()}
    if not is_full:
        return report
    read = _read(sides)
    for name, both in sides.items():
        report[name][BAND]["reader"] = read[name]
        report[name] |= {role: role_report(both, role) for role in both.roles()}
    return report


def _read(sides: Mapping[str, Sides]) -> dict[str, list[float]]:
    """Return how often the reader is right by set, one network for all."""
    loops = [loop for both in sides.values() for loop in both.loops]
    of = np.array([name for name, both in sides.items() for _ in both.loops])
    is_made = np.concatenate([both.is_made for both in sides.values()])
    songs = [loop.song for loop in loops]
    is_right = (by_reader([loop.piece for loop in loops], is_made, songs) > 0.5) == is_made
    return {
        name: accuracy(is_right[of == name], both.songs).report() for name, both in sides.items()
    }
