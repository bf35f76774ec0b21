"""What the player does in its thread: decides at each barline, and sends each message when due.

The performer owns the transport, the rounds and what sounds. It does what is due when it is told to
go on, and answers when it is to be told again; it waits for nothing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence

from bandmate.music.meter import Meter
from bandmate.timing.player.events import EARLY_BEATS, clicks, panic
from bandmate.timing.player.news import BarPlayed, GridChanged, News, NowPlaying, Stopped, is_news
from bandmate.timing.player.notes import Notes
from bandmate.timing.player.rounds import EVERY, ONE_MOMENT, Round, Rounds, Step
from bandmate.timing.ports.clock_port import ClockPort
from bandmate.timing.ports.ports import Output
from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import INTERNAL, Source, Transport, is_jump

log = logging.getLogger(__name__)

DECIDED_SECONDS = 0.06
"""How long before a barline it is decided whose notes come; a hair more, for early notes."""

_POLL_SECONDS = 0.01  # how soon a source is heard that says something else


class Performer:
    """Plays rounds on an output by the transport; used from one thread."""

    def __init__(
        self,
        output: Output,
        transport: Transport,
        tell: Callable[[News], None],
        latency: float = 0.0,
        has_clock: bool = False,
    ) -> None:
        """*latency* is in seconds: how much earlier all is sent than it is due.

        Where *has_clock*, the output takes MIDI clock as the part ``CLOCK_OUT``.
        """
        self.output = output
        self.transport = transport
        self.rounds = Rounds()
        self.trouble = ""
        """Why playing ended before its time, in words; empty while all is well."""
        self.is_busy = False
        """True while something plays or waits for its beat."""
        self._tell = tell
        self._latency = latency
        self._notes = Notes(output)
        self._grid: Grid | None = None
        self._told: Grid | None = None
        self._stood_at: float | None = None
        """The beat at which a source stopped under what plays."""
        self._is_started = False
        """True while the transport rolls because something was launched."""
        self._is_following = False
        self._clock = ClockPort(output) if has_clock else None

    # What is asked

    def launch(self, coming: Round, at: str, count_in: int = 0) -> float:
        """Let a round begin at "now", a boundary or behind what plays; return seconds until then.

        Raises PortError where the output takes no messages.
        """
        now = self._prepared()
        if not self._rolls(now):
            coming.begins = self._start(coming, now, EVERY.get(at, 1))
            coming.begins += count_in * coming.meter.bar_beats
        elif at == "queue":
            coming.begins = self._behind(now)
        else:
            coming.begins = self._boundary(now, EVERY.get(at), count_in)
        seconds = self._await(coming, now)
        if count_in and coming.begins is not None:
            meter = coming.meter
            self._notes.push(clicks(meter, count_in), coming.begins - count_in * meter.bar_beats)
        return seconds

    def begin(self, coming: Round) -> float:
        """Let a round begin at its own beat; where that is past, at the next bar."""
        now = self._prepared()
        if not self._rolls(now):
            coming.begins = self._start(coming, now, 1) + max(0.0, coming.begins or 0.0)
        elif coming.begins is None:
            coming.begins = self._behind(now)
        elif coming.begins < self.transport.grid(now).beat_at(now) - ONE_MOMENT:
            coming.begins = self._boundary(now, 1, 0)
        return self._await(coming, now)

    def mix(self, muted: frozenset[str], soloed: frozenset[str]) -> None:
        """Play only *soloed* parts (all where it is empty) without *muted*; end the others."""
        self._notes.mix(muted, soloed, self.transport.clock.now())

    def send_now(self, messages: Sequence[bytes], part: str = "") -> None:
        """Send messages at once; raises PortError."""
        self._notes.send_now(messages, part)

    def stop(self, words: str = "") -> None:
        """Stop at once: what sounds is ended, what waits is forgotten."""
        self.rounds.clear()
        self._notes.forget()
        self._notes.rest()
        self._stood_at = None
        if self.is_busy:
            self._end(words)

    def panic(self) -> None:
        """Stop, and silence all sixteen channels, whatever made them sound."""
        self.stop()
        self._notes.surely(panic())

    def close(self) -> None:
        """Stop, and let our own time stand still, so that whoever follows our clock does too."""
        self.stop()
        self.transport.stop()
        self.go_on()

    def follow(self, source: Source | None) -> None:
        """Let a source tell the time; None: we count ourselves."""
        self._notes.take_back()
        self.transport.follow(source)
        self._is_following = source is not None

    def lead(
        self, tempo: float | None, meter: Meter | None, is_rolling: bool | None = None
    ) -> None:
        """Take another tempo and meter (from the next bar, or now where nothing rolls), or roll."""
        self._notes.take_back()
        if tempo is not None and self.transport.lead(tempo=tempo):
            tempo = None
        now = self._now()
        held = self.transport.grid(now)
        if tempo is not None or meter is not None:
            at = self.transport.next_bar(now)
            self.transport.change(tempo or held.tempo, meter or held.meter, at)
        if is_rolling is not None:
            (self._roll if is_rolling else self._halt)()

    def set_latency(self, seconds: float) -> None:
        """Send everything that much earlier than it is due."""
        self._notes.take_back()
        self._latency = seconds

    def _roll(self) -> None:
        """Start the transport, which then goes on though nothing plays."""
        self._is_started = False
        if not self.transport.lead(is_rolling=True) and not self.transport.is_rolling:
            self.transport.start(self._now())

    def _halt(self) -> None:
        """Stop what plays, and the transport."""
        self.stop()
        if not self.transport.lead(is_rolling=False):
            self.transport.stop()

    # What time brings

    def go_on(self) -> float | None:
        """Do what is due; return the clock's second to be told again; None: when asked."""
        try:
            if self._watch(self._now()):
                self._decide()
                self._notes.send_due(self._now(), self.transport.second_of, self._latency)
            if self._clock is not None and self._grid is not None:
                self._clock.send_due(self._grid, self._now(), self._latency)
        except Exception as error:  # noqa: BLE001 - the thread outlives what an output raises
            self.trouble = str(error)
            log.error("playing stopped: %s", error)
            self.stop(self.trouble)
        self._rest()
        self._tell_grid()
        return self._wake()

    def _now(self) -> float:
        return self.transport.clock.now() + self._latency

    def _watch(self, now: float) -> bool:
        """See how the song goes on; return False where it stands."""
        before, grid = self._grid, self.transport.grid(now)
        self._grid = grid
        if self.is_busy and before is not None:
            if before.is_rolling and not grid.is_rolling:
                self._stood_at = before.beat_at(now)
                self._notes.forget()
            elif grid.is_rolling and self._stood_at is not None:
                self._jump(self._stood_at, grid, now)
            elif {before.source, grid.source} != {INTERNAL} and is_jump(before, grid, now):
                self._jump(before.beat_at(now), grid, now)
        return grid.is_rolling

    def _tell_grid(self) -> None:
        now = self._now()
        grid = self.transport.grid(now)
        if self._told is None or is_news(self._told, grid, now):
            self._told = grid
            self._tell(GridChanged(grid))

    def _jump(self, old: float, grid: Grid, now: float) -> None:
        self._stood_at = None
        self._notes.forget()
        new = grid.beat_at(now)
        self._notes.since = new - ONE_MOMENT
        self.rounds.realign(old, grid, new)

    def _decide(self) -> None:
        while (line := self.rounds.line) is not None and self._decided_at(line) <= self._now():
            self._enter(self.rounds.step())

    def _decided_at(self, line: float) -> float:
        early = EARLY_BEATS * 60 / (self._grid.tempo if self._grid else 120.0)
        return self.transport.second_of(line) - DECIDED_SECONDS - early - self.output.ahead

    def _enter(self, step: Step) -> None:
        coming = step.round
        if step.is_new:
            self._notes.take_over(step.beat, coming.setup, coming.channels)
            self._take_time(coming, step.beat)
            self._tell(NowPlaying(coming.number, step.beat))
        if not step.is_end:
            self._notes.push(step.strikes, step.beat, step.end)
            self._tell(BarPlayed(coming.number, step.bar, step.whose))

    def _take_time(self, coming: Round, beat: float) -> None:
        second = self.transport.second_of(beat)
        held = self.transport.grid(self._now())
        is_ours = held.source == INTERNAL
        is_off = is_ours and abs(held.next_bar(beat) - beat) > ONE_MOMENT
        if held.meter != coming.meter or is_off or (is_ours and held.tempo != coming.tempo):
            self.transport.change(coming.tempo, coming.meter, second)

    def _prepared(self) -> float:
        self.output.check()
        self._notes.take_back()
        return self._now()

    def _rolls(self, now: float) -> bool:
        return self.transport.grid(now).is_rolling

    def _start(self, coming: Round, now: float, every: int) -> float:
        """Start the transport for a round; return the beat that it starts at."""
        self.rounds.clear()
        self._notes.forget_coming()
        self._stood_at, self._notes.since = None, -math.inf
        self.transport.change(coming.tempo, coming.meter, now)
        second = self.transport.next_bar(now, every)
        self.transport.start(second)
        self._is_started = True
        self._grid = self.transport.grid(now)
        return self._grid.beat_at(second)

    def _behind(self, now: float) -> float | None:
        """Return where what is queued begins: None behind what plays, else a beat."""
        if self.rounds.line is not None:
            return None
        over = self.rounds.over
        is_to_come = over >= self.transport.grid(now).beat_at(now) - ONE_MOMENT
        return over if is_to_come else self._boundary(now, 1, 0)

    def _boundary(self, now: float, every: int | None, count_in: int) -> float:
        """Return the beat of the next boundary that leaves room for a count-in; None: now."""
        grid = self.transport.grid(now)
        beat = grid.beat_at(now)
        if every is None:
            return beat + count_in * grid.meter.bar_beats
        if grid.beat_at(now) < grid.beat:  # it is still to start
            return grid.next_bar(grid.beat, every)
        return grid.next_bar(beat + count_in * grid.meter.bar_beats, every)

    def _await(self, coming: Round, now: float) -> float:
        behind = self.rounds.end_of_all
        if coming.begins is not None:  # what waited is forgotten, and so is its count-in
            self._notes.forget_clicks()
        self.rounds.launch(coming)
        self.trouble = ""
        self.is_busy = True
        begins = behind if coming.begins is None else coming.begins
        return max(0.0, self.transport.second_of(begins) - now)

    def _rest(self) -> None:
        """See whether all is over."""
        if not self.is_busy or self.rounds.line is not None or self._notes.next_beat is not None:
            return
        if self._stood_at is None and self.transport.second_of(self.rounds.over) <= self._now():
            self._end("")

    def _end(self, words: str) -> None:
        self.is_busy = False
        self._notes.rest()
        if self._is_started:
            self.transport.stop()
            self._is_started = False
            self._grid = self.transport.grid(self._now())
        self._tell(Stopped(words))

    def _wake(self) -> float | None:
        seconds = []
        if self._stood_at is None:
            if (line := self.rounds.line) is not None:
                seconds.append(self._decided_at(line))
            if (beat := self._notes.next_beat) is not None:
                seconds.append(self.transport.second_of(beat) - self.output.ahead)
            if self.is_busy and not seconds:
                seconds.append(self.transport.second_of(self.rounds.over))
        if self._clock and self._grid and (tick := self._clock.wake(self._grid)) is not None:
            seconds.append(tick)
        if self._is_following:
            seconds.append(self._now() + _POLL_SECONDS)
        return min(seconds) - self._latency if seconds else None
