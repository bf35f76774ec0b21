"""Verbs for whoever looks through the takes: listed, got whole, starred, named."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from bandmate.contract.cards import line
from bandmate.contract.messages import Atom, note_messages, take_to_pairs
from bandmate.contract.takes import LIST
from bandmate.fields import read_pairs
from bandmate.handlers.subscriptions import take_news

if TYPE_CHECKING:
    from bandmate.handlers.services import Call, Services
    from bandmate.takes.store import Take


async def take_list(desk: Services, call: Call) -> None:
    """Tell of takes, the newest first."""
    said = read_pairs(call.pairs, LIST)
    found = await asyncio.to_thread(
        desk.takes.found,
        str(said.get("search", "")),
        str(said.get("kind", "")),
        before=cast(int, said.get("before", 0)),
        starred=bool(said.get("starred", False)),
        limit=cast(int, said.get("limit", 50)),
    )
    for take in found:
        _tell(desk, call, take, "listed")
    call.answer("/bandmate/take/listed", len(found))


async def take_get(desk: Services, call: Call) -> None:
    """Tell all of a take, then its notes."""
    take = await desk.found(call)
    notes = note_messages(call.id, take.number, take.clip)
    made = take_to_pairs(take, chunks=len(notes))
    call.answer("/bandmate/take/got", *made, *_more_of(take))
    for message in notes:
        call.send(message)


async def take_star(desk: Services, call: Call) -> None:
    """Give a take a star, or take it away."""
    take = await desk.found(call)
    starred = bool(call.values.get("on", True))
    _tell(desk, call, await asyncio.to_thread(desk.takes.star, take.number, starred), "starred")


async def take_name(desk: Services, call: Call) -> None:
    """Call a take something."""
    take = await desk.found(call)
    title = str(call.values.get("text", ""))
    _tell(desk, call, await asyncio.to_thread(desk.takes.name, take.number, title), "named")


def _tell(desk: Services, call: Call, take: Take, news: str) -> None:
    call.answer("/bandmate/take/told", *take_news(take, news, desk.clients.title(take.client)))


def _more_of(take: Take) -> tuple[Atom, ...]:
    """Return what ``got`` tells beside what ``made`` tells: name, value..."""
    card = take.card or {}
    told: dict[str, Atom] = {
        "kind": take.kind,
        "state": take.state,
        "title": take.name,
        "star": int(take.is_starred),
        "parent": take.parent,
        "made": f"{take.made:.3f}",
        "genre": take.genre,
        "romans": line(" ".join(",".join(bar) for bar in card.get("romans", ()))),
        "symbols": line(" ".join(",".join(bar) for bar in card.get("symbols", ()))),
        "answers": line(",".join(card.get("answers", ()))),
    }
    return tuple(atom for pair in told.items() for atom in pair)
