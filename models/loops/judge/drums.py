"""What the drums do: kinds of drum on a grid, crashes, fills, likeness by drum."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bandmate.loops.model.vocabulary import STEPS
from judge.figures import Figures, alike, commonest, entropy, mean, most, ratio, share, spread
from judge.piece import SLOTS, PartNotes
from judge.repeats import repeats
from judge.rhythm import rhythm

KINDS = {
    "kick": (35, 36), "snare": (38, 40), "side stick or clap": (37, 39), "closed hat": (42, 44),
    "open hat": (46,), "ride": (51, 53, 59), "crash": (49, 52, 55, 57),
    "tom": (41, 43, 45, 47, 48, 50),
}  # fmt: skip
"""Kind -> General MIDI drums; all others are percussion."""
KIND_OF = {pitch: kind for kind, drums in KINDS.items() for pitch in drums}
OTHER = "percussion"
_GRIDDED = ("kick", "snare", "closed hat")


def drums(part: PartNotes) -> Figures:
    """Return the features of a drum part."""
    by_kind = hits(part)
    return {
        **rhythm(part),
        **repeats(part, is_drums=True),
        **_kinds(part, by_kind),
        **_grids(part, by_kind),
        **_places(part, by_kind),
        **_fills(part, by_kind),
        **_together(by_kind),
        **_alike(part, by_kind),
    }


def hits(part: PartNotes) -> dict[str, list[int]]:
    """Return kind -> the steps at which a drum of it is struck, in order."""
    found: dict[str, set[int]] = {kind: set() for kind in (*KINDS, OTHER)}
    for tone in part.tones:
        found[KIND_OF.get(tone.pitch, OTHER)].add(tone.start)
    return {kind: sorted(steps) for kind, steps in found.items()}


def _kinds(part: PartNotes, by_kind: dict[str, list[int]]) -> Figures:
    pitches = [tone.pitch for tone in part.tones]
    return {
        **{f"{kind} hits a bar": len(steps) / part.bars for kind, steps in by_kind.items()},
        "distinct drums": len(set(pitches)),
        "kinds of drum": sum(map(bool, by_kind.values())),
        "entropy of drums": entropy(pitches),
        "drums at once": ratio(len(pitches), len(part.onsets)),
        "drums at once, most": most(len(found) for found in part.struck.values()),
        "hits of one drum alone": share(len(found) == 1 for found in part.struck.values()),
        "drums heard once": share(pitches.count(p) == 1 for p in set(pitches)),
    }


def _grids(part: PartNotes, by_kind: dict[str, list[int]]) -> Figures:
    figures: Figures = {}
    for kind in _GRIDDED:
        slots = [part.slot(step) for step in by_kind[kind]]
        figures |= {
            f"{kind} in slot {i + 1} of 16": slots.count(i) / part.bars for i in range(SLOTS)
        }
    return figures


def _places(part: PartNotes, by_kind: dict[str, list[int]]) -> Figures:
    length = part.bar_steps
    bars = {kind: [step // length for step in steps] for kind, steps in by_kind.items()}
    cymbals = sorted({*by_kind["closed hat"], *by_kind["open hat"], *by_kind["ride"]})
    gaps = [b - a for a, b in pairwise(cymbals)]
    return {
        "crash on bar 1": float(0 in by_kind["crash"]),
        "crash on bar 3": float(2 * length in by_kind["crash"]),
        "crashes on downbeats": share(step % length == 0 for step in by_kind["crash"]),
        "bars with a crash": len(set(bars["crash"])) / part.bars,
        "kick on downbeats": share(bar * length in by_kind["kick"] for bar in range(part.bars)),
        "kick off the beats": share(step % STEPS != 0 for step in by_kind["kick"]),
        "snare on backbeats": share(
            step % length // STEPS % 2 == 1 and step % STEPS == 0 for step in by_kind["snare"]
        ),
        "snare off the beats": share(step % STEPS != 0 for step in by_kind["snare"]),
        "bars with an open hat": len(set(bars["open hat"])) / part.bars,
        "bars with toms": len(set(bars["tom"])) / part.bars,
        "cymbal gaps that are the commonest": commonest(gaps),
        "cymbals on sixteenths": share(step % 6 == 3 for step in cymbals),
        "cymbals on triplets": share(step % STEPS in (4, 8) for step in cymbals),
    }


def _fills(part: PartNotes, by_kind: dict[str, list[int]]) -> Figures:
    """What the last half bar has that the others have not."""
    halves = part.chunks(part.bar_steps // 2)
    counts = [len({tone.start for tone in half}) for half in halves]
    start = part.end - part.bar_steps // 2
    bars = [frozenset((t.start, t.pitch) for t in bar) for bar in part.by_bar]
    last = [alike(bars[-1], bar) for bar in bars[:-1]]
    first = [alike(bars[0], bar) for bar in bars[1:-1]]
    return {
        "onsets in the last half bar over the others": ratio(counts[-1], mean(counts[:-1])),
        "toms in the last half bar": float(sum(step >= start for step in by_kind["tom"])),
        "toms elsewhere a bar": sum(s < start for s in by_kind["tom"]) / part.bars,
        "snares in the last half bar": float(sum(step >= start for step in by_kind["snare"])),
        "last bar like the others": mean(last),
        "bars 2 and 3 like the first": mean(first),
        "last bar stands out": mean(first) - mean(last),
    }


def _together(by_kind: dict[str, list[int]]) -> Figures:
    def on(one: str, other: str) -> float:
        struck = set(by_kind[other])
        return share(step in struck for step in by_kind[one])

    return {
        "kicks with a snare": on("kick", "snare"),
        "kicks with a closed hat": on("kick", "closed hat"),
        "snares with a closed hat": on("snare", "closed hat"),
        "crashes with a kick": on("crash", "kick"),
        "crashes with a closed hat": on("crash", "closed hat"),
        "toms with a kick": on("tom", "kick"),
        "open hats with a closed hat": on("open hat", "closed hat"),
    }


def _alike(part: PartNotes, by_kind: dict[str, list[int]]) -> Figures:
    figures: Figures = {}
    for kind in ("kick", "snare", "closed hat", OTHER):
        near = [alike(a, b) for a, b in pairwise(_by_bar(part, by_kind[kind]))]
        figures |= {f"{kind} alike, neighbours": mean(near), f"{kind} alike, spread": spread(near)}
    return figures


def _by_bar(part: PartNotes, steps: Sequence[int]) -> list[frozenset[int]]:
    length = part.bar_steps
    return [
        frozenset(step % length for step in steps if step // length == bar)
        for bar in range(part.bars)
    ]
