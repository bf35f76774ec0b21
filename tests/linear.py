"""Measuring whether work grows with its input, and inputs on which a pattern may try for long."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, AnyStr

TIMES = 4
"""The longer input is so many times as long: linear work takes 4 times as long, quadratic 16."""
MOST = 8.0
"""From here work counts as more than linear."""
FLOOR = 0.002
"""Seconds of the processor under which nothing can be told, and nothing needs to."""
_RUNS = 5
_LETTERS = 10
"""Characters that are tried in a pattern, at the most."""
_OF_A_KIND = {
    kinds.CATEGORY_DIGIT: "1", kinds.CATEGORY_SPACE: " ", kinds.CATEGORY_WORD: "a",
    kinds.CATEGORY_NOT_DIGIT: "a", kinds.CATEGORY_NOT_SPACE: "a", kinds.CATEGORY_NOT_WORD: "-",
}  # fmt: skip
_REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)


def growth(short: Callable[[], object], long: Callable[[], object]) -> float:
    """Return how many times as long *long* takes the processor; 0 where both are done at once."""
    slow, quick = _spent(long), 0.0
    for tried in range(_RUNS):
        if slow < FLOOR:
            return 0.0
        quick = min(quick, _spent(short)) if tried else _spent(short)
        if slow / max(quick, 1e-7) < MOST:
            break
        slow = min(slow, _spent(long))  # something else may have come between
    return slow / max(quick, 1e-7)


def _spent(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def hostile(pattern: re.Pattern[AnyStr]) -> Iterator[Callable[[int], AnyStr]]:
    """Yield what makes texts of a length on which a pattern may try for long.

    Each begins as the pattern does up to one of its repeats, goes round in one or two of its own
    characters, and ends in one that fits nowhere.
    """
    tree: Any = parser.parse(pattern.pattern, pattern.flags)
    letters: list[str] = list(dict.fromkeys([*_letters(tree), " ", "z"]))[:_LETTERS]
    rounds = [*letters, *(a + b for a in letters for b in letters if a != b)]
    for begin in dict.fromkeys(["", *_beginnings(tree, "")]):
        for again in rounds:
            yield _maker(begin, again, isinstance(pattern.pattern, bytes))


def _maker(begin: str, again: str, is_bytes: bool) -> Callable[[int], Any]:
    def text(length: int) -> str | bytes:
        made = begin + again * (length // len(again)) + "\0"
        return made.encode("latin-1") if is_bytes else made

    return text


def _letters(tree: Any) -> Iterator[str]:
    for kind, value in tree:
        if kind in (kinds.LITERAL, kinds.NOT_LITERAL):
            yield chr(value)
        elif kind is kinds.IN:
            yield from _letters(value)
        elif kind is kinds.RANGE:
            yield from (chr(value[0]), chr(value[1]))
        elif kind is kinds.CATEGORY:
            yield _OF_A_KIND[value]
        for inner in _inside(kind, value):
            yield from _letters(inner)


def _inside(kind: Any, value: Any) -> list[Any]:
    if kind in _REPEATS:
        return [value[2]]
    if kind is kinds.SUBPATTERN:
        return [value[3]]
    if kind is kinds.BRANCH:
        return list(value[1])
    if kind in (kinds.ASSERT, kinds.ASSERT_NOT):
        return [value[1]]
    return [value] if kind is kinds.ATOMIC_GROUP else []


def _beginnings(tree: Any, before: str) -> Iterator[str]:
    """Yield the shortest text that leads to each repeat of a pattern."""
    for kind, value in tree:
        if kind in _REPEATS:
            yield before
        if kind not in (kinds.ASSERT, kinds.ASSERT_NOT):
            for inner in _inside(kind, value):
                yield from _beginnings(inner, before)
        before += _shortest([(kind, value)])


def _shortest(tree: Any) -> str:
    text = ""
    for kind, value in tree:
        if kind in _REPEATS:
            text += _shortest(value[2]) * min(value[0], 100)
        elif kind is kinds.SUBPATTERN:
            text += _shortest(value[3])
        elif kind is kinds.BRANCH:
            text += min((_shortest(one) for one in value[1]), key=len)
        elif kind is kinds.ANY or (kind is kinds.IN and value[0][0] is kinds.NEGATE):
            text += "z"
        elif kind in (kinds.LITERAL, kinds.IN):
            text += next(_letters([(kind, value)]), "")
    return text
