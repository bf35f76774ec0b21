"""Wishes: what an ask, a preset, an energy and a mood want of a clip's measured fields.

What is said of a field comes first, then the preset's, then what is handed down from a take; what
nobody says of density, velocity, register and pitch, energy and mood choose. Wishes that no clip
can fulfil together are refused in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from bandmate.asks.scoped import SHAPED, Curves, Shape, curve_by_bar
from bandmate.errors import AskError
from bandmate.loops.plan import GRID, LoopPlan, Wish
from bandmate.music.meter import Meter

ALL = "All"
PITCHED = ("Pitch", "Register", "Duration", "Polyphony")
"""Fields that are measured on pitched notes alone."""
_MEANS = ("Pitch", "Velocity", "Duration", "Polyphony", "Swing")
"""Fields whose value for all lies between those of parts or bars."""
_VOICES = 6
"""Notes that a part sounds at once, at the most."""
_DRUM_HITS = 6
"""Onsets a beat that a drum part plays, at the most."""


class Wishing(Protocol):
    """Whoever says shapes and curves: an ask or a preset."""

    @property
    def curve(self) -> Curves | None:
        """Fields from bar to bar."""


def wishes_of(
    ask: Wishing,
    taste: Wishing,
    plan: LoopPlan,
    *,
    inherited: Iterable[Wish] = (),
    derived: Mapping[str, float] | None = None,
) -> tuple[Wish, ...]:
    """Return what is wished of a planned clip, in its own bars and beats; raises AskError.

    *derived* (field: value of all parts) is for fields of which nothing else is said.
    """
    names, bars = [part.name for part in plan.parts], plan.bars
    found: list[Wish] = []
    handed = tuple(inherited)
    for name in SHAPED:
        field = name.capitalize()
        own = list(_said(ask, name, names, bars, is_strict=True))
        own = own or list(_said(taste, name, names, bars, is_strict=False))
        own = own or [wish for wish in handed if wish.field == field and _is_of(wish, names, bars)]
        if not own and derived and field in derived:
            own = [Wish(field, ALL, derived[field])]
        found += own
    _check(found, names, plan.meter, bars)
    return tuple(found)


def _is_of(wish: Wish, names: Sequence[str], bars: int) -> bool:
    """Return whether a wish makes sense of a clip with these parts and bars."""
    if wish.subject.isdigit():
        return int(wish.subject) < bars
    return wish.subject in (ALL, *names)


def _said(
    one: Wishing, name: str, names: Sequence[str], bars: int, *, is_strict: bool
) -> Iterator[Wish]:
    """Yield what an ask (strict) or a preset says of a field."""
    field = name.capitalize()
    shape: Shape = getattr(one, name) or Shape()
    if shape.all is not None and (is_strict or _has_pitched(field, names)):
        yield Wish(field, ALL, shape.all)
    for part, number in shape.parts:
        if part in names:
            yield Wish(field, part, number)
        elif is_strict:
            raise AskError(f"{name} must be of the clip's parts {', '.join(names)}, not of {part}")
    points = dict(one.curve or ()).get(name)
    if points and (is_strict or len(points) <= bars):
        for bar, number in enumerate(curve_by_bar(name, points, bars)):
            yield Wish(field, str(bar), number)


def _has_pitched(field: str, names: Iterable[str]) -> bool:
    return field not in PITCHED or any(not _is_drums(name) for name in names)


def _is_drums(name: str) -> bool:
    return name.startswith("drums")


# what cannot be together


def _check(wishes: Sequence[Wish], names: Sequence[str], meter: Meter, bars: int) -> None:
    table = {(wish.field, wish.subject): wish.value for wish in wishes}
    _check_pitched(wishes, names)
    _check_room(wishes, meter)
    for field in _MEANS:
        _check_between(field, table, names, bars)
    _check_between("Density", table, (), bars)
    _check_sum(table, names)
    for subject in dict.fromkeys(wish.subject for wish in wishes):
        _check_voices(subject, table, names, meter)
        _check_width(subject, table)


def _check_pitched(wishes: Iterable[Wish], names: Sequence[str]) -> None:
    for wish in wishes:
        if _is_drums(wish.subject) and wish.field in PITCHED:
            raise AskError(f"{wish.field.lower()} must be of a pitched part, not of {wish.subject}")
        if not _has_pitched(wish.field, names):
            raise AskError(f"{wish.field.lower()} needs a pitched part, not {', '.join(names)}")


def _check_room(wishes: Iterable[Wish], meter: Meter) -> None:
    most = GRID * meter.bar_beats
    for wish in wishes:
        if wish.field == "Density" and wish.value > most:
            raise AskError(
                f"density must be in 0.5..{most:g} in a bar of {meter}, not {wish.value:g}"
            )


def _check_between(
    field: str, table: Mapping[tuple[str, str], float], names: Sequence[str], bars: int
) -> None:
    """Raise AskError where the value for all lies outside those of its bars or of its parts."""
    overall = table.get((field, ALL))
    counted = [name for name in names if field not in PITCHED or not _is_drums(name)]
    groups = (("bars", [str(bar) for bar in range(bars)]), ("parts", counted))
    for words, subjects in groups:
        values = [table[field, one] for one in subjects if (field, one) in table]
        if overall is None or not values or len(values) < len(subjects):
            continue
        low, high = min(values), max(values)
        if not low - 1e-6 <= overall <= high + 1e-6:
            span = f"{low:g}..{high:g}" if low < high else f"{low:g}"
            raise AskError(
                f"{field.lower()} must lie in its {words}' own {span}, not be {overall:g}"
            )


def _check_sum(table: Mapping[tuple[str, str], float], names: Sequence[str]) -> None:
    """Raise AskError where the onsets of all parts are fewer than of one or more than of all."""
    overall = table.get(("Density", ALL))
    own = [table[field, name] for field, name in table if field == "Density" and name in names]
    if overall is None or not own:
        return
    high = sum(own) if len(own) == len(names) else math.inf
    if overall < max(own):
        raise AskError(
            f"density of all parts together must be at least {max(own):g}, as one of them alone "
            f"has, not {overall:g}"
        )
    if overall > high:
        raise AskError(
            f"density of all parts together must be at most {high:g}, the sum of theirs, "
            f"not {overall:g}"
        )


def _check_voices(
    subject: str, table: Mapping[tuple[str, str], float], names: Sequence[str], meter: Meter
) -> None:
    """Raise AskError where so many notes of that length would have to sound at once."""
    density = table.get(("Density", subject), table.get(("Density", ALL)))
    duration = table.get(("Duration", subject), table.get(("Duration", ALL)))
    if subject in names:
        density = table.get(("Density", subject))
    if density is None or duration is None or _is_drums(subject):
        return
    players = [subject] if subject in names else list(names)
    pitched = sum(not _is_drums(name) for name in players)
    drums = len(players) - pitched
    most = pitched * _VOICES * meter.bar_beats / duration
    most += drums * min(_DRUM_HITS, GRID) * meter.bar_beats
    if density > most:
        raise AskError(
            f"density {density:g} and duration {duration:g} cannot be together: notes that long "
            f"leave room for {most:.3g} onsets a bar"
        )


def _check_width(subject: str, table: Mapping[tuple[str, str], float]) -> None:
    """Raise AskError where chords so thick do not fit into a range so narrow."""
    thick = table.get(("Polyphony", subject))
    wide = table.get(("Register", subject))
    if thick is not None and wide is not None and wide < math.ceil(thick) - 1:
        raise AskError(
            f"polyphony {thick:g} needs a register of at least {math.ceil(thick) - 1} semitones, "
            f"not {wide:g}"
        )
