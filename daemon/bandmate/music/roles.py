"""Roles: what a part does in a band, the program that usually does it, and what else may."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """One row of the table of roles."""

    name: str
    program: int
    """The usual General MIDI program, 0..127."""
    programs: tuple[int, ...]
    """Programs that are heard as this role when a part says nothing else."""
    low: int
    """Lowest usual pitch."""
    high: int
    """Highest usual pitch."""


ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role("drums", 0, (), 27, 87),
        Role("bass", 33, tuple(range(32, 40)), 24, 60),
        Role("keys", 0, tuple(range(8)), 28, 100),
        Role("organ", 16, tuple(range(16, 24)), 28, 96),
        Role("guitar", 25, (*range(24, 32), 104, 105, 106, 107), 36, 88),
        Role("pad", 89, (*range(88, 104),), 36, 96),
        Role("strings", 48, (*range(40, 52), 55, 110), 36, 96),
        Role("brass", 61, tuple(range(56, 64)), 36, 88),
        Role("reed", 66, (*range(64, 80), 109, 111), 40, 96),
        Role("lead", 81, tuple(range(80, 88)), 48, 100),
        Role("choir", 52, (52, 53, 54), 40, 88),
        Role("mallet", 11, (*range(8, 16), 108, *range(112, 120)), 36, 100),
    )
}

MAX_OF_A_KIND = 4
"""How many parts of one role a clip may hold: ``keys`` to ``keys4``."""

_BY_PROGRAM = {program: role.name for role in ROLES.values() for program in role.programs}


def role_of_program(program: int) -> str:
    """Return the role that a General MIDI program (0..127) usually plays."""
    return _BY_PROGRAM.get(program, "pad")


def numbered(role: str, taken: set[str]) -> str | None:
    """Return the first free part name of a role (``keys``, ``keys2``...), None when all are."""
    names = [role] + [f"{role}{i}" for i in range(2, MAX_OF_A_KIND + 1)]
    return next((name for name in names if name not in taken), None)
