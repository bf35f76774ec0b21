"""Q of a foreign proposer: its habits, counted in its own first proposals, whatever the keywords.

Root, content, bass and when the next change comes are counted each for itself, since a small model
favours plain triads on any root: anywhere, within the mode, and behind what stood before. Each
count leans on the wider one by what is new in it (Witten and Bell 1991). Last, what a proposal
holds counts as written too: two thousand proposals do not foretell the manner of each batch, and
an odd chord must not pass as real only because it had not been seen. So Q is no distribution over
progressions but an estimate made for each. Kept as JSON in bandmate's own folder under the model's
checksum.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bandmate.chords.events import WHENS, events_of, when_of
from bandmate.chords.progression import BarOfChords
from bandmate.chords.steering import learnt_mode
from bandmate.chords.vocabulary import CONTENTS
from bandmate.errors import FileError
from bandmate.paths import home

ENOUGH = 2000
"""Proposals from which habits are counted."""
FORM = 2
"""Of the kept file; a file of another form is measured anew."""

_SIZES = {"root": 13, "content": len(CONTENTS), "bass": 12, "when": WHENS}
"""How many values each part of a change can have."""
_OWN = 20
"""What is counted weighs as much as so many changes of the proposal itself."""
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
    counts: dict[str, dict[str, int]]
    """Under "root", "root in maj" and "root behind 7" (a chord on 7): how often which root."""
    m: dict[str, float]
    """M by temperature."""
    form: int = FORM

    @classmethod
    def counted(
        cls, proposer: str, progressions: Iterable[tuple[Sequence[BarOfChords], int, str]]
    ) -> Habits:
        """Count progressions with their tonics and modes; M is still to be calibrated."""
        counts: dict[str, Counter[str]] = {}
        proposals = 0
        for bars, tonic, mode in progressions:
            proposals += 1
            for said in _said(bars, tonic, mode):
                for context in said.contexts:
                    counts.setdefault(context, Counter())[said.value] += 1
        plain = {context: dict(found) for context, found in counts.items()}
        return cls(proposer, proposals, plain, {})

    def log(
        self, bars: Sequence[BarOfChords], tonic: int, mode: str, temperature: float = 1.0
    ) -> float:
        """Return the natural log of how likely it is that this progression was written."""
        said = list(_said(bars, tonic, mode))
        own = {part: Counter(one.value for one in said if one.part == part) for part in _SIZES}
        return sum(
            math.log(self._chances(one, own[one.part], temperature)[int(one.value)]) for one in said
        )

    def _chances(self, said: _Said, own: Mapping[str, int], temperature: float) -> list[float]:
        """Return the chance of every value of a part, in a proposal that holds *own* of it."""
        size = _SIZES[said.part]
        chances = [1 / size] * size
        for context in said.contexts:
            found = self.counts.get(context)
            if found:
                chances = _leaning(found, len(found), chances)
        powered = [c ** (1 / temperature) for c in _leaning(own, _OWN, chances)]
        whole = sum(powered)
        return [chance / whole for chance in powered]

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
            return cls(**said) if said["form"] == FORM else None
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None


class _Said(NamedTuple):
    """One part of one change."""

    part: str
    contexts: tuple[str, ...]
    """Wide to narrow."""
    value: str


def _said(bars: Sequence[BarOfChords], tonic: int, mode: str) -> Iterable[_Said]:
    """Yield root, content, bass and stay of each change above the tonic."""
    events, mode = events_of(bars, tonic), learnt_mode(mode)
    root_before = content_before = _START
    for index, event in enumerate(events):
        following = events[index + 1].start if index + 1 < len(events) else None
        root, content, bass = map(str, event.numbers)
        when = str(when_of(event.start, following))
        for part, behind, value in (
            ("root", root_before, root),
            ("content", content_before, content),
            ("bass", content, bass),
            ("when", "", when),
        ):
            narrow = (f"{part} behind {behind}",) if behind else ()
            yield _Said(part, (part, f"{part} in {mode}", *narrow), value)
        root_before, content_before = root, content


def _leaning(found: Mapping[str, int], weight: float, wider: Sequence[float]) -> list[float]:
    """Return the chances of counts that lean on wider ones as on *weight* counts more."""
    total = sum(found.values()) + weight
    return [(found.get(str(i), 0) + weight * chance) / total for i, chance in enumerate(wider)]
