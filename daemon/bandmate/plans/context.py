"""A clip that is there already, as an ask starts from it: a person's own .mid, or a take.

What a file says of its tempo, meter, key and chords is taken as it says; what it does not say is
heard in its notes. Its notes stay exactly as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bandmate.errors import AskError, FileError
from bandmate.loops.plan import LoopPlan
from bandmate.music import midifile
from bandmate.music.clip import Clip
from bandmate.system.files import read_plain

MAX_BYTES = 2_000_000
"""Largest file that is read as context."""
MAX_NOTES = 20_000
"""Notes that are played to, at the most."""


@dataclass(frozen=True, slots=True)
class Given:
    """A clip that is there already."""

    name: str
    """As an error names it: ``in.mid`` or ``take 12``."""
    clip: Clip
    told: frozenset[str] = frozenset({"tempo", "meter", "key"})
    """Which of them the clip says itself."""
    plan: LoopPlan | None = None
    """What a take that is a loop was asked for."""
    left_out: int = 0
    """Parts that its file has beside those of the clip."""

    @property
    def bars(self) -> int:
        """Its bars, a started one counted whole."""
        return self.clip.bars


def read_context(path: Path) -> Given:
    """Read a .mid; blocks. Raises FileError for what is none, AskError for an empty one."""
    data = read_plain(path, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FileError(f"{path} is larger than the {MAX_BYTES // 1_000_000} MB of a context")
    reading = midifile.read_closely(data, str(path))
    if not reading.clip.note_count:
        raise AskError(f"context must hold a note, and {path.name} holds none")
    return Given(path.name, reading.clip, reading.told, None, reading.left_out)
