"""All features of a loop by name: of the band, of the drums, and of each role by itself."""

from __future__ import annotations

from collections.abc import Iterable

from judge.band import band
from judge.drums import drums
from judge.figures import Figures, mean, named
from judge.harmony import harmony
from judge.melody import melody
from judge.piece import PartNotes, Piece, role_of
from judge.pitches import pitches
from judge.repeats import repeats
from judge.rhythm import durations, rests, rhythm
from judge.voices import voices

ROLES = ("bass", "keys", "lead", "guitar")
"""Roles that have features of their own in the whole band; the others share theirs."""
OTHERS = "other parts"


def part_features(part: PartNotes, is_drums: bool) -> Figures:
    """Return the features of one part that sounds."""
    if is_drums:
        return drums(part)
    return {
        **rhythm(part),
        **rests(part),
        **durations(part),
        **repeats(part),
        **melody(part),
        **pitches(part),
        **voices(part),
    }


def features_by_part(piece: Piece) -> dict[str, Figures]:
    """Return the features of each part; drums together are one."""
    found = {name: part_features(part, False) for name, part in piece.pitched.items()}
    return found | ({"drums": part_features(piece.drums, True)} if piece.drums.tones else {})


def band_features(piece: Piece, by_part: dict[str, Figures]) -> Figures:
    """Return the features of the whole band, a role's first part under the role's name."""
    figures = {**band(piece), **harmony(piece)}
    pitched = {name: found for name, found in by_part.items() if name != "drums"}
    for role in ROLES:
        figures |= named(f"{role}: ", pitched.get(role, {}))
    others = [found for name, found in pitched.items() if role_of(name) not in ROLES]
    figures |= named(f"{OTHERS}: ", _means(others))
    figures |= named("all pitched parts: ", _means(pitched.values()))
    return figures | named("drums: ", by_part.get("drums", {}))


def _means(found: Iterable[Figures]) -> Figures:
    rows = list(found)
    return {name: mean(row[name] for row in rows) for name in rows[0]} if rows else {}
