"""What the plan says of the place where a token stands, told again with every token.

A small model finds the chord of "bar 3, beat 2" or the density that was asked of a part among the
hundreds of tokens of its prompt only after long training. Which chord sounds here, and what was
asked of this clip, this part and this bar, follow from the plan; so they are said here and now.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from bandmate.loops import vocabulary as v
from bandmate.loops.controls import FIELDS
from bandmate.music.chord import QUALITIES, Chord

ROOT, BASS, CLASS, ENERGY, FIELD = 1, 13, 25, 37, 42
"""Where the rows of each kind begin; row 0 says nothing."""
ROWS = FIELD + len(FIELDS) * len(v.SCOPES) * v.BINS
"""A field's row is FIELD + (its number, its scope's, its bin), the bins innermost."""
_CLASSES = 6
_CHORD = 2 + _CLASSES
COLUMNS = _CHORD + 1 + len(FIELDS) * len(v.SCOPES)
"""A chord's root, bass and the classes it sounds, energy, and each field at each scope."""

_NOTHING = (0,) * _CHORD
_ROOTS = {v.IDS[f"Root_{i}"]: i for i in range(12)}
_BASSES = {v.IDS[f"Bass_{i}"]: i for i in range(12)}
_QUALITIES = {v.IDS[f"Quality_{quality}"]: quality for quality in QUALITIES}
_ENERGIES = {v.IDS[f"Energy_{i}"]: ENERGY + i - 1 for i in range(1, 6)}
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
        self._energy = 0
        self._all: dict[int, int] = {}
        self._parts: dict[int, dict[int, int]] = {}
        self._bars: dict[int, dict[int, int]] = {}
        self._chords: dict[int, tuple[list[int], list[tuple[int, ...]]]] = {}
        self._root = 0
        self._sounding = _NOTHING

    def hear(self, token: int, part: int, bar: int, step: int) -> None:
        """Take a token of the plan, with the places of its part, its bar and its chord's slot."""
        if token in _WISHES:
            scope, column, row = _WISHES[token]
            subject = {"All": self._all, "Part": self._parts.setdefault(part, {}),
                       "Bar": self._bars.setdefault(bar, {})}[scope]  # fmt: skip
            subject[column] = row
        elif token in _ENERGIES:
            self._energy = _ENERGIES[token]
        elif token in _ROOTS:
            self._root = _ROOTS[token]
        elif token in _QUALITIES:
            self._sounding = _chord_rows(self._root, _QUALITIES[token])
            self._change(bar, step)
        elif token in _BASSES:
            self._sounding = (self._sounding[0], BASS + _BASSES[token], *self._sounding[2:])
            self._change(bar, step)
        elif token == v.IDS["NoChord_0"]:
            self._sounding = _NOTHING
            self._change(bar, step)
        elif token == v.IDS["Hold_0"] and bar not in self._chords:
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
        return (self._energy, *fields)

    def chord_at(self, bar: int, step: int) -> tuple[int, ...]:
        """Return the columns of the chord that sounds at a step's place of a bar."""
        steps, rows = self._chords.get(bar, ((), ()))
        at = bisect_right(steps, step) - 1
        return rows[max(at, 0)] if rows else _NOTHING
