"""From what sounds to chords: the likeliest way for each place of the bar line, and the basses."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from bandmate.inspire.audio.chordpath import Transition, changes, leaving, likeliest
from bandmate.inspire.audio.chroma import HIGH, LOW, folded, lowest
from bandmate.inspire.audio.templates import NONE, likeness, state_to_chord
from bandmate.inspire.audio.timeline import Grid, Timeline
from bandmate.inspire.audio.tonic import key_of_chords
from bandmate.music.key import Key, estimated_key

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from bandmate.music.chord import Chord

_SILENT = 0.01
"""Loudness, over that of the loud moments, below which no chord sounds."""
_LONGEST_REST = 3.0
"""Seconds of silence over which a chord holds on."""
_NO_CHORD = 0.68
"""How like one chord the slots of music must stay to be one."""
_NO_MUSIC = 0.8
"""How like one chord a sound must stay to be music at all: noise and drums are less so."""
_SURELY_NONE = 9.0
_FEWEST = 0.2
"""Share of a sound that must be so."""
_LOW_BEAT = 0.4
"""How much a low onset counts towards the bar line, where a chord's change counts as likely."""
_CUT_AT_BAR = 3.0
"""How much likelier than not a sound begins with a bar: who cuts a clip cuts it there."""
_INVERTED = 1.8
"""How much more than the root another tone must sound in the bass to be the bass."""


def decoded(
    grid: Grid,
    weights: NDArray[float64],
    loud: NDArray[float64],
    transition: Transition | None,
    low_onsets: NDArray[float64],
    *,
    no_chord: float | None = None,
) -> Timeline:
    """Return the likeliest chords, with the bar line where they change most likely.

    *weights* are notes as chroma hears them, *loud* how loud each slot is over the loud ones,
    *low_onsets* how strongly something low is struck there, *no_chord* how like a
    chord it must be, None to find out whether it is music at all.
    """
    alike = likeness(weights)
    alike[:, NONE] = _NO_MUSIC if no_chord is None else no_chord
    _hush(alike, loud, grid.edges)
    key = heard_key(weights[loud >= _SILENT])
    change = changes(key, transition)
    if no_chord is None:
        leave = leaving(len(alike), 0, grid.beats, grid.parts)
        is_music = np.mean(likeliest(alike, change, leave).states != NONE) >= _FEWEST
        audible = alike[:, NONE] == _NO_MUSIC
        alike[audible, NONE] = _NO_CHORD if is_music else _SURELY_NONE
    ways = {}
    for beat in range(grid.beats):
        phase = beat * grid.parts
        way = likeliest(alike, change, leaving(len(alike), phase, grid.beats, grid.parts))
        downbeats = low_onsets[phase :: grid.bar_slots]
        gain = way.gain + _LOW_BEAT * float(downbeats.sum()) + _CUT_AT_BAR * (phase == 0)
        ways[phase] = (gain, way.states)
    phase = max(ways, key=lambda p: ways[p][0])
    chords = _with_basses(ways[phase][1], lowest(weights))
    edges = tuple(grid.edges.tolist())
    key = key_of_chords(chords, transition)
    return Timeline(edges, chords, phase, grid.bar_slots, grid.tempo, key)


def _hush(alike: NDArray[float64], loud: NDArray[float64], edges: NDArray[float64]) -> None:
    """Let a rest say nothing of its chord, which then holds on; a long one is no chord."""
    is_silent = loud < _SILENT
    for start, end in _runs(is_silent):
        if is_silent[start]:
            is_rest = edges[end] - edges[start] < _LONGEST_REST and end < len(loud)
            alike[start:end] = 0.0
            alike[start:end, NONE] = -0.5 if is_rest else 1.0


def _runs(values: NDArray[Any]) -> list[tuple[int, int]]:
    """Return the starts and ends of runs of equal values."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return list(pairwise(edges))


def heard_key(weights: NDArray[float64]) -> Key:
    """Return the key of what notes sound, a row for each slot."""
    chroma = folded(weights, LOW, HIGH)
    chroma = chroma / (chroma.sum(axis=1, keepdims=True) + 1e-9)
    return estimated_key(chroma.sum(axis=0).tolist())


def _with_basses(states: NDArray[np.int64], bass: NDArray[float64]) -> tuple[Chord, ...]:
    """Return the chords of states; a run of one state is inverted where its bass says so."""
    chords: list[Chord] = []
    for start, end in _runs(states):
        state = int(states[start])
        chord = state_to_chord(state)
        if not chord.is_none:
            root = int(chord.root or 0)
            low = bass[start:end].mean(axis=0)
            lowest_tone = max(chord.pitches, key=lambda p: float(low[p]))
            if low[lowest_tone] > _INVERTED * low[root]:
                chord = replace(chord, inversion=(lowest_tone - root) % 12)
        chords += [chord] * (end - start)
    return tuple(chords)
