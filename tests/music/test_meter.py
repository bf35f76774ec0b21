"""Meters: bars, pulses and what is refused."""

from __future__ import annotations

import pytest

from bandmate.errors import AskError
from bandmate.music.meter import Meter


@pytest.mark.parametrize(
    ("text", "bar", "pulses", "strong"),
    [
        ("4/4", 4.0, (0, 1, 2, 3), (0, 2)),
        ("3/4", 3.0, (0, 1, 2), (0,)),
        ("2/4", 2.0, (0, 1), (0,)),
        ("2/2", 4.0, (0, 2), (0,)),
        ("6/8", 3.0, (0, 1.5), (0,)),
        ("9/8", 4.5, (0, 1.5, 3), (0,)),
        ("12/8", 6.0, (0, 1.5, 3, 4.5), (0, 3)),
        ("5/4", 5.0, (0, 1, 2, 3, 4), (0,)),
        ("5/8", 2.5, (0, 1), (0,)),
        ("7/8", 3.5, (0, 1, 2), (0,)),
        ("3/8", 1.5, (0, 0.5, 1), (0,)),
    ],
)
def test_rows(text: str, bar: float, pulses: tuple[float, ...], strong: tuple[float, ...]) -> None:
    meter = Meter.parse(text)
    assert (meter.bar_beats, meter.pulses, meter.strong_beats) == (bar, pulses, strong)
    assert str(meter) == text
    assert Meter.parse(f" {meter.numerator} / {meter.denominator} ") == meter


def test_compound_meters_are_felt_in_threes() -> None:
    compound = ("3/8", "6/8", "9/8", "12/8", "6/4", "7/8", "12/16")
    assert [Meter.parse(text).is_compound for text in compound] == [
        False, True, True, True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "4", "4/", "/4", "x/4", "-4/4", "4/4/4", "4.5/4", "1" * 5000 + "/4"]
)
def test_what_is_no_meter_is_told(text: str) -> None:
    with pytest.raises(AskError, match="meter must be written like 4/4 or 6/8, not "):
        Meter.parse(text)


@pytest.mark.parametrize("text", ["0/4", "33/4", "4/3", "4/64", "4/0"])
def test_what_is_out_of_range_is_told(text: str) -> None:
    with pytest.raises(AskError, match=rf"meter must be 1\.\.32 over .*, not {text}"):
        Meter.parse(text)
