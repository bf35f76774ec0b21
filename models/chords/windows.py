"""What prior and proposer are shown of a song: all of it, or a window and what is around it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate.chords.progression import BarOfChords
from real_songs import Song

SHARES = {
    "realbook": 0.2, "imaginary": 0.2, "pop909": 0.22, "billboard": 0.2, "nottingham": 0.08,
    "openewld": 0.08, "loops": 0.02,
}  # fmt: skip
"""How often a source is drawn."""
_LENGTHS = (4, 4, 4, 4, 8, 8, 8, 2, 3, 6, 12, 16, 1, 5, 7)
_CONTEXT = (0, 0, 0, 1, 2, 4, 4, 8)


@dataclass(frozen=True, slots=True)
class Window:
    """Bars of a song to be written, and what stands around them."""

    song: Song
    before: tuple[BarOfChords, ...]
    bars: tuple[BarOfChords, ...]
    after: tuple[BarOfChords, ...]
    section: str | None


class Windows:
    """Draws from the songs of a split, by the shares of their sources."""

    def __init__(self, songs: Sequence[Song], seed: str) -> None:
        self.rng = random.Random(seed)
        self._of = {s: [song for song in songs if song.source == s] for s in SHARES}

    def song(self) -> Song:
        """Draw a song."""
        source = self.rng.choices(list(SHARES), list(SHARES.values()))[0]
        return self.rng.choice(self._of[source])

    def window(self, has_context: float = 0.5) -> Window:
        """Draw a window, with something around it *has_context* of the time."""
        song = self.song()
        length = min(self.rng.choice(_LENGTHS), len(song.bars))
        start = self._start(song, len(song.bars) - length)
        before = after = 0
        if self.rng.random() < has_context:
            before, after = self.rng.choice(_CONTEXT), self.rng.choice(_CONTEXT)
        end = start + length
        return Window(
            song,
            song.bars[max(0, start - before) : start],
            song.bars[start:end],
            song.bars[end : end + after],
            song.sections[start],
        )

    def _start(self, song: Song, latest: int) -> int:
        """Draw where a window starts: mostly on a section, or a multiple of four or two from it."""
        if self.rng.random() < 0.1:
            return self.rng.randint(0, latest)
        step = self.rng.choice((4, 4, 2))
        ends = (*song.starts[1:], len(song.bars))
        fit = [
            bar
            for first, behind in zip(song.starts, ends, strict=True)
            for bar in range(first, behind, step)
            if bar <= latest
        ]
        return self.rng.choice(fit)
