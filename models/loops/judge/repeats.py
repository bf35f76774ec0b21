"""How a part repeats itself: bars, half bars and motifs, exactly or moved with the chord."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from itertools import combinations, pairwise

from judge.figures import Figures, alike, cosine, least, mean, share, spread
from judge.piece import PartNotes, Tone

BARS = 4
"""Pairs of the first four bars are told one by one."""
_SCALE_STEP = {0: 0, 2: 1, 4: 2, 5: 3, 7: 4, 9: 5, 11: 6}
Notes = Sequence[Tone]


def repeats(part: PartNotes, is_drums: bool = False) -> Figures:
    """Return the features of what comes again; drums are neither moved nor have a melody."""
    rhythms, exact = [_rhythm(bar) for bar in part.by_bar], [_exact(bar) for bar in part.by_bar]
    figures = {
        **pairs_alike("rhythm alike", rhythms),
        **pairs_alike("notes alike", exact),
        **_bars(rhythms, exact),
        **_halves(part, is_drums),
    }
    if is_drums:
        return figures
    return {**figures, **_classes(part.by_bar), **_moved_bars(part.by_bar), **_motifs(part)}


def pairs_alike(name: str, bars: Sequence[frozenset[Hashable]]) -> Figures:
    """Return how alike each two of the first four bars are, with mean, spread and least."""
    found = {
        f"{name}, bars {i + 1} and {j + 1}": alike(bars[i], bars[j]) if j < len(bars) else math.nan
        for i, j in combinations(range(BARS), 2)
    }
    near = [alike(a, b) for a, b in pairwise(bars)]
    return {
        **found,
        f"{name}, neighbours": mean(near),
        f"{name}, spread": spread(found.values()),
        f"{name}, least": least(found.values()),
    }


def _rhythm(notes: Notes) -> frozenset[Hashable]:
    return frozenset(tone.start for tone in notes)


def _exact(notes: Notes) -> frozenset[Hashable]:
    return frozenset((tone.start, tone.pitch) for tone in notes)


def is_moved(one: Notes, other: Notes, place: Callable[[int], float] = float) -> bool:
    """Say whether *other* is *one* with every pitch moved by the same way, which is not none.

    *place* maps a pitch to where it lies: semitones, or steps of the scale.
    """
    if not one or [t.start for t in one] != [t.start for t in other]:
        return False
    ways = {place(b.pitch) - place(a.pitch) for a, b in zip(one, other, strict=True)}
    return len(ways) == 1 and not (ways & {0.0}) and not math.isnan(next(iter(ways)))


def scale_step(pitch: int) -> float:
    """Return the place of a white key counted in steps of the scale, NaN of a black one."""
    step = _SCALE_STEP.get(pitch % 12)
    return math.nan if step is None else pitch // 12 * 7 + step


def _before(
    chunks: Sequence[Notes], same: Callable[[Notes, Notes], bool], reach: int = 99
) -> float:
    """Return the share of sounding stretches that are the same as one of the *reach* before."""
    return share(
        any(same(one, chunk) for one in chunks[max(0, i - reach) : i])
        for i, chunk in enumerate(chunks)
        if i and chunk
    )


def _equals_before(keys: Sequence[frozenset[Hashable]], reach: int = 99) -> float:
    """Return the share of sounding stretches that equal one of the *reach* before."""
    return share(key in keys[max(0, i - reach) : i] for i, key in enumerate(keys) if i and key)


def _bars(rhythms: Sequence[frozenset[Hashable]], exact: Sequence[frozenset[Hashable]]) -> Figures:
    half = len(exact) // 2
    return {
        "bars that repeat a rhythm exactly": _equals_before(rhythms),
        "bars that repeat the rhythm of the bar before": _equals_before(rhythms, 1),
        "bars that repeat a bar exactly": _equals_before(exact),
        "bars that repeat the bar before": _equals_before(exact, 1),
        "second half repeats the first in rhythm": _halves_equal(rhythms, half),
        "second half repeats the first exactly": _halves_equal(exact, half),
        "bars that keep the rhythm on other pitches": share(
            rhythms[i] == rhythms[i - 1] and exact[i] != exact[i - 1]
            for i in range(1, len(exact))
            if exact[i]
        ),
        "distinct bar rhythms": len(set(rhythms)),
        "distinct bars": len(set(exact)),
    }


def _halves_equal(keys: Sequence[frozenset[Hashable]], half: int) -> float:
    return share(bool(a) and a == b for a, b in zip(keys, keys[half : 2 * half], strict=False))


def _halves(part: PartNotes, is_drums: bool) -> Figures:
    halves = part.chunks(part.bar_steps // 2)
    rhythms, exact = [_rhythm(half) for half in halves], [_exact(half) for half in halves]
    figures = {
        "half bars that repeat the rhythm of the one before": _equals_before(rhythms, 1),
        "half bars that repeat a rhythm": _equals_before(rhythms),
        "half bars that repeat the one before": _equals_before(exact, 1),
        "half bars that repeat exactly": _equals_before(exact),
        "distinct half-bar rhythms": len(set(rhythms)),
    }
    if is_drums:
        return figures
    return figures | {
        "half bars moved from the one before": _before(halves, is_moved, 1),
        "half bars moved along the scale": _before(halves, _is_moved_on_scale),
    }


def _is_moved_on_scale(one: Notes, other: Notes) -> bool:
    return is_moved(one, other, scale_step)


def _top(notes: Notes) -> list[Tone]:
    highest: dict[int, Tone] = {}
    for tone in notes:
        highest[tone.start] = tone
    return [highest[start] for start in sorted(highest)]


def _moved_bars(bars: Sequence[Notes]) -> Figures:
    tops = [_top(bar) for bar in bars]
    return {
        "bars moved in semitones": _before(bars, is_moved),
        "bars moved along the scale": _before(bars, _is_moved_on_scale),
        "bars whose top line is moved": _before(tops, is_moved),
        "bars whose top line is moved along the scale": _before(tops, _is_moved_on_scale),
    }


def _classes(bars: Sequence[Notes]) -> Figures:
    weights = []
    for bar in bars:
        row = [0.0] * 12
        for tone in bar:
            row[tone.pitch % 12] += tone.steps
        weights.append(row)
    near = [cosine(a, b) for a, b in pairwise(weights)]
    means = [mean(tone.pitch for tone in bar) for bar in bars]
    return {
        "pitch classes alike, neighbours": mean(near),
        "pitch classes alike, spread": spread(near),
        "pitch classes alike, bars 1 and 3": cosine(weights[0], weights[2])
        if len(bars) > 2
        else math.nan,
        "mean pitch of the bars, spread": spread(means),
        "mean pitch, last bar above the first": means[-1] - means[0],
    }


def _motifs(part: PartNotes) -> Figures:
    """Motifs are three notes of the top line, or four, with the gaps between them."""
    figures: Figures = {}
    for count in (3, 4):
        pitches = [tone.pitch for tone in part.top]
        places = range(len(pitches) - count + 1)
        grams = [pitches[i : i + count] for i in places]
        gaps = [tuple(b - a for a, b in pairwise(part.onsets[i : i + count])) for i in places]
        ways = [tuple(b - a for a, b in pairwise(gram)) for gram in grams]
        signs = [tuple((way > 0) - (way < 0) for way in gram) for gram in ways]
        exact = list(zip(map(tuple, grams), gaps, strict=True))
        moving = list(zip(ways, gaps, strict=True))
        come_again = _again(exact)
        figures |= {
            f"motifs of {count} that come again exactly": share(come_again),
            f"motifs of {count} that come again moved": share(
                b and not a for a, b in zip(come_again, _again(moving), strict=True)
            ),
            f"rhythms of {count} that come again": share(_again(gaps)),
            f"intervals of {count} that come again": share(_again(ways)),
            f"contours of {count} that come again": share(
                _again(list(zip(signs, gaps, strict=True)))
            ),
        }
    return figures


def _again(items: Sequence[Hashable]) -> list[bool]:
    """Return for each item whether it was there before."""
    seen: set[Hashable] = set()
    found = []
    for item in items:
        found.append(item in seen)
        seen.add(item)
    return found
