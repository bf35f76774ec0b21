"""What an energy and a mood ask of the measured fields, as the training songs have them.

From 5,239 four-bar windows of the training songs (game music, POP909, arranged songs and lead
sheets, each weighing the same), measured as ``loops/model/measured.py`` does: energy step
e asks for the velocity and the register in the middle of their e-th fifth, and for as many onsets
as make that step with that velocity, busier with more parts and at slower tempi as those windows
are.
"""

from __future__ import annotations

from collections.abc import Sequence

from bandmate.loops.plan import LoopPlan, PlannedPart

_ONSETS_A_SECOND = (1.9, 2.6, 3.4, 4.4, 5.1)
"""By energy, of three parts at 120: the middle of the step that `measured.energy_of` hears."""
_USUAL_TEMPO, _USUAL_PARTS = 120, 3
_BY_TEMPO, _BY_PARTS = -0.63, 0.28
"""Powers by which onsets a beat go with the tempo and the number of parts."""
_VELOCITY = (66, 76, 85, 92, 104)
"""By energy; about the same for any number of parts."""
_REGISTER = (
    (5, 7, 11, 14, 32),
    (19, 24, 26, 29, 41),
    (31, 36, 41, 45, 51),
    (32, 38, 44, 48, 57),
    (36, 43, 47, 52, 58),
    (41, 48, 52, 57, 66),
)
"""Semitones, by pitched parts, 1 to 6 and more; each row by energy."""
_PITCH = {
    "bass": 45, "keys": 55, "organ": 60, "guitar": 60, "pad": 63, "strings": 62, "brass": 72,
    "reed": 64, "lead": 71, "choir": 64, "mallet": 71,
}  # fmt: skip
"""The median of a role's mean pitch."""
_BRIGHT = 6.0
"""Semitones that the brightest mood lifts: the spread of mean pitches over songs of like parts."""
_HIGHEST_REGISTER = 60


def wished_by_energy(energy: int, plan: LoopPlan) -> dict[str, float]:
    """Return density, velocity and register (where a part is pitched) of an energy 1..5."""
    onsets = _ONSETS_A_SECOND[energy - 1] * 60 / _USUAL_TEMPO
    onsets *= (plan.tempo / _USUAL_TEMPO) ** _BY_TEMPO
    onsets *= (len(plan.parts) / _USUAL_PARTS) ** _BY_PARTS
    wishes = {
        "Density": round(max(0.5, onsets * plan.meter.bar_beats), 2),
        "Velocity": float(_VELOCITY[energy - 1]),
    }
    pitched = len(_pitched(plan.parts))
    if pitched:
        wide = _REGISTER[min(pitched, len(_REGISTER)) - 1][energy - 1]
        wishes["Register"] = float(min(wide, _HIGHEST_REGISTER))
    return wishes


def wished_by_mood(valence: float, parts: Sequence[PlannedPart]) -> dict[str, float]:
    """Return the mean pitch of a valence -1 (dark) .. 1 (bright): dark moods lie lower."""
    roles = [part.name.rstrip("0123456789") for part in _pitched(parts)]
    if not roles:
        return {}
    usual = sum(_PITCH[role] for role in roles) / len(roles)
    return {"Pitch": round(usual + _BRIGHT * valence, 2)}


def energy_of_mood(energy: float) -> int:
    """Return the step 1..5 of what keywords say of energy, -1 (calm) .. 1 (driving)."""
    return 1 + round((energy + 1) / 2 * 4)


def _pitched(parts: Sequence[PlannedPart]) -> list[PlannedPart]:
    return [part for part in parts if not part.name.startswith("drums")]
