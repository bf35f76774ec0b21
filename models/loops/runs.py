"""A training run's files: its name, and the logs that it appends to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml


def run_name() -> str:
    """Return the name of the run that config.yaml describes; its files are in out/loops/NAME."""
    config = yaml.safe_load(Path(__file__).with_name("config.yaml").read_text("utf-8"))
    return str(config.get("name", "fast"))


def lines_of(log: Path) -> list[dict[str, Any]]:
    """Return the entries of a log, none where it is not there yet."""
    text = log.read_text("utf-8") if log.is_file() else ""
    return [json.loads(line) for line in text.splitlines()]
