"""Judge the newest checkpoint beside training, and keep the best: `make judge-training`.

    python models/loops/judge_checkpoint.py [NAME]

Exports out/loops/NAME/latest.pt (NAME is config.yaml's), asks for 200 validation loops, and adds a
line to judge.jsonl there. The checkpoint that is hardest to tell from real music is best.pt.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import onnx
import torch

from data import data_folder, out_folder
from export import exported, network_of
from judge.quick import ALL, quick_report
from judge.show import shown_quick
from runs import lines_of, run_name
from studio import Studio

LOOPS = 200
"""Loops of all sets together."""


def judge_newest(folder: Path, loops: int = LOOPS) -> dict[str, Any] | None:
    """Judge a run's newest checkpoint; None where there is none that was not judged yet."""
    latest, log = folder / "latest.pt", folder / "judge.jsonl"
    if not latest.is_file():
        return None
    checkpoint = folder / "judged.pt"
    shutil.copyfile(latest, checkpoint)  # the trainer may replace it meanwhile
    tokens = int(torch.load(checkpoint, map_location="cpu", weights_only=False)["tokens"])
    judged = lines_of(log)
    if any(line["tokens"] == tokens for line in judged):
        return None
    started = time.process_time()
    weights = folder / "judged.onnx"
    onnx.save(exported(network_of(checkpoint)), weights)
    studio = Studio(weights)
    report = quick_report(studio, loops, stamped=False)
    facts = {"weights": studio.generator.name, "CPU seconds": round(time.process_time() - started)}
    print(shown_quick(report | facts), flush=True)
    line = {"tokens": tokens, "time": time.time()} | facts | report
    if is_best(line, judged):
        checkpoint.replace(folder / "best.pt")
    with log.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line) + "\n")
    return line


def is_best(line: dict[str, Any], judged: list[dict[str, Any]]) -> bool:
    """Say whether the judge is right less often than about all that were judged before."""
    return all(_told(line) < _told(other) for other in judged)


def _told(line: dict[str, Any]) -> float:
    return float(line["sets"][ALL]["trees"][0])


def main() -> None:
    """Judge a run's newest checkpoint."""
    data_folder()
    folder = out_folder("loops") / (sys.argv[1] if len(sys.argv) > 1 else run_name())
    if judge_newest(folder) is None:
        print(f"no checkpoint in {folder} that was not judged yet")


if __name__ == "__main__":
    main()
