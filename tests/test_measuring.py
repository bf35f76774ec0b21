"""Measuring a proposer of one's own: its habits and M, kept, and accepted by from then on."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from bandmate import paths
from bandmate.asks.chords import ChordAsk
from bandmate.asks.song import Song
from bandmate.chords.proposal_statistics import Habits, habits_file
from bandmate.chords.requests import Proposal, Propose
from bandmate.chords.service import shipped_prior
from bandmate.compose.chords import Answer, CoWriter
from bandmate.compose.measure_proposer import _MODES, measured_proposer
from bandmate.config import Settings
from bandmate.errors import AskError, Unavailable, WeightsError
from bandmate.takes.store import Takes
from bandmate.workers.child import Servant
from bandmate.workers.worker import Worker
from fakes_chords import FakeInspire, FakeProposer

GENERAL = "general@0badcafe"
MINE = Settings(proposer="general.gguf")
PRIOR = shipped_prior(MINE.chord_temperature)
open_general = partial(FakeProposer, name=GENERAL)


def measured(
    count: int, proposer: Callable[[], Servant] = open_general, settings: Settings = MINE
) -> tuple[Habits, list[int]]:
    told: list[int] = []
    return measured_proposer(settings, proposer, PRIOR, count, told.append), told


def dealt(proposer: Callable[[], Servant]) -> Answer:
    """Return eight cards that the real prior judges."""

    async def story() -> Answer:
        takes = Takes(paths.database(), paths.clips())
        workers = [Worker(proposer, "p"), Worker(PRIOR, "the prior"), Worker(FakeInspire, "i")]
        try:
            cowriter = CoWriter(MINE, workers[0], workers[1], workers[2], takes)
            ask = ChordAsk.read([("cards", 8), ("seed", 3), ("key", "F:maj")])
            return await cowriter.chords(ask, Song(), "daw", lambda _: None)
        finally:
            await asyncio.gather(*(worker.stop() for worker in workers))
            takes.close()

    return asyncio.run(story())


def test_a_measured_proposer_is_accepted_by_its_habits() -> None:
    before = dealt(open_general)
    assert not any(card.is_accepted for card in before.cards)
    assert "has not been measured yet" in before.notes[0]

    habits, told = measured(60)
    assert told == [30, 60]
    assert (habits.proposer, habits.proposals) == (GENERAL, 60)
    assert list(habits.m) == [str(MINE.chord_temperature)]
    assert 0 < habits.m["1.7"] < math.inf
    assert Habits.read(habits_file(GENERAL)) == habits

    after = dealt(open_general)
    assert after.notes == ()
    assert any(card.is_accepted for card in after.cards)
    assert all(0 < card.ratio < math.inf for card in after.cards)


def test_fewer_than_a_batch_are_two_batches_one_to_count_and_one_for_m() -> None:
    habits, told = measured(20)
    assert told == [20, 20]
    assert habits.proposals == 40
    assert math.isfinite(habits.m["1.7"])


def test_the_same_proposer_has_the_same_habits() -> None:
    assert measured(60)[0] == measured(60)[0]
    text = habits_file(GENERAL).read_text("utf-8")
    assert json.loads(text)["proposer"] == GENERAL


def test_every_mode_that_is_learnt_is_asked_for() -> None:
    from bandmate.chords.steering import learnt_mode
    from bandmate.music.key import MODES

    assert {learnt_mode(mode) for mode in MODES} == set(_MODES)


def test_the_shipped_proposer_needs_no_measuring() -> None:
    with pytest.raises(AskError) as caught:
        measured(60, settings=Settings())
    assert str(caught.value) == (
        "the shipped proposer has been measured; set `proposer` to your own GGUF"
    )


class Silent(FakeProposer):
    """Writes nothing."""

    def serve(self, request: Propose, is_cancelled: Callable[[], bool]) -> Iterator[Proposal]:
        return iter(())


def not_there() -> FakeProposer:
    raise WeightsError("the proposer must be a GGUF file, and general.gguf is not there")


@pytest.mark.parametrize(
    ("proposer", "kind", "words"),
    [
        (not_there, WeightsError, "and general.gguf is not there"),
        (partial(FakeProposer, name=GENERAL, dies_at=9), Unavailable, "the proposer died"),
        (partial(Silent, name=GENERAL), Unavailable, f"^{GENERAL} wrote no progression$"),
    ],
)
def test_a_proposer_that_cannot_be_measured_is_a_sentence(
    proposer: Callable[[], Servant], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        measured(60, proposer)
    assert not habits_file(GENERAL).exists()
