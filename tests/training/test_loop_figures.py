"""The figures of the loop evaluation, on small sets whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from adherence import Adherence
from asking import Row, exactness, figures, rows_of, within_loops
from bandmate.loops.bars import Bar, clip_of
from bandmate.loops.model.tokens import Cell, GridNote
from bandmate.loops.plan import CellTask, LoopPlan, PlannedPart, Wish
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from copying import bars_of_loop, bars_of_song, parts_alone, prints_of
from likeness import bars_alike, classes_alike, correlation, rhythm_alike, sections_alike
from prdc import prdc
from samples import Window, window_of
from songs import Song
from studio import (
    cells_of,
    faults_of,
    plan_for,
    spans_of,
    validation_windows,
    values_of,
    wishes_of,
)

FOUR = Meter(4, 4)


def song(path: str = "x.mid", bars: int = 12, mode: str | None = "min") -> Song:
    bass = {bar: [(0, 33, 12, 5), (24, 36 + bar % 2, 24, 6)] for bar in range(bars)}
    drums = {bar: [(0, 36, 3, 7), (12, 38, 3, 6)] for bar in range(bars)}
    return Song(
        path=path, work=path, source="mma_arranged", split="valid", meter=FOUR, tempo=96.0,
        genre="funk", mode=mode, bars=bars, programs={"bass": 33, "drums": 0},
        cells={"bass": bass, "drums": drums},
        chords={bar: [(0, "A:min"), None, (0, "F:maj"), None] for bar in range(bars)},
        are_chords_heard=False, sections=["verse"] * bars,
    )  # fmt: skip


def window() -> Window:
    found = window_of(song(), 0, 4)
    assert found is not None
    return found


def grid(*notes: tuple[int, int]) -> list[GridNote]:
    return [GridNote(step, pitch, 12, 4) for step, pitch in notes]


def normal(count: int, middle: float = 0.0, width: float = 1.0) -> list[list[float]]:
    rng = np.random.default_rng(int(count + 100 * middle + 10 * width))
    return [[*map(float, row), 7.0] for row in rng.normal(middle, width, (count, 4))]


def test_like_sets_reach_full_prdc_and_strange_ones_nothing() -> None:
    real = normal(300)
    same = prdc(real, normal(299))
    assert same["density"] == pytest.approx(1, abs=0.2)
    assert same["coverage"] > 0.9
    assert same["precision"] > 0.9
    assert prdc(real, normal(300, 20.0)) == {
        "precision": 0, "recall": 0, "density": 0, "coverage": 0
    }  # fmt: skip


def test_a_set_that_plays_it_safe_is_dense_but_does_not_cover() -> None:
    narrow = prdc(normal(300), normal(300, 0.0, 0.1))
    assert narrow["density"] > 1.1
    assert narrow["coverage"] < 0.7
    assert narrow["recall"] < 0.2


def test_prdc_does_not_ask_how_large_a_unit_is() -> None:
    real, made = normal(60), normal(61, 0.5)
    scaled = [[[row[0] * 1000, *row[1:]] for row in rows] for rows in (real, made)]
    assert prdc(scaled[0], scaled[1]) == pytest.approx(prdc(real, made))


def test_correlation_is_pearsons_and_nothing_where_nothing_varies() -> None:
    assert correlation([1, 2, 3], [2, 4, 6]) == pytest.approx(1)
    assert correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert correlation([1, 1, 1], [1, 2, 3]) == 0
    assert correlation([1], [1]) == 0


def test_cells_are_alike_in_rhythm_and_in_pitch_classes() -> None:
    one = grid((0, 60), (12, 64), (24, 67))
    assert rhythm_alike(one, grid((0, 50), (12, 50), (36, 50)), is_drums=False) == 0.5
    assert rhythm_alike(one, grid((0, 60), (12, 65)), is_drums=True) == 0.25
    assert rhythm_alike([], [], is_drums=False) == 1
    assert classes_alike(one, grid((6, 72), (7, 76), (8, 79))) == pytest.approx(1)
    assert classes_alike(one, grid((0, 61))) == 0
    assert classes_alike(one, []) == 0


def test_sections_are_alike_bar_for_bar_over_parts_that_sound() -> None:
    cells: dict[Cell, list[GridNote]] = {
        (0, "bass"): grid((0, 33)), (1, "bass"): grid((0, 38)),
        (2, "bass"): grid((0, 33)), (3, "bass"): grid((12, 38)),
        (0, "drums"): grid((0, 36)), (2, "drums"): grid((0, 36)),
    }  # fmt: skip
    assert bars_alike(cells, ["bass", "drums", "lead"], 0, 2) == (1, 1)
    assert bars_alike(cells, ["bass", "drums"], 0, 1) == (0.5, 0)
    assert sections_alike(cells, ["bass", "drums"], 0, 2, 2) == (0.5, 1)


def test_chord_tones_are_counted_on_strong_beats_held_notes_too() -> None:
    cells: dict[Cell, list[GridNote]] = {
        (0, "keys"): [GridNote(0, 60, 48, 4), GridNote(12, 62, 6, 4), GridNote(24, 66, 6, 4)],
        (0, "bass"): [GridNote(0, 36, 12, 4), GridNote(24, 41, 12, 4)],
        (0, "drums"): grid((0, 36)),
    }
    chords = (ChordSpan(0, 2, Chord.parse("C:maj")), ChordSpan(2, 4, Chord.parse("F:maj")))
    heard = Adherence()
    heard.hear(cells, FOUR, chords, Key(0))
    assert heard.of("keys") == (2, 3), "C on 1, C held over 3, F sharp on 3; D is off the beat"
    assert heard.of("bass") == (2, 2)
    assert heard.of("in key") == (4, 5)
    assert heard.of("bass on the root where chords change") == (2, 2)
    assert heard.of("time in the chord") == (72, 84)
    assert heard.report(least=4)["in key"] == 0.8
    assert "keys" not in heard.report(least=4)


def test_without_a_chord_only_the_key_is_heard() -> None:
    heard = Adherence()
    heard.hear({(0, "keys"): grid((0, 61))}, FOUR, (ChordSpan(0, 4, Chord.parse("N")),), Key(0))
    assert heard.of("keys") == (0, 0)
    assert heard.of("in key") == (0, 1)


def test_bars_are_known_again_in_another_key_but_not_with_another_note() -> None:
    known = set(prints_of(bars_of_song(song())))
    cells = window().sounding()
    moved = {
        cell: [note._replace(pitch=note.pitch + 5, steps=1) for note in notes]
        for cell, notes in cells.items()
    }
    assert prints_of(bars_of_loop(cells, 4)) == [], "two bass notes say too little"
    rich: dict[Cell, list[GridNote]] = {
        (0, "keys"): grid((0, 60), (12, 64), (24, 67), (36, 72)), (0, "drums"): grid((0, 36)),
        (1, "keys"): grid((0, 55), (12, 59), (24, 62), (36, 67)),
        (2, "keys"): grid((0, 55), (12, 58), (24, 62), (36, 67)),
    }  # fmt: skip
    first, second, third = prints_of(bars_of_loop(rich, 4))
    assert first == second != third
    assert known == set()
    assert len(prints_of(parts_alone(bars_of_loop(rich, 4)))) == 3
    assert prints_of(bars_of_loop(moved, 4)) == []


def test_windows_come_from_songs_in_turns_and_never_twice() -> None:
    songs = [song("a.mid", 12), song("b.mid", 20)]
    found = [(w.song.path, w.start) for w in validation_windows(songs, 3)]
    assert len(set(found)) == len(found) == 3 + 5
    assert [path for path, _ in found[:6]] == ["a.mid", "b.mid"] * 3


def test_a_plan_says_what_is_true_of_its_window() -> None:
    plan = plan_for(window(), 5, wishes=wishes_of(window(), ["Pitch", "Density"]))
    assert (plan.bars, plan.tempo, plan.meter, plan.genre, plan.seed) == (4, 96.0, FOUR, "funk", 5)
    assert str(plan.key) == "A:min"
    assert [part.name for part in plan.parts] == ["drums", "bass"]
    assert [str(span.chord) for span in plan.chords[:2]] == ["A:min", "F:maj"]
    assert [(s.start, s.end) for s in plan.chords[-2:]] == [(12, 14), (14, 16)]
    assert plan.strictness == 0.5
    assert plan.wishes == (Wish("Density", "All", 3.0), Wish("Pitch", "All", 34.75))
    unlabelled = window_of(song("u.mid", mode=None), 0, 4)
    assert unlabelled is not None
    assert str(plan_for(unlabelled, 0).key) in ("A:min", "C:maj")


def test_wishes_keep_to_their_scope() -> None:
    assert {w.subject for w in wishes_of(window(), ["Density"], "Part")} == {"bass", "drums"}
    assert [w.subject for w in wishes_of(window(), ["Density"], "Bar")] == ["0", "1", "2", "3"]


def test_chords_are_laid_from_change_to_change() -> None:
    c, n = Chord.parse("C:maj"), Chord.parse("N")
    spans = spans_of({0: [None, c, None, None], 1: [n, None, None, None]}, FOUR, 2)
    assert spans == (ChordSpan(1, 4, c), ChordSpan(4, 8, n))


PARTS = (PlannedPart("lead", 81), PlannedPart("drums", 0))


def plan(**changes: object) -> LoopPlan:
    said: dict[str, object] = {
        "bars": 2, "tempo": 100.0, "meter": FOUR, "key": Key(0), "parts": PARTS, "seed": 1
    }  # fmt: skip
    return LoopPlan(**{**said, **changes})  # type: ignore[arg-type]


def clip(*lead: Note) -> Clip:
    drums = (Note(0, 36, 0.25, 101),)
    return clip_of(plan(), [Bar(0, (Part("lead", 81, lead), Part("drums", 0, drums)))])


def test_a_clip_is_measured_by_cells_with_its_own_velocities() -> None:
    heard = clip(Note(0, 60, 1, 61), Note(4, 64, 3, 65))
    assert set(cells_of(heard)) == {(0, "lead"), (1, "lead"), (0, "drums")}
    values = values_of(heard)
    assert values["Velocity", "lead"] == 63
    assert values["Velocity", "All"] == pytest.approx(227 / 3)
    assert values["Velocity", "1"] == 65
    assert values["Pitch", "All"] == 62
    assert values["Duration", "All"] == 2
    assert values["Density", "All"] == 1


def test_errors_and_bins_are_those_of_the_field() -> None:
    rows = [
        Row(Wish("Pitch", "All", 60.0), 61.0, 60.0),
        Row(Wish("Pitch", "All", 70.0), 75.0, 71.5),
    ]
    found = figures(rows)
    assert found["asks"] == 2
    assert found["off"] == 3
    assert found["off, mended"] == 0.75
    assert (found["in its bin"], found["within a bin"]) == (0.5, 0.5)
    assert found["within a bin, mended"] == 1
    held = figures([Row(Wish("Duration", "All", 2.0), 2.5, 1.0)])
    assert (held["off"], held["off, mended"]) == (25, 50)
    assert (held["within a bin"], held["within a bin, mended"]) == (0, 0)


def test_a_curve_counts_by_its_shape_within_each_loop() -> None:
    def loop(level: float, *came: float) -> list[Row]:
        return [Row(Wish("Density", str(i), level + i), value, 5.0) for i, value in enumerate(came)]

    found = within_loops([loop(3, 20, 21, 22), loop(30, 4, 5, 6)])
    assert found["correlation within loops"] == 1, "the levels themselves were missed"
    assert found["correlation within loops, mended"] == 0


def test_wishes_for_what_does_not_sound_are_not_held_against_a_clip() -> None:
    heard = clip(Note(0, 60, 1, 80))
    wishes = (Wish("Pitch", "lead", 62.0), Wish("Pitch", "drums", 40.0))
    assert rows_of(wishes, heard, heard) == [Row(wishes[0], 60.0, 60.0)]


def test_facts_are_read_from_the_midi_file() -> None:
    heard = clip(Note(0, 60, 1, 80))
    assert set(exactness(plan(), heard).values()) == {1.0}
    other = plan(tempo=101.0, key=Key(9, "min"), bars=3, parts=(*PARTS, PlannedPart("bass", 33)))
    found = exactness(other, heard)
    assert found["parts Jaccard"] == pytest.approx(2 / 3)
    assert (found["tempo"], found["key"], found["length"], found["meter"]) == (0, 0, 0, 1)


def test_every_fault_of_a_clip_is_told() -> None:
    assert faults_of(clip(Note(0, 60, 1, 80)), plan()) == []
    assert faults_of(clip(), plan()) == ["empty part"]
    assert faults_of(clip(Note(0, 60, 1, 80)), plan(bars=3)) == ["wrong length"]
    kept = plan(tasks=(CellTask(0, "drums"),))
    assert faults_of(clip(), kept) == [], "a lead that was not asked may be silent"
    bad = Part("lead", 81, (Note(0, 60, 2, 80), Note(1, 60, 9, 80)))
    broken = Clip((bad, Part("drums", 0, (Note(0, 36, 1, 80),))), 8.0)
    assert faults_of(broken, plan()) == ["hanging note", "one pitch twice at once"]
