"""Places in the bar, whose habits a part has, and the table that is shipped."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bandmate.errors import WeightsError
from bandmate.loops.performance.groove_table import (
    GROUPS,
    SLOTS,
    felt_beats,
    followed,
    place_of,
    shipped_feel,
)
from bandmate.music.meter import Meter
from bandmate.music.roles import ROLES

PLACES = [
    # meter, beat of the bar, kind of beat, slot
    ("4/4", 0, 0, 0), ("4/4", 1, 1, 0), ("4/4", 2.5, 2, 6), ("4/4", 3.75, 3, 9),
    ("4/4", 1 / 3, 0, 4), ("4/4", 2 / 3, 0, 8), ("4/4", 11 / 12, 0, 9),
    ("3/4", 0, 0, 0), ("3/4", 1, 1, 0), ("3/4", 2, 3, 0),
    ("2/4", 1, 1, 0), ("2/2", 2, 2, 0),
    ("6/8", 0.5, 0, 4), ("6/8", 1.0, 0, 8), ("6/8", 1.5, 1, 0), ("12/8", 4.5, 3, 0),
]  # fmt: skip


@pytest.mark.parametrize(("meter", "beat", "kind", "slot"), PLACES)
def test_places(meter: str, beat: float, kind: int, slot: int) -> None:
    assert place_of(Meter.parse(meter), beat) == kind * len(SLOTS) + SLOTS.index(slot)


def test_beats_fill_their_bar() -> None:
    for text in ("4/4", "5/4", "6/8", "7/8", "11/8", "3/2"):
        meter = Meter.parse(text)
        beats = felt_beats(meter)
        assert sum(length for _, length in beats) == meter.bar_beats
        assert [s + n for s, n in beats] == [*(s for s, _ in beats[1:]), meter.bar_beats]


def test_every_role_follows_a_group_that_was_heard() -> None:
    feel = shipped_feel()
    for role in ROLES:
        assert followed(role, 60).group in feel.groups
    assert [followed("drums", pitch).group for pitch in (36, 40, 42, 46, 51, 49, 45)] == [
        "kick", "snare", "hat", "open", "ride", "crash", "tom",
    ]  # fmt: skip
    assert followed("bass", 40).group == "kick"


def test_the_table_is_of_people() -> None:
    feel = shipped_feel()
    assert set(feel.groups) == set(GROUPS)
    for group in feel.groups.values():
        assert 3 < group.timing_spread.wander < 40, "milliseconds"
        assert 1 < group.velocity_spread.wander < 40
        assert all(len(row) == 4 * len(SLOTS) for row in group.velocity.values())
    snare = feel.groups["snare"].velocity["rock"]
    backbeat, offbeat = snare[len(SLOTS)], snare[len(SLOTS) + 1]
    assert backbeat > offbeat + 15
    assert "jazz" in feel.swung_eighths
    assert "funk" not in feel.swung_eighths


def test_a_table_that_makes_no_sense_is_told(tmp_path: Path) -> None:
    (tmp_path / "loops").mkdir()
    (tmp_path / "loops" / "feel.json").write_text('{"pocket": {}}')
    sha256 = hashlib.sha256(b'{"pocket": {}}').hexdigest()
    row = f"- {{name: feel, file: loops/feel.json, sha256: {sha256}, licence: MIT, reads: x}}"
    (tmp_path / "manifest.yaml").write_text(row)
    with pytest.raises(WeightsError, match="is not a table of feel"):
        shipped_feel(tmp_path)
