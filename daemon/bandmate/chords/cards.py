"""What is asked of the chord co-writer, and the cards that it offers."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate.chords.progression import BarOfChords, Progression
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.roman import chord_to_roman, is_diatonic
from bandmate.style.keywords import Keyword

PROPOSALS = 30
"""Proposals in a batch, as Amuse asks for."""


USUAL_TEMPERATURE = 0.92
"""Of proposals: at 1 a model as small as ours strays further than the songs that it learnt."""


@dataclass(frozen=True, slots=True)
class ChordPlan:
    """All that the co-writer is told; a plan, a proposer and a prior give the same cards."""

    key: Key
    bars: int
    """1..16."""
    meter: Meter
    tempo: float
    """Quarter notes per minute, 20..400."""
    seed: int
    """0..2**31-1."""
    cards: int = 4
    """1..8."""
    keywords: tuple[Keyword, ...] = ()
    section: str | None = None
    before: tuple[BarOfChords, ...] = ()
    """Bars that stand before the card, in the song."""
    after: tuple[BarOfChords, ...] = ()
    """Bars that stand behind it."""
    temperature: float = USUAL_TEMPERATURE
    """Of the proposals, 0.1..2."""
    m: float | None = None
    """M of the acceptance; None is the one calibrated for the proposer."""
    voicing: str = "smooth"
    rhythm: str = "held"
    bass: bool = True
    program: int = 0
    """General MIDI program of the chords, 0..127."""


@dataclass(frozen=True, slots=True)
class Card:
    """One progression offered, and why."""

    progression: Progression
    is_accepted: bool
    """By rejection sampling; else it tops the cards up, as the best of what was left."""
    log_p: float
    """Natural log of the prior's probability of the progression."""
    ratio: float
    """P(x) / Q(x): how much likelier real songs are to hold it than this proposer to write it."""
    proposer: str
    """``proposer@1a2b3c4d``, ``prior@1a2b3c4d`` or a foreign model's name."""
    answers: tuple[str, ...] = ()
    """The keywords that it answers."""

    @property
    def romans(self) -> tuple[tuple[str, ...], ...]:
        """Roman numerals, bar by bar."""
        key = self.progression.key
        return tuple(
            tuple(chord_to_roman(chord, key) for chord in bar) for bar in self.progression.bars
        )

    @property
    def symbols(self) -> tuple[tuple[str, ...], ...]:
        """Chord names for a screen, bar by bar."""
        key = self.progression.key
        return tuple(tuple(chord.symbol(key) for chord in bar) for bar in self.progression.bars)

    @property
    def borrowed(self) -> tuple[str, ...]:
        """Names of the chords that leave the key, each once."""
        key = self.progression.key
        chords = dict.fromkeys(chord for bar in self.progression.bars for chord in bar)
        return tuple(chord.symbol(key) for chord in chords if not is_diatonic(chord, key))
