"""The measures of the evaluation, on sets whose answers are known."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from measures import auc, grams_of, js_distance, self_bleu
from ngrams import NGrams

A, B, C, D = (0, 0, 0), (5, 0, 0), (7, 1, 0), (9, 2, 0)


def test_distances_are_nothing_alike_and_most_apart() -> None:
    one = grams_of([[A, B, C], [A, B, D]], 2)
    assert js_distance(one, one) == 0
    assert js_distance(one, grams_of([[D, A, D]], 2)) == pytest.approx(math.sqrt(math.log(2)))
    half = js_distance(Counter({("x",): 1}), Counter({("x",): 1, ("y",): 1}))
    assert 0 < half < 0.6


def test_grams_do_not_reach_over_progressions() -> None:
    assert grams_of([[A, B], [C, D]], 2) == {(A, B): 1, (C, D): 1}


def test_a_batch_of_one_song_repeats_itself_and_a_mixed_one_does_not() -> None:
    same = [[A, B, C, D]] * 5
    mixed = [[A] * 4, [B] * 4, [C] * 4, [D] * 4]
    assert self_bleu(same) == pytest.approx(1)
    assert self_bleu(mixed) < 0.1


def test_auc_counts_pairs() -> None:
    assert auc([3, 2, 1, 0], [True, True, False, False]) == 1
    assert auc([1, 1], [True, False]) == 0.5
    assert auc([0, 1], [True, False]) == 0


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_n_grams_are_probabilities_over_one_vocabulary(order: int) -> None:
    songs = [[A, B, C, A, B, C, A, B, D], [A, B, C, D]]
    model = NGrams(songs, order, kinds=4)
    for context in ([], [A], [A, B], [D, D, D]):
        chances = [model.chance(context, chord) for chord in (A, B, C, D)]
        assert sum(chances) == pytest.approx(1)
        assert min(chances) > 0


def test_a_longer_context_tells_more_of_a_song_that_repeats() -> None:
    songs = [[A, B, A, C] * 8] * 4
    held = [[A, B, A, C] * 4]
    assert NGrams(songs, 3, 100).perplexity(held) < NGrams(songs, 1, 100).perplexity(held)
