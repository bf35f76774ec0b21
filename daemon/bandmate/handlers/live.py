"""Verbs for live asking: what was played as a take, its answer, what a press asks, pads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bandmate import paths
from bandmate.asks.notation import MAX_PARTS, BarsOfChords, placed_chords
from bandmate.contract.live import CAPTURE, OF_ANSWERS, PADS, WAYS, Way
from bandmate.contract.messages import Atom, take_to_pairs
from bandmate.errors import AskError, BandmateError, Cancelled, Unavailable
from bandmate.fields import read_pairs
from bandmate.handlers import loops as verbs
from bandmate.loops.plan import LoopPlan
from bandmate.music import midifile
from bandmate.music.clip import ChordSpan, Clip
from bandmate.surfaces.mapping import PadPlan, pad_plan
from bandmate.takes.capture import Captured, named

if TYPE_CHECKING:
    from bandmate.handlers.services import Call, LiveInput, Services
    from bandmate.takes.store import Take

PLAYED = "played"
"""Named as the model of a take that a person played."""
USUAL_BARS = 4


async def live_get(desk: Services, call: Call) -> None:
    """Tell the mapping and the pads."""
    _tell(call, _live(desk))


async def live_load(desk: Services, call: Call) -> None:
    """Read the mapping anew, and tell it."""
    await _live(desk).load()
    _tell(call, _live(desk))


async def live_learn(desk: Services, call: Call) -> None:
    """Wait for a press, and let it ask the action from now on."""
    action = cast(str, call.values.get("action", "loop"))
    control = await _live(desk).learn(action)
    call.answer("/bandmate/live/learned", action, str(control))


async def live_deal(desk: Services, call: Call) -> None:
    """Lay chords on the pads, and tell them."""
    live = _live(desk)
    usual = live.pads.plan if live.pads else PadPlan()
    await live.deal(pad_plan(read_pairs(call.pairs, PADS), usual))
    _tell(call, live)


async def live_capture(desk: Services, call: Call) -> None:
    """Make the last bars a take."""
    take = await _kept(desk, call, await _named_in(desk, call, read_pairs(call.pairs, CAPTURE)))
    call.answer("/bandmate/live/captured", *take_to_pairs(take))


async def live_answer(desk: Services, call: Call) -> None:
    """Make the last bars a take, and ask for a loop that answers it as any other ask would."""
    own = {field.name for field in OF_ANSWERS}
    said = read_pairs((pair for pair in call.pairs if pair[0] in own), OF_ANSWERS)
    way = WAYS[cast(str, said.get("way", "harmonise"))]
    found = await _named_in(desk, call, said)
    if not found.clip.chords and any(role != "drums" for role in way.roles):
        found = replace(found, clip=await _transcribed(desk, call, found.clip))
    take = await _kept(desk, call, found)
    call.answer("/bandmate/live/captured", *take_to_pairs(take))
    rest = [pair for pair in call.pairs if pair[0] not in own]
    call.pairs = [("take", take.number), *_asked(way, take.clip, dict(rest)), *rest]
    await verbs.loop_ask(desk, call)


def _live(desk: Services) -> LiveInput:
    if desk.live is None:
        raise Unavailable("nothing is heard: bandmate has no MIDI input port now")
    return desk.live


def _tell(call: Call, live: LiveInput) -> None:
    pads = zip(live.pads.plan.notes, live.pads.chords, strict=False) if live.pads else ()
    told: dict[str, Atom] = {
        "file": str(live.file),
        "controls": "\n".join(f"{b.control}: {b.request}" for b in live.mapping.bindings),
        "pads": " ".join(f"{note}={chord}" for note, chord in pads),
        "learning": live.learning,
        "heard": len(live.capture.heard),
        "trouble": live.trouble,
    }
    call.answer("/bandmate/live/told", *(atom for pair in told.items() for atom in pair))


# what was played


async def _named_in(desk: Services, call: Call, said: Mapping[str, object]) -> Captured:
    """Return the last bars with their key and chords, as far as they are plain."""
    song = desk.songs.of(call.client.name)
    bars, quantise = said.get("bars", USUAL_BARS), said.get("quantise", 1.0)
    found = await _live(desk).played(cast(int, bars), cast(float, quantise), song)
    key = song.key if "key" in song.told else None
    return await asyncio.to_thread(named, found, key, song.chords)


async def _transcribed(desk: Services, call: Call, clip: Clip) -> Clip:
    """Return the clip with the chords that can be heard in a tune; without where there are none."""
    name = call.client.name
    with paths.temporary_folder("played-") as folder:
        file = Path(folder) / "played.mid"
        await asyncio.to_thread(midifile.write, clip, file)
        try:
            with desk.working_for(call.client):
                answer = await desk.cowriter.transcribe(file, None, clip.meter, name, call.id)
        except Cancelled:
            raise
        except BandmateError:
            return clip
    bars = answer.cards[0].progression.bars if answer.cards else ()
    return replace(clip, chords=_spans(bars, clip))


def _spans(bars: BarsOfChords, clip: Clip) -> tuple[ChordSpan, ...]:
    return placed_chords(bars[: clip.bars], clip.meter, clip.bars) if bars else ()


async def _kept(desk: Services, call: Call, found: Captured) -> Take:
    """Keep what was played as a take of the client's."""
    clip = found.clip
    if len(clip.parts) > MAX_PARTS:
        raise AskError(f"parts must be 1..{MAX_PARTS} together, not {len(clip.parts)}")
    plan, name = LoopPlan.of_clip(clip), call.client.name
    return await asyncio.to_thread(
        desk.takes.keep, name, plan, clip, model=PLAYED, first_bar_ms=0.0, made_ms=0.0
    )


def _asked(way: Way, clip: Clip, said: Mapping[str, object]) -> list[tuple[str, int | str]]:
    """Return what a way asks of a loop, but for what the person says."""
    if way.continues:
        return [("continues", 1), ("bars", clip.bars)]
    if "add" in said:
        return []
    there = {part.role for part in clip.parts}
    roles = [role for role in way.roles if role not in there] or [way.roles[-1]]
    return [("add", ",".join(roles))]
