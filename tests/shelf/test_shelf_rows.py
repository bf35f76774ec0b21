"""What the shelf knows of takes, as the daemon tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.errors import AskError
from bandmate.shelf.rows import KNOWN, MOST, Rows
from shelf.shelf_clips import CLIP


def test_rows_come_newest_first_and_the_oldest_go() -> None:
    rows = Rows()
    for number in (3, 1, 2, *range(4, MOST + 3)):
        rows.tell({"take": number, "title": f"loop #{number}"})
    numbers = [row.number for row in rows.newest_first]
    assert numbers == list(range(MOST + 2, 2, -1))


def test_an_older_take_finds_no_room_among_newer_ones() -> None:
    rows = Rows()
    for number in range(2, KNOWN + 2):
        rows.tell({"take": number})
    rows.tell({"take": 1})
    assert rows.get(1) is None
    assert len(rows.newest_first) == MOST


def chain(*takes: int, **marks: object) -> Rows:
    """Return takes of which each is an edit of the one before; the middle one is marked."""
    rows = Rows()
    for number, parent in zip(takes, (0, *takes), strict=False):
        rows.tell({"take": number, "parent": parent, "star": 0, "title": f"loop #{number}"})
    middle = takes[len(takes) // 2]
    told = {"take": middle, "parent": middle - 1, "star": 0, "title": f"loop #{middle}", **marks}
    rows.tell(told)  # type: ignore[arg-type]
    return rows


def test_of_a_chain_of_edits_only_the_latest_is_shown() -> None:
    shown = chain(1, 2, 3, 4, 5).newest_first
    assert [(row.number, row.parent) for row in shown] == [(5, 1), (1, 0)]


@pytest.mark.parametrize(
    "marks", [{"star": 1}, {"title": "verse"}, {"state": "accepted"}, {"state": "rejected"}]
)
def test_an_edit_that_was_marked_is_shown_beside_later_ones(marks: dict[str, object]) -> None:
    shown = chain(1, 2, 3, 4, 5, **marks).newest_first
    assert [(row.number, row.parent) for row in shown] == [(5, 3), (3, 1), (1, 0)]


def test_two_edits_of_one_take_are_both_shown() -> None:
    rows = chain(1, 2)
    rows.tell({"take": 3, "parent": 1, "title": "loop #3"})
    assert [row.number for row in rows.newest_first] == [3, 2, 1]


def test_edits_that_are_not_shown_take_no_room_of_those_that_are() -> None:
    rows = chain(*range(100, 100 + MOST + 5))
    rows.tell({"take": 1})
    assert [row.number for row in rows.newest_first] == [104 + MOST, 100, 1]


def test_what_is_told_again_keeps_its_notes() -> None:
    rows = Rows()
    rows.tell({"take": 5, "state": "made", "title": "loop #5", "client": "REAPER"})
    rows.open(5, CLIP, Path("loop #5.mid"))
    row = rows.tell({"take": 5, "state": "rejected", "title": "loop #5"})
    assert (row.state, row.clip, row.file) == ("rejected", CLIP, Path("loop #5.mid"))


@pytest.mark.parametrize(("told", "starred"), [({}, None), ({"star": 1}, True),
                                              ({"star": 0}, False)])  # fmt: skip
def test_a_star_is_known_where_the_daemon_tells_of_it(
    told: dict[str, int], starred: bool | None
) -> None:
    assert Rows().tell({"take": 1, **told}).is_starred is starred


def test_trouble_goes_when_the_notes_come() -> None:
    rows = Rows()
    rows.tell({"take": 5})
    rows.fail(5, "the file is gone")
    assert rows.newest_first[0].trouble == "the file is gone"
    rows.open(5, CLIP, None)
    assert rows.newest_first[0].trouble == ""


def test_notes_of_a_take_without_a_row_are_nobodys() -> None:
    rows = Rows()
    rows.open(5, CLIP, None)
    rows.fail(5, "gone")
    assert rows.newest_first == ()


def test_a_take_without_a_number_is_refused() -> None:
    with pytest.raises(AskError, match="a take must tell its number, not 'x'"):
        Rows().tell({"take": "x"})


def test_takes_that_are_no_more_are_let_go() -> None:
    rows = Rows()
    for number in (1, 2, 3):
        rows.tell({"take": number})
    rows.keep({1, 3, 9})
    assert [row.number for row in rows.newest_first] == [3, 1]


@pytest.mark.parametrize(
    ("title", "label"), [("funk #12", "funk #12"), ("verse", "verse #12"), ("a #1", "a #1 #12")]
)
def test_a_label_tells_the_number_once(title: str, label: str) -> None:
    assert Rows().tell({"take": 12, "title": title}).label == label
