"""Chord charts: bars between lines, numerals below, as wide as the terminal at the most."""

from __future__ import annotations

import pytest

from bandmate.app.chord_chart import chart, filled, reasons

SYMBOLS = [["F"], ["Dm7", "G7"], ["Bb/D"], ["C"], ["N.C."]]
ROMANS = [["I"], ["vi7", "II7"], ["IV/3"], ["V"], ["N"]]


def test_a_chart_reads_bar_by_bar() -> None:
    assert chart(SYMBOLS, ROMANS, 50) == [
        "| F       | Dm7 G7  | Bb/D    | C       |",
        "  I         vi7 II7   IV/3      V",
        "| N.C.    |",
        "  N",
    ]


@pytest.mark.parametrize(("width", "lines"), [(90, 2), (50, 4), (30, 6), (10, 10), (1, 10)])
def test_bars_stand_on_as_many_lines_as_they_need(width: int, lines: int) -> None:
    drawn = chart(SYMBOLS, ROMANS, width)
    assert len(drawn) == lines
    assert all(len(line) <= max(width, 11) for line in drawn)
    assert " ".join(drawn[::2]).replace("|", " ").split() == ["F", "Dm7", "G7", "Bb/D", "C", "N.C."]


def test_a_card_says_why_it_is_there() -> None:
    assert (
        reasons(is_accepted=True, ratio=1.2345, borrowed=["D7", "G7"], answers=["slow", "warm"])
        == "accepted (P/Q 1.23); outside the key: D7, G7; answers slow, warm"
    )
    assert reasons(is_accepted=False, ratio=0.02, borrowed=[], answers=[]) == (
        "tops the cards up (P/Q 0.02)"
    )


def test_long_text_is_set_in() -> None:
    assert (
        filled("keywords: ", "slow, warm, calm", 18)
        == "keywords: slow,\n          warm,\n          calm"
    )
