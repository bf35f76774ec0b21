"""Where the notes of a little roll lie."""

from __future__ import annotations

import pytest

from bandmate.music.clip import Clip, Note, Part
from bandmate.shelf.lanes import Box, lane_at, lanes
from shelf.shelf_clips import CLIP


def test_each_part_has_a_lane_in_order() -> None:
    found = lanes(CLIP)
    assert [(lane.name, lane.role) for lane in found] == [("drums", "drums"), ("bass", "bass")]


def test_notes_lie_where_they_sound_the_highest_on_top() -> None:
    low, high = lanes(CLIP)[1].boxes
    assert (low.left, low.width, high.left, high.width) == (0, 0.5, 0.5, 0.5)
    assert high.top == 0
    assert high.height == pytest.approx(1 / 13)  # an octave is 13 rows
    assert low.top + low.height == pytest.approx(1)
    assert low.loudness == pytest.approx(100 / 127)


def test_drums_lie_close_together_whatever_their_pitches() -> None:
    kick, snare, _ = lanes(CLIP)[0].boxes
    assert kick.top - snare.top == pytest.approx(1 / 8)


def test_a_single_pitch_lies_in_the_middle() -> None:
    clip = Clip((Part("bass", 33, (Note(0, 40, 1, 127),)),), 4.0)
    (box,) = lanes(clip)[0].boxes
    assert box == Box(0, 3.5 / 8, 0.25, 1 / 8, 1)


def test_notes_are_cut_at_the_clips_end() -> None:
    clip = Clip((Part("bass", 33, (Note(3, 40, 9, 127), Note(4, 40, 1, 127))),), 4.0)
    (box,) = lanes(clip)[0].boxes
    assert (box.left, box.width) == (0.75, 0.25)


def test_a_part_that_is_silent_has_an_empty_lane() -> None:
    assert lanes(Clip((Part("bass", 33),), 4.0))[0].boxes == ()
    assert lanes(Clip((Part("bass", 33, (Note(0, 40, 1, 99),)),), 0.0))[0].boxes == ()


@pytest.mark.parametrize(("fraction", "lane"), [(-0.1, 0), (0, 0), (0.33, 0), (0.34, 1), (1, 2)])
def test_a_lane_is_found_by_its_height(fraction: float, lane: int) -> None:
    assert lane_at(3, fraction) == lane
