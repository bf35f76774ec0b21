"""All that OSCQuery tells: the tables of the contract and of the surface, and how things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bandmate.contract.addresses import ADDRESSES, ANSWERS
from bandmate.contract.messages import song_to_pairs
from bandmate.contract.transport import transport_to_pairs
from bandmate.fields import Real
from bandmate.style.keywords import keywords_to_text
from bandmate.surfaces.table import HELLO, PREFIX, TEXT, WIDGETS, Widget
from bandmate.wires.namespace import WRITE, Node, Values, leaf, namespace

if TYPE_CHECKING:
    from bandmate.handlers.dispatcher import Desk

_DAW = ""
"""No client: who has told no song has that of the client that owns the DAW."""


def catalogue(desk: Desk) -> Node:
    """Return the namespace as it is now; the song is that of the client that owns the DAW."""
    deck = desk.deck
    values: Values = {
        "/bandmate/song/told": lambda: song_to_pairs(desk.songs.of(_DAW), desk.clients.daw),
        "/bandmate/keywords/told": lambda: (
            "keywords",
            keywords_to_text(desk.songs.of(_DAW).keywords),
        ),
        "/bandmate/take/mixed": lambda: (
            ",".join(sorted(deck.muted)),
            ",".join(sorted(deck.soloed)),
        ),
        "/bandmate/transport/told": lambda: transport_to_pairs(deck),
    }
    surface = map(_of_widget, WIDGETS.values())
    return namespace(ADDRESSES.values(), ANSWERS.values(), values, surface)


def _of_widget(row: Widget) -> Node:
    # What it shows is each surface's own, so that there is no one value to be read.
    access = WRITE if row.touch or row.kind == HELLO else 0
    is_text = row.kind == TEXT
    bounds = None if is_text else Real(row.low, row.high)
    return leaf(f"{PREFIX}{row.name}", row.words, "s" if is_text else "f", access, bounds)
