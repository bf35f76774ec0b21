"""Where the training data lies, and where what is made of it goes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def data_folder() -> Path:
    """Return $BANDMATE_DATA (default ../shared/data beside the clone); end in words without."""
    folder = Path(os.environ.get("BANDMATE_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "index.jsonl.xz").is_file():
        sys.exit(
            f"Training and evaluation read the data in {folder}, which is not there; "
            "set BANDMATE_DATA to its folder. All else works without it."
        )
    return folder


def out_folder() -> Path:
    """Return the clone's out/loops, for songs, checkpoints and logs (git ignores it)."""
    folder = ROOT / "out" / "loops"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
