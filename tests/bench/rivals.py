"""A rival that runs from PyPI, for comparison: MIDI-GPT in its small shape, with random weights.

The published weights are not to be had from PyPI, and are for research only; what a token costs to
compute does not depend on them. How many notes a random model writes does, so each bar of a part
is held to NOTES of them, which makes a loop of about 150.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import time
from dataclasses import dataclass
from typing import Any

LOOPS = 5
BARS = 4
NOTES = 9
PROGRAMS = (0, 33, 4, 81)
DOMAINS = {
    "PieceStart": 2, "Track": 2, "TrackEnd": 1, "Bar": 1, "BarEnd": 1, "TimeSig": 1,
    "Instrument": 128, "NumBars": 2, "NoteOnset": 128, "NoteDuration": 96, "TimeAbsolutePos": 192,
    "VelocityLevel": 32, "FillInPlaceholder": 1, "FillInStart": 1, "FillInEnd": 1,
}  # fmt: skip
"""Its kinds of token and how many there are of each, as its small model has them."""


@dataclass(frozen=True)
class Rival:
    """What loops cost with it, a loop on average."""

    version: str
    millions: float
    """Of weights."""
    notes: float
    tokens: float
    """Decoded one by one; the prompts' are not counted."""
    cpu: float
    """Seconds, prompts included, loading not."""


def written_by_midigpt() -> Rival | str:
    """Return what loops of 4 bars and 4 parts cost with it, or why it cannot run here."""
    try:
        import torch
        from midigpt.inference.model.gpt2 import GPT2Config, GPT2LMHeadModel
    except ImportError as error:
        return f"{error}; install the extra bench"
    torch.set_num_threads(1)
    torch.manual_seed(0)
    engine, size = _engine(GPT2Config, GPT2LMHeadModel)
    decoded = 0

    def count(_: object, inputs: tuple[Any, ...]) -> None:
        nonlocal decoded
        decoded += inputs[0].shape[1] == 1

    engine._model.register_forward_pre_hook(count)
    _notes(engine, seed=LOOPS)  # the first run of all is not like the others
    decoded = 0
    used = time.process_time()
    notes = sum(_notes(engine, seed) for seed in range(LOOPS))
    cpu = time.process_time() - used
    version = importlib.metadata.version("midigpt")
    return Rival(version, size / 1e6, notes / LOOPS, decoded / LOOPS, cpu / LOOPS)


def _engine(shape: Any, network: Any) -> tuple[Any, int]:
    """Return its engine around random weights, in its small shape, and how many they are."""
    from midigpt import _core
    from midigpt.attributes.base import AttributeAnalyzer
    from midigpt.inference import InferenceEngine
    from midigpt.tokenizer.tokenizer import Tokenizer

    told = {
        "resolution": 12,
        "supports_infill": True,
        "num_bars_map": [4, 8],
        "time_signatures": ["4/4"],
        "token_domains": [{"type": kind, "domain_size": n} for kind, n in DOMAINS.items()],
    }
    encoder = _core.EncoderConfig.from_json(json.dumps(told))
    analyzer = AttributeAnalyzer.from_config(encoder)
    tokenizer = Tokenizer(encoder, analyzer)
    model = network(shape(vocab_size=tokenizer.vocab_size())).eval()
    engine = InferenceEngine(model, tokenizer, analyzer)
    engine.warmup()
    return engine, sum(weights.numel() for weights in model.parameters())


def _notes(engine: Any, seed: int) -> int:
    """Let it write a loop; return its notes."""
    from midigpt import Bar, Score, Track
    from midigpt.inference import GenerationRequest, InferenceConfig, TrackPrompt

    tracks = [
        Track([Bar() for _ in range(BARS)], program, "melodic" if number else "drum")
        for number, program in enumerate(PROGRAMS)
    ]
    prompts = [
        TrackPrompt(id=number, bars=list(range(BARS)), autoregressive=True)
        for number in range(len(PROGRAMS))
    ]
    config = InferenceConfig(
        seed=seed,
        max_attempts=1,
        model_dim=BARS,
        bars_per_step=BARS,
        density_hard_limit=NOTES,
        novelty_check=False,
    )
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bars
        score = engine.session(
            Score(tracks, resolution=12), GenerationRequest(prompts, config)
        ).run()
    return sum(len(bar.notes) for track in score.tracks for bar in track.bars)
