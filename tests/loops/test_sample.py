"""Temperature, top-k and top-p over what is legal."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bandmate.loops.sample import sampled

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
