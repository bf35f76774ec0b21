"""The files of clips: a name that tells, and writing that is down on the disk when it returns."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from bandmate.chords.cards import ChordPlan
from bandmate.errors import FileError
from bandmate.loops.controls import LoopPlan

_MOST_WORDS = 3
"""Keywords in the name of a card's file."""


def file_name(plan: LoopPlan | ChordPlan, number: int) -> str:
    """Return a name that tells: ``funk drums+bass Am 96 #12.mid``, ``chords F 4 bars #13.mid``."""
    if isinstance(plan, ChordPlan):
        words = "+".join(word.word.replace("/", " ") for word in plan.keywords[:_MOST_WORDS])
        bars = f"{plan.bars} bar{'s' if plan.bars > 1 else ''}"
        told = " ".join(filter(None, ["chords", plan.key.short_name, bars, words]))
        return f"{told} #{number}.mid"
    parts = "+".join(part.name for part in plan.parts)
    tempo = f"{round(plan.tempo * plan.stretch, 2):g}"
    return f"{plan.genre or 'loop'} {parts} {plan.key.short_name} {tempo} #{number}.mid"


def write(file: Path, data: bytes) -> None:
    """Write *data* down to the disk; raises FileError."""
    try:
        with file.open("wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise FileError(
            f"the clip cannot be written into {file.parent}: {error.strerror}"
        ) from error


def remove(file: Path) -> None:
    """Remove a file, if it is there and may be."""
    # A disk that takes nothing refuses this too, and has been told of in words already.
    with suppress(OSError):
        file.unlink(missing_ok=True)


def free(file: Path) -> Path:
    """Return *file*, or a name beside it where another home's take has that one."""
    names = [file, *(file.with_stem(f"{file.stem} ({i})") for i in range(2, 100))]
    return next(name for name in names if not name.exists())
