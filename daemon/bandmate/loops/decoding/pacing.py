"""Keeping to a density that was asked: how many onsets a bar may have by each step, and must have.

The model is told the density; this holds it to it. New onsets are let through as fast as the bar
may fill, so that a bar does not stop in its middle, and onsets where another part has one already
are always free, since together they count once. What is missing at the end has to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from bandmate.loops.model.tokens import Cell, GridNote
from bandmate.loops.plan import Wish

_SLACK = {"bar": (1.0, 0.08), "clip": (1.5, 0.15)}
"""How far a bar may lie from what is asked of it, or of the whole clip: onsets, and a share."""
_SIXTEENTH = 3


class Pace:
    """Counts the onsets of each bar, of all parts together and of each part alone."""

    def __init__(
        self, wishes: Iterable[Wish], cells: Mapping[Cell, Iterable[GridNote]], bar_steps: int
    ) -> None:
        """Take the wishes, of which the densities count, and the cells that are there already."""
        self._wanted = {wish.subject: wish.value for wish in wishes if wish.field == "Density"}
        self._bar_steps = bar_steps
        self._taken: dict[int, set[int]] = {}
        self._own: dict[Cell, set[int]] = {}
        for (bar, name), notes in cells.items():
            for note in notes:
                self.take((bar, name), note.step)

    def take(self, cell: Cell, step: int) -> None:
        """Count an onset."""
        self._taken.setdefault(cell[0], set()).add(step)
        self._own.setdefault(cell, set()).add(step)

    def narrow(self, onsets: NDArray[np.bool_], cell: Cell, *, is_last: bool) -> None:
        """Take from *onsets*, (steps, levels), those too early for the bar's pace, or too late.

        *is_last* says that no other cell of the bar is written after this one: an onset is too late
        where too few steps would be left for what the bar still lacks.
        """
        steps = np.arange(len(onsets))
        for counted, wanted, slack in self._bounds(cell):
            taken = np.isin(steps, list(counted))
            before: NDArray[np.int64] = np.cumsum(taken) - taken
            pace = (wanted + slack) * (steps + 1) / self._bar_steps + slack
            is_full = len(counted) + 1 > wanted + slack
            free = taken | ((before + 1 <= pace) & (not is_full))
            if is_last or counted is self._own.get(cell):
                sixteenths = ~taken & (steps % _SIXTEENTH == 0) & (steps < self._bar_steps)
                behind = sixteenths.sum() - np.cumsum(sixteenths)
                reach = len(counted) + ~taken + behind
                reachable = reach[free & onsets.any(1)]
                if len(reachable):
                    free &= reach >= min(wanted - slack, reachable.max())
            onsets[~free] = False

    def lacks(self, cell: Cell, *, is_last: bool) -> bool:
        """Say whether a cell must not end yet."""
        return any(
            len(counted) < wanted - slack
            for counted, wanted, slack in self._bounds(cell)
            if is_last or counted is self._own.get(cell)
        )

    def _bounds(self, cell: Cell) -> Iterable[tuple[set[int], float, float]]:
        """Yield what is counted, what is wanted of it and how far it may be off."""
        bar, name = cell
        scope = "bar" if str(bar) in self._wanted else "clip"
        wanted = self._wanted.get(str(bar), self._wanted.get("All"))
        if wanted is not None:
            yield self._taken.setdefault(bar, set()), wanted, _slack(scope, wanted)
        if name in self._wanted:
            own = self._own.setdefault(cell, set())
            yield own, self._wanted[name], _slack("clip", self._wanted[name])


def _slack(scope: str, wanted: float) -> float:
    least, share = _SLACK[scope]
    return max(least, share * wanted)
