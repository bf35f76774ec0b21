"""The prior's network: a small causal Transformer over chord changes, with a head for each factor.

P(change) = P(root | before) P(content | root) P(bass | root, content) P(when | the whole chord).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bandmate.chords.events import COLUMNS, LAGS, SIZES, SONG, WHENS
from bandmate.chords.vocabulary import CONTENTS, NONE_ROOT, ROOTS, START_ROOT, chord_of

BASSES = 12
FACTORS = ("root", "content", "bass", "when")


@dataclass(frozen=True)
class Shape:
    """Sizes of a network."""

    width: int = 192
    layers: int = 4
    heads: int = 4
    hidden: int = 512
    chord: int = 48
    head: int = 96
    dropout: float = 0.15

    def as_dict(self) -> dict[str, float]:
        """Return the fields by name."""
        return asdict(self)


def _degree_table() -> Tensor:
    """Return which of the 12 semitones above its root each content sounds, (contents, 12)."""
    table = torch.zeros(len(CONTENTS), 12)
    for number in range(len(CONTENTS)):
        table[number, list(chord_of(0, number, 0).pitches)] = 1
    return table


class ChordEmbedding(nn.Module):
    """Root, content and bass -> a vector, the sounding pitches among its sources."""

    degrees: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.root = nn.Embedding(ROOTS, shape.chord)
        self.content = nn.Embedding(len(CONTENTS), shape.chord)
        self.bass = nn.Embedding(BASSES, shape.chord)
        self.pitches = nn.Linear(24, shape.chord)
        self.register_buffer("degrees", _degree_table(), persistent=False)
        # Row r of the roll turns degrees above root r into pitch classes above the tonic.
        roll = torch.stack([torch.roll(torch.eye(12), r, dims=1) for r in range(12)])
        roll = torch.cat([roll, torch.zeros(ROOTS - 12, 12, 12)])
        self.register_buffer("table", self._table(roll), persistent=False)

    def _table(self, roll: Tensor) -> Tensor:
        """Return the sounding pitch classes and the degrees of each root and content."""
        pitches = torch.einsum("cd,rdp->rcp", self.degrees, roll)
        above = self.degrees.expand(ROOTS, -1, -1).clone()
        above[NONE_ROOT:] = 0
        return torch.cat([pitches, above], dim=2).reshape(ROOTS * len(CONTENTS), 24)

    def forward(self, chords: Tensor) -> Tensor:
        """Return (..., chord) for (..., 3) numbers."""
        root, content, bass = chords.unbind(-1)
        sounding = F.embedding(root * len(CONTENTS) + content, self.table)
        return self.root(root) + self.content(content) + self.bass(bass) + self.pitches(sounding)


class Block(nn.Module):
    """Attention and a gated layer, each behind a norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.dropout = shape.heads, shape.dropout
        self.norms = nn.ModuleList([nn.LayerNorm(shape.width) for _ in range(2)])
        self.qkv = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.out = nn.Linear(shape.width, shape.width, bias=False)
        self.up = nn.Linear(shape.width, 2 * shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Return x with what it attends to; *bias* is (heads, T, T), minus infinity ahead."""
        batch, time, width = x.shape
        q, k, v = (
            part.reshape(batch, time, self.heads, -1).transpose(1, 2)
            for part in self.qkv(self.norms[0](x)).chunk(3, dim=-1)
        )
        scores = q @ k.transpose(2, 3) * (width // self.heads) ** -0.5 + bias
        seen = F.dropout(scores.softmax(-1), self.dropout, self.training) @ v
        mixed = self.out(seen.transpose(1, 2).reshape(batch, time, width))
        x = x + F.dropout(mixed, self.dropout, self.training)
        gate, value = self.up(self.norms[1](x)).chunk(2, dim=-1)
        return x + F.dropout(self.down(F.silu(gate) * value), self.dropout, self.training)


class ChordNetwork(nn.Module):
    """Rows and targets -> log-probabilities, factor by factor."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.chord = ChordEmbedding(shape)
        plain = list(COLUMNS[3:8]) + list(SONG)
        self.plain = nn.ModuleDict({n: nn.Embedding(SIZES[n], shape.width) for n in plain})
        self.change = nn.Embedding(SIZES["change"], shape.chord)
        self.told = nn.Linear(shape.chord * (1 + len(LAGS)), shape.width)
        self.blocks = nn.ModuleList([Block(shape) for _ in range(shape.layers)])
        self.norm = nn.LayerNorm(shape.width)
        slopes = torch.tensor([2.0 ** -(1 + 2 * i) for i in range(shape.heads)])
        slopes[-1] = 0
        self.register_buffer("slopes", slopes, persistent=False)
        self.root = nn.Linear(shape.width, NONE_ROOT + 1)
        self.trunks = nn.ModuleDict(
            {n: nn.Linear(shape.width, shape.head) for n in ("content", "bass", "when")}
        )
        self.by_root = nn.ModuleDict(
            {n: nn.Embedding(ROOTS, shape.head) for n in ("content", "bass", "when")}
        )
        self.by_content = nn.ModuleDict(
            {n: nn.Embedding(len(CONTENTS), shape.head) for n in ("bass", "when")}
        )
        self.by_bass = nn.Embedding(BASSES, shape.head)
        self.heads = nn.ModuleDict(
            {
                "content": nn.Linear(shape.head, len(CONTENTS)),
                "bass": nn.Linear(shape.head, BASSES),
                "when": nn.Linear(shape.head, WHENS),
            }
        )

    def hidden(self, rows: Tensor) -> Tensor:
        """Return what is known before each chord, (batch, T, width)."""
        time = rows.shape[1]
        chords = [self.chord(rows[..., :3])]
        for index in range(len(LAGS)):
            at = 8 + 4 * index
            echo = self.chord(rows[..., at : at + 3]) + self.change(rows[..., at + 3])
            chords.append(echo)
        x = self.told(torch.cat(chords, dim=-1))
        for index, name in enumerate(COLUMNS[3:8]):
            x = x + self.plain[name](rows[..., 3 + index])
        for index, name in enumerate(SONG):
            x = x + self.plain[name](rows[..., len(COLUMNS) + index])
        x = F.dropout(x, self.shape.dropout, self.training)
        places = torch.arange(time, device=rows.device)
        back = places[:, None] - places[None, :]
        ahead = torch.where(back < 0, torch.finfo(torch.float32).min, 0.0)
        bias = ahead - self.slopes[:, None, None] * back.clamp(min=0)
        for block in self.blocks:
            x = block(x, bias)
        return self.norm(x)

    def logits(self, hidden: Tensor, chords: Tensor) -> dict[str, Tensor]:
        """Return the logits of each factor, those behind it given by *chords* (batch, T, 3)."""
        root, content, bass = chords.unbind(-1)
        trunk = {name: layer(hidden) for name, layer in self.trunks.items()}
        trunk = {name: x + self.by_root[name](root) for name, x in trunk.items()}
        for name in ("bass", "when"):
            trunk[name] = trunk[name] + self.by_content[name](content)
        trunk["when"] = trunk["when"] + self.by_bass(bass)
        found = {name: self.heads[name](F.gelu(x)) for name, x in trunk.items()}
        return {"root": self.root(hidden), **found}

    def scores(self, rows: Tensor, targets: Tensor, temperature: Tensor | float = 1.0) -> Tensor:
        """Return the log-probability of each factor's target, (batch, T, 4)."""
        return self._scores(self.hidden(rows), targets, temperature)

    def _scores(self, hidden: Tensor, targets: Tensor, temperature: Tensor | float) -> Tensor:
        found = self.logits(hidden, targets[..., :3])
        parts = []
        for index, name in enumerate(FACTORS):
            logs = (found[name] / temperature).log_softmax(-1)
            parts.append(logs.gather(-1, targets[..., index : index + 1]))
        # Behind N there is neither content nor bass to tell.
        is_chord = (targets[..., :1] != NONE_ROOT).float()
        ones = torch.ones_like(is_chord)
        return torch.cat(parts, dim=-1) * torch.cat([ones, is_chord, is_chord, ones], dim=-1)

    def _following(self, last: Tensor, temperature: Tensor | float) -> Tensor:
        """Return the log-probability of every chord behind (batch, width), (batch, 13, K, 12)."""
        roots = (self.root(last) / temperature).log_softmax(-1)
        content = self.trunks["content"](last)[:, None]
        content = content + self.by_root["content"].weight[:START_ROOT]
        contents = (self.heads["content"](F.gelu(content)) / temperature).log_softmax(-1)
        bass = self.trunks["bass"](last)[:, None, None]
        bass = bass + self.by_root["bass"].weight[:START_ROOT, None]
        bass = bass + self.by_content["bass"].weight[None]
        basses = (self.heads["bass"](F.gelu(bass)) / temperature).log_softmax(-1)
        return roots[:, :, None, None] + contents[..., None] + basses

    def answers(
        self, rows: Tensor, targets: Tensor, last: Tensor, temperature: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores (B, T, 4); following (B, 13, K, 12) and when (B, W) of each row *last*."""
        hidden = self.hidden(rows)
        places = torch.arange(rows.shape[0])
        at, chord = hidden[places, last][:, None], targets[places, last][:, None, :3]
        when = (self.logits(at, chord)["when"][:, 0] / temperature).log_softmax(-1)
        scores = self._scores(hidden, targets, temperature)
        return scores, self._following(at[:, 0], temperature), when
