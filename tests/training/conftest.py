"""Training code lies beside the weights it makes; what of it needs no torch is tested here."""

from __future__ import annotations

import sys
from pathlib import Path

MODELS = Path(__file__).parents[2] / "models"
FOLDER = MODELS / "loops"
sys.path[:0] = [str(MODELS), *(str(MODELS / room) for room in ("loops", "chords", "inspire"))]
