"""Learn what people do with time and velocity: models/loops/feel.json.

``bandmate.loops.performance.feel`` plays with it.

    python models/loops/learn_feel.py            learns from the training split (two minutes)
    python models/loops/learn_feel.py measure    writes feel_report.json from the validation split

Each level of the table is a mean over performances of what the level above leaves, drawn towards
the level above where few performances speak.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate.loops.performance.groove_table import CLASSES, GROUPS, QUANTILES, SLOTS, TEMPO
from data import MODELS, enlist
from performances import LEAST_NOTES, Played, performances

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEW = 4.0
"""Performances that the level above counts for."""
LEAST_HITS = 6
PLACES = 4 * len(SLOTS)


class Notes:
    """All notes of some performances in one table, and means by whatever is asked."""

    def __init__(self, played: Sequence[Played]) -> None:
        self.of = np.repeat(np.arange(len(played)), [len(p.step) for p in played])
        self.count = len(played)
        self.genre = np.array([p.genre for p in played])
        self.tempo = np.array([p.tempo for p in played])
        self.group = np.concatenate([p.group for p in played])
        self.place = np.concatenate([p.place for p in played])
        self.step = np.concatenate([p.step for p in played])
        self.above = np.concatenate([p.above for p in played])
        self.timing = np.concatenate([p.timing for p in played])
        self.velocity = np.concatenate([p.velocity for p in played])

    def means(self, values: Floats, at: Ints, size: int, least: int) -> tuple[Floats, Ints]:
        """Return, (performances, size), each performance's means by *at*, NaN under *least*."""
        heard = ~np.isnan(values)
        key = (self.of * size + at)[heard]
        length = self.count * size
        count = np.bincount(key, minlength=length).reshape(self.count, size)
        total = np.bincount(key, values[heard], minlength=length).reshape(self.count, size)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(count >= least, total / count, np.nan), count


def by_genre(means: Floats, genres: NDArray[np.str_]) -> dict[str, Floats]:
    """Return {genre or "all": means of performances}, genres drawn towards all where few speak."""
    table = {"all": _mean(means, np.zeros(means.shape[1]))}
    for genre in sorted(set(genres) - {"all"}):
        table[genre] = _mean(means[genres == genre], table["all"])
    return table


def _mean(rows: Floats, above: Floats) -> Floats:
    count = (~np.isnan(rows)).sum(axis=0)
    return np.asarray((np.nansum(rows, axis=0) + FEW * above) / (count + FEW))


def spread_over(table: dict[str, Floats], notes: Notes, at: Ints) -> Floats:
    """Return for each note what a table says of its performance's genre."""
    rows = np.stack([table.get(genre, table["all"]) for genre in notes.genre])
    return np.asarray(rows[notes.of, at])


def learnt(played: Sequence[Played]) -> dict[str, Any]:
    """Return the whole table, as `playing.Feel.of` reads it."""
    notes = Notes(played)
    slot = notes.place % len(SLOTS)
    is_drum = notes.group < GROUPS.index("keys")
    at = notes.group * PLACES + notes.place
    size = len(GROUPS) * PLACES

    drums_timing = np.where(is_drum, notes.timing, np.nan)
    slots, _ = notes.means(drums_timing, slot, len(SLOTS), LEAST_HITS)
    pocket = by_genre(slots, notes.genre)
    left = drums_timing - spread_over(pocket, notes, slot)
    own, _ = notes.means(left, slot, len(SLOTS), LEAST_HITS)
    left = np.where(is_drum, left - np.nan_to_num(own)[notes.of, slot], notes.timing)
    timing = by_genre(notes.means(left, at, size, 3)[0], notes.genre)
    left = left - spread_over(timing, notes, at)

    slopes = {group: _slope(notes, group) for group in ("keys", "lead")}
    slope = np.array([slopes.get(group, 0.0) for group in GROUPS])
    loud = notes.velocity - slope[notes.group] * notes.above
    velocity = by_genre(notes.means(loud, at, size, 3)[0], notes.genre)
    loud = loud - spread_over(velocity, notes, at)

    wander, timing_lasting = _lasting(notes, left)
    power = _tempo_power(notes, wander)
    wander = wander * ((notes.tempo / TEMPO) ** power)[notes.of]
    scatter, velocity_lasting = _lasting(notes, loud)
    timing_wander, velocity_wander = _wander(notes, wander), _wander(notes, scatter)
    groups = {}
    for i, group in enumerate(GROUPS):
        places = slice(i * PLACES, (i + 1) * PLACES)
        groups[group] = {
            "timing": _rounded(timing, places),
            "velocity": _rounded(velocity, places),
            "slope": round(float(slope[i]), 3),
            "timing spread": timing_lasting[group] | timing_wander[group],
            "velocity spread": velocity_lasting[group] | velocity_wander[group],
        }
    return {
        "pocket": _rounded(pocket, slice(None)),
        "pocket spread": [_std(own[:, i]) for i in range(len(SLOTS))],
        "tempo power": round(power, 2),
        "swung eighths": _swung_eighths(notes, slot, is_drum),
        "groups": groups,
    }


def _rounded(table: dict[str, Floats], part: slice) -> dict[str, list[float]]:
    rows = {genre: [round(float(x), 1) for x in row[part]] for genre, row in table.items()}
    return {genre: row for genre, row in rows.items() if genre == "all" or row != rows["all"]}


def _slope(notes: Notes, group: str) -> float:
    mine = notes.group == GROUPS.index(group)
    above = notes.above[mine]
    return float(above @ notes.velocity[mine] / max(1.0, above @ above))


def _swung_eighths(notes: Notes, slot: Ints, is_drum: NDArray[np.bool_]) -> list[str]:
    """Return genres with more off-beats on the third triplet than a fifth of those on eighths."""
    genre = notes.genre[notes.of]
    found = []
    for name in sorted(set(notes.genre) - {"all"}):
        mine = is_drum & (genre == name)
        swung, even = (mine & (slot == 4)).sum(), (mine & (slot == 3)).sum()
        if swung > even / 5:
            found.append(str(name))
    return found


def _lasting(notes: Notes, values: Floats) -> tuple[Floats, dict[str, dict[str, Any]]]:
    """Return what changes from note to note, and how players differ for good, by group."""
    bias, _ = notes.means(values, notes.group, len(GROUPS), LEAST_HITS)
    values = values - np.nan_to_num(bias)[notes.of, notes.group]
    at = notes.group * PLACES + notes.place
    habit, count = notes.means(values, at, len(GROUPS) * PLACES, LEAST_HITS)
    rest = values - habit[notes.of, at]
    hits = count[notes.of, at]
    rest = rest * np.sqrt(hits / np.maximum(1, hits - 1))  # their own mean was taken from them
    told: dict[str, dict[str, Any]] = {}
    for i, group in enumerate(GROUPS):
        mine = rest[(notes.group == i) & ~np.isnan(rest)]
        noise = float(np.var(mine)) if len(mine) else 0.0
        classes = []
        for sort in sorted(set(CLASSES)):
            columns = [i * PLACES + p for p in range(PLACES) if CLASSES[p % len(SLOTS)] == sort]
            heard = ~np.isnan(habit[:, columns])
            classes.append(_quantiles(habit[:, columns][heard], noise, count[:, columns][heard]))
        told[group] = {"bias": _std(bias[:, i]), "habit": classes}
    return rest, told


def _quantiles(habits: Floats, noise: float, count: Ints) -> list[float]:
    """Return the quantiles of habits, drawn in by what is chance in a mean of few hits."""
    seen = float(np.var(habits)) if len(habits) >= 8 else 0.0
    if not seen:
        return [0.0] * len(QUANTILES)
    real = max(0.0, seen - noise * float(np.mean(1 / count)))
    found = np.quantile(habits - habits.mean(), QUANTILES) * np.sqrt(real / seen)
    return [round(float(x), 1) for x in found]


def _std(values: Floats) -> float:
    """Return the spread of the middle of the values, as if normal; outliers don't count."""
    values = values[~np.isnan(values)]
    if len(values) < 4:
        return 0.0
    low, high = np.quantile(values, (0.16, 0.84))
    return round(float(high - low) / 2, 2)


def _tempo_power(notes: Notes, rest: Floats) -> float:
    """Return how fast the scatter of drummers' timing falls with tempo."""
    drums = np.where(notes.group < GROUPS.index("keys"), rest, np.nan)
    squares, _ = notes.means(drums**2, np.zeros_like(notes.of), 1, LEAST_NOTES)
    heard = ~np.isnan(squares[:, 0])
    if heard.sum() < 3 or len(set(notes.tempo[heard])) < 2:
        return 0.5
    slope = np.polyfit(np.log(notes.tempo[heard]), np.log(squares[heard, 0]) / 2, 1)[0]
    return float(np.clip(-slope, 0.0, 1.0))


def _wander(notes: Notes, rest: Floats) -> dict[str, dict[str, float]]:
    """Return how one player changes from note to note, by group; see `playing.Spread`."""
    rest = _levelled(notes, rest)
    heard = ~np.isnan(rest)
    of, group, step, value = notes.of[heard], notes.group[heard], notes.step[heard], rest[heard]
    is_drum = group < GROUPS.index("keys")
    shared = max(0.0, _together(of[is_drum], step[is_drum], value[is_drum]))
    _, limbs_beats = _drift(of[is_drum], step[is_drum], value[is_drum])
    told = {}
    for i, name in enumerate(GROUPS):
        mine = group == i
        row = dict.fromkeys(("shared", "drift", "onset", "hit"), 0.0) | {"beats": 1.0}
        if mine.sum() > LEAST_NOTES:
            pitched = not is_drum[mine].any()
            variance = float(np.mean(value[mine] ** 2))
            alike = min(variance, max(0.0, _together(of[mine], step[mine], value[mine])))
            slow, row["beats"] = _drift(of[mine], step[mine], value[mine])
            row["beats"] = row["beats"] if pitched else limbs_beats
            slow = min(slow, alike if pitched else variance)
            common = 0.0 if pitched else min(shared, slow)
            row["shared"] = np.sqrt(common)
            row["drift"] = np.sqrt(slow - common)
            row["onset"] = np.sqrt(alike - slow) if pitched else 0.0
            row["hit"] = np.sqrt(variance - (alike if pitched else slow))
        told[name] = {what: round(float(x), 2) for what, x in row.items()}
    return told


def _levelled(notes: Notes, rest: Floats) -> Floats:
    """Return what changes from note to note, every performance made as loose as the usual one.

    Else the loosest would speak for all; drummers are measured among themselves.
    """
    squares, _ = notes.means(rest**2, np.zeros_like(notes.of), 1, LEAST_NOTES // 2)
    loose = np.sqrt(squares[:, 0])
    is_drummer = np.zeros(notes.count, bool)
    is_drummer[notes.of] = notes.group < GROUPS.index("keys")
    usual = np.full(notes.count, np.nan)
    for kind in (is_drummer, ~is_drummer):
        if not np.isnan(loose[kind]).all():
            usual[kind] = np.nanmedian(loose[kind])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(rest * np.where(loose > 0, usual / loose, np.nan)[notes.of])


def _together(of: Ints, step: Ints, value: Floats) -> float:
    """Return the covariance of notes that share an onset."""
    _, onset = np.unique(of * 1_000_000 + step, return_inverse=True)
    total, squares = np.bincount(onset, value), np.bincount(onset, value**2)
    count = np.bincount(onset)
    pairs = float((count * (count - 1)).sum())
    return float((total**2 - squares).sum()) / pairs if pairs else 0.0


def _drift(of: Ints, step: Ints, value: Floats) -> tuple[float, float]:
    """Return variance and length in beats of a drift, from how alike onsets near in time are."""
    _, first, onset = np.unique(of * 1_000_000 + step, return_index=True, return_inverse=True)
    mean = np.bincount(onset, value) / np.bincount(onset)
    of, step = of[first], step[first]
    total, weight = np.zeros(17), np.zeros(17)
    for lag in range(1, 9):
        gap = np.rint((step[lag:] - step[:-lag]) / 3).astype(int)
        near = (of[lag:] == of[:-lag]) & (gap >= 1) & (gap <= 16)
        total += np.bincount(gap[near], (mean[lag:] * mean[:-lag])[near], minlength=17)
        weight += np.bincount(gap[near], minlength=17)
    gaps = np.arange(17) / 4
    if not weight.any():
        return 0.0, 1.0
    best = (np.inf, 0.0, 1.0)
    alike = np.divide(total, weight, out=np.zeros(17), where=weight > 0)
    for beats in (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16):
        shape = np.exp(-gaps / beats)
        variance = max(0.0, float((weight * alike * shape).sum() / (weight * shape**2).sum()))
        miss = float((weight * (alike - variance * shape) ** 2).sum())
        best = min(best, (miss, variance, float(beats)))
    return best[1], best[2]


def main() -> None:
    """Write feel.json, or with ``measure`` feel_report.json."""
    folder = MODELS / "loops"
    if "measure" in sys.argv[1:]:
        from measure_feel import measured  # it reads what is written here

        (folder / "feel_report.json").write_text(json.dumps(measured(), indent=1) + "\n")
        return
    played = performances("train")
    file: Path = folder / "feel.json"
    file.write_text(json.dumps(learnt(played), separators=(",", ":")) + "\n", "utf-8")
    enlist(file)
    print(f"{len(played)} performances, {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
