"""Which token may come next: the grammar of cells, and what was asked, as tables of booleans.

A `Writer` walks the cells of a sheet in order. Headers follow from the plan, so they are never
sampled; within a cell the mask holds the onsets still ahead, the pitches still free, and the
durations that end in time. So every loop has its exact length and parts, nothing hangs, and no
pitched note sounds where ``harmony.py`` forbids it, not even held over a change. A cell with a
draft (``drafts.py``) is narrowed further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bandmate.loops.decoding.drafts import Draft, Mask
from bandmate.loops.decoding.pacing import Pace
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokens import Cell, GridNote, cell_notes

MAX_TOGETHER = 10
"""Notes that may start together in one part."""

_STEP_OF_ON = np.repeat(np.arange(v.MAX_BAR_STEPS), v.VELOCITY_LEVELS)
_LEVEL_OF_ON = np.tile(np.arange(v.VELOCITY_LEVELS), v.MAX_BAR_STEPS)
_DURATIONS = np.array(v.DURATIONS)
_CLASS_OF_PITCH = np.arange(128) % 12


class Writer:
    """Writes the cells of a sheet token by token and knows what may come next."""

    def __init__(
        self,
        writes: Sequence[Cell],
        bar_steps: int,
        end_step: int,
        pitches: tuple[int, int],
        *,
        until: Mapping[str, NDArray[np.int32]] | None = None,
        heard: frozenset[str] = frozenset(),
        drafts: Mapping[Cell, Draft] | None = None,
        starts: Mapping[Cell, int] | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Begin at the first cell.

        *end_step* is where every note must have ended and *until*, for each pitched part (see
        ``harmony.allowed_until``), has a row for each step up to there, both in steps from bar 0;
        *pitches* is the lowest and highest pitch; parts in *heard* sound already and may stay
        empty; *starts* are the steps of a bar before which a cell stays empty;
        *pace* counts the onsets of each bar, whose numbers are those of *writes*.
        """
        self.writes = list(writes)
        self.bar_steps, self.end_step = bar_steps, end_step
        self.low, self.high = pitches
        self._until = until or {}
        self._drafts, self._starts, self._pace = drafts or {}, starts or {}, pace
        self.silent = {name for _, name in writes} - heard
        self.notes: dict[Cell, list[GridNote]] = {}
        self.limit = 1 << 16
        """Tokens after which a cell ends as soon as it can."""
        self._last_of = {name: (bar, name) for bar, name in writes}
        self._open(0)

    @property
    def is_done(self) -> bool:
        """True once every cell is written."""
        return self._at >= len(self.writes)

    @property
    def cell(self) -> Cell:
        """The cell being written."""
        return self.writes[self._at]

    @property
    def following(self) -> Cell | None:
        """The cell after the one being written, if there is one."""
        return self.writes[self._at + 1] if self._at + 1 < len(self.writes) else None

    @property
    def cells_left_in_bar(self) -> int:
        """Cells of this bar that are not done, the one being written among them."""
        return sum(bar == self.cell[0] for bar, _ in self.writes[self._at :])

    def _open(self, at: int) -> None:
        self._at = at
        self._ids: list[int] = []
        self._step, self._level = -1, v.VELOCITY_LEVELS
        self._used: set[int] = set()
        self._group: list[int] = []
        self._floor = -1
        if at < len(self.writes):
            cell = self.writes[at]
            self._is_drums = cell[1].startswith("drums")
            self._draft = self._drafts.get(cell)
            self._classes = self._until.get(cell[1])

    def mask(self) -> Mask:
        """Return what may come next, a boolean for each music token; End is "this cell is done"."""
        legal = np.zeros(v.MUSIC_SIZE, bool)
        waits = bool(self._ids) and self._ids[-1] < v.PITCH
        if waits or self._group or (self._used and len(self._used) < MAX_TOGETHER):
            self._allow_pitches(legal)
        if self._group:
            self._allow_durations(legal)
        elif not waits:
            self._allow_onsets(legal)
            legal[v.END] = not (self._must_sound or self._lacks(legal))
            if legal[v.END] and len(self._ids) >= self.limit:
                legal[:] = False
                legal[v.END] = True
        if self._draft is not None:
            self._draft.narrow(legal, not (waits or self._group))
        return legal

    @property
    def _must_sound(self) -> bool:
        name = self.cell[1]
        return name in self.silent and self._last_of[name] == self.cell and not self._ids

    def _lacks(self, legal: Mask) -> bool:
        """Say whether the bar still has to fill, and can."""
        if self._pace is None or not legal[v.ON : v.PITCH].any():
            return False
        return self._pace.lacks(self.cell, is_last=self.cells_left_in_bar == 1)

    def _allow_onsets(self, legal: Mask) -> None:
        room = min(self.bar_steps, self.end_step - self.cell[0] * self.bar_steps)
        before = max(self._step, self._starts.get(self.cell, 0) - 1)
        onsets = (before < _STEP_OF_ON) & (room > _STEP_OF_ON)
        if self._is_drums and len(self._used) < MAX_TOGETHER:
            onsets |= (self._step == _STEP_OF_ON) & (self._level > _LEVEL_OF_ON)
        legal[v.ON : v.PITCH] = onsets
        if self._pace is not None:
            grid = legal[v.ON : v.PITCH].reshape(v.MAX_BAR_STEPS, v.VELOCITY_LEVELS)
            self._pace.narrow(grid, self.cell, is_last=self.cells_left_in_bar == 1)
            if self._must_sound and not grid.any():
                legal[v.ON : v.PITCH] = onsets

    def _allow_pitches(self, legal: Mask) -> None:
        if len(self._used) >= MAX_TOGETHER:
            return
        if self._is_drums:
            first = max(self._floor + 1, v.DRUM_LOW)
            legal[v.DRUM + first - v.DRUM_LOW : v.DURATION] = True
            base = v.DRUM - v.DRUM_LOW
        else:
            base = v.PITCH
            legal[base + max(self._floor + 1, self.low) : base + self.high + 1] = True
            if self._classes is not None:
                absolute = self.cell[0] * self.bar_steps + self._step
                legal[v.PITCH : v.DRUM] &= (self._classes[absolute] > 0)[_CLASS_OF_PITCH]
        for pitch in self._used:
            legal[base + pitch] = False

    def _allow_durations(self, legal: Mask) -> None:
        absolute = self.cell[0] * self.bar_steps + self._step
        longest = self.end_step - absolute
        if self._classes is not None:
            longest = min(longest, *(int(self._classes[absolute, p % 12]) for p in self._group))
        legal[v.DURATION : v.MUSIC_SIZE] = longest >= _DURATIONS

    def push(self, token: int) -> bool:
        """Take a token that the mask allows; return True when it ended the cell."""
        if token == v.END:
            self._close()
            return True
        self._ids.append(token)
        if self._draft is not None:
            self._draft.push(token)
        if token < v.PITCH:
            step, self._level = divmod(token - v.ON, v.VELOCITY_LEVELS)
            if step != self._step:
                self._used = set()
            self._step, self._floor = step, -1
            if self._pace is not None:
                self._pace.take(self.cell, step)
        elif token < v.DRUM:
            self._take(token - v.PITCH)
            self._group.append(token - v.PITCH)
        elif token < v.DURATION:
            self._take(token - v.DRUM + v.DRUM_LOW)
        else:
            self._floor = self._group[0]
            self._group = []
        return False

    def _take(self, pitch: int) -> None:
        self._used.add(pitch)
        self._floor = pitch

    def _close(self) -> None:
        cell = self.cell
        self.notes[cell] = cell_notes(self._ids)
        if self._ids:
            self.silent.discard(cell[1])
        self._open(self._at + 1)
