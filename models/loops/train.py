"""Train the loop model; run it again and it goes on where it was.

    python models/loops/train.py [config.yaml]             on the CPU, or the GPU if there is one
    torchrun --nproc-per-node 4 models/loops/train.py      on several GPUs, or several cores

Matrices learn by Muon (Jordan et al. 2024), vectors by AdamW; the rate warms up, stays, and falls
over the last share of the token budget, so that a longer budget can be set and gone on with. What
is validated and exported is the moving average of the weights.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
import yaml
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from bandmate.loops.model import conditioning
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.positions import COLUMNS, NOWHERE, places_of
from data import out_folder
from network import LoopNetwork, Shape
from opened_weights import take_over
from samples import Sampler, Telling
from songs import REAL_BANDS, load_songs
from validate import Validation

POOL = 256
"""Samples that are sorted by length together before they are cut into batches."""
_FIRST_TOLD = COLUMNS - conditioning.COLUMNS
MUTED = {
    "ahead": [_FIRST_TOLD + column for column in conditioning.AHEAD_COLUMNS],
    "style": [_FIRST_TOLD + column for column in conditioning.STYLE_COLUMNS],
    "register": [_FIRST_TOLD + column for column in conditioning.REGISTER_COLUMNS],
}
"""What an ablation may leave out of what is told with every token: columns of places."""


class Trainer:
    """The model, its optimisers and where they are in the budget."""

    def __init__(
        self, config: dict[str, Any], folder: Path, device: torch.device, rank: int
    ) -> None:
        self.config, self.folder, self.device, self.rank = config, folder, device, rank
        torch.manual_seed(config["seed"])
        self.network = LoopNetwork(Shape(**config["shape"])).to(device)
        matrices = [
            p
            for name, p in self.network.named_parameters()
            if name.startswith(("blocks", "copied")) and p.dim() == 2
        ]
        others = [
            p
            for name, p in self.network.named_parameters()
            if not (name.startswith(("blocks", "copied")) and p.dim() == 2)
        ]
        self.optimisers: list[torch.optim.Optimizer] = [
            torch.optim.Muon(
                matrices,
                lr=config["muon_rate"],
                weight_decay=config["weight_decay"],
                adjust_lr_fn="match_rms_adamw",
            ),
            torch.optim.AdamW(others, lr=config["adam_rate"], betas=(0.9, 0.98), weight_decay=0.0),
        ]
        self.rates = [config["muon_rate"], config["adam_rate"]]
        self.average = AveragedModel(
            self.network, multi_avg_fn=get_ema_multi_avg_fn(config["average"])
        )
        self.tokens = self.step = 0
        self.muted = [column for name in config.get("mute", ()) for column in MUTED[name]]
        self.sampler = Sampler(load_songs("train"), config["sources"], config["seed"] * 1000 + rank)
        self.latest = folder / "latest.pt"

    def resume(self) -> None:
        """Go on from the last checkpoint; without one, from the weights that the config names."""
        if not self.latest.is_file():
            begins_with = self.config.get("begins_with")
            if begins_with:
                take_over(self.network, Path(__file__).with_name(begins_with))
                self.average.module.load_state_dict(self.network.state_dict())
            return
        saved = torch.load(self.latest, map_location=self.device, weights_only=True)
        self.network.load_state_dict(saved["training"])
        self.average.module.load_state_dict(saved["network"])
        self.average.n_averaged.fill_(saved["step"])
        for optimiser, state in zip(self.optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.tokens, self.step = saved["tokens"], saved["step"]
        self.sampler.rng.seed(f"{self.config['seed']} {self.rank} {self.step}")

    def save(self) -> None:
        """Write the checkpoint, whole or not at all: tensors, numbers and dicts alone."""
        saved = {
            "network": self.average.module.state_dict(),
            "training": self.network.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "shape": self.network.shape.as_dict(),
            "tokens": self.tokens,
            "step": self.step,
        }
        passing = self.latest.with_suffix(".tmp")
        torch.save(saved, passing)
        passing.replace(self.latest)

    def keep_best(self, losses: dict[str, float]) -> bool:
        """Keep the checkpoint where real bands are predicted better than ever; say whether."""
        loss = sum(losses[name] for name in REAL_BANDS) / len(REAL_BANDS)
        best = self.folder / "best_loss.json"
        before = json.loads(best.read_text())["loss"] if best.is_file() else float("inf")
        if loss < before:
            best.write_text(json.dumps({"loss": loss, "tokens": self.tokens}))
            torch.save(
                {
                    "network": self.average.module.state_dict(),
                    "shape": self.network.shape.as_dict(),
                    "tokens": self.tokens,
                },
                self.folder / "best_loss.pt",
            )
        return loss < before

    def rate(self) -> float:
        """Return the share of the full rate at this point of the budget."""
        done = self.tokens / self.config["budget_tokens"]
        return max(
            0.0, min(1.0, done / self.config["warmup"] + 0.02, (1 - done) / self.config["decay"])
        )

    def batches(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield inputs, places and targets, (samples, time); a target of -100 is not asked."""
        while True:
            pool = sorted((self.sampler.draw(Telling()) for _ in range(POOL)), key=len)
            groups, group = [], [pool[0]]
            for ids in pool[1:]:
                if (len(group) + 1) * _padded(len(ids)) > self.config["batch_tokens"]:
                    groups.append(group)
                    group = []
                group.append(ids)
            groups.append(group)
            self.sampler.rng.shuffle(groups)
            yield from (batch_of(group, self.muted) for group in groups)

    def train_on(
        self,
        inputs: Tensor,
        places: Tensor,
        targets: Tensor,
        forward: Callable[[Tensor, Tensor], Tensor],
    ) -> float:
        """Take one step; return the loss a token, in nats."""
        for optimiser, full in zip(self.optimisers, self.rates, strict=True):
            optimiser.param_groups[0]["lr"] = full * self.rate()
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = forward(inputs.to(self.device), places.to(self.device))
        loss = F.cross_entropy(
            logits.flatten(0, 1).float(), targets.to(self.device).flatten(), ignore_index=-100
        )
        loss.backward()
        seen = self._shared(inputs.numel())
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.average.update_parameters(self.network)
        self.tokens += seen
        self.step += 1
        return float(loss)

    def _shared(self, tokens: int) -> int:
        """Average the gradients of all processes; return the tokens of all."""
        if not dist.is_initialized():
            return tokens
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        together = torch.cat([*(g.flatten() for g in gradients), gradients[0].new_tensor([tokens])])
        dist.all_reduce(together)
        shares = together[:-1] / dist.get_world_size()
        for gradient, share in zip(
            gradients, shares.split([g.numel() for g in gradients]), strict=True
        ):
            gradient.copy_(share.view_as(gradient))
        return int(together[-1])


def _padded(length: int) -> int:
    return -(-(length - 1) // 64) * 64


def batch_of(group: list[list[int]], muted: list[int]) -> tuple[Tensor, Tensor, Tensor]:
    """Return a group of sequences as inputs, places and targets, padded to one length.

    The columns *muted* of the places are empty.
    """
    width = _padded(max(len(ids) for ids in group))
    inputs = torch.full((len(group), width), v.PAD)
    places = torch.full((len(group), width, COLUMNS), NOWHERE)
    targets = torch.full((len(group), width), -100)
    for row, ids in enumerate(group):
        inputs[row, : len(ids) - 1] = torch.tensor(ids[:-1])
        places[row, : len(ids) - 1] = torch.tensor(places_of(ids[:-1]))
        asked = torch.tensor(ids[1:])
        targets[row, : len(ids) - 1] = torch.where(asked < v.MUSIC_SIZE, asked, -100)
    places[..., muted] = NOWHERE
    return inputs, places, targets


def main() -> None:
    """Train until the budget is spent."""
    rank = int(os.environ.get("LOCAL_RANK", "0"))
    if "LOCAL_RANK" in os.environ:
        dist.init_process_group()
    device = torch.device("cuda", rank) if torch.cuda.is_available() else torch.device("cpu")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("config.yaml")
    config = yaml.safe_load(path.read_text())
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    trainer = Trainer(config, out_folder("loops") / config["name"], device, rank)
    trainer.folder.mkdir(exist_ok=True)
    trainer.resume()
    run(trainer)


def run(trainer: Trainer) -> None:
    """Step through batches, logging, checking and saving on the way."""
    config, log = trainer.config, trainer.folder / "log.jsonl"
    forward = torch.compile(trainer.network)
    validation = Validation(trainer.device, config["validate_windows"], trainer.muted)
    saved = time.monotonic()
    validated = trainer.tokens
    losses: list[float] = []
    for inputs, places, targets in trainer.batches():
        losses.append(trainer.train_on(inputs, places, targets, forward))
        over = trainer.tokens >= config["budget_tokens"]
        if trainer.rank == 0 and (trainer.step % 50 == 0 or over):
            entry = {
                "step": trainer.step,
                "tokens": trainer.tokens,
                "loss": sum(losses) / len(losses),
                "rate": trainer.rate(),
                "time": time.time(),
            }
            losses.clear()
            if trainer.tokens - validated >= config["validate_tokens"] or over:
                validated = trainer.tokens
                found = validation.losses(trainer.average.module)
                entry |= found
                trainer.keep_best(found)
            print(json.dumps(entry), flush=True)
            with log.open("a") as lines:
                lines.write(json.dumps(entry) + "\n")
        if trainer.rank == 0 and (
            over or time.monotonic() - saved > 60 * config["checkpoint_minutes"]
        ):
            trainer.save()
            saved = time.monotonic()
        if over:
            return


if __name__ == "__main__":
    main()
