"""The reach of whoever asks: which files the daemon reads for them.

Everybody on this machine can speak to a port of the loopback, so nobody learns more through the
daemon than what lies where its owner's own things usually lie.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bandmate import paths
from bandmate.errors import AskError, FileError
from bandmate.fields import shown
from bandmate.system.files import GrantedPath

PATHS = frozenset({"context", "image", "audio", "path"})
"""Names under which a message names a file."""


def read_folders(text: str) -> tuple[Path, ...]:
    """Read ``/mnt/samples, ~/loops``, folders; raises AskError."""
    folders = tuple(Path(word.strip()).expanduser() for word in text.split(",") if word.strip())
    for folder in folders:
        if not folder.is_absolute():
            raise AskError(
                f"allow_paths must be whole paths of folders such as /mnt/samples, with commas "
                f"between them, not {shown(str(folder))}"
            )
    return folders


class Reach:
    """Grants files to be read; its calls look at the disk and may block."""

    def __init__(self, clips: Path | None = None, folders: Iterable[Path] = ()) -> None:
        """Take the clips folder and what is allowed beside the person's own home."""
        self._folders = [*_home(), paths.home(), *([clips] if clips else []), *folders]

    @classmethod
    def of(cls, allow_paths: str, clips: Path) -> Reach:
        """Return the reach as it is set; raises AskError."""
        return cls(clips, read_folders(allow_paths))

    async def grant(self, values: dict[str, object], pairs: list[tuple[str, object]]) -> None:
        """Put in the place of each path of a message the file that may be read.

        Raises AskError and FileError as `granted` does.
        """
        for name in PATHS & values.keys():
            values[name] = await asyncio.to_thread(self.granted, name, str(values[name]))
        for index, (name, value) in enumerate(pairs):
            if name in PATHS:
                pairs[index] = (name, await asyncio.to_thread(self.granted, name, str(value)))

    def granted(self, name: str, text: str) -> GrantedPath:
        """Return the file that *name* of a message says, with no link on its way.

        Raises FileError for one beyond reach, in the same words whether it is there or not, and for
        what is no plain file; AskError where none is named.
        """
        if not text:
            raise AskError("a file must be named, not left empty")
        try:
            path = Path(text).resolve()
            is_within = any(path.is_relative_to(folder.resolve()) for folder in self._folders)
            if not is_within and not _is_own_of_all(path):
                raise FileError(_beyond(name, text))
            is_there, is_plain = path.exists(), path.is_file()
        except (ValueError, RuntimeError):  # a NUL in it; links in a circle
            raise FileError(f"{shown(text)} cannot be read: there is no such file") from None
        except OSError as error:
            raise FileError(f"{shown(text)} cannot be read: {error.strerror}") from error
        if not is_plain:
            why = "it is no plain file" if is_there else "there is no such file"
            raise FileError(f"{text[:200]} cannot be read: {why}")
        return GrantedPath(path)


def _beyond(name: str, text: str) -> str:
    return (
        f"{text[:200]} cannot be read: {name} must lie in your home folder, in the clips folder or "
        "in a folder of the setting allow_paths; add its folder there in config.yaml"
    )


def _home() -> list[Path]:
    """Return the person's home; nothing where it is not known, or is the whole disk."""
    try:
        home = Path.home().resolve()
    except (RuntimeError, OSError):
        return []
    return [] if home == Path(home.anchor) else [home]


def _is_own_of_all(path: Path) -> bool:
    """Return True for a file of this user's in the folder for everybody's temporary files.

    Bridges and the page lay there what is to be read; whose others are cannot be seen elsewhere.
    """
    if not hasattr(os, "geteuid") or not path.is_relative_to(Path(tempfile.gettempdir()).resolve()):
        return False
    try:
        return path.stat().st_uid == os.geteuid()
    except OSError:
        return False
