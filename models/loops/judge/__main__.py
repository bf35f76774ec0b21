"""Judge the loops of some weights: `make judge`, or `make judge QUICK=1` for a look.

    python -m judge [quick] [weights.onnx]

Writes models/loops/judge.json for the weights that ship and a full look, else out/loops/judge.json.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from data import MODELS, data_folder, out_folder
from judge import sides
from judge.quick import quick_report
from judge.report import Loops, told_apart
from judge.show import shown, shown_quick
from songs import SETS
from studio import Hall, Studio

WEIGHTS = MODELS / "loops" / "loops.onnx"
REPORT = MODELS / "loops" / "judge.json"
LOOPS = 200
"""Most loops of a set."""
OTHER_LOOPS = 100
"""Most real loops of a set that are held against other real ones of the same songs."""
RANDOM_LOOPS = 20
"""Loops of random weights of a set."""
LEAST_SONGS = 4
"""Songs that a set must have, or it is left out."""


def main() -> None:
    """Judge what the command line names."""
    data_folder()
    words = sys.argv[1:]
    weights = next((Path(word) for word in words if word.endswith(".onnx")), WEIGHTS)
    started = time.process_time()
    studio = Studio(weights)
    if "quick" in words:
        report = quick_report(studio) | _facts(studio, started)
        print(shown_quick(report))
        return
    report = full_report(studio) | _facts(studio, started)
    print(shown(report))
    path = REPORT if weights == WEIGHTS else out_folder("loops") / "judge.json"
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


def full_report(studio: Studio) -> dict[str, Any]:
    """Return our loops, random weights' and real ones by set, each against real ones."""
    halls = {name: studio.hall(name, LOOPS) for name in SETS}
    halls = {name: hall for name, hall in halls.items() if has_songs(hall)}
    stamp = sides.stamp_of(studio.path)
    chance = sides.random_generator(studio.generator.model.shape)
    real = {name: sides.real(hall.asked) for name, hall in halls.items()}
    others = {name: sides.real(hall.others[:OTHER_LOOPS]) for name, hall in halls.items()}
    ours = {n: sides.made(h.asked, studio.generator, stamp) for n, h in halls.items()}
    random = {
        n: sides.made(h.asked[:RANDOM_LOOPS], chance, f"random-{stamp}", **sides.FREE)
        for n, h in halls.items()
    }
    return {
        "ours": told_apart(real, ours, is_full=True),
        "random weights": told_apart(_as_many(real, random), random),
        "real against real": told_apart(others, _as_many(real, others)),
    }


def has_songs(hall: Hall) -> bool:
    """Say whether a set has enough songs to learn from some and be asked about others."""
    return len({window.song.path for window in hall.asked}) >= LEAST_SONGS


def _as_many(loops: Loops, others: Loops) -> Loops:
    """Return the first loops of each set, as many as there are *others*."""
    return {name: loops[name][: len(found)] for name, found in others.items()}


def _facts(studio: Studio, started: float) -> dict[str, Any]:
    return {
        "weights": studio.generator.name,
        "sha256": hashlib.sha256(studio.path.read_bytes()).hexdigest(),
        "CPU seconds": round(time.process_time() - started),
    }


if __name__ == "__main__":
    main()
