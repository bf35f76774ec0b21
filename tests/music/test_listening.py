"""Listening: played messages become notes; the pedal, wheels, hanging and odd messages."""

from __future__ import annotations

import pytest

from bandmate.music.clip import Note, Wheel
from bandmate.music.listening import Played, Voice, played


def hears(*rows: tuple[float, str], end: float = 8.0) -> list[Voice]:
    return played([Played(beat, bytes.fromhex(row)) for beat, row in rows], end)


def only(*rows: tuple[float, str], end: float = 8.0) -> list[Note]:
    (voice,) = hears(*rows, end=end)
    return voice.notes


def test_a_note_lasts_from_its_strike_to_its_release() -> None:
    assert only((1.0, "90 3c 50"), (1.5, "80 3c 40")) == [Note(1.0, 60, 0.5, 80)]
    # A note-on of velocity 0 is a release too.
    assert only((1.0, "90 3c 50"), (1.5, "90 3c 00")) == [Note(1.0, 60, 0.5, 80)]


def test_what_is_held_still_ends_with_the_listening() -> None:
    assert only((1.0, "90 3c 50"), end=4.0) == [Note(1.0, 60, 3.0, 80)]


def test_the_pedal_holds_notes_until_it_comes_up() -> None:
    notes = only(
        (0.0, "90 3c 50"), (0.5, "b0 40 7f"), (1.0, "80 3c 00"), (2.0, "90 40 50"),
        (2.5, "80 40 00"), (3.0, "b0 40 3f"), (4.0, "90 43 50"), (4.5, "80 43 00"),
    )  # fmt: skip
    assert notes == [Note(0.0, 60, 3.0, 80), Note(2.0, 64, 1.0, 80), Note(4.0, 67, 0.5, 80)]


def test_a_note_struck_again_under_the_pedal_is_two() -> None:
    notes = only(
        (0.0, "b0 40 7f"), (0.0, "90 3c 50"), (0.5, "80 3c 00"), (1.0, "90 3c 60"),
        (2.0, "b0 40 00"), (3.0, "80 3c 00"),
    )  # fmt: skip
    assert notes == [Note(0.0, 60, 1.0, 80), Note(1.0, 60, 2.0, 96)]


def test_drums_have_no_pedal() -> None:
    (voice,) = hears((0.0, "b9 40 7f"), (0.0, "99 24 50"), (0.25, "89 24 00"))
    assert (voice.channel, voice.notes) == (9, [Note(0.0, 36, 0.25, 80)])


@pytest.mark.parametrize("control", ["78", "7b"])
def test_all_notes_off_ends_them(control: str) -> None:
    assert only((0.0, "90 3c 50"), (1.0, f"b0 {control} 00")) == [Note(0.0, 60, 1.0, 80)]


def test_wheels_are_kept_by_channel_with_where_they_stood() -> None:
    (voice,) = hears(
        (0.0, "e0 00 60"), (0.5, "b0 01 14"), (1.0, "90 3c 50"), (2.0, "e0 00 40"),
        (2.5, "d0 30"), (2.6, "b0 0b 64"), (9.0, "b0 01 00"), end=10.0,
    )  # fmt: skip
    assert voice.wheels_in(1.0, 9.0) == (
        Wheel(0.0, "bend", 4096),
        Wheel(0.0, "modulation", 20),
        Wheel(1.0, "bend", 0),
        Wheel(1.5, "pressure", 48),
        Wheel(pytest.approx(1.6), "expression", 100),  # type: ignore[arg-type]
    )


def test_the_last_program_is_known_and_silent_channels_are_not() -> None:
    (voice,) = hears((0.0, "c2 04"), (0.5, "c2 21"), (1.0, "92 3c 50"), (1.0, "e5 00 00"))
    assert (voice.channel, voice.program) == (2, 33)


@pytest.mark.parametrize("odd", ["f8", "f0 7e f7", "3c 50", "90", ""])
def test_odd_messages_are_passed_over(odd: str) -> None:
    assert hears((0.0, odd)) == []
