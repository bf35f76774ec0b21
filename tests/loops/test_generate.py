"""Loops from the shipped model: what was asked is what comes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.asks.notation import parse_chords
from bandmate.errors import Cancelled, WeightsError
from bandmate.loops.bars import clip_of
from bandmate.loops.decoding.harmony import strong_beats
from bandmate.loops.generate import LoopGenerator
from bandmate.loops.plan import CellTask, LoopPlan, PlannedPart, Wish
from bandmate.music.clip import Clip, Note, transposed
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.midifile import read, to_bytes
from bandmate.workers.weights import checked
from loops.plans import BAND, band_plan, random_plan

LOOPS = 200


@pytest.fixture(scope="module")
def generator() -> LoopGenerator:
    return LoopGenerator.open(checked("loops"))


def made(generator: LoopGenerator, plan: LoopPlan) -> Clip:
    return clip_of(plan, generator.bars(plan))


def test_two_hundred_random_asks_keep_every_promise(generator: LoopGenerator) -> None:
    rng = random.Random(2026)
    inside = pitched = strong_inside = strong = 0
    for _ in range(LOOPS):
        plan = random_plan(rng)
        clip = made(generator, plan)
        assert clip.length == plan.bars * plan.meter.bar_beats
        assert [(p.name, p.program) for p in clip.parts] == [
            (p.name, p.program) for p in plan.parts
        ]
        assert all(part.notes for part in clip.parts), "an empty part"
        for part in clip.parts:
            sounding: dict[int, float] = {}
            for note in part.notes:
                assert 0 <= note.start < note.end <= clip.length + 1e-9
                assert note.start >= sounding.get(note.pitch, 0) - 1e-9, (
                    "a pitch struck while it sounds"
                )
                sounding[note.pitch] = note.end
                assert 0 <= note.pitch <= 127
                assert 1 <= note.velocity <= 127
                if not part.is_drums:
                    pitched += 1
                    inside += is_inside(clip, note.start, note.pitch)
                    for beat in strong_beats_under(clip, note):
                        strong += 1
                        strong_inside += is_inside(clip, beat, note.pitch)
        if not plan.parts[0].name.startswith("drums"):
            assert read(to_bytes(clip)).length == clip.length
    assert strong_inside == strong, "on strong beats the masks leave no way out of the key"
    assert inside / pitched >= 0.9


def strong_beats_under(clip: Clip, note: Note) -> list[float]:
    """Return the strong beats at which a note sounds."""
    beats = (
        bar * clip.meter.bar_beats + b for bar in range(clip.bars) for b in strong_beats(clip.meter)
    )
    return [beat for beat in beats if note.start - 1e-9 <= beat < note.end - 1e-9]


def is_inside(clip: Clip, beat: float, pitch: int) -> bool:
    assert clip.key is not None
    sounding = [s.chord.pitches for s in clip.chords if s.start <= beat + 1e-9 < s.end]
    return pitch % 12 in {*clip.key.scale, *(c for chord in sounding for c in chord)}


def test_a_take_comes_again_from_its_seed(generator: LoopGenerator) -> None:
    plan = band_plan()
    first = to_bytes(made(generator, plan))
    made(generator, band_plan(seed=8))
    assert to_bytes(made(generator, plan)) == first
    assert to_bytes(made(generator, band_plan(seed=8))) != first


def test_another_key_is_the_same_music_moved(generator: LoopGenerator) -> None:
    home = made(generator, band_plan())
    moved = made(generator, band_plan(key=Key.parse("C:min")))
    assert moved.parts == transposed(home, 3).parts


def test_bars_come_one_by_one_and_nine_bars_are_nine(generator: LoopGenerator) -> None:
    plan = band_plan(bars=9, meter=Meter(3, 4))
    bars = list(generator.bars(plan))
    assert [bar.index for bar in bars] == list(range(9))
    assert all(
        bar.index * 3 <= note.start < bar.index * 3 + 3
        for bar in bars for part in bar.parts for note in part.notes
    )  # fmt: skip
    assert clip_of(plan, bars).length == 27


def test_the_densest_band_fits_and_is_whole(generator: LoopGenerator) -> None:
    names = (
        "drums",
        "drums2",
        "bass",
        "keys",
        "keys2",
        "guitar",
        "pad",
        "strings",
        "brass",
        "lead",
    )
    parts = tuple(PlannedPart(name, 0) for name in names)
    wishes = (Wish("Density", "All", 48.0),)
    wild = {"temperature": 2.0, "top_p": 1.0, "wishes": wishes, "energy": 5}
    plan = band_plan(bars=6, meter=Meter(7, 4), parts=parts, **wild)
    clip = made(generator, plan)
    assert clip.length == 42
    assert all(part.notes for part in clip.parts)
    assert generator.model.length <= generator.model.context


def test_cancelling_between_tokens(generator: LoopGenerator) -> None:
    answers: Iterator[bool] = iter([False] * 30 + [True] * 10)
    with pytest.raises(Cancelled):
        list(generator.bars(band_plan(), lambda: next(answers)))
    assert made(generator, band_plan()).note_count


def test_density_asked_moves_density_made(generator: LoopGenerator) -> None:
    def notes(density: float) -> int:
        wishes = (Wish("Density", "All", density),)
        return sum(made(generator, band_plan(seed=s, wishes=wishes)).note_count for s in range(6))

    assert notes(24.0) > notes(3.0)


def test_without_the_scale_mask_other_notes_may_come(generator: LoopGenerator) -> None:
    plan = replace(band_plan(), in_key=False, temperature=1.5, top_p=1.0)
    clips = [made(generator, replace(plan, seed=seed)) for seed in range(3)]
    outside = [
        note for clip in clips for part in clip.parts if not part.is_drums
        for note in part.notes if not is_inside(clip, note.start, note.pitch)
    ]  # fmt: skip
    assert outside


def refilled(plan: LoopPlan, clip: Clip, *tasks: CellTask, seed: int = 21) -> LoopPlan:
    return replace(plan, base=clip.parts, tasks=tasks, seed=seed)


def cell(clip: Clip, bar: int, name: str) -> tuple[Note, ...]:
    (part,) = (part for part in clip.parts if part.name == name)
    start, end = bar * clip.meter.bar_beats, (bar + 1) * clip.meter.bar_beats
    return tuple(note for note in part.notes if start <= note.start < end)


def test_kept_cells_come_through_note_for_note_and_refilled_ones_are_new(
    generator: LoopGenerator,
) -> None:
    plan = band_plan(key=Key.parse("F#:dor"))
    clip = made(generator, plan)
    loose = transposed(clip, 0)
    parts = tuple(
        replace(p, notes=tuple(replace(n, start=n.start + 0.021, velocity=n.velocity + 3)
                               for n in p.notes))
        for p in loose.parts
    )  # fmt: skip
    loose = replace(loose, parts=parts)
    tasks = (CellTask(2, "bass"), CellTask(3, "bass"), CellTask(1, "drums"))
    found = made(generator, refilled(plan, loose, *tasks))
    for part in plan.parts:
        for bar in range(4):
            is_kept = CellTask(bar, part.name) not in tasks
            same = cell(found, bar, part.name) == cell(loose, bar, part.name)
            assert same == is_kept, (part.name, bar)


def test_a_part_is_added_to_a_persons_clip_and_the_clip_stays(generator: LoopGenerator) -> None:
    clip = made(generator, band_plan(parts=BAND[:2]))
    tasks = tuple(CellTask(bar, "keys") for bar in range(4))
    plan = replace(band_plan(parts=BAND[:3]), base=clip.parts, tasks=tasks)
    found = made(generator, plan)
    assert found.parts[:2] == clip.parts
    assert found.parts[2].notes


def test_bars_before_the_clip_are_heard_and_not_given_back(generator: LoopGenerator) -> None:
    clip = made(generator, band_plan())
    before = tuple(
        replace(part, notes=tuple(replace(n, start=n.start - 16) for n in part.notes))
        for part in clip.parts
    )
    alone = made(generator, band_plan(seed=3))
    found = made(generator, band_plan(seed=3, base=before))
    assert found.length == 16
    assert all(note.start >= 0 for part in found.parts for note in part.notes)
    assert found.parts != alone.parts


def test_vary_goes_from_the_same_to_something_new(generator: LoopGenerator) -> None:
    plan = band_plan()
    clip = made(generator, plan)
    shares = []
    for vary in (0.0, 0.3, 1.0):
        tasks = (CellTask(bar, part.name, vary) for bar in range(4) for part in plan.parts)
        found = made(generator, refilled(plan, clip, *tasks))
        same = [set(a.notes) & set(b.notes) for a, b in zip(clip.parts, found.parts, strict=True)]
        shares.append(sum(map(len, same)) / clip.note_count)
    assert shares[0] == 1
    assert 0.45 < shares[1] < 0.95
    assert shares[2] < 0.4


def test_a_later_bar_may_be_like_an_earlier_one(generator: LoopGenerator) -> None:
    names = [part.name for part in BAND]
    tasks = [CellTask(bar, name) for bar in range(4) for name in names]
    tasks += [CellTask(bar + 4, name, 0.0, like=bar) for bar in range(4) for name in names]
    found = made(generator, band_plan(bars=8, tasks=tuple(tasks)))
    for name in names:
        for bar in range(4):
            again = [(round(n.start - 16, 6), n.pitch) for n in cell(found, bar + 4, name)]
            assert again == [(round(n.start, 6), n.pitch) for n in cell(found, bar, name)]


def test_strict_chords_sound_on_strong_beats(generator: LoopGenerator) -> None:
    chords = parse_chords("C#:maj7 F#:min E:7,A:maj G#:dim7", Meter(4, 4), 4)
    for seed in range(4):
        plan = band_plan(seed=seed, key=Key.parse("E:maj"), chords=chords, strictness=1.0)
        clip = made(generator, plan)
        for part in clip.parts[1:]:
            for note in part.notes:
                for beat in range(0, 16, 2):
                    if note.start <= beat < note.end - 1e-9:
                        (span,) = (s for s in chords if s.start <= beat < s.end)
                        assert note.pitch % 12 in span.chord.pitches


def test_a_part_that_enters_late_is_silent_before(generator: LoopGenerator) -> None:
    tasks = [CellTask(bar, p.name) for p in BAND for bar in range(4) if p.name != "lead" or bar > 1]
    found = made(generator, band_plan(tasks=tuple(tasks)))
    lead = found.parts[3].notes
    assert lead
    assert all(note.start >= 8 for note in lead)


def test_a_curve_moves_bars(generator: LoopGenerator) -> None:
    wishes = tuple(Wish("Density", str(bar), d) for bar, d in enumerate((3.0, 3.0, 20.0, 20.0)))
    front = back = 0
    for seed in range(5):
        for part in made(generator, band_plan(seed=seed, wishes=wishes)).parts:
            front += sum(note.start < 8 for note in part.notes)
            back += sum(note.start >= 8 for note in part.notes)
    assert back > 1.5 * front


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    wrong = tmp_path / "loops.onnx"
    wrong.write_bytes(b"not a model")
    with pytest.raises(WeightsError, match=r"loops\.onnx does not open as a model"):
        LoopGenerator.open(wrong)


def test_cuda_falls_back_in_words_and_agrees(generator: LoopGenerator) -> None:
    other = LoopGenerator.open(checked("loops"), device="cuda")
    if other.model.device == "cpu":
        assert "no GPU" in other.device_note
    assert made(other, band_plan()).length == made(generator, band_plan()).length


def test_a_part_whose_only_bar_is_refilled_still_sounds(generator: LoopGenerator) -> None:
    clip = made(generator, band_plan())
    only = replace(clip.parts[3], notes=tuple(n for n in clip.parts[3].notes if n.start < 4))
    base = replace(clip, parts=(*clip.parts[:3], only))
    for seed in range(8):
        found = made(generator, refilled(band_plan(), base, CellTask(0, "lead"), seed=seed))
        assert cell(found, 0, "lead")
