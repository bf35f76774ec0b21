"""The second judge of the two-sample test: a small GRU that reads a loop token by token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold
from torch import Tensor, nn

LONGEST = 512
"""Tokens of a loop that are read; what follows is left out, of real loops as of ours."""
FOLDS = 2
_WIDTH, _HIDDEN = 32, 64
_EPOCHS = 8
_BATCH = 24


class Judge(nn.Module):  # type: ignore[misc]  # mypy does not read torch
    """Tokens in, one logit out: above 0 the loop is taken for a made one."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.vectors = nn.Embedding(words + 1, _WIDTH, padding_idx=words)
        self.reader = nn.GRU(_WIDTH, _HIDDEN, batch_first=True)
        self.verdict = nn.Linear(2 * _HIDDEN, 1)

    def forward(self, ids: Tensor) -> Tensor:
        """Map (batch, time) tokens, padded with the last word, to (batch,) logits."""
        is_padding = (ids == self.vectors.padding_idx)[..., None]
        states, _ = self.reader(self.vectors(ids))
        mean = states.masked_fill(is_padding, 0).sum(1) / (~is_padding).sum(1)
        highest = states.masked_fill(is_padding, -1).amax(1)
        return self.verdict(torch.cat((mean, highest), dim=-1))[:, 0]


def told_rightly(
    loops: Sequence[Sequence[int]],
    is_made: Sequence[bool],
    songs: Sequence[str],
    words: int,
    seed: int = 0,
) -> NDArray[np.bool_]:
    """Return for each loop whether a judge that never saw its song tells real from made.

    Loops are tokens below *words*, none empty. The songs are halved; a judge learns each half and
    is asked about the other.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    read = [list(ids[:LONGEST]) for ids in loops]
    labels = np.array(is_made, np.float32)
    told = np.zeros(len(read), bool)
    for learnt, held in GroupKFold(FOLDS).split(read, labels, songs):
        judge = _trained([read[i] for i in learnt], labels[learnt], words, seed)
        told[held] = _verdicts(judge, [read[i] for i in held], words)
    torch.set_num_threads(threads)
    return np.asarray(told == (labels > 0))


def _trained(
    loops: Sequence[Sequence[int]], labels: NDArray[np.float32], words: int, seed: int
) -> Judge:
    torch.manual_seed(seed)
    judge = Judge(words)
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=5e-3, weight_decay=0.05)
    steps = _EPOCHS * -(-len(loops) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=steps)
    for _ in range(_EPOCHS):
        for batch in _batches(loops, rng):
            logits = judge(_padded([loops[i] for i in batch], words))
            asked = torch.from_numpy(labels[batch])
            loss = F.binary_cross_entropy_with_logits(logits, asked)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return judge


def _batches(loops: Sequence[Sequence[int]], rng: np.random.Generator) -> Iterator[list[int]]:
    """Yield batches of loops of about one length, in a drawn order."""
    lengths = [len(ids) + float(rng.random()) * 40 for ids in loops]
    order = sorted(range(len(loops)), key=lengths.__getitem__)
    batches = [order[i : i + _BATCH] for i in range(0, len(order), _BATCH)]
    rng.shuffle(batches)
    yield from batches


def _padded(loops: Sequence[Sequence[int]], words: int) -> Tensor:
    longest = max(map(len, loops))
    return torch.tensor([[*ids, *[words] * (longest - len(ids))] for ids in loops])


@torch.no_grad()  # type: ignore[untyped-decorator]
def _verdicts(judge: Judge, loops: Sequence[Sequence[int]], words: int) -> list[bool]:
    judge.eval()
    return [float(judge(_padded([ids], words))[0]) > 0 for ids in loops]
