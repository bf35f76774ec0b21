"""Density held to: bars fill as fast as they may, and are not left too empty."""

from __future__ import annotations

import random

import numpy as np
import pytest

from bandmate.loops.decoding.masks import Writer
from bandmate.loops.decoding.pacing import Pace
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokens import GridNote
from bandmate.loops.plan import Wish

NAMES = ("drums", "bass", "keys")
LENGTH = 48


def densities(wishes: list[Wish], seed: int, eager: float, bars: int = 2) -> list[set[int]]:
    """Let a writer choose at random; return the steps of each bar's onsets."""
    rng = random.Random(seed)
    pace = Pace(wishes, {}, LENGTH)
    writes = [(bar, name) for bar in range(bars) for name in NAMES]
    writer = Writer(writes, LENGTH, bars * LENGTH, (20, 100), pace=pace)
    while not writer.is_done:
        legal = np.flatnonzero(writer.mask()).tolist()
        assert legal, "there is always a way on"
        if v.END in legal and len(legal) > 1:
            legal = [v.END] if rng.random() > eager else [t for t in legal if t != v.END]
        writer.push(rng.choice(legal))
    return [
        {note.step for (at, _), notes in writer.notes.items() if at == bar for note in notes}
        for bar in range(bars)
    ]


@pytest.mark.parametrize("eager", [0.3, 0.98])
@pytest.mark.parametrize("wanted", [4.0, 8.0, 14.0])
def test_a_bar_gets_what_is_asked_of_it(wanted: float, eager: float) -> None:
    for seed in range(12):
        (first,) = densities([Wish("Density", "0", wanted)], seed, eager, bars=1)
        slack = max(1.0, 0.08 * wanted)
        assert wanted - slack - 2 <= len(first) <= wanted + slack


def test_the_clip_is_held_to_less_narrowly_and_a_bar_comes_first() -> None:
    wishes = [Wish("Density", "All", 12.0), Wish("Density", "1", 4.0)]
    for seed in range(12):
        first, second = densities(wishes, seed, 0.9)
        assert 10 <= len(first) <= 14
        assert 3 <= len(second) <= 5


def test_a_sparse_bar_does_not_stop_in_its_middle() -> None:
    late = sum(max(densities([Wish("Density", "0", 6.0)], s, 0.98)[0]) >= 30 for s in range(20))
    assert late >= 18


def test_a_part_alone_is_held_to_its_own() -> None:
    pace = Pace([Wish("Density", "bass", 4.0)], {}, LENGTH)
    onsets = np.ones((v.MAX_BAR_STEPS, v.VELOCITY_LEVELS), bool)
    for step in (0, 6, 12, 18, 24):
        pace.take((0, "bass"), step)
    pace.narrow(onsets, (0, "bass"), is_last=True)
    assert set(np.flatnonzero(onsets.any(1))) == {0, 6, 12, 18, 24}
    onsets[:] = True
    pace.narrow(onsets, (0, "drums"), is_last=True)
    assert onsets.all()
    assert not pace.lacks((0, "bass"), is_last=True)
    assert pace.lacks((1, "bass"), is_last=False)


def test_kept_cells_count() -> None:
    kept = {(0, "drums"): [GridNote(step, 36, 3, 5) for step in range(0, 48, 6)]}
    pace = Pace([Wish("Density", "0", 8.0)], kept, LENGTH)
    onsets = np.ones((v.MAX_BAR_STEPS, v.VELOCITY_LEVELS), bool)
    pace.narrow(onsets, (0, "bass"), is_last=True)
    free = set(np.flatnonzero(onsets.any(1)).tolist())
    assert free >= set(range(0, 48, 6))
    pace.take((0, "bass"), 3)
    onsets[:] = True
    pace.narrow(onsets, (0, "bass"), is_last=True)
    assert set(np.flatnonzero(onsets.any(1)).tolist()) == {3, *range(0, 48, 6)}
