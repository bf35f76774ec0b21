"""How a progression is steered: genres, and measured fields in five steps.

The proposer is told any subset of these in its prompt. In training they are read off the chords
themselves (``measured``), by rules; an ask gets them from its keywords' traits (``asked``).

The rules, and where they come from: major mode and major triads read as bright, minor ones,
diminished chords and lowered degrees as dark (Hevner 1935, "The affective character of the major
and minor modes in music"; Temperley and Tan 2013, "Emotional connotations of diatonic modes", for
the order lydian/ionian, mixolydian, dorian, aeolian, phrygian); dominant sevenths and chords
outside the key as tense, and frequent changes as lively (Gabrielsson and Lindstroem 2010, "The role
of structure in the musical expression of emotions").
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bandmate.chords.progression import BarOfChords
from bandmate.music.chord import Chord
from bandmate.music.key import MODES, Key
from bandmate.style.keywords import Keyword, Traits, traits_of, vocabulary

CHORD_GENRES = ("jazz", "latin", "ballad", "blues", "folk", "pop", "rock", "musical")
"""Genres of real progressions that were learnt."""

STEPS = 5
"""A measured field is 0 (least) .. 4."""


@dataclass(frozen=True, slots=True)
class Steering:
    """What a prompt says; None leaves it open. Numbers are steps, 0..4."""

    genre: str | None = None
    section: str | None = None
    valence: int | None = None
    """0 is dark, 4 bright."""
    energy: int | None = None
    """0 is calm, 4 lively and tense."""
    richness: int | None = None
    """0 is bare triads, 4 extended chords."""
    pace: int | None = None
    """0 is a chord every two bars or fewer, 4 more than two a bar."""


NUMBERS = ("valence", "energy", "richness", "pace")
"""The fields of Steering that have steps."""

# Upper edges of the steps 0..3, near the fifths of four-bar windows of real songs; valence is cut
# lower, since most songs are major and the darkest step must mean it.
_EDGES = {
    "valence": (-0.4, 0.3, 0.65, 0.9),
    "energy": (0.235, 0.335, 0.43, 0.57),
    "richness": (3.0, 3.3, 3.7, 4.0),
    "pace": (0.8, 1.05, 1.4, 1.8),
}


def numbers_of(bars: Sequence[BarOfChords], mode: str, tonic: int = 0) -> dict[str, float]:
    """Return the measured fields of bars in a mode above a tonic (0..11), each in its own unit."""
    chords = [chord for bar in bars for chord in bar if not chord.is_none]
    weights = [1 / len(bar) for bar in bars for chord in bar if not chord.is_none]
    total = sum(weights) or 1.0

    def share(of: Sequence[float]) -> float:
        return sum(w * x for w, x in zip(weights, of, strict=True)) / total

    changes = _changes(bars)
    scale = MODES[mode].steps
    outside = [any((p - tonic) % 12 not in scale for p in c.pitches) for c in chords]
    tense = [_is_tense(chord) for chord in chords]
    pace = changes / len(bars)
    return {
        "valence": 0.5 * _mode_light(mode) + 0.5 * share([_light(c, tonic) for c in chords]),
        "energy": 0.4 * min(pace, 2.5) / 2.5 + 0.3 * share(tense) + 0.3 * share(outside),
        "richness": share([float(len(chord.degrees)) for chord in chords]),
        "pace": pace,
    }


def step_of(field: str, number: float) -> int:
    """Return the step 0..4 of a measured number."""
    return sum(number > edge for edge in _EDGES[field])


def measured(bars: Sequence[BarOfChords], mode: str, tonic: int = 0) -> dict[str, int]:
    """Return the steps of all measured fields of bars."""
    return {name: step_of(name, x) for name, x in numbers_of(bars, mode, tonic).items()}


_CLEAR = 0.4
"""The valence from which a word is bright or dark and nothing between."""
_LIGHTS = {"maj": (1, 4), "lyd": (1, 4), "mix": (1, 3), "dor": (0, 1), "min": (0, 1)}
"""The steps of valence that a mode can reach: no song in major is as dark as one in minor."""


_RICH = (-0.5, 0.25, 0.6, 0.85)
"""Traits above which richness rises a step: only jazz has four notes a chord, and says so."""


def asked(keywords: Sequence[Keyword], section: str | None, mode: str) -> Steering:
    """Return what keywords and the asked section say in a prompt, in a learnt mode.

    A word that names a genre leaves energy to it: in chords, that is what the genre's songs do.
    """
    known, traits = vocabulary(), traits_of(keywords)
    energy = traits_of(k for k in keywords if known[k.word].traits.genre is None).energy
    return Steering(
        genre=traits.genre,
        section=section or traits.section,
        **_steps_of(replace(traits, energy=energy), mode),
    )


def readings(steering: Steering) -> tuple[Steering, ...]:
    """Return the ways in which proposals take turns to read an ask.

    Half of the progressions that were learnt are jazz, and few people who name no genre mean it:
    such an ask is read as pop, as rock and as open, in turns.
    """
    if steering.genre is not None:
        return (steering,)
    return tuple(replace(steering, genre=genre) for genre in ("pop", "rock", None))


def _steps_of(traits: Traits, mode: str) -> dict[str, int]:
    """Return the steps of the traits that say a number.

    Energy keeps to the middle: it lies in tempo and rhythm, and chords at its ends are only tense.
    """
    said = {name: getattr(traits, name) for name in NUMBERS}
    steps = {
        name: min(int((x + 1) / 2 * STEPS), STEPS - 1) for name, x in said.items() if x is not None
    }
    if traits.valence is not None:
        low, high = _LIGHTS[mode]
        steps["valence"] = low + round((traits.valence + 1) / 2 * (high - low))
    if traits.energy is not None:
        steps["energy"] = 1 + round(traits.energy + 1)
    if traits.richness is not None:
        steps["richness"] = sum(traits.richness > edge for edge in _RICH)
    return steps


def _changes(bars: Sequence[BarOfChords]) -> int:
    flat = [chord for bar in bars for chord in bar]
    return 1 + sum(a != b for a, b in itertools.pairwise(flat))


def _mode_light(mode: str) -> float:
    """Return how bright a mode is, -1..1."""
    order = {"lyd": 1.0, "maj": 1.0, "mix": 0.5, "dor": -0.4, "min": -1.0, "hmin": -1.0}
    return order.get(mode, -1.0)


def _light(chord: Chord, tonic: int) -> float:
    """Return how bright a chord is, -1..1: its third, its fifth and where its root lies."""
    steps = {(p - (chord.root or 0)) % 12 for p in chord.pitches}
    third = 1.0 if 4 in steps else -1.0 if 3 in steps else 0.2
    if 6 in steps and 7 not in steps and 3 in steps:
        third = -1.2
    is_lowered = ((chord.root or 0) - tonic) % 12 in (1, 3, 8, 10)
    return max(-1.0, third - (0.5 if is_lowered else 0.0))


def _is_tense(chord: Chord) -> float:
    steps = {(p - (chord.root or 0)) % 12 for p in chord.pitches}
    return float({4, 10} <= steps or {3, 6} <= steps)


def learnt_mode(mode: str) -> str:
    """Return the mode that the models know in the place of one that real songs have too rarely."""
    return mode if mode in ("maj", "min", "dor", "mix", "lyd") else "min"


def answered(
    keywords: Sequence[Keyword],
    bars: Sequence[BarOfChords],
    key: Key,
    genre: str | None,
    section: str | None,
) -> tuple[str, ...]:
    """Return the words that bars answer: each number but energy is met within a step.

    *genre* is the one that the bars were found to suit, or None; *section* the one asked for.
    """
    known, mode = vocabulary(), learnt_mode(key.mode)
    steps = measured(bars, mode, key.tonic)
    is_bright = numbers_of(bars, mode, key.tonic)["valence"] > 0

    def is_answered(traits: Traits) -> bool:
        wanted = _steps_of(traits, mode)
        met = [abs(wanted[name] - steps[name]) <= 1 for name in wanted if name != "energy"]
        if traits.valence is not None and abs(traits.valence) >= _CLEAR:
            met.append((traits.valence > 0) == is_bright)
        if traits.genre is not None:
            met.append(traits.genre == genre)
        if traits.section is not None:
            met.append(traits.section == section)
        return bool(met) and all(met)

    return tuple(word.word for word in keywords if is_answered(known[word.word].traits))
