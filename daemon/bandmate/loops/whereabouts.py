"""Where each token of a sequence stands: its part, its bar and its step in the bar.

All three follow from the tokens before. The model is told them with every token, so that what
happens at one place (the drums on beat 3) lies a glance away from the same place a bar earlier.
"""

from __future__ import annotations

from collections.abc import Iterable

from bandmate.loops import vocabulary as v
from bandmate.loops.tokens import chord_slots
from bandmate.music.meter import Meter

NOWHERE = 0
PARTS, BARS, STEPS = 1, 1 + len(v.PART_NAMES), 1 + len(v.PART_NAMES) + len(v.BAR_INDICES)
"""Where part, bar and step places begin; one table holds them all, place 0 is nowhere."""
SIZE = STEPS + v.MAX_BAR_STEPS

Place = tuple[int, int, int]
"""The places of a token's part, bar and step."""

_PART = {
    v.IDS[f"{kind}_{name}"]: PARTS + i
    for i, name in enumerate(v.PART_NAMES)
    for kind in ("Part", "Cell")
}
_BAR = {
    v.IDS[f"{kind}_{bar}"]: BARS + i
    for i, bar in enumerate(v.BAR_INDICES)
    for kind in ("Bar", "Slots")
}
_SLOTS = {
    v.IDS[f"Meter_{meter}"]: tuple(
        STEPS + round(beat * v.STEPS) for beat in chord_slots(Meter.parse(meter))
    )
    for meter in v.METERS
}
_CHORDS = {v.IDS[name] for name in v.NAMES if name.startswith(("Root_", "Hold_", "NoChord_"))}
_SECTIONS = {v.PLAN, v.KEPT, v.WRITE}


class Whereabouts:
    """Follows one sequence."""

    def __init__(self) -> None:
        self._slots: tuple[int, ...] = (NOWHERE,)
        self._slot = 0
        self._part = self._bar = self._step = NOWHERE

    def of(self, token: int) -> Place:
        """Return where the next token of the sequence stands."""
        if token < v.PITCH:
            if token >= v.ON:
                self._step = STEPS + (token - v.ON) // v.VELOCITY_LEVELS
            else:
                self._enter(token)
        elif token >= v.MUSIC_SIZE:
            self._enter(token)
        return self._part, self._bar, self._step

    def _enter(self, token: int) -> None:
        if token in _PART:
            self._part, self._step = _PART[token], NOWHERE
        elif token in _BAR:
            self._bar, self._part, self._step, self._slot = _BAR[token], NOWHERE, NOWHERE, 0
        elif token in _CHORDS:
            self._step = self._slots[min(self._slot, len(self._slots) - 1)]
            self._slot += 1
        elif token in _SLOTS:
            self._slots = _SLOTS[token]
        elif token in _SECTIONS:
            self._part = self._bar = self._step = NOWHERE


def places_of(ids: Iterable[int]) -> list[Place]:
    """Return where every token of a whole sequence stands."""
    whereabouts = Whereabouts()
    return [whereabouts.of(token) for token in ids]
