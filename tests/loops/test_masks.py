"""Whatever the model wants, what is written keeps the rules: random choices prove it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from bandmate.loops.decoding.harmony import allowed_until
from bandmate.loops.decoding.masks import MAX_TOGETHER, Writer
from bandmate.loops.model import vocabulary as v

SCALE = frozenset({0, 2, 4, 5, 7, 9, 11})


def write_at_random(writer: Writer, seed: int, eager: float = 0.85) -> None:
    """Choose among what is legal; *eager* writers seldom end a cell."""
    rng = random.Random(seed)
    while not writer.is_done:
        legal = np.flatnonzero(writer.mask()).tolist()
        assert legal, "there is always a way on"
        if v.END in legal and len(legal) > 1 and rng.random() < eager:
            legal.remove(v.END)
        writer.push(rng.choice(legal))


@pytest.mark.parametrize("seed", range(40))
def test_notes_stay_in_cells_end_in_time_and_sound_only_what_may_sound(seed: int) -> None:
    rng = random.Random(seed)
    bars, length = rng.randint(1, 4), rng.choice([21, 36, 48, 84])
    names = ["drums", *rng.sample(["bass", "keys", "lead2"], rng.randint(1, 3))]
    changes = [SCALE if rng.random() < 0.5 else SCALE | {8} for _ in range(bars * 2)]
    classes = [changes[step * 2 // length] for step in range(bars * length)]
    writes = [(bar, name) for bar in range(bars) for name in names]
    writer = Writer(
        writes, length, bars * length, (4, 120), until=dict.fromkeys(names, allowed_until(classes))
    )
    write_at_random(writer, seed)
    assert set(writer.notes) == set(writes)
    for (bar, name), notes in writer.notes.items():
        together: dict[int, set[int]] = {}
        for note in notes:
            assert 0 <= note.step < length
            assert note.pitch not in together.setdefault(note.step, set())
            together[note.step].add(note.pitch)
            if name == "drums":
                assert v.DRUM_LOW <= note.pitch <= v.DRUM_HIGH
                continue
            start = bar * length + note.step
            assert start + note.steps <= bars * length
            assert 4 <= note.pitch <= 120
            assert all(note.pitch % 12 in classes[s] for s in range(start, start + note.steps))
        assert all(len(pitches) <= MAX_TOGETHER for pitches in together.values())


@pytest.mark.parametrize("seed", range(10))
def test_every_part_sounds_even_when_the_writer_would_rather_not(seed: int) -> None:
    writes = [(bar, name) for bar in range(3) for name in ("drums", "keys")]
    writer = Writer(writes, 48, 144, (0, 127))
    write_at_random(writer, seed, eager=0.0)
    assert {name for (_, name), notes in writer.notes.items() if notes} == {"drums", "keys"}


def test_parts_heard_before_may_be_silent() -> None:
    writer = Writer([(0, "keys")], 48, 48, (0, 127), heard=frozenset({"keys"}))
    assert writer.mask()[v.END]
    assert not Writer([(0, "keys")], 48, 48, (0, 127)).mask()[v.END]


def test_a_held_note_ends_before_a_chord_that_it_does_not_belong_to() -> None:
    classes = [SCALE | {8}] * 24 + [SCALE] * 24
    until = allowed_until(classes)
    assert until[0, 8] == 24
    assert until[0, 0] == 48
    assert until[30, 8] == 0
    writer = Writer([(0, "keys")], 48, 48, (0, 127), until={"keys": until})
    for token in (v.on(12, 5), v.PITCH + 60, v.PITCH + 68):
        assert writer.mask()[token]
        writer.push(token)
    legal = {v.DURATIONS[i] for i in np.flatnonzero(writer.mask()[v.DURATION :])}
    assert max(legal) == 12


def test_drums_strike_softer_hits_of_one_onset_after_the_hard_ones() -> None:
    writer = Writer([(0, "drums")], 48, 48, (0, 127))
    for token in (v.on(0, 6), v.DRUM):
        writer.push(token)
    legal = writer.mask()
    assert legal[v.on(0, 5)]
    assert not legal[v.on(0, 6)]
    assert not legal[v.on(0, 7)]
    assert legal[v.on(1, 7)]


def test_a_cell_at_its_limit_ends_as_soon_as_it_can() -> None:
    writer = Writer([(0, "keys")], 48, 48, (0, 127))
    writer.limit = 4
    for token in (v.on(0, 5), v.PITCH + 60, v.DURATION):
        writer.push(token)
    assert writer.mask()[v.on(3, 5)]
    for token in (v.on(3, 5), v.PITCH + 62):
        writer.push(token)
    assert not writer.mask()[v.END], "a chord begun is written to its end"
    writer.push(v.DURATION)
    assert np.flatnonzero(writer.mask()).tolist() == [v.END]
