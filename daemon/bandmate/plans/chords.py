"""From an ask for chords to a plan, and from a card to what the loops that follow it are told.

What is asked comes first, then what the inspiration brought, then what is known of the song.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from bandmate.asks.chords import ChordAsk
from bandmate.asks.notation import BarsOfChords
from bandmate.asks.song import Song
from bandmate.chords.cards import USUAL_TEMPERATURE, Card, ChordPlan
from bandmate.errors import AskError
from bandmate.music.chord import Chord
from bandmate.music.clip import Clip
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.loop import SEEDS, Theme
from bandmate.style.genres import GENRES
from bandmate.style.keywords import MOST, Keyword, merged, traits_of, vocabulary

if TYPE_CHECKING:
    from bandmate.inspire.inspiration import Inspiration

_PROGRAMS = {"guitar": 25}
"""The program of a voicing, where none is asked for; else a piano."""
_TONICS = {"maj": (0, 7, 2, 5, 10, 9, 3, 4), "min": (9, 4, 2, 11, 0, 7, 5, 6)}
"""Tonics that lie well under a hand; one is taken by the seed where nothing names one."""
_MINOR_BELOW = -0.1
"""The valence below which minor is proposed."""


def chord_plan_of(
    ask: ChordAsk, song: Song, inspiration: Inspiration | None = None, seed: int | None = None
) -> ChordPlan:
    """Return the plan of an ask; *seed* is for an ask without one, and without both it is random.

    *inspiration* is what the text, the image and the recording of the ask became.
    """
    chosen = next((s for s in (ask.seed, seed) if s is not None), secrets.randbelow(SEEDS))
    keywords = asked_keywords(ask, song, inspiration)
    voicing = ask.voicing or "smooth"
    usual = _PROGRAMS.get(voicing, 0)
    return ChordPlan(
        key=ask.key or _key(song, inspiration, keywords, chosen),
        bars=ask.bars or 4,
        meter=ask.meter or song.meter,
        tempo=ask.tempo or _tempo(song, inspiration),
        seed=chosen,
        cards=ask.cards or 4,
        keywords=keywords,
        section=ask.section,
        before=ask.before or (),
        after=ask.after or (),
        temperature=ask.temperature or USUAL_TEMPERATURE,
        m=ask.m,
        voicing=voicing,
        rhythm=ask.rhythm or "held",
        bass=ask.bass is not False,
        program=usual if ask.program is None else ask.program,
    )


def asked_keywords(
    ask: ChordAsk, song: Song, inspiration: Inspiration | None = None
) -> tuple[Keyword, ...]:
    """Return the keywords of an ask, eight at most: its own first, then those that it found.

    Of the song's keywords an inspiration and an ask's own keywords leave those that are locked.
    """
    own = list(ask.keywords or ())
    if ask.genre is not None:
        own.append(_genre_keyword(ask.genre))
    held = song.keywords
    if inspiration is not None and inspiration.keywords:
        held = merged(song.keywords, inspiration.keywords)
    elif ask.keywords is not None:
        held = tuple(keyword for keyword in song.keywords if keyword.is_locked)
    words: dict[str, Keyword] = {}
    for keyword in (*own, *held):
        words.setdefault(keyword.word, keyword)
    return tuple(words.values())[:MOST]


def _genre_keyword(genre: str) -> Keyword:
    """Return the keyword of a genre; raises AskError where the vocabulary has none."""
    words = vocabulary().values()
    named = [word.word for word in words if genre == word.word or genre in word.also]
    meant = [word.word for word in words if genre in (word.traits.genre, word.traits.style)]
    if not (named or meant):
        raise AskError(f"genre must be one that a keyword names, not {genre!r}")
    return Keyword((named or meant)[0])


def _key(
    song: Song, inspiration: Inspiration | None, keywords: tuple[Keyword, ...], seed: int
) -> Key:
    """Return the song's key if it was told, else one that the inspiration or the mood proposes."""
    if "key" in song.told or (inspiration is None and not keywords):
        return song.key
    if inspiration is not None and inspiration.key is not None:
        return inspiration.key
    traits = traits_of(keywords)
    is_dark = traits.valence is not None and traits.valence < _MINOR_BELOW
    proposed = inspiration.mode if inspiration else None
    mode = proposed or traits.mode or ("min" if is_dark else "maj")
    third = Key(0, mode).scale[2]
    tonics = _TONICS["maj" if third == 4 else "min"]
    return Key(tonics[seed % len(tonics)], mode)


def _tempo(song: Song, inspiration: Inspiration | None) -> float:
    if "tempo" in song.told or inspiration is None or inspiration.tempo is None:
        return song.tempo
    return float(round(min(max(sum(inspiration.tempo) / 2, 20), 400)))


def theme_of(plan: ChordPlan, clip: Clip) -> Theme:
    """Return what a card gives the loops that follow it: its music, and what its keywords mean."""
    # A card may be older than the vocabulary.
    traits = traits_of(word for word in plan.keywords if word.word in vocabulary())
    genre = traits.style or (traits.genre if traits.genre in GENRES else None)
    energy = None if traits.energy is None else 1 + round((traits.energy + 1) / 2 * 4)
    return Theme(
        key=clip.key or plan.key,
        meter=clip.meter,
        tempo=clip.tempo,
        bars=clip.bars,
        chords=clip.chords,
        genre=genre,
        energy=energy,
        section=plan.section or traits.section,
    )


# JSON


def chord_plan_to_json(plan: ChordPlan) -> str:
    """Return the plan as one line of JSON, readable for people too."""
    said: dict[str, Any] = {field.name: getattr(plan, field.name) for field in fields(plan)}
    said |= {"meter": str(plan.meter), "key": str(plan.key)}
    said["keywords"] = [[word.word, word.weight, word.is_locked] for word in plan.keywords]
    said |= {"before": _labels(plan.before), "after": _labels(plan.after)}
    return json.dumps(said)


def chord_plan_from_json(text: str) -> ChordPlan:
    """Return the plan that ``chord_plan_to_json`` wrote."""
    said = json.loads(text)
    said["meter"], said["key"] = Meter.parse(said["meter"]), Key.parse(said["key"])
    said["keywords"] = tuple(Keyword(*word) for word in said["keywords"])
    said |= {name: _chords(said[name]) for name in ("before", "after")}
    return ChordPlan(**said)


def card_to_json(card: Card) -> str:
    """Return a card as one line of JSON, as takes keep it and ``--json`` tells it."""
    said = {
        "key": str(card.progression.key),
        "chords": card.progression.labels,
        "symbols": card.symbols,
        "romans": card.romans,
        "accepted": card.is_accepted,
        "log_p": card.log_p,
        "ratio": card.ratio,
        "answers": card.answers,
        "borrowed": card.borrowed,
        "proposer": card.proposer,
    }
    return json.dumps(said)


def _labels(bars: BarsOfChords) -> list[list[str]]:
    return [[str(chord) for chord in bar] for bar in bars]


def _chords(bars: Iterable[Iterable[str]]) -> BarsOfChords:
    return tuple(tuple(Chord.parse(label) for label in bar) for bar in bars)
