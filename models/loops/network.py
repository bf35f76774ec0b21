"""The loop model in torch: a small decoder-only Transformer with one key/value head.

RMSNorm before each block, rotary positions, SwiGLU; one key/value head for all query heads (Shazeer
2019) because a CPU pays for the cache it reads. A token's vector is its own plus what its features
say (position in the bar, beat, velocity, pitch class, ordinal place in its bins), so that rare
tokens share what common ones learn; on export the sum becomes one plain table. The head answers
music tokens only and is tied to their vectors.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bandmate.loops.model import conditioning, positions
from bandmate.loops.model import vocabulary as v
from bandmate.loops.plan import FIELDS


@dataclass(frozen=True)
class Shape:
    """The sizes of a model."""

    width: int = 256
    layers: int = 5
    heads: int = 4
    head_width: int = 64
    hidden: int = 640
    context: int = 2048
    rotary_base: float = 10_000.0
    dropout: float = 0.0
    """Share of what each block adds that is silenced in training; not in the exported model."""

    def as_dict(self) -> dict[str, float]:
        """Return the sizes for a checkpoint."""
        return asdict(self)


def token_features() -> Tensor:
    """Return a (tokens, features) table of what each token's name says of it, entries 0..1."""
    rows: list[dict[str, float]] = []
    for name in v.NAMES:
        kind, _, value = name.partition("_")
        rows.append({f"kind {kind}": 1.0, **_features_of(kind, value)})
    return _table(rows)


def place_features() -> Tensor:
    """Return a (places, features) table of what each place is: role, bar, beat, step within it."""
    names = [{"nowhere": 1.0}]
    names += [{f"role {name.rstrip('234')}": 1.0} for name in v.PART_NAMES]
    names += [{f"bar {bar}": 1.0} for bar in v.BAR_INDICES]
    names += [
        {f"beat {step // v.STEPS}": 1.0, f"within beat {step % v.STEPS}": 1.0}
        for step in range(v.MAX_BAR_STEPS)
    ]
    return _table(names)


def told_features() -> Tensor:
    """Return a (rows, features) table of what each row of `told` says."""
    rows: list[dict[str, float]] = [{}]
    rows += [{f"{kind} {i}": 1.0} for kind in ("root", "bass", "class") for i in range(12)]
    rows += [_hats("energy", i / 2) for i in range(5)]
    rows += [
        {f"{field} {scope}": 1.0, **_hats(f"{field} {scope}", i / 4)}
        for field in FIELDS
        for scope in v.SCOPES
        for i in range(v.BINS)
    ]
    rows += [{f"next {kind} {i}": 1.0} for kind in ("root", "bass", "class") for i in range(12)]
    rows += [_hats("distance", 2 * math.log2(i + 1)) for i in range(conditioning.DISTANCES)]
    rows += [{} for _ in range(conditioning.LOW - conditioning.GENRE)]
    rows += [_hats(edge, i / 2) for edge in ("lowest", "highest") for i in range(v.REGISTER_BINS)]
    assert len(rows) == conditioning.ROWS
    return _table(rows)


def _table(rows: list[dict[str, float]]) -> Tensor:
    columns = {feature: i for i, feature in enumerate(sorted({f for row in rows for f in row}))}
    table = torch.zeros(len(rows), len(columns))
    for i, row in enumerate(rows):
        for feature, weight in row.items():
            table[i, columns[feature]] = weight
    return table


def _features_of(kind: str, value: str) -> dict[str, float]:
    if kind == "On":
        step, level = map(int, value.split("."))
        return {
            f"step {step}": 1.0,
            f"within beat {step % v.STEPS}": 1.0,
            f"beat {step // v.STEPS}": 1.0,
            f"velocity {level}": 1.0,
        }
    if kind == "Pitch":
        pitch = int(value)
        return {
            f"class {pitch % 12}": 1.0,
            f"octave {pitch // 12}": 1.0,
            **_hats("pitch", pitch / 6),
        }
    if kind in ("Root", "Bass"):
        return {f"class {value}": 1.0}
    if kind == "Duration":
        steps = int(value)
        return {f"within beat {steps % v.STEPS}": 1.0, **_hats("duration", 2 * math.log2(steps))}
    if kind in ("Cell", "Part"):
        return {f"role {value.rstrip('234')}": 1.0, f"name {value}": 1.0}
    if kind in ("Bar", "Slots"):
        return {f"bar {value}": 1.0}
    if kind == "Program":
        return {f"family {int(value) // 8}": 1.0}
    if kind == "Tempo":
        return _hats("tempo", int(value) / 4)
    if kind in ("Low", "High"):
        return _hats(kind, int(value) / 2)
    for scope in v.SCOPES:
        if kind.endswith(scope):
            field = kind.removesuffix(scope)
            return {f"field {field}": 1.0, f"scope {scope}": 1.0, **_hats(field, int(value) / 4)}
    return {}


def _hats(name: str, place: float) -> dict[str, float]:
    low = int(place)
    return {f"{name} at {low}": 1 - (place - low), f"{name} at {low + 1}": place - low}


class Block(nn.Module):  # type: ignore[misc]  # mypy does not read torch
    """Attention, then a gated feed-forward layer, each added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        queries = shape.heads * shape.head_width
        self.attention_norm = nn.Parameter(torch.ones(shape.width))
        self.queries = nn.Linear(shape.width, queries, bias=False)
        self.keys = nn.Linear(shape.width, shape.head_width, bias=False)
        self.values = nn.Linear(shape.width, shape.head_width, bias=False)
        self.attended = nn.Linear(queries, shape.width, bias=False)
        self.hidden_norm = nn.Parameter(torch.ones(shape.width))
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Map (batch, time, width) to the same shape."""
        batch, time, _ = x.shape
        s = self.shape
        h = F.rms_norm(x, (s.width,), self.attention_norm, 1e-6)
        q = self.queries(h).view(batch, time, s.heads, s.head_width).transpose(1, 2)
        k = self.keys(h).view(batch, time, 1, s.head_width).transpose(1, 2)
        values = self.values(h).view(batch, time, 1, s.head_width).transpose(1, 2)
        q, k = _rotated(q, cos, sin), _rotated(k, cos, sin)
        k, values = k.expand_as(q), values.expand_as(q)
        heard = F.scaled_dot_product_attention(q, k, values, is_causal=True)
        x = x + self._kept(self.attended(heard.transpose(1, 2).reshape(batch, time, -1)))
        h = F.rms_norm(x, (s.width,), self.hidden_norm, 1e-6)
        return x + self._kept(self.down(F.silu(self.gate(h)) * self.up(h)))

    def _kept(self, added: Tensor) -> Tensor:
        return F.dropout(added, self.shape.dropout, self.training)


def _rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def rotary_tables(shape: Shape) -> tuple[Tensor, Tensor]:
    """Return cosines and sines, (context, head_width / 2)."""
    half = shape.head_width // 2
    speeds = shape.rotary_base ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(shape.context, dtype=torch.float64)[:, None] * speeds[None, :]
    return angles.cos().float(), angles.sin().float()


class LoopNetwork(nn.Module):  # type: ignore[misc]  # mypy does not read torch
    """Tokens in, music logits out."""

    cos: Tensor
    sin: Tensor
    features: Tensor
    place_features: Tensor
    told_features: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("features", token_features(), persistent=False)
        self.register_buffer("place_features", place_features(), persistent=False)
        self.register_buffer("told_features", told_features(), persistent=False)
        cos, sin = rotary_tables(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.own = nn.Parameter(torch.randn(v.SIZE, shape.width) * 0.02)
        self.shared = nn.Parameter(torch.randn(self.features.shape[1], shape.width) * 0.02)
        self.own_place = nn.Parameter(torch.randn(positions.PLACES, shape.width) * 0.02)
        self.shared_place = nn.Parameter(
            torch.randn(self.place_features.shape[1], shape.width) * 0.02
        )
        self.copied = nn.ParameterList(
            nn.Parameter(torch.randn(shape.width, shape.width) * shape.width**-0.5)
            for _ in positions.BACKS
        )
        self.own_told = nn.Parameter(torch.zeros(conditioning.ROWS, shape.width))
        self.shared_told = nn.Parameter(torch.zeros(self.told_features.shape[1], shape.width))
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.last_norm = nn.Parameter(torch.ones(shape.width))
        for block in self.blocks:
            for name, weight in block.named_parameters():
                if weight.dim() == 2:
                    shrink = (
                        (2 * shape.layers) ** -0.5 if name.startswith(("attended", "down")) else 1
                    )
                    nn.init.normal_(weight, std=shrink * weight.shape[1] ** -0.5)

    def table(self) -> Tensor:
        """Return the (tokens, width) vectors: each token's own and what its features add."""
        return self.own + self.features @ self.shared

    def place_table(self) -> Tensor:
        """Return the (places, width) vectors of `whereabouts`."""
        return self.own_place + self.place_features @ self.shared_place

    def told_table(self) -> Tensor:
        """Return the (rows, width) vectors of `told`; row 0 adds nothing."""
        table = self.own_told + self.told_features @ self.shared_told
        return F.pad(table[1:], (0, 0, 1, 0))

    def copy_tables(self) -> list[Tensor]:
        """Return the (copies, width) vectors of what stood BACKS bars before."""
        music = self.table()[: v.MUSIC_SIZE]
        return [F.pad(music @ turn, (0, 0, 1, 0)) for turn in self.copied]

    def forward(self, ids: Tensor, places: Tensor) -> Tensor:
        """Map (batch, time) tokens and their places, (batch, time, whereabouts.COLUMNS), to logits.

        The answer is (batch, time, MUSIC_SIZE).
        """
        table = self.table()
        x = F.embedding(ids, table) + F.embedding(places[..., :3], self.place_table()).sum(-2)
        for column, copies in enumerate(self.copy_tables(), start=3):
            x = x + F.embedding(places[..., column], copies)
        x = x + F.embedding(places[..., -conditioning.COLUMNS :], self.told_table()).sum(-2)
        x = x * self.shape.width**0.5
        cos, sin = self.cos[: ids.shape[1]].to(x.dtype), self.sin[: ids.shape[1]].to(x.dtype)
        for block in self.blocks:
            x = block(x, cos, sin)
        x = F.rms_norm(x, (self.shape.width,), self.last_norm, 1e-6)
        return F.linear(x, table[: v.MUSIC_SIZE])
