"""Writing after a draft: whatever the writer would like, what stays of the draft stays."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import pytest

from bandmate.loops.decoding.drafts import Draft, PitchesLocked, RhythmLocked, Varied
from bandmate.loops.decoding.harmony import allowed_until
from bandmate.loops.decoding.masks import Writer
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokens import GridNote, cell_ids, cell_notes

LENGTH = 48
SCALE = frozenset({0, 2, 4, 5, 7, 9, 11})


def drawn_cell(rng: random.Random, is_drums: bool) -> list[int]:
    """Draw a cell that a writer could have written, as its tokens."""
    writer = Writer([(0, "drums" if is_drums else "keys")], LENGTH, LENGTH, (30, 100))
    return written(writer, rng, 0.9)


def written(writer: Writer, rng: random.Random, eager: float) -> list[int]:
    ids: list[int] = []
    while not writer.is_done:
        legal = np.flatnonzero(writer.mask()).tolist()
        assert legal, "there is always a way on"
        if v.END in legal and len(legal) > 1 and rng.random() < eager:
            legal.remove(v.END)
        token = rng.choice(legal)
        if not writer.push(token):
            ids.append(token)
    return ids


def after(draft: Draft, is_drums: bool, rng: random.Random, **told: object) -> list[GridNote]:
    name = "drums" if is_drums else "keys"
    writer = Writer([(0, name)], LENGTH, LENGTH, (30, 100), drafts={(0, name): draft},
                    heard=frozenset({name}), **told)  # type: ignore[arg-type]  # fmt: skip
    return sorted(cell_notes(written(writer, rng, 0.7)))


CASES = [(seed, is_drums) for seed in range(12) for is_drums in (False, True)]


@pytest.mark.parametrize(("seed", "is_drums"), CASES)
def test_nothing_varied_is_the_draft_itself(seed: int, is_drums: bool) -> None:
    rng = random.Random(seed)
    ids = drawn_cell(rng, is_drums)
    assert after(Varied(ids, 0.0, LENGTH, rng), is_drums, rng) == sorted(cell_notes(ids))


@pytest.mark.parametrize("is_drums", [False, True])
def test_the_more_is_varied_the_less_stays(is_drums: bool) -> None:
    shares = []
    for vary in (0.2, 0.5, 0.9):
        stayed = total = 0
        for seed in range(40):
            rng = random.Random(seed)
            ids = drawn_cell(rng, is_drums)
            notes = set(cell_notes(ids))
            stayed += len(notes & set(after(Varied(ids, vary, LENGTH, rng), is_drums, rng)))
            total += len(notes)
        shares.append(stayed / total)
    assert shares == pytest.approx([0.8, 0.5, 0.1], abs=0.12)
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(("seed", "is_drums"), CASES)
def test_a_locked_rhythm_keeps_onsets_durations_and_counts(seed: int, is_drums: bool) -> None:
    rng = random.Random(seed)
    ids = drawn_cell(rng, is_drums)
    found = after(RhythmLocked(ids), is_drums, rng)
    was = sorted(cell_notes(ids))
    assert sorted((n.step, n.level) for n in found) == sorted((n.step, n.level) for n in was)
    assert sorted((n.step, n.steps) for n in found) == sorted((n.step, n.steps) for n in was)


@pytest.mark.parametrize(("seed", "is_drums"), CASES)
def test_locked_pitches_come_in_their_order(seed: int, is_drums: bool) -> None:
    rng = random.Random(seed)
    ids = drawn_cell(rng, is_drums)
    writer_ids: list[int] = []
    name = "drums" if is_drums else "keys"
    drafts: Mapping[tuple[int, str], Draft] = {(0, name): PitchesLocked(ids, LENGTH)}
    writer = Writer([(0, name)], LENGTH, LENGTH, (30, 100), drafts=drafts)
    writer_ids = written(writer, rng, 0.7)
    pitches = [token for token in writer_ids if v.PITCH <= token < v.DURATION]
    assert pitches == [token for token in ids if v.PITCH <= token < v.DURATION]


def test_a_kept_note_that_may_not_sound_moves_to_the_nearest_that_may() -> None:
    ids = cell_ids([GridNote(0, 61, 12, 5), GridNote(24, 60, 12, 5)], is_drums=False)
    until = {"keys": allowed_until([SCALE] * LENGTH)}
    found = after(Varied(ids, 0.0, LENGTH, random.Random(1)), False, random.Random(2), until=until)
    assert [(n.step, n.pitch) for n in found] in ([(0, 60), (24, 60)], [(0, 62), (24, 60)])


def test_an_empty_draft_stays_empty_unless_it_is_varied() -> None:
    assert after(Varied([], 0.0, LENGTH, random.Random(1)), False, random.Random(1)) == []
    assert after(Varied([], 1.0, LENGTH, random.Random(1)), False, random.Random(1)) != []
