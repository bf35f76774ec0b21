"""Controls: how they are written, and what counts as a press of one."""

from __future__ import annotations

import pytest

from bandmate.errors import AskError
from bandmate.surfaces.controls import Control, Switches, pressed_control


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("cc 80", Control("cc", 80)),
        ("CC  80  channel 1", Control("cc", 80, 0)),
        ("note 36 channel 10", Control("note", 36, 9)),
        ("program 5", Control("program", 5)),
        ("cc 64 channel 16 latch", Control("cc", 64, 15, True)),
    ],
)
def test_a_control_is_read_and_written(text: str, control: Control) -> None:
    assert Control.parse(text) == control
    assert Control.parse(str(control)) == control


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pedal", "must be written like cc 80"),
        ("cc", "must be written like cc 80"),
        ("cc 128", "number must be in 0..127, not 128"),
        ("note 36 channel 17", "channel must be in 1..16, not 17"),
        ("note 36 channel 0", "channel must be in 1..16, not 0"),
        ("program 5 latch", "a program cannot latch"),
    ],
)
def test_mistakes_are_told(text: str, words: str) -> None:
    with pytest.raises(AskError, match=words):
        Control.parse(text)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("b0 50 7f", "cc 80 channel 1"), ("b1 50 40", "cc 80 channel 2"), ("b0 50 3f", None),
        ("99 24 01", "note 36 channel 10"), ("99 24 00", None), ("89 24 40", None),
        ("c0 05", "program 5 channel 1"), ("e0 00 7f", None), ("f8", None), ("b0 50", None),
    ],
)  # fmt: skip
def test_what_a_message_presses(message: str, text: str | None) -> None:
    found = pressed_control(bytes.fromhex(message))
    assert (found and str(found)) == text


def presses(control: str, *rows: tuple[float, str]) -> list[float]:
    """Return the seconds at which a control is pressed."""
    switches, one = Switches(), Control.parse(control)
    heard = [(second, bytes.fromhex(message)) for second, message in rows]
    assert all(one.is_moved_by(message) for _, message in heard)
    return [second for second, message in heard if switches.is_pressed(one, second, message)]


def test_a_momentary_pedal_is_pressed_once() -> None:
    assert presses("cc 80", (1.0, "b0 50 7f"), (1.3, "b0 50 00"), (2.0, "b0 50 7f")) == [1.0, 2.0]


def test_contacts_that_bounce_are_one_press() -> None:
    down = [(1.0, "b0 50 7f"), (1.004, "b0 50 00"), (1.009, "b0 50 7f")]
    up = [(1.5, "b0 50 00"), (1.503, "b0 50 7f"), (1.508, "b0 50 00")]
    assert presses("cc 80", *down, *up, (1.7, "b0 50 7f")) == [1.0, 1.7]


def test_a_pedal_that_is_swept_is_one_press() -> None:
    rows = [(1 + value / 50, f"b0 50 {value:02x}") for value in (10, 40, 70, 100, 127)]
    assert presses("cc 80", *rows) == [1 + 70 / 50]


def test_a_latching_pedal_is_pressed_both_ways() -> None:
    rows = ((1.0, "b0 50 7f"), (2.0, "b0 50 00"), (2.01, "b0 50 7f"), (2.02, "b0 50 00"))
    assert presses("cc 80 latch", *rows, (3.0, "b0 50 7f")) == [1.0, 2.0, 3.0]


def test_notes_and_programs_are_pressed() -> None:
    assert presses("note 36", (1.0, "99 24 50"), (1.2, "89 24 00"), (1.4, "99 24 50")) == [1.0, 1.4]
    assert presses("program 5", (1.0, "c0 05"), (1.02, "c0 05"), (2.0, "c0 05")) == [1.0, 2.0]


def test_channels_are_apart() -> None:
    assert not Control.parse("cc 80 channel 2").is_moved_by(bytes.fromhex("b0 50 7f"))
    assert presses("cc 80", (1.0, "b0 50 7f"), (1.01, "b1 50 7f")) == [1.0, 1.01]
