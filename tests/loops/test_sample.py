"""Temperature, top-k and top-p over what is legal."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bandmate.loops.decoding.sample import sampled

LOGITS = np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32))
ALL = np.ones(4, bool)


def shares(**settings: float) -> list[float]:
    rng = np.random.default_rng(0)
    drawn = Counter(sampled(LOGITS, ALL, rng, **settings) for _ in range(4000))  # type: ignore[arg-type]
    return [drawn[i] / 4000 for i in range(4)]


def test_tokens_come_as_often_as_the_model_says() -> None:
    assert shares() == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)


def test_a_low_temperature_sharpens_and_a_high_one_flattens() -> None:
    assert shares(temperature=0.2)[0] > 0.9
    assert shares(temperature=2.0)[3] > 0.1


def test_top_k_and_top_p_drop_the_tail() -> None:
    assert shares(top_k=2)[2:] == [0, 0]
    assert shares(top_p=0.75)[2:] == [0, 0]
    assert shares(top_p=0.85)[3] == 0


def test_what_is_not_legal_never_comes_and_one_choice_draws_nothing() -> None:
    rng = np.random.default_rng(0)
    legal = np.array([False, False, True, False])
    assert sampled(LOGITS, legal, rng) == 2
    assert rng.random() == np.random.default_rng(0).random()


def test_shares_are_those_of_sorting_first() -> None:
    rng = np.random.default_rng(5)
    logits = (rng.standard_normal(300) * 2).astype(np.float32)
    legal = rng.random(300) < 0.6
    weights = np.where(legal, np.exp(logits / 0.8), 0)
    order = np.argsort(-weights)
    heaped = np.cumsum(weights[order]) / weights.sum()
    kept = order[: int(np.searchsorted(heaped, 0.7)) + 1]
    expected = weights[kept] / weights[kept].sum()
    drawn = Counter(sampled(logits, legal, rng, temperature=0.8, top_p=0.7) for _ in range(8000))
    assert set(drawn) <= set(kept.tolist())
    assert [drawn[i] / 8000 for i in kept.tolist()] == pytest.approx(expected.tolist(), abs=0.02)


def test_of_equals_as_many_are_kept_as_are_needed() -> None:
    rng = np.random.default_rng(1)
    drawn = {
        sampled(np.zeros(10, np.float32), np.ones(10, bool), rng, top_p=0.35) for _ in range(300)
    }
    assert drawn == {0, 1, 2, 3}


def test_a_seed_draws_the_same_again() -> None:
    one, other = (
        [sampled(LOGITS, ALL, rng, top_p=0.9) for _ in range(50)]
        for rng in (np.random.default_rng(3), np.random.default_rng(3))
    )
    assert one == other


def test_the_given_logits_stay_as_they_are() -> None:
    logits = LOGITS.copy()
    sampled(logits, ALL, np.random.default_rng(0), temperature=2.0, top_k=2, top_p=0.5)
    assert logits.tolist() == LOGITS.tolist()
