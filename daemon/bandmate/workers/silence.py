"""How long a worker may give no sign of life before it is taken for dead.

Ten times as long as the like of its request was silent before, at least ten seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

LEAST = 10.0
"""Seconds that every silence is allowed."""
TIMES = 10.0
"""How many times as long as usual a silence may last."""
UNKNOWN = 30.0
"""Seconds allowed while nothing like it was ever asked: a model may have to be read first."""

_KEPT = 16
"""Requests of a kind whose longest silences are remembered."""


def allowed(usual: float | None) -> float:
    """Return the seconds that a silence may last which usually lasts *usual*; None is unknown."""
    return UNKNOWN if usual is None else max(LEAST, TIMES * usual)


class Gaps:
    """The silences of one request."""

    def __init__(self, limit: Callable[[], float], known: deque[float]) -> None:
        self.limit = limit
        """Returns the seconds that a silence may last now."""
        self._known = known
        self._longest = 0.0

    def heard(self, seconds: float) -> None:
        """Take in that nothing was heard for so long until now."""
        self._longest = max(self._longest, seconds)

    def done(self) -> None:
        """Remember the longest: the request was answered."""
        self._known.append(self._longest)


class Silence:
    """The longest silences of earlier requests that were answered, by their kind."""

    def __init__(self) -> None:
        self._known: dict[type, deque[float]] = {}

    def of(self, request: object, limit: Callable[[], float] | None = None) -> Gaps:
        """Begin to watch a request; *limit* stands in for what is usual."""
        known = self._known.setdefault(type(request), deque(maxlen=_KEPT))
        usual = allowed(max(known, default=None))
        return Gaps(limit or (lambda: usual), known)
