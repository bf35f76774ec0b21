"""A chord co-writer without models: progressions that are known, behind a gate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bandmate.asks.chords import ChordAsk
from bandmate.asks.notation import BarsOfChords, read_chords
from bandmate.asks.song import Song
from bandmate.chords.cards import Card, ChordPlan
from bandmate.chords.playing import played
from bandmate.chords.progression import Progression
from bandmate.chords.requests import Suggestion
from bandmate.compose.chords import Answer, CardMade, ChordProgress, KeywordsFound
from bandmate.compose.queue import Line
from bandmate.errors import Cancelled, FileError
from bandmate.music.chord import Chord
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.chords import chord_plan_of
from bandmate.style.keywords import merged, read_keywords
from bandmate.takes.store import Take, Takes

PROPOSER = "here@0badcafe"
FOUND = "warm:0.9,nostalgic:0.6,slow:0.5"
"""What every inspiration becomes."""
IN_C = ("C A:min7 F D:min7,G:7", "C G/3 A:min F", "F C G:7 C", "C Bb F C")
SEED = 7


class HereCoWriter:
    """Deals known cards; before each it waits at the gate."""

    def __init__(self, takes: Takes, queue: int) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.asks: list[ChordAsk] = []
        self.songs: list[Song] = []
        self.suggested: list[tuple[Any, ...]] = []
        self.has_words = False
        """Whether it has something to tell of how it came to its cards."""
        self._takes = takes
        self._passes = 0
        self._pass = asyncio.Event()
        self._off = asyncio.Event()
        self._line = Line(queue, self._off.set)

    async def chords(
        self,
        ask: ChordAsk,
        song: Song,
        client: str,
        told: Callable[[ChordProgress], None],
        id: object = None,
    ) -> Answer:
        """Deal the cards of an ask; raises Cancelled."""
        plan = chord_plan_of(ask, song, None, SEED)
        async with self._line.turn(client, id, told):
            self.asks.append(ask)
            self.songs.append(song)
            await self._pass_gate()
            if ask.has_inspiration:
                told(KeywordsFound(merged(song.keywords, read_keywords(FOUND))))
            cards, takes = [], []
            for index in range(plan.cards):
                await self._pass_gate()
                cards.append(card_of(plan, index))
                takes.append(await self._kept(client, plan, cards[-1]))
                told(CardMade(index, cards[-1], takes[-1]))
        notes = ("the proposer is ill", "the prior proposed") if self.has_words else ()
        return Answer(plan.keywords, plan.key, PROPOSER, cards, takes, notes)

    async def suggest(
        self, before: BarsOfChords, after: BarsOfChords, key: Key, meter: Meter, most: int
    ) -> list[Suggestion]:
        """Return the first degrees of the key."""
        self.suggested.append((before, after, key, meter, most))
        chords = [Chord.of(step, "maj") for step in key.scale][:most]
        return [Suggestion(chord, 0.5 / (i + 1)) for i, chord in enumerate(chords)]

    async def transcribe(
        self, path: Path, key: Key | None, meter: Meter, client: str = "", id: object = None
    ) -> Answer:
        """Hear the first known progression in every file that is there."""
        if not path.exists():
            raise FileError(f"{path} cannot be read: there is no such file")
        plan = ChordPlan(key or Key(0), 4, meter, 100.0, SEED)
        async with self._line.turn(client, id, lambda _: None):
            await self._pass_gate()
            card = card_of(plan, 0)
            take = await self._kept(client, plan, card)
        return Answer((), plan.key, PROPOSER, [card], [take], ())

    def lets_through(self, count: int) -> None:
        """Let *count* steps through the closed gate: the reading is one, each card another."""
        self._passes += count
        self._pass.set()

    def cancel(self, client: str, id: object = None) -> int:
        """Call off what is in work for a client."""
        return self._line.cancel(client, id)

    async def _kept(self, client: str, plan: ChordPlan, card: Card) -> Take:
        clip = played(card.progression, meter=plan.meter, tempo=plan.tempo, bass=plan.bass)
        return await asyncio.to_thread(
            self._takes.keep,
            client,
            plan,
            clip,
            model=PROPOSER,
            first_bar_ms=1.0,
            made_ms=2.0,
            card=card,
        )

    async def _pass_gate(self) -> None:
        """Wait until the gate is open, or a step is let through; raises Cancelled."""
        self.begun.set()
        while not (self.gate.is_set() or self._off.is_set() or self._passes):
            self._pass.clear()
            waits = [asyncio.create_task(e.wait()) for e in (self.gate, self._off, self._pass)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        self._passes = max(0, self._passes - 1)
        if self._off.is_set():
            self._off.clear()
            raise Cancelled("the ask was called off")


def card_of(plan: ChordPlan, index: int) -> Card:
    """Return card *index* of what a plan gives: known chords, as many bars as it wants."""
    known = read_chords(IN_C[index % len(IN_C)])
    bars = tuple(known[i % len(known)] for i in range(plan.bars))
    progression = Progression(Key(0), bars).transposed(plan.key)
    answers = tuple(keyword.word for keyword in plan.keywords[:1])
    return Card(progression, index < 3, -10.0 - index, 2.5, PROPOSER, answers)
