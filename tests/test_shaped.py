"""Curves: evenly between the numbers that were said, one for each bar."""

from __future__ import annotations

import pytest

from bandmate.asks.scoped import SHAPED, curve_by_bar, read_curve
from bandmate.errors import AskError
from bandmate.loops.plan import FIELDS

CURVES = [
    ((4.0, 6.0, 8.0, 12.0), 4, (4, 6, 8, 12)),
    ((4.0, 12.0), 5, (4, 6, 8, 10, 12)),
    ((4.0, 8.0, 4.0), 5, (4, 6, 8, 6, 4)),
    ((4.0, 8.0, 4.0), 4, (4, 6.666667, 6.666667, 4)),
    ((7.0,), 3, (7, 7, 7)),
    ((7.0,), 1, (7,)),
    ((60.0, 100.0), 2, (60, 100)),
]


@pytest.mark.parametrize(("points", "bars", "values"), CURVES)
def test_a_curve_has_a_value_for_each_bar(
    points: tuple[float, ...], bars: int, values: tuple[float, ...]
) -> None:
    assert curve_by_bar("density", points, bars) == pytest.approx(values)


def test_a_curve_has_no_more_numbers_than_the_clip_has_bars() -> None:
    words = r"^curve of density must have 1..2 numbers, as the clip has bars, not 3$"
    with pytest.raises(AskError, match=words):
        curve_by_bar("density", (1, 2, 3), 2)


def test_what_can_be_shaped_is_what_the_loop_model_measures() -> None:
    assert [name.capitalize() for name in SHAPED] == list(FIELDS)


def test_a_curve_may_be_of_several_fields() -> None:
    said = read_curve(" density = 4,6 ; velocity=60 , 100")
    assert said == (("density", (4.0, 6.0)), ("velocity", (60.0, 100.0)))
