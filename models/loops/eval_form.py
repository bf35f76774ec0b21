"""Sixteen bars by a form: do sections that come again sound so, and does nothing drift away?

Written without chords and not bound to the key, so that the key could drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from bandmate.loops.form import bars_of, formed, read_form
from bandmate.loops.model.tokens import Cell, GridNote
from bandmate.music.midifile import read, to_bytes
from likeness import cosine, mean, sections_alike
from samples import Window, window_of
from songs import SETS
from studio import Studio, cells_of, plan_for

FORM = "A A' B A'"
_CLIPS = 24
_STEP = 4
"""Bars of a section."""


def form(studio: Studio) -> dict[str, Any]:
    """Return the figures by set, with those of real songs of as many bars."""
    report: dict[str, Any] = {}
    for name in SETS:
        windows = studio.hall(name, _CLIPS).asked
        report[name] = _figures(studio, windows)
        print(name, report[name], flush=True)
    return report


def _figures(studio: Studio, windows: Sequence[Window]) -> dict[str, Any]:
    asked = read_form(FORM)
    bars = bars_of(asked)
    again, other, made, real, tempos = [], [], [], [], 0
    for seed, window in enumerate(windows):
        plan = plan_for(window, seed, bars=bars, chords=(), strictness=0.0, in_key=False)
        plan = formed(asked, plan)
        clip = studio.write(plan)
        tempos += abs(read(to_bytes(clip)).tempo - plan.tempo) < 0.01
        cells, names = cells_of(clip), [part.name for part in plan.parts]
        again += [sections_alike(cells, names, *pair, _STEP) for pair in _pairs("A", "A")]
        other += [sections_alike(cells, names, *pair, _STEP) for pair in _pairs("A", "B")]
        made.append(drift(cells, plan.key.scale, bars))
        whole = window_of(window.song, min(window.start, window.song.bars - bars), bars)
        if whole and window.song.bars >= bars:
            real.append(drift(whole.sounding(), plan.key.scale, bars))
    return {
        "clips": len(windows),
        "rhythm alike, A to A'": round(mean([rhythm for rhythm, _ in again]), 3),
        "rhythm alike, A to B": round(mean([rhythm for rhythm, _ in other]), 3),
        "pitch classes alike, A to A'": round(mean([classes for _, classes in again]), 3),
        "pitch classes alike, A to B": round(mean([classes for _, classes in other]), 3),
        "tempo kept": round(tempos / len(windows), 3),
        "drift": _means(made),
        "drift, real songs": _means(real),
    }


def _pairs(one: str, other: str) -> list[tuple[int, int]]:
    """Return the first bars of every two sections of these letters."""
    letters = [section.letter for section in read_form(FORM)]
    return [
        (a * _STEP, b * _STEP)
        for a, b in combinations(range(len(letters)), 2)
        if sorted((letters[a], letters[b])) == sorted((one, other))
    ]


def drift(
    cells: dict[Cell, list[GridNote]], scale: Sequence[int], bars: int
) -> dict[str, float]:  # fmt: skip
    """Return how a clip's first section and its last differ in density and in key."""
    first, last = (_section(cells, start) for start in (0, bars - _STEP))
    shares = [_in_scale(section, scale) for section in (first, last)]
    density = [len({(cell[0], n.step) for cell, n in section}) / _STEP for section in (first, last)]
    return {
        "onsets a bar, first section": density[0],
        "onsets a bar, last section": density[1],
        "in scale, first section": shares[0],
        "in scale, last section": shares[1],
        "pitch classes alike": cosine(_classes(first), _classes(last)),
    }


Section = list[tuple[Cell, GridNote]]


def _section(cells: dict[Cell, list[GridNote]], start: int) -> Section:
    return [
        (cell, note)
        for cell, notes in cells.items()
        if start <= cell[0] < start + _STEP
        for note in notes
    ]


def _pitched(section: Section) -> list[GridNote]:
    return [note for (_, name), note in section if not name.startswith("drums")]


def _in_scale(section: Section, scale: Sequence[int]) -> float:
    return mean([note.pitch % 12 in scale for note in _pitched(section)], 1.0)


def _classes(section: Section) -> dict[object, float]:
    weights: dict[object, float] = {}
    for note in _pitched(section):
        weights[note.pitch % 12] = weights.get(note.pitch % 12, 0.0) + note.steps
    return weights


def _means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: round(mean([row[name] for row in rows]), 3) for name in rows[0]} if rows else {}
