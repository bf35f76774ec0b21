"""What a faked project of REAPER's holds: tempo marks, tracks, items, takes, notes."""

from __future__ import annotations

from dataclasses import dataclass, field

PPQ = 960
"""Ticks of a quarter note in a MIDI take."""

FakeNote = tuple[float, float, int, int, int]
"""Start and end in PPQ, channel, pitch, velocity."""


@dataclass(frozen=True)
class TempoMark:
    """A tempo and a meter from a time on."""

    time: float
    """Seconds."""
    bpm: float
    """Quarter notes per minute."""
    numerator: int = 4
    denominator: int = 4


@dataclass(eq=False)
class FakeTrack:
    """A track and what lies on it."""

    guid: str
    name: str = ""
    is_selected: bool = False
    items: list[FakeItem] = field(default_factory=list)


@dataclass(eq=False)
class FakeItem:
    """An item from one quarter note to another, with its takes."""

    start: float
    end: float
    takes: list[FakeTake]
    guid: str = ""
    active: int = 0
    is_selected: bool = False
    is_looped: bool = True

    @property
    def take(self) -> FakeTake:
        """The take that sounds."""
        return self.takes[self.active]


@dataclass(eq=False)
class FakeTake:
    """The take of an item and its notes."""

    name: str = ""
    notes: list[FakeNote] = field(default_factory=list)
    sorts: int = 0
    start: float = 0.0
    """The quarter note at which its source begins."""
    length: float = 16.0
    """Quarter notes of its source."""
    ext: dict[str, str] = field(default_factory=dict)
    muted: set[int] = field(default_factory=set)
    is_midi: bool = True
    scale: tuple[int, int] | None = None
    """Root and scale of the MIDI editor."""
