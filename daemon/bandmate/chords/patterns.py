"""Rhythms: when the notes of a chord are struck, in rows that can be read like a drum grid.

One character is one step; a row says what happens in a bar (of four felt beats, or of two in 6/8
and its like) and begins again at every bar line and at every change of chord. A row too short for
a bar begins again, one too long is cut.

    X x o   all notes: loud, plain, soft
    D d U u strummed down from the lowest or up from the highest note, loud or plain
    1..4    one note, 1 the lowest, 4 the highest (in a bass row 1, 5 and 8: root, fifth, octave)
    -       what sounds goes on
    .       silence
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bandmate.music.meter import Meter

_STEPS_OF_A_THREE = 3


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One row of the table of rhythms."""

    words: str
    """How it plays, for a person."""
    simple: str
    """Of the chords, with two or four steps to a beat; empty holds each chord until the next."""
    compound: str
    """Of the chords, where a beat has three parts: three steps or six to a beat."""
    bass: str
    """Of the bass, with as many steps to a beat as ``simple``; empty holds."""
    compound_bass: str
    steps: int = 2
    """Steps of a beat in ``simple``; in ``compound`` 3 where this is 2, else 6."""
    gate: float = 1.0
    """The part of its time that a note sounds, 0..1."""
    rings: bool = False
    """Single notes sound on until they are struck again or the chord changes."""


RHYTHMS: dict[str, Rhythm] = {
    "held": Rhythm("each chord is struck once and held", "", "", "", ""),
    "quarters": Rhythm(
        "on every beat", "X-x-X-x-", "X--x--", "1---1---", "1-----", gate=0.92
    ),
    "pulse": Rhythm(
        "driving eighths", "XoxoXoxo", "XooXoo", "11111111", "111111", gate=0.8
    ),
    "offbeat": Rhythm(
        "short chords between the beats", ".x.x.x.x", "..x..x", "1---5---", "1--5--", gate=0.6
    ),
    "stabs": Rhythm(
        "short chords on the second and fourth beat", "..X...X.", "...X..", "1-.11-..", "1--1.1",
        gate=0.55,
    ),
    "arpeggio": Rhythm(
        "note by note, up and down, ringing on", "12343234", "123432", "1-------", "1-----",
        rings=True,
    ),
    "broken": Rhythm(
        "the lowest note, then the others above it by turns", "13241324", "132432", "1---5---",
        "1--5--", gate=0.95,
    ),
    "strum": Rhythm(
        "strummed down and up, as at a camp fire", "D-du-udu", "D-ud-u", "1---5-1-", "1--5--"
    ),
    "charleston": Rhythm(
        "on the first beat and behind the second", "X--x----", "X----x", "1---5---", "1--5--",
        gate=0.75,
    ),
    "ballad": Rhythm(
        "a chord, then its notes upwards", "X---1234", "X--234", "1-----5-", "1----5", rings=True
    ),
    "bossa": Rhythm(
        "dotted, across the beat", "x--x--x-", "x-x-x-", "1--15--5", "1-15-5", gate=0.85
    ),
    "waltz": Rhythm(
        "the bass on the first beat, chords on the others", "..x-o-x-", ".xo.xo", "1-------",
        "1--5--", gate=0.8,
    ),
    "funk": Rhythm(
        "sixteenths with holes", "X-.x..x.o.x..xo.", "X-..x-.xo.x.", "1--1..1-..8-1.5.",
        "1--..11-..5.", steps=4, gate=0.7,
    ),
}  # fmt: skip
"""What an ask may call for; every row plays in any meter."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One character of a row, at its place."""

    start: float
    """Beats from the clip's start."""
    end: float
    """Beats from the clip's start: where the next hit or a silence begins, or the row ends."""
    sign: str
    """One of the characters above that strike."""
    limit: float
    """Beats: where the chord changes or the bar ends; a note that rings may sound until then."""


def hits(
    rhythm: Rhythm, meter: Meter, start: float, end: float, *, is_bass: bool = False
) -> Iterator[Hit]:
    """Yield the hits of a chord that sounds from one beat to another; one at least.

    None sounds on past *end*.
    """
    simple, compound = (
        (rhythm.bass, rhythm.compound_bass) if is_bass else (rhythm.simple, rhythm.compound)
    )
    row = compound if meter.is_compound else simple
    if not row:
        yield Hit(start, end, "1" if is_bass else "X", end)
        return
    found = [
        hit
        for low, high in _bars(meter, start, end)
        for hit in _row_hits(row, _grid(meter, rhythm.steps, low, high), high)
    ]
    # A chord shorter than the silence that its row begins with would never be heard.
    yield from found or [Hit(start, end, "1" if is_bass else "x", end)]


def _bars(meter: Meter, start: float, end: float) -> Iterator[tuple[float, float]]:
    """Yield the pieces of a span between bar lines."""
    while start < end - 1e-9:
        line = (int(start / meter.bar_beats + 1e-9) + 1) * meter.bar_beats
        piece = min(line, end)
        yield start, piece
        start = piece


def _grid(meter: Meter, steps: int, low: float, high: float) -> list[tuple[float, bool]]:
    """Return the steps from one beat to another, and whether each only prolongs the one before.

    They follow the felt beats of the bar, from the first of them that *low* falls on; where it
    falls on none they go on evenly from there. The third eighth of a long beat in 7/8 prolongs.
    """
    line = int(low / meter.bar_beats + 1e-9) * meter.bar_beats
    pulses = [*meter.pulses, meter.bar_beats]
    lengths = [b - a for a, b in pairwise(pulses)]
    count = steps // 2 * _STEPS_OF_A_THREE if meter.is_compound else steps
    step = min(lengths) / count
    is_on_beat = any(abs(line + pulse - low) < 1e-9 for pulse in pulses)
    if not is_on_beat:
        whole = int((high - low) / step + 1 - 1e-9)
        return [(low + step * i, False) for i in range(whole)]
    return [
        (line + pulse + step * i, i >= count)
        for pulse, length in zip(pulses, lengths, strict=False)
        for i in range(round(length / step))
        if low - 1e-9 <= line + pulse + step * i < high - 1e-9
    ]


def _row_hits(row: str, grid: list[tuple[float, bool]], limit: float) -> Iterator[Hit]:
    """Yield the hits of a row along a grid."""
    signs = iter(row * (len(grid) // len(row) + 1))
    struck: tuple[float, str] | None = None
    for beat, is_longer in grid:
        sign = "-" if is_longer else next(signs)
        if sign == "-":
            continue
        if struck:
            yield Hit(struck[0], beat, struck[1], limit)
        struck = None if sign == "." else (beat, sign)
    if struck:
        yield Hit(struck[0], limit, struck[1], limit)
