"""Correction after the fact: nearer to what was asked, and nothing else is touched."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from bandmate.loops.bars import Bar, clip_of
from bandmate.loops.performance.mending import mended
from bandmate.loops.plan import CellTask, LoopPlan, PlannedPart, Wish
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part
from loops.plans import band_plan

LEAD, BASS, DRUMS = PlannedPart("lead", 81), PlannedPart("bass", 33), PlannedPart("drums", 0)


def plan(*wishes: Wish, parts: tuple[PlannedPart, ...] = (LEAD,), **changes: object) -> LoopPlan:
    return band_plan(**{"bars": 2, "parts": parts, "wishes": wishes, **changes})


def clip(asked: LoopPlan, **notes: list[Note]) -> Clip:
    parts = (Part(p.name, p.program, tuple(sorted(notes[p.name]))) for p in asked.parts)
    return clip_of(asked, [Bar(0, tuple(parts))])


def line(
    *pitches: int, start: float = 0.0, duration: float = 0.5, velocity: int = 80
) -> list[Note]:
    return [Note(start + i, pitch, duration, velocity) for i, pitch in enumerate(pitches)]


def notes(clip: Clip, part: str = "lead") -> tuple[Note, ...]:
    return next(found.notes for found in clip.parts if found.name == part)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_without_wishes_a_clip_comes_through() -> None:
    asked = plan()
    written = clip(asked, lead=line(69, 71, 72, 74))
    assert mended(written, asked) == written


def test_velocities_are_offset_and_keep_their_shape() -> None:
    asked = plan(Wish("Velocity", "All", 100))
    written = clip(asked, lead=[Note(0, 69, 1, 60), Note(1, 71, 1, 80)])
    assert [note.velocity for note in notes(mended(written, asked))] == [90, 110]


def test_loud_notes_that_stop_at_the_limit_leave_the_rest_to_the_others() -> None:
    asked = plan(Wish("Velocity", "All", 110))
    written = clip(asked, lead=[Note(0, 69, 1, 40), Note(1, 71, 1, 120)])
    heard = [note.velocity for note in notes(mended(written, asked))]
    assert heard[1] == 127
    assert mean([*heard]) == pytest.approx(110, abs=1)


def test_a_part_has_its_own_velocity_and_a_bar_its_own() -> None:
    wishes = (
        Wish("Velocity", "lead", 110), Wish("Velocity", "1", 40), Wish("Velocity", "All", 70),
    )  # fmt: skip
    asked = plan(*wishes, parts=(LEAD, BASS, DRUMS))
    both = line(45, 45, 45, 45, 45, 45, 45, 45)
    written = clip(asked, lead=line(69, 69, start=3), bass=both, drums=line(36, 36, start=3))
    heard = mended(written, asked)
    assert {note.velocity for note in notes(heard)} == {110}
    assert [note.velocity for note in notes(heard, "bass")] == [70] * 4 + [40] * 4
    assert [note.velocity for note in notes(heard, "drums")] == [70, 40]


def test_a_part_moves_by_whole_octaves_to_its_pitch() -> None:
    asked = plan(Wish("Pitch", "lead", 84), parts=(LEAD, BASS))
    written = clip(asked, lead=line(57, 59, 60, 62), bass=line(33, 33))
    heard = mended(written, asked)
    assert [note.pitch for note in notes(heard)] == [81, 83, 84, 86]
    assert notes(heard, "bass") == notes(written, "bass")


def test_drums_never_move() -> None:
    asked = plan(Wish("Pitch", "All", 90), Wish("Duration", "All", 2), parts=(DRUMS,))
    written = clip(asked, drums=line(36, 38, 36, 38, duration=0.25))
    assert mended(written, asked) == written


def test_for_a_pitch_of_all_the_part_moves_that_brings_it_nearest_within_its_range() -> None:
    asked = plan(Wish("Pitch", "All", 62), parts=(LEAD, BASS))
    written = clip(asked, lead=line(72, 74, 76, 77), bass=line(36, 36, 36, 36))
    heard = mended(written, asked)
    assert notes(heard, "bass") == tuple(line(48, 48, 48, 48)), "the lead's move would be farther"
    assert notes(heard) == notes(written)
    deep = replace(asked, wishes=(Wish("Pitch", "All", 5),))
    lowest = [min(n.pitch for n in notes(mended(written, deep), p)) for p in ("bass", "lead")]
    assert lowest == [24, 48], "no further than the usual range of bass and lead"


def test_durations_are_scaled_up_to_the_next_note_of_a_line_and_the_end() -> None:
    asked = plan(Wish("Duration", "All", 4))
    written = clip(asked, lead=line(69, 71, 72, 74))
    ends = [note.end for note in notes(mended(written, asked))]
    assert ends == [1, 2, 3, 8]


def test_durations_are_scaled_down_on_the_grid() -> None:
    asked = plan(Wish("Duration", "lead", 0.25))
    written = clip(asked, lead=line(69, 71, 72, 74, duration=1))
    assert {note.duration for note in notes(mended(written, asked))} == {0.25}


def test_a_chord_may_ring_over_its_neighbour_but_not_over_its_own_pitch() -> None:
    asked = plan(Wish("Duration", "All", 3))
    rings = [Note(0, 60, 2, 80), Note(1, 64, 1, 80), Note(2, 60, 1, 80)]
    heard = notes(mended(clip(asked, lead=rings), asked))
    assert heard[0].end == 2
    assert heard[1].end > 2


def test_no_note_is_held_into_a_chord_that_lacks_it_nor_over_a_beat() -> None:
    chords = (
        ChordSpan(0, 2, Chord.parse("A:min")), ChordSpan(2, 4, Chord.parse("F:maj")),
        ChordSpan(4, 8, Chord.parse("G:maj")),
    )  # fmt: skip
    asked = plan(Wish("Duration", "All", 4), chords=chords, strictness=1.0)
    held = notes(mended(clip(asked, lead=[Note(0.5, 69, 0.5, 80)]), asked))[0]
    assert held.end == 4, "A is in A:min and F:maj, not in G:maj"
    passing = notes(mended(clip(asked, lead=[Note(0.5, 71, 0.25, 80)]), asked))[0]
    assert passing.end == 1, "B is foreign to A:min on the next beat"


@pytest.mark.parametrize("lock", [None, "rhythm", "pitches"])
def test_kept_cells_and_what_is_locked_stay_as_they_are(lock: str | None) -> None:
    wishes = [Wish("Velocity", "All", 120), Wish("Pitch", "All", 90), Wish("Duration", "All", 0.25)]
    tasks = (CellTask(1, "lead", lock=lock),)
    asked = plan(*wishes, tasks=tasks)
    written = Clip(
        (Part("lead", 81, tuple(line(60, 62, 64, 65, 67, 69, duration=1))),), 8.0, meter=asked.meter
    )
    before, after = notes(written), notes(mended(written, asked))
    assert after[:4] == before[:4]
    assert all(
        (a.duration == b.duration) == (lock == "rhythm")
        for a, b in zip(after[4:], before[4:], strict=True)
    )
    assert all(
        (a.pitch == b.pitch) == (lock == "pitches")
        for a, b in zip(after[4:], before[4:], strict=True)
    )


def test_a_written_cell_does_not_move_onto_a_kept_note() -> None:
    asked = plan(Wish("Pitch", "lead", 72), tasks=(CellTask(1, "lead"),))
    written = Clip(
        (Part("lead", 81, (Note(3, 72, 2, 80), Note(4, 60, 1, 80))),), 8.0, meter=asked.meter
    )
    assert mended(written, asked) == written


def test_a_stretched_clip_is_mended_in_its_own_time() -> None:
    asked = plan(Wish("Duration", "All", 1), stretch=2.0)
    written = Clip((Part("lead", 81, (Note(0, 69, 1, 80), Note(8, 71, 1, 80))),), 16.0)
    assert {note.duration for note in notes(mended(written, asked))} == {2.0}


def test_any_clip_stays_whole_and_comes_no_farther_from_what_was_asked() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        value = {"Velocity": rng.uniform(5, 125), "Pitch": rng.uniform(30, 90),
                 "Duration": rng.uniform(0.1, 4)}  # fmt: skip
        asked = plan(*(Wish(f, "All", x) for f, x in value.items()), parts=(LEAD, BASS))
        written = clip(asked, lead=drawn(rng, 60, 84), bass=drawn(rng, 30, 50))
        heard = mended(written, asked)
        for field, read in READ.items():
            before, after = (
                mean([read(n) for p in c.parts for n in p.notes]) for c in (written, heard)
            )
            slack = 0.3 if field == "Duration" else 0.6
            assert abs(after - value[field]) <= abs(before - value[field]) + slack, (seed, field)
        for part, was in zip(heard.parts, written.parts, strict=True):
            assert [n.start for n in part.notes] == [n.start for n in was.notes]
            assert all(n.end <= heard.length and n.duration > 0 for n in part.notes)
            assert all(1 <= n.velocity <= 127 for n in part.notes)
            ends: dict[int, float] = {}
            for note in part.notes:
                assert note.start >= ends.get(note.pitch, 0) - 1e-9
                ends[note.pitch] = note.end


READ: dict[str, Callable[[Note], float]] = {
    "Velocity": lambda note: note.velocity,
    "Pitch": lambda note: note.pitch,
    "Duration": lambda note: note.duration,
}


def drawn(rng: random.Random, low: int, high: int) -> list[Note]:
    return [
        Note(
            rng.randrange(32) / 4,
            rng.randint(low, high),
            rng.randint(1, 8) / 4,
            rng.randint(1, 127),
        )
        for _ in range(rng.randint(1, 30))
    ]
