"""A clock that stands still until it is moved, and outputs that remember what they were sent."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from queue import Empty, SimpleQueue
from typing import Any

from bandmate.errors import PortError
from bandmate.timing.ports.apis import Machine
from bandmate.timing.ports.ports import CLOCK_OUT
from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import Clock

_PATIENCE = 10.0


class FakeClock(Clock):
    """Time moves when the test says so, from one due event to the next; nobody sleeps."""

    def __init__(self) -> None:
        self._now = 100.0
        self._until: float | None = None
        self._inbox: SimpleQueue[Any] | None = None
        self._reader_is_here = threading.Event()
        self._caught_up: SimpleQueue[threading.Event] = SimpleQueue()

    def now(self) -> float:
        return self._now

    def get(self, inbox: SimpleQueue[Any], until: float | None) -> Any:
        self._inbox, self._until = inbox, until
        self._reader_is_here.set()
        while until is None or self._now < until:
            while not self._caught_up.empty():
                self._caught_up.get().set()
            item = inbox.get()
            if item is not self:
                return item
        raise Empty

    def settle(self) -> None:
        """Wait until the reader has done all that is due now and waits again."""
        assert self._reader_is_here.wait(_PATIENCE)
        caught_up = threading.Event()
        self._caught_up.put(caught_up)
        assert self._inbox is not None
        self._inbox.put(self)
        assert caught_up.wait(_PATIENCE)

    def advance(self, seconds: float) -> None:
        """Let time pass, stopping wherever the reader wants to be woken."""
        self.settle()
        target = self._now + seconds
        while self._until is not None and self._until <= target:
            self._now = max(self._now, self._until)
            self.settle()
        self._now = target
        self.settle()


class FakeOutput:
    """Remembers every message with the second it came; fails when told to."""

    name = "bandmate:loops"
    ahead = 0.0

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.sent: list[tuple[float, bytes]] = []
        self.ticks: list[tuple[float, bytes]] = []
        """What came as MIDI clock."""
        self.closings = 0
        self.failing_sends: set[int] = set()
        self.is_gone = False
        self._sends = 0

    def check(self) -> None:
        if self.is_gone:
            raise PortError("the MIDI port bandmate:loops is gone")

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        self._sends += 1
        if self._sends in self.failing_sends:
            raise OSError("no room")
        self.check()
        if part == CLOCK_OUT:
            self.ticks.append((round((at or self._clock.now()) - 100.0, 6), message))
            return
        self.sent.append((round(self._clock.now() - 100.0, 6), message))

    def take_back(self) -> int:
        return 0

    def close(self) -> None:
        self.closings += 1

    def messages(self) -> list[bytes]:
        """Return what was sent, without times."""
        return [message for _, message in self.sent]

    def notes(self) -> list[tuple[float, str, int, int]]:
        """Return (second, "on" or "off", channel, pitch) of the notes sent."""
        kinds = {0x90: "on", 0x80: "off"}
        return [
            (second, kinds[message[0] & 0xF0], message[0] & 0x0F, message[1])
            for second, message in self.sent
            if message[0] & 0xF0 in kinds
        ]

    def hanging(self) -> set[tuple[int, int]]:
        """Return the (channel, pitch) that were begun and never ended."""
        held: set[tuple[int, int]] = set()
        for _, kind, channel, pitch in self.notes():
            (held.add if kind == "on" else held.discard)((channel, pitch))
        return held


class FakeAhead(FakeOutput):
    """Is sent everything a while before it is due, as a frame-exact port is."""

    ahead = 0.05

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self._waiting: list[float] = []

    def send(self, message: bytes, at: float | None = None, part: str = "") -> None:
        super().send(message, at, part)
        now = self._clock.now()
        if part == CLOCK_OUT:
            return
        self.sent.pop()
        sent = (round(max(now, at or now) - 100.0, 6), message)
        self.sent.insert(bisect_right(self.sent, sent[0], key=itemgetter(0)), sent)
        self._waiting = [due for due in self._waiting if due > now]
        if at is not None:
            self._waiting.append(at)

    def take_back(self) -> int:
        now = self._clock.now()
        count = len([due for due in self._waiting if due > now])
        self._waiting.clear()
        kept = [(second, m) for second, m in self.sent if second <= round(now - 100.0, 6)]
        assert len(self.sent) - len(kept) == count
        self.sent[:] = kept
        return count


@dataclass
class FakeSource:
    """Says where the music is as the test has it."""

    said: Grid | None = None
    name: str = "clock"
    has_meter: bool = True
    has_phase: bool = False

    def grid(self, now: float) -> Grid | None:
        return self.said


@dataclass
class Settings:
    """What the ports read of the settings."""

    midi_api: str = "auto"
    midi_client: str = "bandmate"
    midi_port: str = "loops"
    part_ports: str = ""
    clock_out: bool = False


@dataclass
class FakeRtmidi:
    """Stands for the module: its constants, and a client that notes what is done with it."""

    API_LINUX_ALSA = 2
    API_UNIX_JACK = 3
    API_MACOSX_CORE = 1
    API_WINDOWS_MM = 4

    there: list[str] = field(default_factory=list)
    compiled: list[int] = field(default_factory=lambda: [1, 2, 3, 4])
    refusing: Exception | None = None
    done: list[tuple[Any, ...]] = field(default_factory=list)
    on_send: Callable[[bytes], None] = lambda message: None
    listeners: dict[str, FakeListener] = field(default_factory=dict)

    def get_compiled_api(self) -> list[int]:
        return self.compiled

    def MidiOut(self, api: int, name: str) -> FakeClient:
        if self.refusing:
            raise self.refusing
        self.done.append(("client", api, name))
        return FakeClient(self)

    def MidiIn(self, api: int, name: str) -> FakeListener:
        if self.refusing:
            raise self.refusing
        self.done.append(("listener", api, name))
        return FakeListener(self)


@dataclass
class FakeClient:
    module: FakeRtmidi

    def get_ports(self) -> list[str]:
        return self.module.there

    def open_port(self, index: int) -> None:
        self.module.done.append(("attach", self.module.there[index]))

    def open_virtual_port(self, name: str) -> None:
        self.module.done.append(("port", name))

    def send_message(self, message: bytes) -> None:
        if self.module.refusing:
            raise self.module.refusing
        self.module.done.append(("send", bytes(message)))
        self.module.on_send(bytes(message))

    def delete(self) -> None:
        self.module.done.append(("delete",))


@dataclass
class FakeListener:
    module: FakeRtmidi
    heard: Callable[[tuple[list[int], float], object], None] | None = None

    def get_ports(self) -> list[str]:
        return self.module.there

    def open_port(self, index: int) -> None:
        self.module.done.append(("attach", self.module.there[index]))
        self.module.listeners[self.module.there[index]] = self

    def open_virtual_port(self, name: str) -> None:
        self.module.done.append(("port", name))
        self.module.listeners[name] = self

    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None:
        assert not timing

    def set_callback(self, heard: Callable[[tuple[list[int], float], object], None]) -> None:
        self.heard = heard

    def cancel_callback(self) -> None:
        self.heard = None

    def delete(self) -> None:
        self.module.done.append(("delete",))


@dataclass
class World:
    """A machine that can be changed while it runs."""

    rtmidi: FakeRtmidi = field(default_factory=FakeRtmidi)
    answering: set[str] = field(default_factory=set)
    second: float = 0.0

    def machine(self, platform: str = "linux") -> Machine:
        return Machine(
            platform,
            lambda api: api in self.answering,
            lambda: self.rtmidi,
            lambda: self.second,
            frames=lambda: None,
        )
