"""From an ask to a plan: what the ask leaves open, the song, the preset and the defaults fill in.

What the client has told of its song is a fact that a clip must fit: it comes before a preset's
taste, and the preset before what nobody said. A card that the loop follows is a fact too: its
chords, key and meter come before the song's own.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
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


@dataclass(frozen=True, slots=True)
class Theme:
    """What a card gives the loops that follow it."""

    key: Key
    meter: Meter
    tempo: float
    """Quarter notes per minute, used where the client told none."""
    bars: int
    chords: tuple[ChordSpan, ...]
    """In beats from the card's start."""
    genre: str | None = None
    """One of the loops' GENRES, as the card's keywords mean it."""
    energy: int | None = None
    """1..5, as the card's keywords mean it."""
    section: str | None = None


def plan_of(
    ask: LoopAsk,
    song: Song,
    preset: Preset | None = None,
    seed: int | None = None,
    theme: Theme | None = None,
) -> LoopPlan:
    """Return the plan of an ask; *seed* is for an ask without one, and without both it is random.

    *theme* is that of the card which the loop follows; chords that the ask names come before the
    card's, and in another key the card's are transposed. Raises AskError where the song's meter is
    one that the loop model cannot write.
    """
    taste = _flavoured(preset or NO_PRESET, theme)
    meter = checked_meter(ask.meter or (theme.meter if theme else _meter(song, taste)))
    bars = ask.bars or len(ask.chords or ()) or (theme.bars if theme else 4)
    return LoopPlan(
        bars=bars,
        tempo=ask.tempo or _tempo(song, taste, theme),
        meter=meter,
        key=ask.key or (theme.key if theme else _key(song, taste)),
        parts=ask.parts or taste.parts,
        seed=_seed(ask.seed, seed),
        genre=ask.genre or taste.genre,
        section=ask.section or taste.section,
        energy=ask.energy or taste.energy,
        chords=_chords(ask, song, theme, meter, bars),
        density=ask.density or taste.density,
        temperature=ask.temperature or taste.temperature or 1.0,
        top_k=ask.top_k or 0,
        top_p=ask.top_p or 0.98,
        in_key=ask.in_key is not False,
    )


def plans_of(
    ask: LoopAsk, song: Song, preset: Preset | None = None, theme: Theme | None = None
) -> tuple[LoopPlan, ...]:
    """Return a plan for each take of an ask; the seeds follow each other."""
    first = plan_of(ask, song, preset, theme=theme)
    return tuple(replace(first, seed=(first.seed + i) % SEEDS) for i in range(ask.takes or 1))


def _flavoured(taste: Preset, theme: Theme | None) -> Preset:
    """Let a card's keywords say what the preset does not."""
    if theme is None:
        return taste
    return replace(
        taste,
        genre=taste.genre or theme.genre,
        energy=taste.energy or theme.energy,
        section=taste.section or theme.section,
    )


def _seed(*said: int | None) -> int:
    return next((seed for seed in said if seed is not None), secrets.randbelow(SEEDS))


def _tempo(song: Song, taste: Preset, theme: Theme | None) -> float:
    if theme is not None:
        return song.tempo if "tempo" in song.told else theme.tempo
    low, high = taste.tempo or (song.tempo, song.tempo)
    is_fit = "tempo" in song.told or low <= song.tempo <= high
    return song.tempo if is_fit else float(round((low + high) / 2))


def _meter(song: Song, taste: Preset) -> Meter:
    return song.meter if "meter" in song.told or taste.meter is None else taste.meter


def _key(song: Song, taste: Preset) -> Key:
    if "key" in song.told or taste.mode is None:
        return song.key
    return Key(song.key.tonic, taste.mode)


def _chords(
    ask: LoopAsk, song: Song, theme: Theme | None, meter: Meter, bars: int
) -> tuple[ChordSpan, ...]:
    """Lay chords over a clip: the ask's, else the card's, else the song's."""
    if ask.chords:
        return placed_chords(ask.chords, meter, bars)
    if theme is None:
        return _laid(song.chords, song.meter, meter, bars)
    by = ask.key.tonic - theme.key.tonic if ask.key else 0
    moved = tuple(replace(span, chord=span.chord.transposed(by)) for span in theme.chords)
    return _laid(moved, theme.meter, meter, bars)


def _laid(
    spans: tuple[ChordSpan, ...], written: Meter, meter: Meter, bars: int
) -> tuple[ChordSpan, ...]:
    """Repeat chords until they fill the bars; in another meter than was written, bar for bar."""
    if not spans:
        return ()
    ratio = meter.bar_beats / written.bar_beats
    once = [ChordSpan(s.start * ratio, s.end * ratio, s.chord) for s in spans]
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
