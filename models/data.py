"""Where the training data lies, where what is made of it goes, and what ships."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import bandmate  # noqa: F401 - its switches hold for training too

MODELS = Path(__file__).resolve().parent
ROOT = MODELS.parent


def data_folder() -> Path:
    """Return $BANDMATE_DATA (default ../shared/data beside the clone); end in words without."""
    folder = Path(os.environ.get("BANDMATE_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "index.jsonl.xz").is_file():
        sys.exit(
            f"Training and evaluation read the data in {folder}, which is not there; "
            "set BANDMATE_DATA to its folder. All else works without it."
        )
    return folder


def out_folder(room: str) -> Path:
    """Return the clone's out/ROOM, for songs, checkpoints and logs (git ignores it)."""
    folder = ROOT / "out" / room
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def enlist(file: Path) -> None:
    """Write a shipped file's checksum into models/manifest.yaml, where its row stands."""
    manifest = MODELS / "manifest.yaml"
    checksum = hashlib.sha256(file.read_bytes()).hexdigest()
    lines = manifest.read_text("utf-8").splitlines(keepends=True)
    row = f"file: {file.relative_to(MODELS).as_posix()}"
    at = next(index for index, line in enumerate(lines) if line.strip() == row)
    lines[at + 1] = f"  sha256: {checksum}\n"
    manifest.write_text("".join(lines), "utf-8")
