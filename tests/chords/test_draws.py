"""Draws of a batch: each as the model would have it, together spread out."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bandmate.chords.proposer.draws import Draw

LOGITS = np.array([0.0, -np.log(2), -np.inf, -np.log(2)], np.float32)
"""Chances of a half, a quarter, none and a quarter."""


def texts(count: int, length: int, seed: int) -> list[tuple[int, ...]]:
    draws = [Draw(number, (seed,)) for number in range(count)]
    return [tuple(draw.token(LOGITS, 1.0) for _ in range(length)) for draw in draws]


def test_a_text_alone_is_drawn_by_its_probability() -> None:
    found = Counter(texts(1, 3, seed)[0] for seed in range(8000))
    assert found[0, 0, 0] / 8000 == pytest.approx(0.125, abs=0.015)
    assert found[1, 3, 0] / 8000 == pytest.approx(0.03125, abs=0.008)
    assert not any(2 in text for text in found)


@pytest.mark.parametrize("number", [1, 7])
def test_so_is_every_other_of_its_batch(number: int) -> None:
    first = Counter(Draw(number, (seed,)).token(LOGITS, 1.0) for seed in range(4000))
    assert first[0] / 4000 == pytest.approx(0.5, abs=0.03)


def test_a_batch_shares_the_texts_out() -> None:
    for seed in range(20):
        assert Counter(text[0] for text in texts(8, 1, seed)) == {0: 4, 1: 2, 3: 2}


def test_a_text_longer_than_the_digits_of_a_number_goes_on_being_drawn() -> None:
    found = Counter(token for text in texts(40, 400, 3) for token in text)
    assert found[0] / 16000 == pytest.approx(0.5, abs=0.02)


def test_a_higher_temperature_flattens() -> None:
    hot = Counter(Draw(0, (seed,)).token(LOGITS, 5.0) for seed in range(4000))
    assert hot[0] / 4000 == pytest.approx(0.3648, abs=0.03)  # 2 ** 0.2 : 1 : 1
