"""Whole fakes of the co-writer's three servants: a proposer, a prior, and what reads inspirations.

Each answers at once, decided by what it is asked alone. A worker opens one in its own process.
"""

from __future__ import annotations

import math
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from bandmate.app.standalone import Openings
from bandmate.asks.notation import read_chords
from bandmate.chords.cards import ChordPlan
from bandmate.chords.progression import BarOfChords, Progression
from bandmate.chords.requests import HEARD as HEARD_BY
from bandmate.chords.requests import Fill, Judge, Judged, Proposal, Propose, Suggest, Suggestion
from bandmate.errors import Cancelled, FileError
from bandmate.inspire.inspiration import Inspiration, Inspire, Transcribe, Transcription
from bandmate.music.chord import Chord
from bandmate.music.key import Key
from bandmate.music.roman import roman_to_chord
from bandmate.style.keywords import Keyword, plain, vocabulary

PROPOSER = "proposer@00c0ffee"
PRIOR = "prior@0000feed"
HEARD = read_chords("F:maj A:min Bb:maj C:7")
"""What the fake hears in every recording: in F major, at 96."""

_ROMANS = {
    "maj": ("I", "ii7", "iii", "IV", "V7", "vi", "bVII"),
    "min": ("i", "iiø7", "III", "iv", "V7", "VI", "VII"),
}


@dataclass
class FakeProposer:
    """Writes numerals by chance, seeded by the plan."""

    name: str = PROPOSER
    note: str = ""
    lingers_at: int | None = None
    """The proposal before which it works on without an end, until it is called off."""
    dies_at: int | None = None
    """The proposal before which its process dies."""

    def serve(self, request: Propose, is_cancelled: Callable[[], bool]) -> Iterator[Proposal]:
        """Yield the proposals of a plan; raises Cancelled."""
        for index in range(request.count):
            if index == self.dies_at:
                os._exit(7)
            while index == self.lingers_at and not is_cancelled():
                time.sleep(0.002)
            if is_cancelled():
                raise Cancelled("the ask was called off")
            yield fake_proposal(request.plan, index)


@dataclass
class FakePrior:
    """Judges by chance, seeded by the chords; knows seven chords that could come next."""

    name: str = PRIOR
    note: str = ""

    def serve(
        self, request: Judge | Fill | Suggest, is_cancelled: Callable[[], bool]
    ) -> Iterator[object]:
        """Yield what is asked for, as ``chords/requests.py`` says."""
        match request:
            case Judge(_, proposals, proposer):
                for proposal in proposals:
                    yield fake_judged(proposal, proposer)
            case Fill(plan, count):
                for index in range(count):
                    yield fake_proposal(plan, 1000 + index, place=index)
            case Suggest(_, _, key, _, most):
                yield tuple(
                    Suggestion(roman_to_chord(roman, key), 2.0 ** -(i + 1))
                    for i, roman in enumerate(_romans(key)[:most])
                )


@dataclass
class FakeInspire:
    """Finds the vocabulary's words in a text; a picture is nostalgic, a recording in D minor."""

    name: str = "inspire@00000bee"
    note: str = ""

    def serve(
        self, request: Inspire | Transcribe, is_cancelled: Callable[[], bool]
    ) -> Iterator[Inspiration | Transcription]:
        """Yield one Inspiration or one Transcription; FileError for an empty file."""
        if isinstance(request, Transcribe):
            if request.path.stat().st_size == 0:
                raise FileError(f"{request.path} holds no sound")
            yield Transcription(Progression(Key(5), HEARD), 96.0, Key(5), 10.0)
            return
        words = plain(request.text or "").split()
        found = [Keyword(word, 0.8) for word in words if word in vocabulary()]
        if request.image is not None:
            found.append(Keyword("nostalgic", 0.5))
        yield Inspiration(
            keywords=tuple(dict.fromkeys(found))[:8],
            tempo=(60.0, 80.0) if request.text else None,
            key=Key(2, "min") if request.audio else None,
            notes=("a picture is read by its colours alone",) if request.image else (),
        )


def fake_proposal(plan: ChordPlan, index: int, place: int | None = None) -> Proposal:
    """Return what the fake proposes first, second...; *place* is told instead of *index*."""
    chance = random.Random(f"{plan.seed} {index}")
    romans = _romans(plan.key)
    bars: list[BarOfChords] = []
    for _ in range(plan.bars):
        chosen = chance.sample(romans, chance.choice((1, 1, 2)))
        bars.append(tuple(roman_to_chord(roman, plan.key) for roman in chosen))
    return Proposal(index if place is None else place, Progression(plan.key, tuple(bars)))


def _romans(key: Key) -> tuple[str, ...]:
    return _ROMANS["maj" if Key(0, key.mode).scale[2] == 4 else "min"]


def fake_judged(proposal: Proposal, proposer: str = PROPOSER) -> Judged:
    """Return what the fake prior says of a proposal; other proposers were never measured."""
    chance = random.Random(proposal.progression.text)
    chords: list[Chord] = [chord for bar in proposal.progression.bars for chord in bar]
    m = 2.0 if proposer in (PROPOSER, PRIOR, HEARD_BY) else math.inf
    return Judged(proposal, -2.0 * len(chords), math.log(chance.uniform(0.2, 2.0)), m)


def openings(lingers_at: int | None = None, dies_at: int | None = None) -> Openings:
    """Return what opens the three fakes."""
    proposer = partial(FakeProposer, lingers_at=lingers_at, dies_at=dies_at)
    return Openings(proposer, FakePrior, FakeInspire)
