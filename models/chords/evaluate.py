"""Measure the chord co-writer on the validation songs: `make eval-chords` writes report.json.

    python models/chords/evaluate.py [prior nearness batches genres moods foreign hearing death]

Seeds are fixed; every distance has its N and its noise floor beside it. Parts that are named alone
are measured anew, the others keep their figures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from bandmate.inspire.text.reader import Texts
from bandmate.workers import weights
from data import MODELS
from desk import TEMPERATURE, Desk
from eval_cards import batches, genre_relevance, mood_relevance, nearness
from eval_death import death
from eval_foreign import measured as foreign
from eval_prior import against_ngrams, fills, genres_in_windows
from hearing import measured_hearing
from real_songs import load_rows

REPORT = MODELS / "chords" / "report.json"
_NEAR = 1000
_ASKS = 200
_ASKS_A_GENRE = 20
_HEARD = 60


def _prior(desk: Desk) -> dict[str, Any]:
    p = desk.prior.p
    return {
        "perplexity a chord": against_ngrams(p),
        "nats a chord in four-bar windows": genres_in_windows(p),
        "fills of bars 3 and 4": fills(p),
    }


PARTS: dict[str, Callable[[Desk], dict[str, Any]]] = {
    "prior": _prior,
    "nearness": lambda desk: nearness(desk, _NEAR),
    "batches": lambda desk: batches(desk, _ASKS),
    "genres": lambda desk: genre_relevance(desk, _ASKS_A_GENRE),
    "moods": lambda desk: mood_relevance(desk, Texts.open(MODELS).read),
    "foreign": foreign,
    "hearing": lambda _: measured_hearing(load_rows("valid"), _HEARD, 1),
    "death": lambda _: death(),
}
"""Each part of the report."""


def main() -> None:
    """Measure what the command line names, or all."""
    report: dict[str, Any] = json.loads(REPORT.read_text("utf-8")) if REPORT.is_file() else {}
    desk = Desk()
    report["models"] = {
        name: weights.name_of(name, MODELS) for name in ("prior", "proposals", "proposer")
    }
    report["temperature"] = TEMPERATURE
    report["M"] = desk.prior.q.facts["m"]
    for name in sys.argv[1:] or PARTS:
        report[name] = PARTS[name](desk)
        print(name, json.dumps(report[name], indent=1), flush=True)
        REPORT.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
