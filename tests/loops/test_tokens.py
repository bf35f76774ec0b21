"""Notes on the grid, cells and prompts, there and back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokens import (  # fmt: skip
    GridNote,
    Sheet,
    cell_ids,
    cell_notes,
    chord_slots,
    duration_index,
    gridded,
    header_ids,
    played,
    prompt_ids,
    slotted,
    tempo_bin,
)
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Note
from bandmate.music.meter import Meter


def names(ids: list[int]) -> list[str]:
    return [v.NAMES[i] for i in ids]


def test_an_onset_says_its_velocity_once_and_pitches_share_a_duration() -> None:
    chord = [GridNote(0, p, 12, 5) for p in (60, 64, 67)] + [GridNote(6, 72, 6, 6)]
    assert names(cell_ids(chord, is_drums=False)) == [
        "On_0.5", "Pitch_60", "Pitch_64", "Pitch_67", "Duration_12",
        "On_6.6", "Pitch_72", "Duration_6",
    ]  # fmt: skip


def test_drums_say_pitches_only_and_every_velocity_of_an_onset() -> None:
    beat = [GridNote(0, 36, 3, 7), GridNote(0, 42, 3, 4), GridNote(3, 42, 3, 4)]
    assert names(cell_ids(beat, is_drums=True)) == [
        "On_0.7", "Drum_36", "On_0.4", "Drum_42", "On_3.4", "Drum_42",
    ]  # fmt: skip


grid_notes = st.lists(
    st.builds(
        GridNote,
        st.integers(0, v.MAX_BAR_STEPS - 1),
        st.integers(0, 127),
        st.sampled_from(v.DURATIONS),
        st.just(5),
    ),
    unique_by=lambda note: (note.step, note.pitch),
)


@given(grid_notes)
def test_pitched_cells_read_back(notes: list[GridNote]) -> None:
    assert sorted(cell_notes(cell_ids(notes, is_drums=False))) == sorted(notes)


@given(
    st.lists(
        st.builds(
            GridNote,
            st.integers(0, 83),
            st.integers(v.DRUM_LOW, v.DRUM_HIGH),
            st.just(3),
            st.integers(0, 7),
        ),
        unique_by=lambda note: (note.step, note.pitch),
    )
)
def test_drum_cells_read_back_with_every_velocity(notes: list[GridNote]) -> None:
    assert sorted(cell_notes(cell_ids(notes, is_drums=True))) == sorted(notes)


def test_the_grid_takes_the_nearest_step_and_cuts_overlaps() -> None:
    notes = [Note(0.01, 60, 2.0, 100), Note(1.0, 60, 1.0, 100), Note(0.34, 64, 0.01, 1)]
    assert gridded(notes, is_drums=False) == [
        GridNote(0, 60, 12, 6), GridNote(4, 64, 1, 0), GridNote(12, 60, 12, 6),
    ]  # fmt: skip


def test_played_notes_move_to_the_key_and_come_back_in_beats() -> None:
    assert played([GridNote(6, 60, 18, 6)], shift=-3) == (Note(0.5, 57, 1.5, 104),)


def test_every_duration_is_nearest_to_itself() -> None:
    assert [v.DURATIONS[duration_index(steps)] for steps in v.DURATIONS] == list(v.DURATIONS)


def test_chords_change_on_beats_or_on_the_pulses_of_eights() -> None:
    assert chord_slots(Meter(4, 4)) == (0.0, 1.0, 2.0, 3.0)
    assert chord_slots(Meter(6, 8)) == (0.0, 1.5)
    assert chord_slots(Meter(7, 8)) == (0.0, 1.0, 2.0)


def test_chords_fill_slots_and_hold() -> None:
    a, d = Chord.parse("A:min"), Chord.parse("D:min")
    spans = [ChordSpan(0, 6, a), ChordSpan(6, 8, d)]
    assert slotted(spans, Meter(4, 4), 2) == {0: [a, None, None, None], 1: [None, None, d, None]}


def test_tempo_bins_rise_from_slow_to_fast() -> None:
    bins = [tempo_bin(tempo) for tempo in (20, 40, 60, 90, 120, 180, 240, 400)]
    assert bins == sorted(bins)
    assert bins[0] == 0
    assert bins[-1] == v.TEMPO_BINS - 1


def test_a_prompt_says_plan_chords_fields_and_kept_cells() -> None:
    sheet = Sheet(
        meter=Meter(4, 4),
        parts={"drums": 0, "bass": None},
        writes=((0, "bass"),),
        kept={(0, "drums"): [GridNote(0, 36, 3, 7)]},
        tempo=120,
        mode="min",
        genre="funk",
        bars=1,
        chords={0: [Chord.parse("A:min7/b3"), None, None, None]},
        fields={("Density", "All"): 8, ("Pitch", "bass"): 3, ("Velocity", "0"): 20},
    )
    assert names(prompt_ids(sheet)) == [
        "Begin_0", "Meter_4/4", "Tempo_19", "Mode_min", "Genre_funk", "Bars_1", "DensityAll_8",
        "Part_drums", "Program_0", "Part_bass", "PitchPart_3",
        "Slots_0", "VelocityBar_20",
        "Root_9", "Quality_min7", "Bass_0", "Hold_0", "Hold_0", "Hold_0",
        "Kept_0", "Bar_0", "Cell_drums", "On_0.7", "Drum_36", "Write_0",
    ]  # fmt: skip
    assert names(header_ids(None, (0, "bass"))) == ["Bar_0", "Cell_bass"]
    assert names(header_ids((0, "drums"), (0, "bass"))) == ["Cell_bass"]


def test_every_field_has_tokens_for_the_whole_each_part_and_each_bar() -> None:
    for field in ("Density", "Pitch", "Register", "Velocity", "Duration", "Polyphony", "Swing"):
        for scope in ("All", "Part", "Bar"):
            assert all(f"{field}{scope}_{i}" in v.IDS for i in range(32))
    assert len(v.IDS) == len(v.NAMES)
    assert max(v.IDS[f"Duration_{d}"] for d in v.DURATIONS) < v.MUSIC_SIZE <= 1024
