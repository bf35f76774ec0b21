"""Loss a note on fixed validation windows, by set: the figure that training is steered by.

python models/loops/validate.py      writes run.json: a run's losses so far, for the card
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import torch
import torch.nn.functional as F
import yaml

from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.positions import NOWHERE, places_of
from bandmate.loops.model.tokens import sequence_ids
from data import out_folder
from network import LoopNetwork, Shape
from opened_weights import take_over
from runs import lines_of
from samples import FULL, sheet_of, window_of
from songs import SETS, load_songs


def validation_sequences(windows: int) -> dict[str, list[tuple[list[int], int]]]:
    """Return each set's sequences with note counts: whole four-bar windows, everything told."""
    found: dict[str, list[tuple[list[int], int]]] = {}
    songs = load_songs("valid")
    for name, sources in SETS.items():
        rng = random.Random(7)
        mine = [song for song in songs if song.source in sources]
        found[name] = []
        while mine and len(found[name]) < windows:
            song = rng.choice(mine)
            window = window_of(song, rng.randrange(max(1, song.bars - 3)), 4)
            if window is None:
                continue
            ids = sequence_ids(sheet_of(window, FULL, rng, {}), window.cells)
            if len(ids) <= 1024:
                found[name].append((ids, sum(map(len, window.cells.values()))))
    return found


class Validation:
    """Holds the windows and measures a network on them."""

    def __init__(self, device: torch.device, windows: int, muted: list[int]) -> None:
        """Draw *windows* of each set; the columns *muted* of places stay empty."""
        self.device, self.muted = device, muted
        self.sets = validation_sequences(windows)

    @torch.no_grad()
    def losses(self, network: LoopNetwork) -> dict[str, float]:
        """Return nats a note, by set."""
        network.eval()
        return {name: self._loss(network, sequences) for name, sequences in self.sets.items()}

    def _loss(self, network: LoopNetwork, sequences: list[tuple[list[int], int]]) -> float:
        total = notes = 0.0
        for ids, count in sequences:
            row = torch.tensor([ids], device=self.device)
            places = torch.tensor([places_of(ids[:-1])], device=self.device)
            places[..., self.muted] = NOWHERE
            with torch.autocast(self.device.type, torch.bfloat16):
                logits = network(row[:, :-1], places)[0].float()
            asked = row[0, 1:]
            written = asked < v.MUSIC_SIZE
            total += float(F.cross_entropy(logits[written], asked[written], reduction="sum"))
            notes += count
        return total / notes


def main() -> None:
    """Write run.json for the card: the run's losses so far, and those that it began with."""
    config = yaml.safe_load(Path(__file__).with_name("config.yaml").read_text())
    torch.set_num_threads(1)
    network = LoopNetwork(Shape(**config["shape"]))
    take_over(network, Path(__file__).with_name(config["begins_with"]))
    validation = Validation(torch.device("cpu"), config["validate_windows"], [])
    prepared = (out_folder("loops") / "songs-valid.pkl.xz").stat().st_mtime
    rows = {"0 (0.6.0)": validation.losses(network)}
    for entry in lines_of(out_folder("loops") / config["name"] / "log.jsonl"):
        if "game" in entry and entry["time"] > prepared:  # else of other songs
            losses = {name: entry[name] for name in SETS if name in entry}
            rows[f"{entry['tokens'] / 1e6:.1f} M"] = losses
    rounded = {row: {n: round(loss, 3) for n, loss in found.items()} for row, found in rows.items()}
    Path(__file__).with_name("run.json").write_text(json.dumps(rounded, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
