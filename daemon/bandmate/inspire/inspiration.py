"""What the inspire worker is asked and what it answers; pure values that cross a pipe."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bandmate.chords.progression import Progression
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import Keyword

LONGEST_TEXT = 2000
"""Characters."""


@dataclass(frozen=True, slots=True)
class Inspire:
    """Ask for keywords; any of the three may be left out."""

    text: str | None = None
    """1..LONGEST_TEXT characters."""
    image: Path | None = None
    audio: Path | None = None
    """A sound file, or a ``.mid``."""
    meter: Meter = field(default_factory=Meter)
    """Of the song: chords that are heard are laid out in its bars."""


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Ask for the chords of a sound file or a ``.mid``."""

    path: Path
    meter: Meter = field(default_factory=Meter)


@dataclass(frozen=True, slots=True)
class Inspiration:
    """What was found."""

    keywords: tuple[Keyword, ...] = ()
    """Best first: 3..8, fewer where nothing more can be said honestly."""
    mode: str | None = None
    """Label of the proposed mode."""
    tempo: tuple[float, float] | None = None
    """Proposed lowest and highest tempo, quarter notes per minute."""
    energy: int | None = None
    """1 (calm) .. 5 (driving)."""
    key: Key | None = None
    """Heard, in sound or MIDI."""
    chords: Progression | None = None
    """Heard, in sound or MIDI."""
    notes: tuple[str, ...] = ()
    """Sentences worth telling the person."""


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was heard in a sound or a clip."""

    progression: Progression
    tempo: float
    """Quarter notes per minute."""
    key: Key
    seconds: float
    """How much was heard."""
    notes: tuple[str, ...] = ()
    """Sentences worth telling the person."""
