"""What somebody plays, by hand: notes, chords and pedals as a port would tell them."""

from __future__ import annotations

from dataclasses import dataclass, field

from bandmate.music.meter import Meter
from bandmate.timing.ports.inputs import Heard
from bandmate.timing.sources.grid import Grid


@dataclass
class Hands:
    """Plays to a grid, and remembers all that a port would tell of it."""

    grid: Grid
    told: list[Heard] = field(default_factory=list)

    def sends(self, beat: float, *message: int) -> None:
        """Send a message at a beat of the grid."""
        self.told.append(Heard(self.grid.second_of(beat), beat, bytes(message)))
        self.told.sort(key=lambda heard: heard.second)

    def plays(
        self, beat: float, pitch: int, duration: float = 0.9, velocity: int = 80, channel: int = 0
    ) -> None:
        """Play a note."""
        self.sends(beat, 0x90 + channel, pitch, velocity)
        self.sends(beat + duration, 0x80 + channel, pitch, 0)

    def strikes(self, beat: float, pitches: str, duration: float = 3.9) -> None:
        """Strike pitches together: ``"57 60 64"``."""
        for pitch in pitches.split():
            self.plays(beat, int(pitch), duration)

    def at(self, beat: float) -> float:
        """Return the second of a beat."""
        return self.grid.second_of(beat)


def rolling(tempo: float = 120.0, meter: str = "4/4", bar: int = 0) -> Hands:
    """Return hands that play to a song that rolls; second 1000 is the start of *bar*."""
    at = Meter.parse(meter)
    return Hands(Grid(1000.0, bar * at.bar_beats, tempo, at, bar * at.bar_beats, bar))


def standing(tempo: float = 120.0) -> Hands:
    """Return hands that play while nothing rolls."""
    return Hands(Grid(1000.0, 0.0, tempo, is_rolling=False))
