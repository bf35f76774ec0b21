"""What the prior sees of a progression: one row of whole numbers for each chord change.

A row says what is known *before* its chord is: where the change lies, what sounded until then, what
sounded at the same place one, two, four, eight and sixteen bars ago (songs repeat themselves, and a
small model should not have to search for it), and what the song is. Its targets are the chord in
three numbers and when the next change comes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate.chords.progression import BarOfChords
from bandmate.chords.steering import CHORD_GENRES
from bandmate.chords.vocabulary import NONE_ROOT, START_ROOT, alteration_cost, numbers_of
from bandmate.music.chord import Chord
from bandmate.music.key import MODES
from bandmate.style.genres import SECTIONS

BAR = 12
"""Places in a bar; changes lie on PLACES of them."""
PLACES = (0, 3, 4, 6, 8, 9)
LAGS = (1, 2, 4, 8, 16)
"""Bars back that a row is told of."""
LONGEST = 8
"""Bars after which a chord that still sounds is struck again."""
END = LONGEST * len(PLACES) + 1
"""The target ``when`` of the last chord: no change until the end."""
WHENS = END + 1
UNKNOWN_LEFT = 9
"""Bars left until the end where nobody knows; else 0..8, more counts as 8."""

SONG = ("mode", "genre", "section", "meter")
COLUMNS: tuple[str, ...] = (
    *("root", "content", "bass", "held", "place", "bar", "left", "segment"),
    *(f"{what}{lag}" for lag in LAGS for what in ("root", "content", "bass", "change")),
)
ROW = len(COLUMNS) + len(SONG)
SIZES = {
    "held": 10, "place": len(PLACES), "bar": 16, "left": UNKNOWN_LEFT + 1, "segment": 2,
    "mode": len(MODES) + 1, "genre": len(CHORD_GENRES) + 1, "section": len(SECTIONS) + 1,
    "meter": 3, "change": 3,
}  # fmt: skip
"""How many values a column has; roots, contents and basses have the vocabulary's."""

DUPLE, TRIPLE = 1, 2
"""Numbers of a Sort's meter."""

_MODES = {name: number + 1 for number, name in enumerate(MODES)}
_GENRES = {name: number + 1 for number, name in enumerate(CHORD_GENRES)}
_SECTIONS = {name: number + 1 for number, name in enumerate(SECTIONS)}


@dataclass(frozen=True, slots=True)
class Event:
    """A chord from its change on."""

    start: int
    """Twelfths of a bar from the first bar's start."""
    numbers: tuple[int, int, int]
    """Root above the tonic, content, bass."""
    cost: float
    """Log-probability of what the numbers do not say."""


@dataclass(frozen=True, slots=True)
class Sort:
    """What is known of the song, as numbers; 0 is unknown."""

    mode: int = 0
    genre: int = 0
    section: int = 0
    meter: int = 0
    """1 for bars of two or four, 2 for bars of three."""

    @classmethod
    def of(
        cls,
        mode: str | None = None,
        genre: str | None = None,
        section: str | None = None,
        is_triple: bool | None = None,
    ) -> Sort:
        """Return the numbers of names; names that were not learnt count as unknown."""
        meter = 0 if is_triple is None else TRIPLE if is_triple else DUPLE
        return cls(
            _MODES.get(mode or "", 0),
            _GENRES.get(genre or "", 0),
            _SECTIONS.get(section or "", 0),
            meter,
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """What a progression stands in."""

    tonic: int
    """Pitch class, 0..11."""
    sort: Sort
    before: Sequence[BarOfChords] = ()
    """Bars before it."""
    after: Sequence[BarOfChords] = ()
    """Bars behind it."""


def events_of(bars: Sequence[BarOfChords], tonic: int = 0, first: int = 0) -> list[Event]:
    """Return the changes of bars above a tonic, the first bar counted as *first*."""
    events: list[Event] = []
    last: tuple[Chord, int] | None = None
    for index, bar in enumerate(bars):
        for number, chord in enumerate(bar):
            start = (first + index) * BAR + number * BAR // len(bar)
            if last and last[0] == chord and start - last[1] < LONGEST * BAR:
                continue
            last = chord, start
            events.append(Event(start, numbers_of(chord, tonic), alteration_cost(chord)))
    return events


def when_of(start: int, following: int | None) -> int:
    """Return the target of a chord at *start* whose next change lies at *following*."""
    if following is None:
        return END
    bars = following // BAR - start // BAR
    if bars >= LONGEST:
        return LONGEST * len(PLACES)
    return bars * len(PLACES) + PLACES.index(following % BAR)


def start_of(when: int, start: int) -> int | None:
    """Return where the change of a target lies, None for the end."""
    if when == END:
        return None
    bars, place = divmod(when, len(PLACES))
    return (start // BAR + bars) * BAR + PLACES[place]


def row_of(
    events: Sequence[Event],
    index: int,
    start: int,
    end: int | None,
    sort: Sort,
    *,
    segment: int = 0,
) -> list[int]:
    """Return the row of a change at *start*, before which stand ``events[:index]``.

    *end* is the bar at whose start the progression ends, where that is known.
    """
    before = events[index - 1] if index else None
    numbers = before.numbers if before else (START_ROOT, 0, 0)
    held = min((start - before.start + 2) // 3, 8) if before else 9
    bar = start // BAR
    left = UNKNOWN_LEFT if end is None else max(0, min(end - bar, 8))
    row = [*numbers, held, PLACES.index(start % BAR), bar % 16, left, segment]
    starts = [event.start for event in events[:index]]
    for lag in LAGS:
        row += _echo(events, starts, start - lag * BAR)
    return [*row, sort.mode, sort.genre, sort.section, sort.meter]


def _echo(events: Sequence[Event], starts: list[int], at: int) -> tuple[int, int, int, int]:
    """Return what sounded at a place before, and whether it changed just there."""
    index = bisect_right(starts, at) - 1 if at >= 0 else -1
    if index < 0:
        return START_ROOT, 0, 0, 0
    return (*events[index].numbers, 2 if starts[index] == at else 1)


def rows_of(
    events: Sequence[Event], end: int | None, sort: Sort, segment: int = 0
) -> tuple[list[list[int]], list[tuple[int, int, int, int]]]:
    """Return the rows and the targets of a whole progression."""
    rows, targets = [], []
    for index, event in enumerate(events):
        rows.append(row_of(events, index, event.start, end, sort, segment=segment))
        following = events[index + 1].start if index + 1 < len(events) else None
        targets.append((*event.numbers, when_of(event.start, following)))
    return rows, targets


assert NONE_ROOT < START_ROOT
