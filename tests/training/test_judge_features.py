"""The judge's features, on clips of a few notes whose values are known."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import chain

import pytest

from bandmate.loops.model.tokens import Cell, GridNote, cell_ids, cell_notes, played
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter
from bandmate.music.midifile import read, to_bytes
from judge.band import band
from judge.drums import drums
from judge.features import band_features, features_by_part, part_features
from judge.figures import alike, commonest, cosine, entropy, least, mean, ratio, spread
from judge.harmony import harmony, heard
from judge.piece import Piece, Tone, piece_of, read_piece, snapped
from judge.repeats import is_moved, scale_step

KICK, SNARE, HAT, CRASH, TOM = 36, 38, 42, 49, 45


def part(name: str, *notes: tuple[float, int, float]) -> Part:
    """Return a part of (start in beats, pitch, beats)."""
    return Part(name, 0, tuple(sorted(Note(s, p, d, 90) for s, p, d in notes)))


def piece(*parts: Part, bars: int = 4, meter: str = "4/4") -> Piece:
    time = Meter.parse(meter)
    return piece_of(Clip(parts, bars * time.bar_beats, 100.0, time))


def figures(*notes: tuple[float, int, float], meter: str = "4/4") -> dict[str, float]:
    """Return the features of a lead."""
    return features_by_part(piece(part("lead", *notes), meter=meter))["lead"]


def bars_of(*bars: Sequence[tuple[float, int, float]]) -> list[tuple[float, int, float]]:
    return list(
        chain.from_iterable([(s + 4 * i, p, d) for s, p, d in b] for i, b in enumerate(bars))
    )


MOTIF = [(0.0, 60, 1.0), (1.0, 64, 1.0), (2.0, 67, 2.0)]


def moved(by: int) -> list[tuple[float, int, float]]:
    return [(start, pitch + by, beats) for start, pitch, beats in MOTIF]


def test_a_motif_that_comes_again_and_one_that_moves_with_the_chord() -> None:
    found = figures(*bars_of(MOTIF, moved(5), MOTIF, moved(7)))
    assert found["bars that repeat a rhythm exactly"] == 1
    assert found["bars that repeat a bar exactly"] == pytest.approx(1 / 3)
    assert found["bars that repeat the bar before"] == 0
    assert found["bars moved in semitones"] == 1, "bar 3 is bar 2 moved"
    assert found["bars whose top line is moved"] == 1
    assert found["motifs of 3 that come again exactly"] == pytest.approx(1 / 10)
    assert found["motifs of 3 that come again moved"] == pytest.approx(2 / 10)
    assert found["rhythms of 3 that come again"] == pytest.approx(7 / 10)
    assert found["distinct bar rhythms"] == 1
    assert found["distinct bars"] == 3
    assert found["second half repeats the first in rhythm"] == 1
    assert found["second half repeats the first exactly"] == 0.5


def test_a_motif_moves_along_the_scale() -> None:
    in_d = [(0.0, 62, 1.0), (1.0, 65, 1.0), (2.0, 69, 2.0)]
    found = figures(*bars_of(MOTIF, in_d))
    assert found["bars moved in semitones"] == 0, "C E G and D F A differ in semitones"
    assert found["bars moved along the scale"] == 1
    assert scale_step(62) - scale_step(60) == 1
    assert math.isnan(scale_step(61))
    one, other = [Tone(0, 60, 3)], [Tone(0, 61, 3)]
    assert is_moved(one, other)
    assert not is_moved(one, other, scale_step)
    assert not is_moved(one, one)


def test_bars_are_alike_by_their_onsets() -> None:
    one = [(0.0, 60, 1.0), (1.0, 60, 1.0), (2.0, 60, 1.0)]
    other = [(0.0, 60, 1.0), (1.0, 62, 1.0), (3.0, 60, 1.0)]
    found = figures(*bars_of(one, other, one, one))
    assert found["rhythm alike, bars 1 and 2"] == 0.5
    assert found["notes alike, bars 1 and 2"] == pytest.approx(1 / 5)
    assert found["rhythm alike, bars 3 and 4"] == 1
    assert found["rhythm alike, neighbours"] == pytest.approx(2 / 3)
    assert found["rhythm alike, least"] == 0.5
    assert found["rhythm alike, spread"] == pytest.approx(0.25)


def test_a_rest_of_two_beats() -> None:
    found = figures((0, 60, 1), (3, 62, 1), (4, 64, 12))
    assert found["longest rest"] == 2
    assert found["rests a bar"] == 0.25
    assert found["rests of two beats or more a bar"] == 0.25
    assert found["silent share of time"] == pytest.approx(2 / 16)
    assert found["beats before the first note"] == 0
    assert found["beats after the last note"] == 0
    assert found["bars without an onset"] == 0.5


def test_octaves_are_doubled_within_a_part_and_between_two() -> None:
    found = figures((0, 60, 1), (0, 72, 1), (1, 60, 1), (1, 64, 1), (2, 67, 1))
    assert found["notes doubled at the octave"] == 0.5
    assert found["chords with an octave"] == 0.5
    assert found["chord span"] == 8
    assert found["chord span, spread"] == 4
    assert found["onsets of two notes"] == pytest.approx(2 / 3)
    assert found["thirds within chords"] == 0.5
    two = band(piece(part("bass", (0, 36, 1), (1, 40, 1)), part("keys", (0, 60, 1), (1, 65, 1))))
    assert two["two parts in octaves"] == 0.5
    assert two["half steps between parts"] == 0.5
    assert two["two parts in unison"] == 0


def test_voices_move_from_chord_to_chord() -> None:
    c, f = [(0, p, 1) for p in (60, 64, 67)], [(1, p, 1) for p in (60, 65, 69)]
    found = figures(*c, *f, *[(2, p, 1) for p in (62, 67, 71)])
    assert found["voice movement"] == pytest.approx((1 + 2) / 2)
    assert found["voices that stay"] == pytest.approx((1 / 3 + 0) / 2)
    assert found["all voices the same way"] == 0.5
    assert found["chords moved as a whole"] == 0.5
    assert found["chords struck again"] == 0


def test_intervals_and_contour_of_the_top_line() -> None:
    found = figures(*((i, pitch, 1) for i, pitch in enumerate((60, 62, 64, 60, 72, 72))))
    assert found["whole steps"] == pytest.approx(2 / 5)
    assert found["octaves"] == found["same pitch again"] == found["thirds"] == pytest.approx(1 / 5)
    assert found["mean interval"] == pytest.approx((2 + 2 + 4 + 12 + 0) / 5)
    assert found["moves upwards"] == 0.75
    assert found["turns of direction"] == pytest.approx(2 / 3)
    assert found["longest run one way"] == 2
    assert found["last above first"] == 12
    assert found["pitch range"] == 12


def test_notes_outside_the_key() -> None:
    found = figures((0, 60, 1), (1, 61, 1), (2, 62, 1), (3, 66, 1))
    assert found["notes in key"] == 0.5
    assert found["foreign notes left by half step"] == 1
    assert found["time on F#"] == 0.25
    assert found["bars with foreign notes"] == 1


def test_a_crash_on_bar_1_and_a_fill_in_the_last_half_bar() -> None:
    beat = [
        (0, KICK, 0.1),
        (0, HAT, 0.1),
        (1, SNARE, 0.1),
        (1, HAT, 0.1),
        (2, KICK, 0.1),
        (3, SNARE, 0.1),
    ]
    fill = [(14 + i / 4, TOM, 0.1) for i in range(8)]
    hits = [*bars_of(beat, beat, beat, [x for x in beat if x[0] < 2]), (0.0, CRASH, 0.1), *fill]
    found = features_by_part(piece(part("drums", *hits)))["drums"]
    assert found["crash on bar 1"] == 1
    assert found["crash on bar 3"] == 0
    assert found["bars with a crash"] == 0.25
    assert found["kick on downbeats"] == 1
    assert found["snare on backbeats"] == 1
    assert found["kick in slot 9 of 16"] == 0.75
    assert found["toms in the last half bar"] == 8
    assert found["toms elsewhere a bar"] == 0
    assert found["onsets in the last half bar over the others"] == 4
    assert found["crashes with a kick"] == 1
    assert found["last bar stands out"] > 0.3
    assert found["bars that repeat a bar exactly"] == pytest.approx(1 / 3), "bar 1 has the crash"


def test_bass_goes_with_the_kick() -> None:
    kick = part("drums", (0, KICK, 0.1), (2, KICK, 0.1), (4, KICK, 0.1))
    found = band(piece(kick, part("bass", (0, 36, 1), (2, 36, 1), (3, 36, 1))))
    assert found["bass on the kick"] == pytest.approx(2 / 3)
    assert found["kick with the bass"] == pytest.approx(2 / 3)
    assert found["bass and kick alike"] == 0.5
    assert found["onsets of all parts"] == 0.5
    assert found["cells empty"] == pytest.approx(5 / 8)


def test_registers_lie_apart() -> None:
    found = band(
        piece(part("bass", (0, 36, 1)), part("keys", (0, 60, 1)), part("lead", (0, 72, 1)))
    )
    assert found["register gap, lowest two parts"] == 24
    assert found["register gap, highest two parts"] == 12
    assert found["lowest part stays under the next"] == 1
    assert found["register overlap, most"] == 0


def test_chords_are_heard_half_bar_by_half_bar() -> None:
    c, g7 = (60, 64, 67), (55, 59, 62, 65)
    notes = [(0, p, 2) for p in c] + [(2, p, 2) for p in g7]
    found = harmony(piece(part("keys", *notes)))
    assert found["heard as major"] == found["heard as seventh"] == 0.5
    assert found["roots by fourth or fifth"] == 1
    assert found["lowest note is the root"] == 1
    assert found["time in key"] == 1
    assert found["clearness of chords"] == pytest.approx(1)
    assert heard([0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0])[:2] == (2, "minor")


@pytest.mark.parametrize(
    ("meter", "slot"), [("4/4", 5), ("3/4", 6), ("6/8", 6), ("7/8", 5), ("5/4", 4)]
)
def test_every_meter_has_sixteen_slots(meter: str, slot: int) -> None:
    time = Meter.parse(meter)
    notes = [(bar * time.bar_beats + start, 60, 0.5) for bar in range(4) for start in (0.0, 1.0)]
    found = figures(*notes, meter=meter)
    assert found["onsets in slot 1 of 16"] == found[f"onsets in slot {slot} of 16"] == 0.5
    assert found["downbeats struck"] == 1
    assert found["bars that repeat the bar before"] == 1


def test_there_are_more_than_three_hundred_features_each_with_a_name_of_its_own() -> None:
    full = piece(
        part("drums", (0, KICK, 0.1), (1, SNARE, 0.1), (2, HAT, 0.1)),
        part("bass", (0, 36, 1), (4, 40, 1)),
        part("keys", (0, 60, 1), (0, 64, 1), (1, 65, 1)),
    )
    by_part = features_by_part(full)
    names = {*by_part["drums"], *by_part["keys"], *band(full), *harmony(full)}
    assert len(names) >= 300
    whole = band_features(full, by_part)
    assert {"bass: notes a bar", "drums: crash on bar 1", "notes a bar"} <= whole.keys()


def test_a_part_of_one_note_and_a_band_of_one_part_are_measured() -> None:
    alone = piece(part("lead", (0, 60, 1)))
    assert part_features(alone.pitched["lead"], False)["notes a bar"] == 0.25
    assert math.isnan(band(alone)["register gap, mean"])
    hat = piece(part("drums", (15, HAT, 0.1)))
    assert drums(hat.drums)["kick on downbeats"] == 0
    assert math.isnan(harmony(hat)["clearness of chords"])


def test_velocity_feel_and_how_long_drums_last_are_not_read() -> None:
    plain = Clip(
        (Part("drums", 0, (Note(0, KICK, 0.25, 90),)), Part("keys", 0, (Note(1, 60, 1, 40),))), 16.0
    )
    felt = Clip(
        (
            Part("drums", 5, (Note(0.01, KICK, 0.03, 17),)),
            Part("keys", 4, (Note(0.98, 60, 1.02, 120),)),
        ),
        16.0, 133.0,
    )  # fmt: skip
    assert piece_of(plain).parts == piece_of(felt).parts


def test_only_sixteenths_and_triplets_are_told_apart() -> None:
    assert [snapped(step, 48) for step in range(13)] == [0, 0, 3, 3, 4, 6, 6, 6, 8, 9, 9, 12, 12]
    assert snapped(47, 48) == 45, "the last sixteenth, not the bar that is not there"


def test_a_file_gives_the_same_features() -> None:
    notes = [(0, 60, 0.5), (0, 64, 1.5), (1 / 3, 67, 1 / 3), (2.25, 60, 9), (15.75, 72, 4)]
    clip = Clip((part("keys", *notes), part("drums", (0, KICK, 0.1), (15.75, CRASH, 2))), 16.0)
    once = piece_of(clip)
    again = read_piece(to_bytes(read(to_bytes(clip))))
    assert again == once
    assert once.bars == 4
    first, second = (str(band_features(p, features_by_part(p))) for p in (once, again))
    assert first == second


def test_the_spelling_of_the_model_gives_nothing_away() -> None:
    rng = random.Random(4)
    cells: dict[Cell, list[GridNote]] = {}
    for bar in range(4):
        for name, low in (("drums", 35), ("keys", 50)):
            notes = {(rng.randrange(48), low + rng.randrange(9)) for _ in range(9)}
            cells[bar, name] = [
                GridNote(step, pitch, rng.randrange(1, 90), rng.randrange(8))
                for step, pitch in sorted(notes)
            ]
    spelled = {
        cell: cell_notes(cell_ids(notes, cell[1] == "drums")) for cell, notes in cells.items()
    }

    def read_of(found: dict[Cell, list[GridNote]]) -> Piece:
        parts = []
        for name in ("drums", "keys"):
            moved = [n._replace(step=48 * b + n.step) for b in range(4) for n in found[b, name]]
            parts.append(Part(name, 0, played(moved, 0)))
        return piece_of(Clip(tuple(parts), 16.0))

    assert read_of(spelled) == read_of(cells)


def test_sums() -> None:
    assert mean([1, math.nan, 3]) == 2
    assert spread([1, 3]) == 1
    assert least([math.nan, 2]) == 2
    assert math.isnan(mean([]))
    assert math.isnan(ratio(1, 0))
    assert entropy("aabb") == 1
    assert commonest("aab") == pytest.approx(2 / 3)
    assert alike({1, 2}, {2, 3}) == pytest.approx(1 / 3)
    assert math.isnan(alike(set(), set()))
    assert cosine([1, 0], [1, 0]) == 1
