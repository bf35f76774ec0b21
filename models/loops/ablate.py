"""Small models at equal tokens, each without one thing that the loop model is told.

    python models/loops/ablate.py [tokens]        goes on where it was; prints nats a note by set

All begin from the same random weights, see the same samples and are validated on the same windows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
import yaml

from data import out_folder
from songs import REAL_BANDS, SETS
from train import MUTED, Trainer, run

_SMALL = {"width": 128, "layers": 3, "heads": 2, "head_width": 64, "hidden": 320}
VARIANTS: dict[str, list[str]] = {
    "everything told": [],
    **{f"without {name}": [name] for name in MUTED},
    "as 0.6.0": list(MUTED),
}


def config_of(variant: str, tokens: int) -> dict[str, Any]:
    """Return the config of a variant: the usual one, small and short."""
    config: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("config.yaml").read_text())
    return config | {
        "name": f"ablation/{variant.replace(' ', '-')}",
        "shape": _SMALL,
        "begins_with": None,
        "mute": VARIANTS[variant],
        "budget_tokens": tokens,
        "warmup": 0.03,
        "decay": 0.6,
        "average": 0.99,
        "validate_tokens": tokens // 4,
        "muon_rate": 0.01,
        "adam_rate": 0.005,
    }


def trained(variant: str, tokens: int) -> dict[str, float]:
    """Train a variant, or read what came of it; return its losses at the end."""
    config = config_of(variant, tokens)
    folder = out_folder("loops") / config["name"]
    folder.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(config, folder, torch.device("cpu"), rank=0)
    trainer.resume()
    if trainer.tokens < tokens:
        run(trainer)
    entries = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    last = [entry for entry in entries if "game" in entry][-1]
    losses = {name: last[name] for name in SETS if name in last}
    return losses | {"real bands": sum(losses[name] for name in REAL_BANDS) / len(REAL_BANDS)}


def main() -> None:
    """Train all variants and print their losses."""
    tokens = int(sys.argv[1]) if len(sys.argv) > 1 else 1_500_000
    torch.set_num_threads(1)
    report = {variant: trained(variant, tokens) for variant in VARIANTS}
    rounded = {
        variant: {name: round(loss, 3) for name, loss in losses.items()}
        for variant, losses in report.items()
    }
    text = json.dumps(rounded, indent=1) + "\n"
    Path(__file__).with_name("ablation.json").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
