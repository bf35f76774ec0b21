"""Ready on the downbeat: a take that begins on a line of the song while it is still being written.

Where a take can stand in (the client's last accepted one, else what plays), the line is kept
whatever happens, and each bar that is not there in time is stood in for. Where nothing can, the
take begins on the first such line by which its first bar is there: later, but never silent.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bandmate.compose.loops import BarMade, Begun, Progress, TakeMade
from bandmate.errors import BandmateError, Cancelled
from bandmate.loops.plan import LoopPlan
from bandmate.loops.streaming import Streamed
from bandmate.music.clip import Clip, transposed
from bandmate.timing.player.client import Deck
from bandmate.timing.player.news import BarPlayed
from bandmate.timing.player.rounds import EVERY, StreamHead

LEAST_SECONDS = 0.12
"""How long before a line a take must be launched: the player decides 60 ms before, and a busy
machine may take as long to hand it over."""

_ONE_MOMENT = 1e-3
"""Beats within which two lines are one."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of a take that begins on a line."""

    begins: float
    """Seconds until it begins."""
    first: float | None
    """Seconds until its first bar is written; None where nothing was ever written here."""
    left: float | None
    """Seconds until it is whole, likewise."""
    is_late: bool
    """True where its first bar will not be there on the line that was asked for."""
    stands_in: str
    """What plays where a bar is not there in time: accepted, playing or nothing."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How the bars of a take went, the first time round."""

    own: int
    stand_in: int
    silent: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a stream."""

    at: str
    """One of ``asks.BOUNDARIES``."""
    accepted: Callable[[LoopPlan], Awaitable[Clip | None]]
    """Returns the client's last accepted take that can stand in for a plan."""
    told: Callable[[Outlook], None]
    """Hears what is to be expected, again whenever that changes."""


@asynccontextmanager
async def streaming(deck: Deck, wanted: Wanted) -> AsyncIterator[Stream]:
    """Play what its ``take_in`` is told; an ask that fails in the block is heard no longer."""
    stream = Stream(deck, wanted)
    task = asyncio.create_task(stream.run())
    try:
        yield stream
    except BaseException:
        stream.call_off()
        raise
    finally:
        await asyncio.shield(_ended(task, stream))


async def _ended(task: asyncio.Task[None], stream: Stream) -> None:
    stream.close()
    await task


class Stream:
    """One take on its way from the worker to the player; used from the event loop."""

    def __init__(self, deck: Deck, wanted: Wanted) -> None:
        self._deck = deck
        self._wanted = wanted
        self._stops = deck.stops
        self._inbox: asyncio.Queue[Progress | None] = asyncio.Queue()
        self._number = 0
        self._streamed: Streamed | None = None
        self._is_looped = True
        self._stand_in: Clip | None = None
        self._outlook = Outlook(0.0, None, None, False, "nothing")
        self._line = 0.0
        self._tally: Counter[str] = Counter()
        self._bars: set[int] = set()
        self._is_round = asyncio.Event()
        self._is_off = False
        self._trouble: BandmateError | None = None

    # what the ask's verb does

    def take_in(self, news: Progress) -> None:
        """Take in the progress of the ask; never blocks."""
        self._inbox.put_nowait(news)

    def call_off(self) -> None:
        """Let it be heard no longer than to the end of its bar, or never begin."""
        self._trouble = self._trouble or Cancelled("the ask was called off")
        self.is_over()

    def close(self) -> None:
        """Take in nothing more."""
        self._inbox.put_nowait(None)

    async def first_round(self) -> Tally:
        """Wait until each of its bars came once, or it ended before that.

        Raises Cancelled once it was called off, and PortError where it could not be played.
        """
        await self._is_round.wait()
        if self._trouble:
            raise self._trouble
        kinds = self._tally
        return Tally(kinds["own"], kinds["stand-in"], kinds["silent"])

    async def run(self) -> None:
        """Hand on what comes, in its order, until it is closed."""
        try:
            while (news := await self._inbox.get()) is not None:
                if not self._is_off:
                    await self._tried(self._hand_on(news))
            if self._trouble and self._number:
                await self._tried(self._deck.end(self._number))
        finally:
            self._is_round.set()

    async def _tried(self, done: Coroutine[None, None, None]) -> None:
        try:
            await done
        except BandmateError as error:
            self._trouble = self._trouble or error
            self.is_over()

    # what the deck tells

    def bar_played(self, news: BarPlayed) -> None:
        """Count a bar, the first time that it comes."""
        if news.bar in self._bars or self._is_round.is_set():
            return
        self._bars.add(news.bar)
        self._tally[news.whose] += 1
        if news.whose == "own":
            self._deck.met += 1
        else:
            self._deck.missed += 1
        if self._streamed and len(self._bars) == self._streamed.bars:
            self._is_round.set()

    def is_over(self) -> None:
        """Take in that nothing more of it will be heard."""
        self._is_off = True
        self._is_round.set()

    # on its way

    async def _hand_on(self, news: Progress) -> None:
        match news:
            case Begun(plans, first, left):
                await self._plan(plans[0], first, left)
            case BarMade(0, _, _, bar) if self._streamed:
                bars = await asyncio.to_thread(self._streamed.heard, bar)
                if bars and not self._number:
                    await self._launch_late()
                for index, clip in bars:
                    await self._deck.fill(self._number, index, clip)
            case TakeMade(0, take):
                await self._deck.replace(self._number, take.clip)

    async def _plan(self, plan: LoopPlan, first: float | None, left: float | None) -> None:
        """Choose the line; where something stands in, nothing can move it any more."""
        self._streamed, self._is_looped = Streamed(plan), plan.is_loop
        self._stand_in, kind = await self._found(plan)
        now = time.monotonic()
        self._line = self._next_line(now)
        begins = self._seconds_to(self._line, now)
        is_late = first is not None and begins > 0 and first + LEAST_SECONDS > begins
        if is_late and self._stand_in is None and first is not None:
            begins = self._seconds_to(self._next_line(now + first), now)
        if not self._deck.grid.is_rolling:
            begins = first or 0.0
        self._tell(Outlook(begins, first, left, is_late, kind))
        if self._stand_in and self._deck.grid.is_rolling and self._wanted.at != "now":
            await self._launch()

    async def _launch_late(self) -> None:
        """Launch a take whose first bar is there, on its line or on the next if that has passed."""
        now = time.monotonic()
        before, self._line = self._line, self._next_line(now)
        is_moved = self._line > before + _ONE_MOMENT and self._wanted.at in EVERY
        if is_moved and self._deck.grid.is_rolling:
            begins = self._seconds_to(self._line, now)
            self._tell(replace(self._outlook, begins=begins, first=0.0, is_late=True))
        await self._launch()

    async def _launch(self) -> None:
        assert self._streamed is not None
        if self._deck.stops != self._stops:  # all was stopped since: that means this one too
            self.is_over()
            return
        plan = self._streamed
        self._number = self._deck.number(self)
        rolls = self._deck.grid.is_rolling
        await self._deck.begin(
            StreamHead(
                number=self._number,
                tempo=plan.tempo,
                meter=plan.meter,
                bars=plan.bars,
                parts=plan.parts,
                begins=self._line if rolls else 0.0,
                stand_in=self._stand_in,
                is_looped=self._is_looped,
            )
        )

    def _next_line(self, now: float) -> float:
        """Return the beat of the next line that can be kept from a second on."""
        grid = self._deck.grid
        beat = grid.beat_at(now + LEAST_SECONDS)
        every = EVERY.get(self._wanted.at)
        return grid.next_bar(beat, every) if every else beat

    def _seconds_to(self, beat: float, now: float) -> float:
        return max(0.0, self._deck.grid.second_of(beat) - now)

    async def _found(self, plan: LoopPlan) -> tuple[Clip | None, str]:
        """Return what stands in, in the plan's key, and what it is."""
        accepted = await self._wanted.accepted(plan)
        playing = self._deck.playing
        if accepted:
            return _in_key(accepted, plan), "accepted"
        if playing and playing.meter == plan.meter and playing.note_count:
            return _in_key(playing, plan), "playing"
        return None, "nothing"

    def _tell(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._wanted.told(outlook)


def _in_key(clip: Clip, plan: LoopPlan) -> Clip:
    """Return a clip moved the nearest way to the tonic of a plan."""
    if clip.key is None:
        return clip
    up = (plan.key.tonic - clip.key.tonic) % 12
    return transposed(clip, up - 12 if up > 6 else up)
