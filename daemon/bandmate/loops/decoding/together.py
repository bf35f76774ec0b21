"""Writing several takes at once: one call of the model gives every take its next token.

Each take has a sheet, a writer and a chooser of its own and gets the notes that it would get alone;
they share the model's calls, and the reading of the prompt where their sheets are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from bandmate.errors import Cancelled
from bandmate.loops.decoding.masks import Writer
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.inference import LoopModel
from bandmate.loops.model.tokens import GridNote, Sheet, header_ids, prompt_ids

_SPARE = 24
"""Tokens kept free for headers and for a chord begun at a cell's limit."""

Choose = Callable[[NDArray[np.float32], NDArray[np.bool_]], int]
"""Takes the logits and what is legal, (MUSIC_SIZE,) both, and returns a token."""


def written_together(
    model: LoopModel,
    sheets: Sequence[Sheet],
    writers: Sequence[Writer],
    chooses: Sequence[Choose],
    is_cancelled: Callable[[], bool] = lambda: False,
    *,
    full: int | None = None,
) -> Iterator[tuple[int, int, dict[str, list[GridNote]]]]:
    """Write the cells of sheets; yield take, bar and its cells by part, once a bar is whole.

    A take begins no further bar once it has more than *full* tokens. Raises Cancelled between two
    tokens once *is_cancelled* says so.
    """
    takes = [_Take(*each) for each in zip(writers, chooses, strict=True)]
    prompts = [
        model.known([*prompt_ids(sheet), *header_ids(None, writer.cell)])
        for sheet, writer in zip(sheets, writers, strict=True)
    ]
    logits = model.begin(prompts)
    while True:
        for number, take in enumerate(takes):
            if take.due or take.is_done:
                continue
            if is_cancelled():
                raise Cancelled("the loop was called off")
            bar = take.choose(logits[number], model.context - model.lengths[number])
            if bar is not None:
                take.is_done |= full is not None and model.lengths[number] > full
                yield number, bar, take.cells(bar)
        if all(take.is_done for take in takes):
            return
        logits = model.step([None if take.is_done else take.due.pop(0) for take in takes])


class _Take:
    """A writer and what the model must be told before it goes on."""

    def __init__(self, writer: Writer, choose: Choose) -> None:
        self._writer, self._choose = writer, choose
        self.due: list[int] = []
        """Tokens that the model has not read yet."""
        self.is_done = writer.is_done
        self._is_new = True

    def choose(self, logits: NDArray[np.float32], room: int) -> int | None:
        """Choose a token; return the bar that it made whole, if it did.

        *room* is how many tokens the model can still take.
        """
        writer = self._writer
        if self._is_new:
            self._open(room)
        # A cell ends where the header of the one that follows would be said.
        logits[v.END] = logits[self._closing]
        cell = writer.cell
        token = self._choose(logits, writer.mask())
        if not writer.push(token):
            self.due.append(token)
            return None
        self._is_new = True
        self.is_done = writer.is_done
        if not writer.is_done:
            self.due += header_ids(cell, writer.cell)
        return cell[0] if writer.is_done or writer.cell[0] != cell[0] else None

    def _open(self, room: int) -> None:
        writer = self._writer
        following, left = writer.following, writer.cells_left_in_bar
        self._closing = header_ids(writer.cell, following)[0] if following else v.END
        writer.limit = (room - _SPARE * left) // left
        self._is_new = False

    def cells(self, bar: int) -> dict[str, list[GridNote]]:
        """Return the written cells of a bar by part."""
        return {name: notes for (at, name), notes in self._writer.notes.items() if at == bar}
