"""The two servants on the shipped weights: judging, filling, suggesting, and what is missing."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest

from bandmate.asks.notation import BarsOfChords, read_chords
from bandmate.chords.cards import ChordPlan
from bandmate.chords.progression import Progression
from bandmate.chords.proposal_statistics import Habits, habits_file
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
from bandmate.chords.service import (
    PriorServant,
    ProposerServant,
    _between,
    open_own,
    open_prior,
    shipped_prior,
    shipped_proposer,
)
from bandmate.chords.steering import NUMBERS, asked, measured
from bandmate.errors import Cancelled, Unavailable, WeightsError
from bandmate.music.key import MODES, Key
from bandmate.music.meter import Meter
from bandmate.paths import shipped
from bandmate.style.keywords import read_keywords
from bandmate.workers import weights
from drawn_plans import METERS, PLAN, STRANGE, higher, moved, plans

T = TypeVar("T")
OWN = weights.name_of("proposer")
FOREIGN = "general@0badcafe"
CARDS = ("F C G:min7 Bb", "F:maj7 D:min7 G:min7,C:7 F", "Db:7 N E:dim,A:13 F#:5")


def still_wanted() -> bool:
    return False


@pytest.fixture(scope="module")
def prior() -> PriorServant:
    return open_prior(shipped("models"), 1.7)


def proposals(*texts: str, key: Key = PLAN.key) -> tuple[Proposal, ...]:
    found = (Progression(PLAN.key, read_chords(text)).transposed(key) for text in texts)
    return tuple(Proposal(index, progression) for index, progression in enumerate(found))


def all_of(prior: PriorServant, request: Judge | Fill | Suggest, kind: type[T]) -> list[T]:
    found = list(prior.serve(request, still_wanted))
    assert all(isinstance(one, kind) for one in found)
    return [one for one in found if isinstance(one, kind)]


def judged(prior: PriorServant, proposer: str, plan: ChordPlan = PLAN) -> list[Judged]:
    return all_of(prior, Judge(plan, proposals(*CARDS, key=plan.key), proposer), Judged)


def answered(prior: PriorServant, request: Suggest) -> tuple[Suggestion, ...]:
    (found,) = prior.serve(request, still_wanted)
    assert isinstance(found, tuple)
    return found


def suggested(
    prior: PriorServant, before: BarsOfChords, after: BarsOfChords = (), most: int = 8
) -> tuple[Suggestion, ...]:
    return answered(prior, Suggest(before, after, PLAN.key, PLAN.meter, most))


# judging


def test_each_proposal_is_judged_in_its_place(prior: PriorServant) -> None:
    found = judged(prior, OWN)
    assert [one.proposal for one in found] == list(proposals(*CARDS))
    assert all(one.log_p < 0 for one in found)
    assert found[1].log_p > found[2].log_p  # the usual and the odd
    assert all_of(prior, Judge(PLAN, (), OWN), Judged) == []


def test_our_own_proposers_q_and_m_are_shipped(prior: PriorServant) -> None:
    assert prior.q.facts["proposer"] == OWN
    for one in judged(prior, OWN):
        assert math.isfinite(one.log_ratio)
        assert 0 < one.m < math.inf


def test_the_priors_own_proposals_and_what_was_heard_are_not_rejected(
    prior: PriorServant,
) -> None:
    assert prior.name == weights.name_of("prior")
    for proposer in (prior.name, HEARD):
        assert {(one.log_ratio, one.m) for one in judged(prior, proposer)} == {(0.0, 1.0)}


def test_nobody_can_be_accepted_whose_habits_are_unknown(prior: PriorServant) -> None:
    for one in judged(prior, FOREIGN):
        assert math.isinf(one.m)
        assert math.isfinite(one.log_ratio)


def test_habits_count_as_soon_as_they_are_measured(prior: PriorServant) -> None:
    counted = [(proposal.progression.bars, 5, "maj") for proposal in proposals(*CARDS[:2])] * 20
    habits = Habits.counted(FOREIGN, counted)
    judged(prior, FOREIGN)
    habits.write(habits_file(FOREIGN))
    half = judged(prior, FOREIGN)
    assert all(math.isinf(one.m) for one in half)
    habits.m["1.7"] = 3.0
    habits.write(habits_file(FOREIGN))
    whole = judged(prior, FOREIGN)
    assert [one.m for one in whole] == pytest.approx([3.0] * len(CARDS))
    assert [one.log_ratio for one in whole] == [one.log_ratio for one in half]
    # What it writes every time is rather rejected than what it never wrote.
    often, _, never = whole
    assert never.log_ratio - never.log_p / 1.7 > often.log_ratio - often.log_p / 1.7
    prior.forget(FOREIGN)


def test_habits_of_one_minor_mode_hold_for_all(prior: PriorServant) -> None:
    counted = [(read_chords("F:min Bb:min C:7 F:min"), 5, "min")] * 30
    habits = Habits.counted("minor@0badcafe", counted)
    habits.m["1.7"] = 3.0
    habits.write(habits_file(habits.proposer))
    ratios = [
        [one.log_ratio for one in judged(prior, habits.proposer, replace(PLAN, key=Key(5, mode)))]
        for mode in ("min", "hmin", "phr", "loc")
    ]
    assert ratios[1:] == ratios[:1] * 3


def test_the_asked_genre_is_told_where_it_is_heard(prior: PriorServant) -> None:
    assert {one.genre for one in judged(prior, OWN)} == {None}
    jazz = replace(PLAN, keywords=read_keywords("jazz"))
    found = {one.genre for one in judged(prior, OWN, jazz)}
    assert found <= {None, "jazz"}
    heard = [one.genre for one in judged(prior, OWN, higher(jazz, 2))]
    assert heard == [one.genre for one in judged(prior, OWN, higher(jazz, 9))]


@pytest.mark.parametrize("plan", plans(24, seed=1), ids=lambda p: f"{p.bars}-{p.meter}-{p.key}")
def test_anything_may_stand_around(prior: PriorServant, plan: ChordPlan) -> None:
    """Slash, extended and strange chords, one to eight a bar, in every mode and meter."""
    here = judged(prior, OWN, plan)
    assert all(math.isfinite(one.log_p) and math.isfinite(one.log_ratio) for one in here)
    up = higher(plan, 3)
    there = all_of(
        prior,
        Judge(
            up,
            tuple(
                Proposal(p.index, Progression(up.key, moved(p.progression.bars, 3)))
                for p in (one.proposal for one in here)
            ),
            OWN,
        ),
        Judged,
    )
    assert [one.log_p for one in there] == pytest.approx([one.log_p for one in here], abs=1e-3)


def test_hundreds_of_bars_that_were_heard_are_judged(prior: PriorServant) -> None:
    bars = read_chords("F C G:min7 Bb " * 16) * 6
    (one,) = all_of(
        prior,
        Judge(replace(PLAN, bars=len(bars)), (Proposal(0, Progression(PLAN.key, bars)),), HEARD),
        Judged,
    )
    assert -1500 < one.log_p < 0


@pytest.mark.parametrize(("at", "m"), [(1.0, 2.0), (1.5, 2.0), (1.75, 4.0), (2.0, 8.0), (3.0, 8.0)])
def test_m_lies_between_the_calibrated_ones(at: float, m: float) -> None:
    assert _between({"2.0": 8.0, "1.5": 2.0}, at) == pytest.approx(m)


def test_m_is_known_for_every_length_and_surroundings(prior: PriorServant) -> None:
    around = read_chords("F Bb C F")
    for bars in range(1, 17):
        for before, after in (((), ()), (around, ()), ((), around), (around, around)):
            plan = replace(PLAN, bars=bars, before=before, after=after)
            for one in judged(prior, OWN, plan):
                assert 0 < one.m < math.inf


# filling


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("bars", [1, 4, 7])
def test_the_prior_fills_the_asked_bars(prior: PriorServant, mode: str, bars: int) -> None:
    meter = METERS[(bars + len(mode)) % len(METERS)]
    plan = replace(
        PLAN, key=Key(3, mode), bars=bars, meter=meter, before=STRANGE[:2], after=STRANGE[4:5]
    )
    found = all_of(prior, Fill(plan, 5), Proposal)
    assert [proposal.index for proposal in found] == list(range(5))
    slots = {1, 3} if meter.numerator in (3, 9) else {1, 2, 4}
    for proposal in found:
        assert proposal.progression.key == plan.key
        assert len(proposal.progression.bars) == bars
        assert {len(bar) for bar in proposal.progression.bars} <= slots


def test_a_seed_fills_the_same_in_every_key(prior: PriorServant) -> None:
    plan = replace(PLAN, before=read_chords("F Bb"))
    here = all_of(prior, Fill(plan, 6), Proposal)
    assert all_of(prior, Fill(plan, 6), Proposal) == here
    there = all_of(prior, Fill(higher(plan, 4), 6), Proposal)
    key = plan.key.transposed(4)
    assert [p.progression for p in there] == [p.progression.transposed(key) for p in here]
    assert all_of(prior, Fill(replace(plan, seed=8), 6), Proposal) != here


@pytest.mark.parametrize("words", ["sparse,dark", "busy", "jazz,happy"])
def test_what_is_nearest_to_the_keywords_comes_first(prior: PriorServant, words: str) -> None:
    plan = replace(PLAN, keywords=read_keywords(words))
    wanted = asked(plan.keywords, None, "maj")
    distances = []
    for proposal in all_of(prior, Fill(plan), Proposal):
        found = measured(proposal.progression.bars, "maj", plan.key.tonic)
        steps = [(getattr(wanted, name), found[name]) for name in NUMBERS]
        distances.append(sum(abs(a - b) for a, b in steps if a is not None))
    assert distances == sorted(distances)
    assert distances[0] < distances[-1]


def test_filling_is_called_off(prior: PriorServant) -> None:
    with pytest.raises(Cancelled):
        list(prior.serve(Fill(PLAN), lambda: True))


# suggesting


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), ()),
        (read_chords("F"), ()),
        (read_chords("F D:min7"), read_chords("C:7")),
        (read_chords("F N"), ()),
        (STRANGE, STRANGE),
        (read_chords("F Bb C:7 F " * 16), ()),
    ],
)
@pytest.mark.parametrize("most", [1, 8, 32])
def test_suggestions_are_chances_the_likeliest_first(
    prior: PriorServant, before: BarsOfChords, after: BarsOfChords, most: int
) -> None:
    found = suggested(prior, before, after, most)
    assert len(found) == len({one.chord for one in found}) == most
    assert all(one.probability >= other.probability for one, other in pairwise(found))
    assert all(0 <= one.probability <= 1 for one in found)
    assert sum(one.probability for one in found) <= 1 + 1e-4
    if before:
        assert before[-1][-1] not in [one.chord for one in found]


def test_suggestions_follow_what_stands_around_and_the_key(prior: PriorServant) -> None:
    before = read_chords("F D:min7")
    alone = suggested(prior, before)
    assert suggested(prior, before, read_chords("C:7")) != alone
    assert suggested(prior, read_chords("Bb D:min7")) != alone
    request = Suggest(moved(before, 2), (), PLAN.key.transposed(2), PLAN.meter, 8)
    higher_ones = answered(prior, request)
    assert [one.chord for one in higher_ones] == [one.chord.transposed(2) for one in alone]


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("meter", METERS, ids=str)
def test_every_mode_and_meter_is_suggested_for(
    prior: PriorServant, mode: str, meter: Meter
) -> None:
    request = Suggest(read_chords("C:min Ab,G"), (), Key(0, mode), meter, 4)
    assert len(answered(prior, request)) == 4


# opening


def test_the_shipped_servants_say_who_they_are() -> None:
    assert shipped_prior(1.7)().name == weights.name_of("prior")
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    proposer = shipped_proposer("")()
    assert isinstance(proposer, ProposerServant)
    assert proposer.name == OWN
    found = list(proposer.serve(Propose(PLAN, 10), still_wanted))
    assert [proposal.index for proposal in found] == list(range(10))
    with pytest.raises(Cancelled):
        list(proposer.serve(Propose(PLAN, 10), lambda: True))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a folder of models of our own, in which a file may be spoilt."""
    folder = tmp_path / "models"
    (folder / "chords").mkdir(parents=True)
    for name in ("manifest.yaml", "chords/prior.onnx", "chords/proposals.onnx"):
        shutil.copy(shipped("models") / name, folder / name)
    shutil.copy(weights.checked("proposer"), folder / "chords")
    return folder


OPENINGS: list[tuple[str, Callable[[Path], object]]] = [
    ("chords/prior.onnx", lambda folder: open_prior(folder, 1.7)),
    ("chords/proposals.onnx", lambda folder: open_prior(folder, 1.7)),
    ("chords/proposer.gguf", open_own),
]


@pytest.mark.parametrize(("file", "opening"), OPENINGS)
def test_a_missing_or_altered_file_is_told(
    file: str, opening: Callable[[Path], object], models: Path
) -> None:
    (models / file).write_bytes(b"GGUF altered")
    with pytest.raises(WeightsError, match=f"models/{file} is not the one that was shipped"):
        opening(models)
    (models / file).unlink()
    with pytest.raises(WeightsError, match=f"models/{file} cannot be read .* install"):
        opening(models)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Return what makes a package, and what stands on it, unheard of."""

    def hide(package: str) -> None:
        for name in ("prior", "proposer.shipped", "proposer.general", "proposer.llama"):
            monkeypatch.delitem(sys.modules, f"bandmate.chords.{name}", raising=False)
        monkeypatch.setitem(sys.modules, package, None)

    yield hide


def test_missing_packages_are_told(
    without: Callable[[str], None], models: Path, tmp_path: Path
) -> None:
    without("llama_cpp")
    words = "llama_cpp is missing or broken: install bandmate with the extra llm"
    with pytest.raises(Unavailable, match=words):
        open_own(models)
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF")
    with pytest.raises(Unavailable, match=words):
        shipped_proposer(str(mine))()
    without("onnxruntime")
    with pytest.raises(Unavailable, match="onnxruntime: install bandmate with the extra cpu"):
        open_prior(models, 1.7)
