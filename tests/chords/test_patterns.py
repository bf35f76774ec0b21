"""Rhythms: rows that read like a drum grid, in any meter, each chord heard and none too long."""

from __future__ import annotations

import itertools

import pytest

from bandmate.chords.patterns import RHYTHMS, Rhythm, hits
from bandmate.music.meter import Meter

METERS = ["4/4", "3/4", "2/4", "6/8", "9/8", "12/8", "5/4", "7/8", "5/8", "2/2", "15/16", "1/16"]


def starts(name: str, meter: str, start: float, end: float, is_bass: bool = False) -> list[float]:
    found = hits(RHYTHMS[name], Meter.parse(meter), start, end, is_bass=is_bass)
    return [round(hit.start, 4) for hit in found]


PLACES = [
    ("held", "4/4", 0, 8, [0]),
    ("quarters", "4/4", 0, 4, [0, 1, 2, 3]),
    ("quarters", "3/4", 0, 6, [0, 1, 2, 3, 4, 5]),
    ("quarters", "6/8", 0, 3, [0, 1.5]),
    ("quarters", "7/8", 0, 3.5, [0, 1, 2]),
    ("quarters", "2/2", 0, 4, [0, 2]),
    ("pulse", "6/8", 0, 3, [0, 0.5, 1, 1.5, 2, 2.5]),
    ("pulse", "7/8", 0, 3.5, [0, 0.5, 1, 1.5, 2, 2.5]),
    ("offbeat", "4/4", 4, 6, [4.5, 5.5]),
    ("offbeat", "12/8", 0, 6, [1, 2.5, 4, 5.5]),
    ("charleston", "4/4", 0, 8, [0, 1.5, 4, 5.5]),
    ("charleston", "4/4", 2, 4, [2, 3.5]),  # a chord on the third beat begins the row again
    ("waltz", "3/4", 0, 3, [1, 2]),
    ("stabs", "4/4", 0, 4, [1, 3]),
    ("bossa", "5/4", 0, 5, [0, 1.5, 3, 4]),
    ("funk", "4/4", 0, 1.5, [0, 0.75]),
    ("arpeggio", "3/4", 0, 3, [0, 0.5, 1, 1.5, 2, 2.5]),
]


@pytest.mark.parametrize(("name", "meter", "start", "end", "beats"), PLACES)
def test_where_a_chord_is_struck(
    name: str, meter: str, start: float, end: float, beats: list[float]
) -> None:
    assert starts(name, meter, start, end) == beats


def test_the_bass_has_a_row_of_its_own() -> None:
    assert starts("waltz", "3/4", 0, 6, is_bass=True) == [0, 3]
    assert starts("bossa", "4/4", 0, 4, is_bass=True) == [0, 1.5, 2, 3.5]


def test_a_chord_shorter_than_a_silence_is_heard() -> None:
    assert starts("stabs", "4/4", 2, 3) == [2]
    assert starts("waltz", "4/4", 1, 2) == [1]


def test_three_chords_a_bar_fall_between_the_beats() -> None:
    assert starts("quarters", "4/4", 4 / 3, 8 / 3) == [1.3333, 2.3333]


@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("name", RHYTHMS)
def test_every_row_plays_in_every_meter(name: str, meter: str) -> None:
    bar = Meter.parse(meter).bar_beats
    edges = [0, bar / 2, bar, 2 * bar + bar / 3, 3 * bar + bar / 4, 4 * bar]
    for (start, end), is_bass in itertools.product(itertools.pairwise(edges), (False, True)):
        found = list(hits(RHYTHMS[name], Meter.parse(meter), start, end, is_bass=is_bass))
        assert found
        assert start - 1e-9 <= found[0].start
        for hit in found:
            assert hit.start < hit.end <= hit.limit + 1e-9 <= end + 2e-9
        assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(found))


@pytest.mark.parametrize("rhythm", RHYTHMS.values(), ids=RHYTHMS)
def test_rows_are_whole(rhythm: Rhythm) -> None:
    assert rhythm.words
    assert 0 < rhythm.gate <= 1
    rows = [rhythm.simple, rhythm.compound, rhythm.bass, rhythm.compound_bass]
    if not any(rows):
        return
    three = 3 * rhythm.steps // 2
    assert all(len(row) % rhythm.steps == 0 for row in rows[::2])
    assert all(row and len(row) % three == 0 for row in rows[1::2])
    assert all(set(row) <= set("XxoDdUu1234-.") for row in rows[:2])
    assert all(set(row) <= set("158-.") for row in rows[2:])
    assert not any(row[0] == "-" for row in rows)


def test_there_are_rhythms_to_choose_from() -> None:
    told = {(r.simple, r.compound, r.bass, r.gate) for r in RHYTHMS.values()}
    assert len(told) == len(RHYTHMS) >= 10
