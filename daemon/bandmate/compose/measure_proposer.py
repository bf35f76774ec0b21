"""Measuring a proposer of one's own: its habits (Q) and M, from its own first proposals.

After Amuse, whose Q was learnt from 25,000 progressions of a language model; two thousand are
enough to count its chords part by part (``chords/proposal_statistics.py``). Kept under the
model's checksum.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Sequence
from contextlib import aclosing

from bandmate.chords.accept import percentile
from bandmate.chords.cards import PROPOSALS, ChordPlan
from bandmate.chords.proposal_statistics import ENOUGH, Habits, habits_file
from bandmate.chords.requests import Judge, Judged, Proposal, Propose
from bandmate.config import Settings
from bandmate.errors import AskError, Unavailable
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword, vocabulary
from bandmate.workers.child import Servant
from bandmate.workers.worker import Worker

_MODES = ("maj", "maj", "maj", "min", "min", "dor", "mix", "lyd")
Batch = tuple[ChordPlan, tuple[Proposal, ...]]


def measured_proposer(
    settings: Settings,
    proposer: Callable[[], Servant],
    prior: Callable[[], Servant],
    count: int,
    told: Callable[[int], None],
) -> Habits:
    """Let a proposer write *count* progressions and keep its habits; blocks.

    *told* hears how many are written. Raises AskError for the shipped proposer, whose Q is shipped
    too, and BandmateError in words.
    """
    if not settings.proposer:
        raise AskError("the shipped proposer has been measured; set `proposer` to your own GGUF")
    return asyncio.run(_measured(settings, proposer, prior, count, told))


async def _measured(
    settings: Settings,
    opening: Callable[[], Servant],
    prior: Callable[[], Servant],
    count: int,
    told: Callable[[int], None],
) -> Habits:
    writing, judging = Worker(opening, "the proposer"), Worker(prior, "the prior")
    try:
        batches = await _batches(writing, count, told)
        name = writing.model
        half = len(batches) // 2
        # M is read off proposals that Q has not counted.
        _counted(name, batches[:half]).write(habits_file(name))
        ratios = await _ratios(judging, batches[half:], name)
        habits = _counted(name, batches)
        habits.m[str(settings.chord_temperature)] = round(percentile(ratios), 4)
        habits.write(habits_file(name))
        return habits
    finally:
        await writing.stop()
        await judging.stop()


async def _batches(writing: Worker, count: int, told: Callable[[int], None]) -> list[Batch]:
    rng = random.Random("measuring")
    batches: list[Batch] = []
    written = 0
    while written < count or len(batches) < 2:
        plan = _plan(rng)
        async with aclosing(writing.ask(Propose(plan, min(PROPOSALS, count)))) as items:
            found = tuple([item async for item in items if isinstance(item, Proposal)])
        if not found:
            raise Unavailable(f"{writing.model} wrote no progression")
        batches.append((plan, found))
        written += len(found)
        told(min(written, count))
    return batches


def _plan(rng: random.Random) -> ChordPlan:
    """Draw an ask: any keywords, key and mode, four bars."""
    words = rng.sample(sorted(vocabulary()), rng.choice((1, 2, 3)))
    return ChordPlan(
        key=Key(rng.randrange(12), rng.choice(_MODES)),
        bars=4,
        meter=Meter(),
        tempo=120.0,
        seed=rng.randrange(2**31),
        keywords=tuple(map(Keyword, words)),
    )


def _counted(name: str, batches: Sequence[Batch]) -> Habits:
    return Habits.counted(
        name,
        (
            (proposal.progression.bars, plan.key.tonic, plan.key.mode)
            for plan, proposals in batches
            for proposal in proposals
        ),
    )


async def _ratios(judging: Worker, batches: Sequence[Batch], name: str) -> list[float]:
    ratios = []
    for plan, proposals in batches:
        async with aclosing(judging.ask(Judge(plan, proposals, name))) as items:
            ratios += [math.exp(item.log_ratio) async for item in items if isinstance(item, Judged)]
    return ratios


__all__ = ["ENOUGH", "measured_proposer"]
