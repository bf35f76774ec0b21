"""Chords heard in sound or in MIDI: beats, what sounds between them, the likeliest chords, bars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bandmate.inspire.audio import beats as pulse
from bandmate.inspire.audio.chordpath import Transition, shipped_transition
from bandmate.inspire.audio.chroma import HIGH, LOW, heard_pitches, notes_between
from bandmate.inspire.audio.decoding import decoded
from bandmate.inspire.audio.sound import MAX_MINUTES
from bandmate.inspire.audio.timeline import Grid, Timeline
from bandmate.inspire.audio.tonic import key_of_chords
from bandmate.inspire.inspiration import Transcription
from bandmate.music import midifile
from bandmate.music.chord import Chord
from bandmate.music.clip import windowed
from bandmate.music.meter import Meter
from bandmate.system.files import read_plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy import float32, float64
    from numpy.typing import NDArray

    from bandmate.music.clip import ChordSpan, Clip

__all__ = [
    "Timeline", "Transition", "clip_timeline", "heard_in_clip", "heard_in_sound", "heard_timeline",
    "read_clip", "shipped_transition",
]  # fmt: skip

_LONG_BEAT = 0.65
"""Seconds; a longer beat is heard in halves, since its tempo may be half the real one."""
_STRUCK = 0.25
"""Share of a strong onset from which a bar is played, not only rung out."""
_NO_CHORD_WRITTEN = 0.6
"""How like a chord written notes must be: one alone is enough."""
_RUNG_OUT = 0.4
"""Loudness, over the median, below which a bar without an onset is but an echo."""


def read_clip(path: Path) -> Clip:
    """Return what a .mid holds; raises FileError for what is none."""
    return midifile.read(read_plain(path, midifile.MAX_BYTES + 1), str(path))


def heard_in_sound(
    samples: NDArray[float32],
    rate: int,
    transition: Transition | None = None,
    meter: Meter | None = None,
) -> Transcription:
    """Return the chords of mono samples, in bars of *meter* (4/4).

    *transition* is how chords change (`shipped_transition`), None for anybody's guess. Raises
    FileError where no chord is heard.
    """
    heard = heard_timeline(samples, rate, meter, transition)
    return Transcription(heard.progression, heard.tempo, heard.key, len(samples) / rate)


def heard_timeline(
    samples: NDArray[float32],
    rate: int,
    meter: Meter | None = None,
    transition: Transition | None = None,
    tempo: float | None = None,
) -> Timeline:
    """Return the chords of mono samples in time; *tempo* (quarter notes a minute) where known."""
    meter = meter or Meter()
    seconds = len(samples) / rate
    onsets = pulse.heard_onsets(samples, rate)
    grid = _grid(onsets, meter, seconds, tempo)
    pitches = heard_pitches(samples, rate)
    weights = notes_between(pitches, grid.edges)
    loud = _loudness(pitches.spectrum, pitches.seconds, grid.edges)
    low = np.interp(grid.edges[:-1] * onsets.fps, np.arange(len(onsets.low)), onsets.low)
    heard = decoded(grid, weights, loud, transition, low)
    return _without_echo(heard, loud, _struck(onsets, grid.edges))


def _struck(onsets: pulse.Onsets, edges: NDArray[float64]) -> NDArray[float64]:
    """Return the strongest onset of each slot."""
    places = np.clip(np.rint((edges - 0.05) * onsets.fps).astype(int), 0, len(onsets.strength) - 1)
    ends = np.maximum(places[1:], places[:-1] + 1)
    pairs = zip(places, ends, strict=False)
    return np.array([onsets.strength[a:b].max() for a, b in pairs])


def _without_echo(heard: Timeline, loud: NDArray[float64], struck: NDArray[float64]) -> Timeline:
    """Return the timeline without chords in bars at its end that only ring out."""
    enough = _STRUCK * float(np.percentile(struck, 90))
    faint = _RUNG_OUT * float(np.median(loud))
    chords = list(heard.chords)
    starts = range(heard.first_bar, len(chords), heard.bar_slots)
    for start in reversed(starts):
        bar = slice(start, start + heard.bar_slots)
        if struck[bar].max() >= enough or loud[bar].mean() >= faint:
            break
        chords[bar] = [Chord(None)] * len(chords[bar])
    return replace(heard, chords=tuple(chords))


def _grid(onsets: pulse.Onsets, meter: Meter, seconds: float, tempo: float | None) -> Grid:
    length = pulse.beat_length(meter)
    beats = max(1, round(meter.bar_beats / length))
    period = 60 * length / tempo if tempo else pulse.heard_period(onsets, beats)
    times = np.array(pulse.heard_beats(onsets, period, seconds, is_told=tempo is not None))
    period = float(np.median(np.diff(times))) if len(times) > 1 else period
    times = np.append(times, times[-1] + period)
    parts = 2 if period > _LONG_BEAT else 1
    edges = np.interp(np.arange((len(times) - 1) * parts + 1) / parts, np.arange(len(times)), times)
    return Grid(edges, beats, parts, tempo or 60 * length / period)


def _loudness(
    spectrum: NDArray[float32], seconds: float, edges: NDArray[float64]
) -> NDArray[float64]:
    """Return how loud each slot is, over the loud ones."""
    frame = spectrum.sum(axis=1, dtype=np.float64)
    middles = (edges[1:] + edges[:-1]) / 2 / seconds
    loud = np.interp(middles, np.arange(len(frame)), frame)
    found: NDArray[float64] = loud / (np.percentile(frame, 95) + 1e-12)
    return found


def heard_in_clip(clip: Clip, transition: Transition | None = None) -> Transcription:
    """Return the chords of a clip: its own where it names them, else those that its notes sound.

    Of a clip beyond MAX_MINUTES the beginning is heard. Raises FileError where there are none.
    """
    clip, _ = beginning(clip)
    seconds = clip.length * 60 / clip.tempo
    heard = clip_timeline(clip, transition)
    return Transcription(heard.progression, clip.tempo, heard.key, seconds)


def clip_timeline(clip: Clip, transition: Transition | None = None) -> Timeline:
    """Return the chords of a clip in time."""
    return _named(clip) if clip.chords else _sounding(clip, transition)


def beginning(clip: Clip) -> tuple[Clip, bool]:
    """Return the whole bars of a clip's first MAX_MINUTES, and True where they are all of it."""
    most = max(1, int(MAX_MINUTES * clip.tempo / clip.meter.bar_beats)) * clip.meter.bar_beats
    return (clip, True) if clip.length <= most else (windowed(clip, 0.0, most), False)


def _named(clip: Clip) -> Timeline:
    """Return the chords that a clip names."""
    grid = _clip_grid(clip)
    middles = (grid.edges[1:] + grid.edges[:-1]) / 2 * clip.tempo / 60
    chords = tuple(_chord_at(clip.chords, float(beat)) for beat in middles)
    key = clip.key or key_of_chords(chords, None)
    edges = tuple(grid.edges.tolist())
    return Timeline(edges, chords, 0, grid.bar_slots, clip.tempo, key)


def _chord_at(spans: Iterable[ChordSpan], beat: float) -> Chord:
    return next((s.chord for s in spans if s.start <= beat < s.end), Chord(None))


def _sounding(clip: Clip, transition: Transition | None) -> Timeline:
    """Return the chords that the notes of a clip sound."""
    grid = _clip_grid(clip)
    weights = _clip_weights(clip, grid.edges * clip.tempo / 60)
    loud = (weights.sum(axis=1) > 0).astype(np.float64)
    # A clip starts with a bar: nothing is to be found out about where bars start.
    barred = np.zeros(len(weights))
    barred[:: grid.bar_slots] = 1e3
    heard = decoded(grid, weights, loud, transition, barred, no_chord=_NO_CHORD_WRITTEN)
    return replace(heard, key=clip.key) if clip.key else heard


def _clip_grid(clip: Clip) -> Grid:
    length = pulse.beat_length(clip.meter)
    beats = max(1, round(clip.meter.bar_beats / length))
    slots = max(1, clip.bars) * beats
    edges = np.arange(slots + 1, dtype=np.float64) * length * 60 / clip.tempo
    return Grid(edges, beats, 1, clip.tempo)


def _clip_weights(clip: Clip, edges: NDArray[float64]) -> NDArray[float64]:
    """Return how long each note LOW..HIGH-1 sounds between edges (beats), as chroma would hear it.

    Notes beyond are heard in the nearest octave; a note counts by its length and its force.
    """
    weights = np.zeros((len(edges) - 1, HIGH - LOW))
    for part in clip.parts:
        if part.is_drums:
            continue
        for note in part.notes:
            pitch = note.pitch
            while pitch < LOW:
                pitch += 12
            while pitch >= HIGH:
                pitch -= 12
            held = np.minimum(edges[1:], note.end) - np.maximum(edges[:-1], note.start)
            weights[:, pitch - LOW] += np.clip(held, 0, None) * (0.3 + note.velocity / 127)
    return weights
