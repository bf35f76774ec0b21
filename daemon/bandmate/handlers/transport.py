"""Verbs of the musical time: who leads it, where it is, and what is told of takes that are due."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from bandmate.asks.notation import checked_meter
from bandmate.contract.rows import REPORT, TRANSPORT
from bandmate.contract.transport import transport_to_pairs
from bandmate.errors import AskError, PortError
from bandmate.fields import read_pairs

if TYPE_CHECKING:
    from bandmate.asks.song import Song
    from bandmate.clients.clients import Client
    from bandmate.contract.messages import Atom
    from bandmate.handlers.services import Call, Services
    from bandmate.handlers.streams import Outlook
    from bandmate.music.meter import Meter

INTERNAL = "internal"
"""The source of time that is bandmate itself."""

UNKNOWN = -1
"""Milliseconds that nobody can tell yet."""


async def transport_set(desk: Services, call: Call) -> None:
    """Change who leads the time, and the time itself where bandmate leads."""
    said = read_pairs(call.pairs, TRANSPORT)
    if "source" in said:
        await desk.deck.follow(str(said["source"]))
    if said.keys() - {"source"}:
        tempo, meter = (
            cast("float | None", said.get("tempo")),
            cast("Meter | None", said.get("meter")),
        )
        await desk.deck.lead(tempo, meter, cast("bool | None", said.get("is_rolling")))
        if desk.deck.source == INTERNAL:
            desk.songs.keep_time(call.client.name, tempo, meter)
    call.answer("/bandmate/transport/changed", *transport_to_pairs(desk.deck))


async def lead_by_song(desk: Services, song: Song, said: Collection[str]) -> None:
    """Let time go as a page *said* of its song, where bandmate leads and anything can be played."""
    if desk.deck.source != INTERNAL:
        return
    if "free" in said and "tempo" not in song.told:
        desk.deck.let_go()
    tempo = song.tempo if "tempo" in said else None
    meter = song.meter if "meter" in said else None
    if tempo or meter:
        with suppress(PortError):
            await desk.deck.lead(tempo, meter)


async def transport_get(desk: Services, call: Call) -> None:
    """Tell where the music is."""
    call.answer("/bandmate/transport/told", *transport_to_pairs(desk.deck))


async def transport_report(desk: Services, call: Call) -> None:
    """Take in where a bridge's project is now; many come a second, so nothing is answered."""
    second = time.monotonic()
    said = read_pairs(call.pairs, REPORT)
    await desk.deck.report(
        second,
        cast(float, said.get("beat", 0.0)),
        cast(float, said.get("tempo", desk.deck.grid.tempo)),
        bool(said.get("is_rolling", True)),
        cast("Meter | None", said.get("meter")),
    )


def song_in_time(desk: Services, client: Client) -> Song:
    """Return a client's song in the tempo and meter that the transport has, where it tells none.

    A transport that stands still and that nobody has led has none either.
    """
    song, grid = desk.songs.of(client.name), desk.deck.grid
    if not (grid.is_rolling or desk.deck.is_led):
        return song
    if "tempo" not in song.told:
        tempo = min(max(grid.tempo, 20.0), 400.0)
        song = replace(song, tempo=round(tempo, 3), told=song.told | {"tempo"})
    if "meter" not in song.told and not song.chords and _is_writable(grid.meter):
        song = replace(song, meter=grid.meter, told=song.told | {"meter"})
    return song


def _is_writable(meter: Meter) -> bool:
    try:
        checked_meter(meter)
    except AskError:
        return False
    return True


def outlook_to_pairs(outlook: Outlook) -> tuple[Atom, ...]:
    """Return what is told of a take that begins on a line: name, value..."""
    told: dict[str, Atom] = {
        "begins_ms": milliseconds(outlook.begins),
        "first_ms": milliseconds(outlook.first),
        "left_ms": milliseconds(outlook.left),
        "is_late": int(outlook.is_late),
        "stands_in": outlook.stands_in,
    }
    return tuple(atom for pair in told.items() for atom in pair)


def milliseconds(seconds: float | None) -> int:
    """Return seconds as an answer tells them; UNKNOWN for None."""
    return UNKNOWN if seconds is None else round(seconds * 1000)
