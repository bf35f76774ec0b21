"""Judge the newest checkpoint beside training, and keep the best: `make judge-training`.

    python models/loops/judge_checkpoint.py [NAME] [MINUTES]

Exports out/loops/NAME/latest.pt (NAME is config.yaml's), asks for 200 validation loops, and adds a
line to judge.jsonl there. The checkpoint that is hardest to tell from real music is best.pt. With
MINUTES it goes on, one look in so many minutes, until it is ended.
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
import yaml

from data import data_folder, out_folder
from export import exported, network_of
from judge.quick import ALL, LOOPS, quick_report
from judge.show import shown_quick
from studio import Studio


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


def lines_of(log: Path) -> list[dict[str, Any]]:
    """Return the lines of a log, none where it is not there yet."""
    text = log.read_text("utf-8") if log.is_file() else ""
    return [json.loads(line) for line in text.splitlines()]


def main() -> None:
    """Judge once, or every so many minutes."""
    data_folder()
    words = sys.argv[1:]
    minutes = float(words.pop()) if words and words[-1].replace(".", "").isdigit() else 0.0
    folder = out_folder("loops") / (words[0] if words else run_name())
    while True:
        if judge_newest(folder) is None:
            print(f"no checkpoint in {folder} that was not judged yet", flush=True)
        if not minutes:
            return
        time.sleep(60 * minutes)


def run_name() -> str:
    """Return the name of the run that config.yaml describes."""
    config = yaml.safe_load(Path(__file__).with_name("config.yaml").read_text("utf-8"))
    return str(config.get("name", "fast"))


if __name__ == "__main__":
    main()
