"""Several takes at once get the notes that each would get alone."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate.errors import Cancelled
from bandmate.loops.decoding.masks import Writer
from bandmate.loops.decoding.sample import sampled
from bandmate.loops.decoding.together import Choose, written_together
from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.inference import LoopModel
from bandmate.loops.model.tokens import Cell, GridNote, Sheet
from bandmate.music.meter import Meter

NAMES = ("drums", "bass", "keys")
LENGTH = 48
Notes = dict[Cell, list[GridNote]]


class Oracle(LoopModel):
    """Answers from all tokens of a take and nothing else; says what it was asked."""

    size = v.SIZE

    def __init__(self, context: int = 2048) -> None:
        self.context = context
        self.heard: list[list[int]] = []
        self.calls = 0

    def begin(self, prompts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        self.heard = [list(prompt) for prompt in prompts]
        self.prompts = [len(prompt) for prompt in prompts]
        return self._answers()

    def step(self, tokens: Sequence[int | None]) -> NDArray[np.float32]:
        assert len(tokens) == len(self.heard)
        assert any(token is not None for token in tokens)
        self.calls += 1
        for heard, token in zip(self.heard, tokens, strict=True):
            heard.extend([] if token is None else [token])
        return self._answers()

    def _answers(self) -> NDArray[np.float32]:
        self.lengths = [len(heard) for heard in self.heard]
        return np.stack([self._answer(heard) for heard in self.heard])

    def _answer(self, heard: Sequence[int]) -> NDArray[np.float32]:
        rng = np.random.default_rng(zlib.crc32(np.array(heard).tobytes()))
        answer = rng.standard_normal(v.MUSIC_SIZE).astype(np.float32)
        answer[v.BAR[0] : v.ON] += 2  # cells end now and then
        return answer


def writing(seed: int, bars: int = 2) -> tuple[Sheet, Writer, Choose]:
    writes = tuple((bar, name) for bar in range(bars) for name in NAMES[: 1 + seed % 3])
    sheet = Sheet(Meter(4, 4), dict.fromkeys(NAMES, 0), writes, tempo=60.0 + 30 * (seed // 3))
    writer = Writer(writes, LENGTH, bars * LENGTH, (0, 127))
    choose = partial(sampled, rng=np.random.default_rng(seed), top_p=0.9)
    return sheet, writer, choose


def notes_of(model: LoopModel, seeds: Sequence[int], full: int | None = None) -> list[Notes]:
    sheets, writers, chooses = zip(*map(writing, seeds), strict=True)
    notes: list[Notes] = [{} for _ in seeds]
    for take, bar, cells in written_together(model, sheets, writers, chooses, full=full):
        assert all(bar > earlier for earlier, _ in notes[take]), "bars come in order"
        notes[take].update({(bar, name): cell for name, cell in cells.items()})
    return notes


def test_takes_get_the_notes_that_each_gets_alone() -> None:
    seeds = range(7)  # other cells, other lengths, other prompts
    alone = [notes_of(Oracle(), [seed])[0] for seed in seeds]
    assert notes_of(Oracle(), seeds) == alone
    assert len({str(notes) for notes in alone}) == len(alone)
    assert set(alone[5]) == {(bar, name) for bar in range(2) for name in NAMES}


def test_takes_that_are_over_are_asked_no_more_and_the_others_go_on() -> None:
    model = Oracle()
    notes_of(model, [0, 1, 2])
    written = [end - start for start, end in zip(model.prompts, model.lengths, strict=True)]
    assert model.calls == max(written) > min(written)


def test_a_full_take_begins_no_further_bar() -> None:
    (notes,) = notes_of(Oracle(), [2], full=20)
    assert {bar for bar, _ in notes} == {0}


def test_cells_end_before_the_context_does() -> None:
    model = Oracle(context=180)
    assert all(len(notes) == 6 for notes in notes_of(model, [2, 5, 8]))
    assert max(model.lengths) <= 180


def test_whoever_calls_off_is_heard_between_two_tokens() -> None:
    asked: list[int] = []

    def is_cancelled() -> bool:
        asked.append(1)
        return len(asked) > 5

    sheet, writer, choose = writing(2)
    with pytest.raises(Cancelled):
        list(written_together(Oracle(), [sheet], [writer], [choose], is_cancelled))
    assert len(asked) == 6
