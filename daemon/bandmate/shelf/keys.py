"""The keys of the shelf, as a person reads them; no Qt."""

from __future__ import annotations

import sys

ONE_PART_KEY = "Command" if sys.platform == "darwin" else "Ctrl"
"""Held while a row is dragged: the part under the mouse alone."""

HINT = f"Drag a row into your DAW; with {ONE_PART_KEY}, the part under the mouse alone."
KEYS = (
    ("↑ ↓ Home End", "from row to row"),
    ("Space", "play"),
    ("Esc", "stop"),
    ("S", "star"),
    ("Delete", "reject"),
    (f"{ONE_PART_KEY}+Z", "take back the last reject or accept"),
    (f"{ONE_PART_KEY}+C", "copy the file, to paste it into a folder or a DAW"),
    (f"{ONE_PART_KEY}+1…9", "copy one part, from the top"),
    ("F1", "these keys"),
)
