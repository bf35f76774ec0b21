"""Numbers that are asked of a whole clip, of its parts and of its bars.

``8`` is for all parts together, ``lead=72,bass=40`` for some of them, ``60,lead=72`` says both; a
curve, ``density=4,6,8,12``, goes from bar to bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bandmate.errors import AskError, nearest
from bandmate.fields import Real, shown
from bandmate.music.roles import MAX_OF_A_KIND, ROLES

LONGEST = 600
"""Characters of a shape or a curve; what is longer is refused unread."""
MOST_POINTS = 64
"""Numbers of a curve."""

_NAMES = tuple(f"{role}{digit}" for role in ROLES for digit in ("", *range(2, MAX_OF_A_KIND + 1)))

SHAPED: Mapping[str, Real] = MappingProxyType(
    {
        "density": Real(0.5, 48),
        "pitch": Real(24, 96),
        "register": Real(0, 60),
        "velocity": Real(1, 127),
        "duration": Real(0.05, 16),
        "polyphony": Real(1, 6),
        "swing": Real(0, 1),
    }
)
"""What can be shaped, with its range: the loop model's measured fields."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is asked of one field; ranges are in ``SHAPED``."""

    all: float | None = None
    """Of all parts together."""
    parts: tuple[tuple[str, float], ...] = ()
    """Of single parts, by name."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """A number for all parts, numbers for single ones, or both."""

    number: Real
    example: str
    """How it is written for parts: ``lead=72,bass=40``."""

    @property
    def words(self) -> str:
        """The bounds, and how parts are told."""
        return f"{self.number.words}, or by part: {self.example}"

    def read(self, name: str, value: object) -> Shape:
        """Return what is said; raises AskError with one sentence."""
        if isinstance(value, Shape):
            return self._checked(name, value)
        if not isinstance(value, str) or "=" not in value:
            return Shape(self.number.read(name, value))
        if len(value) > LONGEST:
            raise AskError(f"{name} must be written like {self.example}, not {shown(value)}")
        said: dict[str, float] = {}
        for word in value.split(","):
            key, number = self._one(name, word)
            if key in said:
                raise AskError(f"{name} may be said of {key or 'all parts'} once, not twice")
            said[key] = number
        overall = said.pop("", None)
        return Shape(overall, tuple(said.items()))

    def _one(self, name: str, word: str) -> tuple[str, float]:
        """Read ``8`` or ``lead=72``; the name of all parts is empty."""
        part, equals, number = word.rpartition("=")
        part = part.strip().lower()
        if equals:
            checked_part(name, part)
        return part, self.number.read(f"{name} of {part}" if part else name, number)

    def _checked(self, name: str, shape: Shape) -> Shape:
        if shape.all is not None:
            self.number.read(name, shape.all)
        for part, number in shape.parts:
            checked_part(name, part)
            self.number.read(f"{name} of {part}", number)
        return shape


def checked_part(name: str, part: str) -> str:
    """Return a part's name as it is; raises AskError with the nearest for what is none."""
    if part not in _NAMES:
        near = nearest(part[:40], _NAMES)
        raise AskError(f"{name} must be of a part such as {near}, not {shown(part)}")
    return part


Curves = tuple[tuple[str, tuple[float, ...]], ...]
"""Fields of SHAPED with their values from the first bar to the last."""


def read_curve(text: str) -> Curves:
    """Read ``"density=4,6,8,12; velocity=60,100"``; raises AskError."""
    curves: dict[str, tuple[float, ...]] = {}
    for piece in text.split(";"):
        name, equals, numbers = piece.partition("=")
        name = name.strip().lower()
        if not equals or name not in SHAPED:
            near = nearest(name[:40], SHAPED)
            raise AskError(f"curve must be of fields such as {near}, not {shown(piece.strip())}")
        if name in curves:
            raise AskError(f"curve may be said of {name} once, not twice")
        words = [word for piece in numbers.split(",") for word in piece.split() or [""]]
        if len(words) > MOST_POINTS:
            raise AskError(f"curve of {name} must have 1..{MOST_POINTS} numbers, not {len(words)}")
        curves[name] = tuple(SHAPED[name].read(f"curve of {name}", word) for word in words)
    return tuple(curves.items())


def curve_by_bar(name: str, points: tuple[float, ...], bars: int) -> tuple[float, ...]:
    """Return a value for each of *bars* bars, evenly between *points*; raises AskError.

    The first point is the first bar's and the last the last one's; one point holds for all.
    """
    if len(points) > bars:
        raise AskError(
            f"curve of {name} must have 1..{bars} numbers, as the clip has bars, not {len(points)}"
        )
    if len(points) == 1:
        return points * bars
    places = [bar * (len(points) - 1) / (bars - 1) for bar in range(bars)]
    return tuple(_between(points, place) for place in places)


def _between(points: tuple[float, ...], place: float) -> float:
    index = min(int(place), len(points) - 2)
    share = place - index
    return round(points[index] * (1 - share) + points[index + 1] * share, 6)
