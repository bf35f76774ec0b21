"""Players for a daemon in one process: the real one on a list, and one that notes its calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from bandmate.errors import PortError
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.timing.player.news import GridChanged, News
from bandmate.timing.player.player import At, Player
from bandmate.timing.player.rounds import StreamHead
from bandmate.timing.ports.inputs import Heard
from bandmate.timing.ports.ports import Output
from bandmate.timing.sources.grid import Grid
from bandmate.timing.sources.transport import Transport

Tell = Callable[[News | Heard], None]


class HerePlayer(Player):
    """The real player in this process, with what its process would add."""

    notes: tuple[str, ...] = ()

    def __init__(self, output: Output, tell: Tell) -> None:
        self.name = output.name
        self.grid = Grid(time.monotonic(), 0.0, is_rolling=False)
        self.said: list[tuple[Any, ...]] = []
        """What was asked of the sources, which are in the process alone."""
        self._told = tell
        super().__init__(output, Transport(), self._hear)

    def follow(self, source: object) -> None:
        """Note who is to lead."""
        self.said.append(("follow", source))

    def report(self, *report: object) -> None:
        """Note where a bridge is."""
        self.said.append(("report", *report))

    def _hear(self, news: News) -> None:
        if isinstance(news, GridChanged):
            self.grid = news.grid
        self._told(news)


class NotingPlayer:
    """Notes what it is asked to play, and tells what the test lets it tell."""

    name = "bandmate:loops"
    notes: tuple[str, ...] = ()

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.grid = Grid(time.monotonic(), 0.0, is_rolling=False)
        self.done: list[tuple[Any, ...]] = []
        self.heads: list[StreamHead] = []
        self.is_gone = False
        self.begun = threading.Event()
        """Set once a take was begun."""

    def rolls(self, beat: float, tempo: float = 120.0, meter: Meter | None = None) -> None:
        """Let the music be at a beat now, and go on."""
        self.grid = Grid(time.monotonic(), beat, tempo, meter or Meter())

    def of(self, what: str) -> list[list[Any]]:
        """Return what calls of one kind were given."""
        return [rest for kind, *rest in self.done if kind == what]

    def play(
        self,
        clip: Clip,
        at: At = "bar",
        is_looped: bool = False,
        count_in: int = 0,
        *,
        number: int = 0,
    ) -> float:
        self._note("play", number, clip, at, is_looped, count_in)
        return 0.0

    def begin(self, head: StreamHead) -> float:
        self.heads.append(head)
        self._note("begin", head.number)
        self.begun.set()
        return 0.0

    def fill(self, number: int, index: int, clip: Clip) -> None:
        self._note("fill", number, index, clip)

    def replace(self, number: int, clip: Clip) -> None:
        self._note("replace", number, clip)

    def end(self, number: int) -> None:
        self._note("end", number)

    def mix(self, muted: frozenset[str], soloed: frozenset[str]) -> None:
        self._note("mix", muted, soloed)

    def follow(self, source: str) -> None:
        self._note("follow", source)

    def lead(self, tempo: float | None, meter: Meter | None, is_rolling: bool | None) -> None:
        self._note("lead", tempo, meter, is_rolling)

    def report(self, *report: object) -> None:
        self._note("report", *report)

    def send_now(self, messages: tuple[bytes, ...]) -> None:
        self._note("send_now", messages)

    def stop(self) -> None:
        self._note("stop")

    def panic(self) -> None:
        self._note("panic")

    def close(self) -> None:
        self.done.append(("close",))

    def _note(self, what: str, *given: object) -> None:
        if self.is_gone:
            raise PortError("the MIDI port bandmate:loops is gone")
        self.done.append((what, *given))
