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
from typing import Any

from bandmate.chords.events import WHENS, events_of, when_of
from bandmate.chords.progression import BarOfChords
from bandmate.chords.steering import learnt_mode
from bandmate.chords.vocabulary import CONTENTS
from bandmate.errors import FileError
from bandmate.places import home

ENOUGH = 2000
"""Proposals from which habits are counted."""
_POSSIBLE = 13 * len(CONTENTS) * 12
"""Chords that could stand anywhere."""
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
        known = {name for context in contexts for name in self.chords.get(context, ())}
        chances = {name: self._chance(contexts, name) for name in known}
        rest = self._chance(contexts, "")  # of each chord that was never seen here
        powered = {name: chance ** (1 / temperature) for name, chance in chances.items()}
        whole = sum(powered.values()) + (_POSSIBLE - len(known)) * rest ** (1 / temperature)
        return math.log(powered.get(chord, rest ** (1 / temperature)) / whole)

    def _chance(self, contexts: Sequence[str], chord: str) -> float:
        """Return the chance of a chord, each context leaning on the shorter one before it."""
        chance = 1 / _POSSIBLE
        for context in contexts:
            found = self.chords.get(context)
            if found:
                total, kinds = sum(found.values()), len(found)
                chance = (found.get(chord, 0) + kinds * chance) / (total + kinds)
        return chance

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
