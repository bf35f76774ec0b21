"""Notes are copied, cut, pasted and duplicated, in time and from part to part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel.roll_hands import choose, drag, laid, lay, mouse, point, press, with_loop

if TYPE_CHECKING:
    from panel.browser import Page

SAID = "document.querySelector('#say').textContent"


def test_what_is_duplicated_lies_a_bar_later_though_its_last_note_ends_early(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (36, 0.5, 0.5), (38, 2, 0.5), (40, 3.5, 0.25))
    choose(page, 1, 2, 3)
    press(page, "d")
    page.until("six notes", "bandmate.roll.part.notes.length === 6")
    assert laid(page, "bass")[1::2] == [(36, 4.5, 0.5), (38, 6, 0.5), (40, 7.5, 0.25)]
    assert page.value("bandmate.store.get('chosen').size") == 3
    press(page, "d", "d")
    page.until("twelve notes", "bandmate.roll.part.notes.length === 12")
    press(page, "d")
    page.until("there is no room", f"{SAID}.includes('no room')")
    press(page, "z")
    page.until("nine notes", "bandmate.roll.part.notes.length === 9")


def test_a_short_note_is_duplicated_on_the_next_line_of_the_grid(page: Page) -> None:
    with_loop(page)
    lay(page, "drums", (42, 1, 0.1))
    choose(page, 1)
    press(page, "d", "d")
    page.until("three hits", "bandmate.roll.part.notes.length === 3")
    assert [start for _, start, _ in laid(page, "drums")] == [1, 1.25, 1.5]


def test_from_part_to_part_it_stays_where_it_was(page: Page) -> None:
    with_loop(page)
    lay(page, "keys")
    lay(page, "bass", (36, 4.25, 0.5), (38, 5, 1))
    choose(page, 1, 2)
    press(page, "c")
    page.run("bandmate.store.set({part: 'keys', chosen: new Set()})")
    page.run("document.querySelector('#notes').focus({preventScroll: true})")
    press(page, "v")
    page.until("they are there", "bandmate.roll.part.notes.length === 2")
    assert laid(page, "keys") == [(36, 4.25, 0.5), (38, 5, 1)] == laid(page, "bass")
    press(page, "v")
    page.until("and behind", "bandmate.roll.part.notes.length === 4")
    assert laid(page, "keys")[1::2] == [(36, 6.25, 0.5), (38, 7, 1)]


def test_cut_and_pasted_where_one_stands(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (36, 0, 0.5), (38, 1, 0.5), (40, 9, 1))
    choose(page, 1, 2)
    press(page, "x")
    page.until("they are gone", "bandmate.roll.part.notes.length === 1")
    at = point(page, 45, 8.1)
    mouse(page, "mousePressed", at, held=1)  # Alt
    mouse(page, "mouseReleased", at, held=1)
    page.until("one stands there", "bandmate.roll.stand === 8")
    assert page.find(".stand").is_displayed()
    page.shot("stand-1280")
    press(page, "v")
    page.until("they are pasted", "bandmate.roll.part.notes.length === 3")
    assert laid(page, "bass") == [(36, 8, 0.5), (38, 9, 0.5), (40, 9, 1)]
    press(page, "v")
    page.until("and behind", "bandmate.roll.part.notes.length === 5")
    assert (36, 10, 0.5) in laid(page, "bass")
    press(page, "z", "z", "z")
    page.until("as before", "bandmate.roll.part.notes.length === 3")
    assert laid(page, "bass")[0] == (36, 0, 0.5)


def test_pasted_at_the_playhead_while_it_plays(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (36, 0, 0.5))
    choose(page, 1)
    press(page, "c")
    page.run("bandmate.roll.playhead(6.3 / 16)")
    press(page, "v")
    page.until("it is pasted", "bandmate.roll.part.notes.length === 2")
    assert laid(page, "bass")[1] == (36, 6.25, 0.5)


def test_what_is_heard_begins_where_one_stands(page: Page) -> None:
    with_loop(page)
    chain = "[data-key='bar-2']"
    page.run(f"document.querySelector(\"{chain}\").dispatchEvent(new MouseEvent('dblclick'))")
    page.until("one stands at bar 3", "bandmate.roll.stand === 8")
    page.click("#hear")
    page.until("it is heard from there", "bandmate.roll.isPlaying && bandmate.roll.place >= 7.9")
    page.click("#hear")
    page.until("it stands", "!bandmate.roll.isPlaying")


def test_equal_notes_do_not_lie_on_each_other(page: Page) -> None:
    with_loop(page)
    lay(page, "bass", (36, 0, 0.5), (36, 4, 1))
    choose(page, 1)
    press(page, "c")
    start = point(page, 45, 4.1)
    drag(page, start, start, held=1)
    page.until("one stands there", "bandmate.roll.stand === 4")
    press(page, "v")
    page.until(
        "it is replaced", "bandmate.roll.part.notes.some((n) => n.start === 4 && n.duration < 1)"
    )
    assert laid(page, "bass") == [(36, 0, 0.5), (36, 4, 0.5)]
