"""Clips and rows that the shelf's tests stand on."""

from __future__ import annotations

from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part
from bandmate.music.key import Key
from bandmate.shelf.rows import Row

CLIP = Clip(
    (
        Part("drums", 0, (Note(0, 36, 0.25, 127), Note(1, 38, 0.25, 90), Note(3, 36, 0.25, 64))),
        Part("bass", 33, (Note(0, 40, 2, 100), Note(2, 52, 2, 50))),
    ),
    4.0,
    96.0,
    key=Key.parse("E:min"),
    chords=(ChordSpan(0, 2, Chord.parse("E:min")), ChordSpan(2, 4, Chord.parse("B:7"))),
)


def row(number: int = 12, **changes: object) -> Row:
    """Return a row whose notes have come."""
    facts: dict[str, object] = {
        "kind": "loop", "state": "made", "title": f"funk drums+bass Em 96 #{number}",
        "client": "REAPER", "is_starred": False, "clip": CLIP,
    }  # fmt: skip
    return Row(number, **(facts | changes))  # type: ignore[arg-type]
