"""A quick look: few loops of each set, one judge for all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge import sides
from judge.report import Sides, role_report
from judge.trees import Table, by_trees
from judge.verdict import accuracy, tells
from songs import SETS
from studio import Studio

QUICK_LOOPS = 120
"""Loops of all sets together."""
LEAST = 30
"""Parts of a role that each side must have, or they are not judged alone."""
ALL = "all sets"


def quick_report(studio: Studio, loops: int = QUICK_LOOPS, stamped: bool = True) -> dict[str, Any]:
    """Return how often trees are right, over all sets and by set, and of each role alone.

    One judge learns all sets; *stamped* reads loops that were written before.
    """
    real, ours = _written(studio, loops, stamped)
    both = Sides(
        [x for found in real.values() for x in found], [x for f in ours.values() for x in f]
    )
    of = np.array([name for side in (real, ours) for name, found in side.items() for _ in found])
    table = Table([loop.band for loop in both.loops])
    is_right = (by_trees(table, both.is_made, both.songs) > 0.5) == both.is_made
    report: dict[str, Any] = {"sets": {ALL: _figures(is_right, both.songs)}}
    for name in real:
        mine = [song for song, its in zip(both.songs, of, strict=True) if its == name]
        report["sets"][name] = _figures(is_right[of == name], mine)
    return report | {"roles": _roles(both), "tells": tells(table, both.is_made)}


def _roles(both: Sides) -> dict[str, Any]:
    reports = {role: role_report(both, role) for role in both.roles(LEAST)}
    return {
        role: {key: value for key, value in found.items() if key != "tells"}
        for role, found in reports.items()
    }


def _written(
    studio: Studio, loops: int, stamped: bool
) -> tuple[dict[str, list[sides.Loop]], dict[str, list[sides.Loop]]]:
    each = -(-loops // len(SETS))
    stamp = sides.stamp_of(studio.path) if stamped else ""
    asked = {name: studio.hall(name, each).asked for name in SETS}
    asked = {name: windows for name, windows in asked.items() if windows}
    real = {name: sides.real(windows) for name, windows in asked.items()}
    ours = {name: sides.made(ws, studio.generator, stamp) for name, ws in asked.items()}
    return real, ours


def _figures(is_right: NDArray[np.bool_], songs: list[str]) -> dict[str, Any]:
    return {"loops": len(songs) // 2, "trees": accuracy(is_right, songs).report()}
