"""How early or late a host hears us: a click on every beat, compared with where it comes back.

A host that loops our port gives the clicks back at once, by way of our input port; one that records
them gives a .mid, in which they lie on its own beats.
"""

from __future__ import annotations

import statistics
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate.errors import AskError, Unavailable
from bandmate.music.clip import Clip, Note, Part
from bandmate.timing.player.news import GridChanged, NowPlaying, Stopped
from bandmate.timing.player.stage import Call, Playing, Stage, StageSettings, Told
from bandmate.timing.ports.apis import Machine
from bandmate.timing.ports.inputs import Heard
from bandmate.timing.sources.grid import Grid

CLICK_PITCH = 76
"""The wood block that is heard."""

_LEAST = 4
_CLICK_BEATS = 1 / 8
_ROLL_SECONDS = 60.0
_ECHO_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Offset:
    """How far behind the beats some clicks came."""

    milliseconds: float
    """The median; below 0 they came before."""
    spread: float
    """Milliseconds between the earliest and the latest, a tenth at either end left out."""
    count: int


def clicks(bars: int, tempo: float) -> Clip:
    """Return clicks on every beat of *bars* bars of 4/4."""
    notes = tuple(Note(float(i), CLICK_PITCH, _CLICK_BEATS, 100) for i in range(4 * bars))
    return Clip((Part("drums", 0, notes),), 4.0 * bars, tempo)


def recorded_offset(clip: Clip) -> Offset:
    """Return how far the notes of what a host recorded lie behind its beats.

    Raises AskError where there are too few, or where they are no clicks.
    """
    beats = [note.start for part in clip.parts for note in part.notes]
    return _offset(beats, clip.tempo, "the recording holds")


def pinged_offset(heard: Sequence[Heard], grid: Grid) -> Offset:
    """Return how far behind the beats of *grid* the clicks came back, there and back again."""
    beats = [
        grid.beat_at(said.second)
        for said in heard
        if len(said.message) == 3
        and said.message[0] & 0xF0 == 0x90
        and said.message[1] == CLICK_PITCH
        and said.message[2]
    ]
    return _offset(beats, grid.tempo, "there came back")


def play_clicks(
    bars: int, tempo: float, source: str, settings: StageSettings, machine: Machine | None = None
) -> tuple[list[Heard], Grid]:
    """Play clicks by the time of *source*; return what came back, and the grid they were on.

    Waits for a source that does not roll yet; raises Unavailable when it does not for a minute,
    PortError where there are no ports.
    """
    heard: list[Heard] = []
    grids: list[Grid] = []
    rolls, is_over = threading.Event(), threading.Event()

    def tell(message: object) -> None:
        match message:
            case Told(Heard() as said):
                heard.append(said)
            case Told(GridChanged(grid)):
                if grid.source == source and grid.is_rolling:
                    grids.append(grid)
                    rolls.set()
            case Told(NowPlaying()):
                grids[:-1] = []
            case Told(Stopped()):
                is_over.set()

    playing = Playing(Stage.of(settings), tell, machine)
    try:
        playing.do(Call("follow", (source,)))
        if source != "internal" and not rolls.wait(_ROLL_SECONDS):
            raise Unavailable(f"nothing was heard of {source}: start your host, then ask again")
        playing.do(Call("play", (clicks(bars, tempo), "bar")))
        while not is_over.wait(0.5):  # in pieces: Windows hears Ctrl-C only between two waits
            pass
        is_over.clear()
        is_over.wait(_ECHO_SECONDS if not heard else 0.0)
    finally:
        playing.close()
    return heard, grids[-1]


def _offset(beats: Sequence[float], tempo: float, what: str) -> Offset:
    if len(beats) < _LEAST:
        count = "no click" if not beats else f"only {len(beats)} clicks"
        raise AskError(f"{what} {count}, at least {_LEAST} are needed")
    off = sorted((beat - round(beat)) * 60_000 / tempo for beat in beats)
    tenth = len(off) // 10
    spread = off[-1 - tenth] - off[tenth]
    if spread > 15_000 / tempo:
        raise AskError(f"{what} notes that are no clicks on beats (they spread {spread:.0f} ms)")
    return Offset(statistics.median(off), spread, len(off))
