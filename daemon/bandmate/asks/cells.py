"""Cells as a person names them: ``bass:3-4`` is the bass in bars 3 and 4, ``drums`` all of it.

A cell is one part in one bar, the unit in which a clip is kept and written anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bandmate.asks.notation import MAX_BARS
from bandmate.asks.scoped import checked_part
from bandmate.errors import AskError
from bandmate.fields import shown

_NAMED = re.compile(r"(?:([a-z]+\d?)(?::|$))?(?:(\d{1,4})(?:-(\d{1,4}))?)?", re.ASCII)
_SHIFT = re.compile(r"\s*([a-z]+\d?)\s*=\s*([+-]?\d{1,4})\s*", re.ASCII)
EXAMPLE = "bass:3-4,drums,2"
MOST = 64
"""Words of one text."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Some bars of one part or of all."""

    part: str | None
    """A part's name, or None for all parts."""
    first: int
    """The first bar, from 0."""
    last: int | None
    """The last bar, from 0; None goes to the clip's end."""

    def __str__(self) -> str:
        if self.last is None:
            return self.part or f"{self.first + 1}-"
        bars = f"{self.first + 1}" + (f"-{self.last + 1}" if self.last > self.first else "")
        return f"{self.part}:{bars}" if self.part else bars

    def has(self, bar: int, part: str) -> bool:
        """Return whether the cell of *part* in *bar* (from 0) is among them."""
        is_bar = self.first <= bar and (self.last is None or bar <= self.last)
        return is_bar and self.part in (None, part)


def read_cells(text: str) -> tuple[Cells, ...]:
    """Read ``"keys,bass:3-4,1-2"``, bars counted from 1 as people do; raises AskError."""
    words = [word.strip().lower().replace(" ", "") for word in text.split(",")]
    if len(words) > MOST:
        raise AskError(f"cells must be named by 1..{MOST} words, not {len(words)}")
    return tuple(_read(word) for word in words)


def _read(word: str) -> Cells:
    match = _NAMED.fullmatch(word)
    if not word or match is None or word.endswith(":"):
        raise AskError(f"cells must be written like {EXAMPLE}, not {shown(word)}")
    part, first, last = match.groups()
    if part is not None:
        checked_part("cells", part)
    if first is None:
        return Cells(part, 0, None)
    bars = int(first), int(last or first)
    if not 1 <= bars[0] <= bars[1] <= MAX_BARS:
        raise AskError(f"bars of cells must rise within 1..{MAX_BARS}, not {shown(word)}")
    return Cells(part, bars[0] - 1, bars[1] - 1)


def check_within(name: str, named: Iterable[Cells], parts: Iterable[str], bars: int) -> None:
    """Raise AskError where cells lie outside a clip of these parts and so many bars."""
    known = list(parts)
    for cells in named:
        if cells.part is not None and cells.part not in known:
            raise AskError(f"{name} must be of the clip's parts {', '.join(known)}, not {cells}")
        if (cells.last or 0) >= bars or cells.first >= bars:
            raise AskError(f"{name} must lie in bars 1..{bars} of the clip, not in {cells}")


def read_shifts(text: str) -> tuple[tuple[str, int], ...]:
    """Read ``"bass=+2,lead=-1"``, whole bars; raises AskError."""
    shifts: dict[str, int] = {}
    for word in text.lower().split(","):
        match = _SHIFT.fullmatch(word)
        if match is None:
            raise AskError(f"shift must be written like bass=+2,lead=-1, not {shown(word)}")
        part, bars = checked_part("shift", match[1]), int(match[2])
        if part in shifts:
            raise AskError(f"shift may be said of {part} once, not twice")
        if not 1 <= abs(bars) < MAX_BARS:
            raise AskError(
                f"shift of {part} must be 1..{MAX_BARS - 1} bars later (+) or earlier (-), "
                f"not {bars}"
            )
        shifts[part] = bars
    return tuple(shifts.items())
