"""Verbs for menus: the presets there are, and what else there is to choose from."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bandmate.asks.chords import CHORD_FIELDS
from bandmate.asks.notation import parts_to_text
from bandmate.asks.presets import Preset, presets
from bandmate.contract.messages import Atom
from bandmate.fields import OneOf
from bandmate.music.key import MODES
from bandmate.music.roles import ROLES
from bandmate.style.genres import GENRES, SECTIONS
from bandmate.style.keywords import HARMONIES, vocabulary

if TYPE_CHECKING:
    from bandmate.handlers.services import Call, Services

_KINDS = {"moods": "mood", "energies": "energy", "eras": "era", "textures": "texture"}


async def preset_list(desk: Services, call: Call) -> None:
    """Tell each preset, then how many there are."""
    found = await asyncio.to_thread(presets)
    for preset in found:
        call.answer("/bandmate/preset/told", *_flat(_preset(preset)))
    call.answer("/bandmate/preset/listed", len(found))


async def choices_list(desk: Services, call: Call) -> None:
    """Tell what there is to choose from."""
    call.answer("/bandmate/choices/told", *_flat(await asyncio.to_thread(choices)))


def choices() -> dict[str, Atom]:
    """Return what menus show, by name; raises BandmateError where the vocabulary is broken."""
    words = vocabulary().values()
    roles = ROLES.values()
    by_kind = {
        name: ",".join(word.word for word in words if word.kind == kind)
        for name, kind in _KINDS.items()
    }
    return {
        "genres": ",".join(GENRES),
        "harmonies": ",".join(HARMONIES),
        "sections": ",".join(SECTIONS),
        "modes": ",".join(MODES),
        "roles": ",".join(f"{r.name}:{r.program}:{r.low}-{r.high}" for r in roles),
        "programs": ",".join(f"{r.name}:{' '.join(map(str, r.programs))}" for r in roles),
        **by_kind,
        "rhythms": _names("rhythm"),
        "voicings": _names("voicing"),
    }


def _names(field: str) -> str:
    """Return the names that a field of an ask for chords may say."""
    ranges = {row.name: row.range for row in CHORD_FIELDS}
    found = ranges[field]
    assert isinstance(found, OneOf)
    return ",".join(found.names)


def _preset(preset: Preset) -> dict[str, Atom]:
    tempo = preset.tempo
    return {
        "name": preset.name,
        "words": preset.words,
        "parts": parts_to_text(preset.parts),
        "genre": preset.genre or "",
        "tempo": f"{tempo[0]:g}-{tempo[1]:g}" if tempo else "",
        "mode": preset.mode or "",
        "meter": str(preset.meter or ""),
        "energy": preset.energy or 0,
    }


def _flat(told: dict[str, Atom]) -> tuple[Atom, ...]:
    return tuple(atom for pair in told.items() for atom in pair)
