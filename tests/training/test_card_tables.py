"""The tables of the models' card are those that the reports give."""

from __future__ import annotations

import json

import pytest

from bandmate.workers.weights import manifest
from cards import CARD, FOLDER, LOOP_TABLES, by_name, filled, table, tables


def test_the_card_holds_the_figures_of_both_reports() -> None:
    card = CARD.read_text("utf-8")
    assert filled(card, tables()) == card, "run `make card`"


def test_every_part_of_the_loops_was_measured_on_the_weights_that_ship() -> None:
    report = json.loads((FOLDER / "loops" / "report.json").read_text("utf-8"))
    (row,) = (row for row in manifest() if row.name == "loops")
    assert report["sha256"] == row.sha256, "other weights: run `make eval-loops`"
    assert {part for part, _ in LOOP_TABLES.values()} <= report["measured"].keys()
    for part, facts in report["measured"].items():
        is_of_them = facts["weights"] == f"loops@{row.sha256[:8]}"
        assert is_of_them or part == "keys", f"{part} is of other weights"
        assert facts["broken"] == {}, part


def test_the_judge_heard_the_weights_that_ship() -> None:
    report = json.loads((FOLDER / "loops" / "judge.json").read_text("utf-8"))
    (row,) = (row for row in manifest() if row.name == "loops")
    assert report["sha256"] == row.sha256, "other weights: run `make judge`"
    for found in report["ours"].values():
        assert len(found["whole band"]["tells"]) == 10


def test_the_chords_were_measured_on_the_weights_that_ship() -> None:
    report = json.loads((FOLDER / "chords" / "report.json").read_text("utf-8"))
    for name, model in report["models"].items():
        (row,) = (row for row in manifest() if row.name == name)
        assert model == f"{name}@{row.sha256[:8]}", "other weights: run `make eval-chords`"


def test_a_table_takes_its_place_and_no_other() -> None:
    card = "a\n<!-- ONE -->\nold\n<!-- end -->\nb\n<!-- TWO -->\nkept\n<!-- end -->\n"
    assert filled(card, {"ONE": "new"}) == card.replace("old", "new")
    with pytest.raises(KeyError, match="THREE"):
        filled(card, {"THREE": "new"})


def test_rows_that_lack_a_figure_stay_empty_there() -> None:
    assert by_name("set", {"a": {"x": 1}, "b": {"x": 2, "y": 3}}) == table(
        ["set", "x", "y"], [["a", 1, ""], ["b", 2, 3]]
    )
