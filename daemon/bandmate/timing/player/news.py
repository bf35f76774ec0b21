"""What the player tells of itself while it plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bandmate.timing.sources.grid import Grid

Whose = Literal["own", "stand-in", "silent"]
"""Whose notes a bar has: the take's, those of what stands in for it, or none."""


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """A take takes over; told a little before its first beat."""

    number: int
    """The one that it was launched with."""
    beat: float
    """Of the song's grid, at which it begins."""


@dataclass(frozen=True, slots=True)
class BarPlayed:
    """A bar was decided on; told a little before it begins."""

    number: int
    bar: int
    """Its index in the take."""
    whose: Whose


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing plays any more."""

    words: str = ""
    """Why it ended before its time; empty where it came to its end or was stopped."""


@dataclass(frozen=True, slots=True)
class GridChanged:
    """The song goes on otherwise than the last grid said."""

    grid: Grid


News = NowPlaying | BarPlayed | Stopped | GridChanged

# What a mirror of the grid may be wrong by before it is told anew.
_TOLD_BEATS, _TOLD_TEMPO, _TOLD_CERTAINTY = 0.005, 0.02, 0.1


def is_news(told: Grid, grid: Grid, now: float) -> bool:
    """Return True where a mirror that knows *told* would be wrong."""
    if (told.is_rolling, told.meter, told.source) != (grid.is_rolling, grid.meter, grid.source):
        return True
    if (
        abs(told.tempo - grid.tempo) > _TOLD_TEMPO
        or abs(told.certainty - grid.certainty) > _TOLD_CERTAINTY
    ):
        return True
    if not grid.is_rolling:
        return abs(told.beat - grid.beat) > _TOLD_BEATS
    beat = grid.beat_at(now)
    within = beat + grid.meter.bar_beats / 2  # far from a barline on one of the two
    is_off = abs(told.beat_at(now) - beat) > _TOLD_BEATS
    return is_off or told.bar_at(within) != grid.bar_at(within)
