"""The second judge: a small convolutional network that reads a loop slot by slot.

Sixteen slots a bar; a slot says which drums and which pitches of each role start there and what
sounds on, and how that differs from the same slot one bar before. Dilated convolutions (van den
Oord et al. 2016) reach over all bars. One network learns all sets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from judge.drums import KIND_OF, KINDS, OTHER
from judge.features import OTHERS, ROLES
from judge.folds import folds_of
from judge.piece import SLOTS, Piece, role_of

FOLDS = 3
_WIDTH, _DROPOUT = 64, 0.3
_DILATIONS = (1, 2, 4, 8, 16)
_BATCH, _RATE = 48, 2e-3
EPOCHS = 8
_DRUMS = [*KINDS, OTHER]
_GROUPS = [*ROLES, OTHERS]
_OCTAVES = 11
_EACH = 12 + _OCTAVES + 12
"""Columns of a role: pitch classes and octaves that start, pitch classes that sound on."""
COLUMNS = len(_DRUMS) + len(_GROUPS) * _EACH


def roll_of(piece: Piece) -> NDArray[np.float32]:
    """Return (slots, 2 x COLUMNS): each slot, and how it differs from one bar before."""
    slots = np.zeros((piece.bars * SLOTS, COLUMNS), np.float32)
    for name, tones in piece.parts.items():
        for tone in tones:
            at = tone.start * SLOTS // piece.bar_steps
            if name.startswith("drums"):
                slots[at, _DRUMS.index(KIND_OF.get(tone.pitch, OTHER))] = 1
                continue
            role = role_of(name) if role_of(name) in ROLES else OTHERS
            base = len(_DRUMS) + _GROUPS.index(role) * _EACH
            slots[at, base + tone.pitch % 12] = 1
            slots[at, base + 12 + tone.pitch // 12] = 1
            until = max(at + 1, tone.end * SLOTS // piece.bar_steps)
            slots[at + 1 : until, base + 12 + _OCTAVES + tone.pitch % 12] = 1
    before = np.zeros_like(slots)
    before[SLOTS:] = np.abs(slots[SLOTS:] - slots[:-SLOTS])
    return np.concatenate([slots, before], axis=1)


class Reader(nn.Module):  # type: ignore[misc]  # mypy does not read torch
    """Rolls in, one logit out: above 0 the loop is taken for a made one."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = nn.Linear(2 * COLUMNS, _WIDTH)
        self.layers = nn.ModuleList(
            nn.Conv1d(_WIDTH, _WIDTH, 3, padding=d, dilation=d) for d in _DILATIONS
        )
        self.dropout = nn.Dropout(_DROPOUT)
        self.verdict = nn.Linear(2 * _WIDTH, 1)

    def forward(self, rolls: Tensor) -> Tensor:
        """Map (batch, slots, 2 x COLUMNS) to (batch,) logits."""
        x = F.relu(self.seen(self.dropout(rolls))).transpose(1, 2)
        for layer in self.layers:
            x = x + self.dropout(F.relu(layer(x)))
        pooled = torch.cat((x.mean(-1), x.amax(-1)), dim=-1)
        return self.verdict(self.dropout(pooled))[:, 0]


def by_reader(
    pieces: Sequence[Piece], is_made: NDArray[np.bool_], songs: Sequence[str], epochs: int = EPOCHS
) -> NDArray[np.float64]:
    """Return for each loop of equally many bars how likely it is made.

    It is told by a network that never saw its song.
    """
    torch.set_num_threads(1)
    rolls = torch.from_numpy(np.stack([roll_of(piece) for piece in pieces]))
    labels = torch.from_numpy(is_made.astype(np.float32))
    told = np.zeros(len(pieces))
    for learnt, held in folds_of(songs, FOLDS, seed=0):
        reader = _trained(rolls[learnt], labels[learnt], epochs)
        with torch.no_grad():
            told[held] = torch.sigmoid(reader(rolls[held])).numpy()
    return told


def _trained(rolls: Tensor, labels: Tensor, epochs: int) -> Reader:
    torch.manual_seed(0)
    reader = Reader()
    optimiser = torch.optim.AdamW(reader.parameters(), lr=_RATE, weight_decay=0.05)
    steps = epochs * -(-len(rolls) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(rolls)).split(_BATCH):
            loss = F.binary_cross_entropy_with_logits(reader(rolls[batch]), labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    reader.eval()
    return reader
