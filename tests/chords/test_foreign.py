"""A general model as the proposer: a real one under the grammar, and files that are no models."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.cards import ChordPlan
from bandmate.chords.requests import Proposal, Propose
from bandmate.chords.service import shipped_proposer
from bandmate.errors import BandmateError, Cancelled, Unavailable, WeightsError
from bandmate.music.chord import Chord
from bandmate.music.key import MODES, Key
from bandmate.style.keywords import read_keywords
from bandmate.workers.worker import Worker
from drawn_plans import PLAN, STRANGE, chords_of
from general_model import NO_MODELS, model_file

if TYPE_CHECKING:
    from bandmate.chords.proposer.general import ForeignProposer

LINES = 4
WISH = replace(PLAN, keywords=read_keywords("warm,nostalgic"))


@pytest.fixture(scope="module")
def general() -> ForeignProposer:
    file = model_file()
    from bandmate.chords.proposer.general import ForeignProposer

    return ForeignProposer(file)


def written(general: ForeignProposer, plan: ChordPlan, count: int = LINES) -> list[Proposal]:
    return [proposal for (proposal,) in general.proposals(plan, count)]


def test_every_line_is_a_progression(general: ForeignProposer) -> None:
    from bandmate.chords.proposer.general import symbols_of

    symbols = {Chord.parse(symbol) for symbol in symbols_of(WISH)}
    found = written(general, WISH)
    assert [proposal.index for proposal in found] == list(range(LINES))
    for proposal in found:
        assert proposal.progression.key == WISH.key
        assert [len(bar) for bar in proposal.progression.bars] == [1] * WISH.bars
        assert set(chords_of(proposal.progression.bars)) <= symbols


def test_a_seed_gives_the_same_lines_whatever_was_asked_before(general: ForeignProposer) -> None:
    first = written(general, WISH, 2)
    other = written(general, replace(WISH, seed=8), 2)
    assert written(general, WISH, 2) == first != other


def test_bars_and_what_stands_around_may_be_of_any_kind(general: ForeignProposer) -> None:
    """Longer than its memory if it were told all of it."""
    around = STRANGE * 8
    plan = replace(WISH, bars=2, before=around, after=around, key=Key(6, "phr"))
    (proposal,) = written(general, plan, 1)
    assert len(proposal.progression.bars) == 2


def test_it_is_called_off_between_two_tokens(general: ForeignProposer) -> None:
    asked: list[bool] = []

    def is_cancelled() -> bool:
        asked.append(len(asked) == 5)
        return asked[-1]

    with pytest.raises(Cancelled):
        list(general.proposals(WISH, LINES, is_cancelled))
    assert len(asked) == 6
    assert len(written(general, WISH, 1)) == 1


def test_a_model_that_never_stops_is_stopped(
    general: ForeignProposer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may say nothing but "a", on and on; a line of two bars has room for twenty tokens."""
    monkeypatch.setattr(
        "bandmate.chords.proposer.general.lines_of_symbols", lambda *_: 'root ::= "a" root'
    )
    asked: list[None] = []

    def is_cancelled() -> bool:
        asked.append(None)
        return False

    assert list(general.proposals(replace(WISH, bars=2), 1, is_cancelled)) == []
    assert 10 < len(asked) < 30


def test_every_symbol_of_every_key_is_a_chord() -> None:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    from bandmate.chords.proposer.general import symbols_of

    for mode in MODES:
        for tonic in range(12):
            symbols = symbols_of(replace(PLAN, key=Key(tonic, mode)))
            chords = [Chord.parse(symbol) for symbol in symbols]
            assert len(set(chords)) == len(symbols)
            assert {chord.root for chord in chords} == set(range(12))


def test_the_prompt_says_what_is_asked() -> None:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    from bandmate.chords.proposer.general import prompt_of

    asked = replace(WISH, before=read_chords("F C:7/3,Bb"), after=read_chords("N"))
    assert prompt_of(asked, 30) == (
        "Write 30 diverse chord progressions in F major for these keywords: warm, nostalgic. "
        "Each line has exactly 4 chords, one a bar, with | between them. "
        "They follow F | C7/E Bb. They lead to N.C.."
    )
    assert "for these keywords: any mood." in prompt_of(PLAN, 30)


# files


@pytest.fixture(params=[*NO_MODELS, "truncated"])
def no_model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    file = tmp_path / f"{request.param}.gguf"
    if request.param == "truncated":
        file.write_bytes(model_file().read_bytes()[:3_000_000])
    else:
        file.write_bytes(NO_MODELS[request.param])
    return file


def test_a_file_that_is_no_model_is_a_sentence(no_model: Path) -> None:
    """In a process of its own, since llama.cpp may die of it."""

    async def story() -> BandmateError:
        worker = Worker(shipped_proposer(str(no_model)), "the proposer")
        try:
            with pytest.raises((WeightsError, Unavailable)) as caught:
                await worker.start()
            return caught.value
        finally:
            await worker.stop()

    words = str(asyncio.run(story()))
    assert no_model.name in words or "the proposer died" in words
    assert "\n" not in words
    assert len(words) < 200


@pytest.mark.parametrize("name", ["text", "empty"])
def test_what_has_another_beginning_is_never_handed_to_llama_cpp(name: str, tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    file = tmp_path / f"{name}.gguf"
    file.write_bytes(NO_MODELS[name])
    with pytest.raises(WeightsError, match=rf"^the proposer must be a GGUF file, which {name}"):
        shipped_proposer(str(file))()


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path):
        with pytest.raises(WeightsError, match=r"must be a GGUF file, and .* is not there$"):
            shipped_proposer(str(path))()


def test_it_works_in_a_process_of_its_own() -> None:
    file = model_file()

    async def story() -> tuple[str, list[object]]:
        worker = Worker(shipped_proposer(str(file)), "the proposer")
        try:
            found = [item async for item in worker.ask(Propose(replace(WISH, bars=1), 2))]
            return worker.model, found
        finally:
            await worker.stop()

    name, found = asyncio.run(story())
    assert name.startswith("SmolLM2-135M-Instruct.Q4_1@")
    assert len(found) == 2


def test_lines_come_one_by_one(general: ForeignProposer) -> None:
    waves = general.proposals(WISH, 2)
    assert [proposal.index for proposal in next(waves)] == [0]
    assert [[proposal.index for proposal in wave] for wave in waves] == [[1]]
