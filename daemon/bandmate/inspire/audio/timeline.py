"""Chords in time, slot by slot, and the bars that they make."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bandmate.chords.progression import BarOfChords, Progression
from bandmate.errors import FileError
from bandmate.music.chord import Chord
from bandmate.music.key import Key

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

NOTHING = "no chords can be heard in it"
_MOST_CHORDS = 4
"""Chords in a bar of a progression."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Slots in time, before their chords are known."""

    edges: NDArray[float64]
    """Seconds."""
    beats: int
    """In a bar."""
    parts: int
    """Slots in a beat."""
    tempo: float
    """Quarter notes per minute."""

    @property
    def bar_slots(self) -> int:
        """Slots in a bar."""
        return self.beats * self.parts


@dataclass(frozen=True, slots=True)
class Timeline:
    """Chords in time, on slots of a beat or half a beat."""

    edges: tuple[float, ...]
    """Seconds at which slots start, and the end of the last."""
    chords: tuple[Chord, ...]
    """A chord for each slot."""
    first_bar: int
    """The slot with which the first whole bar starts."""
    bar_slots: int
    """Slots in a bar."""
    tempo: float
    """Quarter notes per minute."""
    key: Key

    def at(self, seconds: float) -> Chord:
        """Return the chord at a time, none before the first slot or behind the last."""
        slot = bisect_right(self.edges, seconds) - 1
        return self.chords[slot] if 0 <= slot < len(self.chords) else Chord(None)

    @property
    def has_chords(self) -> bool:
        """True where a chord sounds anywhere."""
        return any(not chord.is_none for chord in self.chords)

    @property
    def progression(self) -> Progression:
        """The chords in bars, from the first to the last with a chord.

        Raises FileError where there is none.
        """
        bars = _bars(self.chords, self.first_bar, self.bar_slots)
        if not bars:
            raise FileError(NOTHING)
        return Progression(self.key, bars)


def _bars(chords: Sequence[Chord], first: int, size: int) -> tuple[BarOfChords, ...]:
    """Return bars of *size* slots, without those at either end in which no chord sounds.

    A started bar at either end counts where half of it or more is there; what is missing of it
    sounds like its nearest slot.
    """
    slots = list(chords)
    if first >= size / 2:
        slots = [slots[0]] * (size - first) + slots
        first = 0
    slots = slots[first:]
    rest = len(slots) % size
    if rest:
        slots = slots + [slots[-1]] * (size - rest) if rest >= size / 2 else slots[:-rest]
    bars = [slots[i : i + size] for i in range(0, len(slots), size)]
    while bars and all(chord.is_none for chord in bars[-1]):
        bars.pop()
    while bars and all(chord.is_none for chord in bars[0]):
        bars.pop(0)
    return tuple(shared(bar) for bar in bars)


def shared(slots: Sequence[Chord]) -> BarOfChords:
    """Return the fewest chords, 1..4, that share a bar equally and come nearest to its slots.

    They change where slots do; only in bars of five or seven may they change between them.
    """
    counts = [n for n in range(1, _MOST_CHORDS + 1) if len(slots) % n == 0]
    if len(slots) > _MOST_CHORDS and counts == [1]:
        counts = list(range(1, _MOST_CHORDS + 1))
    ranked = [(_distance(slots, bar), bar) for bar in (_parted(slots, n) for n in counts)]
    return min(ranked, key=lambda pair: (pair[0], len(pair[1])))[1]


def _parted(slots: Sequence[Chord], count: int) -> BarOfChords:
    """Return the commonest chord of each of *count* equal parts of a bar."""
    parts: list[list[Chord]] = [[] for _ in range(count)]
    for i, chord in enumerate(slots):
        parts[int((i + 0.5) * count / len(slots))].append(chord)
    return tuple(Counter(part).most_common(1)[0][0] for part in parts)


def _distance(slots: Sequence[Chord], bar: BarOfChords) -> int:
    """Return for how many 840ths of its length a bar differs from its slots."""
    places = range(len(slots) * len(bar))
    differing = sum(slots[i // len(bar)] != bar[i // len(slots)] for i in places)
    return round(differing * 840 / len(places))
