"""bandmate in Ableton Live: asks the daemon for loops and chords and puts them into clips.

A Remote Script for Live 11 (Python 3.7) and Live 12 (Python 3.11), with nothing beside Python's own
library. Live looks for ``create_instance`` and calls it when the control surface is chosen.
"""

from __future__ import annotations

from typing import Any

VERSION = "0.6.1"
"""Of this script; the daemon tells its own."""

PROTOCOL = 1
"""The messages that this script knows, by the number that the daemon's hello tells."""


def create_instance(c_instance: Any) -> Any:  # noqa: ANN401 - Live's own handle, without a type
    """Return the control surface; Live calls this once."""
    from .surface import Bandmate

    return Bandmate(c_instance)
