"""Verbs for whoever changes notes by hand: what was edited becomes a take of its own.

The notes come up as they go down: in chunks, each with its number and the checksum of all. They
may come before the edit that they belong to, as datagrams do.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from bandmate.errors import AskError
from bandmate.loops.controls import LoopPlan, PlannedPart
from bandmate.music.clip import Clip, Note, Part
from bandmate.ranges import read_pairs
from bandmate.spelling import BarsOfChords, placed_chords
from bandmate.take_rows import plan_of_take
from bandmate.wires.messages import (
    Atom,
    chunks_to_data,
    clip_to_data,
    data_to_notes,
    take_to_pairs,
)

if TYPE_CHECKING:
    from bandmate.takes import Take, Takes
    from bandmate.wires.desk import Call, Desk

EDITED = "edited"
"""Named as the model of a take that a person edited."""

SECONDS = 10.0
"""How long an edit waits for its notes."""

EDITS = 64
"""Edits whose notes are held at once; beyond it the oldest of whoever has most goes."""

_Key = tuple[str, Atom]
"""A client's name and an id."""


@dataclass(slots=True)
class _Arriving:
    """The notes of one edit, as far as they are here."""

    chunks: dict[int, bytes] = field(default_factory=dict)
    crc32: int = 0
    since: float = field(default_factory=time.monotonic)
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Arrivals:
    """The notes of edits on their way in; used from the event loop alone."""

    def __init__(self) -> None:
        self._all: OrderedDict[_Key, _Arriving] = OrderedDict()

    def take_in(self, key: _Key, chunk: int, crc32: int, data: bytes) -> None:
        """Keep a chunk of an edit."""
        arriving = self._of(key)
        arriving.chunks[chunk], arriving.crc32 = data, crc32
        arriving.news.set()

    async def whole(self, key: _Key, chunks: int) -> bytes:
        """Return the notes of an edit once all its *chunks* are here; raises AskError."""
        arriving = self._of(key)
        try:
            async with asyncio.timeout(SECONDS):
                while not arriving.chunks.keys() >= set(range(chunks)):
                    arriving.news.clear()
                    await arriving.news.wait()
        except TimeoutError:
            raise AskError(
                f"the notes did not arrive whole: {len(arriving.chunks)} of {chunks} chunks came "
                f"within {SECONDS:g} seconds"
            ) from None
        finally:
            if self._all.get(key) is arriving:
                del self._all[key]
        if not chunks:
            return b""
        return chunks_to_data([arriving.chunks[i] for i in range(chunks)], arriving.crc32)

    def _of(self, key: _Key) -> _Arriving:
        if key not in self._all:
            # Those of a retry, whose edit is done already, are waited for by nobody.
            old = time.monotonic() - 2 * SECONDS
            for late in [k for k, arriving in self._all.items() if arriving.since < old]:
                del self._all[late]
            self._all[key] = _Arriving()
            if len(self._all) > EDITS:
                del self._all[self._oldest_of_the_fullest()]
        return self._all[key]

    def _oldest_of_the_fullest(self) -> _Key:
        """Return the oldest edit of the client that has most of them: others' edits stay."""
        counts = Counter(client for client, _ in self._all)
        fullest, _ = counts.most_common(1)[0]
        return next(key for key in self._all if key[0] == fullest)


async def take_notes(desk: Desk, call: Call) -> None:
    """Keep some of the notes of an edit."""
    chunk, crc32 = cast(int, call.values.get("chunk", 0)), cast(int, call.values.get("crc32", 0))
    data = cast(bytes, call.values.get("data", b""))
    desk.arrivals.take_in((call.client.name, call.id), chunk, crc32, data)


async def take_edit(desk: Desk, call: Call) -> None:
    """Keep a take with other notes as a new take; the same edit of it is the same take."""
    from bandmate.wires.shelf_contract import EDIT  # it names these verbs itself

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
