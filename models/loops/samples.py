"""Songs -> training sequences: windows of one to four bars, told and asked in every way there is.

Each sample takes a window of a song, augments it (parts dropped, octaves, programs of the family),
tells a random part of what is known, and asks for the whole window, for a continuation of the bars
before, or for a masked set of its cells. Everything is drawn from one generator, so a seed gives
the same samples again.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.measured import SCALES, energy_of, measured
from bandmate.loops.model.tokens import Cell, GridNote, Sheet, bar_steps, sequence_ids
from bandmate.loops.plan import FIELDS
from bandmate.music.chord import Chord
from songs import LONGEST_SHARE, Song

LONGEST = 1536
"""Tokens; a longer sample is drawn again."""
_LATE = 2
"""A part that enters in this bar of a window or later is mostly left out, lest parts wait."""


@dataclass(frozen=True)
class Telling:
    """How often each thing is told; 1 tells always."""

    tempo: float = 0.8
    mode: float = 0.85
    genre: float = 0.7
    section: float = 0.5
    energy: float = 0.4
    bars: float = 0.8
    program: float = 0.85
    chords: float = 0.7
    heard_chords: float = 0.5
    """Of songs whose chords were heard, not labelled."""
    registers: float = 0.5
    """Share of samples that give registers at all; within those, of parts:"""
    register_part: float = 0.8
    unguided: float = 0.1
    """Share of samples without genre, mode, section, energy and fields: classifier-free guidance
    (Ho and Salimans 2022) needs a model that also writes when nobody says which."""
    any_field: float = 0.6
    """Share of samples that tell fields at all; within those:"""
    field_all: float = 0.35
    field_part: float = 0.25
    field_bar: float = 0.2


FULL = Telling(
    tempo=1, mode=1, genre=1, section=1, energy=0, bars=1, program=1, chords=1, heard_chords=0,
    registers=0, unguided=0, any_field=0,
)  # fmt: skip
"""All that an ask usually says: no fields, and chords only where a person wrote them down."""


@dataclass(frozen=True)
class Window:
    """Some bars of a song, cut at their end; cells count bars from the window's start."""

    song: Song
    start: int
    bars: int
    cells: dict[Cell, list[GridNote]]
    """Of the window and up to four bars before and after, without empty cells."""
    parts: dict[str, int | None]
    """Name -> program, None where it is unknown, in writing order."""

    def sounding(self) -> dict[Cell, list[GridNote]]:
        """Return the cells of the window's own bars."""
        return {cell: notes for cell, notes in self.cells.items() if 0 <= cell[0] < self.bars}


@lru_cache(4096)
def _chord(shift: int, label: str) -> Chord:
    return Chord.parse(label).transposed(shift)


def window_of(song: Song, start: int, bars: int, around: int = 0) -> Window | None:
    """Return bars of a song with *around* bars either side, or None where they hold no note."""
    length = bar_steps(song.meter)
    cells: dict[Cell, list[GridNote]] = {}
    for name, by_bar in song.cells.items():
        for bar in range(max(0, start - around), min(song.bars, start + bars + around)):
            if bar in by_bar:
                last = start if bar < start else start + bars if bar < start + bars else song.bars
                room = (last - bar) * length
                cells[bar - start, name] = [
                    GridNote(step, pitch, min(steps, room - step), level)
                    for step, pitch, steps, level in by_bar[bar]
                ]
    names = sorted({name for bar, name in cells if 0 <= bar < bars}, key=v.PART_ORDER.__getitem__)
    if not names:
        return None
    kept = {cell: notes for cell, notes in cells.items() if cell[1] in names}
    return Window(song, start, bars, kept, {name: song.programs[name] for name in names})


def augmented(window: Window, rng: random.Random) -> Window:
    """Return the window with some parts dropped, moved by octaves, or on a sister program."""
    heard = [name for name in window.parts if not _is_late(window, name) or rng.random() < 0.15]
    heard = heard or list(window.parts)
    names = set(heard)
    if len(heard) > 1 and rng.random() < 0.3:
        names = set(rng.sample(heard, rng.randint(1, len(heard) - 1)))
    octaves = {
        name: rng.choice((-12, 12))
        for name in names
        if not name.startswith(("drums", "bass")) and rng.random() < 0.08
    }
    cells = {
        cell: _moved(notes, octaves.get(cell[1], 0))
        for cell, notes in window.cells.items()
        if cell[1] in names
    }
    programs = {
        name: program // 8 * 8 + rng.randrange(8)
        if rng.random() < 0.1 and name != "drums" and program is not None
        else program
        for name, program in window.parts.items()
        if name in names
    }
    return Window(window.song, window.start, window.bars, cells, programs)


def _is_late(window: Window, name: str) -> bool:
    first = min(bar for bar, part in window.cells if part == name and bar >= 0)
    return first >= _LATE


def _moved(notes: list[GridNote], semitones: int) -> list[GridNote]:
    if not semitones or any(not 12 <= note.pitch + semitones <= 115 for note in notes):
        return notes
    return [note._replace(pitch=note.pitch + semitones) for note in notes]


def sheet_of(
    window: Window, telling: Telling, rng: random.Random, kept: Mapping[Cell, Sequence[GridNote]]
) -> Sheet:
    """Return the window's sheet, telling a random part of what is known; *kept* is not asked."""
    song = window.song

    def tells(share: float) -> bool:
        return rng.random() < share

    is_guided = not tells(telling.unguided)
    values = measured(window.sounding(), window.bars)
    section = song.sections[window.start] if window.start < len(song.sections) else None
    energy = energy_of(
        values["Density", "All"], values["Velocity", "All"], song.meter.bar_beats, song.tempo
    )
    chords: dict[int, list[Chord | None]] = {}
    if tells(telling.heard_chords if song.are_chords_heard else telling.chords):
        chords = _window_chords(window)
    return Sheet(
        meter=song.meter,
        parts={n: p if tells(telling.program) else None for n, p in window.parts.items()},
        registers=_registers(window, telling, rng) if tells(telling.registers) else {},
        writes=tuple(
            (bar, name)
            for bar in range(window.bars)
            for name in window.parts
            if (bar, name) not in kept
        ),
        kept=kept,
        tempo=song.tempo if tells(telling.tempo) else None,
        mode=song.mode if tells(telling.mode) and is_guided else None,
        genre=song.genre if tells(telling.genre) and is_guided else None,
        section=section if tells(telling.section) and is_guided else None,
        energy=energy if tells(telling.energy) and is_guided else None,
        bars=window.bars if tells(telling.bars) else None,
        chords=chords,
        fields=_fields(values, telling, rng) if tells(telling.any_field) and is_guided else {},
    )


def _registers(
    window: Window, telling: Telling, rng: random.Random
) -> dict[str, tuple[float, float]]:
    """Return the registers of some pitched parts: where all but a tenth of their notes lie."""
    found: dict[str, tuple[float, float]] = {}
    for name in window.parts:
        pitches = sorted(
            note.pitch
            for (_, part), notes in window.sounding().items()
            if part == name and not name.startswith("drums")
            for note in notes
        )
        if pitches and rng.random() < telling.register_part:
            edge = 0.1 * (len(pitches) - 1)
            found[name] = pitches[int(edge)], pitches[math.ceil(len(pitches) - 1 - edge)]
    return found


def _window_chords(window: Window) -> dict[int, list[Chord | None]]:
    song = window.song
    table: dict[int, list[Chord | None]] = {}
    sounding: Chord | None = None
    for bar in range(max(0, window.start - 4), window.start + window.bars):
        row = song.chords.get(bar)
        if row is None:
            return {}
        slots: list[Chord | None] = []
        for slot in row:
            chord = _chord(*slot) if slot else None
            slots.append(None if chord == sounding else chord)
            sounding = chord or sounding
        if bar >= window.start:
            if bar == window.start and slots[0] is None:
                slots[0] = sounding
            table[bar - window.start] = slots
    return table


def _fields(
    values: Mapping[tuple[str, str], float], telling: Telling, rng: random.Random
) -> dict[tuple[str, str], int]:
    told: dict[tuple[str, str], int] = {}
    scopes = {
        (field, scope)
        for field in FIELDS
        for scope, share in (
            ("All", telling.field_all), ("Part", telling.field_part), ("Bar", telling.field_bar)
        )
        if rng.random() < share
    }  # fmt: skip
    for (field, subject), value in values.items():
        scope = "All" if subject == "All" else "Bar" if subject.isdigit() else "Part"
        if (field, scope) in scopes and (scope != "Part" or rng.random() < 0.6):
            told[field, subject] = SCALES[field].bin_of(value)
    return told


def kept_cells(window: Window, rng: random.Random) -> dict[Cell, list[GridNote]]:
    """Return the cells that a sample keeps: none, the bars around, or a set of the window's own."""
    draw = rng.random()
    around = {c: n for c, n in window.cells.items() if not 0 <= c[0] < window.bars}
    if draw < 0.4:
        return {}
    if draw < 0.6:
        after = rng.random() < 0.3
        return {c: n for c, n in around.items() if c[0] < 0 or after}
    own = [(bar, name) for bar in range(window.bars) for name in window.parts]
    pattern = rng.random()
    if pattern < 0.5 and len(window.parts) > 1:
        names = set(rng.sample(list(window.parts), rng.randint(1, len(window.parts) - 1)))
        chosen = {cell for cell in own if cell[1] in names}
    elif pattern < 0.75 and window.bars > 1:
        bars = set(rng.sample(range(window.bars), rng.randint(1, window.bars - 1)))
        chosen = {cell for cell in own if cell[0] in bars}
    else:
        share = rng.random()
        chosen = {cell for cell in own if rng.random() < share}
    if len(chosen) == len(own):
        chosen.discard(rng.choice(own))
    kept = {cell: window.cells.get(cell, []) for cell in own if cell in chosen}
    return kept if rng.random() < 0.7 else {**around, **kept}


class Sampler:
    """Draws training sequences from songs, sources by weight and songs by their length."""

    def __init__(self, songs: Sequence[Song], weights: Mapping[str, float], seed: int) -> None:
        self.rng = random.Random(seed)
        self.songs: dict[str, list[Song]] = {}
        for song in songs:
            self.songs.setdefault(song.source, []).append(song)
        self.sources = [source for source in weights if source in self.songs]
        self.weights = [weights[source] for source in self.sources]
        most = 4 * LONGEST_SHARE
        self.lengths = {s: [min(song.bars, most) for song in self.songs[s]] for s in self.sources}

    def draw(self, telling: Telling) -> list[int]:
        """Return one sequence of at most LONGEST tokens."""
        rng = self.rng
        while True:
            source = rng.choices(self.sources, self.weights)[0]
            song = rng.choices(self.songs[source], self.lengths[source])[0]
            bars = 4 if rng.random() < 0.82 else rng.randint(1, 3)
            start = rng.randrange(max(1, song.bars - bars + 1))
            window = window_of(song, start, bars, around=4 if rng.random() < 0.4 else 0)
            if window is None:
                continue
            window = augmented(window, rng)
            kept = kept_cells(window, rng)
            if not window.sounding():
                continue
            ids = sequence_ids(sheet_of(window, telling, rng, kept), window.cells)
            if len(ids) <= LONGEST:
                return ids
