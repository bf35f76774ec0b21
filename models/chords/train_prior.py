"""Train the prior P on real songs, or Q on a proposer's own; run it again and it goes on.

python models/chords/train_prior.py prior             out/chords/prior.pt
python models/chords/train_prior.py proposals FILE    Q of the progressions in FILE, out/chords/
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from bandmate.chords.events import ROW, Sort, events_of, rows_of
from bandmate.chords.progression import BarOfChords
from data import MODELS, out_folder
from prior_network import ChordNetwork, Shape
from real_songs import Song, load_songs
from windows import Windows

Sample = tuple[list[list[int]], list[tuple[int, int, int, int]], list[bool]]
"""Rows, targets, and which rows are asked."""


def sample_of(
    before: Sequence[BarOfChords],
    bars: Sequence[BarOfChords],
    after: Sequence[BarOfChords],
    sort: Sort,
    is_end_known: bool = True,
) -> Sample:
    """Return bars among what stands around them: what comes behind is told first."""
    rows, targets = rows_of(events_of(after), None, sort, segment=1) if after else ([], [])
    asked = [False] * len(rows)
    events = events_of([*before, *bars])
    end = len(before) + len(bars) if is_end_known else None
    more, wanted = rows_of(events, end, sort)
    return rows + more, targets + wanted, asked + [True] * len(more)


def told(song: Song, section: str | None, rng: random.Random) -> Sort:
    """Return what is said of a song: each field is left out at random."""
    return Sort.of(
        song.mode if rng.random() < 0.85 else None,
        song.genre if rng.random() < 0.6 else None,
        section if rng.random() < 0.7 else None,
        song.is_triple if rng.random() < 0.9 else None,
    )


class RealSongs:
    """Samples of real songs: long stretches, and windows among their surroundings."""

    def __init__(self, longest: int, seed: str) -> None:
        self.windows = Windows(load_songs("train"), seed)
        self.longest = longest

    def draw(self) -> Sample:
        """Draw a sample."""
        rng = self.windows.rng
        if rng.random() < 0.45:
            return self._stretch(rng)
        w = self.windows.window()
        sort = told(w.song, w.section, rng)
        return sample_of(w.before, w.bars, w.after, sort, rng.random() < 0.9)

    def _stretch(self, rng: random.Random) -> Sample:
        song = self.windows.song()
        events = events_of(song.bars)
        sort = told(song, None, rng)
        rows, targets = rows_of(events, None, sort)
        first = rng.randrange(max(1, len(rows) - self.longest // 2)) if rng.random() < 0.5 else 0
        rows, targets = rows[first:], targets[first:]
        return rows[: self.longest], targets[: self.longest], [True] * min(len(rows), self.longest)


class Proposals:
    """Samples of what a proposer wrote, one JSON a line (``write_proposals.py``)."""

    def __init__(self, file: Path, seed: str) -> None:
        from bandmate.music.chord import Chord

        self.rng = random.Random(seed)
        self.lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for line in self.lines:
            for name in ("before", "bars", "after"):
                line[name] = [[Chord.parse(label) for label in bar] for bar in line[name]]

    def draw(self) -> Sample:
        """Draw a sample."""
        line = self.rng.choice(self.lines)
        mode = line["mode"] if self.rng.random() < 0.9 else None
        genre = line["genre"] if self.rng.random() < 0.9 else None
        sort = Sort.of(mode, genre, is_triple=line["is_triple"])
        return sample_of(line["before"], line["bars"], line["after"], sort)


def batch_of(samples: Sequence[Sample]) -> tuple[Tensor, Tensor, Tensor]:
    """Return rows (batch, T, ROW), targets (batch, T, 4) and which are asked (batch, T)."""
    time_ = max(len(rows) for rows, _, _ in samples)
    rows = torch.zeros(len(samples), time_, ROW, dtype=torch.long)
    targets = torch.zeros(len(samples), time_, 4, dtype=torch.long)
    asked = torch.zeros(len(samples), time_)
    for index, (row, target, is_asked) in enumerate(samples):
        rows[index, : len(row)] = torch.tensor(row)
        targets[index, : len(row)] = torch.tensor(target)
        asked[index, : len(row)] = torch.tensor(is_asked, dtype=torch.float)
    return rows, targets, asked


def batches(draw: Callable[[], Sample], size: int) -> Any:  # noqa: ANN401 - a generator of tensors
    """Yield batches of about *size* rows, samples of like length together."""
    while True:
        pool = sorted((draw() for _ in range(192)), key=lambda sample: len(sample[0]))
        groups: list[list[Sample]] = [[]]
        for sample in pool:
            if (len(groups[-1]) + 1) * len(sample[0]) > size and groups[-1]:
                groups.append([])
            groups[-1].append(sample)
        random.shuffle(groups)
        yield from map(batch_of, groups)


@torch.no_grad()
def validated(network: ChordNetwork) -> dict[str, float]:
    """Return perplexities a chord (root, content, bass) of whole valid songs, by source."""
    network.eval()
    found: dict[str, tuple[float, int]] = {}
    for song in load_songs("valid"):
        if song.source not in ("pop909", "billboard", "realbook"):
            continue
        events = events_of(song.bars)
        rows, targets = rows_of(events, None, Sort.of(song.mode, song.genre))
        rows, targets = rows[:192], targets[:192]
        logs = network.scores(torch.tensor([rows]), torch.tensor([targets]))[0, :, :3].sum(-1)
        total, count = found.get(song.source, (0.0, 0))
        cost = sum(event.cost for event in events[:192])
        found[song.source] = total - float(logs.sum()) - cost, count + len(rows)
    network.train()
    return {name: round(2.718281828 ** (total / n), 3) for name, (total, n) in found.items()}


def train(name: str, draw: Callable[[], Sample], shape: Shape, config: dict[str, Any]) -> None:
    """Train until the budget is spent, with checkpoints."""
    torch.set_num_threads(1)
    torch.manual_seed(config["seed"])
    network = ChordNetwork(shape)
    decayed = [p for p in network.parameters() if p.dim() == 2]
    others = [p for p in network.parameters() if p.dim() != 2]
    groups = [{"params": decayed, "weight_decay": config["weight_decay"]}, {"params": others}]
    optimiser = torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.98), weight_decay=0.0)
    latest = out_folder("chords") / f"{name}.pt"
    seen = step = 0
    if latest.is_file():
        saved = torch.load(latest, weights_only=False)
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        seen, step = saved["seen"], saved["step"]
    elif "starts_from" in config:
        started = out_folder("chords") / f"{config['starts_from']}.pt"
        network.load_state_dict(torch.load(started, weights_only=False)["network"])
    random.seed(f"{config['seed']} {step}")
    average, saved_at = 0.0, time.monotonic()
    for rows, targets, asked in batches(draw, config["batch_rows"]):
        done = seen / config["budget_rows"]
        if done >= 1:
            break
        rate = config["rate"] * min(1.0, done / 0.02 + 0.02, (1 - done) / 0.7 + 0.01)
        for group in optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            logs = network.scores(rows, targets).float().sum(-1)
        loss = -(logs * asked).sum() / asked.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        seen, step = seen + int(asked.sum()), step + 1
        found = float(loss.detach())
        average += 0.02 * (found - average) if average else found
        is_late = time.monotonic() - saved_at > 60 * config["checkpoint_minutes"]
        if step % 200 == 0:
            print(f"{name} step {step} rows {seen} loss {average:.3f}", flush=True)
        if is_late:
            _save(latest, network, optimiser, seen, step)
            print(f"{name} {validated(network)}", flush=True)
            saved_at = time.monotonic()
    _save(latest, network, optimiser, seen, step)
    print(f"{name} done {validated(network)}", flush=True)


def _save(
    file: Path, network: ChordNetwork, optimiser: torch.optim.Optimizer, seen: int, step: int
) -> None:
    passing = file.with_suffix(".tmp")
    saved = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save(saved | {"seen": seen, "step": step, "shape": network.shape.as_dict()}, passing)
    passing.replace(file)


def main() -> None:
    """Train what the command line names."""
    name, *rest = sys.argv[1:]
    config = yaml.safe_load((MODELS / "chords" / "config.yaml").read_text("utf-8"))[name]
    seed = f"{config['seed']} {time.time_ns()}"
    source = Proposals(Path(rest[0]), seed) if rest else RealSongs(config["longest"], seed)
    train(name, source.draw, Shape(**config["shape"]), config)


if __name__ == "__main__":
    main()
