"""Where the notes of a little roll lie: a lane a part, measured in fractions of the lane."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate.music.clip import Clip, Note, Part


@dataclass(frozen=True, slots=True)
class Box:
    """A note; all in 0..1 of its lane, from the left and from the top."""

    left: float
    top: float
    width: float
    height: float
    loudness: float


@dataclass(frozen=True, slots=True)
class Lane:
    """A part."""

    name: str
    role: str
    boxes: tuple[Box, ...]


_THINNEST = 8
"""Rows of pitches into which a lane is cut at the least, so that one note is no beam."""


def lanes(clip: Clip) -> tuple[Lane, ...]:
    """Return a lane for each part, in their order."""
    return tuple(Lane(part.name, part.role, _boxes(part, clip.length)) for part in clip.parts)


def _boxes(part: Part, length: float) -> tuple[Box, ...]:
    if not part.notes or length <= 0:
        return ()
    rows = _rows(part)
    count = max(_THINNEST, max(rows.values()) + 1)
    spare = (count - max(rows.values()) - 1) / 2  # what is left of the lane goes above and below
    return tuple(
        _box(note, length, (rows[note.pitch] + spare) / count, 1 / count)
        for note in part.notes
        if note.start < length
    )


def _rows(part: Part) -> dict[int, int]:
    """Return the row of each pitch, the highest on top; only drums that sound have one."""
    pitches = sorted({note.pitch for note in part.notes}, reverse=True)
    if part.is_drums:
        return {pitch: row for row, pitch in enumerate(pitches)}
    return {pitch: pitches[0] - pitch for pitch in pitches}


def _box(note: Note, length: float, top: float, height: float) -> Box:
    left = max(0.0, note.start / length)
    width = min(note.end / length, 1.0) - left
    return Box(left, top, width, height, note.velocity / 127)


def lane_at(count: int, fraction: float) -> int:
    """Return which of *count* lanes (1 or more) is at a height of 0..1 from the top."""
    return min(count - 1, max(0, int(fraction * count)))
