"""Swing: off-beats moved between even and triplet, by bending the time within a beat.

Time is bent, not notes: the off-beat goes where it is asked, all that lies between goes along in
proportion, and beats stay where they are, so that order and legato survive.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable

from bandmate.loops.performance.groove_table import felt_beats
from bandmate.music.clip import Clip, Note
from bandmate.music.meter import Meter

_SOME = 0.2
_EPSILON = 1e-3


def swings_sixteenths(clip: Clip, genre: str | None, swung_eighths: Container[str]) -> bool:
    """Tell whether sixteenths swing in a clip, not eighths.

    They do where a fifth of the onsets stand on them: music that counts in sixteenths (funk, hip
    hop) swings those and keeps its eighths even. A genre whose eighths people swing never does.
    """
    if genre in swung_eighths:
        return False
    onsets = {(part.name, note.start) for part in clip.parts for note in part.notes}
    fine = sum(abs(start % 0.5 - 0.25) < _EPSILON for _, start in onsets)
    return fine > _SOME * len(onsets)


class Bend:
    """How the time of one part is bent."""

    def __init__(self, notes: Iterable[Note], meter: Meter, swing: float, sixteenths: bool) -> None:
        """*swing* is 0 for even, 1 for triplet; *notes* are all of the part, as written."""
        self._bar = meter.bar_beats
        self._beats = felt_beats(meter)
        self._starts = [start for start, _ in self._beats]
        self._pairs = 2 if sixteenths else 1
        self._off = (3 + swing) / 6
        self._heard: dict[float, set[int]] = {}
        for note in notes:
            start = self._beat(note.start)
            if start is not None:
                self._heard.setdefault(start, set()).add(round((note.start - start) * 12))

    def bent(self, time: float) -> float:
        """Return where a time (beats from the clip's start) goes."""
        beat = self._beat(time)
        if beat is None:
            return time
        pair = min(self._pairs - 1, int((time - beat + _EPSILON) * self._pairs))
        knot = self._knot(self._heard.get(beat, set()), pair)
        if knot is None:
            return time
        within = (time - beat) * self._pairs - pair
        if within < knot:
            moved = within * self._off / knot
        else:
            moved = 1 - (1 - within) * (1 - self._off) / (1 - knot)
        return beat + (pair + moved) / self._pairs

    def _beat(self, time: float) -> float | None:
        """Return the start of the beat around a time; None in a dotted one, which has no half."""
        bar = int((time + _EPSILON) // self._bar)
        within = time - bar * self._bar
        index = bisect_right(self._starts, within + _EPSILON) - 1
        start, length = self._beats[index]
        return bar * self._bar + start if length == 1 else None

    def _knot(self, heard: set[int], pair: int) -> float | None:
        """Return the share of a pair at which its off-beat is written: a half, or swung already.

        None where the beat is a triplet: those stay.
        """
        if self._pairs == 1:
            if 4 in heard and 6 not in heard:
                return None
            return 2 / 3 if 8 in heard and 6 not in heard else 1 / 2
        if 8 in heard and 6 not in heard:
            return None
        first = 6 * pair
        return 2 / 3 if first + 4 in heard and first + 3 not in heard else 1 / 2
