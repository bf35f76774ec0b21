"""Do our loops sound like the real ones: PRDC, copying and the seam, each beside real.

Whether they can be told apart is the judge's to say (``judge/``).

Loops are written for the plans of real windows, no field told, in two ways: as an ask has them that
says nothing of strictness or key, and freely, without either mask. Real against real holds the
windows against as many others of the same songs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bandmate.loops.model.tokens import Cell, GridNote, bar_steps
from bandmate.music.meter import Meter
from copying import bars_of_loop, bars_of_song, parts_alone, prints_of
from features import features_of
from likeness import bars_alike, mean
from prdc import prdc
from samples import Window
from songs import SETS
from studio import BARS, Studio, cells_of, plan_for, training_songs

_LOOPS = 200
_FREE: dict[str, Any] = {"strictness": 0.0, "in_key": False}


@dataclass
class Loop:
    """A loop as it is measured."""

    song: str
    """The song it is of, or whose plan it was written for."""
    meter: Meter
    names: list[str]
    cells: dict[Cell, list[GridNote]]

    @cached_property
    def features(self) -> list[float]:
        """The listed features."""
        return features_of(self.cells, self.meter, BARS, self.names)


Loops = dict[str, list[Loop]]
"""By set."""


def fidelity(studio: Studio) -> dict[str, Any]:
    """Return all figures, by set."""
    halls = {name: studio.hall(name, _LOOPS) for name in SETS}
    real = {name: [_real(window) for window in hall.asked] for name, hall in halls.items()}
    others = {name: [_real(window) for window in hall.others] for name, hall in halls.items()}
    asked = {name: hall.asked for name, hall in halls.items()}
    ours = written(studio, asked)
    free = written(studio, asked, **_FREE)
    report = {
        "PRDC": _prdc(others, {"ours": ours, "ours, free": free, "real against real": real}),
        "copying": _copying({"ours": ours, "ours, free": free, "real": real}),
        "seam": {
            name: _seams(loops)
            for name, loops in {"ours": ours, "ours, free": free, "real": real}.items()
        },
    }
    print(report, flush=True)
    return report


def _real(window: Window) -> Loop:
    return Loop(window.song.path, window.song.meter, list(window.parts), window.sounding())


def written(
    studio: Studio,
    windows: dict[str, list[Window]],
    **changes: object,
) -> Loops:
    """Return loops for the plans of windows."""
    return {
        name: [
            Loop(w.song.path, w.song.meter, list(w.parts), cells_of(studio.write(plan)))
            for seed, w in enumerate(found)
            for plan in [plan_for(w, seed, **changes)]
        ]
        for name, found in windows.items()
    }


def _prdc(real: Loops, sides: dict[str, Loops]) -> dict[str, Any]:
    """Return PRDC by set of each side against the others, with what is reached of real music's."""
    report: dict[str, Any] = {}
    for name, against in real.items():
        held = [loop.features for loop in against]
        found = {
            side: prdc(held, [loop.features for loop in loops[name]])
            for side, loops in sides.items()
        }
        best = found["real against real"]
        report[name] = {
            side: {
                **{key: round(value, 3) for key, value in values.items()},
                "of real density": round(values["density"] / best["density"], 3),
                "of real coverage": round(values["coverage"] / best["coverage"], 3),
            }
            for side, values in found.items()
        }
    return report


def _copying(sides: dict[str, Loops]) -> dict[str, Any]:
    """Return by set the share of bars, and of parts of bars, that stand in the training songs."""
    bars, parts = set(), set()
    for song in training_songs():
        content = list(bars_of_song(song))
        bars.update(prints_of(content))
        parts.update(prints_of(parts_alone(content)))

    def share(prints: Sequence[int], known: set[int]) -> float:
        return round(mean([found in known for found in prints], 0.0), 3)

    report: dict[str, Any] = {}
    for side, by_set in sides.items():
        for name, loops in by_set.items():
            content = [bar for loop in loops for bar in bars_of_loop(loop.cells, BARS)]
            whole, single = prints_of(content), prints_of(parts_alone(content))
            report.setdefault(name, {})[side] = {
                "bars": len(whole),
                "bars known": share(whole, bars),
                "parts of bars": len(single),
                "parts of bars known": share(single, parts),
            }
    return report


def _seams(by_set: Loops) -> dict[str, dict[str, float]]:
    return {name: seam(loops) for name, loops in by_set.items()}


def seam(loops: Iterable[Loop]) -> dict[str, float]:
    """Return how bar 4 leads into bar 1: alike in onsets and pitch classes, leaps, notes hanging.

    Leaps are the mean way, in semitones, from the last top note of a part to its first.
    """
    rhythms, classes, leaps, hanging = [], [], [], 0
    for loop in loops:
        rhythm, pitches = bars_alike(loop.cells, loop.names, BARS - 1, 0)
        rhythms.append(rhythm)
        classes.append(pitches)
        length = bar_steps(loop.meter)
        for name in loop.names:
            first, last = (loop.cells.get((bar, name), ()) for bar in (0, BARS - 1))
            if name.startswith("drums"):
                continue
            hanging += any(note.step + note.steps > length for note in last)
            if first and last:
                ends = max(last, key=lambda n: (n.step, n.pitch))
                starts = min(first, key=lambda n: (n.step, -n.pitch))
                leaps.append(abs(starts.pitch - ends.pitch))
    return {
        "onsets alike": round(mean(rhythms), 3),
        "pitch classes alike": round(mean(classes), 3),
        "leap": round(mean(leaps), 2),
        "hanging": hanging,
    }
