"""Our own proposer: a small Llama in a GGUF file, run by llama.cpp under a grammar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bandmate.chords.cards import ChordPlan
from bandmate.chords.progression import BarOfChords, Progression, gridded
from bandmate.chords.proposer.draws import Draw
from bandmate.chords.proposer.grammar import grammar_of
from bandmate.chords.proposer.llama import Grammar, Llama
from bandmate.chords.proposer.pieces import (
    CONTEXT_BARS,
    ENDED,
    PIECES,
    pieces_to_bars,
    prompt_pieces,
    tokens_of,
)
from bandmate.chords.requests import Proposal
from bandmate.chords.steering import asked, learnt_mode, readings
from bandmate.errors import Cancelled
from bandmate.music.chord import Chord

FIRST_WAVE = 8
"""Proposals that are written first, so that a card is there early."""
_SEQUENCES = 32
_CONTEXT = 8192
_LONGEST = 20
"""Tokens a bar after which a proposal is given up: four chords with commas and basses have 16."""


@dataclass
class _Line:
    """A proposal being written."""

    index: int
    grammar: Grammar
    draw: Draw
    position: int
    """Where its next token stands."""
    genre: str | None
    """The genre that its prompt named."""
    written: list[int] = field(default_factory=list)

    def write(self, logits: NDArray[np.float32], temperature: float) -> None:
        """Draw the next token among those that the grammar lets through."""
        token = self.draw.token(self.grammar.masked(logits), temperature)
        self.grammar.accept(token)
        self.written.append(token)


class Proposer:
    """The proposer, opened."""

    def __init__(self, file: Path) -> None:
        """Open the GGUF file; raises WeightsError."""
        self._llama = Llama(file, _SEQUENCES, _CONTEXT)

    def proposals(
        self, plan: ChordPlan, count: int, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[Proposal, ...]]:
        """Yield proposals in waves, numbered from 0; raises Cancelled between two tokens."""
        moved = _moved(plan)
        first = min(FIRST_WAVE, count)
        for numbers in (range(first), *_waves(first, count)):
            lines = self._written(plan, moved, numbers, is_cancelled)
            yield tuple(
                Proposal(line.index, _progression(line, plan, moved[0]), line.genre)
                for line in lines
            )

    def _written(
        self,
        plan: ChordPlan,
        around: tuple[tuple[BarOfChords, ...], tuple[BarOfChords, ...]],
        numbers: range,
        is_cancelled: Callable[[], bool],
    ) -> list[_Line]:
        before, after = around
        is_triple = plan.meter.is_triple
        mode = learnt_mode(plan.key.mode)
        is_going_on = bool(before) and not before[-1][-1].is_none
        grammar = self._llama.grammar(grammar_of(plan.bars, is_triple, is_going_on))
        read = readings(asked(plan.keywords, plan.section, mode))
        lines: list[_Line] = []
        self._llama.clear()
        for turn, steering in enumerate(read):
            pieces = prompt_pieces(steering, mode, is_triple, plan.bars, before=before, after=after)
            prompt = tokens_of(pieces)
            own = [number for number in numbers if number % len(read) == turn]
            if not own:
                continue
            logits = self._llama.read(prompt, [number - numbers[0] for number in own])
            for number in own:
                draw = Draw(number // len(read), (plan.seed, turn))
                lines.append(_Line(number, grammar.copied(), draw, len(prompt), steering.genre))
                lines[-1].write(logits, plan.temperature)
        for _ in range(plan.bars * _LONGEST):
            going = [line for line in lines if line.written[-1] != ENDED]
            if not going:
                break
            if is_cancelled():
                raise Cancelled("the ask was called off")
            cells = [(line.written[-1], line.position, line.index - numbers[0]) for line in going]
            for line, row in zip(going, self._llama.step(cells), strict=True):
                line.position += 1
                line.write(row, plan.temperature)
        ended = (line for line in lines if line.written[-1] == ENDED)
        return sorted(ended, key=lambda line: line.index)


def _waves(first: int, count: int) -> Iterator[range]:
    for start in range(first, count, _SEQUENCES):
        yield range(start, min(start + _SEQUENCES, count))


def _moved(
    plan: ChordPlan,
) -> tuple[tuple[BarOfChords, ...], tuple[BarOfChords, ...]]:
    """Return what stands around the plan's bars, above C and on the grid."""

    def above_c(bars: tuple[BarOfChords, ...]) -> tuple[BarOfChords, ...]:
        moved = ([chord.transposed(-plan.key.tonic) for chord in bar] for bar in bars)
        return tuple(gridded(bar) for bar in moved)

    return above_c(plan.before[-CONTEXT_BARS:]), above_c(plan.after[:CONTEXT_BARS])


def _progression(line: _Line, plan: ChordPlan, before: tuple[BarOfChords, ...]) -> Progression:
    last: Chord | None = before[-1][-1] if before else None
    text = "".join(PIECES[token] for token in line.written[:-1])
    bars = (
        gridded([chord.transposed(plan.key.tonic) for chord in bar])
        for bar in pieces_to_bars(text, last)
    )
    return Progression(plan.key, tuple(bars))
