"""A progression as a chord chart for the terminal: bars between lines, numerals below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

BARS_A_LINE = (8, 4, 2, 1)
"""The most of these that the width holds stand on one line."""

Bars = Sequence[Sequence[str]]
"""Words bar by bar: symbols or numerals."""


def chart(symbols: Bars, romans: Bars, width: int = 80) -> list[str]:
    """Return the lines of a chart: chord symbols, and below each bar its Roman numerals.

    Both have the same bars. Lines are at most *width* columns, unless a single bar is wider.
    """
    cells = [
        (" ".join(above), " ".join(below)) for above, below in zip(symbols, romans, strict=True)
    ]
    column = max(max(map(len, pair)) for pair in cells)
    count = next((n for n in BARS_A_LINE if n * (column + 3) + 1 <= width), 1)
    lines: list[str] = []
    for index in range(0, len(cells), count):
        lines += _system(cells[index : index + count], column)
    return lines


def _system(cells: Sequence[tuple[str, str]], column: int) -> Iterator[str]:
    above, below = zip(*cells, strict=True)
    yield "| " + " | ".join(cell.ljust(column) for cell in above) + " |"
    yield ("  " + "   ".join(cell.ljust(column) for cell in below)).rstrip()


def reasons(
    *, is_accepted: bool, ratio: float, borrowed: Iterable[str], answers: Iterable[str]
) -> str:
    """Return why a card is there: how it was chosen, what it borrows, what it answers."""
    chosen = "accepted" if is_accepted else "tops the cards up"
    told = [f"{chosen} (P/Q {ratio:.3g})"]
    if lent := ", ".join(borrowed):
        told.append(f"outside the key: {lent}")
    if words := ", ".join(answers):
        told.append(f"answers {words}")
    return "; ".join(told)


def filled(label: str, text: str, width: int) -> str:
    """Return text behind a label, broken at *width* and set in."""
    return textwrap.fill(text, width, initial_indent=label, subsequent_indent=" " * len(label))
