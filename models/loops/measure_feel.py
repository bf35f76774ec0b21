"""How near the learnt feel comes to people: figures from validation performances.

Each performance is put on the grid with one velocity, then (1) predicted without chance, against
that grid; (2) played by ``felt`` and compared in its spreads; (3) played again and told apart from
the real one, in windows of four bars, by gradient boosting, five folds split by performance. The
controls are the grid itself and a plain humanizer: what ours does, shuffled among the notes of a
kind, so as wide and as loud as ours, without places or drift.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold, cross_val_predict

from bandmate.loops.performance.feel import felt, hit_of
from bandmate.loops.performance.groove_table import GROUPS, SLOTS, Feel
from bandmate.loops.performance.performer_profile import Evening
from bandmate.music.clip import Clip, Note, Part
from data import MODELS
from performances import Played, performances

Floats = NDArray[np.float64]
WINDOW = 4 * 48
"""Steps of the windows that are told apart."""
LEAST = 24
"""Notes that such a window has at least."""
Playing = tuple[Floats, Floats]
"""Milliseconds from the grid and velocities, by note."""


def real(played: Played) -> Playing:
    """Return a performance as it was."""
    return played.timing, played.velocity


def gridded(played: Played, velocity: int = 80) -> Clip:
    """Return a performance on the grid with one velocity."""
    name = "drums" if played.source == "groove" else GROUPS[played.group[0]]
    notes = tuple(
        replace(note, start=int(step) / 12, duration=max(1 / 12, note.duration), velocity=velocity)
        for note, step in zip(played.notes, played.step, strict=True)
    )
    length = (int(played.step.max()) // 48 + 1) * 4.0
    return Clip((Part(name, 0, notes),), length, played.tempo)


def felt_playing(played: Played, feel: Feel, genre: str | None, seed: int) -> Playing:
    """Return a performance put on the grid and played by ``felt``."""
    shifted = replace(played, step=played.step + 48)  # a bar ahead, so that nothing is cut at 0
    clip = gridded(shifted)
    order = sorted(range(len(played.step)), key=lambda i: clip.parts[0].notes[i])
    ordered = replace(clip.parts[0], notes=tuple(clip.parts[0].notes[i] for i in order))
    notes = felt(replace(clip, parts=(ordered,)), 1.0, None, genre, seed, feel=feel).parts[0].notes
    by_pitch: dict[int, list[Note]] = {}
    for note in notes:
        by_pitch.setdefault(note.pitch, []).append(note)
    timing, velocity = np.empty(len(order)), np.empty(len(order))
    for i in order:
        written = clip.parts[0].notes[i]
        note = by_pitch[written.pitch].pop(0)
        timing[i] = (note.start - written.start) * 60_000 / played.tempo
        velocity[i] = note.velocity
    return timing, velocity - velocity.mean()


def jittered(played: Played, feel: Feel, seed: int) -> Playing:
    """Return a performance as a plain humanizer plays it: ours, shuffled within a kind of note."""
    rng = np.random.default_rng(seed)
    timing, velocity = felt_playing(played, feel, played.genre, seed)
    for group in np.unique(played.group):
        mine = np.flatnonzero(played.group == group)
        timing[mine] = timing[rng.permutation(mine)]
        velocity[mine] = velocity[rng.permutation(mine)]
    return timing, velocity


def on_grid(played: Played) -> Playing:
    """Return a performance on the grid."""
    return np.zeros(len(played.step)), np.zeros(len(played.step))


def expected(played: Played, feel: Feel, genre: str | None) -> Playing:
    """Return what the table expects, without chance."""
    clip = gridded(played)
    part = clip.parts[0]
    evening = Evening(feel, genre, played.tempo, 0, part.name)
    mean = float(np.mean([note.pitch for note in part.notes]))
    found = [
        evening.expected(hit_of(clip, part, note, mean), pocket=part.is_drums)
        for note in part.notes
    ]
    velocity = np.array([d.velocity for d in found])
    return np.array([d.timing for d in found]), velocity - velocity.mean()


def without_places(played: Played, feel: Feel) -> Playing:
    """Return the table's means by kind of note alone."""
    by_group = [feel.groups[name] for name in GROUPS]
    timing = np.array([np.mean(group.timing["all"]) for group in by_group])[played.group]
    velocity = np.array([np.mean(group.velocity["all"]) for group in by_group])[played.group]
    return timing, velocity - velocity.mean()


def errors(played: Sequence[Played], guess: Callable[[Played], Playing]) -> dict[str, float]:
    """Return mean absolute errors of a guess over all notes, in milliseconds and in velocity."""
    timing, velocity = [], []
    for one in played:
        at, loud = guess(one)
        timing.append(np.abs(at - one.timing))
        velocity.append(np.abs(loud - one.velocity))
    by_hand = np.concatenate(timing)
    heard = by_hand[~np.isnan(by_hand)]
    return {
        "timing ms": round(float(heard.mean()), 2) if len(heard) else math.nan,
        "velocity": round(float(np.concatenate(velocity).mean()), 2),
    }


def spreads(played: Sequence[Played], play: Callable[[Played], Playing]) -> dict[str, float]:
    """Return the medians over performances of what their timing and velocities look like."""
    rows: dict[str, list[float]] = {}
    for one in played:
        timing, velocity = play(one)
        if not np.isnan(one.timing).all():
            heard = ~np.isnan(one.timing)
            rows.setdefault("timing std ms", []).append(float(np.std(timing[heard])))
            rows.setdefault("timing, onset to onset", []).append(
                _alike(_onsets(one.step[heard], timing[heard]))
            )
        rows.setdefault("velocity std", []).append(float(np.std(velocity)))
        for i, name in enumerate(GROUPS[:8] if one.source == "groove" else ()):
            mine = one.group == i
            if mine.sum() >= 16:
                rows.setdefault(f"velocity std, {name}", []).append(float(np.std(velocity[mine])))
        rows.setdefault("velocities, bar to bar", []).append(_bar_to_bar(one, velocity))
    return {
        name: round(float(np.nanmedian(found)), 2)
        for name, found in rows.items()
        if not np.isnan(found).all()
    }


def _onsets(step: NDArray[np.int64], values: Floats) -> Floats:
    _, onset = np.unique(step, return_inverse=True)
    return np.asarray(np.bincount(onset, values) / np.bincount(onset))


def _alike(values: Floats) -> float:
    """Return how alike neighbours are, -1..1."""
    if len(values) < 4 or np.std(values[:-1]) < 1e-9 or np.std(values[1:]) < 1e-9:
        return math.nan
    return float(np.corrcoef(values[:-1], values[1:])[0, 1])


def _bar_to_bar(played: Played, values: Floats) -> float:
    """Return how alike notes of one pitch and place are in neighbouring bars, -1..1."""
    at = {
        (int(step), note.pitch): value
        for step, note, value in zip(played.step, played.notes, values, strict=True)
    }
    pairs = [(x, at[step + 48, p]) for (step, p), x in at.items() if (step + 48, p) in at]
    if len(pairs) < 8:
        return math.nan
    a, b = np.array(pairs).T
    return float(np.corrcoef(a, b)[0, 1]) if np.std(a) > 1e-9 and np.std(b) > 1e-9 else 0.0


def told_apart(played: Sequence[Played], play: Callable[[Played], Playing]) -> float:
    """Return the accuracy of telling a playing from the real one; 0.5 cannot tell."""
    rows, labels, groups = [], [], []
    for number, one in enumerate(played):
        for label, playing in enumerate((real(one), play(one))):
            for features in _windows(one, playing):
                rows.append(features)
                labels.append(label)
                groups.append(number)
    judge = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.08, random_state=0)
    told = cross_val_predict(
        judge, np.array(rows), np.array(labels), groups=groups, cv=GroupKFold(5)
    )
    right = told == np.array(labels)
    return round(float(right.mean()), 3)


def _windows(played: Played, playing: Playing) -> Iterator[list[float]]:
    window = played.step // WINDOW
    for number in np.unique(window):
        mine = window == number
        if mine.sum() >= LEAST:
            yield _features(played, mine, playing[0][mine], playing[1][mine])


def _features(
    played: Played, mine: NDArray[np.bool_], timing: Floats, velocity: Floats
) -> list[float]:
    """Return 28 features of a window: spreads, likeness in time, means by slot and by kind."""
    step, group = played.step[mine], played.group[mine]
    slot = played.place[mine] % len(SLOTS)
    timing = timing - timing.mean()
    features = [
        float(np.std(timing)), float(np.std(velocity)),
        _alike(_onsets(step, timing)), _alike(_onsets(step, velocity)),
        float(np.mean(np.abs(timing) ** 3) ** (1 / 3)),
        float(np.mean(np.abs(velocity) ** 3) ** (1 / 3)),
        _within(step, timing), _within(step, velocity),
    ]  # fmt: skip
    features += [_mean(timing[slot == i]) for i in range(4)]
    features += [_mean(velocity[slot == i]) for i in range(4)]
    for i in (0, 1, 2, 5):
        features += [_mean(timing[group == i]), _spread(timing[group == i])]
        features.append(_spread(velocity[group == i]))
    return features


def _within(step: NDArray[np.int64], values: Floats) -> float:
    """Return the spread of values within their onsets."""
    _, onset = np.unique(step, return_inverse=True)
    return float(np.std(values - (np.bincount(onset, values) / np.bincount(onset))[onset]))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else math.nan


def _spread(values: Floats) -> float:
    return float(values.std()) if len(values) > 3 else math.nan


def measured() -> dict[str, Any]:
    """Return all figures."""
    feel = Feel.of(json.loads((MODELS / "loops" / "feel.json").read_text("utf-8")))
    played = performances("valid")
    drums = [one for one in played if one.source == "groove"]
    report: dict[str, Any] = {}
    for name in ("drums", "keys", "lead"):
        mine = drums if name == "drums" else [
            one for one in played if one.source != "groove" and GROUPS[one.group[0]] == name
        ]  # fmt: skip
        report[name] = _figures(mine, feel)
        print(name, json.dumps(report[name], indent=1), flush=True)
    report["drums"]["told apart"] = {
        "on the grid": told_apart(drums, on_grid),
        "plain humanizer": told_apart(drums, lambda one: jittered(one, feel, len(one.step))),
        "ours": told_apart(drums, lambda one: felt_playing(one, feel, one.genre, len(one.step))),
    }
    print(report["drums"]["told apart"])
    return report


def _figures(played: Sequence[Played], feel: Feel) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    genres = dict(zip(map(id, played), rng.permutation([p.genre for p in played]), strict=True))
    return {
        "performances": len(played),
        "by hand": sum(not np.isnan(one.timing).all() for one in played),
        "notes": sum(len(one.step) for one in played),
        "mean absolute error": {
            "on the grid": errors(played, on_grid),
            "kind of note alone": errors(played, lambda one: without_places(one, feel)),
            "places, all genres": errors(played, lambda one: expected(one, feel, None)),
            "places, genres shuffled": errors(
                played, lambda one: expected(one, feel, str(genres[id(one)]))
            ),
            "places by genre": errors(played, lambda one: expected(one, feel, one.genre)),
        },
        "medians": {
            "people": spreads(played, real),
            "ours": spreads(played, lambda one: felt_playing(one, feel, one.genre, len(one.step))),
            "plain humanizer": spreads(played, lambda one: jittered(one, feel, len(one.step))),
        },
    }
