"""Let the exported proposer write for random asks: what Q learns from, one JSON a line.

python models/chords/write_proposals.py 25000      -> out/chords/proposals.jsonl, goes on if cut
"""

from __future__ import annotations

import json
import random
import sys

from bandmate.chords.proposer.shipped import Proposer
from data import MODELS, out_folder
from real_songs import load_songs
from windows import Windows
from wishes import random_plan

BATCH = 30


def main(count: int, name: str = "proposals") -> None:
    """Write until there are *count* progressions."""
    proposer = Proposer(MODELS / "chords" / "proposer.gguf")
    file = out_folder("chords") / f"{name}.jsonl"
    done = len(file.read_text("utf-8").splitlines()) if file.is_file() else 0
    windows = Windows(load_songs("train"), f"context {name} {done}")
    rng = random.Random(f"asks {name} {done}")
    with file.open("a", encoding="utf-8") as lines:
        while done < count:
            plan = random_plan(rng, windows)
            said = {
                "mode": plan.key.mode,
                "is_triple": plan.meter.is_triple,
                "before": [[str(chord) for chord in bar] for bar in plan.before],
                "after": [[str(chord) for chord in bar] for bar in plan.after],
            }
            for wave in proposer.proposals(plan, BATCH):
                for proposal in wave:
                    own = {"genre": proposal.genre, "bars": proposal.progression.labels}
                    lines.write(json.dumps(said | own) + "\n")
                    done += 1
            lines.flush()
    print(f"{done} proposals")


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
