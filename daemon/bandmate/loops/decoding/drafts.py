"""Writing after a draft: a cell that is varied, or keeps its rhythm or its pitches.

A draft narrows what the masks allow, token by token, and never leaves nothing: where a note of the
draft may not sound (the chord has changed), the nearest that may takes its place.
"""

from __future__ import annotations

import itertools
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bandmate.loops.model import vocabulary as v

Mask = NDArray[np.bool_]


class Draft(ABC):
    """What one cell is written after."""

    @abstractmethod
    def narrow(self, legal: Mask, is_open: bool) -> None:
        """Take from *legal*, (MUSIC_SIZE,), what the draft forbids; some of it stays.

        *is_open* says that an onset may begin here.
        """

    @abstractmethod
    def push(self, token: int) -> None:
        """Take the token that was written."""


class Varied(Draft):
    """Keeps some onsets whole and frees the steps of the others, up to the onset behind each."""

    def __init__(self, ids: Sequence[int], vary: float, bar_steps: int, rng: random.Random) -> None:
        """Take a cell's tokens; each of its onsets is let go with the chance *vary*."""
        self._kept: list[list[int]] = []
        self._free = np.zeros(v.MAX_BAR_STEPS, bool)
        groups = _onsets(ids)
        edges = [_step(group[0]) for group in groups] + [bar_steps]
        if rng.random() < vary:
            self._free[: edges[0]] = True
        for group, start, end in zip(groups, edges, edges[1:], strict=False):
            if rng.random() < vary:
                self._free[start:end] = True
            else:
                self._kept.append(group)
        self._due: list[int] = []
        self._is_kept = False

    def narrow(self, legal: Mask, is_open: bool) -> None:
        """Force the tokens of a kept onset once its time has come."""
        if self._due:
            _only(legal, self._due[0])
        elif is_open:
            if self._is_kept:  # nothing is added to an onset that is kept
                legal[v.PITCH : v.DURATION] = False
            onsets = legal[v.ON : v.PITCH].reshape(v.MAX_BAR_STEPS, v.VELOCITY_LEVELS)
            onsets[~self._free] = False
            if self._kept:
                onsets[_step(self._kept[0][0]) :] = False
                legal[self._kept[0][0]] = True
                legal[v.END] = False
            elif not legal.any():
                legal[v.END] = True

    def push(self, token: int) -> None:
        """Follow the kept onsets."""
        if self._due:
            del self._due[0]
        elif v.ON <= token < v.PITCH:
            self._is_kept = bool(self._kept) and token == self._kept[0][0]
            if self._is_kept:
                self._due = self._kept.pop(0)[1:]


class _Locked(Draft):
    """Goes through a cell's tokens one by one; the cell ends with them."""

    def __init__(self, ids: Sequence[int]) -> None:
        self._due = list(ids)

    def narrow(self, legal: Mask, is_open: bool) -> None:
        """Narrow to what may stand for the token that is due."""
        if self._due:
            self._narrow(legal)
        else:
            legal[:] = False
            legal[v.END] = True

    @abstractmethod
    def _narrow(self, legal: Mask) -> None: ...

    def push(self, token: int) -> None:
        """Go on in the draft."""
        del self._due[:1]


class RhythmLocked(_Locked):
    """Keeps onsets, velocities and durations; pitches are written anew, as many as there were."""

    def _narrow(self, legal: Mask) -> None:
        """Force all but pitches; leave room for the pitches still to come in an onset."""
        if v.PITCH <= self._due[0] < v.DURATION:
            legal[: v.PITCH] = False
            legal[v.DURATION :] = False
            onset = itertools.takewhile(lambda token: token >= v.PITCH, self._due)
            behind = sum(token < v.DURATION for token in onset)
            free = np.flatnonzero(legal)
            legal[free[max(1, len(free) - behind + 1) :]] = False
        else:
            _only(legal, self._due[0])


class PitchesLocked(_Locked):
    """Keeps pitches in their order; onsets, velocities and durations are written anew."""

    def __init__(self, ids: Sequence[int], room: int) -> None:
        """Take a cell's tokens and the steps that its onsets may take."""
        super().__init__(ids)
        self._room = room

    def _narrow(self, legal: Mask) -> None:
        """Force pitches; leave steps for the onsets still to come."""
        if v.PITCH <= self._due[0] < v.DURATION:
            _only(legal, self._due[0])
        elif self._due[0] < v.PITCH:
            onsets = legal[v.ON : v.PITCH].reshape(v.MAX_BAR_STEPS, v.VELOCITY_LEVELS)
            latest = self._room - sum(v.ON <= token < v.PITCH for token in self._due)
            if onsets[: latest + 1].any():
                onsets[latest + 1 :] = False
                legal[v.END] = False
                legal[v.PITCH :] = False
        else:
            legal[: v.DURATION] = False


def _onsets(ids: Sequence[int]) -> list[list[int]]:
    """Return the tokens of each onset."""
    groups: list[list[int]] = []
    for token in ids:
        is_new = v.ON <= token < v.PITCH
        if is_new and not (groups and _step(groups[-1][0]) == _step(token)):
            groups.append([])
        groups[-1].append(token)
    return groups


def _step(token: int) -> int:
    return (token - v.ON) // v.VELOCITY_LEVELS


def _only(legal: Mask, token: int) -> None:
    """Leave of what is legal the token itself, or the nearest of its kind, or all there is."""
    kind = next(
        (low, high)
        for low, high in ((v.ON, v.PITCH), (v.PITCH, v.DRUM), (v.DRUM, v.DURATION),
                          (v.DURATION, v.MUSIC_SIZE))
        if low <= token < high
    )  # fmt: skip
    free = np.flatnonzero(legal[slice(*kind)]) + kind[0]
    if len(free):
        nearest = free[np.abs(free - token).argmin()]
        legal[:] = False
        legal[nearest] = True
