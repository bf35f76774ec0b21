"""A clip played as people play it: moved a little, and otherwise the same music."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from bandmate.loops.bars import bar_of
from bandmate.loops.performance.feel import felt
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter

KICK, SNARE, HAT = 36, 38, 42
MS = 500 / 1000  # beats of 120 quarter notes a minute last 500 ms


def beat(bars: int = 4, velocity: int = 80) -> Part:
    """Return eighths on the hat, kick on 1 and 3, snare on 2 and 4."""
    notes = [Note(i / 2, HAT, 0.25, velocity) for i in range(bars * 8)]
    notes += [Note(float(i), SNARE if i % 2 else KICK, 0.25, velocity) for i in range(bars * 4)]
    return Part("drums", 0, tuple(sorted(notes)))


def line(name: str, pitches: tuple[int, ...], bars: int = 4, velocity: int = 80) -> Part:
    """Return legato eighths, one pitch after the other."""
    notes = (Note(i / 2, pitches[i % len(pitches)], 0.5, velocity) for i in range(bars * 8))
    return Part(name, 0, tuple(notes))


def drawn(seed: int, meter: Meter, tempo: float) -> Clip:
    """Return a dense clip without rhyme or reason, no pitch twice at once."""
    rng = random.Random(seed)
    steps = round(36 * meter.bar_beats)
    parts = []
    for name in ("drums", "bass", "keys", "lead", "strings2"):
        notes = []
        for pitch in (36, 38, 42, 60, 64):
            at = rng.choice((0, 1, 2, 3, 4, 6, 12))
            while at < steps:
                end = min(steps, at + rng.choice((1, 3, 4, 6, 30)))
                notes.append(Note(at / 12, pitch, (end - at) / 12, rng.randint(1, 127)))
                at = end + rng.choice((0, 1, 2, 3, 4, 6, 12))
        parts.append(Part(name, 0, tuple(sorted(notes))))
    return Clip(tuple(parts), steps / 12, tempo, meter)


def by_pitch(part: Part) -> dict[int, list[Note]]:
    found: dict[int, list[Note]] = {}
    for note in part.notes:
        found.setdefault(note.pitch, []).append(note)
    return found


def mean(part: Part) -> float:
    return statistics.fmean(note.velocity for note in part.notes)


def test_without_feel_the_clip_itself_comes_back() -> None:
    clip = Clip((beat(),), 16.0)
    assert felt(clip, 0.0) is clip


@pytest.mark.parametrize("meter", ["4/4", "3/4", "6/8", "7/8", "5/4", "2/2"])
@pytest.mark.parametrize(("swing", "tempo"), [(None, 120), (None, 300), (1.0, 60), (0.0, 90)])
def test_the_music_stays_whole(meter: str, swing: float | None, tempo: float) -> None:
    for seed in range(6):
        clip = drawn(seed, Meter.parse(meter), tempo)
        played = felt(clip, 1.0, swing, ("funk", "jazz", None)[seed % 3], seed)
        assert (played.length, played.chords) == (clip.length, clip.chords)
        for before, part in zip(clip.parts, played.parts, strict=True):
            assert list(part.notes) == sorted(part.notes)
            assert {p: len(n) for p, n in by_pitch(part).items()} == {
                p: len(n) for p, n in by_pitch(before).items()
            }
            assert abs(mean(part) - mean(before)) <= 1
            for notes in by_pitch(part).values():
                assert all(n.start >= 0 and n.duration > 0 for n in notes)
                assert all(1 <= n.velocity <= 127 for n in notes)
                assert notes[-1].end <= clip.length + 1e-9
                assert all(a.end <= b.start + 1e-9 for a, b in pairwise(notes))


def test_a_seed_is_one_evening() -> None:
    clip = Clip((beat(), line("bass", (36, 43))), 16.0)
    assert felt(clip, 1.0, seed=7) == felt(clip, 1.0, seed=7)
    assert felt(clip, 1.0, seed=7) != felt(clip, 1.0, seed=8)


def test_other_parts_and_more_bars_change_nothing_of_the_timing_of_a_part() -> None:
    def starts(*parts: Part) -> list[float]:
        bars = 8 if len(parts[-1].notes) > 32 else 4
        played = felt(Clip(parts, bars * 4.0), 1.0, seed=3).parts[-1]
        return [note.start for note in played.notes][:31]

    lead = line("lead", (72, 74))
    assert starts(beat(), lead) == starts(beat(), line("keys", (60,)), lead)
    assert starts(beat(), lead) == starts(beat(8), line("lead", (72, 74), bars=8))


def test_amount_scales_what_is_done() -> None:
    clip = Clip((beat(), line("bass", (36, 43))), 16.0)
    half, whole = felt(clip, 0.5, seed=2), felt(clip, 1.0, seed=2)
    for number, part in enumerate(clip.parts):
        for pitch, notes in by_pitch(part).items():
            rows = zip(
                notes, by_pitch(half.parts[number])[pitch], by_pitch(whole.parts[number])[pitch],
                strict=True,
            )  # fmt: skip
            for written, some, all_of_it in rows:
                moved = all_of_it.start - written.start
                assert some.start - written.start == pytest.approx(moved / 2, abs=2 / 480)
                louder = all_of_it.velocity - written.velocity
                assert abs(some.velocity - written.velocity - louder / 2) <= 2
    shifts = [a.start - b.start for a, b in zip(whole.parts[1].notes, clip.parts[1].notes,
                                                strict=True)]  # fmt: skip
    assert 2e-3 < statistics.pstdev(shifts) * MS < 40e-3, "a few milliseconds, as hands are"


def test_kept_cells_stay_byte_for_byte() -> None:
    clip = drawn(4, Meter(4, 4), 100)
    odd = replace(clip.parts[1].notes[0], start=0.0123)  # played by a person, beside the grid
    clip = replace(
        clip,
        parts=(
            clip.parts[0],
            replace(clip.parts[1], notes=(odd, *clip.parts[1].notes[1:])),
            *clip.parts[2:],
        ),
    )
    played = felt(clip, 1.0, 1.0, "jazz", 1, written={(1, "bass"), (1, "drums"), (2, "drums")})
    assert played.parts[2:] == clip.parts[2:]
    for number, bars in ((0, {1, 2}), (1, {1})):
        kept = [n for n in clip.parts[number].notes if int(n.start // 4) not in bars]
        assert set(kept) <= set(played.parts[number].notes)
        assert played.parts[number].notes != clip.parts[number].notes
        for notes in by_pitch(played.parts[number]).values():
            assert all(a.end <= b.start + 1e-9 for a, b in pairwise(notes))


def test_legato_stays_legato_and_what_is_held_to_the_end_is() -> None:
    clip = Clip((line("lead", (72, 74, 76)),), 16.0)
    notes = felt(clip, 1.0, seed=5).parts[0].notes
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(notes))
    assert notes[-1].end == 16.0
    assert notes[0].start == 0.0 or notes[0].start > 0


def test_a_note_that_ends_early_keeps_its_length() -> None:
    written = tuple(Note(float(i), 60 + i % 3, 0.25, 80) for i in range(16))
    notes = felt(Clip((Part("keys", 0, written),), 16.0), 1.0, seed=5).parts[0].notes
    assert all(note.duration == pytest.approx(0.25) for note in notes)
    assert any(note.start != float(i) for i, note in enumerate(notes))


def shifts_of(clip: Clip, seed: int, name: str) -> list[float]:
    """Return by how much the quarters of a part moved, all but the first."""
    played = felt(clip, 1.0, None, "rock", seed)
    notes = next(part.notes for part in played.parts if part.name == name)
    return [
        n.start - round(n.start) for n in notes if round(n.start) and abs(n.start % 1 - 0.5) > 0.3
    ]


def likeness(pairs: Callable[[int], tuple[list[float], list[float]]]) -> float:
    """Return the correlation of two sorts of shift over forty evenings."""
    left: list[float] = []
    right: list[float] = []
    for seed in range(40):
        a, b = pairs(seed)
        left += a
        right += b
    return statistics.correlation(left, right)


def test_bass_sits_with_the_kick() -> None:
    kicks = Part("drums", 0, tuple(Note(float(i), KICK, 0.25, 80) for i in range(16)))
    quarters = tuple(Note(float(i), 40, 0.5, 80) for i in range(16))
    clip = Clip((kicks, Part("bass", 33, quarters), Part("lead", 0, quarters)), 16.0)

    def with_bass(seed: int) -> tuple[list[float], list[float]]:
        return shifts_of(clip, seed, "drums"), shifts_of(clip, seed, "bass")

    def with_lead(seed: int) -> tuple[list[float], list[float]]:
        return shifts_of(clip, seed, "drums"), shifts_of(clip, seed, "lead")

    assert likeness(with_bass) > 0.4
    assert likeness(with_bass) > likeness(with_lead) + 0.2


def test_time_drifts_and_does_not_jitter() -> None:
    hats = Part("drums", 0, tuple(Note(i / 4, HAT, 0.1, 80) for i in range(128)))
    found = []
    for seed in range(20):
        notes = felt(Clip((hats,), 32.0), 1.0, 0.0, "rock", seed).parts[0].notes
        moved = [note.start - i / 4 for i, note in enumerate(notes)][1:]
        found.append(statistics.correlation(moved[:-1], moved[1:]))
    assert statistics.median(found) > 0.3, "as people's hats are; noise would give 0"


def test_the_backbeat_is_struck_harder_than_what_lies_between() -> None:
    snare = Part("drums", 0, tuple(Note(i / 4, SNARE, 0.1, 80) for i in range(64)))
    back, between = [], []
    for seed in range(20):
        notes = felt(Clip((snare,), 16.0), 1.0, 0.0, "rock", seed).parts[0].notes
        back += [note.velocity for i, note in enumerate(notes) if i % 8 == 4]
        between += [note.velocity for i, note in enumerate(notes) if i % 2]
    assert statistics.fmean(back) > statistics.fmean(between) + 15


def lively(clip: Clip) -> float:
    """Return the spread of velocities."""
    return statistics.pstdev(note.velocity for note in clip.parts[0].notes)


def with_velocities_of(clip: Clip, played: Clip) -> Clip:
    """Return *clip*, on the grid, struck as in *played*."""
    struck = by_pitch(played.parts[0])
    notes = (
        replace(note, velocity=loud.velocity)
        for pitch, notes in by_pitch(clip.parts[0]).items()
        for note, loud in zip(notes, struck[pitch], strict=True)
    )
    return replace(clip, parts=(replace(clip.parts[0], notes=tuple(sorted(notes))),))


def test_accents_that_are_there_are_not_added_again() -> None:
    flat = Clip((beat(8),), 32.0)
    grown = []
    for seed in range(10):
        once = felt(flat, 1.0, seed=seed)
        assert lively(once) > 8
        grown.append(lively(felt(with_velocities_of(flat, once), 1.0, seed=seed)) / lively(once))
    assert statistics.fmean(grown) < 1.25, "added in full they would be 1.7 times as wide"


def test_off_beats_lie_where_a_genres_drummers_have_them() -> None:
    sixteenths = Part("drums", 0, tuple(Note(i / 4, HAT, 0.1, 80) for i in range(64)))

    def lateness(genre: str, swing: float | None) -> float:
        late = []
        for seed in range(60):
            notes = felt(Clip((sixteenths,), 16.0, 100), 1.0, swing, genre, seed).parts[0].notes
            late += [note.start - i / 4 for i, note in enumerate(notes) if i % 2]
        return statistics.fmean(late) * 600

    assert lateness("soul", None) > lateness("punk", None) + 5
    assert abs(lateness("soul", 0.0)) < 6, "who asks for even sixteenths gets them"


@pytest.mark.parametrize("tempo", [120, 300])
def test_what_is_played_early_stays_a_note_of_its_bar(tempo: int) -> None:
    downbeats = [Note(4.0 * bar, SNARE, 0.25, 80) for bar in range(16)]
    clip = Clip((Part("drums", 0, tuple(downbeats)),), 64.0, tempo)
    for seed in range(40):
        played = felt(clip, 1.0, seed=seed).parts[0].notes
        assert [bar_of(note.start, 4.0, 16) for note in played] == list(range(16))
