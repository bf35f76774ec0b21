"""A sound or a MIDI file -> keywords, tempo, energy, key and chords; opened only in a worker.

Genres, eras and a few textures are told by a network (`tags`); all else is measured. What a mood
has to do with mode, tempo and liveliness follows A. Gabrielsson and E. Lindström (2010), "The role
of structure in the musical expression of emotions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate.errors import FileError
from bandmate.inspire.audio import listener
from bandmate.inspire.audio.beats import heard_onsets
from bandmate.inspire.audio.character import Character, measured
from bandmate.inspire.audio.listener import Transition, read_clip, shipped_transition
from bandmate.inspire.audio.sound import MAX_MINUTES, read_sound
from bandmate.inspire.audio.tags import Tags
from bandmate.inspire.audio.timeline import Timeline
from bandmate.inspire.inspiration import Inspiration
from bandmate.inspire.proposing import mood_word, proposed
from bandmate.music.meter import Meter
from bandmate.style.keywords import MOST, Keyword, Word, vocabulary

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    from bandmate.music.clip import Clip
    from bandmate.music.key import Key

MIDI = (".mid", ".midi")
"""Endings of files whose notes need no hearing."""

_SURE = 0.6
"""How surely a tag must be heard; at 0.5 it is as likely as in any music."""
_MOST_TAGS = 3
_REGULAR = 0.4
"""Regularity from which onsets are a beat."""
_USUAL_ONSETS, _USUAL_LOUDNESS, _USUAL_BRIGHTNESS, _USUAL_TEMPO = 4.4, -16.5, 660.0, 110.0
"""Medians over rendered songs of the training split: a second, decibels, hertz, a minute."""
_TEMPO_SPREAD = 0.04

LEVELS = ("calm", "relaxed", "moderate", "energetic", "intense")
"""Words for energy 1..5."""
MEASURED_WORDS = {
    "slow": 0.5,
    "fast": 0.5,
    "flowing": 0.45,
    "sparse": 0.4,
    "dense": 0.4,
    "hazy": 0.4,
    "bright": 0.35,
    "warm": 0.35,
}
"""Words for what is measured, each with its weight."""
ROLE_WORDS = {
    "organ": "organ",
    "guitar": "guitar",
    "strings": "strings",
    "brass": "brass",
    "reed": "woodwind",
    "choir": "choir",
    "mallet": "bells",
    "pad": "synth",
    "lead": "synth",
    "drums": "percussive",
}
"""Words for the roles of parts; keys are told apart by program."""
_ELECTRIC_PIANOS = (4, 5)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a sound or a clip gave, before it is words."""

    energy: float
    """-1..1."""
    words: Mapping[str, float]
    """Words and weights."""
    chords: Timeline | None
    """None where there are none."""
    tempo: float | None


class Audio:
    """Hears files; opened once, in the worker."""

    def __init__(self, tags: Tags, transition: Transition | None) -> None:
        self._tags = tags
        self._transition = transition
        self._words = vocabulary()

    @classmethod
    def open(cls, models: Path) -> Audio:
        """Open what hears genres; raises WeightsError or Unavailable in words."""
        return cls(Tags.open(models), shipped_transition(models))

    def read(self, path: Path, meter: Meter | None = None) -> Inspiration:
        """Return what a sound file or a ``.mid`` asks for, its chords in bars of *meter* (4/4).

        A ``.mid`` keeps its own meter. Raises FileError in a sentence for a bad file.
        """
        if path.suffix.lower() in MIDI:
            return self._read_clip(path)
        sound = read_sound(path)
        onsets = heard_onsets(sound.samples, sound.rate)
        character = measured(sound.samples, sound.rate, onsets)
        chords = listener.heard_timeline(sound.samples, sound.rate, meter, self._transition)
        has_beat = character.pulse >= _REGULAR
        tempo = chords.tempo if has_beat else None
        words = _words_of(character, tempo)
        if has_beat or chords.has_chords:  # of what is no music the network says anything
            words |= self._tagged(sound.samples, sound.rate)
        heard = _Heard(_energy(character, tempo), words, _known(chords), tempo)
        notes = [sound.note] if sound.note else []
        if not chords.has_chords:
            notes.append(f"no chords can be heard in {path.name}")
        return _inspiration(heard, self._words, notes)

    def _tagged(self, samples: NDArray[float32], rate: int) -> dict[str, float]:
        """Return the surest words of the network."""
        found = list(self._tags.found(samples, rate).items())[:_MOST_TAGS]
        return {word: 0.9 * sure for word, sure in found if sure >= _SURE}

    def _read_clip(self, path: Path) -> Inspiration:
        clip = read_clip(path)
        if not clip.note_count and not clip.chords:
            raise FileError(f"{path} has no notes")
        start, is_whole = listener.beginning(clip)
        chords = _known(listener.clip_timeline(start, self._transition))
        heard = _Heard(_clip_energy(start), _words_of_clip(start), chords, clip.tempo)
        notes = [] if chords else [f"no chords can be heard in {path.name}"]
        if not is_whole:
            notes.append(f"only the first {MAX_MINUTES} minutes of {path.name} were heard")
        return _inspiration(heard, self._words, notes)


def _inspiration(heard: _Heard, words: Mapping[str, Word], notes: Iterable[str]) -> Inspiration:
    """Return what was heard as words, best first, with a mood and what was heard beside them."""
    key: Key | None = heard.chords.key if heard.chords else None
    valence = _valence(key, heard.energy)
    weights = dict(heard.words)
    weights.setdefault(mood_word(valence, heard.energy), 0.45)
    level = max(1, min(5, round(3 + 2 * heard.energy)))
    weights.setdefault(LEVELS[level - 1], 0.4)
    ranked = sorted(weights.items(), key=lambda pair: -pair[1])[:MOST]
    keywords = [Keyword(word, round(weight, 2)) for word, weight in ranked]
    found = proposed(keywords, words, valence, heard.energy, notes)
    return replace(
        found,
        mode=key.mode if key else found.mode,
        tempo=_around(heard.tempo) if heard.tempo else found.tempo,
        key=key,
        chords=heard.chords.progression if heard.chords else None,
    )


def _known(chords: Timeline) -> Timeline | None:
    """Return the chords, None where there are none: rain and drums inspire without."""
    return chords if chords.has_chords else None


def _around(tempo: float) -> tuple[float, float]:
    low, high = (max(20.0, min(400.0, tempo * (1 + by))) for by in (-_TEMPO_SPREAD, _TEMPO_SPREAD))
    return round(low), round(high)


def _valence(key: Key | None, energy: float) -> float:
    """Return -1..1: major and lively is bright, minor and slow is dark."""
    if key is None:
        return 0.1 * energy
    return (-0.35 if key.mode == "min" else 0.35) + 0.25 * energy


def _energy(character: Character, tempo: float | None) -> float:
    """Return -1..1: how much happens, how fast, how loud and how bright."""
    lively = -0.4 if tempo is None else _liveliness(character.onsets, tempo)
    loud = 0.05 * (character.loudness - _USUAL_LOUDNESS)
    bright = 0.12 * log2(max(50.0, character.brightness) / _USUAL_BRIGHTNESS)
    return max(-1.0, min(1.0, lively + loud + bright))


def _liveliness(onsets: float, tempo: float) -> float:
    """Return how much happens (onsets a second) and how fast, about -1..1."""
    return 0.55 * log2(max(0.5, onsets) / _USUAL_ONSETS) + 0.7 * log2(tempo / _USUAL_TEMPO)


def _words_of(character: Character, tempo: float | None) -> dict[str, float]:
    """Return the words of what was measured; a middling sound has none."""
    if tempo is None:
        return {word: MEASURED_WORDS[word] for word in ("flowing", "hazy")}
    said = {
        "slow": tempo < 76,
        "fast": tempo > 150,
        "sparse": character.onsets < 1.5,
        "dense": character.onsets > 8,
        "bright": character.brightness > 1900,
        "warm": character.brightness < 420,
    }
    return {word: MEASURED_WORDS[word] for word, is_so in said.items() if is_so}


def _clip_energy(clip: Clip) -> float:
    """Return -1..1 of how many onsets a second a clip has, how fast it is and how hard struck."""
    notes = [note for part in clip.parts for note in part.notes]
    if not notes:
        return 0.0
    seconds = clip.length * 60 / clip.tempo
    onsets = len({round(note.start * 8) for note in notes}) / seconds
    hard = sum(note.velocity for note in notes) / len(notes) / 127 - 0.63
    return max(-1.0, min(1.0, _liveliness(onsets, clip.tempo) + hard))


def _words_of_clip(clip: Clip) -> dict[str, float]:
    """Return the words of a clip's instruments, by how much they play, and of its tempo."""
    words: dict[str, float] = {}
    for part in clip.parts:
        word = ROLE_WORDS.get(part.role)
        if part.role == "keys":
            word = "electric piano" if part.program in _ELECTRIC_PIANOS else "piano"
        if word and part.notes:
            share = len(part.notes) / clip.note_count
            words[word] = min(0.7, words.get(word, 0.3) + 0.4 * share)
    if clip.tempo < 76 or clip.tempo > 150:
        word = "slow" if clip.tempo < 76 else "fast"
        words[word] = MEASURED_WORDS[word]
    return words
