"""The player: one thread that launches takes on the transport's bars, and silences what it plays.

The thread owns a performer, and with it the transport, the output and all state; others hand it
actions through an inbox. Putting into that inbox takes no lock, so ``close`` may be called from a
signal handler.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Literal, Self

from bandmate.errors import AskError, PortError
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.timing.player.events import channels_of, score_of, setup_of, strikes_of
from bandmate.timing.player.news import News, Stopped
from bandmate.timing.player.rounds import EVERY, Round, StreamHead
from bandmate.timing.player.scheduler import Performer
from bandmate.timing.ports.ports import Output
from bandmate.timing.sources.transport import Source, Transport

log = logging.getLogger(__name__)

At = Literal["now", "bar", "2 bars", "4 bars", "queue"]
"""When a take is launched; queue: behind what plays, without a gap."""

_ANSWER_SECONDS = 4.0  # letting go of a server that died takes a second
_REALTIME_PRIORITY = 10
_CLOSED = "the player is closed, start bandmate again to play"

Action = Callable[[], float | None]


class Player:
    """Plays one take at a time on an output; closes the output when it is closed itself."""

    def __init__(
        self,
        output: Output,
        transport: Transport,
        on_news: Callable[[News], None] | None = None,
        *,
        latency: float = 0.0,
        channels: Mapping[str, int] | None = None,
        has_clock: bool = False,
    ) -> None:
        """Call *on_news* in the thread; send *latency* seconds early; *channels* are by role.

        Where *has_clock*, the output has a port for MIDI clock.
        """
        self.output = output
        self.transport = transport
        self.is_realtime = False
        """True where the system lets the thread run before others."""
        self._wanted = dict(channels or {})
        self._on_news = on_news
        self._performer = Performer(output, transport, self._tell_news, latency, has_clock)
        self._inbox: SimpleQueue[tuple[Action, Future[float] | None] | None] = SimpleQueue()
        self._is_idle = threading.Event()
        self._is_idle.set()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._has_begun = threading.Event()
        self._thread.start()
        self._has_begun.wait()

    def play(
        self,
        clip: Clip,
        at: At = "bar",
        is_looped: bool = False,
        count_in: int = 0,
        *,
        number: int = 0,
    ) -> float:
        """Launch *clip* at a boundary, in the place of what plays then; loop it if asked.

        Return the seconds until it begins: 0 where nothing plays, since then its first bar is the
        next bar. *count_in* bars of clicks come before (none where it is queued). Raises AskError,
        and PortError where the output takes no messages.
        """
        if at not in ("now", "queue", *EVERY):
            raise AskError(f"at must be now, queue, {', '.join(EVERY)}, not {at!r}")
        if not 0 <= count_in <= 4:
            raise AskError(f"count_in must be in 0..4 bars, not {count_in}")
        coming = self._round(clip, number, is_looped)  # here, so that the thread loses no time
        return self._ask(self._performer.launch, coming, at, count_in)

    def begin(self, head: StreamHead) -> float:
        """Launch a take that is still being written; return the seconds until it begins.

        At each barline its own bar plays if it was filled by then, else the stand-in's, else its
        latest bar again, else none.
        """
        coming = self._stream(head)
        return self._ask(self._performer.begin, coming)

    def fill(self, number: int, index: int, clip: Clip) -> None:
        """Give bar *index* of a stream its notes, counted from the bar's start.

        What comes too late is left for the next pass; an unknown number is passed over.
        """

        def filled() -> None:
            for stream in self._performer.rounds.numbered(number):
                if 0 <= index < len(stream.bars):
                    channels = [stream.parts.get(part.name, 0) for part in clip.parts]
                    end = stream.length - index * stream.meter.bar_beats
                    stream.bars[index] = tuple(strikes_of(clip.parts, channels, end))

        self._ask(filled)

    def replace(self, number: int, clip: Clip) -> None:
        """Let the whole take play from the next bar that is not decided on yet."""

        def replaced() -> None:
            for stream in self._performer.rounds.numbered(number):
                wanted = {**self._wanted, **stream.parts}
                stream.take(score_of(clip, wanted), clip)

        self._ask(replaced)

    def end(self, number: int) -> None:
        """Let a take end with its bar, and forget it where it waits."""
        self._ask(self._performer.rounds.end, number)

    def mix(self, muted: frozenset[str], soloed: frozenset[str] = frozenset()) -> None:
        """Silence some parts, by name; where some are soloed, those alone are heard."""
        self._ask(self._performer.mix, muted, soloed)

    def send_now(self, messages: tuple[bytes, ...]) -> None:
        """Send messages at once; what they make sound is ended by stop, panic and close."""
        self._ask(self._performer.send_now, messages)

    def stop(self) -> None:
        """Stop at once: what sounds is ended, what waits is forgotten."""
        self._ask(self._performer.stop)

    def panic(self) -> None:
        """Stop, and silence all sixteen channels, whatever made them sound."""
        self._ask(self._performer.panic)

    def follow(self, source: Source | None) -> None:
        """Let *source* tell the time from when it first says something; None: we count."""
        self._ask(self._performer.follow, source)

    def lead(
        self,
        tempo: float | None = None,
        meter: Meter | None = None,
        is_rolling: bool | None = None,
    ) -> None:
        """Take another tempo or meter from the next bar on, or now where nothing rolls.

        *is_rolling* starts the time, which then goes on though nothing plays, or stops it and what
        plays. None leaves each as it is. A source that takes a word from us is asked to follow.
        """
        self._ask(self._performer.lead, tempo, meter, is_rolling)

    def set_latency(self, seconds: float) -> None:
        """Send everything that much earlier than it is due; below 0: later."""
        self._ask(self._performer.set_latency, seconds)

    def do_soon(self, action: Callable[[], None]) -> None:
        """Run *action* in the thread and do not wait for it: a source takes in what it heard."""
        self._inbox.put((action, None))

    def close(self) -> None:
        """Stop, silence, end the thread and close the output; a second time does nothing."""
        if self._thread.is_alive():
            self._inbox.put(None)
            self._thread.join(_ANSWER_SECONDS)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing plays; return False when *timeout* seconds passed before."""
        return self._is_idle.wait(timeout)

    @property
    def is_playing(self) -> bool:
        """True while a take plays or waits for its bar."""
        return not self._is_idle.is_set()

    @property
    def clip(self) -> Clip | None:
        """The clip that plays now."""
        current = self._performer.rounds.playing
        return current.clip if current else None

    @property
    def trouble(self) -> str:
        """Why playing ended before its time, in words; empty while all is well."""
        return self._performer.trouble

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _round(self, clip: Clip, number: int, is_looped: bool) -> Round:
        score = score_of(clip, self._wanted)
        return Round(
            number, clip.tempo, clip.meter, score.setup, score.channels, list(score.bars),
            score.length, None, is_looped, clip,
        )  # fmt: skip

    def _stream(self, head: StreamHead) -> Round:
        channels = channels_of(head.parts, self._wanted)
        parts = {part.name: channel for part, channel in zip(head.parts, channels, strict=True)}
        other = head.stand_in
        is_fit = other is not None and other.meter == head.meter
        score = score_of(other, {**self._wanted, **parts}) if other and is_fit else None
        setup = setup_of(head.parts, channels)
        return Round(
            head.number, head.tempo, head.meter, setup or (score.setup if score else ()),
            tuple(sorted({*channels, *(score.channels if score else ())})), [None] * head.bars,
            head.bars * head.meter.bar_beats, head.begins, head.is_looped,
            stand_in=score.bars if score else (), parts=parts,
        )  # fmt: skip

    def _ask(self, action: Callable[..., float | None], *args: object) -> float:
        """Let the thread do something; return what it gives, raises what it raises."""
        if not self._thread.is_alive():
            raise PortError(_CLOSED)
        answer: Future[float] = Future()
        self._inbox.put((partial(action, *args), answer))
        try:
            return answer.result(_ANSWER_SECONDS)
        except TimeoutError:
            raise PortError(
                f"the MIDI port {self.output.name} does not take messages, start bandmate again"
            ) from None

    # From here on all runs in the thread.

    def _run(self) -> None:
        self.is_realtime = _ask_for_priority()
        self._has_begun.set()
        clock = self.transport.clock
        wake = self._performer.go_on()
        while True:
            try:
                told = clock.get(self._inbox, wake)
            except Empty:
                pass
            else:
                if told is None:
                    break
                self._do(*told)
            wake = self._performer.go_on()
        self._performer.close()
        self._close_output()

    def _close_output(self) -> None:
        try:
            self.output.close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread ends in order
            log.error("the MIDI port did not close: %s", error)
        while not self._inbox.empty():  # told after the end: nobody waits in vain
            told = self._inbox.get()
            if told is not None and told[1] is not None:
                told[1].set_exception(PortError(_CLOSED))

    def _do(self, action: Action, answer: Future[float] | None) -> None:
        try:
            result = action()
        except Exception as error:
            if answer is None:
                log.exception("the player could not do what it was told")
            else:
                answer.set_exception(error)
        else:
            if self._performer.is_busy:
                self._is_idle.clear()
            if answer is not None:
                answer.set_result(result or 0.0)

    def _tell_news(self, news: News) -> None:
        if isinstance(news, Stopped):
            self._is_idle.set()
        if self._on_news is not None:
            self._on_news(news)


def _ask_for_priority() -> bool:
    """Run this thread before others where the system allows it: half the jitter on Linux."""
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(
                0,
                os.SCHED_FIFO | os.SCHED_RESET_ON_FORK,
                os.sched_param(_REALTIME_PRIORITY),
            )
            return True
    return False
