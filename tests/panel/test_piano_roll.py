"""The piano roll under the mouse: what is dragged, drawn, framed and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from panel.roll_hands import choose, drag, laid, lay, mouse, point, press, with_loop

if TYPE_CHECKING:
    from panel.browser import Page

STEP = "bandmate.store.get('steps').undo"


def test_a_click_alone_is_no_step(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (40, 1, 1))
    at = point(page, 40, 1.4)
    drag(page, at, (at[0] + 1, at[1] + 1))
    page.until("it is chosen", "bandmate.store.get('chosen').size === 1")
    assert page.value(STEP) == "laid notes"


def test_notes_that_are_dragged_over_the_edge_keep_their_shape(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (40, 1, 0.5), (43, 2.5, 0.5))
    choose(page, 1, 2)
    start = point(page, 43, 2.6)
    drag(page, start, (start[0] - 400, start[1]))
    page.until("they moved", f"{STEP} === 'moved notes'")
    assert laid(page, "bass") == [(40, 0, 0.5), (43, 1.5, 0.5)]
    choose(page, 1, 2)
    press(page, "\ue012", "\ue012", held="\ue008")  # Shift and arrow left
    assert laid(page, "bass") == [(40, 0, 0.5), (43, 1.5, 0.5)]


def test_a_chord_that_is_dragged_over_the_top_keeps_its_shape(page: Page) -> None:
    with_loop(page)
    lay(page, "keys", (60, 0, 1), (64, 0, 1), (67, 0, 1))
    choose(page, 1, 2, 3)
    start = point(page, 60, 0.4)
    drag(page, start, (start[0], start[1] - 600))
    page.until("they moved", f"{STEP} === 'moved notes'")
    low, middle, high = (pitch for pitch, _, _ in laid(page, "keys"))
    assert (middle - low, high - middle) == (4, 3)
    assert low > 60


def test_a_drum_is_moved_by_its_end_too_and_from_row_to_row(page: Page) -> None:
    with_loop(page)
    lay(page, "drums", (38, 4, 0.25))
    page.shot("drums-1280")
    x, y = point(page, 38, 4.25)
    up = point(page, 42, 0)[1]
    drag(page, (x - 2, y), (x - 2 + point(page, 38, 2)[0] - point(page, 38, 0)[0], up))
    page.until("it moved", f"{STEP} === 'moved notes'")
    assert laid(page, "drums") == [(42, 6, 0.25)]


def test_a_note_is_drawn_and_pulled_to_its_length(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (40, 0, 1))
    start = point(page, 43, 5.1)
    drag(page, start, (point(page, 43, 6.6)[0], start[1]))
    page.until("it is drawn", f"{STEP} === 'drew a note'")
    assert laid(page, "bass")[1] == (43, 5, 1.75)
    press(page, "z")
    page.until("it is gone", "bandmate.roll.part.notes.length === 1")


def test_undo_while_a_note_is_dragged_gives_it_up(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (40, 0, 1))
    lay(page, "bass", (40, 0, 1), (43, 4, 1))
    start = point(page, 43, 4.4)
    mouse(page, "mousePressed", start)
    mouse(page, "mouseMoved", (start[0] + 80, start[1]))
    page.until("it is dragged", "bandmate.roll.draft")
    press(page, "z")
    page.until("it is given up", "bandmate.roll.draft === null")
    mouse(page, "mouseReleased", (start[0] + 80, start[1]))
    assert laid(page, "bass") == [(40, 0, 1)]


def test_a_frame_chooses_what_lies_in_it(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (40, 0, 1), (43, 4, 1), (45, 8, 1))
    start = point(page, 47, 3.5)
    mouse(page, "mousePressed", start, held=8)
    end = (point(page, 42, 9)[0], point(page, 42, 0)[1])
    mouse(page, "mouseMoved", end, held=8)
    assert page.find("#roll .frame").is_displayed()
    page.shot("frame-1280")
    mouse(page, "mouseReleased", end, held=8)
    assert page.value("bandmate.store.get('chosen').size") == 2
    assert not page.find("#roll .frame").is_displayed()


def test_notes_of_before_and_after_a_reload_are_not_taken_for_each_other(page: Page) -> None:
    with_loop(page)
    page.driver.refresh()
    page.until("it is there again", "bandmate.store.get('clip')")
    page.run("bandmate.store.set({part: 'bass'}); document.querySelector('#notes').focus()")
    page.press("\ue007", "\ue007", "\ue007")
    page.until("three are drawn", f"{STEP} === 'drew a note'")
    ids = page.value("bandmate.store.get('clip').parts.flatMap((p) => p.notes.map((n) => n.id))")
    assert len(ids) == len(set(ids))


def test_when_its_part_is_undone_the_roll_shows_another(page: Page) -> None:
    with_loop(page)
    first = page.clip()["take"]
    page.choose("[data-key='add-part']", "strings")
    page.next_take(first)
    page.click("[data-key='part-strings']")
    page.until("its roll", "bandmate.roll.part?.name === 'strings'")
    page.click("#undo")
    page.until("another part's", "bandmate.roll.part && bandmate.roll.part.name !== 'strings'")
    assert page.value("document.querySelector('#edit .told').textContent").startswith("bass")


def test_a_part_without_notes_is_drawn_into_where_it_sounds(page: Page) -> None:
    with_loop(page)
    lay(page, "bass")
    low = page.value("Math.min(...bandmate.roll.lanes.pitches)")
    assert low < 36
    page.run("document.querySelector('#notes').focus()")
    page.press("\ue014")
    page.until("it says so", "document.querySelector('#say').textContent.includes('no notes')")
    page.press("\ue007")
    page.until("one is drawn", "bandmate.roll.part.notes.length === 1")


@pytest.mark.parametrize(
    ("meter", "pulses"),
    [
        ("4/4", [0, 1, 2, 3]),
        ("6/8", [0, 1.5]),
        ("7/8", [0, 1, 2]),
        ("12/8", [0, 1.5, 3, 4.5]),
        ("5/4", [0, 1, 2, 3, 4]),
        ("2/4", [0, 1]),
    ],
)
def test_the_pulses_that_are_drawn_are_the_daemons(
    page: Page, meter: str, pulses: list[float]
) -> None:
    from bandmate.music.meter import Meter

    page.run(f"window.felt = (await import('/clip.js')).felt('{meter}')")
    assert page.value("window.felt") == pulses == list(Meter.parse(meter).pulses)


def test_in_seven_eight_each_bar_begins_the_grid_anew(page: Page) -> None:
    page.choose("#meter", "7/8")
    page.until("it is told", "bandmate.store.get('song').meter === '7/8'")
    with_loop(page)
    assert page.clip()["length"] == 14
    lay(page, "bass", (40, 3.6, 0.5), (41, 4.4, 0.5), (43, 10.4, 0.5))
    page.run("bandmate.store.set({grid: 1})")
    page.click("[data-key='quantise']")
    page.until("they are on it", f"{STEP} === 'quantised'")
    assert [start for _, start, _ in laid(page, "bass")] == [3.5, 4.5, 10.5]
    page.shot("seven-eight-1280")
