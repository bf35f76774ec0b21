"""What was played loosely comes back tight, and as laid back as it was."""

from __future__ import annotations

import random

import pytest

from bandmate.music.clip import Clip, Note, Part
from bandmate.music.quantising import quantised


def clip(*notes: Note) -> Clip:
    return Clip((Part("keys", 0, tuple(sorted(notes))),), 16.0)


def starts(found: Clip) -> list[float]:
    return [note.start for note in found.parts[0].notes]


def test_chance_goes_and_the_habit_of_each_place_stays() -> None:
    rng = random.Random(1)
    habit = {0: 0.0, 2: 0.04}  # the off-beat drags
    played = clip(
        *(
            Note(beat + place / 4 + habit[place] + rng.gauss(0, 0.02), 60, 0.2, 80)
            for beat in range(1, 15)
            for place in (0, 2)
        )
    )
    found = starts(quantised(played))
    on, off = found[::2], found[1::2]
    assert max(s % 1 for s in (x + 0.5 for x in on)) - min((x + 0.5) % 1 for x in on) < 1e-9
    assert [s % 1 for s in off] == pytest.approx([0.54] * 14, abs=0.012)


def test_a_shuffle_goes_to_triplets() -> None:
    played = clip(*(Note(b + o, 60, 0.2, 80) for b in range(4) for o in (0.0, 0.64)))
    assert [s % 1 for s in starts(quantised(played))[1::2]] == pytest.approx([0.645] * 4, abs=0.01)


def test_a_strummed_chord_stays_strummed() -> None:
    found = starts(
        quantised(clip(Note(1.06, 60, 1, 80), Note(1.08, 64, 1, 80), Note(1.1, 67, 1, 80)))
    )
    assert found == pytest.approx([1.02, 1.04, 1.06])


def test_a_roll_finer_than_the_grid_is_left_alone() -> None:
    roll = clip(*(Note(1 + i / 16, 38, 0.05, 80) for i in range(4)))
    assert quantised(roll) == roll


@pytest.mark.parametrize("amount", [0.0, 0.5])
def test_half_the_amount_goes_half_the_way(amount: float) -> None:
    played = clip(Note(0, 60, 1, 80), Note(2.1, 60, 1, 80))
    whole = starts(quantised(played))[1] - 2.1
    assert starts(quantised(played, amount))[1] - 2.1 == pytest.approx(amount * whole)


def test_nothing_begins_before_the_clip_and_durations_stay() -> None:
    found = quantised(clip(Note(0.01, 60, 0.7, 80), Note(3.98, 62, 0.3, 80)))
    assert starts(found)[0] >= 0
    assert [note.duration for note in found.parts[0].notes] == [0.7, 0.3]
