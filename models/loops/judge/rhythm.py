"""When a part plays and how long: places in the bar, gaps, rests and durations."""

from __future__ import annotations

import math
from itertools import pairwise

from bandmate.loops.model.vocabulary import STEPS
from judge.figures import Figures, commonest, entropy, least, mean, most, ratio, share, spread
from judge.piece import SLOTS, PartNotes

_GAPS = {
    "a sixteenth or less": (0, 3), "a triplet eighth": (4, 4), "an eighth": (5, 6),
    "a triplet quarter": (7, 8), "a dotted eighth": (9, 9), "a quarter": (10, 12),
    "a dotted quarter": (13, 18), "a half": (19, 24), "more than a half": (25, 9999),
}  # fmt: skip
"""Name -> fewest and most steps."""
_PLACES = {
    "on beats": (0,), "on off-beat eighths": (6,), "on the second sixteenth": (3,),
    "on the last sixteenth": (9,), "on triplets": (4, 8),
}  # fmt: skip


def rhythm(part: PartNotes) -> Figures:
    """Return the features of a part's onsets."""
    return {**_density(part), **_grid(part), **_gaps(part), **_syncopation(part)}


def _density(part: PartNotes) -> Figures:
    counts = [len({tone.start for tone in bar}) for bar in part.by_bar]
    notes = [len(bar) for bar in part.by_bar]
    return {
        "notes a bar": mean(notes),
        "onsets a bar": mean(counts),
        "onsets a bar, spread": spread(counts),
        "onsets in the fullest bar": most(counts),
        "onsets in the emptiest bar": least(counts),
        "onsets in the last bar over the others": ratio(counts[-1], mean(counts[:-1])),
        "onsets in the first bar over the others": ratio(counts[0], mean(counts[1:])),
        "bars of equal onset count, neighbours": share(a == b for a, b in pairwise(counts)),
    }


def _grid(part: PartNotes) -> Figures:
    total = len(part.onsets)
    slots = [part.slot(start) for start in part.onsets]
    within = [start % STEPS for start in part.onsets]
    return {
        **{f"onsets in slot {i + 1} of 16": ratio(slots.count(i), total) for i in range(SLOTS)},
        **{f"onsets {n}": share(s in at for s in within) for n, at in _PLACES.items()},
        "slots used": len(set(slots)),
        "entropy of slots": entropy(slots),
        "downbeats struck": len({s for s in part.onsets if s % part.bar_steps == 0}) / part.bars,
        "beats struck": len([s for s in part.onsets if s % STEPS == 0]) * STEPS / part.end,
    }


def _gaps(part: PartNotes) -> Figures:
    gaps = [b - a for a, b in pairwise(part.onsets)]
    return {
        **{f"gaps of {n}": share(a <= g <= b for g in gaps) for n, (a, b) in _GAPS.items()},
        "mean gap, beats": mean(gaps) / STEPS,
        "gap spread, beats": spread(gaps) / STEPS,
        "distinct gaps": len(set(gaps)),
        "gap entropy": entropy(gaps),
        "gaps that are the commonest": commonest(gaps),
        "gaps equal to the one before": share(a == b for a, b in pairwise(gaps)),
    }


def _syncopation(part: PartNotes) -> Figures:
    nexts = [*part.onsets[1:], part.end]
    pairs = list(zip(part.onsets, nexts, strict=True))
    over = [a % STEPS != 0 and b > a - a % STEPS + STEPS for a, b in pairs]
    into_bar = [
        a % part.bar_steps != 0 and b > a - a % part.bar_steps + part.bar_steps for a, b in pairs
    ]
    return {
        "onsets that hold over the next beat": share(over),
        "bars begun by an onset held over": sum(into_bar) / part.bars,
    }


def rests(part: PartNotes) -> Figures:
    """Return the features of a part's silences, in beats."""
    silences, sounded = [], 0
    for tone in part.tones:
        silences.append((sounded, tone.start))
        sounded = max(sounded, tone.end)
    silences.append((sounded, part.end))
    lengths = [(b - a) / STEPS for a, b in silences if b > a]
    inner = [(b - a) / STEPS for a, b in silences[1:-1] if b > a]
    return {
        "longest rest": max(lengths, default=0.0),
        "longest rest between notes": max(inner, default=0.0),
        "mean rest": mean(lengths),
        "rest spread": spread(lengths),
        "rests a bar": len(lengths) / part.bars,
        "rests of a beat or more a bar": sum(x >= 1 for x in lengths) / part.bars,
        "rests of two beats or more a bar": sum(x >= 2 for x in lengths) / part.bars,
        "silent share of time": sum(lengths) * STEPS / part.end,
        "beats before the first note": part.onsets[0] / STEPS if part.onsets else math.nan,
        "beats after the last note": (part.end - sounded) / STEPS,
        "bars without an onset": share(not bar for bar in part.by_bar),
    }


def durations(part: PartNotes) -> Figures:
    """Return the features of how long a part's notes are."""
    steps = [tone.steps for tone in part.tones]
    top = part.top
    reach = [ratio(a.steps, b.start - a.start) for a, b in pairwise(top)]
    return {
        **{f"notes of {n}": share(a <= s <= b for s in steps) for n, (a, b) in _GAPS.items()},
        "mean duration, beats": mean(steps) / STEPS,
        "duration spread, beats": spread(steps) / STEPS,
        "longest note, beats": most(steps) / STEPS,
        "distinct durations": len(set(steps)),
        "duration entropy": entropy(steps),
        "notes of the commonest duration": commonest(steps),
        "notes of a duration off the sixteenths": share(s % 3 != 0 for s in steps),
        "duration over gap": mean(reach),
        "duration over gap, spread": spread(reach),
        "notes that end with the next onset": share(abs(r - 1) < 1e-9 for r in reach),
        "notes that sound into the next onset": share(r > 1 for r in reach),
        "notes with a gap after them": share(r < 0.95 for r in reach),
        "notes held over the bar": share(
            t.start % part.bar_steps + t.steps > part.bar_steps for t in part.tones
        ),
        "notes held over the beat": share(t.start % STEPS + t.steps > STEPS for t in part.tones),
        "notes held to the end": share(t.end >= part.end for t in part.tones),
        "durations equal at an onset": share(
            len({t.steps for t in found}) == 1 for found in part.struck.values() if len(found) > 1
        ),
    }
