"""Measure the loops on the validation songs: `make eval-loops` writes report.json.

    python models/loops/evaluate.py [weights.onnx] [loops a condition] [language keys control ...]

Seeds are fixed. Parts that are named are measured anew, the others keep their figures; the report
is saved after each. Of other weights than those that ship, or with a number of loops, it is a
trial: the report goes to out/loops.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data import MODELS, data_folder, out_folder
from eval_adherence import adherence
from eval_control import control
from eval_energy import energy
from eval_fidelity import fidelity
from eval_form import form
from eval_infill import infill
from eval_language import keys, language
from features import FEATURES
from studio import Studio

WEIGHTS = MODELS / "loops" / "loops.onnx"
REPORT = MODELS / "loops" / "report.json"

PARTS: dict[str, Callable[[Studio], dict[str, Any]]] = {
    "language": language,
    "keys": keys,
    "control": control,
    "energy": energy,
    "adherence": adherence,
    "fidelity": fidelity,
    "infill": infill,
    "form": form,
}
"""Each part of the report."""


def main() -> None:
    """Measure what the command line names, or all."""
    data_folder()
    words = sys.argv[1:]
    weights = Path(words.pop(0)) if words and words[0].endswith(".onnx") else WEIGHTS
    limit = int(words.pop(0)) if words and words[0].isdigit() else None
    is_trial = limit is not None or weights != WEIGHTS
    path = out_folder("loops") / f"report-{weights.stem}.json" if is_trial else REPORT
    report, studio = _begun(path, weights), Studio(weights, limit)
    for name in words or PARTS:
        started = time.process_time()
        report[name] = PARTS[name](studio)
        report["measured"][name] = {
            "weights": studio.generator.name,
            **studio.counted(),
            "CPU seconds": round(time.process_time() - started),
        }
        print(name, json.dumps(report["measured"][name]), flush=True)
        path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


def _begun(path: Path, weights: Path) -> dict[str, Any]:
    """Return the report that is there, without parts that are no longer measured."""
    old: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    report: dict[str, Any] = {
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "features": list(FEATURES),
        "measured": {},
    }
    report["measured"] |= old.get("measured", {})
    return report | {name: old[name] for name in PARTS if name in old.get("measured", {})}


if __name__ == "__main__":
    main()
