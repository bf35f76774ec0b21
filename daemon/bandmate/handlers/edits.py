"""Verbs for whoever changes notes by hand: what was edited becomes a take of its own.

The notes come up as they go down: in chunks, each with its number and the checksum of all. They
may come before the edit that they belong to, as datagrams do.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from bandmate.asks.notation import BarsOfChords, placed_chords
from bandmate.contract.messages import (
    clip_to_data,
    data_to_notes,
    take_to_pairs,
)
from bandmate.contract.takes import EDIT
from bandmate.errors import AskError
from bandmate.fields import read_pairs
from bandmate.loops.plan import LoopPlan, PlannedPart
from bandmate.music.clip import Clip, Note, Part
from bandmate.takes.rows import plan_of_take

if TYPE_CHECKING:
    from bandmate.handlers.services import Call, Services
    from bandmate.takes.store import Take, Takes

EDITED = "edited"
"""Named as the model of a take that a person edited."""


async def take_notes(desk: Services, call: Call) -> None:
    """Keep some of the notes of an edit."""
    chunk, crc32 = cast(int, call.values.get("chunk", 0)), cast(int, call.values.get("crc32", 0))
    data = cast(bytes, call.values.get("data", b""))
    desk.arrivals.take_in((call.client.name, call.id), chunk, crc32, data)


async def take_edit(desk: Services, call: Call) -> None:
    """Keep a take with other notes as a new take; the same edit of it is the same take."""
    said = read_pairs(call.pairs, EDIT)
    key = (call.client.name, call.id)
    data = await desk.arrivals.whole(key, cast(int, call.values.get("chunks", 0)))
    old = await desk.found(call)
    usual = tuple(PlannedPart(part.name, part.program) for part in old.clip.parts)
    parts = cast("tuple[PlannedPart, ...]", call.values.get("parts", usual))
    clip = _resized(old.clip, said)
    clip = replace(clip, parts=tuple(_parts(old.clip, parts, data, clip.length)))
    take = await asyncio.to_thread(_kept, desk.takes, call.client.name, old, clip)
    call.answer("/bandmate/take/edited", *take_to_pairs(take))


def _kept(takes: Takes, client: str, old: Take, clip: Clip) -> Take:
    same = takes.same(old, clip)
    if same:
        return same
    plan, number = _plan(old, clip), old.number
    return takes.keep(
        client, plan, clip, model=EDITED, first_bar_ms=0.0, made_ms=0.0, parent=number
    )


def _resized(clip: Clip, said: dict[str, object]) -> Clip:
    """Return the clip with the length and the chords that are said; its notes are not looked at."""
    bars = cast(int, said.get("bars", clip.bars))
    if "bars" in said:
        length = clip.meter.bar_beats * bars
        spans = (replace(s, end=min(s.end, length)) for s in clip.chords if s.start < length)
        clip = replace(clip, length=length, chords=tuple(spans))
    if "chords" in said:
        chords = cast(BarsOfChords, said["chords"])
        clip = replace(clip, chords=placed_chords(chords, clip.meter, bars))
    return clip


def _parts(old: Clip, parts: tuple[PlannedPart, ...], data: bytes, length: float) -> Iterator[Part]:
    """Yield the parts that the bytes tell of; raises AskError for a note that cannot be."""
    told = data_to_notes(data, len(parts))
    for part, notes in zip(parts, told, strict=True):
        for note in notes:
            _check(part.name, note, length)
        there = next((one for one in old.parts if one.name == part.name), Part(part.name, 0))
        exact = _as_they_were(old, there)
        kept = tuple(sorted(exact.get(n, n) for n in notes))
        yield Part(part.name, part.program, kept, there.wheels)


def _as_they_were(clip: Clip, part: Part) -> dict[Note, Note]:
    """Return the notes of a part by what the wire tells of them: untouched ones stay exact."""
    (told,) = data_to_notes(clip_to_data(replace(clip, parts=(part,))), 1)
    return dict(zip(told, part.notes, strict=True))


def _check(part: str, note: Note, length: float) -> None:
    """Raise AskError for a note that no clip may hold."""
    ranges = (
        ("pitch", note.pitch, 0, 127),
        ("velocity", note.velocity, 1, 127),
        ("start", note.start, 0, math.nextafter(length, 0)),
        ("duration", note.duration, 1 / 1024, 4096),
    )
    for name, value, low, high in ranges:
        if not low <= value <= high:  # NaN is in no range
            shown = f"0 up to {length:g}" if name == "start" else f"{low:g}..{high:g}"
            raise AskError(f"{name} of a note of {part} must be in {shown}, not {value:g}")


def _plan(old: Take, clip: Clip) -> LoopPlan:
    """Return the plan of an edited clip: what was asked for, with nothing left to write."""
    told = LoopPlan.of_clip(clip, old.seed)
    asked = plan_of_take(old)
    if asked is None:
        return told
    taste = ("genre", "section", "energy", "strictness", "feel", "is_loop", "in_key")
    return replace(told, **{name: getattr(asked, name) for name in taste})
