"""The deck: the player and the musical time, off the loop; looked for again when they are wanted.

The player works in a process of its own and tells what it does from a thread; here that becomes
what the event loop knows: what plays, where the song is, how many bars were there in time.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bandmate.errors import BandmateError, PortError
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.system.process import in_own_thread
from bandmate.timing.player.news import BarPlayed, GridChanged, News, NowPlaying, Stopped
from bandmate.timing.sources.grid import Grid

if TYPE_CHECKING:
    from bandmate.timing.player.player import At
    from bandmate.timing.player.rounds import StreamHead
    from bandmate.timing.ports.inputs import Heard

log = logging.getLogger(__name__)

_SETTLING_SECONDS = 0.1

Told = Callable[["News | Heard"], None]
"""Hears what the player tells, from any thread."""


class Player(Protocol):
    """What is used of ``PlayerApart``; all of it may block, and may raise PortError."""

    name: str
    """The MIDI port as other programs show it."""
    notes: tuple[str, ...]
    """What is worth telling of the ports, in sentences."""

    @property
    def grid(self) -> Grid:
        """Where the music is."""

    def play(
        self, clip: Clip, at: At = "bar", is_looped: bool = False, count_in: int = 0, *, number: int
    ) -> float:
        """Launch a clip; return the seconds until it begins."""

    def begin(self, head: StreamHead) -> float:
        """Launch a take that is still being written; return the seconds until it begins."""

    def fill(self, number: int, index: int, clip: Clip) -> None:
        """Give a bar of such a take its notes."""

    def replace(self, number: int, clip: Clip) -> None:
        """Let the finished take go on in the place of its bars."""

    def end(self, number: int) -> None:
        """Forget a take that waits; one that plays ends with its bar."""

    def mix(self, muted: frozenset[str], soloed: frozenset[str]) -> None:
        """Mute and solo parts by name."""

    def follow(self, source: str) -> None:
        """Take the time from a source: internal, clock, link or bridge."""

    def lead(self, tempo: float | None, meter: Meter | None, is_rolling: bool | None) -> None:
        """Change the tempo, the meter or whether time rolls; what plays stops with it."""

    def report(
        self, second: float, beat: float, tempo: float, is_rolling: bool, meter: Meter | None
    ) -> None:
        """Take in where a bridge says that its project is."""

    def send_now(self, messages: tuple[bytes, ...]) -> None:
        """Send messages at once."""

    def stop(self) -> None:
        """Stop what plays."""

    def panic(self) -> None:
        """Stop, and silence every channel."""

    def close(self) -> None:
        """End every note and close the port."""


class Follower(Protocol):
    """Who wants to know how the bars of a launch went."""

    def bar_played(self, news: BarPlayed) -> None:
        """Take in that a bar was decided on."""

    def is_over(self) -> None:
        """Take in that nothing more of it will be heard."""


@dataclass(slots=True)
class _Launch:
    clip: Clip | None
    """None until it is whole."""
    follower: Follower | None


@dataclass(slots=True)
class Deck:
    """Plays takes; whoever plays takes turns, whoever silences need not."""

    opening: Callable[[Told], Player]
    """Opens the player, which tells what it does; may block and may raise PortError."""
    source: str = "internal"
    """Who tells the time once the player is there."""
    on_heard: Callable[[Heard], None] | None = None
    """Hears what is played on the input port, on the event loop."""
    on_change: Callable[[], None] | None = None
    """Hears, on the event loop, that the musical time or the mix may have changed."""
    met: int = 0
    """Bars of takes heard while they were written that were there in time, the first time round."""
    missed: int = 0
    """Such bars that something stood in for, or nothing."""
    muted: frozenset[str] = frozenset()
    soloed: frozenset[str] = frozenset()
    stops: int = 0
    """How often all was stopped: what was to begin before that begins no more."""
    is_led: bool = False
    """True once a client has said what leads, or which tempo or meter holds."""
    _player: Player | None = None
    _is_closed: bool = False
    _door: asyncio.Lock = field(default_factory=asyncio.Lock)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _launches: dict[int, _Launch] = field(default_factory=dict)
    _now: int = 0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def port(self) -> str:
        """The MIDI port as other programs show it; empty where there is none."""
        return self._player.name if self._player else ""

    @property
    def grid(self) -> Grid:
        """Where the music is; it stands still where there is no player."""
        if self._player:
            return self._player.grid
        return Grid(time.monotonic(), 0.0, is_rolling=False)

    @property
    def playing(self) -> Clip | None:
        """What plays now, where it is whole."""
        launch = self._launches.get(self._now)
        return launch.clip if launch else None

    async def open(self) -> Player:
        """Return the player, opening it where it is not open; raises PortError."""
        async with self._door:  # whoever comes together waits for the one player
            if self._is_closed:
                raise PortError("bandmate is stopping, start it again to play")
            if self._player is None:
                self._player = await self._opened()
            return self._player

    async def _opened(self) -> Player:
        loop = asyncio.get_running_loop()

        def told(news: News | Heard) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(self._hear, news)

        player = await asyncio.to_thread(self.opening, told)
        log.info("takes play on the MIDI port %s", player.name)
        for words in player.notes:
            log.warning("%s", words)
        if self.source != "internal":
            try:
                await asyncio.to_thread(player.follow, self.source)
            except BandmateError as error:
                log.warning("the time is bandmate's own: %s", error)
        return player

    # what plays

    async def play(
        self, clip: Clip, at: At = "bar", is_looped: bool = False, count_in: int = 0
    ) -> float:
        """Play a clip, in the place of what plays; return the seconds until it begins.

        *at* is now, bar, 2 bars, 4 bars or queue (behind what plays, without a gap), *count_in* is
        in bars. Raises PortError.
        """
        player = await self.open()
        number = self._launched(clip, None)
        return await asyncio.to_thread(player.play, clip, at, is_looped, count_in, number=number)

    def number(self, follower: Follower) -> int:
        """Return the number for a launch whose bars are told to *follower*."""
        return self._launched(None, follower)

    async def begin(self, head: StreamHead) -> float:
        """Launch a take that is still being written; return the seconds until it begins."""
        player = await self.open()
        seconds = await asyncio.to_thread(player.begin, head)
        if head.number not in self._launches:  # all was stopped while it was handed over
            await asyncio.to_thread(player.end, head.number)
        return seconds

    async def fill(self, number: int, index: int, clip: Clip) -> None:
        """Give bar *index* of a launch its notes; raises PortError."""
        await asyncio.to_thread((await self.open()).fill, number, index, clip)

    async def replace(self, number: int, clip: Clip) -> None:
        """Let a launch go on with the finished clip; raises PortError."""
        if number in self._launches:
            self._launches[number].clip = clip
        await asyncio.to_thread((await self.open()).replace, number, clip)

    async def end(self, number: int) -> None:
        """Forget a launch that waits; one that plays ends with its bar, what else plays goes on."""
        if self._player and number in self._launches:
            await asyncio.to_thread(self._player.end, number)
            if number != self._now:
                self._forget(number)

    async def mix(self, muted: frozenset[str], soloed: frozenset[str]) -> None:
        """Mute and solo parts by their names, from now on; raises PortError."""
        player = await self.open()
        await asyncio.to_thread(player.mix, muted, soloed)
        self.muted, self.soloed = muted, soloed
        self._tell_change()

    async def stop(self) -> None:
        """Stop what plays, and forget what waits; raises PortError where the port hangs."""
        self._forget_all()
        if self._player:
            await asyncio.to_thread(self._player.stop)

    async def panic(self) -> None:
        """Stop, and silence every channel; raises PortError where the port hangs."""
        self._forget_all()
        if self._player:
            await asyncio.to_thread(self._player.panic)

    # the time

    async def follow(self, source: str) -> None:
        """Take the time from internal, clock, link or bridge; raises PortError, Unavailable."""
        player = await self.open()
        self._changed.clear()
        await asyncio.to_thread(player.follow, source)
        self.source, self.is_led = source, True
        await self._settled()

    async def lead(
        self,
        tempo: float | None = None,
        meter: Meter | None = None,
        is_rolling: bool | None = None,
    ) -> None:
        """Change tempo or meter, start or stop the time; raises PortError."""
        player = await self.open()
        if is_rolling is False:
            self._forget_all()
        self._changed.clear()
        await asyncio.to_thread(player.lead, tempo, meter, is_rolling)
        self.is_led = self.is_led or tempo is not None or meter is not None
        await self._settled()

    def let_go(self) -> None:
        """Forget that anybody said which tempo holds, where bandmate leads."""
        self.is_led = self.is_led and self.source != "internal"

    async def _settled(self) -> None:
        """Wait until the player has told how time goes on now; it tells nothing where it does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLING_SECONDS):
                await self._changed.wait()

    async def report(
        self, second: float, beat: float, tempo: float, is_rolling: bool, meter: Meter | None
    ) -> None:
        """Hand on where a bridge's project is at a second of ``time.monotonic``."""
        player = await self.open()
        await asyncio.to_thread(player.report, second, beat, tempo, is_rolling, meter)

    async def close(self) -> None:
        """End every note and close the port; it is opened no more."""
        self._is_closed = True
        self._forget_all()
        player, self._player = self._player, None
        if player:
            await in_own_thread(player.close)

    # what the player tells

    def _hear(self, news: News | Heard) -> None:
        match news:
            case NowPlaying():
                self._now = news.number
                for number in [n for n in self._launches if n < news.number]:
                    self._forget(number)
            case BarPlayed():
                launch = self._launches.get(news.number)
                if launch and launch.follower:
                    launch.follower.bar_played(news)
            case Stopped():
                if news.words:
                    log.warning("playing stopped: %s", news.words)
                self._forget(self._now)
            case GridChanged():
                self._changed.set()
                self._tell_change()
            case _:
                if self.on_heard:
                    self.on_heard(news)

    def _tell_change(self) -> None:
        if self.on_change:
            self.on_change()

    def _launched(self, clip: Clip | None, follower: Follower | None) -> int:
        number = next(self._numbers)
        self._launches[number] = _Launch(clip, follower)
        return number

    def _forget_all(self) -> None:
        self.stops += 1
        for number in list(self._launches):
            self._forget(number)

    def _forget(self, number: int) -> None:
        launch = self._launches.pop(number, None)
        if launch and launch.follower:
            launch.follower.is_over()
