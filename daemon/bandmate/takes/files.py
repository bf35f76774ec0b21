"""The files of clips: a name that tells, and writing that is down on the disk when it returns."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bandmate.chords.cards import ChordPlan
from bandmate.errors import FileError
from bandmate.loops.plan import LoopPlan

_MOST_WORDS = 3
"""Keywords in the name of a card's file."""
_ASIDE = re.compile(r"\.take-([0-9]{1,18})(-[0-9a-f]{8})?\.mid")


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


def made_folder(folder: Path) -> None:
    """Make the folder of clips where it is not there; raises FileError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        words = f"the clips folder {folder} cannot be made: {error.strerror}"
        raise FileError(words) from error


def aside(folder: Path, number: int) -> Path:
    """Return a name under which a take is written until its row is kept: nothing lies there."""
    usual = folder / f".take-{number}.mid"
    if not os.path.lexists(usual):
        return usual
    return folder / f".take-{number}-{secrets.token_hex(4)}.mid"


def asides(folder: Path) -> Iterator[tuple[int, Path]]:
    """Yield the takes that lie aside, each with its number; what is only called alike is not."""
    for path in folder.glob(".take-*.mid"):
        if found := _ASIDE.fullmatch(path.name):
            yield int(found[1]), path


def why_broken(file: Path) -> str:
    """Return what is wrong with the .mid of a take; empty where it is well, or moved away."""
    try:
        found = file.stat()
        if stat.S_ISDIR(found.st_mode):
            return "a folder lies in its place: move that away"
        if not stat.S_ISREG(found.st_mode):
            return "it is no file: move that away"
        if not found.st_size:
            return "it is empty"
        with file.open("rb") as opened:
            is_midi = opened.read(4) == b"MThd"
        return "" if is_midi else "it is no MIDI file any more: move it away"
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        return f"it cannot be read ({words}): let your user read it"


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
    last = file.with_stem(f"{file.stem} {secrets.token_hex(4)}")
    return next((name for name in names if not os.path.lexists(name)), last)
