"""Cells as they are named: what is in them, and what lies outside a clip."""

from __future__ import annotations

import pytest

from bandmate.asks.cells import check_within, read_cells
from bandmate.errors import AskError

GRID = [
    # Four bars of two parts, as b and k where the cell is named.
    ("bass", "b... b... b... b..."),
    ("bass:3-4", ".... .... b... b..."),
    ("bass:2,keys:2", ".... b.k. .... ...."),
    ("2", ".... b.k. .... ...."),
    ("1-2,keys", "b.k. b.k. ..k. ..k."),
    ("keys:4-4", ".... .... .... ..k."),
]


@pytest.mark.parametrize(("text", "grid"), GRID)
def test_cells_are_parts_in_bars(text: str, grid: str) -> None:
    named = read_cells(text)

    def mark(bar: int, part: str) -> str:
        return part[0] if any(cells.has(bar, part) for cells in named) else "."

    assert " ".join(f"{mark(i, 'bass')}.{mark(i, 'keys')}." for i in range(4)) == grid


@pytest.mark.parametrize("text", ["bass", "bass:3-4", "bass:3", "2", "1-2"])
def test_cells_are_written_as_they_are_read(text: str) -> None:
    (cells,) = read_cells(text)
    assert str(cells) == text


OUTSIDE = [
    ("lead:1", "refill must be of the clip's parts bass, keys, not lead:1"),
    ("5", "refill must lie in bars 1..4 of the clip, not in 5"),
    ("bass:3-5", "refill must lie in bars 1..4 of the clip, not in bass:3-5"),
]


@pytest.mark.parametrize(("text", "words"), OUTSIDE)
def test_what_lies_outside_the_clip_is_told(text: str, words: str) -> None:
    with pytest.raises(AskError) as refused:
        check_within("refill", read_cells(text), ["bass", "keys"], 4)
    assert str(refused.value) == words


def test_what_lies_inside_is_not() -> None:
    check_within("keep", read_cells("bass,keys:4,1-4"), ["bass", "keys"], 4)
