"""What the plan says of the place where a token stands, told again with every token.

A small model finds the chord of "bar 3, beat 2" or the density that was asked of a part among the
hundreds of tokens of its prompt only after long training. The chord that sounds here, the one that
comes next and when, the style, and what was asked of this clip, this part and this bar all follow
from the plan; so they are given here and now. New rows and columns go at the end: weights that know
only the first of them stay usable.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokens import bar_steps
from bandmate.loops.plan import FIELDS
from bandmate.music.chord import QUALITIES, Chord
from bandmate.music.key import MODES
from bandmate.music.meter import Meter
from bandmate.style.genres import GENRES, NEXT_GENRES, SECTIONS

_GENRES = (*GENRES, *NEXT_GENRES)
_MODES = tuple(MODES)
_CLASSES = 6
_CHORD = 2 + _CLASSES
DISTANCES = 16
"""Rows for the time until the next chord: half beats, the last of them for that long or longer."""
_HALF_BEAT = v.STEPS // 2

ROOT, BASS, CLASS, ENERGY, FIELD = 1, 13, 25, 37, 42
"""Where the rows of each kind begin; row 0 says nothing."""
_FIELDS_END = FIELD + len(FIELDS) * len(v.SCOPES) * v.BINS
"""A field's row is FIELD + (its number, its scope's, its bin), the bins innermost."""
NEXT_ROOT = _FIELDS_END
NEXT_BASS, NEXT_CLASS, DISTANCE = NEXT_ROOT + 12, NEXT_ROOT + 24, NEXT_ROOT + 36
GENRE = DISTANCE + DISTANCES
MODE = GENRE + len(_GENRES)
SECTION = MODE + len(_MODES)
LOW = SECTION + len(SECTIONS)
HIGH = LOW + v.REGISTER_BINS
ROWS = HIGH + v.REGISTER_BINS
_TO_NEXT = NEXT_ROOT - ROOT
"""From the row of a sounding chord's root, bass or class to that of a coming one's."""

_CELL = 1 + len(FIELDS) * len(v.SCOPES)
_STYLE = 5
COLUMNS = _CHORD + _CELL + _CHORD + 1 + _STYLE
"""The chord's root, bass and classes; energy, each field at each scope; the next chord's root, bass
and classes, and how far it is; genre, mode, section, and the part's lowest and highest pitch."""
AHEAD_COLUMNS = tuple(range(_CHORD + _CELL, COLUMNS - _STYLE))
STYLE_COLUMNS = tuple(range(COLUMNS - _STYLE, COLUMNS - 2))
REGISTER_COLUMNS = (COLUMNS - 2, COLUMNS - 1)

_NOTHING = (0,) * _CHORD
_NOTHING_AHEAD = (0,) * (_CHORD + 1)
_NO_CHORD, _HOLD = v.IDS["NoChord_0"], v.IDS["Hold_0"]
_ROOTS = {v.IDS[f"Root_{i}"]: i for i in range(12)}
_BASSES = {v.IDS[f"Bass_{i}"]: i for i in range(12)}
_QUALITIES = {v.IDS[f"Quality_{quality}"]: quality for quality in QUALITIES}
_METERS = {v.IDS[f"Meter_{meter}"]: bar_steps(Meter.parse(meter)) for meter in v.METERS}
_OF_CLIP = {
    **{v.IDS[f"Energy_{i}"]: ("energy", ENERGY + i - 1) for i in range(1, 6)},
    **{v.IDS[f"Genre_{name}"]: ("genre", GENRE + i) for i, name in enumerate(_GENRES)},
    **{v.IDS[f"Mode_{name}"]: ("mode", MODE + i) for i, name in enumerate(_MODES)},
    **{v.IDS[f"Section_{name}"]: ("section", SECTION + i) for i, name in enumerate(SECTIONS)},
}
_OF_PART = {
    **{v.IDS[f"Low_{i}"]: ("low", LOW + i) for i in range(v.REGISTER_BINS)},
    **{v.IDS[f"High_{i}"]: ("high", HIGH + i) for i in range(v.REGISTER_BINS)},
}
_WISHES = {
    v.IDS[f"{field}{scope}_{i}"]: (scope, len(v.SCOPES) * number + place,
                                   FIELD + (len(v.SCOPES) * number + place) * v.BINS + i)
    for number, field in enumerate(FIELDS)
    for place, scope in enumerate(v.SCOPES)
    for i in range(v.BINS)
}  # fmt: skip


@lru_cache(4096)
def _chord_rows(root: int, quality: str) -> tuple[int, ...]:
    chord = Chord.parse(f"C:{quality}").transposed(root)
    classes = sorted({pitch % 12 for pitch in chord.pitches})[:_CLASSES]
    rows = [ROOT + root, BASS + root, *(CLASS + pitch_class for pitch_class in classes)]
    return (*rows, *(0,) * (_CHORD - len(rows)))


class Told:
    """Follows the plan of one sequence; it is whole when the plan is read."""

    def __init__(self) -> None:
        self._clip: dict[str, int] = {}
        self._all: dict[int, int] = {}
        self._parts: dict[int, dict[int, int]] = {}
        self._bars: dict[int, dict[int, int]] = {}
        self._registers: dict[int, dict[str, int]] = {}
        self._chords: dict[int, tuple[list[int], list[tuple[int, ...]]]] = {}
        self._root = 0
        self._sounding = _NOTHING
        self._bar_steps = 4 * v.STEPS
        self._changes: tuple[list[int], list[tuple[int, ...]]] | None = None

    def hear(self, token: int, part: int, bar: int, step: int) -> None:
        """Take a token of the plan.

        *part* is the place of its part; *bar* and *step* are those of its chord's slot, or None.
        """
        if token in _WISHES:
            scope, column, row = _WISHES[token]
            subject = {"All": self._all, "Part": self._parts.setdefault(part, {}),
                       "Bar": self._bars.setdefault(bar, {})}[scope]  # fmt: skip
            subject[column] = row
        elif token in _OF_CLIP:
            kind, row = _OF_CLIP[token]
            self._clip[kind] = row
        elif token in _OF_PART:
            kind, row = _OF_PART[token]
            self._registers.setdefault(part, {})[kind] = row
        elif token in _METERS:
            self._bar_steps = _METERS[token]
        else:
            self._hear_chord(token, bar, step)

    def _hear_chord(self, token: int, bar: int, step: int) -> None:
        if token in _ROOTS:
            self._root = _ROOTS[token]
            return
        if token in _QUALITIES:
            self._sounding = _chord_rows(self._root, _QUALITIES[token])
        elif token in _BASSES:
            self._sounding = (self._sounding[0], BASS + _BASSES[token], *self._sounding[2:])
        elif token == _NO_CHORD:
            self._sounding = _NOTHING
        elif token != _HOLD or bar in self._chords:
            return
        self._change(bar, step)

    def _change(self, bar: int, step: int) -> None:
        steps, rows = self._chords.setdefault(bar, ([], []))
        if steps and steps[-1] == step:
            rows[-1] = self._sounding
        else:
            steps.append(step)
            rows.append(self._sounding)

    def of_cell(self, part: int, bar: int) -> tuple[int, ...]:
        """Return the columns that are the same all through a cell: energy and fields."""
        wishes = self._all | self._parts.get(part, {}) | self._bars.get(bar, {})
        fields = (wishes.get(column, 0) for column in range(len(FIELDS) * len(v.SCOPES)))
        return (self._clip.get("energy", 0), *fields)

    def style_of(self, part: int) -> tuple[int, ...]:
        """Return the columns of genre, mode and section, and of a part's register."""
        clip = (self._clip.get(kind, 0) for kind in ("genre", "mode", "section"))
        register = self._registers.get(part, {})
        return (*clip, register.get("low", 0), register.get("high", 0))

    def chord_at(self, bar: int, step: int) -> tuple[int, ...]:
        """Return the columns of the chord that sounds at a step of a bar."""
        steps, rows = self._chords.get(bar, ((), ()))
        at = bisect_right(steps, step) - 1
        return rows[max(at, 0)] if rows else _NOTHING

    def ahead_of(self, bar: int, step: int) -> tuple[int, ...]:
        """Return the columns of the next chord, and of the half beats until it sounds."""
        if self._changes is None:
            self._changes = self._in_line()
        places, rows = self._changes
        here = bar * self._bar_steps + step
        at = bisect_right(places, here)
        if at == len(places):
            return _NOTHING_AHEAD
        far = min(DISTANCES, -(-(places[at] - here) // _HALF_BEAT))
        return (*rows[at], DISTANCE + far - 1)

    def _in_line(self) -> tuple[list[int], list[tuple[int, ...]]]:
        """Return where the chord changes, in steps of the whole window, and to what."""
        places: list[int] = []
        coming: list[tuple[int, ...]] = []
        before: tuple[int, ...] = ()
        for bar in sorted(self._chords):
            for step, rows in zip(*self._chords[bar], strict=True):
                if rows != before:
                    places.append(bar * self._bar_steps + step)
                    coming.append(tuple(row + _TO_NEXT if row else 0 for row in rows))
                    before = rows
        return places, coming
