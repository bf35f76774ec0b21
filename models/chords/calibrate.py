"""M of the shipped proposer: the 95th percentile of P/Q over its proposals for random asks.

python models/chords/calibrate.py [150]      writes M by temperature, and whose habits Q has
                                             learnt, into models/chords/proposals.onnx
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Sequence

import onnx

from bandmate.chords.accept import percentile
from bandmate.chords.cards import ChordPlan
from bandmate.chords.requests import Proposal, Propose
from bandmate.workers import weights
from data import MODELS, enlist
from desk import Desk
from real_songs import load_songs
from windows import Windows
from wishes import random_plan

TEMPERATURES = (1.7, 1.0, 3.0)
BARS = (1, 2, 4, 8, 16)
ASKS = 12
"""Of each length, with surroundings and without."""

Batch = tuple[ChordPlan, tuple[Proposal, ...]]


def write_facts(facts: dict[str, object]) -> None:
    """Write facts into the file of Q."""
    file = MODELS / "chords" / "proposals.onnx"
    model = onnx.load(file)
    onnx.helper.set_model_props(model, {name: json.dumps(fact) for name, fact in facts.items()})
    onnx.save(model, file)
    enlist(file)


def main() -> None:
    """Calibrate."""
    name = weights.name_of("proposer", MODELS)
    write_facts({"proposer": name, "m": {"alone": {"1": {"1": 1.0}}, "among": {"1": {"1": 1.0}}}})
    desks = {temperature: Desk(temperature=temperature) for temperature in TEMPERATURES}
    windows = Windows(load_songs("train"), "calibration")
    found: dict[str, dict[str, dict[str, float]]] = {"alone": {}, "among": {}}
    for where, table in found.items():
        for bars in BARS:
            dealt = list(_proposed(desks[TEMPERATURES[0]], windows, where == "among", bars))
            table[str(bars)] = {
                str(temperature): round(percentile(_ratios(desk, dealt)), 3)
                for temperature, desk in desks.items()
            }
            print(f"{bars} bars {where}: M by temperature {table[str(bars)]}", flush=True)
    write_facts({"proposer": name, "m": found})


def _proposed(desk: Desk, windows: Windows, is_among: bool, bars: int) -> Iterator[Batch]:
    """Yield random asks of a length with what was proposed for them."""
    rng = random.Random(f"calibration {bars}")
    count = 0
    while count < ASKS:
        plan = random_plan(rng, windows if is_among else None, bars)
        if is_among and not (plan.before or plan.after):
            continue
        count += 1
        yield plan, tuple(desk.proposer.serve(Propose(plan), lambda: False))


def _ratios(desk: Desk, batches: Sequence[Batch]) -> list[float]:
    return [
        math.exp(one.log_ratio)
        for plan, proposals in batches
        for one in desk.judged(plan, proposals, desk.proposer.name).judged
    ]


if __name__ == "__main__":
    main()
