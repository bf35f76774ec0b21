"""How well chords are heard in sound: rendered progressions of real songs, judged every 0.1 s.

Eight bars of a song are played by one of 20 instruments at 70..160, in a voicing and a rhythm drawn
from those that cards are played with, once without a bass and once with bass and drums, rendered
with the soundfont that the daemon renders with, and transcribed with nothing told but the meter;
once more with the tempo told, and from the notes without their names. Where bars start is judged
twice: in the sound from its start, and in the sound cut off at any place of its first bar.

A frame counts from the first beat to the last; its truth is the chord there. The root is right
where the roots agree. The triad is right where roots and triads agree, a chord being reduced to its
third and fifth: major, minor, diminished, augmented or suspended (no third, but a fourth or
second); chords that have neither (power chords, single notes) are left out of the triads. Nothing
is forgiven: a chord heard for its relative, or a beat late, is wrong.

Run ``hearing.py --split valid --count 60 --seed 3`` with $BANDMATE_DATA; prints JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bandmate.chords.playing import played
from bandmate.chords.progression import Progression
from bandmate.errors import AskError
from bandmate.inspire.audio.listener import (
    Timeline,
    Transition,
    clip_timeline,
    heard_timeline,
    shipped_transition,
)
from bandmate.inspire.audio.sound import read_sound
from bandmate.music.chord import Chord
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.voicing import STYLES
from bandmate.takes import sound
from real_songs import load_rows

PROGRAMS = (0, 2, 4, 5, 6, 11, 16, 19, 21, 24, 25, 26, 27, 46, 48, 50, 52, 61, 89, 90)
"""Pianos, harpsichord, vibraphone, organs, accordion, guitars, harp, strings, choir, brass, pad."""
BARS = 8
TEMPI = (70, 160)
FRAME = 0.1
"""Seconds."""
_METERS = ("4/4", "3/4", "6/8", "2/4")
_HANDS = ("held", "quarters", "pulse", "arpeggio", "strum", "ballad")
"""Rhythms in which a chord sounds, all of it, from where it starts."""
_BASSES = (32, 33, 34, 38)


@dataclass(frozen=True, slots=True)
class Example:
    """Chords to be played, and how."""

    progression: Progression
    meter: Meter
    tempo: float
    program: int
    voicing: str
    rhythm: str
    seed: int

    @property
    def length(self) -> float:
        """Beats."""
        return BARS * self.meter.bar_beats


def examples(rows: Sequence[dict[str, Any]], count: int, seed: int) -> Iterator[Example]:
    """Yield *count* examples; the same seed yields the same."""
    rng = random.Random(seed)
    found = 0
    while found < count:
        row = rng.choice(rows)
        bars = [bar for section in row["sections"] for bar in section["bars"]]
        if row["meter"] not in _METERS or len(bars) < BARS:
            continue
        first = rng.randrange(len(bars) - BARS + 1)
        progression = _progression(row, bars[first : first + BARS])
        if progression is None:
            continue
        yield Example(
            progression,
            Meter.parse(row["meter"]),
            rng.uniform(*TEMPI),
            PROGRAMS[found % len(PROGRAMS)],
            rng.choice(STYLES),
            rng.choice(_HANDS),
            rng.randrange(2**31),
        )
        found += 1


def _progression(row: dict[str, Any], bars: list[list[str]]) -> Progression | None:
    """Return bars as a progression, None where one has no chord or cannot be read."""
    try:
        key = Key.parse(f"{row['key']} {row['mode'] or 'major'}")
        chords = tuple(tuple(Chord.parse(label) for label in bar) for bar in bars)
    except AskError:
        return None
    if not all(1 <= len(bar) <= 4 for bar in bars) or any(c.is_none for bar in chords for c in bar):
        return None
    return Progression(key, chords)


def clip_of(example: Example, *, is_band: bool) -> Clip:
    """Return an example as a clip; *is_band* adds bass and drums."""
    rng = random.Random(example.seed)
    clip = played(
        example.progression,
        meter=example.meter,
        tempo=example.tempo,
        voicing=example.voicing,
        rhythm=example.rhythm,
        bass=is_band,
        program=example.program,
    )
    if not is_band:
        return clip
    program = rng.choice(_BASSES)
    parts = [replace(p, program=program) if p.role == "bass" else p for p in clip.parts]
    return replace(clip, parts=(*parts, Part("drums", 0, tuple(_drums(example.meter, rng)))))


def _drums(meter: Meter, rng: random.Random) -> Iterator[Note]:
    """Yield kick, snare and hi-hat: a plain beat with a kick more now and then."""
    pulses = meter.pulses
    half = (pulses[1] if len(pulses) > 1 else meter.bar_beats) / 2
    for bar in range(BARS):
        for i, pulse in enumerate(pulses):
            start = bar * meter.bar_beats + pulse
            is_kick = i == 0 if len(pulses) == 3 else i % 2 == 0
            yield Note(start, 36 if is_kick else 38, 0.25, 100)
            yield Note(start, 42, 0.25, 70)
            yield Note(start + half, 42, 0.25, 55)
            if rng.random() < 0.15:
                yield Note(start + half, 36, 0.25, 85)


def triad(chord: Chord) -> str | None:
    """Return maj, min, dim, aug or sus; None where the chord says too little."""
    steps = {(pitch - (chord.root or 0)) % 12 for pitch in chord.pitches}
    if 4 in steps:
        return "aug" if 8 in steps and 7 not in steps else "maj"
    if 3 in steps:
        return "dim" if 6 in steps and 7 not in steps else "min"
    return "sus" if steps & {2, 5} else None


@dataclass
class Share:
    """Frames judged, and frames right."""

    roots: int = 0
    right_roots: int = 0
    triads: int = 0
    right_triads: int = 0

    def add(self, truth: Chord, heard: Chord) -> None:
        """Judge a frame."""
        is_root = heard.root == truth.root
        self.roots += 1
        self.right_roots += is_root
        if triad(truth) is not None:
            self.triads += 1
            self.right_triads += is_root and triad(truth) == triad(heard)

    def figures(self) -> dict[str, float]:
        """Return shares, 0..1."""
        return {
            "roots": round(self.right_roots / max(1, self.roots), 4),
            "triads": round(self.right_triads / max(1, self.triads), 4),
        }


def judged(example: Example, heard: Timeline, share: Share) -> None:
    """Judge what was heard of an example, frame by frame."""
    spans = iter(example.progression.spans(example.meter))
    span = next(spans)
    for index in range(int(example.length * 60 / example.tempo / FRAME)):
        seconds = (index + 0.5) * FRAME
        beat = seconds * example.tempo / 60
        while beat >= span.end:
            span = next(spans)
        share.add(span.chord, heard.at(seconds))


def measured_hearing(
    rows: Sequence[dict[str, Any]],
    count: int,
    seed: int,
    told: Callable[[str], None] | None = None,
    *,
    is_uniform: bool = False,
) -> dict[str, Any]:
    """Return what share of frames and tempi was heard right, without and with a band.

    *rows* are songs of `load_rows`; *told* gets a line about each example; *is_uniform* leaves out
    how chords change in songs.
    """
    transition = None if is_uniform else shipped_transition()
    mixes = {mix: _Mix() for mix in ("alone", "band")}
    for example in examples(rows, count, seed):
        for name, mix in mixes.items():
            figures = mix.hear(example, transition, is_band=name == "band")
            if told:
                told(f"{name} {_described(example)}: {figures}")
    spent = sum(mix.cpu_seconds for mix in mixes.values())
    seconds = sum(mix.seconds for mix in mixes.values())
    return {
        "examples": count,
        "seed": seed,
        **{name: mix.figures() for name, mix in mixes.items()},
        "cpu_seconds_a_minute": round(spent / seconds * 60, 2),
    }


def _described(example: Example) -> str:
    how = f"{example.meter} {example.tempo:.0f} {example.voicing} {example.rhythm}"
    return f"{example.progression.text}, program {example.program}, {how}"


class _Mix:
    """One way of mixing, measured."""

    def __init__(self) -> None:
        self.cpu_seconds, self.seconds = 0.0, 0.0
        self._share, self._told, self._written = Share(), Share(), Share()
        self._tempi: list[bool] = []
        self._bars: list[bool] = []
        self._cut_bars: list[bool] = []
        self._keys: list[bool] = []

    def hear(
        self, example: Example, transition: Transition | None, *, is_band: bool
    ) -> dict[str, float]:
        """Render an example, hear it, and return its own shares."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "example.wav")
            clip = clip_of(example, is_band=is_band)
            self.seconds += sound.render(clip, file)
            before = time.process_time()
            samples, rate, _ = read_sound(file)
        heard = heard_timeline(samples, rate, example.meter, transition)
        self.cpu_seconds += time.process_time() - before
        told = heard_timeline(samples, rate, example.meter, transition, tempo=example.tempo)
        written = clip_timeline(replace(clip, chords=(), key=None), transition)
        own = Share()
        judged(example, heard, own)
        judged(example, heard, self._share)
        judged(example, told, self._told)
        judged(example, written, self._written)
        self._tempi.append(is_tempo_right(heard.tempo, example.tempo))
        self._bars.append(is_bar_right(heard, example))
        lead = random.Random(example.seed).random() * 60 * example.meter.bar_beats / example.tempo
        cut = heard_timeline(samples[int(lead * rate) :], rate, example.meter, transition)
        self._cut_bars.append(is_bar_right(cut, example, lead))
        self._keys.append(heard.key.relative_major == example.progression.key.relative_major)
        return own.figures()

    def figures(self) -> dict[str, float]:
        """Return all shares, 0..1."""
        told = {f"{name}_tempo_told": share for name, share in self._told.figures().items()}
        told |= {f"{name}_from_midi": share for name, share in self._written.figures().items()}
        rights = {
            "tempo": self._tempi,
            "bar_line": self._bars,
            "bar_line_cut_anywhere": self._cut_bars,
            "key_signature": self._keys,
        }
        shares = {name: round(sum(right) / len(right), 3) for name, right in rights.items()}
        return {**self._share.figures(), **told, **shares}


def is_tempo_right(heard: float, truth: float) -> bool:
    """Return True within 4 %, or where half or double of it is."""
    return any(abs(heard * factor / truth - 1) < 0.04 for factor in (0.5, 1.0, 2.0))


def is_bar_right(heard: Timeline, example: Example, lead: float = 0.0) -> bool:
    """Return True where the first bar line heard lies within an eighth of a bar from a true one.

    The sound may have lost its first *lead* seconds.
    """
    bar = example.meter.bar_beats * 60 / example.tempo
    place = (heard.edges[heard.first_bar] + lead) / bar
    return abs(place - round(place)) < 1 / 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("train", "valid"), default="valid")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--uniform", action="store_true", help="without the songs' changes")
    said = parser.parse_args()
    rows = load_rows(said.split)
    figures = measured_hearing(rows, said.count, said.seed, print, is_uniform=said.uniform)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
