"""What can go wrong, drawn as a tree; every message is one sentence a musician can act on.

    BandmateError
    ├── AskError            a value asked or set makes no sense (names the value and the range)
    ├── FileError           a file of the person's cannot be read or written (a .mid, say)
    ├── WeightsError        a model file is missing or altered
    ├── PortError           a network or MIDI port cannot be had
    └── Unavailable         a part of bandmate is not there now (worker died, extra not installed)
        └── Cancelled       the person called it off

``code`` is the short word that travels on a wire beside the sentence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BandmateError(Exception):
    """Base of every mistake that is answered in words; ``str(error)`` is the sentence."""

    code = "error"


class AskError(BandmateError):
    """A value that makes no sense."""

    code = "ask"


class FileError(BandmateError):
    """A file that cannot be read or written."""

    code = "file"


class WeightsError(BandmateError):
    """A model file that is missing or not the one that was shipped."""

    code = "weights"


class PortError(BandmateError):
    """A network or MIDI port that cannot be had."""

    code = "port"


class Unavailable(BandmateError):
    """A part of bandmate that is not there now."""

    code = "unavailable"


class Cancelled(Unavailable):
    """The person called it off."""

    code = "cancelled"


def nearest(word: str, known: Iterable[str], count: int = 3) -> str:
    """Return the *count* known words nearest to *word*, as text for an error: ``"a, b or c"``."""
    names = sorted(known)
    lowered = {name.lower(): name for name in names}
    close = [lowered[w] for w in difflib.get_close_matches(word.lower(), list(lowered), count, 0.4)]
    offered = close or names[:count]
    return " or ".join([", ".join(offered[:-1]), offered[-1]]) if len(offered) > 1 else offered[0]
