"""Rejection sampling: what is accepted follows the prior, and everything else is seen to."""

from __future__ import annotations

import math

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.accept import accepted, chosen, percentile
from bandmate.chords.progression import Progression
from bandmate.chords.requests import Judged, Proposal
from bandmate.music.key import Key

KEY = Key(0)


def judged(index: int, chords: str, ratio: float, m: float = 2.0) -> Judged:
    proposal = Proposal(index, Progression(KEY, read_chords(chords)))
    return Judged(proposal, -5.0, math.log(ratio), m)


def test_accepted_proposals_follow_the_prior() -> None:
    """Proposed three to one, wanted one to one: of the common ones a third passes."""
    ratios = {"C F": 0.5 / 0.75, "F C": 0.5 / 0.25}
    passed = dict.fromkeys(ratios, 0)
    for seed in range(6000):
        batch = [judged(i, text, ratio, m=2.0) for i, (text, ratio) in enumerate(ratios.items())]
        for one in accepted(batch, seed):
            passed[list(ratios)[one.proposal.index]] += 1
    assert passed["C F"] / 6000 == pytest.approx(1 / 3, abs=0.02)
    assert passed["F C"] == 6000


def test_as_many_pass_as_the_chances_add_up_to() -> None:
    batch = [judged(i, f"C {x}", 0.3, m=1.0) for i, x in enumerate("FGABDE")]
    assert {len(accepted(batch, seed)) for seed in range(50)} == {1, 2}  # 6 x 0.3 = 1.8


def test_the_front_of_a_batch_passes_as_it_does_within_the_whole() -> None:
    batch = [judged(i, f"C {x}", 0.4, m=1.0) for i, x in enumerate("FGABDE")]
    for seed in range(20):
        whole = [one.proposal.index for one in accepted(batch[::-1], seed)]
        assert [one.proposal.index for one in accepted(batch[:3], seed)] == [
            index for index in whole if index < 3
        ]


def test_too_few_are_topped_up_by_the_ratio_and_marked() -> None:
    batch = [judged(0, "C", 1e-9), judged(1, "F", 1e9), judged(2, "G", 1e-3), judged(3, "D", 1e-6)]
    found = [(one.proposal.progression.text, ok) for one, ok in chosen(batch, 3, seed=1)]
    assert found == [("F:maj", True), ("G:maj", False), ("D:maj", False)]


def test_what_never_leaves_its_first_chord_is_dealt_last() -> None:
    batch = [judged(0, "C C", 1e9), judged(1, "C F", 1e-9)]
    found = [(one.proposal.progression.text, ok) for one, ok in chosen(batch, 2, seed=1)]
    assert found == [("C:maj F:maj", False), ("C:maj C:maj", False)]


def test_no_two_cards_are_alike() -> None:
    batch = [judged(index, "C G", 1e9) for index in range(5)] + [judged(9, "F", 1e-9)]
    texts = [one.proposal.progression.text for one, _ in chosen(batch, 4, seed=1)]
    assert texts == ["C:maj G:maj", "F:maj"]


def test_without_a_known_habit_nothing_is_accepted_and_all_is_ranked() -> None:
    batch = [judged(index, f"C {x}", ratio, math.inf)
             for index, (x, ratio) in enumerate([("F", 0.1), ("G", 0.3), ("A", 0.2)])]  # fmt: skip
    found = [(one.proposal.index, ok) for one, ok in chosen(batch, 2, seed=1)]
    assert found == [(1, False), (2, False)]


def test_a_person_may_set_m() -> None:
    batch = [judged(index, f"C {x}", 1.0) for index, x in enumerate("FGABDE")]
    assert all(ok for _, ok in chosen(batch, 6, seed=1, m=1.0))
    assert not any(ok for _, ok in chosen(batch, 6, seed=1, m=1e12))


def test_percentile_lies_between_two_in_proportion() -> None:
    assert percentile([5, 1, 3], 50) == 3
    assert percentile([0, 10], 95) == pytest.approx(9.5)
