"""Meters: how long a bar is, and where its strong beats fall."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bandmate.errors import AskError

_WRITTEN = re.compile(r"([0-9]{1,4})\s*/\s*([0-9]{1,4})")


@dataclass(frozen=True, slots=True, order=True)
class Meter:
    """A time signature such as 4/4, 6/8 or 7/8."""

    numerator: int = 4
    """Count of beats as written, 1..32."""
    denominator: int = 4
    """Note value of a written beat: 1, 2, 4, 8, 16 or 32."""

    def __post_init__(self) -> None:
        if not 1 <= self.numerator <= 32 or self.denominator not in (1, 2, 4, 8, 16, 32):
            raise AskError(
                "meter must be 1..32 over 1, 2, 4, 8, 16 or 32, such as 4/4, "
                f"not {self.numerator}/{self.denominator}"
            )

    @classmethod
    def parse(cls, text: str) -> Meter:
        """Read ``"6/8"``; raises AskError naming the text."""
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise AskError(f"meter must be written like 4/4 or 6/8, not {text[:40]!r}")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"

    @property
    def bar_beats(self) -> float:
        """Length of a bar in beats (quarter notes)."""
        return self.numerator * 4 / self.denominator

    @property
    def is_compound(self) -> bool:
        """True for 6/8, 9/8, 12/8 and their like: felt in dotted beats."""
        return self.denominator >= 8 and self.numerator % 3 == 0 and self.numerator > 3

    @property
    def is_triple(self) -> bool:
        """True for 3/4, 9/8 and their like: a bar of three felt beats."""
        return self.numerator in (3, 9)

    @property
    def pulses(self) -> tuple[float, ...]:
        """Where the felt pulses of a bar start, in beats (``(0.0, 1.5)`` in 6/8).

        Odd meters over eights group in twos with a closing three (7/8 is 2+2+3).
        """
        unit = 4 / self.denominator
        if self.is_compound:
            return tuple(unit * i for i in range(0, self.numerator, 3))
        if self.denominator >= 8 and self.numerator % 2 and self.numerator > 3:
            return tuple(unit * i for i in range(0, self.numerator - 1, 2))
        return tuple(unit * i for i in range(self.numerator))

    @property
    def strong_beats(self) -> tuple[float, ...]:
        """Where the strong pulses of a bar start, in beats (1 and 3 in 4/4, 1 alone in 3/4)."""
        pulses = self.pulses
        return pulses[::2] if len(pulses) % 2 == 0 else pulses[:1]
