"""Off-beats between even and triplet."""

from __future__ import annotations

import pytest

from bandmate.loops.performance.feel import felt
from bandmate.loops.performance.swing import swings_sixteenths
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter


def clip_at(*starts: float, meter: str = "4/4", pitch: int = 60) -> Clip:
    """Return a bar with short notes at *starts*."""
    notes = tuple(Note(start, pitch + i, 1 / 24, 80) for i, start in enumerate(starts))
    parsed = Meter.parse(meter)
    return Clip((Part("keys", 0, notes),), parsed.bar_beats, 120.0, parsed)


def starts(clip: Clip) -> list[float]:
    return [note.start for note in clip.parts[0].notes]


THIRD = 1 / 3
ROWS = [
    # written, swing, played
    ([0, 0.5, 1, 1.5], 1.0, [0, 2 * THIRD, 1, 1 + 2 * THIRD]),
    ([0, 0.5, 1, 1.5], 0.5, [0, 7 / 12, 1, 1 + 7 / 12]),
    ([0, 0.5, 1, 1.5], 0.0, [0, 0.5, 1, 1.5]),
    # on the triplet already: not swung twice, and even where that is asked
    ([0, 2 * THIRD, 1, 1 + 2 * THIRD], 1.0, [0, 2 * THIRD, 1, 1 + 2 * THIRD]),
    ([0, 2 * THIRD, 1, 1 + 2 * THIRD], 0.0, [0, 0.5, 1, 1.5]),
    # a triplet stays one
    ([0, THIRD, 2 * THIRD, 1, 1.5], 0.0, [0, THIRD, 2 * THIRD, 1, 1.5]),
    ([0, THIRD, 2 * THIRD, 1, 1.5], 1.0, [0, THIRD, 2 * THIRD, 1, 1 + 2 * THIRD]),
    # where sixteenths are many they swing, and the eighths stay
    ([0, 0.25, 0.5, 0.75], 1.0, [0, THIRD, 0.5, 0.5 + THIRD]),
    ([0, THIRD, 0.5, 0.75], 1.0, [0, THIRD, 0.5, 0.5 + THIRD]),
    # where they are few they go along with the eighth
    ([0, 0.5, 1, 1.5, 2, 2.5, 2.75], 1.0,
     [0, 2 * THIRD, 1, 1 + 2 * THIRD, 2, 2 + 2 * THIRD, 2 + 5 / 6]),
]  # fmt: skip


@pytest.mark.parametrize(("written", "swing", "played"), ROWS)
def test_off_beats_go_where_they_are_asked(
    written: list[float], swing: float, played: list[float]
) -> None:
    assert starts(felt(clip_at(*written), 0.0, swing)) == pytest.approx(played)


def test_velocities_and_lengths_of_held_notes_stay() -> None:
    notes = (Note(0, 60, 0.5, 50), Note(0.5, 62, 0.5, 90), Note(1, 64, 3, 70))
    swung = felt(Clip((Part("keys", 0, notes),), 4.0), 0.0, 1.0).parts[0].notes
    assert [note.velocity for note in swung] == [50, 90, 70]
    assert [note.end for note in swung] == pytest.approx([2 / 3, 1, 4])


@pytest.mark.parametrize("meter", ["6/8", "12/8"])
def test_dotted_beats_have_no_off_beat(meter: str) -> None:
    clip = clip_at(0, 0.5, 1, 1.5, 2, 2.5, meter=meter)
    assert starts(felt(clip, 0.0, 1.0)) == pytest.approx(starts(clip))


def test_in_seven_eight_only_pairs_swing() -> None:
    clip = clip_at(0, 0.5, 1, 1.5, 2, 2.5, 3, meter="7/8")
    assert starts(felt(clip, 0.0, 1.0)) == pytest.approx([0, 2 / 3, 1, 5 / 3, 2, 2.5, 3])


def test_who_swings_sixteenths() -> None:
    dense, plain = clip_at(0, 0.25, 0.5, 0.75), clip_at(0, 0.5, 1, 1.5)
    assert swings_sixteenths(dense, "funk", {"jazz"})
    assert not swings_sixteenths(dense, "jazz", {"jazz"})
    assert not swings_sixteenths(plain, "funk", {"jazz"})
