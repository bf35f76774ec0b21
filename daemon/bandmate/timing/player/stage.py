"""Inside the player's process: ports in and out, the player, and the sources that it may follow.

What comes over the pipe is a Stage first, then calls; what goes back are replies, news and log
lines. The process ends when the pipe does, or by SIGTERM, and silences before.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from queue import SimpleQueue
from typing import IO, Any, Protocol

from bandmate.errors import AskError, BandmateError, PortError, nearest
from bandmate.music.meter import Meter
from bandmate.timing.player.news import News
from bandmate.timing.player.parent import leaving_with_parent
from bandmate.timing.player.player import Player
from bandmate.timing.ports.apis import Machine
from bandmate.timing.ports.inputs import CLOCK, PLAY, Heard, Input, open_input
from bandmate.timing.ports.ports import Output, PortSettings, open_output
from bandmate.timing.sources.transport import INTERNAL, Source, Transport

log = logging.getLogger(__name__)

# A thread that reads a call must not keep the one that plays waiting for longer than this.
_SWITCH_SECONDS = 0.0005
_NO_PRIORITY = (
    "notes may waver on a busy machine, since bandmate may not play before other programs: "
    "let your user have rtprio in /etc/security/limits.d (on Debian, join the group audio)"
)
METHODS = (
    "play", "begin", "fill", "replace", "end", "mix", "send_now", "stop", "panic", "lead",
)  # fmt: skip
"""What is handed on to the player as it is."""


class StageSettings(PortSettings, Protocol):
    """The settings that are read here."""

    @property
    def latency_ms(self) -> float:
        """How much earlier than due all is sent; below 0: later."""

    @property
    def channels(self) -> str:
        """The channels of parts, 1..16: ``drums=10 bass=2``."""


def channels_said(text: str) -> dict[str, int]:
    """Return the channels, 0..15, of parts from ``"drums=10 bass=2"``, checked before."""
    pairs = (said.split("=") for said in text.split())
    return {part: int(number) - 1 for part, number in pairs}


@dataclass(frozen=True)
class Stage:
    """How the process is set; may be pickled."""

    midi_api: str = "auto"
    midi_client: str = "bandmate"
    midi_port: str = "loops"
    part_ports: str = ""
    """Parts that have a port of their own, with blanks between them."""
    latency_ms: float = 0.0
    """How much earlier than due all is sent; below 0: later."""
    channels: Mapping[str, int] = field(default_factory=dict)
    """The channel, 0..15, of a part or role."""
    clock_out: bool = False
    """True: MIDI clock is sent, on a port of its own."""
    has_inputs: bool = True
    """False: no input ports are made."""
    opening: Callable[[], Output] | None = None
    """Opens another output, for tests."""

    @classmethod
    def of(cls, settings: StageSettings) -> Stage:
        """Return what is set of it."""
        return cls(
            settings.midi_api, settings.midi_client, settings.midi_port, settings.part_ports,
            settings.latency_ms, channels_said(settings.channels), settings.clock_out,
        )  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A method of the player, with what it takes."""

    method: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """The ports are there."""

    name: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What a call gave, or the error that it raised; 0 is the opening."""

    number: int
    value: object


@dataclass(frozen=True)
class Told:
    """News, or what was played to us."""

    told: News | Heard


@dataclass(frozen=True)
class Said:
    """A line for the log."""

    level: int
    words: str


class Playing:
    """The player and all around it, in the process."""

    def __init__(
        self, stage: Stage, tell: Callable[[object], None], machine: Machine | None = None
    ) -> None:
        self.notes: list[str] = []
        self._tell = tell
        self._stage = stage
        self._machine = machine
        self._sources: dict[str, Any] = {}
        output = stage.opening() if stage.opening else open_output(stage, machine=machine)
        self.player = Player(
            output,
            Transport(),
            lambda news: tell(Told(news)),
            latency=stage.latency_ms / 1000,
            channels=stage.channels,
            has_clock=stage.clock_out,
        )
        self._inputs = self._opened_inputs(output) if stage.has_inputs else []
        if hasattr(os, "sched_setscheduler") and not self.player.is_realtime:
            self.notes.append(_NO_PRIORITY)

    def do(self, call: Call) -> object:
        """Return what a call gives; raises BandmateError."""
        if call.method in METHODS:
            return getattr(self.player, call.method)(*call.args, **call.kwargs)
        ours: dict[str, Callable[..., None]] = {
            "follow": self._follow,
            "report": self._report,
            "set_latency": self._latency,
        }
        return ours[call.method](*call.args)

    def close(self) -> None:
        """Silence, and close the ports."""
        self.player.close()
        for port in self._inputs:
            port.close()
        self._leave_link()

    def _opened_inputs(self, output: Output) -> list[Input]:
        opened: list[Input] = []
        for port, hears in ((PLAY, self._heard), (CLOCK, self._ticked)):
            try:
                opened.append(open_input(self._stage, port, hears, output, self._machine))
            except BandmateError as error:
                self.notes.append(f"nothing can be played to bandmate: {error}")
                break
        return opened

    def _heard(self, second: float, message: bytes) -> None:
        def told() -> None:
            beat = self.player.transport.grid(second).beat_at(second)
            self._tell(Told(Heard(second, beat, message)))

        self.player.do_soon(told)

    def _ticked(self, second: float, message: bytes) -> None:
        follower = self._sources.get("clock")
        if follower is not None:
            self.player.do_soon(lambda: follower.take_in(second, message))

    def _follow(self, name: str) -> None:
        if name != INTERNAL and name not in _SOURCES:
            known = (INTERNAL, *_SOURCES)
            raise AskError(f"there is no source called {name!r}, try {nearest(name, known)}")
        if name != INTERNAL and name not in self._sources:
            self._sources[name] = _SOURCES[name](self.player.transport.tempo)
        self.player.follow(self._sources.get(name))
        if name != "link":
            self._leave_link()

    def _leave_link(self) -> None:
        """Leave the room, or all in it would go on hearing from us."""
        if (link := self._sources.pop("link", None)) is not None:
            link.close()

    def _report(
        self, second: float, beat: float, tempo: float, is_rolling: bool, meter: Meter | None
    ) -> None:
        if (reported := self._sources.get("bridge")) is not None:
            self.player.do_soon(lambda: reported.take_in(second, beat, tempo, is_rolling, meter))

    def _latency(self, milliseconds: float) -> None:
        self.player.set_latency(milliseconds / 1000)


def _clock(_: float) -> Source:
    from bandmate.timing.sources.clock_in import ClockFollower

    return ClockFollower()


def _link(tempo: float) -> Source:
    from bandmate.timing.sources.link import LinkSource

    return LinkSource(tempo)


def _bridge(_: float) -> Source:
    from bandmate.timing.sources.reported import Reported

    return Reported()


_SOURCES: dict[str, Callable[[float], Source]] = {
    "clock": _clock, "link": _link, "bridge": _bridge
}  # fmt: skip
"""Each is made at the tempo that holds."""


def main() -> None:
    """Serve until the pipe ends or SIGTERM comes."""
    calls, replies = _pipes()
    outbox: SimpleQueue[object] = SimpleQueue()
    writer = threading.Thread(target=_write, args=(outbox, replies), daemon=True)
    writer.start()
    _log_to(outbox)
    with leaving_with_parent():  # a system that hangs; nothing sounds yet
        playing = _opened(calls, outbox)
    if playing is not None:
        _on_sigterm(playing.close)
        with contextlib.suppress(EOFError, OSError):
            _serve(playing, calls, outbox)
        playing.close()
    outbox.put(None)
    writer.join(1.0)


def _on_sigterm(close: Callable[[], None]) -> None:
    """Close and leave when the signal comes, in a thread: a handler in Python would run only when
    the main thread has read its next call, if the signal comes just before it waits for one.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)

    def wait() -> None:
        ours.recv(1)
        close()
        theirs.close()
        os._exit(0)

    threading.Thread(target=wait, name="signals", daemon=True).start()
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda *_: None)


def _opened(calls: IO[bytes], outbox: SimpleQueue[object]) -> Playing | None:
    try:
        playing = Playing(pickle.load(calls), outbox.put)
    except Exception as error:  # noqa: BLE001 - all of it is answered
        outbox.put(Reply(0, _crossing(error)))
        return None
    # What there is now stays: looking through it for garbage would only make a note late.
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    outbox.put(Reply(0, Opened(playing.player.output.name, tuple(playing.notes))))
    return playing


def _serve(playing: Playing, calls: IO[bytes], outbox: SimpleQueue[object]) -> None:
    while True:
        number, call = pickle.load(calls)
        try:
            value = playing.do(call)
        except Exception as error:  # noqa: BLE001 - all of it is answered
            value = _crossing(error)
        outbox.put(Reply(number, value))


def _crossing(error: Exception) -> BandmateError:
    """Return an error as it crosses: a person's mistake as itself, all else in a sentence."""
    if isinstance(error, BandmateError):
        return error
    log.error("the player failed", exc_info=error)
    return PortError(f"the player failed ({type(error).__name__}: {error})")


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return what was our input and output, which nobody else shall read or print to."""
    calls = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    # Ctrl-C in a terminal reaches every process of the group; the parent ends us in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return calls, replies


def _write(outbox: SimpleQueue[object], replies: IO[bytes]) -> None:
    """Send what is to be told (in a thread: a full pipe must not keep the player waiting)."""
    with contextlib.suppress(OSError):
        while (message := outbox.get()) is not None:
            replies.write(pickle.dumps(message))
            replies.flush()


class _ToParent(logging.Handler):
    """Sends log lines to the parent, which writes them as it writes its own."""

    def __init__(self, outbox: SimpleQueue[object]) -> None:
        super().__init__()
        self._outbox = outbox

    def emit(self, record: logging.LogRecord) -> None:
        """Send a line."""
        self._outbox.put(Said(record.levelno, self.format(record)))


def _log_to(outbox: SimpleQueue[object]) -> None:
    logging.basicConfig(level=logging.INFO, handlers=[_ToParent(outbox)], force=True)


if __name__ == "__main__":
    # Not what stands here, which is __main__: what it pickles would be unknown to the parent.
    import_module("bandmate.timing.player.stage").main()
