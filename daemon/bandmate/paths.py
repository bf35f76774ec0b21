"""Where things lie: the folders that are shipped, and the person's own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs

from bandmate.errors import FileError

_PACKAGE = Path(__file__).resolve().parent


def shipped(*names: str) -> Path:
    """Return a shipped folder or file, such as ``shipped("models", "manifest.yaml")``.

    It lies in the package where bandmate was installed, and in the root of a clone.
    """
    inside = _PACKAGE / "shipped"
    root = inside if inside.is_dir() else _PACKAGE.parents[1]
    return root.joinpath(*names)


def home() -> Path:
    """Return the person's folder, made when first asked for; raises FileError.

    It is ``$BANDMATE_HOME``, else the usual place of the system for a program's data.
    """
    chosen = os.environ.get("BANDMATE_HOME")
    folder = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("bandmate")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"bandmate's own folder {folder} cannot be made ({error.strerror}): "
            "set BANDMATE_HOME to another one"
        ) from error
    return folder


def clips(chosen: str = "") -> Path:
    """Return the clips folder: the one *chosen* in the settings, else ``clips`` at home."""
    return Path(chosen).expanduser() if chosen else home() / "clips"


def mailboxes() -> Path:
    """Return the folder that holds a mailbox for each client that has one."""
    return home() / "mailbox"


def temporary() -> Path:
    """Return the folder for what is gone when the daemon ends; it need not exist."""
    return home() / "temporary"


def temporary_folder(prefix: str) -> tempfile.TemporaryDirectory[str]:
    """Return a new folder in it; what a kill leaves goes at the next start; raises OSError."""
    temporary().mkdir(mode=0o700, exist_ok=True)
    # What is open cannot be removed on Windows, and must not keep a connection from closing.
    return tempfile.TemporaryDirectory(prefix=prefix, dir=temporary(), ignore_cleanup_errors=True)


def database() -> Path:
    """Return the file in which the takes are kept."""
    return home() / "takes.sqlite3"


def settings_file() -> Path:
    """Return the person's settings file; it need not exist."""
    return home() / "config.yaml"
