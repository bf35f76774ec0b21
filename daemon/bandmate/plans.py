"""From an ask to a plan: what the ask leaves open, the song, the preset and the defaults fill in.

What the client has told of its song is a fact that a clip must fit: it comes before a preset's
taste, and the preset before what nobody said.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from bandmate.asks import LoopAsk, checked_meter, parse_parts, parts_to_text, placed_chords
from bandmate.loops.controls import LoopPlan
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.presets import Preset
from bandmate.song import Song

SEEDS = 2**31
"""Seeds are 0..SEEDS-1."""
NO_PRESET = Preset(name="", words="", parts=parse_parts("drums,bass,keys"))
"""What is written where neither the ask nor a preset says."""


def plan_of(
    ask: LoopAsk, song: Song, preset: Preset | None = None, seed: int | None = None
) -> LoopPlan:
    """Return the plan of an ask; *seed* is for an ask without one, and without both it is random.

    Raises AskError where the song's meter is one that the loop model cannot write.
    """
    taste = preset or NO_PRESET
    bars = ask.bars or len(ask.chords or ()) or 4
    meter = checked_meter(ask.meter or _meter(song, taste))
    chords = (
        placed_chords(ask.chords, meter, bars) if ask.chords else _song_chords(song, meter, bars)
    )
    return LoopPlan(
        bars=bars,
        tempo=ask.tempo or _tempo(song, taste),
        meter=meter,
        key=ask.key or _key(song, taste),
        parts=ask.parts or taste.parts,
        seed=_seed(ask.seed, seed),
        genre=ask.genre or taste.genre,
        section=ask.section or taste.section,
        energy=ask.energy or taste.energy,
        chords=chords,
        density=ask.density or taste.density,
        temperature=ask.temperature or taste.temperature or 1.0,
        top_k=ask.top_k or 0,
        top_p=ask.top_p or 0.98,
        in_key=ask.in_key is not False,
    )


def plans_of(ask: LoopAsk, song: Song, preset: Preset | None = None) -> tuple[LoopPlan, ...]:
    """Return a plan for each take of an ask; the seeds follow each other."""
    first = plan_of(ask, song, preset)
    return tuple(replace(first, seed=(first.seed + i) % SEEDS) for i in range(ask.takes or 1))


def _seed(*said: int | None) -> int:
    return next((seed for seed in said if seed is not None), secrets.randbelow(SEEDS))


def _tempo(song: Song, taste: Preset) -> float:
    low, high = taste.tempo or (song.tempo, song.tempo)
    is_fit = "tempo" in song.told or low <= song.tempo <= high
    return song.tempo if is_fit else float(round((low + high) / 2))


def _meter(song: Song, taste: Preset) -> Meter:
    return song.meter if "meter" in song.told or taste.meter is None else taste.meter


def _key(song: Song, taste: Preset) -> Key:
    if "key" in song.told or taste.mode is None:
        return song.key
    return Key(song.key.tonic, taste.mode)


def _song_chords(song: Song, meter: Meter, bars: int) -> tuple[ChordSpan, ...]:
    """Lay the song's chords over a clip, again and again; in another meter bar for bar."""
    if not song.chords:
        return ()
    ratio = meter.bar_beats / song.meter.bar_beats
    once = [ChordSpan(s.start * ratio, s.end * ratio, s.chord) for s in song.chords]
    return tuple(_repeated(once, bars * meter.bar_beats))


def _repeated(once: list[ChordSpan], length: float) -> Iterator[ChordSpan]:
    offset = 0.0
    while offset < length:
        for span in once:
            if offset + span.start < length:
                end = min(offset + span.end, length)
                yield ChordSpan(offset + span.start, end, span.chord)
        offset += once[-1].end


def plan_to_json(plan: LoopPlan) -> str:
    """Return the plan as one line of JSON, readable for people too."""
    said: dict[str, Any] = {field.name: getattr(plan, field.name) for field in fields(plan)}
    said |= {"meter": str(plan.meter), "key": str(plan.key), "parts": parts_to_text(plan.parts)}
    said["chords"] = [[span.start, span.end, str(span.chord)] for span in plan.chords]
    return json.dumps(said)


def plan_from_json(text: str) -> LoopPlan:
    """Return the plan that ``plan_to_json`` wrote."""
    said = json.loads(text)
    said["meter"], said["key"] = Meter.parse(said["meter"]), Key.parse(said["key"])
    said["parts"] = parse_parts(said["parts"])
    said["chords"] = tuple(ChordSpan(a, b, Chord.parse(label)) for a, b, label in said["chords"])
    return LoopPlan(**said)
