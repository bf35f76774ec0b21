"""The grammars: every real progression passes, and nothing that is none; llama.cpp agrees."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bandmate.chords.progression import BarOfChords
from bandmate.chords.proposer.grammar import grammar_of, lines_of_symbols
from bandmate.chords.proposer.pieces import ENDED, PIECES, TOKENS, bars_to_pieces, pieces_to_bars
from bandmate.chords.vocabulary import CONTENTS, chord_of
from bandmate.music.chord import Chord
from bandmate.workers import weights

if TYPE_CHECKING:
    from bandmate.chords.proposer.llama import Llama

ROOTS = {"C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"}
FORMS = [(bars, triple, on) for bars in (1, 2, 5, 16) for triple in (False, True) for on in (0, 1)]


def pattern_of(grammar: str) -> re.Pattern[str]:
    """Return a grammar without recursion as a pattern: what llama.cpp lets through, read by us."""
    rules = dict(line.split(" ::= ") for line in grammar.splitlines())

    def pattern(rule: str) -> str:
        found = re.findall(r'"(?:\\.|[^"])*"|[a-z]+|[()?|]', rule)
        return "".join(map(one, found))

    def one(token: str) -> str:
        if token.startswith('"'):
            return re.escape(token[1:-1].replace("\\n", "\n"))
        return f"(?:{pattern(rules[token])})" if token in rules else token

    return re.compile(pattern(rules["root"]))


def real_bars(chance: random.Random, bars: int, is_triple: bool) -> tuple[BarOfChords, ...]:
    """Draw bars above C of any chords that the pieces can say."""

    def chord() -> Chord:
        root = chance.randrange(12)
        return chord_of(root, chance.randrange(len(CONTENTS)), chance.randrange(12))

    kinds = [chord() for _ in range(4)]
    counts = (1, 3) if is_triple else (1, 2, 4)
    return tuple(tuple(chance.choices(kinds, k=chance.choice(counts))) for _ in range(bars))


@pytest.mark.parametrize(("bars", "is_triple", "is_going_on"), FORMS)
def test_every_progression_passes_and_no_other(
    bars: int, is_triple: bool, is_going_on: bool
) -> None:
    pattern = pattern_of(grammar_of(bars, is_triple, is_going_on))
    chance = random.Random(bars)
    for _ in range(30):
        real = real_bars(chance, bars, is_triple)
        last = chance.choice((real[0][0], None)) if is_going_on else None
        text = "".join(bars_to_pieces(real, last))
        assert pattern.fullmatch(text), text
        assert pieces_to_bars(text, last) == real
        silent = re.sub(r"[^|,-]+$", "N", text)
        for wrong in (
            text + "|",
            text + ",",
            "|" + text,
            text + "|-",
            text + "?",
            silent + "N",
            "",
        ):
            assert not pattern.fullmatch(wrong), wrong
        assert pattern.fullmatch(re.sub(r"^[^|,]+", "-", text)) is None or is_going_on


@pytest.mark.parametrize(
    ("is_triple", "slots"),
    [(False, {1: 1, 2: 1, 3: 0, 4: 1, 5: 0}), (True, {1: 1, 2: 0, 3: 1, 4: 0})],
)
def test_a_bar_has_the_slots_of_its_meter(is_triple: bool, slots: dict[int, bool]) -> None:
    pattern = pattern_of(grammar_of(1, is_triple))
    found = {count: bool(pattern.fullmatch(",".join(["C:maj"] * count))) for count in slots}
    assert found == slots


def test_numbered_lines_of_symbols() -> None:
    pattern = pattern_of(lines_of_symbols(2, 3, ("C", "Cm7", "F#")))
    assert pattern.fullmatch("1. C | Cm7 | F#\n2. F# | C | C\n")
    for wrong in ("1. C | C | C\n", "1. C | C\n2. C | C\n", "1. C | C | G\n2. C | C | C\n"):
        assert not pattern.fullmatch(wrong)


@pytest.fixture(scope="module")
def llama() -> Iterator[Llama]:
    pytest.importorskip("llama_cpp", reason="llama.cpp is not installed")
    from bandmate.chords.proposer.llama import Llama

    opened = Llama(weights.checked("proposer"), 1, 512)
    yield opened
    opened.close()


def allowed(written: list[str], bars: int, is_triple: bool, is_going_on: bool) -> set[str]:
    """Return the pieces that may follow, from what a progression is and not from the grammar."""
    last = written[-1] if written else "|"
    if last in ROOTS:
        return {f":{content}" for content in CONTENTS}
    if last in ("|", ","):
        return ROOTS | ({"-"} if written or is_going_on else set())
    basses = {piece for piece in PIECES if piece.startswith("/")} if last[0] == ":" else set()
    bar = written[max((i for i, p in enumerate(written) if p == "|"), default=-1) + 1 :]
    slots = bar.count(",") + 1
    ends = {"<end>"} if written.count("|") == bars - 1 else {"|"}
    whole = slots in ((1, 3) if is_triple else (1, 2, 4))
    return (
        basses | (ends if whole else set()) | ({","} if slots < (3 if is_triple else 4) else set())
    )


@pytest.mark.parametrize(("bars", "is_triple", "is_going_on"), FORMS)
def test_llama_cpp_lets_through_just_what_may_follow(
    llama: Llama, bars: int, is_triple: bool, is_going_on: bool
) -> None:
    chance = random.Random(f"{bars} {is_triple}")
    for _ in range(3):
        grammar = llama.grammar(grammar_of(bars, is_triple, is_going_on))
        real = real_bars(chance, bars, is_triple)
        written: list[str] = []
        for piece in [*bars_to_pieces(real, real[0][0] if is_going_on else None), "<end>"]:
            open_to = np.isfinite(grammar.masked(np.zeros(llama.tokens, np.float32)))
            found = {PIECES[token] for token in np.flatnonzero(open_to)}
            assert found == allowed(written, bars, is_triple, is_going_on)
            assert piece in found
            grammar.accept(TOKENS[piece])
            written.append(piece)


def test_a_copied_grammar_goes_its_own_way(llama: Llama) -> None:
    nothing = np.zeros(llama.tokens, np.float32)
    one = llama.grammar(grammar_of(1, False))
    for piece in ("C", ":maj"):
        one.accept(TOKENS[piece])
    other = one.copied()
    one.accept(TOKENS["/3"])
    assert np.isfinite(other.masked(nothing)[TOKENS["/5"]])
    assert not np.isfinite(one.masked(nothing)[TOKENS["/5"]])
    assert np.isfinite(one.masked(nothing)[ENDED])
    with pytest.raises(ValueError, match="makes no sense"):
        llama.grammar("root ::= nothing-that-is-defined")


def test_the_tokens_of_the_shipped_proposer_are_our_pieces(llama: Llama) -> None:
    import llama_cpp

    texts = [llama_cpp.llama_vocab_get_text(llama._vocabulary, i) for i in range(llama.tokens)]
    assert [text.decode() for text in texts[: len(PIECES)]] == list(PIECES)
    assert llama_cpp.llama_vocab_eos(llama._vocabulary) == ENDED
