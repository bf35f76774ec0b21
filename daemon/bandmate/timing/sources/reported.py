"""A bridge's reports followed: where its song is, told now and then over a network that delays.

A report is late by chance, never early. So the line through the song is held against the earliest
of the last reports, and a late one moves nothing; a report that lies elsewhere by more than the
network explains is a jump, a tempo or a meter that changed, and is taken at its word.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from bandmate.music.meter import Meter
from bandmate.timing.sources.grid import Grid

SILENCE_SECONDS = 2.0
"""A bridge without a report for so long is dead."""

JITTER_SECONDS = 0.06
"""How late a report may be without meaning another place in the song."""

# A report as late as this is believed only when the next one says the same; none is ever later.
_LATEST_SECONDS = 1.0
_EARLY_SECONDS = 0.02  # what a host that tells its place by the block may be ahead
_REMEMBERED = 16  # reports, of which the earliest holds


class Reported:
    """A source that follows a bridge; one thread gives it the reports and asks it for the grid."""

    has_phase = False

    def __init__(self, name: str = "bridge") -> None:
        self.name = name
        self.has_meter = False
        """True once a report told a meter."""
        self._grid: Grid | None = None
        self._strange: Grid | None = None
        """A report that may be a jump or only late."""
        self._heard = 0.0
        self._lags: deque[float] = deque(maxlen=_REMEMBERED)
        """Seconds by which each report was behind the line as it was first drawn."""
        self._shift = 0.0
        """Seconds by which the line has been moved since."""

    def take_in(
        self,
        second: float,
        beat: float,
        tempo: float,
        is_rolling: bool,
        meter: Meter | None = None,
        *,
        bar_beat: float | None = None,
        bar: int | None = None,
    ) -> None:
        """Take in a report that came at the clock's *second*.

        Where the meter is told, a bar begins at *bar_beat* (else at beat 0), and *bar* is its
        index (else counted from beat 0 in that meter).
        """
        told = Grid(second, beat, tempo, is_rolling=is_rolling, source=self.name)
        if meter is not None:
            self.has_meter = True
            begins = 0.0 if bar_beat is None else bar_beat
            index = round(begins / meter.bar_beats) if bar is None else bar
            told = replace(told, meter=meter, bar_beat=begins, bar=index)
        before, self._heard = self._heard, second
        held = self._grid
        if held is None or not (held.is_rolling and is_rolling):
            self._begin(told)
        else:
            self._go_on(held, told, second - before)

    def grid(self, now: float) -> Grid | None:
        """Return where the song is; None before the first report, and when none come any more."""
        silence = max(0.0, now - self._heard)
        if self._grid is None or silence > SILENCE_SECONDS:
            return None
        certainty = self._certainty * (1 - silence / SILENCE_SECONDS / 2)
        second = self._grid.second if self._grid.is_rolling else now
        return replace(self._grid, second=second, certainty=certainty)

    @property
    def _certainty(self) -> float:
        """One report may be as late as any: each further one makes it surer that one was not."""
        return 1 - 0.6 / max(1, len(self._lags))

    def _begin(self, told: Grid) -> None:
        self._grid, self._strange, self._shift = told, None, 0.0
        self._lags.clear()
        self._lags.append(0.0)

    def _go_on(self, held: Grid, told: Grid, since: float) -> None:
        """Take in a report of a song that rolled at the last one too, *since* seconds ago."""
        expected = held.beat_at(told.second) + (told.tempo - held.tempo) * since / 120
        late = (expected - told.beat) * 60 / told.tempo
        if -_EARLY_SECONDS - JITTER_SECONDS < late < JITTER_SECONDS:
            if told.tempo != held.tempo:
                self._begin(replace(told, beat=expected))
            self._correct(told)
        elif JITTER_SECONDS <= late < _LATEST_SECONDS and not self._is_same_jump(told):
            self._strange = told
        else:
            self._begin(told)

    def _correct(self, told: Grid) -> None:
        """Lay the line through the earliest of the last reports."""
        held = self._grid or told
        self._strange = None
        self._lags.append(told.second - held.second_of(told.beat) + self._shift)
        shift = min(self._lags)
        self._grid = replace(told, second=held.second + shift - self._shift, beat=held.beat)
        self._shift = shift

    def _is_same_jump(self, told: Grid) -> bool:
        strange = self._strange
        if strange is None:
            return False
        return abs(told.second - strange.second_of(told.beat)) < JITTER_SECONDS
