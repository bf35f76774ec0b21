"""What a row says of its take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bandmate.music.meter import Meter
from bandmate.shelf.words import chords_of, facts_of, name_of, told_of
from shelf.shelf_clips import CLIP, row


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "loop"),
        ({"subject": "funk"}, "funk"),
        ({"subject": "funk", "title": "verse"}, "verse"),
        ({"subject": "funk", "title": "funk drums C 120 #12 (2)"}, "funk"),
        ({"kind": "card", "title": "chords C 4 bars #12"}, "chords"),
        (
            {"kind": "card", "title": "chords #12", "subject": "rainy, nocturnal"},
            "rainy, nocturnal",
        ),
        ({"title": "as #11"}, "as #11"),
    ],
)
def test_a_take_is_called_by_its_name_else_by_what_it_is_about(
    changes: dict[str, object], name: str
) -> None:
    assert name_of(row(12, **changes)) == name


def test_its_facts_are_key_tempo_and_bars() -> None:
    assert facts_of(row()) == "Em · 96 · 1 bar"
    other = replace(CLIP, key=None, tempo=92.5, meter=Meter(3, 4), length=6.0)
    assert facts_of(row(clip=other, parent=7)) == "92.5 · 3/4 · 2 bars · edit of #7"


def test_before_its_notes_came_there_is_little_to_say() -> None:
    bare = row(clip=None, trouble="the file is gone", client="")
    assert (facts_of(bare), chords_of(bare)) == ("", "")
    assert told_of(bare) == "loop, 12, loop, the file is gone"


def test_chords_are_told_as_a_screen_shows_them() -> None:
    assert chords_of(row()) == "Em B7"
