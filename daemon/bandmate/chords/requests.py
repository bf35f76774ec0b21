"""What the co-writer's two processes are asked, and what they yield; pure values that cross a pipe.

The proposer's process (llama.cpp) takes ``Propose`` and yields ``Proposal``s. The prior's process
(onnxruntime) takes ``Judge`` and yields one ``Judged`` a proposal; ``Fill`` (propose by itself)
and yields ``Proposal``s; ``Suggest`` and yields one tuple of ``Suggestion``s.
"""

from __future__ import annotations

from dataclasses import dataclass

from bandmate.chords.cards import PROPOSALS, ChordPlan
from bandmate.chords.progression import BarOfChords, Progression
from bandmate.music.chord import Chord
from bandmate.music.key import Key
from bandmate.music.meter import Meter

HEARD = "heard"
"""Stands for the proposer of a card that was heard in a recording or a .mid."""


@dataclass(frozen=True, slots=True)
class Propose:
    """Ask the proposer for progressions."""

    plan: ChordPlan
    count: int = PROPOSALS


@dataclass(frozen=True, slots=True)
class Fill:
    """Ask the prior for progressions, where there is no proposer."""

    plan: ChordPlan
    count: int = PROPOSALS


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal of a batch."""

    index: int
    """Its place in the batch, from 0: the acceptance draws by it."""
    progression: Progression
    genre: str | None = None
    """The genre that it was written in: P and Q are taken within it."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Ask for the log-probabilities of proposals."""

    plan: ChordPlan
    proposals: tuple[Proposal, ...]
    proposer: str
    """Whose Q is meant: ``proposer@1a2b3c4d``."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A proposal with what the two models say of it."""

    proposal: Proposal
    log_p: float
    """Natural log of P(x), at temperature 1."""
    log_ratio: float
    """Natural log of P(x) / Q(x), both at the acceptance's temperature.

    Where nobody knows Q it is P's alone, a chord.
    """
    m: float
    """M, the calibrated 95th percentile of P/Q for this proposer; infinite where none is known."""
    genre: str | None = None
    """The genre that was asked for, where the progression is likelier in it than at large."""


@dataclass(frozen=True, slots=True)
class Suggest:
    """Ask for the chord that could come next."""

    before: tuple[BarOfChords, ...]
    after: tuple[BarOfChords, ...]
    key: Key
    meter: Meter
    most: int = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A chord that could come next."""

    chord: Chord
    probability: float
    """0..1, among all chords."""
