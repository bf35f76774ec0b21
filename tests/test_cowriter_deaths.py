"""The co-writer where something is missing, foreign or dead; and on the real models."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from bandmate.app.standalone import Openings
from bandmate.asks.notation import read_chords
from bandmate.chords.requests import Fill, Judge, Proposal, Propose, Suggest
from bandmate.compose.chords import CardMade, Queued
from bandmate.config import Settings
from bandmate.errors import (
    AskError,
    Unavailable,
    WeightsError,
)
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.chords import card_to_json
from bandmate.workers import weights
from bandmate.workers.child import Servant
from bandmate.workers.worker import Worker
from fakes_chords import (
    PRIOR,
    PROPOSER,
    FakePrior,
    FakeProposer,
    openings,
)
from general_model import NO_MODELS
from stage import EIGHT, Stage, marks, no_llama, play, with_proposer

# the prior in the proposer's place


def no_model() -> FakeProposer:
    raise WeightsError("the proposer must be a GGUF file, which diary.gguf is not")


class Silent(FakeProposer):
    """Writes nothing."""

    def serve(self, request: Propose, is_cancelled: Callable[[], bool]) -> Iterator[Proposal]:
        return iter(())


@pytest.mark.parametrize(
    ("proposer", "why"),
    [
        (no_llama, "llama_cpp is missing or broken: install bandmate with the extra llm"),
        (no_model, "the proposer must be a GGUF file, which diary.gguf is not"),
        (partial(FakeProposer, dies_at=0), "the proposer died while it worked (exit code 7)"),
        (Silent, f"{PROPOSER} wrote no progression"),
    ],
)
def test_where_nobody_proposes_the_prior_does_and_says_so(
    proposer: Callable[[], Servant], why: str
) -> None:
    async def scene(stage: Stage) -> None:
        answer = await stage.answer(("seed", 3), ("bars", 3), ("key", "A:min"))
        assert answer.proposer == PRIOR
        assert [card.proposer for card in answer.cards] == [PRIOR] * 4
        assert [take.model for take in answer.takes] == [PRIOR] * 4
        assert answer.notes == (f"{why}; the prior proposed instead",)
        assert [len(card.progression.bars) for card in answer.cards] == [3] * 4

    play(scene, with_proposer(proposer))


def test_a_death_in_the_middle_leaves_the_cards_that_were_dealt() -> None:
    async def scene(stage: Stage) -> None:
        answer = await stage.answer(*EIGHT)
        by = [card.proposer for card in answer.cards]
        before = by.count(PROPOSER)
        assert 0 < before < 8
        assert by == [PROPOSER] * before + [PRIOR] * (8 - before)
        assert all(marks(answer))
        assert len({card.progression for card in answer.cards}) == 8
        assert [take.model for take in answer.takes] == by
        assert [news.index for news in stage.told["daw"] if isinstance(news, CardMade)] == [
            *range(8)
        ]
        assert answer.proposer == PRIOR
        assert answer.notes == (
            "the proposer died while it worked (exit code 7); the prior proposed instead",
        )

    play(scene, openings(dies_at=20))


@dataclass
class Mortal(FakePrior):
    """Dies of the second batch that it judges, once."""

    marker: str = ""

    def serve(
        self, request: Judge | Fill | Suggest, is_cancelled: Callable[[], bool]
    ) -> Iterator[object]:
        is_second = isinstance(request, Judge) and len(request.proposals) > 8
        if is_second and not Path(self.marker).exists():
            Path(self.marker).touch()
            os._exit(9)
        yield from super().serve(request, is_cancelled)


def test_the_death_of_the_prior_is_survived(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        answer = await stage.answer(*EIGHT)
        assert len(answer.cards) == 8
        assert answer.notes == (
            "the prior died while it worked (exit code 9); the prior proposed instead",
        )
        assert (await stage.answer(*EIGHT)).notes == ()

    play(scene, replace(openings(), prior=partial(Mortal, marker=str(tmp_path / "died"))))


def no_prior() -> FakePrior:
    raise WeightsError("models/chords/prior.onnx cannot be read: install bandmate again")


def test_without_the_prior_there_are_no_cards() -> None:
    async def scene(stage: Stage) -> None:
        with pytest.raises(WeightsError, match=r"^models/chords/prior\.onnx cannot be read"):
            await stage.answer(*EIGHT)
        with pytest.raises(WeightsError):
            await stage.cowriter.suggest((), (), Key(5), Meter(), 3)
        assert stage.takes.listed() == []

    play(scene, replace(openings(), prior=no_prior))


# a proposer of one's own


@pytest.mark.parametrize("said", [(), (("m", 1),)])
def test_a_proposer_without_habits_is_ranked_and_the_way_out_is_told(
    said: tuple[tuple[str, object], ...],
) -> None:
    async def scene(stage: Stage) -> None:
        answer = await stage.answer(("seed", 3), *said)
        assert marks(answer) == [False] * 4
        assert [card.ratio for card in answer.cards] == [0.0] * 4
        assert answer.proposer == "general@0badcafe"
        (note,) = answer.notes
        assert note.startswith("general@0badcafe has not been measured yet")
        assert "`bandmate measure`" in note

    play(scene, with_proposer(partial(FakeProposer, name="general@0badcafe")))


@pytest.mark.parametrize("kind", sorted(NO_MODELS))
def test_a_file_that_is_no_model_is_told_and_the_prior_proposes(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    file = tmp_path / f"{kind}.gguf"
    file.write_bytes(NO_MODELS[kind])

    async def scene(stage: Stage) -> None:
        answer = await stage.answer(("seed", 3))
        assert [card.proposer for card in answer.cards] == [PRIOR] * 4
        (note,) = answer.notes
        assert note.endswith("; the prior proposed instead")
        assert note.startswith(("the proposer ", "llama.cpp cannot read"))

    play(scene, with_proposer(Openings.shipped(Settings(proposer=str(file))).proposer))


def test_a_gguf_that_no_text_can_be_given_to_is_survived(tmp_path: Path) -> None:
    """Our own proposer in the place of a general model: it has no letters, and llama.cpp dies."""
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    file = tmp_path / "letterless.gguf"
    file.write_bytes(weights.checked("proposer").read_bytes())

    async def scene(stage: Stage) -> None:
        for _ in range(2):
            answer = await stage.answer(("seed", 3), ("cards", 2))
            assert [card.proposer for card in answer.cards] == [PRIOR] * 2
            assert answer.notes

    play(scene, with_proposer(Openings.shipped(Settings(proposer=str(file))).proposer))


# pins


def test_a_pin_is_checked_before_anything_is_done() -> None:
    async def scene(stage: Stage) -> None:
        assert (await stage.answer(("model", PROPOSER))).proposer == PROPOSER
        before = len(stage.told["daw"])
        for pinned in ("general@0badcafe", PRIOR):
            with pytest.raises(AskError) as caught:
                await stage.answer(("model", pinned), ("text", "a warm night"))
            words = f"model must be {PROPOSER}, which proposes, not {pinned}"
            assert str(caught.value) == words
        assert stage.told["daw"][before:] == [Queued(0), Queued(0)]
        assert len(stage.takes.listed()) == 4
        assert stage.inspire.pid is None

    play(scene)


def test_a_pin_to_the_prior_holds_where_nobody_else_proposes() -> None:
    async def scene(stage: Stage) -> None:
        assert (await stage.answer(("model", PRIOR))).proposer == PRIOR
        with pytest.raises(AskError, match=rf"model must be {PRIOR}, which proposes, not"):
            await stage.answer(("model", PROPOSER))

    play(scene, with_proposer(no_llama))


def test_a_pinned_proposer_that_dies_is_not_replaced() -> None:
    async def scene(stage: Stage) -> None:
        with pytest.raises(Unavailable, match="the proposer died while it worked"):
            await stage.answer(*EIGHT, ("model", PROPOSER))
        assert {take.model for take in stage.takes.listed()} == {PROPOSER}

    play(scene, openings(dies_at=20))


# the real models


class Murderous(Worker):
    """Kills its process with the third item of the first ask."""

    has_killed = False

    async def ask(
        self, request: object, silence: Callable[[], float] | None = None
    ) -> AsyncGenerator[object, None]:
        count = 0
        async for item in super().ask(request):
            count += 1
            if count == 3 and not self.has_killed and self.pid is not None:
                self.has_killed = True
                os.kill(self.pid, signal.SIGKILL)
            yield item


def real() -> Openings:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    return Openings.shipped(Settings())


def test_the_real_models_deal_four_cards() -> None:
    async def scene(stage: Stage) -> None:
        said = (("keywords", "warm,nostalgic"), ("key", "F:maj"), ("seed", 3))
        answer = await stage.answer(*said)
        assert answer.proposer == weights.name_of("proposer")
        assert answer.notes == ()
        assert len({card.progression for card in answer.cards}) == 4
        for card, take in zip(answer.cards, answer.takes, strict=True):
            assert card.progression.key == Key(5)
            assert card.log_p < 0 < card.ratio < math.inf
            assert take.clip.length == 16.0
        again = await stage.answer(*said)
        assert [card_to_json(c) for c in again.cards] == [card_to_json(c) for c in answer.cards]
        (best, *rest) = await stage.cowriter.suggest(read_chords("F C:7"), (), Key(5), Meter(), 5)
        assert best.probability >= max(one.probability for one in rest) > 0

    play(scene, real())


def test_llama_cpp_killed_in_the_middle_is_answered_by_the_prior() -> None:
    async def scene(stage: Stage) -> None:
        said = (("key", "A:min"), ("seed", 3), ("bars", 8), ("cards", 8))
        answer = await stage.answer(*said)
        assert len(answer.cards) == 8
        assert answer.proposer == answer.cards[-1].proposer == weights.name_of("prior")
        assert answer.notes == (
            "the proposer died while it worked (killed by signal 9); the prior proposed instead",
        )
        again = await stage.answer(*said)
        assert again.proposer == weights.name_of("proposer")
        assert again.notes == ()
        assert len(again.cards) == 8

    play(scene, real(), kind=Murderous)
