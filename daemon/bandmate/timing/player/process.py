"""The player in a process of its own, where nobody holds the interpreter but who plays.

Calls go down a pipe and are answered; news and what is played to us come up. The process ends what
sounds and leaves when its pipe breaks, so that the daemon's own death, of whatever kind, leaves no
note hanging. When the process dies itself, the next call starts another.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Self, cast

from bandmate.errors import BandmateError, PortError
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.timing.player.news import GridChanged, News, Stopped
from bandmate.timing.player.player import At
from bandmate.timing.player.rounds import StreamHead
from bandmate.timing.player.stage import Call, Opened, Reply, Said, Stage, StageSettings, Told
from bandmate.timing.ports.inputs import Heard
from bandmate.timing.sources.grid import Grid

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 8.0  # longer than the player itself waits for its port
_OPENING_SECONDS = 20.0
_END_SECONDS = 1.0  # to end every note and go; ending takes milliseconds
_WRITE_SECONDS = 0.2  # for a call that is being handed over; a pipe that is full is of no use
_PACKAGE = Path(__file__).parents[3]


class PlayerApart:
    """As ``Player``, in another process; any thread may call, and every call may raise PortError.

    What needs to outlive the process (what is followed, what is muted) is said again to the next.
    """

    def __init__(
        self,
        settings: Stage | StageSettings,
        on_told: Callable[[News | Heard], None] | None = None,
    ) -> None:
        """Start the process and wait until its port is open; *on_told* is called in a thread."""
        self.name = ""
        """The MIDI port as other programs show it."""
        self.notes: tuple[str, ...] = ()
        """What is worth telling of the ports, in sentences."""
        self._stage = settings if isinstance(settings, Stage) else Stage.of(settings)
        self._on_told = on_told
        self._grid = Grid(0.0, 0.0, is_rolling=False)
        self._lock = threading.Lock()
        self._life: _Life | None = None
        self._kept: dict[str, Call] = {}
        self._is_closed = False
        self._living()

    @property
    def grid(self) -> Grid:
        """How the song goes on, as far as was told; seconds are those of ``time.monotonic``."""
        return self._grid

    @property
    def pid(self) -> int | None:
        """The number of the process; None while there is none."""
        return self._life.process.pid if self._life and self._life.is_alive else None

    def play(
        self,
        clip: Clip,
        at: At = "bar",
        is_looped: bool = False,
        count_in: int = 0,
        *,
        number: int = 0,
    ) -> float:
        """Launch a clip; return the seconds until it begins."""
        call = Call("play", (clip, at, is_looped, count_in), {"number": number})
        return cast(float, self._ask(call))

    def begin(self, head: StreamHead) -> float:
        """Launch a take that is still being written; return the seconds until it begins."""
        return cast(float, self._ask(Call("begin", (head,))))

    def fill(self, number: int, index: int, clip: Clip) -> None:
        """Give a bar of such a take its notes."""
        self._ask(Call("fill", (number, index, clip)))

    def replace(self, number: int, clip: Clip) -> None:
        """Let the whole take go on in the place of its bars."""
        self._ask(Call("replace", (number, clip)))

    def end(self, number: int) -> None:
        """Let a take end with its bar, and forget it where it waits."""
        self._ask(Call("end", (number,)))

    def mix(self, muted: frozenset[str], soloed: frozenset[str] = frozenset()) -> None:
        """Mute and solo parts by name."""
        self._ask(self._keep(Call("mix", (muted, soloed))))

    def send_now(self, messages: tuple[bytes, ...]) -> None:
        """Send messages at once; what they make sound is ended by stop, panic and close."""
        self._ask(Call("send_now", (messages,)))

    def follow(self, source: str) -> None:
        """Take the time from a source: internal, clock, link or bridge."""
        self._ask(self._keep(Call("follow", (source,))))

    def lead(
        self,
        tempo: float | None = None,
        meter: Meter | None = None,
        is_rolling: bool | None = None,
    ) -> None:
        """Change the tempo, the meter or whether time rolls."""
        self._ask(Call("lead", (tempo, meter, is_rolling)))

    def report(
        self, second: float, beat: float, tempo: float, is_rolling: bool, meter: Meter | None
    ) -> None:
        """Take in where a bridge says that its project is."""
        self._ask(Call("report", (second, beat, tempo, is_rolling, meter)))

    def set_latency(self, milliseconds: float) -> None:
        """Send everything that much earlier than it is due; below 0: later."""
        self._ask(self._keep(Call("set_latency", (milliseconds,))))

    def stop(self) -> None:
        """Stop what plays."""
        self._ask(Call("stop"))

    def panic(self) -> None:
        """Stop, and silence every channel."""
        self._ask(Call("panic"))

    def close(self) -> None:
        """End every note, close the ports and end the process; a second time does nothing."""
        self._is_closed = True
        with self._lock:
            life, self._life = self._life, None
        if life is not None:
            life.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keep(self, call: Call) -> Call:
        self._kept[call.method] = call
        return call

    def _ask(self, call: Call) -> object:
        return self._living().ask(call)

    def _living(self) -> _Life:
        with self._lock:
            if self._is_closed:
                raise PortError("the player is closed, start bandmate again to play")
            if self._life is None or not self._life.is_alive:
                life = _Life(self._stage, self._hear)
                self.name, self.notes, self._life = life.opened.name, life.opened.notes, life
                for note in life.opened.notes:
                    log.warning("%s", note)
                for call in self._kept.values():
                    life.ask(call)
            return self._life

    def _hear(self, told: News | Heard) -> None:
        if isinstance(told, GridChanged):
            self._grid = told.grid
        try:
            if self._on_told is not None:
                self._on_told(told)
        except Exception:
            log.exception("what the player told was not taken")


class _Life:
    """One life of the process."""

    def __init__(self, stage: Stage, hear: Callable[[News | Heard], None]) -> None:
        self.is_alive = True
        self._hear = hear
        self._is_ending = False
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[object]] = {}
        self._writing = threading.Lock()
        self._opened: Future[object] = Future()
        self._waiting[0] = self._opened
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bandmate.timing.player.stage"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        threading.Thread(target=self._read, name="player news", daemon=True).start()
        self._write(stage)
        self.opened = self._found()

    def ask(self, call: Call) -> object:
        """Return what a call gives; raises what it raised."""
        number = next(self._numbers)
        answer: Future[object] = Future()
        self._waiting[number] = answer
        if not self.is_alive:
            self._waiting.pop(number, None)
            raise PortError(self._last_words())
        # A process that is stopped reads nothing: what does not fit into the pipe would wait.
        threading.Thread(target=self._write, args=((number, call),), daemon=True).start()
        try:
            return answer.result(_ANSWER_SECONDS)
        except TimeoutError:
            self.process.kill()
            self.is_alive = False
            raise PortError("the player's process does not answer and was ended") from None
        finally:
            self._waiting.pop(number, None)

    def end(self) -> None:
        """Let it silence and go; kill it where it does not."""
        self._is_ending = True
        assert self.process.stdin is not None
        if not self._writing.acquire(timeout=_WRITE_SECONDS):
            self.process.kill()  # it takes nothing any more, so a call waits to be written
            self._writing.acquire()
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self._writing.release()
        self._reap()

    def _reap(self) -> None:
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _found(self) -> Opened:
        try:
            opened = self._opened.result(_OPENING_SECONDS)
        except BaseException:
            self._is_ending = True
            self.process.kill()
            self.process.wait()
            raise
        assert isinstance(opened, Opened)
        return opened

    def _write(self, message: object) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError), self._writing:
            self.process.stdin.write(pickle.dumps(message))
            self.process.stdin.flush()

    def _read(self) -> None:
        """Pass on what the process says until it is gone, and reap it (in a thread)."""
        pipe = self.process.stdout
        assert pipe is not None
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                self._receive(pickle.load(pipe))
        self._die(pipe)

    def _receive(self, message: Reply | Said | Told) -> None:
        if isinstance(message, Told):
            self._hear(message.told)
        elif isinstance(message, Said):
            log.log(message.level, "%s", message.words)
        elif answer := self._waiting.get(message.number):
            if isinstance(message.value, BaseException):
                answer.set_exception(message.value)
            else:
                answer.set_result(message.value)

    def _die(self, pipe: IO[bytes]) -> None:
        self.is_alive = False
        self._reap()  # one that closed its pipe is of no more use
        pipe.close()
        error: BandmateError = PortError(self._last_words())
        for answer in list(self._waiting.values()):
            if not answer.done():
                answer.set_exception(error)
        if not self._is_ending:
            log.error("%s", error)
            self._hear(Stopped(str(error)))

    def _last_words(self) -> str:
        if self._is_ending:
            return "the player is closed, start bandmate again to play"
        code = self.process.returncode or 0
        cause = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        return f"the player's process ended ({cause}); play again"


def _environment() -> dict[str, str]:
    """Return ours, in which the process finds this very bandmate."""
    before = os.environ.get("PYTHONPATH")
    path = os.pathsep.join([str(_PACKAGE), *([before] if before else [])])
    return {**os.environ, "PYTHONPATH": path}
