"""What the prior sees: changes, where they lie, and what stood there before."""

from __future__ import annotations

import pytest

from bandmate.asks.notation import read_chords
from bandmate.chords.events import (
    COLUMNS,
    END,
    LONGEST,
    PLACES,
    ROW,
    UNKNOWN_LEFT,
    Sort,
    events_of,
    rows_of,
    start_of,
    when_of,
)
from bandmate.chords.vocabulary import CONTENTS, START_ROOT

MAJ, MIN = CONTENTS.index("maj"), CONTENTS.index("min")
SORT = Sort.of("min", "jazz", "verse", is_triple=False)


def test_repeats_are_merged_over_bar_lines() -> None:
    events = events_of(read_chords("C C F,F,G,G G C"))
    assert [event.start for event in events] == [0, 24, 30, 48]
    assert [event.numbers[0] for event in events] == [0, 5, 7, 0]


def test_a_chord_that_lasts_too_long_is_struck_again() -> None:
    events = events_of(read_chords(" ".join(["C"] * 20)))
    assert [event.start // 12 for event in events] == [0, LONGEST, 2 * LONGEST]


@pytest.mark.parametrize(
    ("start", "following", "when"),
    [(0, 6, 3), (6, 12, len(PLACES)), (9, 12 + 9, len(PLACES) + 5), (0, None, END)],
)
def test_when_a_chord_changes(start: int, following: int | None, when: int) -> None:
    assert when_of(start, following) == when
    assert start_of(when, start) == following


def test_rows_know_what_stood_there_bars_ago() -> None:
    bars = read_chords("C A:min F G C A:min F G")
    rows, targets = rows_of(events_of(bars), len(bars), SORT)
    fifth = dict(zip(COLUMNS, rows[4], strict=False))
    assert len(rows[4]) == ROW
    assert (fifth["root"], fifth["content"]) == (7, MAJ)  # the chord before
    assert (fifth["root4"], fifth["content4"], fifth["change4"]) == (0, MAJ, 2)
    assert (fifth["root8"], fifth["change8"]) == (START_ROOT, 0)  # eight bars ago was nothing
    assert (fifth["bar"], fifth["place"], fifth["left"]) == (4, 0, 4)
    assert targets[5] == (9, MIN, 0, when_of(60, 72))
    assert targets[-1][3] == END


def test_a_row_does_not_tell_its_own_chord() -> None:
    one = rows_of(events_of(read_chords("C A:min F")), None, SORT)[0]
    other = rows_of(events_of(read_chords("C A:min D:7/3")), None, SORT)[0]
    assert one == other
    assert one[0][COLUMNS.index("left")] == UNKNOWN_LEFT


def test_names_that_were_not_learnt_are_unknown() -> None:
    assert Sort.of("loc2", "polka", "fadeout") == Sort()
