"""Voicings: which pitches sound for a chord, and how the voices move from one chord to the next.

Every chord gets a row of candidates, each with a cost of its own (where it lies, what it doubles,
how it rubs); a path through the rows with the least cost and movement is found by dynamic
programming, as in the Viterbi algorithm.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from bandmate.music.chord import Chord
from bandmate.music.fretboard import shapes
from bandmate.music.harte import Degrees, interval

STYLES = ("smooth", "close", "open", "guitar")
"""``smooth`` leads the voices, ``close`` stacks chords up from their root, ``open`` spreads them,
``guitar`` fits six strings and a hand."""

Voicing = tuple[int, ...]
"""Pitches from low to high; empty where nothing sounds."""

_BELOW, _ABOVE = 12, 16
"""Semitones that the voices keep within, on either side of the centre."""
_OPEN_BELOW = 17
_BASS_BELOW, _BASS_ABOVE = 20, 5
"""The same for a bass of the chord's own, without a bass part."""
_LOWEST = {1: 53, 2: 51, 3: 48, 4: 48}
"""Interval in semitones -> the lowest pitch above which it is clear; below, it is mud."""
_HAND = 0.3
"""How much movement counts on a guitar: there it is the hand's place that costs."""
_MOST = 24
"""Candidates that are kept for a chord: the cheapest."""
_DOUBLED = {"1": 0.0, "5": 0.5, "4": 1.0, "2": 1.0, "b3": 0.8, "3": 1.4}
"""What it costs to double a degree of a triad; others are never doubled."""


class Candidate(NamedTuple):
    """A voicing and what it costs by itself."""

    cost: float
    pitches: Voicing


def voiced(
    chords: Sequence[Chord], style: str = "smooth", centre: int = 60, *, has_bass: bool = False
) -> tuple[Voicing, ...]:
    """Return the pitches of each chord in one of STYLES, around *centre*; none for ``N``.

    Of a long chord the third, the seventh and the tensions that it names sound: its fifth goes
    first, and where a bass part has it (*has_bass*) its root. Without one, the bass of a slash
    chord lies below.
    """
    rows = [_candidates(chord, style, centre, has_bass) for chord in chords if not chord.is_none]
    path = iter(_cheapest_path(rows, _HAND if style == "guitar" else 1.0))
    return tuple(() if chord.is_none else next(path) for chord in chords)


# which degrees sound


def kept_degrees(chord: Chord, has_bass: bool = False) -> Degrees:
    """Return the degrees that sound, low to high: four, or five where no bass part has the root."""
    own = {interval(name): name for name in reversed(chord.degrees)}
    held = [name for name in chord.degrees if own[interval(name)] == name]
    sevenths = {"7", "b7", "bb7"} & set(held)
    # A natural eleventh rubs against a major third: players leave out whichever says less.
    if sevenths and {"3", "11"} <= set(held):
        held.remove("11" if "13" in held else "3")
    is_rootless = has_bass and not chord.inversion
    most = 4 if is_rootless or chord.inversion else 5
    if len(held) > 4 and "5" in held:
        held.remove("5")
    named = [name for name in ("13", "11", "9") if name in held][1:]
    for name in (*(["1"] if is_rootless else []), *reversed(named), *held[::-1]):
        if len(held) > most and name in held and name not in {"3", "b3", *sevenths}:
            held.remove(name)
    return tuple(held)


def _bass_of(chord: Chord, has_bass: bool) -> int | None:
    """Return the pitch class that must lie lowest, None where any may."""
    return chord.bass if chord.inversion and not has_bass else None


# candidates


@lru_cache(maxsize=2048)
def _candidates(chord: Chord, style: str, centre: int, has_bass: bool) -> tuple[Candidate, ...]:
    """Return the cheapest voicings of a chord that sounds, one at least."""
    if style == "guitar":
        found = [Candidate(*shape) for shape in shapes(chord, kept_degrees(chord), has_bass)]
    else:
        found = [
            Candidate(_cost(chord, pitches, centre, has_bass), pitches)
            for pitches in _STYLED[style](chord, centre, has_bass)
        ]
        found = [row for row in found if _is_clear(row.pitches)] or found
    if not found:  # no shape holds it: a keyboard's notes, a few of them
        return _candidates(chord, "smooth", centre, has_bass)
    return tuple(sorted(found)[:_MOST])


def _smooth(chord: Chord, centre: int, has_bass: bool) -> Iterator[Voicing]:
    low, high = centre - _BELOW, centre + _ABOVE
    bass = _bass_of(chord, has_bass)
    if bass is None:
        for classes in _choices(chord, has_bass):
            yield from _stacks(classes, low, high)
        return
    for classes in _choices(chord, has_bass, bass):
        for pitches in _stacks(classes, low, high):
            for below in range(centre - _BASS_BELOW, min(pitches[0], centre - _BASS_ABOVE)):
                if below % 12 == bass and pitches[0] - below <= 16:
                    yield (below, *pitches)


def _close(chord: Chord, centre: int, has_bass: bool) -> Iterator[Voicing]:
    """Stack each degree in its own octave above the root; a bass of its own goes below."""
    root, bass = chord.root or 0, _bass_of(chord, has_bass)
    steps = sorted(_step(name) for name in kept_degrees(chord, has_bass))
    steps = [step for step in steps if (root + step) % 12 != bass] or steps
    for start in range(centre - _BELOW, centre + _ABOVE):
        stack = tuple(start + step for step in steps)
        if start % 12 != root or stack[-1] > centre + 24:
            continue
        if bass is None:
            yield stack
            continue
        below = stack[0] - 1 - (stack[0] - 1 - bass) % 12
        yield (below, *stack)


def _open(chord: Chord, centre: int, has_bass: bool) -> Iterator[Voicing]:
    """Spread close chords: the second voice from the top of four (of three) goes down an octave."""
    bass, low = _bass_of(chord, has_bass), centre - _OPEN_BELOW
    tones = {(chord.root or 0) + interval(name) for name in kept_degrees(chord, has_bass)}
    classes = tuple(sorted({tone % 12 for tone in tones}))
    if len(classes) < 3:
        yield from _smooth(chord, centre, has_bass)
        return
    for pitches in _stacks(classes, low, centre + 20):
        if pitches[-1] - pitches[0] >= 12:
            continue
        dropped = tuple(sorted((*pitches[:-2], pitches[-2] - 12, pitches[-1])))
        if bass is None:
            yield from (row for row in (dropped,) if row[0] >= low)
        elif dropped[0] % 12 == bass:
            yield dropped
        else:
            below = dropped[0] - 1 - (dropped[0] - 1 - bass) % 12
            rest = tuple(pitch for pitch in dropped if pitch % 12 != bass)
            yield (below, *(rest if len(rest) > 1 else dropped))


_STYLED = {"smooth": _smooth, "close": _close, "open": _open}


def _choices(chord: Chord, has_bass: bool, bass: int | None = None) -> list[tuple[int, ...]]:
    """Return the pitch classes that may sound together: a triad doubles one, a fifth its root."""
    root, names = chord.root or 0, kept_degrees(chord, has_bass)
    classes = {name: (root + interval(name)) % 12 for name in names}
    above = tuple(pitch for pitch in classes.values() if pitch != bass) or (root,)
    if (bass is not None and len(above) >= 3) or len(classes) not in (2, 3):
        return [above]
    return [(*above, classes[name]) for name in names if name in _DOUBLED] or [above]


@lru_cache(maxsize=4096)
def _stacks(classes: tuple[int, ...], low: int, high: int, widest: int = 9) -> tuple[Voicing, ...]:
    """Return all ways to stack pitch classes from *low* to *high*, no gap wider than *widest*.

    Where there is no other way, as with a semitone and its octave, the gaps are an octave at most.
    """

    def grown(stack: Voicing, left: tuple[int, ...]) -> Iterator[Voicing]:
        if not left:
            yield stack
            return
        for pitch in range(stack[-1] + 1, min(stack[-1] + widest, high) + 1) if stack else bottoms:
            if pitch % 12 in left:
                index = left.index(pitch % 12)
                yield from grown((*stack, pitch), left[:index] + left[index + 1 :])

    bottoms = range(low, min(low + 20, high + 1))
    found = dict.fromkeys(row for row in grown((), classes) if row[-1] - row[0] <= 2 * widest + 1)
    return tuple(found) or _stacks(classes, low, high, 12)


def _step(name: str) -> int:
    """Return the semitones of a degree above its root, 0..23: a ninth lies an octave higher."""
    return interval(name) + (12 if int(name.lstrip("#b")) > 7 else 0)


# costs


def _is_clear(pitches: Voicing) -> bool:
    """Return whether no small interval lies so low that it growls."""
    pairs = pairwise(pitches)
    return all(low >= _LOWEST.get(high - low, 0) for low, high in pairs)


def _cost(chord: Chord, pitches: Voicing, centre: int, has_bass: bool) -> float:
    """Return what a voicing costs by itself: its place, rubs, doublings and lowest note."""
    cost = 0.04 * (sum(pitches) / len(pitches) - centre - 2) ** 2
    gaps = [high - low for low, high in pairwise(pitches)]
    cost += 2.0 * (gaps[-1:] == [1])  # a semitone on top hides the tune
    clusters = [a + b for a, b in pairwise(gaps) if a + b <= 4]
    cost += sum(1.5 if width <= 3 else 0.7 for width in clusters)
    cost += 0.4 * sum(max(0, gap - 5) for gap in gaps[1:])
    cost += 2.5 * _ninths(chord, pitches)
    for name in chord.degrees:
        pitch = ((chord.root or 0) + interval(name)) % 12
        count = sum(p % 12 == pitch for p in pitches)
        cost += _DOUBLED.get(name, 3.0) * max(0, count - 1)
    return cost + (0.0 if has_bass else _inversion_cost(chord, pitches[0]))


def _ninths(chord: Chord, pitches: Voicing) -> int:
    """Count the minor ninths that the chord does not name: they are the harshest interval."""
    root = chord.root or 0
    return sum(
        b - a == 13 and a % 12 != root for i, a in enumerate(pitches) for b in pitches[i + 1 :]
    )


def _inversion_cost(chord: Chord, lowest: int) -> float:
    """Return what it costs that another note than the root lies lowest, with no bass part below."""
    if chord.inversion:
        return 0.0
    step = (lowest - (chord.root or 0)) % 12
    return 0.0 if step == 0 else 1.0 if step in (3, 4) else 2.5


def _movement(old: Voicing, new: Voicing) -> float:
    """Return how far the voices move, the highest counted more: it is heard as a tune."""
    if len(old) == len(new):
        moved = float(sum(abs(b - a) for a, b in zip(old, new, strict=True)))
    else:
        fewer, more = sorted((old, new), key=len)
        moved = float(sum(min(abs(pitch - other) for other in fewer) for pitch in more))
    top = abs(new[-1] - old[-1])
    parallel = new[0] - old[0] == new[-1] - old[-1] != 0 and (new[-1] - new[0]) % 12 in (0, 7)
    return 0.5 * moved + 0.5 * top + 0.8 * max(0, top - 4) + 0.8 * parallel


def _cheapest_path(rows: Sequence[Sequence[Candidate]], weight: float) -> list[Voicing]:
    """Return one voicing of each row: the path whose costs and movements sum to the least."""
    if not rows:
        return []
    costs = [row.cost for row in rows[0]]
    came_from: list[list[int]] = []
    for before, here in pairwise(rows):
        reached = [
            min(
                (costs[i] + weight * _movement(old.pitches, new.pitches), i)
                for i, old in enumerate(before)
            )
            for new in here
        ]
        came_from.append([i for _, i in reached])
        costs = [cost + new.cost for (cost, _), new in zip(reached, here, strict=True)]
    at = costs.index(min(costs))
    path = [rows[-1][at].pitches]
    for row, origins in zip(reversed(rows[:-1]), reversed(came_from), strict=True):
        at = origins[at]
        path.append(row[at].pitches)
    return path[::-1]
