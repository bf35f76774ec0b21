"""Clip <-> tokens: notes on the grid, cells (one part in one bar), and the prompt that goes before.

A sequence reads: the plan (steering tokens, then the chords a bar), the cells that are kept, and
the cells to write, bar by bar and within a bar part by part. In a cell an onset is said once with
its velocity, then the pitches that share a duration, then that duration; drums say pitches only.
Beside ``music/midifile.py`` this is the only module that counts in anything but beats: a *step* is
1/12 beat.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bandmate.loops.model import vocabulary as v
from bandmate.loops.plan import FIELDS
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Note
from bandmate.music.meter import Meter

DRUM_STEPS = 3
"""Every drum hit lasts a sixteenth."""


class GridNote(NamedTuple):
    """A note on the grid."""

    step: int
    """Steps from the start of the clip (or of the bar, within a cell)."""
    pitch: int
    steps: int
    """Duration, in steps."""
    level: int
    """Velocity level, 0..7."""


Cell = tuple[int, str]
"""A bar (0 is the first that is written; -4..-1 lie before it) and a part's name."""


@dataclass(frozen=True)
class Sheet:
    """All that a sequence says before its first written note; None and absence mean "not told"."""

    meter: Meter
    parts: Mapping[str, int | None]
    """Part names in writing order, with their programs."""
    writes: tuple[Cell, ...]
    """The cells to write, in order of bar, then part."""
    kept: Mapping[Cell, Sequence[GridNote]] = field(default_factory=dict)
    """Cells that are there already, notes counted from their bar."""
    tempo: float | None = None
    mode: str | None = None
    genre: str | None = None
    section: str | None = None
    energy: int | None = None
    bars: int | None = None
    chords: Mapping[int, Sequence[Chord | None]] = field(default_factory=dict)
    """For a bar, a chord for each slot of ``chord_slots``; None holds the one before."""
    fields: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(field, "All" | part name | bar as text) -> bin."""
    registers: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Pitched part -> the pitches between which most of its notes lie, on the white keys."""


def steps_of(beats: float) -> int:
    """Return the nearest step of a time in beats."""
    return round(beats * v.STEPS)


def bar_steps(meter: Meter) -> int:
    """Return the steps of a bar."""
    return round(meter.bar_beats * v.STEPS)


_NEAREST_DURATION = [
    min(range(len(v.DURATIONS)), key=lambda i: abs(v.DURATIONS[i] - steps))
    for steps in range(v.DURATIONS[-1] + 1)
]


def duration_index(steps: int) -> int:
    """Return the index in DURATIONS nearest to a duration in steps."""
    return _NEAREST_DURATION[max(1, min(steps, v.DURATIONS[-1]))]


def chord_slots(meter: Meter) -> tuple[float, ...]:
    """Return where in a bar a chord may change, in beats: every beat, or pulse over eights."""
    if meter.denominator >= 8:
        return meter.pulses
    return tuple(float(i) for i in range(math.ceil(meter.bar_beats)))


def tempo_bin(tempo: float) -> int:
    """Return the bin of a tempo: 32 equal ratios from 40 to 240 quarter notes per minute."""
    share = math.log(max(tempo, 1.0) / 40) / math.log(6)
    return min(v.TEMPO_BINS - 1, max(0, int(share * v.TEMPO_BINS)))


def gridded(notes: Iterable[Note], is_drums: bool) -> list[GridNote]:
    """Return notes on the grid, ordered; of one pitch at one step the longest; overlaps cut."""
    found: dict[tuple[int, int], GridNote] = {}
    for note in notes:
        if is_drums and not v.DRUM_LOW <= note.pitch <= v.DRUM_HIGH:
            continue
        step = steps_of(note.start)
        steps = DRUM_STEPS if is_drums else max(1, steps_of(note.duration))
        level = v.velocity_level(note.velocity)
        before = found.get((step, note.pitch))
        if before is None or steps > before.steps:
            found[step, note.pitch] = GridNote(step, note.pitch, steps, level)
    ordered = [found[at] for at in sorted(found)]
    return ordered if is_drums else _without_overlaps(ordered)


def _without_overlaps(notes: list[GridNote]) -> list[GridNote]:
    following: dict[int, int] = {}
    cut = []
    for note in reversed(notes):
        room = following.get(note.pitch, math.inf) - note.step
        cut.append(note if note.steps <= room else note._replace(steps=int(room)))
        following[note.pitch] = note.step
    return cut[::-1]


def played(notes: Iterable[GridNote], shift: int) -> tuple[Note, ...]:
    """Return grid notes as notes in beats, *shift* semitones higher, overlaps of a pitch cut."""
    return tuple(
        Note(n.step / v.STEPS, n.pitch + shift, n.steps / v.STEPS, v.level_velocity(n.level))
        for n in _without_overlaps(sorted(notes))
    )


def cell_ids(notes: Sequence[GridNote], is_drums: bool) -> list[int]:
    """Return the tokens of one cell; steps count from its bar."""
    ids: list[int] = []
    onsets: dict[int, list[GridNote]] = {}
    for note in notes:
        onsets.setdefault(note.step, []).append(note)
    for step in sorted(onsets):
        (_drum_onset if is_drums else _pitched_onset)(ids, step, onsets[step])
    return ids


def _drum_onset(ids: list[int], step: int, notes: list[GridNote]) -> None:
    for level in sorted({note.level for note in notes}, reverse=True):
        ids.append(v.on(step, level))
        ids += sorted(v.DRUM + n.pitch - v.DRUM_LOW for n in notes if n.level == level)


def _pitched_onset(ids: list[int], step: int, notes: list[GridNote]) -> None:
    level = round(sum(note.level for note in notes) / len(notes))
    ids.append(v.on(step, level))
    groups: dict[int, list[int]] = {}
    for note in sorted(notes, key=lambda n: n.pitch):
        groups.setdefault(duration_index(note.steps), []).append(note.pitch)
    for index, pitches in groups.items():
        ids += [v.PITCH + pitch for pitch in pitches]
        ids.append(v.DURATION + index)


def cell_notes(ids: Iterable[int]) -> list[GridNote]:
    """Read a cell's tokens back; steps count from its bar."""
    notes: list[GridNote] = []
    group: list[int] = []
    step = level = 0
    for token in ids:
        if v.ON <= token < v.PITCH:
            step, level = divmod(token - v.ON, v.VELOCITY_LEVELS)
        elif v.PITCH <= token < v.DRUM:
            group.append(token - v.PITCH)
        elif v.DRUM <= token < v.DURATION:
            notes.append(GridNote(step, token - v.DRUM + v.DRUM_LOW, DRUM_STEPS, level))
        else:
            steps = v.DURATIONS[token - v.DURATION]
            notes += [GridNote(step, pitch, steps, level) for pitch in group]
            group = []
    return notes


def prompt_ids(sheet: Sheet) -> list[int]:
    """Return all tokens before the first that is written: Begin, plan, kept cells, Write."""
    ids = [v.BEGIN, *_plan_ids(sheet)]
    if sheet.kept:
        ids.append(v.KEPT)
        bar = None
        for cell in sorted(sheet.kept, key=lambda c: (c[0], v.PART_ORDER[c[1]])):
            if cell[0] != bar:
                bar = cell[0]
                ids.append(v.BAR[bar])
            ids.append(v.CELL[cell[1]])
            ids += cell_ids(sheet.kept[cell], is_drums=cell[1].startswith("drums"))
    return [*ids, v.WRITE]


def header_ids(before: Cell | None, cell: Cell) -> list[int]:
    """Return the tokens that open a cell after another: its bar where new, then its part."""
    opened = [v.CELL[cell[1]]]
    return opened if before and before[0] == cell[0] else [v.BAR[cell[0]], *opened]


def sequence_ids(sheet: Sheet, cells: Mapping[Cell, Sequence[GridNote]]) -> list[int]:
    """Return the whole sequence: prompt, then the written cells with *cells* in them, then End."""
    ids = prompt_ids(sheet)
    before: Cell | None = None
    for cell in sheet.writes:
        ids += header_ids(before, cell)
        ids += cell_ids(cells.get(cell, ()), is_drums=cell[1].startswith("drums"))
        before = cell
    return [*ids, v.END]


def _plan_ids(sheet: Sheet) -> list[int]:
    said = [
        f"Meter_{sheet.meter}",
        f"Tempo_{tempo_bin(sheet.tempo)}" if sheet.tempo else None,
        f"Mode_{sheet.mode}" if sheet.mode else None,
        f"Genre_{sheet.genre}" if sheet.genre else None,
        f"Section_{sheet.section}" if sheet.section else None,
        f"Energy_{sheet.energy}" if sheet.energy else None,
        f"Bars_{sheet.bars}" if sheet.bars else None,
    ]
    said += _field_names(sheet, "All", "All")
    for name, program in sheet.parts.items():
        said.append(f"Part_{name}")
        said.append(None if program is None else f"Program_{program}")
        said += _field_names(sheet, "Part", name)
        if name in sheet.registers:
            low, high = sheet.registers[name]
            said += [f"Low_{v.register_bin(low)}", f"High_{v.register_bin(high)}"]
    for bar in sorted(
        {*sheet.chords, *(int(s) for _, s in sheet.fields if s.lstrip("-").isdigit())}
    ):
        said.append(f"Slots_{bar}")
        said += _field_names(sheet, "Bar", str(bar))
        said += _chord_names(sheet.chords.get(bar, ()))
    return [v.IDS[name] for name in said if name is not None]


def _field_names(sheet: Sheet, scope: str, subject: str) -> list[str]:
    return [
        f"{name}{scope}_{sheet.fields[name, subject]}"
        for name in FIELDS
        if (name, subject) in sheet.fields
    ]


def _chord_names(slots: Sequence[Chord | None]) -> list[str]:
    names: list[str] = []
    for chord in slots:
        if chord is None:
            names.append("Hold_0")
        elif chord.root is None:
            names.append("NoChord_0")
        else:
            names += [f"Root_{chord.root}", f"Quality_{chord.quality}"]
            if chord.bass is not None and chord.bass != chord.root:
                names.append(f"Bass_{chord.bass}")
    return names


def slotted(spans: Sequence[ChordSpan], meter: Meter, bars: int) -> dict[int, list[Chord | None]]:
    """Return the chord slots of bars 0..bars-1; changes between slots count from the one before."""
    slots = chord_slots(meter)
    table: dict[int, list[Chord | None]] = {bar: [None] * len(slots) for bar in range(bars)}
    sounding: Chord | None = None
    for bar in range(bars):
        for i, beat in enumerate(slots):
            start = bar * meter.bar_beats + beat
            end = bar * meter.bar_beats + (slots[i + 1] if i + 1 < len(slots) else meter.bar_beats)
            heard = [s.chord for s in spans if s.start < end - 1e-6 and s.end > start + 1e-6]
            if heard and (heard[-1] != sounding or (bar, i) == (0, 0)):
                sounding = heard[-1]
                table[bar][i] = sounding
    return table if spans else {}
