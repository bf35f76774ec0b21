"""The one path from an ask for chords to cards: inspiration, proposals, acceptance, music, takes.

The proposer works in one process and the prior in another: what the first has written is judged
while it writes on. Where there is no proposer, or it dies in the middle, the prior proposes, and
the answer says so. Knows no wire.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from bandmate.asks.chords import ChordAsk
from bandmate.asks.notation import BarsOfChords
from bandmate.asks.song import Song
from bandmate.chords.accept import chosen
from bandmate.chords.cards import Card, ChordPlan
from bandmate.chords.playing import played
from bandmate.chords.requests import (
    HEARD,
    Fill,
    Judge,
    Judged,
    Proposal,
    Propose,
    Suggest,
    Suggestion,
)
from bandmate.chords.steering import answered
from bandmate.compose.queue import Line, Place, Queued
from bandmate.config import Settings
from bandmate.errors import AskError, Unavailable, WeightsError
from bandmate.inspire.inspiration import Inspiration, Inspire, Transcribe, Transcription
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.chords import chord_plan_of
from bandmate.style.keywords import Keyword
from bandmate.takes.store import Take, Takes
from bandmate.workers.worker import Worker

__all__ = ["Answer", "CardMade", "ChordProgress", "CoWriter", "KeywordsFound", "Queued"]

FIRST_JUDGED = 8
"""Proposals after which the first are judged, so that a card is there early."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KeywordsFound:
    """What the inspiration became, the locked keywords among it."""

    keywords: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True)
class CardMade:
    """A card is dealt and kept."""

    index: int
    """Which of the ask's cards, from 0."""
    card: Card
    take: Take


ChordProgress = Queued | KeywordsFound | CardMade


@dataclass(frozen=True, slots=True)
class Answer:
    """All that an ask for chords brought."""

    keywords: tuple[Keyword, ...]
    key: Key
    proposer: str
    """``proposer@1a2b3c4d``; the prior's name where it had to propose; ``heard``."""
    cards: list[Card]
    takes: list[Take]
    """For each card its take."""
    notes: tuple[str, ...] = ()
    """Sentences worth telling."""


@dataclass
class _Hand:
    """The cards of one ask, as they are dealt."""

    plan: ChordPlan
    client: str
    told: Callable[[ChordProgress], None]
    started: float
    cards: list[Card] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    first_ms: float | None = None

    @property
    def missing(self) -> int:
        """How many cards are still to be dealt."""
        return self.plan.cards - len(self.cards)

    def has(self, judged: Judged) -> bool:
        """Return whether the same chords were dealt already."""
        bars = judged.proposal.progression.bars
        return any(card.progression.bars == bars for card in self.cards)


class CoWriter:
    """Turns asks for chords into cards; used from one event loop."""

    def __init__(
        self, settings: Settings, proposer: Worker, prior: Worker, inspire: Worker, takes: Takes
    ) -> None:
        self._proposer, self._prior, self._inspire = proposer, prior, inspire
        self._takes = takes
        self._line = Line(settings.queue, self._call_off)
        self._work: asyncio.Future[object] | None = None

    async def chords(
        self,
        ask: ChordAsk,
        song: Song,
        client: str,
        told: Callable[[ChordProgress], None],
        id: object = None,
    ) -> Answer:
        """Deal the cards of an ask; raises BandmateError in words.

        Cancelled says that ``cancel(client, id)`` called it off; cards dealt until then are kept.
        """
        async with self._line.turn(client, id, told) as place:
            started = time.monotonic()
            await self._check_pin(ask.model)
            place.check()
            inspiration = await self._inspired(place, ask, song)
            plan = chord_plan_of(ask, song, inspiration)
            if inspiration is not None:
                told(KeywordsFound(plan.keywords))
            hand = _Hand(plan, client, told, started)
            hand.notes += inspiration.notes if inspiration else ()
            proposer = await self._dealt(place, hand, ask.model)
            notes = tuple(dict.fromkeys(hand.notes))
            return Answer(plan.keywords, plan.key, proposer, hand.cards, hand.takes, notes)

    async def suggest(
        self, before: BarsOfChords, after: BarsOfChords, key: Key, meter: Meter, most: int
    ) -> list[Suggestion]:
        """Return the chords that could stand behind *before*, the likeliest first."""
        (found,) = await self._all(self._prior, Suggest(before, after, key, meter, most), tuple)
        return [one for one in found if isinstance(one, Suggestion)]

    async def transcribe(
        self, path: Path, key: Key | None, meter: Meter, client: str = "", id: object = None
    ) -> Answer:
        """Return the chords of a sound file or a ``.mid`` as one card, moved to *key* if given."""
        async with self._line.turn(client, id, lambda _: None) as place:
            started = time.monotonic()
            (heard,) = await self._alone(
                place, self._inspire, Transcribe(path, meter), Transcription
            )
            progression = heard.progression.transposed(key) if key else heard.progression
            plan = ChordPlan(
                progression.key, len(progression.bars), meter, heard.tempo, seed=0, cards=1
            )
            hand = _Hand(plan, client, lambda _: None, started)
            judge = Judge(plan, (Proposal(0, progression),), HEARD)
            judged = await self._all(self._prior, judge, Judged)
            place.check()
            for one in judged:
                await self._deal(hand, one, True, HEARD)
            key = progression.key
            return Answer((), key, HEARD, hand.cards, hand.takes, heard.notes)

    def cancel(self, client: str, id: object = None) -> int:
        """Call off a client's asks of this id (None: all of them); return how many there were."""
        return self._line.cancel(client, id)

    def _call_off(self) -> None:
        self._proposer.cancel()
        if self._work:
            self._work.cancel()

    async def _check_pin(self, model: str | None) -> None:
        """Raise AskError where another proposer than the pinned one would answer."""
        if model is None:
            return
        proposer = self._proposer
        try:
            await proposer.start()
        except (Unavailable, WeightsError):
            proposer = self._prior
            await proposer.start()
        if model != proposer.model:
            raise AskError(f"model must be {proposer.model}, which proposes, not {model}")

    async def _inspired(self, place: Place, ask: ChordAsk, song: Song) -> Inspiration | None:
        if not ask.has_inspiration:
            return None
        meter = ask.meter or song.meter
        request = Inspire(ask.text, ask.image, ask.audio, meter)
        (found,) = await self._alone(place, self._inspire, request, Inspiration)
        return found

    async def _dealt(self, place: Place, hand: _Hand, model: str | None) -> str:
        """Deal the whole hand; return who proposed."""
        try:
            await asyncio.gather(self._prior.start(), self._proposer.start())
            place.check()
            await self._deal_proposals(place, hand)
            name = self._proposer.model
        except (Unavailable, WeightsError) as error:
            place.check()
            if model is not None and model == self._proposer.model:
                raise
            why = str(error).removesuffix("; ask again")
            hand.notes.append(f"{why}; the prior proposed instead")
            await self._deal_from_prior(place, hand)
            name = self._prior.model
        if hand.missing:
            hand.notes.append(
                f"only {len(hand.cards)} of {hand.plan.cards} cards differ from one another: "
                "a higher temperature brings more"
            )
        return name

    async def _deal_proposals(self, place: Place, hand: _Hand) -> None:
        """Let the proposer write, and deal what is accepted as soon as it is."""
        judged: list[Judged] = []
        waiting: list[Proposal] = []
        async with aclosing(self._proposer.ask(Propose(hand.plan))) as items:
            async for item in items:
                place.check()
                assert isinstance(item, Proposal)
                waiting.append(item)
                if len(waiting) == FIRST_JUDGED and not judged:
                    judged += await self._judged(hand.plan, waiting)
                    waiting = []
                    await self._deal_chosen(hand, judged, is_last=False)
        judged += await self._judged(hand.plan, waiting)
        place.check()
        if not judged:
            raise Unavailable(f"{self._proposer.model} wrote no progression")
        await self._deal_chosen(hand, judged, is_last=True)
        if math.isinf(judged[0].m):
            hand.notes.append(
                f"{self._proposer.model} has not been measured yet, so its cards are ranked by "
                "the prior alone: run `bandmate measure` once"
            )

    async def _judged(self, plan: ChordPlan, proposals: list[Proposal]) -> list[Judged]:
        request = Judge(plan, tuple(proposals), self._proposer.model)
        return await self._all(self._prior, request, Judged) if proposals else []

    async def _deal_chosen(self, hand: _Hand, judged: list[Judged], is_last: bool) -> None:
        plan = hand.plan
        # Against a proposer whose habits nobody knows, nothing can be accepted.
        m = None if judged and math.isinf(judged[0].m) else plan.m
        for one, is_accepted in chosen(judged, plan.cards, plan.seed, m):
            if (is_accepted or is_last) and not hand.has(one) and hand.missing:
                await self._deal(hand, one, is_accepted, self._proposer.model)

    async def _deal_from_prior(self, place: Place, hand: _Hand) -> None:
        """Deal what is missing from the prior's own proposals: its habit is P, all are accepted."""
        proposals = await self._alone(place, self._prior, Fill(hand.plan), Proposal)
        request = Judge(hand.plan, tuple(proposals), self._prior.model)
        for one in await self._all(self._prior, request, Judged):
            place.check()
            if hand.missing and not hand.has(one):
                await self._deal(hand, one, True, self._prior.model)

    async def _deal(self, hand: _Hand, one: Judged, is_accepted: bool, proposer: str) -> None:
        """Make a card and its music, keep it as a take and tell of it."""
        plan, progression = hand.plan, one.proposal.progression
        ratio = 0.0 if math.isinf(one.m) else math.exp(min(one.log_ratio, 80.0))
        bars, key = progression.bars, progression.key
        words = answered(plan.keywords, bars, key, one.genre, plan.section)
        card = Card(progression, is_accepted, round(one.log_p, 4), round(ratio, 4), proposer, words)
        clip = played(
            progression,
            meter=plan.meter,
            tempo=plan.tempo,
            voicing=plan.voicing,
            rhythm=plan.rhythm,
            bass=plan.bass,
            program=plan.program,
        )
        made_ms = round((time.monotonic() - hand.started) * 1000, 1)
        hand.first_ms = hand.first_ms or made_ms
        take = await asyncio.to_thread(
            self._takes.keep,
            hand.client,
            plan,
            clip,
            model=proposer,
            first_bar_ms=hand.first_ms,
            made_ms=made_ms,
            card=card,
        )
        hand.cards.append(card)
        hand.takes.append(take)
        hand.told(CardMade(len(hand.cards) - 1, card, take))

    async def _alone(self, place: Place, worker: Worker, request: object, kind: type[T]) -> list[T]:
        """Return what a worker yields for the ask whose turn it is; raises Cancelled."""
        place.check()
        work = asyncio.ensure_future(self._all(worker, request, kind))
        self._work = cast("asyncio.Future[object]", work)
        try:
            found = await work
        except asyncio.CancelledError:
            place.check()
            raise
        finally:
            self._work = None
        place.check()
        return found

    async def _all(self, worker: Worker, request: object, kind: type[T]) -> list[T]:
        """Return all that a worker yields for a request."""
        async with aclosing(worker.ask(request)) as items:
            return [item async for item in items if isinstance(item, kind)]
