"""The proposer's network, shaped as llama.cpp's ``llama`` architecture has it.

RMSNorm, rotary positions on neighbouring pairs, SwiGLU, no biases, the output tied to the input.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BASE = 10_000.0
"""Of the rotary positions."""
EPSILON = 1e-5


@dataclass(frozen=True)
class LlamaShape:
    """Sizes of a network."""

    width: int = 256
    layers: int = 5
    heads: int = 4
    hidden: int = 640
    tokens: int = 192
    longest: int = 512
    """Tokens of a prompt and its answer."""

    def as_dict(self) -> dict[str, int]:
        """Return the fields by name."""
        return asdict(self)


def rotated(x: Tensor) -> Tensor:
    """Turn neighbouring pairs of (..., T, head) by their place in time."""
    time, width = x.shape[-2:]
    speeds = BASE ** (-torch.arange(0, width, 2, dtype=torch.float32) / width)
    angles = torch.arange(time, dtype=torch.float32)[:, None] * speeds
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack([even * cos - odd * sin, even * sin + odd * cos], dim=-1).flatten(-2)


class Block(nn.Module):
    """Attention and a gated layer."""

    def __init__(self, shape: LlamaShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.norm1 = nn.RMSNorm(shape.width, eps=EPSILON)
        self.norm2 = nn.RMSNorm(shape.width, eps=EPSILON)
        for name in ("q", "k", "v", "o"):
            setattr(self, name, nn.Linear(shape.width, shape.width, bias=False))
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, dropout: float) -> Tensor:
        """Return (batch, T, width)."""
        batch, time, width = x.shape
        seen = self.norm1(x)
        q, k, v = (
            layer(seen).reshape(batch, time, self.heads, -1).transpose(1, 2)
            for layer in (self.q, self.k, self.v)
        )
        mixed = F.scaled_dot_product_attention(rotated(q), rotated(k), v, is_causal=True)
        mixed = self.o(mixed.transpose(1, 2).reshape(batch, time, width))
        x = x + F.dropout(mixed, dropout, self.training)
        seen = self.norm2(x)
        wide = F.silu(self.gate(seen)) * self.up(seen)
        return x + F.dropout(self.down(wide), dropout, self.training)


class Llama(nn.Module):
    """Tokens -> logits of the next token."""

    def __init__(self, shape: LlamaShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape, self.dropout = shape, dropout
        self.embedding = nn.Embedding(shape.tokens, shape.width)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.norm = nn.RMSNorm(shape.width, eps=EPSILON)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                is_last = name.endswith(("o.weight", "down.weight"))
                scale = 0.02 / (2 * shape.layers) ** 0.5 if is_last else 0.02
                nn.init.normal_(weight, std=scale if "embedding" not in name else 0.05)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return (batch, T, tokens) for (batch, T)."""
        x = F.dropout(self.embedding(tokens), self.dropout, self.training)
        for block in self.blocks:
            x = block(x, self.dropout)
        return F.linear(self.norm(x), self.embedding.weight)
