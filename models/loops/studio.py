"""Where loops are written to be measured: real windows as plans, the generator, what comes out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from bandmate.loops.bars import clip_of
from bandmate.loops.generate import LoopGenerator
from bandmate.loops.model.measured import measured
from bandmate.loops.model.tokens import Cell, GridNote, bar_steps, chord_slots, gridded
from bandmate.loops.plan import LoopPlan, PlannedPart, Wish
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note
from bandmate.music.key import MODES, Key, estimated_key
from bandmate.music.meter import Meter
from bandmate.music.roles import ROLES
from samples import FULL, Window, sheet_of, window_of
from songs import SETS, Song, load_songs

BARS = 4
STRICTNESS = 0.5
"""What an ask with chords has where it does not say."""
_SEED = 11
Cells = Mapping[Cell, Sequence[GridNote]]


@dataclass(frozen=True)
class Hall:
    """The windows of one validation set, drawn evenly from its songs, no two the same."""

    asked: list[Window]
    """Loops are written for their plans."""
    others: list[Window]
    """As many, of the same songs: what real music is when held against real music."""


class Studio:
    """Writes loops with one model and counts what is broken."""

    def __init__(self, path: Path, limit: int | None = None) -> None:
        """Open the ONNX file *path*; *limit* is the most loops of any condition, for a trial."""
        self.path = path
        self.generator = LoopGenerator.open(path)
        self._limit = limit
        self._written = 0
        self._faults: Counter[str] = Counter()

    def some(self, count: int) -> int:
        """Return how many loops a condition has that should have *count*."""
        return count if self._limit is None else min(count, self._limit)

    @cached_property
    def songs(self) -> dict[str, list[Song]]:
        """The validation songs by set."""
        songs = load_songs("valid")
        return {name: [s for s in songs if s.source in sources] for name, sources in SETS.items()}

    def hall(self, name: str, count: int) -> Hall:
        """Return *count* windows of a set, and as many others."""
        sides: tuple[list[Window], list[Window]] = ([], [])
        seen: Counter[str] = Counter()
        for window in validation_windows(self.songs[name], _SEED):
            sides[seen[window.song.path] % 2].append(window)
            seen[window.song.path] += 1
            if min(map(len, sides)) == self.some(count):
                break
        shorter = min(*map(len, sides), self.some(count))
        return Hall(sides[0][:shorter], sides[1][:shorter])

    def write(self, plan: LoopPlan, generator: LoopGenerator | None = None) -> Clip:
        """Write a plan's clip; it and what is broken in it is counted."""
        clip = clip_of(plan, (generator or self.generator).bars(plan))
        self._written += 1
        self._faults.update(faults_of(clip, plan))
        return clip

    def counted(self) -> dict[str, Any]:
        """Return how many loops were written since this was last asked, and what was broken."""
        counted = {"loops written": self._written, "broken": dict(self._faults)}
        self._written, self._faults = 0, Counter()
        return counted


def validation_windows(songs: Sequence[Song], seed: int) -> Iterator[Window]:
    """Yield whole four-bar windows, one song after the other in turns, no two the same."""
    rng = random.Random(seed)
    starts = {i: list(range(0, song.bars - BARS + 1, BARS)) for i, song in enumerate(songs)}
    for bars in starts.values():
        rng.shuffle(bars)
    while any(starts.values()):
        for i, bars in starts.items():
            window = window_of(songs[i], bars.pop(), BARS) if bars else None
            if window:
                yield window


def plan_for(window: Window, seed: int, **changes: object) -> LoopPlan:
    """Return the plan of an ask that says what is true of a window, but for the measured fields.

    That is: tempo, meter, key, parts with programs, genre, section and chords; *changes* are fields
    of the plan that differ.
    """
    sheet = sheet_of(window, FULL, random.Random(0), {})
    chords = spans_of(sheet.chords, sheet.meter, window.bars)
    mode = mode_of(window.song)
    told: dict[str, Any] = {
        "bars": window.bars,
        "tempo": window.song.tempo,
        "meter": sheet.meter,
        "key": Key(MODES[mode].canonical_tonic, mode),
        "parts": tuple(PlannedPart(*each) for each in sounds_of(window)),
        "seed": seed,
        "genre": sheet.genre,
        "section": sheet.section,
        "chords": chords,
        "strictness": STRICTNESS if chords else 0.0,
    }
    return LoopPlan(**told | changes)


def sounds_of(window: Window) -> list[tuple[str, int]]:
    """Return the parts of a window with their programs, the role's usual one where unknown."""
    return [
        (name, ROLES[name.rstrip("234")].program if program is None else program)
        for name, program in window.parts.items()
    ]


def mode_of(song: Song) -> str:
    """Return a song's mode; where it has no label, major or minor as its notes sound."""
    return song.mode or _heard_mode(song.path, song)


_HEARD: dict[str, str] = {}


def _heard_mode(path: str, song: Song) -> str:
    if path not in _HEARD:
        weights = [0.0] * 12
        for name, bars in song.cells.items():
            for notes in bars.values() if not name.startswith("drums") else ():
                for _, pitch, steps, _ in notes:
                    weights[pitch % 12] += steps
        heard = estimated_key(weights)
        _HEARD[path] = heard.mode if heard.relative_major == 0 else "maj"
    return _HEARD[path]


def spans_of(
    chords: Mapping[int, Sequence[Chord | None]], meter: Meter, bars: int
) -> tuple[ChordSpan, ...]:
    """Return a sheet's chord slots as spans in beats."""
    changes = [
        (bar * meter.bar_beats + beat, chord)
        for bar in range(bars)
        for beat, chord in zip(chord_slots(meter), chords.get(bar, ()), strict=False)
        if chord is not None
    ]
    ends = [*(start for start, _ in changes[1:]), bars * meter.bar_beats]
    return tuple(
        ChordSpan(start, end, chord) for (start, chord), end in zip(changes, ends, strict=False)
    )


def wishes_of(window: Window, fields: Iterable[str], scope: str = "All") -> tuple[Wish, ...]:
    """Return what a window measures in some fields as wishes for ``All``, each Part or each Bar."""
    asked = set(fields)
    return tuple(
        Wish(field, subject, value)
        for (field, subject), value in measured(window.sounding(), window.bars).items()
        if field in asked and scope_of(subject) == scope
    )


def scope_of(subject: str) -> str:
    """Return the scope of a wish's subject: All, Part or Bar."""
    return "All" if subject == "All" else "Bar" if subject.isdigit() else "Part"


def cells_of(clip: Clip) -> dict[Cell, list[GridNote]]:
    """Return a clip's notes on the grid, by cell, as the model would read them."""
    length = bar_steps(clip.meter)
    cells: dict[Cell, list[GridNote]] = {}
    for part in clip.parts:
        for note in gridded(part.notes, part.is_drums):
            bar, step = divmod(note.step, length)
            cells.setdefault((bar, part.name), []).append(note._replace(step=step))
    return cells


def values_of(clip: Clip) -> dict[tuple[str, str], float]:
    """Return what a clip measures, as ``measured`` does, velocities to the full."""
    values = measured(cells_of(clip), clip.bars)
    velocities: dict[str, list[int]] = {}
    for part in clip.parts:
        for note in part.notes:
            bar = str(int(note.start // clip.meter.bar_beats))
            for subject in ("All", part.name, bar):
                velocities.setdefault(subject, []).append(note.velocity)
    means = {("Velocity", name): sum(found) / len(found) for name, found in velocities.items()}
    return values | means


def faults_of(clip: Clip, plan: LoopPlan) -> list[str]:
    """Return what is broken in a plan's clip, a word for each fault."""
    faults = []
    if [part.name for part in clip.parts] != [part.name for part in plan.parts]:
        faults.append("wrong parts")
    if abs(clip.length - plan.bars * plan.meter.bar_beats * plan.stretch) > 1e-6:
        faults.append("wrong length")
    asked = {part.name for part in plan.parts}
    if plan.tasks is not None:
        asked = {task.part for task in plan.tasks if task.vary >= 1 and task.like is None}
    faults += ["empty part" for part in clip.parts if part.name in asked and not part.notes]
    for part in clip.parts:
        if any(n.start < 0 or n.end > clip.length + 1e-6 or n.duration <= 0 for n in part.notes):
            faults.append("hanging note")
        if not part.is_drums and _collides(part.notes):
            faults.append("one pitch twice at once")
    return faults


def _collides(notes: Sequence[Note]) -> bool:
    ends: dict[int, float] = {}
    for note in sorted(notes):
        if note.start < ends.get(note.pitch, -1.0) - 1e-6:
            return True
        ends[note.pitch] = note.end
    return False


@lru_cache(1)
def training_songs() -> list[Song]:
    """Return the songs that the model learnt from."""
    return load_songs("train")
