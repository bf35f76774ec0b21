"""Whether a JACK server answers, asked without opening a client, which would print."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

_FOLDERS = (Path("/dev/shm"), Path("/tmp"))  # noqa: S108 - JACK chose them, we only look
_SECONDS = 0.2


def is_answering() -> bool:
    """Return True when the server that JACK_DEFAULT_SERVER names (else "default") takes a call."""
    return any(_takes_a_call(path) for path in _sockets())


def _sockets() -> Iterator[Path]:
    """Yield where a JACK 2 server listens for its clients: one's own, or one open to all users."""
    name = os.environ.get("JACK_DEFAULT_SERVER") or "default"
    for folder in _FOLDERS:
        yield folder / f"jack_{name}_{user()}_0"
        yield folder / f"jack_{name}_0"


def user() -> int:
    """Return the number of the user, which is part of the socket's name; 0 where there is none."""
    return os.getuid() if hasattr(os, "getuid") else 0


def _takes_a_call(path: Path) -> bool:
    if not path.is_socket():
        return False
    # A server that was killed leaves its socket behind: only a call tells.
    with socket.socket(socket.AF_UNIX) as call:
        call.settimeout(_SECONDS)
        try:
            call.connect(str(path))
        except OSError:
            return False
    return True
