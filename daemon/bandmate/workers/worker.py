"""The process in which a model works, and what its death means: an answer, not an outage.

Inference runs in a process of its own, so that neither the event loop nor the timing thread shares
an interpreter lock with it. One ask at a time goes through a pipe; a thread here reads what comes
back. The inside of the process is ``child.py``: it sees between tokens that an ask was called
off, in a number that both processes share, and it ends when its parent ends. A process that gives
no sign of life (stopped, swapped out, held up by a driver) is ended like one that died.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from multiprocessing.reduction import ForkingPickler

from bandmate.errors import Unavailable
from bandmate.workers.child import OPENING, Done, Failed, Item, Opened, Reply, Servant, Shared, work
from bandmate.workers.silence import Gaps, Silence

log = logging.getLogger(__name__)

_SPAWN = multiprocessing.get_context("spawn")
_PATIENCE = 3.0
"""Seconds that a stopped or called-off child has to notice it before it is killed."""
_END_SECONDS = 1.0
"""Seconds that a child has to end before it is killed; it keeps nothing that could be lost."""
_TICK = 1.0
"""Seconds between two looks for a sign of life."""
_OPENING_SECONDS = 120.0
"""How long a servant may take to open."""
_DEATH = -1
"""The number under which the death of the child is told."""


class Worker:
    """One servant in a process of its own; used from one event loop."""

    def __init__(self, opening: Callable[[], Servant], name: str) -> None:
        """Take a picklable *opening* that makes the servant in the child; nothing starts yet."""
        self.name = name
        self.model = ""
        """The servant's name, ``loops@1a2b3c4d``; empty until it was opened once."""
        self.note = ""
        """What the servant wants told of itself, such as that it fell back to the CPU."""
        self._opening = opening
        self._child: _Child | None = None
        self._turn = asyncio.Lock()
        self._number = OPENING
        self._shared = _SPAWN.RawValue(Shared)
        self._silence = Silence()
        self._is_stopped = False

    @property
    def pid(self) -> int | None:
        """The process id of the child, None while there is none."""
        return self._child.process.pid if self._child and self._child.is_alive else None

    async def start(self) -> None:
        """Open the servant, if it is not open; raises what opening it raised, in words."""
        self._is_stopped = False
        async with self._turn:
            await self._living()

    async def ask(
        self, request: object, silence: Callable[[], float] | None = None
    ) -> AsyncGenerator[object, None]:
        """Yield what the servant makes of *request*; raises BandmateError in words.

        Unavailable says that the child died, or was ended since it gave no sign of life for the
        seconds that *silence* returns (None: by what such requests took before); the next ask
        starts it again. Closing the iterator early calls the ask off.
        """
        async with self._turn:
            self._number += 1
            number = self._number
            child = await self._living()
            child.send(number, request)
            gaps = self._silence.of(request, silence)
            try:
                while not isinstance(reply := await child.reply_to(number, gaps), Done):
                    yield self._item(reply)
                gaps.done()
            finally:
                if child.is_busy_with(number):
                    self.cancel()
                    await child.is_idle.wait()

    def cancel(self) -> None:
        """Call off the ask under way, which then raises Cancelled; does nothing without one."""
        self._shared.called_off = self._number
        if self._child is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(_PATIENCE, self._child.kill_if_busy_with, self._number)

    async def stop(self) -> None:
        """End the child, whatever it does; asks raise Unavailable from now on, until a start."""
        self._is_stopped = True
        self._shared.called_off = self._number
        child, self._child = self._child, None
        if child is not None:
            await child.end()

    async def _living(self) -> _Child:
        """Return a child whose servant is open."""
        if self._is_stopped:
            raise Unavailable(f"{self.name} was stopped")
        if self._child is None or not self._child.is_alive:
            self._child = _Child(self._opening, self.name, self._shared)
        child = self._child
        reply = await child.opening()
        if isinstance(reply, Opened):
            self.model, self.note = reply.model, reply.note
        else:
            await child.end()
            self._item(reply)
        return child

    def _item(self, reply: Reply) -> object:
        """Return the item of a reply; raises the error that it carries."""
        if isinstance(reply, Item):
            return reply.item
        if isinstance(reply, Failed) and reply.trace:
            log.error("%s failed:\n%s", self.name, reply.trace)
        raise reply.error if isinstance(reply, Failed) else Unavailable(f"{self.name} lost its way")


class _Child:
    """One life of the process; everything but ``_live`` runs on the event loop."""

    def __init__(self, opening: Callable[[], Servant], name: str, shared: Shared) -> None:
        self._name = name
        self._shared = shared
        self._loop = asyncio.get_running_loop()
        self.is_alive = True
        self.is_idle = asyncio.Event()
        self.opened: asyncio.Future[Reply] = self._loop.create_future()
        """Opened, or how the opening failed."""
        self._busy_with: int | None = None
        self._replies: asyncio.Queue[tuple[int, Reply]] = asyncio.Queue()
        self._is_ending = False
        self._must_die = False
        self._silent_for = 0.0
        self._writer: threading.Thread | None = None
        self._gone = asyncio.Event()
        self._pipe, self._their_pipe = _SPAWN.Pipe()
        self.process = _SPAWN.Process(
            target=work, args=(opening, self._their_pipe, shared), name=name, daemon=True
        )
        threading.Thread(target=self._live, name=f"{name} replies", daemon=True).start()

    def send(self, number: int, request: object) -> None:
        """Hand a request over; that the child is gone will be told as its reply."""
        data = ForkingPickler.dumps((number, request))
        # A child that is stopped reads nothing, and what does not fit into the pipe would block us.
        self._writer = threading.Thread(target=self._write, args=(data,), daemon=True)
        self._writer.start()
        if self.is_alive:
            self._busy_with = number
            self.is_idle.clear()

    def _write(self, data: memoryview | bytes) -> None:
        with suppress(OSError, ValueError):
            self._pipe.send_bytes(data)

    async def opening(self) -> Reply:
        """Return Opened, or how the opening failed; a servant that does not open is ended."""
        waited = 0.0
        while not (await asyncio.wait([self.opened], timeout=_TICK))[0]:
            waited += _TICK
            if waited >= _OPENING_SECONDS:
                self._end_silent(waited)
        return self.opened.result()

    async def reply_to(self, number: int, gaps: Gaps) -> Reply:
        """Return the next reply to an ask; what an ask called off left behind is skipped.

        Silence is counted in looks, not by the clock: it may be us who were stopped or asleep.
        """
        signs, silent = self._shared.signs, 0.0
        while True:
            try:
                async with asyncio.timeout(_TICK):
                    answered, reply = await self._replies.get()
                if answered in (number, _DEATH):
                    return reply
            except TimeoutError:
                silent = silent + _TICK if signs == self._shared.signs else 0.0
                signs = self._shared.signs
                gaps.heard(silent)
                if silent >= gaps.limit():
                    self._end_silent(silent)

    def _end_silent(self, seconds: float) -> None:
        if not self._must_die:
            self._silent_for = seconds
            log.warning("%s gave no sign of life for %g seconds and is ended", self._name, seconds)
            self._kill()

    def is_busy_with(self, number: int) -> bool:
        """Return True while the child works at an ask."""
        return self._busy_with == number

    def kill_if_busy_with(self, number: int) -> None:
        """Kill a child that has not noticed that its ask was called off."""
        if self._busy_with == number:
            log.warning("%s does not stop working and is killed", self._name)
            self._kill()

    async def end(self) -> None:
        """End the process: by a word, else by force; returns when it is gone and reaped."""
        self._is_ending = True
        if self._writer is None or not self._writer.is_alive():
            self._write(ForkingPickler.dumps(None))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), _END_SECONDS)
        self._kill()
        await self._gone.wait()

    def _kill(self) -> None:
        self._must_die = True
        if self.process.pid is not None:
            self.process.kill()
            self._loop.call_later(_PATIENCE, self._give_up)

    def _give_up(self) -> None:
        """Take a process for dead that a driver holds even when it is killed."""
        if self.is_alive:
            log.error("%s (process %d) does not end when killed", self._name, self.process.pid)
            self._died(is_reaped=False)

    def _live(self) -> None:
        """Start the process, pass on what it says until it is gone, and reap it (in a thread)."""
        try:
            self.process.start()
            self._their_pipe.close()  # while we hold it, a death is no end of the pipe
            if self._must_die:
                self.process.kill()
            while True:
                self._tell(self._received, self._pipe.recv())
        except (EOFError, OSError) as error:
            log.debug("%s is gone: %s", self._name, error)
        except Exception as error:  # noqa: BLE001 - a pickle torn by a death raises anything
            log.warning("%s sent what cannot be read: %s", self._name, error)
        if self.process.pid is not None:
            self.process.kill()  # a child that closed its pipe is of no more use
            self.process.join()
        self._tell(self._died)

    def _tell(self, told: Callable[..., None], *args: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(told, *args)

    def _received(self, message: tuple[int, Reply]) -> None:
        number, reply = message
        if number == OPENING:
            self.opened.set_result(reply)
            return
        if isinstance(reply, Done | Failed):
            self._rest()
        self._replies.put_nowait(message)

    def _died(self, is_reaped: bool = True) -> None:
        if not self.is_alive:
            return
        self.is_alive = False
        if is_reaped:  # else a thread reads from it still
            self._pipe.close()
        self._gone.set()
        self._rest()
        reply = Failed(Unavailable(self._last_words()))
        if not self.opened.done():
            self.opened.set_result(reply)
        self._replies.put_nowait((_DEATH, reply))

    def _rest(self) -> None:
        self._busy_with = None
        self.is_idle.set()

    def _last_words(self) -> str:
        if self._is_ending:
            return f"{self._name} was stopped"
        if self._silent_for:
            seconds = f"{self._silent_for:g} seconds"
            return f"{self._name} gave no sign of life for {seconds} and was ended; ask again"
        code = self.process.exitcode or 0
        cause = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
        what = "worked" if self.opened.done() else "was opened"
        return f"{self._name} died while it {what} ({cause}); ask again"
