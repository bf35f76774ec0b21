"""Training code lies beside the weights it makes; what of it needs no torch is tested here."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "models" / "loops"
sys.path.insert(0, str(FOLDER))
