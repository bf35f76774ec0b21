"""Train the proposer on windows of real songs; run it again and it goes on where it was.

    python models/chords/train_proposer.py          out/chords/proposer.pt

Each window's prompt says what is true of it (``chords/steering.py``); each field is left out at
random.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
import yaml
from torch import Tensor

from bandmate.chords.proposer.pieces import (
    CONTEXT_BARS,
    NONE,
    PIECES,
    bars_to_pieces,
    prompt_pieces,
    tokens_of,
)
from bandmate.chords.steering import NUMBERS, Steering, measured
from data import MODELS, out_folder
from llama_network import Llama, LlamaShape
from real_songs import load_songs
from windows import Window, Windows

_MOOD_LIGHT = {
    "Joyful": 4, "Triumphant": 4, "Playful": 4, "Excited": 4, "Hopeful": 3, "Peaceful": 3,
    "Relaxed": 3, "Romantic": 3, "Tender": 3, "Empowered": 3, "Nostalgic": 2, "Spiritual": 2,
    "Surprised": 2, "New": 3, "Rebellious": 1, "Mysterious": 1, "Lonely": 0, "Sad": 0, "Dark": 0,
}  # fmt: skip


def steering_of(window: Window, rng: random.Random) -> Steering:
    """Return what a prompt says of a window: each field is said half of the time."""
    steps: dict[str, int] = measured(window.bars, window.song.mode)
    moods = [_MOOD_LIGHT[mood] for mood in window.song.moods if mood in _MOOD_LIGHT]
    if moods:  # a person's own words come before the rule
        steps["valence"] = round(sum(moods) / len(moods))
    said = {name: steps[name] for name in NUMBERS if rng.random() < 0.5}
    return Steering(
        genre=window.song.genre if rng.random() < 0.65 else None,
        section=window.section if rng.random() < 0.5 else None,
        **said,
    )


def sample_of(window: Window, rng: random.Random) -> tuple[list[int], int]:
    """Return the tokens of a window's prompt and bars, and how many are the prompt's."""
    before, after = window.before[-CONTEXT_BARS:], window.after[:CONTEXT_BARS]
    prompt = prompt_pieces(
        steering_of(window, rng),
        window.song.mode if rng.random() < 0.9 else None,
        window.song.is_triple if rng.random() < 0.9 else None,
        len(window.bars),
        before=before,
        after=after,
    )
    last = before[-1][-1] if before else None
    written = [*bars_to_pieces(window.bars, last), "<end>"]
    return tokens_of([*prompt, *written]), len(prompt)


def batches(windows: Windows, size: int, longest: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield inputs and targets (batch, T); a target of -100 is not asked."""
    while True:
        pool = [sample_of(windows.window(0.4), windows.rng) for _ in range(256)]
        pool = sorted((s for s in pool if len(s[0]) <= longest), key=lambda s: len(s[0]))
        groups: list[list[tuple[list[int], int]]] = [[]]
        for sample in pool:
            if (len(groups[-1]) + 1) * len(sample[0]) > size and groups[-1]:
                groups.append([])
            groups[-1].append(sample)
        windows.rng.shuffle(groups)
        yield from map(batch_of, groups)


def batch_of(samples: list[tuple[list[int], int]]) -> tuple[Tensor, Tensor]:
    """Return padded inputs and targets; what is written counts whole, its context a little."""
    longest = max(len(tokens) for tokens, _ in samples)
    filled = torch.full((len(samples), longest), NONE)
    targets = torch.full((len(samples), longest), -100)
    for index, (tokens, prompt) in enumerate(samples):
        filled[index, : len(tokens)] = torch.tensor(tokens)
        targets[index, prompt : len(tokens)] = torch.tensor(tokens[prompt:])
    return filled[:, :-1], targets[:, 1:]


@torch.no_grad()
def validated(network: Llama) -> float:
    """Return the loss a token, in nats, on windows of the valid songs."""
    network.eval()
    windows = Windows(load_songs("valid"), "validation")
    total = count = 0.0
    for _, (inputs, targets) in zip(range(12), batches(windows, 3072, 400), strict=False):
        logits = network(inputs).flatten(0, 1)
        total += float(
            F.cross_entropy(logits, targets.flatten(), ignore_index=-100, reduction="sum")
        )
        count += float((targets >= 0).sum())
    network.train()
    return round(total / count, 4)


def train(config: dict[str, Any]) -> None:
    """Train until the budget is spent, with checkpoints."""
    torch.set_num_threads(1)
    torch.manual_seed(config["seed"])
    network = Llama(LlamaShape(**config["shape"]), config["dropout"])
    matrices = [p for p in network.blocks.parameters() if p.dim() == 2]
    others = [*network.embedding.parameters(), *network.norm.parameters()]
    others += [p for p in network.blocks.parameters() if p.dim() != 2]
    optimisers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(
            matrices,
            lr=config["muon_rate"],
            weight_decay=config["weight_decay"],
            adjust_lr_fn="match_rms_adamw",
        ),
        torch.optim.AdamW(others, lr=config["adam_rate"], betas=(0.9, 0.98), weight_decay=0.0),
    ]
    rates = [config["muon_rate"], config["adam_rate"]]
    latest = out_folder("chords") / "proposer.pt"
    seen = step = 0
    if latest.is_file():
        saved = torch.load(latest, weights_only=False)
        network.load_state_dict(saved["network"])
        for optimiser, state in zip(optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        seen, step = saved["seen"], saved["step"]
    windows = Windows(load_songs("train"), f"{config['seed']} {step}")
    average, saved_at = 0.0, time.monotonic()
    for inputs, targets in batches(windows, config["batch_tokens"], 400):
        done = seen / config["budget_tokens"]
        if done >= 1:
            break
        share = min(1.0, done / 0.02 + 0.02, (1 - done) / 0.8 + 0.005)
        for optimiser, rate in zip(optimisers, rates, strict=True):
            optimiser.param_groups[0]["lr"] = rate * share
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(inputs)
        loss = F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), ignore_index=-100)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        seen, step = seen + inputs.numel(), step + 1
        found = float(loss.detach())
        average += 0.02 * (found - average) if average else found
        if step % 200 == 0:
            print(f"step {step} tokens {seen} loss {average:.4f}", flush=True)
        if time.monotonic() - saved_at > 60 * config["checkpoint_minutes"]:
            _save(network, optimisers, seen, step)
            print(f"step {step} valid {validated(network)}", flush=True)
            saved_at = time.monotonic()
    _save(network, optimisers, seen, step)
    print(f"done, valid {validated(network)}", flush=True)


def _save(network: Llama, optimisers: list[torch.optim.Optimizer], seen: int, step: int) -> None:
    file = out_folder("chords") / "proposer.pt"
    passing = file.with_suffix(".tmp")
    saved = {"network": network.state_dict(), "optimisers": [o.state_dict() for o in optimisers]}
    torch.save(saved | {"seen": seen, "step": step, "shape": network.shape.as_dict()}, passing)
    passing.replace(file)


if __name__ == "__main__":
    assert len(PIECES) <= LlamaShape().tokens
    train(yaml.safe_load((MODELS / "chords" / "config.yaml").read_text("utf-8"))["proposer"])
