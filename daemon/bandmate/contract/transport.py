"""What is told of the musical time."""

from __future__ import annotations

import time

from bandmate.contract.messages import Atom
from bandmate.timing.player.client import Deck


def transport_to_pairs(deck: Deck) -> tuple[Atom, ...]:
    """Return what is told of the transport: name, value..."""
    grid = deck.grid
    beat = grid.beat_at(time.monotonic()) if grid.is_rolling else grid.beat
    told: dict[str, Atom] = {
        "beat": float(beat),
        "bar": grid.bar_at(beat),
        "tempo": float(grid.tempo),
        "meter": str(grid.meter),
        "source": grid.source,
        "certainty": float(grid.certainty),
        "is_rolling": int(grid.is_rolling),
        "met": deck.met,
        "missed": deck.missed,
    }
    return tuple(atom for pair in told.items() for atom in pair)
