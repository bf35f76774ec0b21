"""Loops from the shipped model: what was asked is what comes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.errors import Cancelled, WeightsError
from bandmate.loops.bars import clip_of
from bandmate.loops.controls import LoopPlan, PlannedPart
from bandmate.loops.generate import LoopGenerator
from bandmate.music.clip import Clip, transposed
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.midifile import read, to_bytes
from bandmate.weights import checked
from loops.plans import band_plan, random_plan

LOOPS = 200


@pytest.fixture(scope="module")
def generator() -> LoopGenerator:
    return LoopGenerator.open(checked("loops"))


def made(generator: LoopGenerator, plan: LoopPlan) -> Clip:
    return clip_of(plan, generator.bars(plan))


def test_two_hundred_random_asks_keep_every_promise(generator: LoopGenerator) -> None:
    rng = random.Random(2026)
    inside = pitched = 0
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
        if not plan.parts[0].name.startswith("drums"):
            assert read(to_bytes(clip)).length == clip.length
    assert inside / pitched >= 0.95
    assert inside == pitched, "with in_key the masks leave no way out"


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
    wild = {"temperature": 2.0, "top_p": 1.0, "density": 48.0, "energy": 5}
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
        return sum(made(generator, band_plan(seed=s, density=density)).note_count for s in range(6))

    assert notes(24.0) > notes(3.0)


def test_without_the_scale_mask_other_notes_may_come(generator: LoopGenerator) -> None:
    plan = replace(band_plan(), in_key=False, temperature=1.5, top_p=1.0)
    clips = [made(generator, replace(plan, seed=seed)) for seed in range(3)]
    outside = [
        note for clip in clips for part in clip.parts if not part.is_drums
        for note in part.notes if not is_inside(clip, note.start, note.pitch)
    ]  # fmt: skip
    assert outside


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
