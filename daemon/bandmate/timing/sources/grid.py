"""Grid: the straight line from seconds to beats that holds now, and the bars on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from bandmate.music.meter import Meter

# A barline that was reached by adding floats must not be missed by a rounding error and waited
# for a whole bar again.
_AT_ONCE = 1e-6


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the music is at any second, as far as is known now; immutable, and may be pickled."""

    second: float
    """A second of the clock, at which..."""
    beat: float
    """...this many beats have passed since the song's start."""
    tempo: float = 120.0
    """Quarter notes per minute."""
    meter: Meter = field(default_factory=Meter)
    bar_beat: float = 0.0
    """A beat at which a bar begins."""
    bar: int = 0
    """The index of that bar."""
    is_rolling: bool = True
    """Where False, the song stands at ``beat``, and the rest is how it would go on."""
    source: str = "internal"
    """Who says so: internal, clock, link or the name of a bridge."""
    certainty: float = 1.0
    """How sure it is, 0..1: 1 is exact, under 0.5 is little more than a guess."""

    def beat_at(self, second: float) -> float:
        """Return the beats at a second, as though the song rolled."""
        return self.beat + (second - self.second) * self.tempo / 60

    def second_of(self, beat: float) -> float:
        """Return the second of a beat, as though the song rolled."""
        return self.second + (beat - self.beat) * 60 / self.tempo

    def bar_at(self, beat: float) -> int:
        """Return the index of the bar that a beat lies in."""
        return self.bar + math.floor((beat - self.bar_beat) / self.meter.bar_beats + _AT_ONCE)

    def beat_of_bar(self, bar: int) -> float:
        """Return the beat at which a bar begins."""
        return self.bar_beat + (bar - self.bar) * self.meter.bar_beats

    def next_bar(self, beat: float, every: int = 1) -> float:
        """Return the first beat, at *beat* or later, of a bar whose index *every* divides."""
        bar = self.bar + math.ceil((beat - self.bar_beat) / self.meter.bar_beats - _AT_ONCE)
        return self.beat_of_bar(-(-bar // every) * every)
