"""How the parts stand to each other: bass and kick, registers, who plays when, what is doubled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

from judge.drums import hits
from judge.figures import Figures, alike, cosine, entropy, least, mean, most, ratio, share, spread
from judge.piece import SLOTS, PartNotes, Piece, role_of
from judge.repeats import pairs_alike


def band(piece: Piece) -> Figures:
    """Return the features of all parts together."""
    return {
        **_density(piece),
        **_bass_and_kick(piece),
        **_registers(list(piece.pitched.values())),
        **_together(piece),
        **_doubling(list(piece.pitched.values())),
        **_form(piece),
        **_seam(piece),
    }


def _parts(piece: Piece) -> list[PartNotes]:
    drums = [piece.drums] if piece.drums.tones else []
    return [*drums, *piece.pitched.values()]


def _density(piece: Piece) -> Figures:
    parts = _parts(piece)
    onsets = sorted({start for part in parts for start in part.onsets})
    counts = [len(part.onsets) / piece.bars for part in parts]
    bars = [sum(bool(part.by_bar[bar]) for part in parts) for bar in range(piece.bars)]
    slots = [start % piece.bar_steps * SLOTS // piece.bar_steps for start in onsets]
    return {
        **{f"any onset in slot {i + 1} of 16": slots.count(i) / piece.bars for i in range(SLOTS)},
        "notes a bar": sum(len(part.tones) for part in parts) / piece.bars,
        "onsets a bar": len(onsets) / piece.bars,
        "onsets a bar, fullest part": most(counts),
        "onsets a bar, emptiest part": least(counts),
        "onsets a bar, spread over parts": spread(counts),
        "parts that sound in a bar": mean(bars),
        "parts that sound in a bar, spread": spread(bars),
        "cells empty": 1 - sum(bars) / (piece.bars * len(parts)),
        "parts that are silent in a bar": share(not all(p.by_bar) for p in parts),
        "parts in the first bar over the last": ratio(bars[0], bars[-1]),
        "parts that start the clip": share(bool(p.tones) and p.onsets[0] == 0 for p in parts),
    }


def _bass_and_kick(piece: Piece) -> Figures:
    bass = piece.notes_of(*(name for name in piece.pitched if role_of(name) == "bass"))
    found = hits(piece.drums)
    kick, snare = set(found["kick"]), set(found["snare"])
    struck = set(bass.onsets)
    return {
        "bass on the kick": share(start in kick for start in bass.onsets),
        "kick with the bass": share(step in struck for step in kick) if struck else math.nan,
        "bass on the snare": share(start in snare for start in bass.onsets),
        "bass and kick alike": alike(struck, kick) if struck and kick else math.nan,
        "bass and kick counts apart": abs(len(struck) - len(kick)) / piece.bars,
    }


def _registers(parts: Sequence[PartNotes]) -> Figures:
    means = sorted(mean(t.pitch for t in part.tones) for part in parts)
    gaps = [b - a for a, b in pairwise(means)]
    ranges = [(min(t.pitch for t in p.tones), max(t.pitch for t in p.tones)) for p in parts]
    overlaps = [
        max(0, min(a[1], b[1]) - max(a[0], b[0])) / max(1, max(a[1], b[1]) - min(a[0], b[0]))
        for a, b in combinations(ranges, 2)
    ]
    lowest = sorted(means)
    return {
        "register gap, lowest two parts": gaps[0] if gaps else math.nan,
        "register gap, highest two parts": gaps[-1] if gaps else math.nan,
        "register gap, mean": mean(gaps),
        "register gap, spread": spread(gaps),
        "register gap, least": least(gaps),
        "register overlap, mean": mean(overlaps),
        "register overlap, most": most(overlaps),
        "register of the lowest part": lowest[0] if lowest else math.nan,
        "register of the highest part": lowest[-1] if lowest else math.nan,
        "lowest part stays under the next": _stays_under(parts),
    }


def _stays_under(parts: Sequence[PartNotes]) -> float:
    """Return the share of onsets where the part of the lowest mean is the lowest that sounds."""
    if len(parts) < 2:
        return math.nan
    first, *others = sorted(parts, key=lambda part: mean(t.pitch for t in part.tones))
    found = []
    for tone in first.lowest:
        above = [t.pitch for part in others for t in part.struck.get(tone.start, ())]
        if above:
            found.append(tone.pitch < min(above))
    return share(found)


def _together(piece: Piece) -> Figures:
    parts = _parts(piece)
    onsets = [set(part.onsets) for part in parts]
    likeness = [alike(a, b) for a, b in combinations(onsets, 2)]
    every = set().union(*onsets)
    counts = [sum(start in found for found in onsets) for start in every]
    bars = [[len(bar) for bar in part.by_bar] for part in parts]
    pitched = [set(part.onsets) for part in piece.pitched.values()]
    return {
        "onsets shared by two parts, mean": mean(likeness),
        "onsets shared by two parts, most": most(likeness),
        "onsets shared by two parts, least": least(likeness),
        "parts an onset": mean(counts),
        "parts an onset, spread": spread(counts),
        "onsets of one part alone": share(count == 1 for count in counts),
        "onsets of all parts": share(count == len(parts) for count in counts),
        "densities of two parts go together": mean(
            cosine(_centred(a), _centred(b)) for a, b in combinations(bars, 2)
        ),
        "pitched onsets on a drum": share(
            start in piece.drums.struck for found in pitched for start in found
        )
        if piece.drums.tones
        else math.nan,
    }


def _centred(values: Sequence[float]) -> list[float]:
    middle = sum(values) / len(values)
    return [value - middle for value in values]


def _doubling(parts: Sequence[PartNotes]) -> Figures:
    """What two parts strike at once: the same pitch, the same class, seconds."""
    unison = octave = minor = major = tritone = pairs = 0
    for one, other in combinations(parts, 2):
        for start in one.struck.keys() & other.struck.keys():
            for a in one.struck[start]:
                for b in other.struck[start]:
                    way = abs(a.pitch - b.pitch)
                    pairs += 1
                    unison += way == 0
                    octave += way % 12 == 0 and way > 0
                    minor += way % 12 in (1, 11)
                    major += way % 12 in (2, 10)
                    tritone += way % 12 == 6
    return {
        "two parts in unison": ratio(unison, pairs),
        "two parts in octaves": ratio(octave, pairs),
        "half steps between parts": ratio(minor, pairs),
        "whole steps between parts": ratio(major, pairs),
        "tritones between parts": ratio(tritone, pairs),
        "pairs of notes struck at once a bar": pairs / parts[0].bars if parts else math.nan,
        "lines that go in parallel": _parallel(parts),
    }


def _parallel(parts: Sequence[PartNotes]) -> float:
    """Return the share of moves that two top lines make at the same time and the same way."""
    same = []
    for one, other in combinations(parts, 2):
        a = {x.start: y.pitch - x.pitch for x, y in pairwise(one.top)}
        b = {x.start: y.pitch - x.pitch for x, y in pairwise(other.top)}
        same += [a[start] == b[start] != 0 for start in a.keys() & b.keys()]
    return share(same)


def _form(piece: Piece) -> Figures:
    parts = _parts(piece)
    rhythms = [
        frozenset((i, tone.start) for i, part in enumerate(parts) for tone in part.by_bar[bar])
        for bar in range(piece.bars)
    ]
    notes = [
        frozenset(
            (i, tone.start, tone.pitch) for i, part in enumerate(parts) for tone in part.by_bar[bar]
        )
        for bar in range(piece.bars)
    ]
    counts = [len(bar) for bar in notes]
    return {
        **pairs_alike("band's rhythm alike", rhythms),
        **pairs_alike("band's notes alike", notes),
        "notes a bar, spread over bars": spread(counts),
        "notes in the last bar over the others": ratio(counts[-1], mean(counts[:-1])),
        "entropy of notes over parts": entropy(
            i for i, part in enumerate(parts) for _ in part.tones
        ),
    }


def _seam(piece: Piece) -> Figures:
    """How the last bar leads back to the first."""
    rhythm, leaps, hanging = [], [], []
    for part in piece.pitched.values():
        first, last = part.by_bar[0], part.by_bar[-1]
        rhythm.append(alike({t.start for t in first}, {t.start for t in last}))
        hanging.append(any(t.start + t.steps >= part.bar_steps for t in last))
        if first and last:
            leaps.append(abs(last[-1].pitch - first[0].pitch))
    return {
        "last bar's rhythm like the first's": mean(rhythm),
        "leap from the end to the start": mean(leaps),
        "parts that sound to the end": share(hanging),
    }
