"""A person's own instruct model as the proposer: one prompt, thirty lines of chord symbols.

The prompt asks as Amuse does: for thirty diverse progressions at once, each line as many chords as
the card has bars. The grammar keeps the form; which chords and why is the model's own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import llama_cpp
from llama_cpp.llama_grammar import LlamaGrammar

from bandmate.chords.cards import ChordPlan
from bandmate.chords.progression import BarOfChords, Progression, gridded
from bandmate.chords.proposer.grammar import lines_of_symbols
from bandmate.chords.proposer.llama import check_magic, hush
from bandmate.chords.proposer.pieces import CONTEXT_BARS
from bandmate.chords.requests import Proposal
from bandmate.errors import Cancelled, WeightsError
from bandmate.music.chord import Chord, note_name

_CONTEXT = 4096
_SUFFIXES = (
    "", "m", "7", "maj7", "m7", "6", "m6", "9", "maj9", "m9", "11", "13", "sus2", "sus4", "7sus4",
    "add9", "dim", "dim7", "m7b5", "aug", "7b9", "7#9", "5",
)  # fmt: skip
_TOKENS_A_CHORD = 8
"""More than any symbol and the bar line behind it take."""


class ForeignProposer:
    """A general model, opened."""

    def __init__(self, file: Path) -> None:
        """Open the GGUF file; raises WeightsError."""
        check_magic(file)
        hush()
        try:
            self._llama = llama_cpp.Llama(
                str(file), n_ctx=_CONTEXT, n_threads=1, n_threads_batch=1, verbose=False
            )
        except (ValueError, OSError, RuntimeError) as error:
            raise WeightsError(
                f"llama.cpp cannot read {file.name}: it is damaged or too new"
            ) from error

    def proposals(
        self, plan: ChordPlan, count: int, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[Proposal, ...]]:
        """Yield proposals line by line; raises Cancelled between two tokens."""
        text, number = "", 0
        for piece in self._written(plan, count, is_cancelled):
            text += piece
            *lines, text = text.split("\n")
            for line in lines:
                yield (Proposal(number, Progression(plan.key, _bars(line))),)
                number += 1

    def _written(
        self, plan: ChordPlan, count: int, is_cancelled: Callable[[], bool]
    ) -> Iterator[str]:
        self._llama.reset()  # what is left of the ask before would move the numbers, and the draws
        grammar = LlamaGrammar.from_string(
            lines_of_symbols(count, plan.bars, symbols_of(plan)), verbose=False
        )
        answer = cast(
            "Iterator[dict[str, Any]]",
            self._llama.create_chat_completion(
                [{"role": "user", "content": prompt_of(plan, count)}],
                grammar=grammar,
                temperature=plan.temperature,
                top_p=1.0,
                top_k=0,
                min_p=0.0,
                repeat_penalty=1.0,
                seed=plan.seed,
                max_tokens=count * (plan.bars * _TOKENS_A_CHORD + 4),
                stream=True,
            ),
        )
        for part in answer:
            if is_cancelled():
                raise Cancelled("the ask was called off")
            said: dict[str, Any] = part["choices"][0]["delta"]
            yield said.get("content") or ""


def symbols_of(plan: ChordPlan) -> list[str]:
    """Return the symbols that a line may hold, every root in the spelling of the key."""
    return [note_name(root, plan.key) + suffix for root in range(12) for suffix in _SUFFIXES]


def prompt_of(plan: ChordPlan, count: int) -> str:
    """Return what the model is asked, in words."""
    words = ", ".join(keyword.word for keyword in plan.keywords) or "any mood"
    asked = (
        f"Write {count} diverse chord progressions in {plan.key.name} for these keywords: {words}. "
        f"Each line has exactly {plan.bars} chords, one a bar, with | between them."
    )
    if plan.before:
        asked += f" They follow {_symbols(plan.before[-CONTEXT_BARS:], plan)}."
    if plan.after:
        asked += f" They lead to {_symbols(plan.after[:CONTEXT_BARS], plan)}."
    return asked


def _symbols(bars: Sequence[BarOfChords], plan: ChordPlan) -> str:
    return " | ".join(" ".join(chord.symbol(plan.key) for chord in gridded(bar)) for bar in bars)


def _bars(line: str) -> tuple[BarOfChords, ...]:
    """Read a numbered line; the grammar has seen to it that this cannot fail."""
    return tuple((Chord.parse(symbol),) for symbol in line.partition(".")[2].split("|"))
