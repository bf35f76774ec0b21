"""The file that is dragged: the daemon's own where all parts are wanted, else one of ours."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bandmate import paths
from bandmate.errors import FileError
from bandmate.music import midifile
from bandmate.shelf.rows import Row

_UNSAFE = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_LONGEST = 200
"""Bytes of a name; systems take 255."""


def file_of(row: Row, part: str = "") -> Path:
    """Return the .mid of a row, type 1: of all its parts, or of one.

    What the daemon has no file for is written into the folder ``dragged`` at home and stays there,
    since a DAW may go on reading it. Raises FileError.
    """
    if not part and row.file and row.file.is_file():
        return row.file
    if row.clip is None:
        raise FileError(row.trouble or f"the notes of take {row.number} have not come yet")
    clip = row.clip
    if part:
        chosen = tuple(one for one in clip.parts if one.name == part)
        if not chosen:
            raise FileError(f"take {row.number} has no part {part}")
        clip = replace(clip, parts=chosen)
    folder = paths.home() / "dragged"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(f"the folder {folder} cannot be made: {error.strerror}") from error
    file = folder / f"{_safe(row.label)}{' ' if part else ''}{part}.mid"
    if not _holds(file, midifile.to_bytes(clip)):  # a DAW may have it open, and hold on to it
        midifile.write(clip, file)
    return file


def _holds(file: Path, data: bytes) -> bool:
    try:
        return file.read_bytes() == data
    except OSError:
        return False


def _safe(title: str) -> str:
    """Return a title as a name of a file that every system takes."""
    short = _UNSAFE.sub(" ", title).encode("utf-8", "ignore")[:_LONGEST].decode("utf-8", "ignore")
    return short.strip(" .") or "take"
