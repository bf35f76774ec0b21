"""The frame-exact way into JACK: messages wait in a queue, and a callback puts each on its frame.

Where python-rtmidi sends a message with the next block, here it comes at the very sample that it is
due at. For that the player hands each over a while before.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from bandmate.errors import PortError
from bandmate.timing.ports import jack

log = logging.getLogger(__name__)

AHEAD_SECONDS = 0.05
"""How long before it is due a message is taken: longer than a busy machine keeps us waiting."""

_FRAMES = 1 << 32  # JACK's count of frames goes round
_DRAIN_SECONDS = 0.25
# Blocks that are late by more than the gap, so many on end, are late for good.
_GAP_SECONDS, _GAP_BLOCKS = 0.002, 8
_SOONER, _LATER = 0.1, 0.002  # shares of what a block is early or late by that are believed

Hears = Callable[[float, bytes], None]


def library() -> Any | None:  # noqa: ANN401 - an optional package without types
    """Return the module of JACK-Client, or None where it, or JACK itself, is not installed."""
    try:
        return import_module("jack")
    except (ImportError, OSError):
        return None


class _Waiting(NamedTuple):
    frame: int
    port: Any
    message: bytes


class _Line:
    """The second at which each block begins, from the seconds at which we are called for it.

    JACK tells such a line itself, but where the machine was busy it takes seconds to find back
    from a gap, and all would be late until then.
    """

    def __init__(self, rate: int, anchor: tuple[float, int]) -> None:
        self.anchor = anchor
        """The second and the frame at which a block began; replaced whole."""
        self._rate = rate
        self._lates: list[float] = []
        self._is_new = True

    def step(self, called: float, frame: int) -> float:
        """Take in that we are called for the block at *frame*; return the second it began at."""
        begun, before = self.anchor
        expected = begun + _apart(frame, before) / self._rate
        late = called - expected
        self._lates = [*self._lates, late] if late > _GAP_SECONDS else []
        if self._is_new or late < -_GAP_SECONDS:
            expected += late
        elif len(self._lates) >= _GAP_BLOCKS:
            expected += min(self._lates)
            self._lates = []
        else:
            # We are called late as often as the machine is busy, and never early.
            expected += late * (_SOONER if late < 0 else _LATER)
        self._is_new = False
        self.anchor = (expected, frame)
        return expected


class JackOutput:
    """An output, and inputs, as ports of one JACK client."""

    ahead = AHEAD_SECONDS

    def __init__(
        self,
        client: str,
        port: str,
        parts: Sequence[str] = (),
        clocks: Sequence[str] = (),
        module: Any | None = None,  # noqa: ANN401
    ) -> None:
        """Make the client with one port, one more for each of *parts*, and those of *clocks*.

        What is sent as a clock's is not taken back. Raises PortError.
        """
        self.name = f"{client}:{port}"
        self.late = 0
        """Messages that were taken later than they were due."""
        self._wanted = (client, port, tuple(parts), tuple(clocks))
        self._module = module or library()
        self._lock = threading.Lock()
        self._ahead: deque[_Waiting] = deque()
        self._ticks: deque[_Waiting] = deque()
        self._last = (0.0, 0)
        """The second and the frame of what was taken last."""
        self._at_once: deque[tuple[Any, bytes]] = deque()
        self._is_sent = True
        self._is_drained = threading.Event()
        self._listening: dict[str, Hears] = {}
        self._inputs: list[tuple[Any, Hears]] = []
        self._client: Any | None = None
        self._is_closed = False
        self._is_gone = False
        self._open()

    def check(self) -> None:
        """Make sure that messages are taken; raises PortError with the cure."""
        if self._is_closed:
            raise PortError(f"the MIDI port {self.name} is closed")
        if self._is_gone or not jack.is_answering():
            self._drop()
            if not jack.is_answering():
                raise self._gone()
        if self._client is None:
            self._open()

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        """Send one message on its frame, or in the next block; raises PortError."""
        if self._is_gone or self._client is None:
            raise self._gone()
        if part in self._clocks:
            frame = self._frame_of(time.monotonic() if at is None else at)
            with self._lock:
                self._ticks.append(_Waiting(frame, self._clocks[part], message))
            return
        port = self._ports.get(part, self._main)
        if at is not None:
            with self._lock:
                self._ahead.append(_Waiting(self._next_frame(at), port, message))
            return
        ports = [port] if part else [port, *self._ports.values()]  # what is nobody's is all's
        with self._lock:
            self._is_sent = False
            self._is_drained.clear()
            self._at_once.extend((port, message) for port in ports)

    def take_back(self) -> int:
        """Forget what is still to come; return how many messages."""
        with self._lock:
            count = len(self._ahead)
            self._ahead.clear()
        return count

    def listen(self, port: str, hears: Hears) -> str:
        """Make an input port whose messages come with the second of their frame; return its name.

        *hears* is called in the library's thread and must not wait.
        """
        self._listening[port] = hears
        if self._client is not None:
            self._inputs.append((self._client.midi_inports.register(port), hears))
        return f"{self.name.split(':')[0]}:{port}"

    def close(self) -> None:
        """Send what is to be sent at once, and close the ports; a second time does nothing."""
        self._is_closed = True
        self._drop()

    def _open(self) -> None:
        client, port, parts, clocks = self._wanted
        if self._module is None:
            raise PortError("JACK-Client is not installed, pip install 'bandmate[jack]'")
        self._module.set_error_function(lambda words: log.debug("JACK: %s", words))
        self._module.set_info_function(lambda words: log.debug("JACK: %s", words))
        try:
            opened = self._module.Client(client, no_start_server=True)
            self._main = opened.midi_outports.register(port)
            self._ports = {part: opened.midi_outports.register(part) for part in parts}
            self._clocks = {name: opened.midi_outports.register(name) for name in clocks}
            self._rate = int(opened.samplerate)
            self._line = _Line(self._rate, (time.monotonic(), int(opened.frame_time)))
            self._inputs = [
                (opened.midi_inports.register(name), hears)
                for name, hears in self._listening.items()
            ]
            opened.set_process_callback(self._process)
            opened.set_shutdown_callback(self._shut_down)
            opened.activate()
        except self._module.JackError as error:
            raise PortError(f"JACK gave no MIDI port ({error}): start it again") from error
        self.name = f"{opened.name}:{port}"
        self._client, self._is_gone = opened, False

    def _gone(self) -> PortError:
        return PortError(
            f"the MIDI port {self.name} is gone, since JACK does not answer: start a JACK server "
            "(jackd) and set JACK_DEFAULT_SERVER if it has a name"
        )

    def _drop(self) -> None:
        if self._client is None:
            return
        if not self._is_gone:
            if not self._is_sent:
                self._is_drained.wait(_DRAIN_SECONDS)
            self._client.deactivate()
        client, self._client = self._client, None
        client.close()
        for waiting in (self._ahead, self._ticks, self._at_once):
            waiting.clear()

    def _shut_down(self, *_: object) -> None:
        self._is_gone = True

    def _next_frame(self, at: float) -> int:
        """Return the frame of a second; the same for a chord, and never before the last.

        JACK refuses what is not in order, and our idea of its clock moves by a frame or two.
        """
        before, frame = self._last
        if at != before or not self._ahead:
            found = self._frame_of(at)
            is_behind = bool(self._ahead) and _apart(found, frame) < 0
            self._last = (at, frame if is_behind else found)
        return self._last[1]

    def _frame_of(self, second: float) -> int:
        """Return the frame of a second of the clock."""
        begun, frame = self._line.anchor
        return round(frame + (second - begun) * self._rate) % _FRAMES

    # JACK calls this in its own thread, once a block; all that is to be done was prepared.

    def _process(self, frames: int) -> None:
        client = self._client
        if client is None:
            return
        begins = client.last_frame_time
        begun = self._line.step(time.monotonic(), begins)
        for port, hears in self._inputs:
            for offset, data in port.incoming_midi_events():
                hears(begun + (offset - frames) / self._rate, bytes(data))
        self._main.clear_buffer()
        for port in (*self._ports.values(), *self._clocks.values()):
            port.clear_buffer()
        with self._lock:
            if self._is_sent:
                self._is_drained.set()  # a block ago: whoever is connected has it by now
            self._send_waiting(begins, frames)
            self._is_sent = not self._at_once

    def _send_waiting(self, begins: int, frames: int) -> None:
        try:
            while self._at_once:
                port, message = self._at_once[0]
                port.write_midi_event(0, message)
                self._at_once.popleft()
            for waiting in (self._ahead, self._ticks):
                while waiting and (offset := _apart(waiting[0].frame, begins)) < frames:
                    _, port, message = waiting[0]
                    port.write_midi_event(max(0, offset), message)
                    waiting.popleft()
                    self.late += offset < 0
        except Exception as error:  # noqa: BLE001 - the block is full: the rest goes with the next
            log.debug("JACK took no message: %s", error)


def _apart(frame: int, other: int) -> int:
    """Return how many frames *frame* is behind *other*, across the end of JACK's count."""
    return (frame - other + _FRAMES // 2) % _FRAMES - _FRAMES // 2
