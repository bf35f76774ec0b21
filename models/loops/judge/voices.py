"""What a part strikes at once: chord sizes and spans, octaves, how voices move."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from judge.figures import Figures, mean, most, ratio, share, spread
from judge.piece import PartNotes

_WITHIN = {
    "seconds": (1, 2), "thirds": (3, 4), "fourths": (5,), "tritones": (6,), "fifths": (7,),
    "sixths": (8, 9), "sevenths": (10, 11),
}  # fmt: skip
Chord = tuple[int, ...]
"""Pitches, lowest first."""


def voices(part: PartNotes) -> Figures:
    """Return the features of a part's chords."""
    struck = [tuple(tone.pitch for tone in part.struck[start]) for start in part.onsets]
    chords = [chord for chord in struck if len(chord) > 1]
    return {
        **_sizes(struck),
        **_shapes(chords),
        **_moves(chords),
        **_polyphony(part),
    }


def _sizes(struck: Sequence[Chord]) -> Figures:
    sizes = [len(chord) for chord in struck]
    return {
        "notes an onset": mean(sizes),
        "notes an onset, spread": spread(sizes),
        "notes in the fullest chord": most(sizes),
        "onsets of one note": share(size == 1 for size in sizes),
        "onsets of two notes": share(size == 2 for size in sizes),
        "onsets of three notes": share(size == 3 for size in sizes),
        "onsets of four notes or more": share(size >= 4 for size in sizes),
        "chord size changes": share(a != b for a, b in pairwise(sizes)),
        "distinct chord sizes": len(set(sizes)),
    }


def _shapes(chords: Sequence[Chord]) -> Figures:
    spans = [chord[-1] - chord[0] for chord in chords]
    within = [b - a for chord in chords for a, b in combinations(chord, 2)]
    shapes = [tuple(p - chord[0] for p in chord) for chord in chords]
    return {
        **{f"{n} within chords": share(w % 12 in s for w in within) for n, s in _WITHIN.items()},
        "chord span": mean(spans),
        "chord span, spread": spread(spans),
        "widest chord": most(spans),
        "chords wider than an octave": share(span > 12 for span in spans),
        "lowest gap of chords": mean(chord[1] - chord[0] for chord in chords),
        "highest gap of chords": mean(chord[-1] - chord[-2] for chord in chords),
        "notes doubled at the octave": mean(_doubled(chord) for chord in chords),
        "chords with an octave": share(_doubled(chord) > 0 for chord in chords),
        "distinct chords": len(set(chords)),
        "distinct chords a chord": ratio(len(set(chords)), len(chords)),
        "distinct chord shapes": len(set(shapes)),
        "distinct sets of pitch classes": len({frozenset(p % 12 for p in c) for c in chords}),
    }


def _doubled(chord: Chord) -> float:
    """Return the share of a chord's notes whose pitch class another of its notes has."""
    classes = [pitch % 12 for pitch in chord]
    return sum(classes.count(c) > 1 for c in classes) / len(chord)


def _moves(chords: Sequence[Chord]) -> Figures:
    """How a chord goes to the next one that differs."""
    pairs = list(pairwise(chords))
    changes = [(a, b) for a, b in pairs if a != b]
    even = [(a, b) for a, b in changes if len(a) == len(b)]
    ways = [[y - x for x, y in zip(a, b, strict=True)] for a, b in even]
    return {
        "chords struck again": share(a == b for a, b in pairs),
        "voice movement": mean(mean(abs(way) for way in found) for found in ways),
        "voice movement, spread": spread(mean(abs(way) for way in found) for found in ways),
        "voices that stay": mean(len({*a} & {*b}) / min(len(a), len(b)) for a, b in changes),
        "all voices the same way": share(
            all(w > 0 for w in found) or all(w < 0 for w in found) for found in ways
        ),
        "chords moved as a whole": share(len(set(found)) == 1 for found in ways),
        "outer voices against each other": share(f[0] * f[-1] < 0 for f in ways),
        "top voice movement": mean(abs(b[-1] - a[-1]) for a, b in changes),
        "lowest voice movement": mean(abs(b[0] - a[0]) for a, b in changes),
        "chords of the same size": share(len(a) == len(b) for a, b in changes),
    }


def _polyphony(part: PartNotes) -> Figures:
    sounding = [0] * part.end
    for tone in part.tones:
        for step in range(tone.start, min(tone.end, part.end)):
            sounding[step] += 1
    heard = [count for count in sounding if count]
    joined = [any(t.start < start < t.end for t in part.tones) for start in part.onsets]
    return {
        "voices at once": mean(heard),
        "voices at once, most": most(heard),
        "voices at once, spread": spread(heard),
        "onsets while other notes sound": share(joined),
    }
