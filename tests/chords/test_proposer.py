"""Our own proposer under llama.cpp: what it writes is always a progression, and always the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.cards import PROPOSALS, ChordPlan
from bandmate.chords.requests import Proposal
from bandmate.errors import Cancelled, WeightsError
from bandmate.music.key import MODES, Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import read_keywords
from bandmate.workers import weights
from drawn_plans import PLAN, STRANGE, chords_of, higher, plans

if TYPE_CHECKING:
    from bandmate.chords.proposer.shipped import Proposer

FEW = 6


@pytest.fixture(scope="module")
def proposer() -> Iterator[Proposer]:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    from bandmate.chords.proposer.shipped import Proposer

    opened = Proposer(weights.checked("proposer"))
    yield opened
    opened._llama.close()


def proposed(proposer: Proposer, plan: ChordPlan, count: int = FEW) -> list[Proposal]:
    return [proposal for wave in proposer.proposals(plan, count) for proposal in wave]


def texts(proposer: Proposer, plan: ChordPlan, count: int = FEW) -> list[str]:
    return [proposal.progression.text for proposal in proposed(proposer, plan, count)]


def check(found: list[Proposal], plan: ChordPlan, count: int) -> None:
    """Say that every proposal came, and that each is what was asked for."""
    assert [proposal.index for proposal in found] == list(range(count))
    slots = {1, 3} if plan.meter.numerator in (3, 9) else {1, 2, 4}
    for proposal in found:
        assert proposal.progression.key == plan.key
        assert len(proposal.progression.bars) == plan.bars
        assert {len(bar) for bar in proposal.progression.bars} <= slots
        assert not any(chord.is_none for chord in chords_of(proposal.progression.bars))


@pytest.mark.parametrize("plan", plans(48), ids=lambda plan: f"{plan.bars}-{plan.meter}-{plan.key}")
def test_every_ask_gets_all_its_proposals(proposer: Proposer, plan: ChordPlan) -> None:
    check(proposed(proposer, plan), plan, FEW)


def test_the_plans_that_are_tried_are_of_all_kinds() -> None:
    tried = plans(48)
    assert {plan.bars for plan in tried} == set(range(1, 17))
    assert {plan.key.mode for plan in tried} == set(MODES)
    assert {len(bar) for plan in tried for bar in plan.before + plan.after} >= {1, 5, 7, 8}
    assert any(not (plan.before or plan.after) for plan in tried)
    assert any(plan.before and plan.after and len(plan.before) > 8 for plan in tried)


def test_sixteen_wild_bars_have_room_for_a_whole_batch(proposer: Proposer) -> None:
    plan = replace(PLAN, bars=16, temperature=2.0, before=STRANGE * 2, after=STRANGE * 2)
    check(proposed(proposer, plan, PROPOSALS), plan, PROPOSALS)


def test_the_first_wave_comes_before_the_others(proposer: Proposer) -> None:
    waves = [len(wave) for wave in proposer.proposals(PLAN, 50)]
    assert waves[0] == 8
    assert sum(waves) == 50
    assert max(waves) <= 32
    assert [len(wave) for wave in proposer.proposals(PLAN, 3)] == [3]


@pytest.mark.parametrize("plan", [PLAN, replace(PLAN, before=STRANGE[:3], meter=Meter(3, 4))])
def test_a_seed_gives_the_same_proposals_in_every_batch(
    proposer: Proposer, plan: ChordPlan
) -> None:
    many = texts(proposer, plan, 40)
    assert texts(proposer, plan, 40) == many
    for count in (1, 8, 11):
        assert texts(proposer, plan, count) == many[:count]
    assert texts(proposer, replace(plan, seed=8), 40) != many


def test_every_key_gets_the_same_numerals(proposer: Proposer) -> None:
    plan = replace(PLAN, before=read_chords("F Bb:maj7/5"), after=read_chords("C:7(b9)"))
    here = proposed(proposer, plan)
    for by in (1, 5, 11):
        there = proposed(proposer, higher(plan, by))
        assert [p.progression for p in there] == [
            p.progression.transposed(plan.key.transposed(by)) for p in here
        ]


def test_what_is_asked_is_heard(proposer: Proposer) -> None:
    """Each part of an ask changes what is written, at the same seed."""
    jazz = replace(PLAN, keywords=read_keywords("jazz"))
    asked = [
        PLAN,
        jazz,
        replace(PLAN, keywords=read_keywords("melancholic")),
        replace(PLAN, section="chorus", keywords=jazz.keywords),
        replace(PLAN, key=Key(5, "min")),
        replace(PLAN, before=read_chords("F C/3 D:min Bb")),
        replace(PLAN, after=read_chords("F C/3 D:min Bb")),
        replace(PLAN, meter=Meter(3, 4)),
        replace(PLAN, temperature=0.3),
    ]
    written = [tuple(texts(proposer, plan, 16)) for plan in asked]
    assert len(set(written)) == len(written)


def test_modes_that_are_rare_are_written_as_minor(proposer: Proposer) -> None:
    minor = texts(proposer, replace(PLAN, key=Key(5, "min")))
    for mode in ("hmin", "phr", "loc"):
        plan = replace(PLAN, key=Key(5, mode))
        assert texts(proposer, plan) == minor
        check(proposed(proposer, plan), plan, FEW)


@pytest.mark.parametrize("last", [0, 1, 5])
def test_it_is_called_off_between_two_tokens(proposer: Proposer, last: int) -> None:
    asked: list[bool] = []

    def is_cancelled() -> bool:
        asked.append(len(asked) == last)
        return asked[-1]

    with pytest.raises(Cancelled):
        list(proposer.proposals(replace(PLAN, bars=16), 8, is_cancelled))
    assert len(asked) == last + 1
    assert len(proposed(proposer, PLAN)) == FEW  # and goes on with the next ask


# files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the proposer must be a GGUF file, which mine.gguf is not"),
        (b"Dear diary\n" * 99, "the proposer must be a GGUF file, which mine.gguf is not"),
    ],
)
def test_what_is_no_gguf_is_told_before_llama_cpp_sees_it(
    content: bytes, words: str, tmp_path: Path
) -> None:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    from bandmate.chords.proposer.shipped import Proposer

    file = tmp_path / "mine.gguf"
    file.write_bytes(content)
    with pytest.raises(WeightsError) as caught:
        Proposer(file)
    assert str(caught.value) == words
    with pytest.raises(WeightsError, match=r"none\.gguf cannot be read \(No such file"):
        Proposer(tmp_path / "none.gguf")
