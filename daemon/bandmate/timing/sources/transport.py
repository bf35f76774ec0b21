"""Where we are, in beats: one musical time, counted by ourselves or told by a source.

A source is a MIDI clock, Link or a bridge. It takes over as soon as it says something; until then,
and after it has died, time goes on as it went, without a jump. Only a source that says something
else than what held may make the beat jump: ``is_jump`` tells it from a small correction.
"""

from __future__ import annotations

import time
from dataclasses import replace
from queue import SimpleQueue
from typing import Protocol, TypeVar, runtime_checkable

from bandmate.music.meter import Meter
from bandmate.timing.sources.grid import Grid

T = TypeVar("T")

INTERNAL = "internal"
"""What the source is called where we count ourselves."""

JUMP_BEATS = 1 / 8
"""Two grids further apart than this differ by a jump, not by a correction."""

# A tempo held from a source that died is good to about a thousandth: after this many seconds the
# phase may be off by a thirty-second note.
_HALF_LIFE_SECONDS = 30.0
_AT_ONCE = 1e-6


class Clock:
    """The machine's monotonic clock, in seconds, and how to wait by it; tests bring their own."""

    def now(self) -> float:
        """Return the second it is now; only differences mean something."""
        return time.monotonic()

    def get(self, inbox: SimpleQueue[T], until: float | None) -> T:
        """Return what comes into *inbox*, waiting up to the second *until* (None waits for ever).

        Raises queue.Empty when that second has come.
        """
        if until is None:
            return inbox.get()
        return inbox.get(timeout=max(0.0, until - self.now()))


class Source(Protocol):
    """Who tells the time in our place."""

    name: str
    """As it is told: clock, link, or the name of a bridge."""
    has_meter: bool
    """True where its bars are its own; else ours are laid over its beats."""
    has_phase: bool
    """True where its beats go on though nothing rolls, as those of Link do."""

    def grid(self, now: float) -> Grid | None:
        """Return what it says at the second *now*; None where it says nothing, yet or any more."""


@runtime_checkable
class Partner(Source, Protocol):
    """A source that also takes a word from us."""

    def lead(
        self,
        tempo: float | None = None,
        is_rolling: bool | None = None,
        bar_beats: float | None = None,
    ) -> None:
        """Ask all who follow the source for another tempo, to start or stop, for such bars."""


def is_jump(before: Grid, after: Grid, now: float) -> bool:
    """Return True where *after* means another place in the song than *before*, both rolling."""
    if not (before.is_rolling and after.is_rolling):
        return False
    return abs(after.beat_at(now) - before.beat_at(now)) > JUMP_BEATS


class Transport:
    """Rolling or not, and the beat now.

    One thread owns it. What it returns is immutable and may go anywhere: readers elsewhere keep
    the latest Grid.
    """

    def __init__(
        self, clock: Clock | None = None, tempo: float = 120.0, meter: Meter | None = None
    ) -> None:
        self.clock = clock or Clock()
        self._still = Grid(0.0, 0.0, tempo, meter or Meter(), is_rolling=False)
        self._plan: tuple[Grid, ...] = ()
        """What we count ourselves: the line that holds, and the one that follows it."""
        self._source: Source | None = None
        self._said: Grid | None = None
        self._silent_since = 0.0
        self._bars: tuple[Grid, ...] = ()
        """Grids whose bars are laid over a source that has none: that which holds, the next."""

    @property
    def is_rolling(self) -> bool:
        """True from start to stop."""
        return self.grid(self.clock.now()).is_rolling

    @property
    def tempo(self) -> float:
        """Quarter notes per minute, now."""
        return self.grid(self.clock.now()).tempo

    @property
    def meter(self) -> Meter:
        """The meter now."""
        return self.grid(self.clock.now()).meter

    @property
    def source(self) -> str:
        """Who counts now: internal, or the name of the source that was heard last."""
        return self.grid(self.clock.now()).source

    @property
    def certainty(self) -> float:
        """How sure the beat is now, 0..1; it falls while a source is silent."""
        return self.grid(self.clock.now()).certainty

    def follow(self, source: Source | None) -> None:
        """Let *source* tell the time from when it first says something; None: we count ourselves.

        Until then the beat and the tempo that hold go on.
        """
        now = self.clock.now()
        held = self.grid(now)
        ours = replace(held, source=INTERNAL, certainty=1.0)
        if not held.is_rolling:
            self._still = replace(ours, second=0.0, beat=0.0, bar_beat=0.0, bar=0)
        elif not self._plan:
            self._plan = (ours,)
        else:
            self._plan = tuple(replace(g, source=INTERNAL, certainty=1.0) for g in self._plan)
        self._source, self._said = source, None
        self._bars = ()

    def lead(self, tempo: float | None = None, is_rolling: bool | None = None) -> bool:
        """Pass a person's wish on to the source; return False where it takes none."""
        is_led = self._said is not None and isinstance(self._source, Partner)
        if is_led and isinstance(self._source, Partner):
            self._source.lead(tempo, is_rolling)
        return is_led

    def grid(self, now: float) -> Grid:
        """Return what holds at the clock's second *now*."""
        said = self._listen(now)
        if said is None:
            return self._counted(now)
        if said.is_rolling or not self._plan:
            return said
        if self._source is not None and self._source.has_phase:
            return replace(said, is_rolling=True)
        return self._auditioned(said, now)

    def start(self, at: float, beat: float = 0.0) -> None:
        """Roll from the clock's second *at*, which becomes *beat*; bar 0 begins at beat 0.

        Where a source rolls this does nothing. Where it stands, we roll at its tempo until it
        rolls itself.
        """
        said = self._listen(self.clock.now())
        if said is None or not said.is_rolling:
            tempo, meter = (said or self._still).tempo, (said or self._still).meter
            self._plan = (Grid(at, beat, tempo, meter),)

    def stop(self) -> None:
        """Stand still, at beat 0, unless a source rolls."""
        held = self.grid(self.clock.now())
        self._plan = ()
        if self._said is None:
            self._still = Grid(0.0, 0.0, held.tempo, held.meter, is_rolling=False)

    def change(self, tempo: float, meter: Meter, at: float) -> None:
        """Take another tempo and meter from the clock's second *at*, where a bar begins.

        A change that was still to come is forgotten. Without rolling the change counts from now.
        The tempo of a source stays its own, and so does the meter of one that tells its bars.
        """
        now = self.clock.now()
        held = self.grid(now)
        if self._said is not None:
            self._change_bars(held, meter, at)
            tempo = self._said.tempo
        if not self._plan:
            if self._said is None:
                self._still = replace(self._still, tempo=tempo, meter=meter)
            return
        first = self._piece(now)
        new = replace(_barline(first, meter, at), tempo=tempo)
        self._plan = (new,) if at <= now else (first, new)

    def beat_at(self, now: float) -> float:
        """Return the beats since the start at the clock's second *now*; 0 where nothing rolls."""
        grid = self.grid(now)
        return max(0.0, grid.beat_at(now)) if grid.is_rolling else 0.0

    def bar_at(self, now: float) -> int:
        """Return the index of the bar at the clock's second *now*; 0 where nothing rolls."""
        grid = self.grid(now)
        return max(0, grid.bar_at(grid.beat_at(now))) if grid.is_rolling else 0

    def second_of(self, beat: float) -> float:
        """Return the clock's second of a beat, as far as is known; standing, as if rolling now."""
        held = self.grid(self.clock.now())
        coming = self._coming
        return (coming if coming and beat >= coming.beat else held).second_of(beat)

    def next_bar(self, now: float, every: int = 1) -> float:
        """Return the clock's second of the first barline at *now* or later.

        Only bars count whose index *every* divides. It is *now* where nothing rolls: then
        whatever begins, begins a bar.
        """
        grid = self.grid(now)
        if not grid.is_rolling and not (self._source and self._said and self._source.has_phase):
            return now
        beat = grid.beat_at(now)
        if self._plan and grid is self._plan[0]:
            beat = max(beat, grid.beat)  # nothing begins before the start
        second = grid.second_of(grid.next_bar(beat, every))
        coming = self._coming
        if coming is not None and second > coming.second - _AT_ONCE:
            second = coming.second_of(coming.next_bar(coming.beat, every))
        return max(now, second)

    @property
    def _coming(self) -> Grid | None:
        return self._plan[1] if len(self._plan) > 1 else None

    def _listen(self, now: float) -> Grid | None:
        """Return what the source says; where it has died, go on counting from what it said."""
        said = self._source.grid(now) if self._source else None
        if said is None:
            if self._said is not None:
                self._hold(self._said, now)
            return None
        if self._source is not None and not self._source.has_meter:
            said = self._with_bars(said, now)
        is_back = bool(self._plan) and self._plan[0].source == said.source
        if said.is_rolling or is_back:
            self._plan = ()
        self._said = said
        return said

    def _hold(self, said: Grid, now: float) -> None:
        self._said, self._silent_since = None, now
        if said.is_rolling:
            self._plan = (said,)
        else:
            self._still = replace(said, second=0.0, beat=0.0, bar_beat=0.0, bar=0, source=INTERNAL)

    def _piece(self, now: float) -> Grid:
        passed = [grid for grid in self._plan if grid.second <= now]
        return passed[-1] if passed else self._plan[0]

    def _counted(self, now: float) -> Grid:
        """Return what we count ourselves, or hold of a source that died."""
        if not self._plan:
            return replace(self._still, second=now)
        grid = self._piece(now)
        if grid is not self._plan[0]:
            self._plan = (grid,)
        if grid.source == INTERNAL:
            return grid
        fading = 0.5 ** ((now - self._silent_since) / _HALF_LIFE_SECONDS)
        return replace(grid, certainty=grid.certainty * fading)

    def _auditioned(self, said: Grid, now: float) -> Grid:
        """Return our own line, at the tempo of a source that stands."""
        grid = self._counted(now)
        if grid.tempo != said.tempo:
            second = max(now, grid.second)
            new = replace(grid, second=second, beat=grid.beat_at(second), tempo=said.tempo)
            self._plan = (new, *(replace(g, tempo=said.tempo) for g in self._plan[1:]))
            grid = new
        return grid

    def _change_bars(self, held: Grid, meter: Meter, at: float) -> None:
        if isinstance(self._source, Partner) and self._source.has_phase:
            # Its bars are everybody's: we may say how long they are, not where they begin.
            self._source.lead(bar_beats=meter.bar_beats)
            self._bars = (replace(held, meter=meter, bar_beat=0.0, bar=0),)
        elif self._source is None or self._source.has_meter or not held.is_rolling:
            self._bars = (replace(held, meter=meter, beat=0.0, bar_beat=0.0, bar=0),)
        else:
            self._bars = (*self._bars[:1], _barline(held, meter, at))

    def _with_bars(self, said: Grid, now: float) -> Grid:
        """Lay our bars over what a source says that knows none."""
        beat = said.beat_at(now)
        bars = self._bars or (replace(said, meter=self._still.meter, bar_beat=0.0, bar=0),)
        if len(bars) > 1 and beat >= bars[1].bar_beat - _AT_ONCE:
            bars = bars[1:]
        if beat < bars[0].bar_beat - JUMP_BEATS:  # it has gone back: count from the start again
            bars = (replace(bars[0], bar_beat=0.0, bar=0), *bars[1:])
        self._bars = bars
        return replace(said, meter=bars[0].meter, bar_beat=bars[0].bar_beat, bar=bars[0].bar)


def _barline(grid: Grid, meter: Meter, at: float) -> Grid:
    """Return *grid* with a bar of another meter beginning at the second *at*."""
    beat = grid.beat_at(at)
    bar = grid.bar_at(grid.next_bar(beat))
    return replace(grid, second=at, beat=beat, meter=meter, bar_beat=beat, bar=bar)
