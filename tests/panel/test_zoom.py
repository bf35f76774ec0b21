"""The columns of bars are made wider and narrower; what is not in view is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from panel.roll_hands import choose, laid, lay, mouse, point, with_loop

if TYPE_CHECKING:
    from panel.browser import Page

WIDE = "document.querySelector(\"[data-key='bar-0']\").getBoundingClientRect().width"
ROWS = (".barhead", "#chords .chord", "#density label.bar", "#cells .line:nth-child(2) .cell")
LEFTS = "[...document.querySelectorAll('%s')].map((it) => Math.round(it.getBoundingClientRect().x))"
INK = """(
((x, y) => {
  const canvas = document.querySelector("#notes");
  const box = canvas.getBoundingClientRect();
  return canvas.getContext("2d").getImageData(x - box.left, y - box.top, 1, 1).data[3];
})(%f, %f))"""
CANVASES = "[...document.querySelectorAll('#scroll canvas')].map((canvas) => canvas.width)"


def bar_at(page: Page, x: float) -> float:
    """Return the place in bars that is at a pixel of the window."""
    box = page.value("document.querySelector('#roll .paper').getBoundingClientRect().toJSON()")
    return float((x - box["x"]) / box["width"] * page.clip()["bars"])


def wheel(page: Page, x: float, y: float, turn: int) -> None:
    """Turn the wheel with Control held down."""
    what = {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": turn, "modifiers": 2}
    before = page.value("bandmate.store.get('zoom') ?? null")
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", what)
    page.until("it is zoomed", f"(bandmate.store.get('zoom') ?? null) !== {before or 'null'}")


def test_the_bar_under_the_pointer_stays_and_only_what_is_in_view_is_drawn(page: Page) -> None:
    with_loop(page, bars=32)
    lay(page, "bass", *((40 + bar % 5, bar * 4, 1) for bar in range(32)))
    x, y = point(page, 42, 4 * 9 + 1)
    before = bar_at(page, x)
    for turn in (-300, -300, -300):
        wheel(page, x, y, turn)
    assert page.value(WIDE) > 400
    assert bar_at(page, x) == pytest.approx(before, abs=0.02)
    page.run("await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame)")
    assert max(page.value(CANVASES)) < 2000
    lefts = [page.value(LEFTS % row) for row in ROWS]
    assert len(lefts[0]) == 32
    assert lefts[1:] == [lefts[0]] * 3
    page.shot("zoomed-1280")
    wheel(page, x, y, 300)
    assert bar_at(page, x) == pytest.approx(before, abs=0.02)


def test_a_click_draws_where_it_is_when_zoomed_and_scrolled(page: Page) -> None:
    with_loop(page, bars=32)
    lay(page, "bass", (40, 0, 1))
    for _ in range(5):
        page.press("+")
    page.run("document.querySelector('#scroll').scrollLeft = 6000")
    page.run("await new Promise(requestAnimationFrame)")
    beat = round(bar_at(page, 700) * 4) + 0.25
    at = point(page, 38, beat + 0.05)
    mouse(page, "mousePressed", at)
    mouse(page, "mouseReleased", at)
    page.until("it is drawn", "bandmate.roll.part.notes.length === 2")
    assert laid(page, "bass")[0][:2] == (38, beat)
    page.run("await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame)")
    assert page.value(INK % point(page, 38, beat + 0.1)) > 0
    assert page.value(INK % point(page, 38, beat + 0.6)) == 0


def test_buttons_and_keys(page: Page) -> None:
    with_loop(page)
    fit = page.value(WIDE)
    page.click("[data-key='wider']")
    page.until("wider", f"{WIDE} > {fit} * 1.3")
    page.click("[data-key='fit']")
    page.until("as before", f"Math.abs({WIDE} - {fit}) < 1")
    page.press("+", "+")
    page.until("twice wider", f"{WIDE} > {fit} * 2")
    page.press("-")
    page.until("once wider", f"{WIDE} < {fit} * 1.7")
    page.press("0")
    page.until("as before", f"Math.abs({WIDE} - {fit}) < 1")
    page.press("-")
    assert abs(page.value(WIDE) - fit) < 1  # never narrower than what is in view


def test_by_keys_the_chosen_note_stays_where_it_is(page: Page) -> None:
    with_loop(page, bars=32)
    lay(page, "bass", (40, 0, 1), (41, 44, 1))
    choose(page, 2)
    before = point(page, 41, 44)[0]
    page.press("+", "+", "+")
    page.until("wider", f"{WIDE} > 140")
    assert point(page, 41, 44)[0] == pytest.approx(before, abs=2)


def test_the_view_follows_the_playhead_that_was_in_view(page: Page) -> None:
    with_loop(page, bars=32)
    page.press("+", "+")
    scrolled = "document.querySelector('#scroll').scrollLeft"
    page.run("bandmate.roll.playhead(0.01); bandmate.roll.playhead(0.5)")
    page.until("it followed", f"{scrolled} > 500")
    page.run("document.querySelector('#scroll').scrollLeft = 0")
    page.run("bandmate.roll.playhead(0.51); bandmate.roll.playhead(0.52)")
    assert page.value(scrolled) == 0  # whoever looks elsewhere is left there
