"""Where each token of a sequence stands, and what a copyist would write next.

A token's part, its bar and its step in the bar follow from the tokens before, and so does what
stood in its place one, two and four bars earlier. The model is told all of them with every token:
what happens at one place (the drums on beat 3) then lies a glance away from the same place in the
bars before, and whether to repeat them is all that is left to learn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from copy import copy

from bandmate.loops.model import conditioning
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.conditioning import Told
from bandmate.loops.model.tokens import chord_slots
from bandmate.music.meter import Meter

NOWHERE = 0
PARTS, BARS, STEPS = 1, 1 + len(v.PART_NAMES), 1 + len(v.PART_NAMES) + len(v.BAR_INDICES)
"""Where part, bar and step places begin; one table holds them all, place 0 is nowhere."""
PLACES = STEPS + v.MAX_BAR_STEPS
COPIES = v.MUSIC_SIZE + 1
"""What a copyist would write: 0 nothing, else 1 + the music token; End where the cell ended."""
BACKS = (1, 2, 4)
"""How many bars earlier a copyist looks."""
COLUMNS = 3 + len(BACKS) + conditioning.COLUMNS

Place = tuple[int, ...]
"""COLUMNS numbers: the places of a token's part, bar and step, a copy for each of BACKS, and what
the plan says of them (``told``)."""

_PART = {
    v.IDS[f"{kind}_{name}"]: PARTS + i
    for i, name in enumerate(v.PART_NAMES)
    for kind in ("Part", "Cell")
}
_CELLS = frozenset(v.CELL.values())
_BAR = {
    v.IDS[f"{kind}_{bar}"]: BARS + i
    for i, bar in enumerate(v.BAR_INDICES)
    for kind in ("Bar", "Slots")
}
_SLOTS = {
    v.IDS[f"Meter_{meter}"]: tuple(
        STEPS + round(beat * v.STEPS) for beat in chord_slots(Meter.parse(meter))
    )
    for meter in v.METERS
}
_CHORDS = {v.IDS[name] for name in v.NAMES if name.startswith(("Root_", "Hold_", "NoChord_"))}
_SECTIONS = {v.PLAN, v.KEPT, v.WRITE}
_UNTOLD = (0,) * conditioning.COLUMNS


class _Copyist:
    """Follows a cell beside one that was written before, and says how that one went on."""

    def __init__(self, ids: Sequence[int]) -> None:
        self._ids = ids
        self._onsets = [i for i, token in enumerate(ids) if token < v.PITCH]
        self._steps = [(ids[i] - v.ON) // v.VELOCITY_LEVELS for i in self._onsets]

    def after(self, token: int, step: int) -> int:
        """Return the copy after a token at a step; -1 stands before the first onset."""
        behind = bisect_right(self._steps, step)
        end = self._onsets[behind] if behind < len(self._onsets) else len(self._ids)
        if step < 0 or token not in range(v.ON, v.MUSIC_SIZE):
            return self._at(end)
        first = bisect_right(self._steps, step - 1)
        start = self._onsets[first] if first < behind else end
        if token < v.PITCH:
            return self._at(start + 1) if start < end else NOWHERE
        here = next((i for i in range(start, end) if self._ids[i] == token), end - 1)
        return self._at(here + 1)

    def _at(self, index: int) -> int:
        return 1 + (self._ids[index] if index < len(self._ids) else v.END)


class Whereabouts:
    """Follows one sequence."""

    def __init__(self) -> None:
        self._slots: tuple[int, ...] = (NOWHERE,)
        self._slot = 0
        self._part = self._bar = self._step = NOWHERE
        self._cells: dict[tuple[int, int], list[int]] = {}
        self._cell: list[int] | None = None
        self._copyists: list[_Copyist | None] = [None] * len(BACKS)
        self._told = Told()  # whole before the first cell, and shared by all that go on from here
        self._of_cell: Place | None = None
        self._style: Place = ()

    def copied(self) -> Whereabouts:
        """Return another that goes on from here by itself."""
        twin = copy(self)
        twin._cells = dict(self._cells)
        if self._cell is not None:  # only the cell that is open will be written to
            twin._cell = twin._cells[self._part, self._bar] = list(self._cell)
        return twin

    def of(self, token: int) -> Place:
        """Return where the next token of the sequence stands."""
        if v.ON <= token < v.MUSIC_SIZE:
            if token < v.PITCH:
                self._step = STEPS + (token - v.ON) // v.VELOCITY_LEVELS
            if self._cell is not None:
                self._cell.append(token)
        else:
            self._enter(token)
        copies = (self._copy(copyist, token) for copyist in self._copyists)
        return self._part, self._bar, self._step, *copies, *self._said()

    def _said(self) -> Place:
        if self._of_cell is None:
            return _UNTOLD
        bar, step = self._bar - BARS, max(0, self._step - STEPS)
        chord, ahead = self._told.chord_at(bar, step), self._told.ahead_of(bar, step)
        return *chord, *self._of_cell, *ahead, *self._style

    def _copy(self, copyist: _Copyist | None, token: int) -> int:
        return copyist.after(token, self._step - STEPS) if copyist else NOWHERE

    def _enter(self, token: int) -> None:
        self._cell, self._copyists, self._of_cell = None, [None] * len(BACKS), None
        if token in _PART:
            self._part, self._step = _PART[token], NOWHERE
            if token in _CELLS:
                self._open()
        elif token in _BAR:
            self._bar, self._part, self._step, self._slot = _BAR[token], NOWHERE, NOWHERE, 0
        elif token in _CHORDS:
            self._step = self._slots[min(self._slot, len(self._slots) - 1)]
            self._slot += 1
        elif token in _SLOTS:
            self._slots = _SLOTS[token]
        elif token in _SECTIONS:
            self._part = self._bar = self._step = NOWHERE
        if token >= v.MUSIC_SIZE:
            self._told.hear(token, self._part, self._bar - BARS, self._step - STEPS)

    def _open(self) -> None:
        earlier = [self._cells.get((self._part, self._bar - back)) for back in BACKS]
        self._copyists = [None if ids is None else _Copyist(ids) for ids in earlier]
        self._cell = self._cells[self._part, self._bar] = []
        self._of_cell = self._told.of_cell(self._part, self._bar - BARS)
        self._style = self._told.style_of(self._part)


def places_of(ids: Iterable[int]) -> list[Place]:
    """Return where every token of a whole sequence stands."""
    whereabouts = Whereabouts()
    return [whereabouts.of(token) for token in ids]
