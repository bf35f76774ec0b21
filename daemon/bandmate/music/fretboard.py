"""A guitar's neck: the shapes in which a hand can hold a chord, found by search."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from bandmate.music.chord import Chord
from bandmate.music.harte import Degrees, interval

STRINGS = (40, 45, 50, 55, 59, 64)
"""Pitches of the open strings, low to high, in standard tuning."""
FRETS = 12
"""The highest fret that is used; 0 is the open string."""
SPAN = 4
"""Frets that a hand reaches, the first and the last counted."""
FINGERS = 4

Shape = tuple[int | None, ...]
"""A fret for each string; None is not played."""


def shapes(chord: Chord, degrees: Degrees, has_bass: bool) -> list[tuple[float, tuple[int, ...]]]:
    """Return the costs and pitches of the shapes that hold these degrees of a chord.

    The chord's bass lies lowest, unless a bass part has it. Empty where no hand can hold it.
    """
    root = chord.root or 0
    tones = frozenset((root + interval(name)) % 12 for name in degrees)
    bass = None if has_bass else chord.bass
    own = tones if bass is None else tones | {bass}
    lowest = chord.bass or 0
    held = _held(own, bass, min(len(own), 4))
    return [(_cost(shape, pitches, lowest), pitches) for shape, pitches in held]


@lru_cache(maxsize=512)
def _held(
    tones: frozenset[int], bass: int | None, fewest: int
) -> tuple[tuple[Shape, tuple[int, ...]], ...]:
    """Return the shapes that sound all of some pitch classes and nothing else."""
    found: dict[Shape, tuple[int, ...]] = {}
    for position in range(1, FRETS - SPAN + 2):
        for shape in _shapes_at(tones, position):
            pitches = sounding(shape)
            if len(pitches) < max(fewest, 1 if len(tones) == 1 else 3):
                continue
            if {pitch % 12 for pitch in pitches} != tones or not _is_rising(pitches):
                continue
            if bass is not None and pitches[0] % 12 != bass:
                continue
            if fingers(shape) <= FINGERS and _is_clear(pitches):
                found[shape] = pitches
    return tuple(found.items())


def _shapes_at(tones: frozenset[int], position: int) -> Iterator[Shape]:
    """Yield the shapes of strings next to each other, with one skipped at the most."""
    reach = (0, *range(position, position + SPAN))
    rows = [[fret for fret in reach if (string + fret) % 12 in tones] for string in STRINGS]

    def grown(shape: Shape) -> Iterator[Shape]:
        if len(shape) == len(STRINGS):
            yield shape
            return
        played = [index for index, fret in enumerate(shape) if fret is not None]
        skipped = shape[played[0] :].count(None) if played else 0
        if not (played and skipped and shape[-1] is None):
            for fret in rows[len(shape)]:
                yield from grown((*shape, fret))
        if len(shape) < len(STRINGS) - 1 or played:
            yield from grown((*shape, None))

    yield from grown(())


def sounding(shape: Shape) -> tuple[int, ...]:
    """Return the pitches of a shape, string by string."""
    pairs = zip(STRINGS, shape, strict=True)
    return tuple(string + fret for string, fret in pairs if fret is not None)


def fingers(shape: Shape) -> int:
    """Count the fingers that a shape takes; the first may lie across the strings as a barre."""
    pressed = [fret for fret in shape if fret]
    if not pressed:
        return 0
    lowest = min(pressed)
    first = shape.index(lowest)
    # An open string behind the barre's first one would be stopped by it.
    is_barre = pressed.count(lowest) > 1 and 0 not in shape[first:]
    return len(pressed) - (pressed.count(lowest) - 1 if is_barre else 0)


def _is_rising(pitches: tuple[int, ...]) -> bool:
    return all(low < high for low, high in pairwise(pitches))


def _is_clear(pitches: tuple[int, ...]) -> bool:
    """Return whether no second lies below D3 and no third below G2, the one of an open G."""
    pairs = pairwise(pitches)
    return all(low >= (50 if high - low < 3 else 43) or high - low > 4 for low, high in pairs)


def _cost(shape: Shape, pitches: tuple[int, ...], lowest: int) -> float:
    """Return what a shape costs: silent strings, a high position, a stretch, another bass."""
    pressed = [fret for fret in shape if fret]
    played = [index for index, fret in enumerate(shape) if fret is not None]
    inner = played[-1] - played[0] + 1 - len(played)
    cost = 0.7 * (len(STRINGS) - len(played)) + 1.2 * inner + 0.4 * fingers(shape)
    if pressed:
        cost += 0.15 * min(pressed) + 0.3 * (max(pressed) - min(pressed))
    cost += 0.5 * (pitches[0] < 48 and pitches[1:2] < (pitches[0] + 5,))
    cost += 0.8 * (0 in shape and max(pressed, default=0) > 5)
    return cost + (2.0 if pitches[0] % 12 != lowest else 0.0)
