"""A clip as a piano roll for the terminal: a block a part, bars ruled, drums by name.

Rows are folded: only pitches that sound have one. Middle C (60) is called C4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Group
from rich.text import Text

from bandmate.music.chord import note_name
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.meter import Meter

DRUM_NAMES = {
    27: "high Q", 28: "slap", 29: "scratch", 30: "scratch 2", 31: "sticks", 32: "click",
    33: "click 2", 34: "bell", 35: "kick 2", 36: "kick", 37: "rim", 38: "snare", 39: "clap",
    40: "snare 2", 41: "low tom 2", 42: "hat", 43: "low tom", 44: "foot hat", 45: "mid tom 2",
    46: "open hat", 47: "mid tom", 48: "high tom 2", 49: "crash", 50: "high tom", 51: "ride",
    52: "china", 53: "ride bell", 54: "tambourine", 55: "splash", 56: "cowbell", 57: "crash 2",
    58: "vibraslap", 59: "ride 2", 60: "bongo hi", 61: "bongo lo", 62: "conga mute",
    63: "conga hi", 64: "conga lo", 65: "timbale hi", 66: "timbale lo", 67: "agogo hi",
    68: "agogo lo", 69: "cabasa", 70: "maracas", 71: "whistle", 72: "whistle 2", 73: "guiro",
    74: "guiro long", 75: "claves", 76: "block hi", 77: "block lo", 78: "cuica mute",
    79: "cuica", 80: "triangle", 81: "triangle 2", 82: "shaker", 83: "sleigh", 84: "bell tree",
    85: "castanets", 86: "surdo mute", 87: "surdo",
}  # fmt: skip
"""General MIDI drums, short enough for the margin."""

_COLOURS = ("cyan", "magenta", "green", "blue", "red", "bright_cyan", "bright_magenta")
_DRUM_COLOUR = "yellow"
_MARGIN = 11
_SYSTEMS = (8, 4, 2, 1)
_CELLS_A_BEAT = (4, 2, 1)


@dataclass(frozen=True, slots=True)
class _Signs:
    """What a roll is drawn with."""

    soft: str
    middle: str
    loud: str
    held: str
    beat: str
    bar: str

    def struck(self, velocity: int) -> str:
        return self.soft if velocity < 60 else self.middle if velocity < 90 else self.loud


_BLOCKS = _Signs("░", "▓", "█", "━", "·", "│")
_ASCII = _Signs("+", "*", "#", "-", ".", "|")


@dataclass(frozen=True, slots=True)
class _Grid:
    """How bars fall on columns: a system is a row of bars, as on paper."""

    meter: Meter
    bars: int
    """Bars of the clip."""
    bars_a_system: int
    cells_a_bar: int

    @property
    def systems(self) -> list[range]:
        """The bars of each system."""
        step = self.bars_a_system
        return [range(i, min(i + step, self.bars)) for i in range(0, self.bars, step)]

    def cell(self, beat: float) -> int:
        """Return the cell, counted from the clip's start, that is nearest to a beat."""
        return round(beat / self.meter.bar_beats * self.cells_a_bar)

    def column(self, cell: int, system: range) -> int:
        """Return where a cell is in its system, the bar lines between counted."""
        cell -= system.start * self.cells_a_bar
        return 1 + cell + cell // self.cells_a_bar


@dataclass(frozen=True, slots=True)
class _Page:
    """What all that is drawn of a clip shares."""

    clip: Clip
    grid: _Grid
    signs: _Signs


def roll(clip: Clip, width: int = 80, is_ascii: bool = False) -> Group:
    """Return *clip* drawn at most *width* columns wide (40 or more), in ASCII where asked.

    Shades are velocities: soft below 60, loud from 90.
    """
    page = _Page(clip, _grid(clip, max(40, width)), _ASCII if is_ascii else _BLOCKS)
    lines = [_title(clip, is_ascii)]
    for system in page.grid.systems:
        lines += [Text(), _bar_numbers(page.grid, system)]
        if clip.chords:
            lines.append(_chord_names(clip, page.grid, system))
        for index, part in enumerate(clip.parts):
            colour = _DRUM_COLOUR if part.is_drums else _COLOURS[index % len(_COLOURS)]
            lines += _block(page, part, colour, system)
    for line in lines:
        line.no_wrap, line.overflow = True, "crop"
    return Group(*lines)


def _grid(clip: Clip, width: int) -> _Grid:
    """Choose the finest grid, then the longest system, that the width has room for."""
    room = width - _MARGIN - 1
    for cells_a_beat in _CELLS_A_BEAT:
        cells = max(1, round(clip.meter.bar_beats * cells_a_beat))
        for bars in _SYSTEMS:
            if bars * (cells + 1) <= room:
                return _Grid(clip.meter, clip.bars, bars, cells)
    return _Grid(clip.meter, clip.bars, 1, room - 1)


def _title(clip: Clip, is_ascii: bool) -> Text:
    facts = [f"{clip.bars} bar{'s' * (clip.bars != 1)}", f"{clip.tempo:g} BPM", str(clip.meter)]
    if clip.key:
        facts.insert(2, clip.key.name)
    return Text((" - " if is_ascii else " · ").join(facts), style="bold")


def _bar_numbers(grid: _Grid, system: range) -> Text:
    line = [" "] * (len(system) * (grid.cells_a_bar + 1))
    for bar in system:
        _put(line, grid.column(bar * grid.cells_a_bar, system), str(bar + 1))
    return Text(" " * _MARGIN + "".join(line).rstrip(), style="dim")


def _chord_names(clip: Clip, grid: _Grid, system: range) -> Text:
    """Write each chord over its beat; one that finds no room gives way to the one before it."""
    line = [" "] * (len(system) * (grid.cells_a_bar + 1))
    first, last = system.start * grid.cells_a_bar, system.stop * grid.cells_a_bar
    free = 0
    for span in clip.chords:
        if grid.cell(span.end) > first and grid.cell(span.start) < last:
            column = grid.column(max(first, grid.cell(span.start)), system)
            name = span.chord.symbol(clip.key)
            if column >= free:
                _put(line, column, name)
                free = column + len(name) + 1
    return Text("chords".rjust(_MARGIN - 1) + " " + "".join(line).rstrip(), style="italic")


def _put(line: list[str], column: int, text: str) -> None:
    room = len(line) - column
    line[column : column + len(text)] = text[: max(0, room)]


def _block(page: _Page, part: Part, colour: str, system: range) -> Iterator[Text]:
    """Yield a part's heading and its rows in one system, the highest pitch on top."""
    grid = page.grid
    rows: dict[int, list[tuple[int, int, Note]]] = {}
    first, last = system.start * grid.cells_a_bar, system.stop * grid.cells_a_bar
    for note in part.notes:
        start = min(grid.cell(note.start), grid.bars * grid.cells_a_bar - 1)
        end = start + 1 if part.is_drums else max(start + 1, grid.cell(note.end))
        if start < last and end > first:
            rows.setdefault(note.pitch, []).append((max(start, first), min(end, last), note))
    kind = "kit" if part.is_drums else "program"
    count = f"{len(part.notes)} note{'s' * (len(part.notes) != 1)}"
    heading = Text().append(part.name, style=f"bold {colour}")
    heading.append(f"  {kind} {part.program + 1}, {count}", style="dim")
    if not rows:
        heading.append(", silent here", style="dim")
    yield heading
    for pitch in sorted(rows, reverse=True):
        label = _label(pitch, part, page.clip).rjust(_MARGIN - 1)[: _MARGIN - 1]
        line = Text().append(f"{label} ", style="dim")
        yield line.append_text(_row(page, rows[pitch], colour, system))


def _label(pitch: int, part: Part, clip: Clip) -> str:
    if part.is_drums:
        return DRUM_NAMES.get(pitch, str(pitch))
    return f"{note_name(pitch % 12, clip.key)}{pitch // 12 - 1}"


def _row(page: _Page, notes: list[tuple[int, int, Note]], colour: str, system: range) -> Text:
    grid, signs = page.grid, page.signs
    cells = _empty(grid, system, signs)
    sounding: set[int] = set()
    for start, end, note in notes:
        columns = [grid.column(cell, system) for cell in range(start, end)]
        for column in range(columns[0], columns[-1] + 1):  # held over a bar line, it hides it
            cells[column] = signs.held
        is_new = grid.cell(note.start) >= system.start * grid.cells_a_bar
        if is_new:
            cells[columns[0]] = signs.struck(note.velocity)
        sounding.update(range(columns[0], columns[-1] + 1))
    row = Text()
    for column, cell in enumerate(cells):
        row.append(cell, style=colour if column in sounding else "dim")
    return row


def _empty(grid: _Grid, system: range, signs: _Signs) -> list[str]:
    """Return a row on which nothing sounds: bar lines, and a mark at each pulse between."""
    bar = [" "] * grid.cells_a_bar
    for beat in grid.meter.pulses[1:]:
        bar[min(grid.cell(beat), grid.cells_a_bar - 1)] = signs.beat
    return [signs.bar, *[*bar, signs.bar] * len(system)]
