"""Q of a foreign proposer: its habits, counted in its own first proposals, whatever the keywords.

An interpolated trigram of chord changes with a share for what was never seen (Witten and Bell
1991), which two thousand progressions are enough for; kept as JSON in bandmate's own folder under
the model's checksum. P and Q are compared chord for chord, so that Q says when a change comes too.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bandmate.chords.events import WHENS, events_of, when_of
from bandmate.chords.progression import BarOfChords
from bandmate.chords.steering import learnt_mode
from bandmate.chords.vocabulary import CONTENTS
from bandmate.errors import FileError
from bandmate.places import home

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENOUGH = 2000
"""Proposals from which habits are counted."""
_SIZES = (13, len(CONTENTS), 12)
"""Roots, contents and basses that a chord can have."""
_START = "start"


def habits_file(proposer: str) -> Path:
    """Return where the habits of a proposer are kept."""
    return home() / "proposers" / f"{proposer}.json"


@dataclass(frozen=True)
class Habits:
    """Counts of a proposer's chords and changes, above C."""

    proposer: str
    proposals: int
    """How many were counted."""
    chords: dict[str, dict[str, int]]
    """Behind "" (anywhere), behind one chord and behind two: how often which chord."""
    whens: dict[str, int]
    """How often a chord stayed how long."""
    m: dict[str, float]
    """M by temperature."""

    @classmethod
    def counted(
        cls, proposer: str, progressions: Iterable[tuple[Sequence[BarOfChords], int, str]]
    ) -> Habits:
        """Count progressions with their tonics and modes; M is still to be calibrated."""
        chords: dict[str, Counter[str]] = {}
        whens: Counter[str] = Counter()
        count = 0
        for bars, tonic, mode in progressions:
            count += 1
            for contexts, chord, when in _steps(bars, tonic, mode):
                for context in contexts:
                    chords.setdefault(context, Counter())[chord] += 1
                whens[str(when)] += 1
        plain = {context: dict(found) for context, found in chords.items()}
        return cls(proposer, count, plain, dict(whens), {})

    def log(
        self, bars: Sequence[BarOfChords], tonic: int, mode: str, temperature: float = 1.0
    ) -> float:
        """Return the natural log-probability of a progression."""
        total = 0.0
        for contexts, chord, when in _steps(bars, tonic, mode):
            total += self._log_chord(contexts, chord, temperature)
            total += _tempered(self.whens, str(when), WHENS, temperature)
        return total

    def _log_chord(self, contexts: Sequence[str], chord: str, temperature: float) -> float:
        powered = self._table(contexts) ** (1 / temperature)
        return math.log(powered[_place(chord)] / powered.sum())

    def _table(self, contexts: Sequence[str]) -> NDArray[np.float64]:
        """Return the chance of every chord, each context leaning on the shorter one before it.

        Below the shortest, root, content and bass stand each for itself: a model that favours
        plain triads on any root does so behind every chord.
        """
        import numpy as np

        seen = self.chords.get(contexts[0], {})
        parts = [np.ones(size) for size in _SIZES]
        for chord, count in seen.items():
            for part, number in zip(parts, map(int, chord.split()), strict=True):
                part[number] += count
        roots, kinds, basses = (part / part.sum() for part in parts)
        table: NDArray[np.float64] = np.einsum("r,c,b->rcb", roots, kinds, basses).reshape(-1)
        for context in contexts:
            found = self.chords.get(context)
            if found:
                table *= len(found)
                for chord, count in found.items():
                    table[_place(chord)] += count
                table /= sum(found.values()) + len(found)
        return table

    def write(self, file: Path) -> None:
        """Keep the habits; raises FileError."""
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            passing = file.with_suffix(".tmp")
            passing.write_text(json.dumps(self.__dict__), "utf-8")
            passing.replace(file)
        except OSError as error:
            raise FileError(f"{file} cannot be written: {error.strerror}") from error

    @classmethod
    def read(cls, file: Path) -> Habits | None:
        """Return the habits that were kept, None where there are none that make sense."""
        try:
            said: dict[str, Any] = json.loads(file.read_text("utf-8"))
            return cls(**said)
        except (OSError, ValueError, TypeError):
            return None


def _place(chord: str) -> int:
    root, content, bass = map(int, chord.split())
    return (root * _SIZES[1] + content) * _SIZES[2] + bass


def _steps(
    bars: Sequence[BarOfChords], tonic: int, mode: str
) -> Iterable[tuple[tuple[str, str, str], str, int]]:
    """Yield for each change its contexts, short to long, its chord and how long it stays."""
    events, mode = events_of(bars, tonic), learnt_mode(mode)
    before = (f"{mode} {_START}", f"{mode} {_START}")
    for index, event in enumerate(events):
        chord = " ".join(map(str, event.numbers))
        following = events[index + 1].start if index + 1 < len(events) else None
        contexts = (mode, f"{mode}|{before[1]}", f"{mode}|{before[0]}|{before[1]}")
        yield contexts, chord, when_of(event.start, following)
        before = before[1], chord


def _tempered(counts: dict[str, int], name: str, kinds: int, temperature: float) -> float:
    total = sum(counts.values()) + kinds
    powered = {n: ((c + 1) / total) ** (1 / temperature) for n, c in counts.items()}
    rest = (1 / total) ** (1 / temperature)
    whole = sum(powered.values()) + (kinds - len(powered)) * rest
    return math.log(powered.get(name, rest) / whole)
