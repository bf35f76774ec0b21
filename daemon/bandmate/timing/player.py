"""The player: one thread that launches clips on the transport's bars, and silences what it plays.

The thread owns the transport, the output and all state; others hand it actions through an inbox.
Putting into that inbox takes no lock, so ``close`` may be called from a signal handler.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Literal, Self

from bandmate.errors import PortError
from bandmate.music.clip import Clip
from bandmate.timing.events import (
    ALL_NOTES_OFF,
    NOTE_OFF,
    NOTE_ON,
    SUSTAIN,
    Score,
    controls_off,
    note_off,
    panic,
    score_of,
)
from bandmate.timing.ports import Output
from bandmate.timing.transport import Transport

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 4.0  # letting go of a server that died takes a second
# Two sums of floats that mean the same barline may differ by a hair: a loop must not strike its
# first notes again just before another clip takes its place there.
_ONE_MOMENT = 1e-4
_REALTIME_PRIORITY = 10
_CLOSED = "the player is closed, start bandmate again to play"

Action = Callable[[], float]


@dataclass(slots=True)
class _Round:
    """A clip under way: which event is next, counted from where its round began."""

    score: Score
    clip: Clip
    begins: float
    is_looped: bool
    place: int = 0

    @property
    def due(self) -> float:
        """The clock's second of the next event, or of the end."""
        events = self.score.events
        after = events[self.place].due if self.place < len(events) else self.score.seconds
        return self.begins + after

    def next(self) -> bytes | None:
        """Step on and return the message that was due; None at the end of the round."""
        if self.place == len(self.score.events):
            self.begins += self.score.seconds
            self.place = 0
            return None
        self.place += 1
        return self.score.events[self.place - 1].message


class Player:
    """Plays one clip at a time on an output; closes the output when it is closed itself."""

    def __init__(self, output: Output, transport: Transport) -> None:
        self.output = output
        self.transport = transport
        self.trouble = ""
        """Why playing ended before its time, in words; empty while all is well."""
        self._inbox: SimpleQueue[tuple[Action, Future[float]] | None] = SimpleQueue()
        self._playing: _Round | None = None
        self._waiting: _Round | None = None
        self._sounding: set[tuple[int, int]] = set()
        self._is_idle = threading.Event()
        self._is_idle.set()
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    def play(self, clip: Clip, at: Literal["bar", "now"] = "bar", is_looped: bool = False) -> float:
        """Launch *clip* on the next bar or now, in the place of what plays; loop it if asked.

        Return the seconds until it begins: 0 where nothing plays, since then its first bar is
        the next bar. Raises PortError where the output takes no messages.
        """
        score = score_of(clip)  # here, so that the thread loses no time
        return self._tell(lambda: self._launch(clip, score, at, is_looped))

    def stop(self) -> None:
        """Stop at once: what sounds is ended, what waits is forgotten."""
        self._tell(self._stop)

    def panic(self) -> None:
        """Stop, and silence all sixteen channels, whatever made them sound."""
        self._tell(self._panic)

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
        """True while a clip plays or waits for its bar."""
        return not self._is_idle.is_set()

    @property
    def clip(self) -> Clip | None:
        """The clip that plays now."""
        current = self._playing
        return current.clip if current else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _tell(self, action: Action) -> float:
        if not self._thread.is_alive():
            raise PortError(_CLOSED)
        answer: Future[float] = Future()
        self._inbox.put((action, answer))
        try:
            return answer.result(_ANSWER_SECONDS)
        except TimeoutError:
            raise PortError(
                f"the MIDI port {self.output.name} does not take messages, start bandmate again"
            ) from None

    # From here on all runs in the thread.

    def _run(self) -> None:
        _ask_for_priority()
        clock = self.transport.clock
        while True:
            try:
                told = clock.get(self._inbox, self._due())
            except Empty:
                pass
            else:
                if told is None:
                    break
                self._do(*told)
            self._send_due(clock.now())
            self._rest()
        self._stop()
        self._rest()
        self._close_output()

    def _close_output(self) -> None:
        try:
            self.output.close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread ends in order
            log.error("the MIDI port did not close: %s", error)
        while not self._inbox.empty():  # told after the end: nobody waits in vain
            told = self._inbox.get()
            if told is not None:
                told[1].set_exception(PortError(_CLOSED))

    def _do(self, action: Action, answer: Future[float]) -> None:
        try:
            answer.set_result(action())
        except Exception as error:  # noqa: BLE001 - it is raised where it was asked
            answer.set_exception(error)

    def _due(self) -> float | None:
        dues = [self._playing.due] if self._playing else []
        dues += [self._waiting.begins] if self._waiting else []
        return min(dues, default=None)

    def _send_due(self, now: float) -> None:
        try:
            while (due := self._due()) is not None and due <= now:
                if self._waiting and self._waiting.begins <= due + _ONE_MOMENT:
                    self._begin(self._waiting)
                elif self._playing:
                    self._step(self._playing)
        except Exception as error:  # noqa: BLE001 - the thread outlives what an output raises
            self.trouble = str(error)
            log.error("playing stopped: %s", error)
            self._stop()

    def _begin(self, coming: _Round) -> None:
        self._silence()
        self._waiting, self._playing = None, coming
        for message in coming.score.setup:
            self.output.send(message)

    def _step(self, current: _Round) -> None:
        message = current.next()
        if message is not None:
            self._send(message)
        elif not current.is_looped or not current.score.seconds:
            self._playing = None

    def _send(self, message: bytes) -> None:
        kind, voice = message[0] & 0xF0, (message[0] & 0x0F, message[1])
        if kind == NOTE_ON:
            self._sounding.add(voice)  # before sending: a send that fails may still have sounded
        self.output.send(message)
        if kind == NOTE_OFF:
            self._sounding.discard(voice)

    def _launch(self, clip: Clip, score: Score, at: str, is_looped: bool) -> float:
        now = self.transport.clock.now()
        self.output.check()
        begins = self.transport.next_bar(now) if at == "bar" else now
        self.transport.change(clip.tempo, clip.meter, begins)
        if not self.transport.is_rolling:
            self.transport.start(begins)
        self._waiting = _Round(score, clip, begins, is_looped)
        self.trouble = ""
        self._is_idle.clear()
        return begins - now

    def _stop(self) -> float:
        self._waiting = None
        self._silence()
        return 0.0

    def _panic(self) -> float:
        self._stop()
        self._send_surely(panic())
        return 0.0

    def _silence(self) -> None:
        """End what plays: each sounding note by its own message, then all on its channels."""
        ended, self._playing = self._playing, None
        if ended or self._sounding:
            channels = {channel for channel, _ in self._sounding}
            channels.update(ended.score.channels if ended else ())
            self._send_surely(note_off(*voice) for voice in sorted(self._sounding))
            self._send_surely(controls_off(sorted(channels), SUSTAIN, ALL_NOTES_OFF))
        self._sounding.clear()

    def _send_surely(self, messages: Iterable[bytes]) -> None:
        for message in messages:
            # A message that fails must not keep the others from silencing.
            with contextlib.suppress(Exception):
                self.output.send(message)

    def _rest(self) -> None:
        if self._due() is None:
            self.transport.stop()
            self._is_idle.set()


def _ask_for_priority() -> None:
    """Run this thread before others where the system allows it: half the jitter on Linux."""
    if hasattr(os, "sched_setscheduler"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(
                0,
                os.SCHED_FIFO | os.SCHED_RESET_ON_FORK,
                os.sched_param(_REALTIME_PRIORITY),
            )
