"""Handshakes: which bridge said hello last, when and of which version; kept for `bandmate doctor`.

One small file at home, so that a doctor who comes when the daemon is not there knows it too.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bandmate import paths
from bandmate.errors import FileError

MOST = 32
"""Clients that are remembered; beyond it the one that was heard least lately is forgotten."""
FRESH_SECONDS = 30.0
"""A handshake younger than this is not written anew: bridges say hello every few seconds."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """The last hello of a client."""

    version: str
    """The client's own version."""
    at: float
    """Seconds since 1970."""


def handshakes() -> dict[str, Handshake]:
    """Return the last handshake of each client by its name; none where the file is not readable."""
    try:
        told = json.loads(_file().read_text("utf-8"))
        return {
            str(name): Handshake(str(version), float(at)) for name, (version, at) in told.items()
        }
    except (FileError, OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def note_handshake(client: str, version: str, now: float | None = None) -> None:
    """Remember that a client said hello; a disk that takes nothing keeps nothing, in silence."""
    at = time.time() if now is None else now
    known = handshakes()
    last = known.get(client)
    if last and last.version == version and 0 <= at - last.at < FRESH_SECONDS:
        return
    known[client] = Handshake(version, at)
    newest = sorted(known.items(), key=lambda item: item[1].at)[-MOST:]
    # A hello is answered all the same: only the doctor will know less.
    with suppress(FileError, OSError):
        file = _file()
        draft = file.with_name(f".{file.name}")
        draft.write_text(json.dumps({name: (h.version, h.at) for name, h in newest}), "utf-8")
        draft.replace(file)


def _file() -> Path:
    return paths.home() / "handshakes.json"
