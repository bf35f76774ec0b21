"""What can be said of a loop before it is written: the plan, and the fields that steer it.

Pure Python: the daemon's own process imports this room's plan, never its model.
"""

from __future__ import annotations

from dataclasses import dataclass

from bandmate.music.clip import ChordSpan, Clip, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter

GRID = 12
"""Steps of a beat on which notes are written: triplets and sixteenths both fall on one."""

MAX_BAR_BEATS = 7.0
"""Longest bar that the loop model can write, in beats (7/4)."""

FIELDS = ("Density", "Pitch", "Register", "Velocity", "Duration", "Polyphony", "Swing")
"""Measured fields that steer: each globally, per part and per bar (see ``model/measured.py``)."""


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part that is to be written."""

    name: str
    """Role, with a digit 2..4 for a second of its kind."""
    program: int
    """General MIDI program, 0..127."""


LOCKS = ("rhythm", "pitches")
"""What of a draft may stay while the rest is written anew."""


@dataclass(frozen=True, slots=True)
class CellTask:
    """A cell (one part in one bar) that is to be written."""

    bar: int
    """From 0."""
    part: str
    vary: float = 1.0
    """How far from its draft: 0 keeps every onset, 1 is written anew."""
    lock: str | None = None
    """One of LOCKS: what stays of the draft; needs one."""
    like: int | None = None
    """An earlier bar of this clip whose cell is the draft; None takes what ``base`` has here."""
    start: float = 0.0
    """Beats of the bar that stay empty first, as before a pickup."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A measured field that is asked for."""

    field: str
    """One of FIELDS."""
    subject: str
    """"All", a part's name, or a bar from 0 as text."""
    value: float
    """In the unit of ``measured.SCALES``."""


@dataclass(frozen=True, slots=True)
class LoopPlan:
    """All that the generator is told; a plan and a model give the same notes every time."""

    bars: int
    """1..64."""
    tempo: float
    """Quarter notes per minute, 20..400."""
    meter: Meter
    key: Key
    parts: tuple[PlannedPart, ...]
    """1..10, names unique."""
    seed: int
    """0..2**31-1."""
    genre: str | None = None
    section: str | None = None
    """Of bars that ``sections`` leaves open."""
    sections: tuple[str | None, ...] = ()
    """One a bar, or none at all."""
    energy: int | None = None
    """1 (calm) .. 5 (driving)."""
    chords: tuple[ChordSpan, ...] = ()
    """In beats from the clip's start; empty leaves the harmony to the model."""
    wishes: tuple[Wish, ...] = ()
    """Measured fields, each subject of a field once."""
    base: tuple[Part, ...] = ()
    """What is there already, notes in beats from the clip's start; those before it and behind its
    end are heard and not given back."""
    tasks: tuple[CellTask, ...] | None = None
    """Cells to write, the others are kept as ``base`` has them; None writes every cell."""
    strictness: float = 0.0
    """0 leaves chords to the model, 1 lets only chord tones sound on strong beats."""
    feel: float = 0.0
    """0 plays on the grid, 1 as people play: timing and velocity."""
    is_loop: bool = True
    """The end leads back to the start."""
    stretch: float = 1.0
    """What the times of the written clip are multiplied by (and its tempo): 2 is half time."""
    temperature: float = 1.0
    """0.1..2."""
    top_k: int = 0
    """Keep the k likeliest tokens; 0 keeps all."""
    top_p: float = 0.98
    """Keep the likeliest tokens that share this probability, 0.05..1."""
    in_key: bool = True
    """Strong beats keep to the key's scale or the chord; at strictness 1 every note does."""

    @classmethod
    def of_clip(cls, clip: Clip, seed: int = 0) -> LoopPlan:
        """Return the plan of a clip that is there already: nothing is left to write."""
        return cls(
            clip.bars,
            clip.tempo,
            clip.meter,
            clip.key or Key(0),
            tuple(PlannedPart(part.name, part.program) for part in clip.parts),
            seed,
            chords=clip.chords,
            base=clip.parts,
            tasks=(),
        )
