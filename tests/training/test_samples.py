"""Songs become training sequences that say what is told and read back as what is asked."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokens import cell_notes, sequence_ids
from bandmate.music.meter import Meter
from ngram import Ngram
from samples import FULL, LONGEST, Sampler, Telling, augmented, sheet_of, window_of
from songs import Song


def song(bars: int = 12) -> Song:
    """Return a song whose bass changes from bar to bar and whose last note of a bar is held."""
    bass = {bar: [(0, 33 + bar, 12, 5), (36, 40, 24, 6)] for bar in range(bars)}
    drums = {bar: [(0, 36, 3, 7), (12, 38, 3, 6)] for bar in range(0, bars, 2)}
    return Song(
        path="x.mid", work="x", source="mma_arranged", split="train", meter=Meter(4, 4), tempo=96.0,
        genre="funk", mode="min", bars=bars, programs={"bass": 33, "drums": 0},
        cells={"bass": bass, "drums": drums},
        chords={bar: [(0, "A:min"), None, None, None] for bar in range(bars)},
        are_chords_heard=False, sections=["verse"] * bars,
    )  # fmt: skip


def names(ids: list[int]) -> list[str]:
    return [v.NAMES[i] for i in ids]


def test_a_window_cuts_held_notes_at_its_end_and_knows_its_neighbours() -> None:
    window = window_of(song(), 4, 2, around=4)
    assert window is not None
    assert min(bar for bar, _ in window.cells) == -4
    assert max(bar for bar, _ in window.cells) == 5
    assert [note.steps for note in window.cells[0, "bass"]] == [12, 24], "held into bar 1"
    assert [note.steps for note in window.cells[1, "bass"]] == [12, 12], "cut at the loop's end"
    assert [note.steps for note in window.cells[-1, "bass"]] == [12, 12], "cut where writing starts"


def test_a_sequence_tells_everything_and_holds_every_cell() -> None:
    window = window_of(song(), 0, 2)
    assert window is not None
    sheet = sheet_of(window, FULL, random.Random(0), {})
    said = names(sequence_ids(sheet, window.cells))
    told = said[: said.index("Write_0")]
    for word in ("Meter_4/4", "Mode_min", "Genre_funk", "Section_verse", "Bars_2", "Part_bass"):
        assert word in told
    assert told.count("Root_9") == 1, "the chord is held, not said again"
    assert said[-1] == "End_0"
    assert [w for w in said if w.startswith(("Bar_", "Cell_"))] == [
        "Bar_0", "Cell_drums", "Cell_bass", "Bar_1", "Cell_drums", "Cell_bass",
    ]  # fmt: skip


def test_kept_cells_stand_in_the_prompt_and_are_not_asked() -> None:
    window = window_of(song(), 0, 2)
    assert window is not None
    kept = {(0, "drums"): window.cells[0, "drums"]}
    said = names(sequence_ids(sheet_of(window, FULL, random.Random(0), kept), window.cells))
    prompt, music = said[: said.index("Write_0")], said[said.index("Write_0") :]
    assert "Drum_36" in prompt[prompt.index("Kept_0") :]
    assert "Drum_36" not in music


def test_every_drawn_sequence_reads_back_as_cells() -> None:
    sampler = Sampler([song(), song(5)], {"mma_arranged": 1.0}, seed=3)
    for _ in range(200):
        ids = sampler.draw(Telling())
        assert len(ids) <= LONGEST
        assert ids[0] == v.BEGIN
        assert ids[-1] == v.END
        music = ids[ids.index(v.WRITE) + 1 : -1]
        cells: list[list[int]] = []
        for token in music:
            if token in v.CELL.values():
                cells.append([])
            elif token >= v.ON:
                cells[-1].append(token)
        assert all(note.steps >= 1 for cell in cells for note in cell_notes(cell))


def test_a_part_that_waits_is_mostly_left_out_and_never_the_only_one() -> None:
    waiting = song()
    waiting.cells["drums"] = {3: waiting.cells["drums"][0]}
    window = window_of(waiting, 0, 4)
    assert window is not None
    kept = [set(augmented(window, random.Random(seed)).parts) for seed in range(100)]
    assert all(kept)
    assert 0 < sum("drums" in parts for parts in kept) < 30
    alone = window_of(waiting, 3, 1)
    assert alone is not None and set(augmented(alone, random.Random(0)).parts) <= {"bass", "drums"}


def test_parts_of_the_bars_around_are_not_written_as_silence() -> None:
    early = song()
    early.cells["drums"] = {0: early.cells["drums"][0]}
    window = window_of(early, 4, 4, around=4)
    assert window is not None
    assert set(window.parts) == {"bass"}
    assert {part for _, part in window.cells} == {"bass"}


def test_registers_say_where_most_notes_of_a_part_lie() -> None:
    window = window_of(song(1), 0, 1)
    assert window is not None
    sure = replace(FULL, registers=1, register_part=1)
    assert sheet_of(window, sure, random.Random(0), {}).registers == {"bass": (33, 40)}
    said = names(sequence_ids(sheet_of(window, sure, random.Random(0), {}), window.cells))
    at = said.index("Part_bass")
    assert said[at : at + 4] == ["Part_bass", "Program_33", "Low_5", "High_7"]


def test_a_sample_without_guidance_tells_no_style_at_all() -> None:
    window = window_of(song(), 0, 4)
    assert window is not None
    telling = replace(FULL, energy=1, any_field=1, field_all=1, unguided=1)
    said = names(sequence_ids(sheet_of(window, telling, random.Random(0), {}), window.cells))
    style = ("Genre", "Mode", "Section", "Energy", "Density", "Pitch")
    assert not [word for word in said[: said.index("Write_0")] if word.startswith(style)]
    assert "Root_9" in said


def test_an_unknown_sound_is_a_role_without_program() -> None:
    unknown = song()
    unknown.programs["bass"] = None
    window = window_of(unknown, 0, 4)
    assert window is not None
    for seed in range(20):
        changed = augmented(window, random.Random(seed))
        said = names(sequence_ids(sheet_of(changed, FULL, random.Random(0), {}), changed.cells))
        assert not [word for word in said if word.startswith("Program_") and word != "Program_0"]


def test_the_same_seed_draws_the_same() -> None:
    one, other = (Sampler([song()], {"mma_arranged": 1.0}, seed=5) for _ in range(2))
    assert [one.draw(Telling()) for _ in range(20)] == [other.draw(Telling()) for _ in range(20)]


def test_an_ngram_shares_one_among_all_tokens_and_learns() -> None:
    ngram = Ngram(3)
    for _ in range(5):
        ngram.learn([1, 2, 3, 1, 2, 3])
    shares = [2.718281828 ** -(ngram.loss([1, 2, t]) - ngram.loss([1, 2])) for t in range(962)]
    assert sum(shares) == pytest.approx(1, abs=1e-6)
    assert shares[3] > 0.9
