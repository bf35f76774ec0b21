"""Are chords and keys kept, as strictly as they were asked to be, and how is it in real music?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adherence import Adherence
from samples import Window
from studio import Studio, cells_of, plan_for

_LOOPS = 80
SETS = ("pop909", "arranged")
"""Sets whose chords are known."""
WAYS: dict[str, dict[str, Any]] = {
    "strictness 1": {"strictness": 1.0},
    "strictness 0.5": {"strictness": 0.5},
    "strictness 0": {"strictness": 0.0},
    "strictness 0, not bound to the key": {"strictness": 0.0, "in_key": False},
}


def adherence(studio: Studio) -> dict[str, Any]:
    """Return the shares of each way to ask, and of real loops, by set and over both."""
    report: dict[str, Any] = {}
    together = {way: Adherence() for way in ("real music", *WAYS)}
    for name in SETS:
        windows = [w for w in studio.hall(name, _LOOPS).asked if plan_for(w, 0).chords]
        report[name] = {"loops": len(windows)}
        for way, heard in together.items():
            alone = Adherence()
            _hear(studio, (alone, heard), windows, way)
            report[name][way] = alone.report()
            print(name, way, report[name][way], flush=True)
    report["both sets"] = {way: heard.report() for way, heard in together.items()}
    return report


def _hear(studio: Studio, judges: Sequence[Adherence], windows: Sequence[Window], way: str) -> None:
    for seed, window in enumerate(windows):
        plan = plan_for(window, seed, **WAYS.get(way, {}))
        cells = window.sounding() if way == "real music" else cells_of(studio.write(plan))
        for judge in judges:
            judge.hear(cells, plan.meter, plan.chords, plan.key)
