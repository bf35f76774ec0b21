"""What lies on the stage when the page is opened, and what a person finds there again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panel.browser import Page
    from panel.served import Served


def opened_elsewhere(page: Page, place: str = "") -> None:
    """Open the page by this machine's other name: the browser keeps nothing for that one."""
    page.driver.get(page.url.replace("127.0.0.1", "localhost") + place)


def test_a_page_that_holds_nothing_begins_with_the_newest_loop(page: Page) -> None:
    assert page.clip() is None
    page.click("#write")
    first = page.next_take(0)
    page.click("#write")
    page.next_take(first)
    notes = page.notes((0, 1, 2, 3))
    opened_elsewhere(page)
    page.until("the newest loop", f"bandmate.store.get('clip')?.take > {first}")
    assert page.notes((0, 1, 2, 3)) == notes
    assert page.find("#undo").get_attribute("aria-disabled") == "true"


def test_an_address_may_name_a_take(page: Page) -> None:
    page.click("#write")
    first = page.next_take(0)
    page.click("#write")
    page.next_take(first)
    opened_elsewhere(page, f"#take={first}")
    page.until("the take that is named", f"bandmate.store.get('clip')?.take === {first}")
    assert page.value("location.hash") == ""
    page.driver.get("about:blank")
    opened_elsewhere(page, "#take=99")
    page.until("a sentence", "document.querySelector('#alert').textContent.includes('99')")


def test_steps_of_both_ways_outlast_a_reload(page: Page) -> None:
    for _ in range(3):
        before = (page.clip() or {}).get("take", 0)
        page.click("#write")
        page.next_take(before)
    last = page.clip()["take"]
    page.click("#undo")
    page.until("a step back", f"bandmate.store.get('clip').take === {last - 1}")
    page.driver.refresh()
    page.until("it is there again", f"bandmate.store.get('clip')?.take === {last - 1}")
    page.click("#redo")
    page.until("a step on", f"bandmate.store.get('clip').take === {last}")
    for take in (last - 1, last - 2):
        page.click("#undo")
        page.until("a step back", f"bandmate.store.get('clip').take === {take}")


def test_each_tab_finds_its_own_and_what_is_of_another_shape_is_let_go(page: Page) -> None:
    page.click("#write")
    first = page.next_take(0)
    tab = page.driver.current_window_handle
    page.driver.get("about:blank")
    page.driver.switch_to.new_window("tab")
    page.driver.get(page.url)
    page.until("what the other left", f"bandmate.store.get('clip')?.take === {first}")
    page.click("#write")
    page.next_take(first)
    page.driver.close()
    page.driver.switch_to.window(tab)
    page.driver.get(page.url)
    page.until("its own", f"bandmate.store.get('clip')?.take === {first}")

    page.driver.get(f"{page.url}look.css")
    page.driver.execute_script(
        "for (const shelf of [sessionStorage, localStorage])"
        " shelf.setItem('bandmate', JSON.stringify({ values: { clip: { take: 7 } } }))"
    )
    page.driver.get(page.url)
    page.until("the newest loop", f"bandmate.store.get('clip')?.take > {first}")


def test_another_home_is_not_taken_for_the_one_that_was(page: Page, served: Served) -> None:
    for before in (0, 1):
        page.click("#write")
        page.next_take(before)
    page.choose("#field-bars", "2")
    served.kill()
    page.until("it is gone", "!document.querySelector('#gone').hidden")
    served.home = "another"
    served.start()
    page.until("it begins anew", "!bandmate.store.get('clip')")
    page.until("it is back", "bandmate.store.get('link') === 'there'")
    assert page.find("#undo").get_attribute("aria-disabled") == "true"
    assert page.value("bandmate.store.get('form').bars") == 2
    page.click("#write")
    assert page.next_take(0) == 1


def test_thousands_of_steps_are_undone_and_no_more_are_held(page: Page) -> None:
    page.click("#write")
    page.next_take(0)
    page.run(
        "const { store } = bandmate; for (let i = 0; i < 5010; i += 1)"
        " store.step('one', { ...store.get('clip'), isEdited: false });"
        "for (window.undone = 0; store.undo(); ) window.undone += 1"
    )
    assert page.value("window.undone") == 5000


def test_words_that_are_chips_already_are_not_read_anew(page: Page) -> None:
    page.find("#phrase").send_keys("a melancholic slow rain")
    chips = "[...document.querySelectorAll('.chip')].map((chip) => chip.ariaLabel).join()"
    newest = "Math.max(0, ...bandmate.store.get('cards').map((card) => card.take))"
    for removed, left in (("", "melancholic,slow"), ("slow", "melancholic")):
        if removed:
            page.click(f"[aria-label='Remove {removed}']")
            page.until("it is gone", f"{chips} === '{left}'")
        before = page.value(newest)
        page.click("#find")
        page.until("other cards", f"{newest} > {before} && !bandmate.store.get('asking')")
        assert page.value("bandmate.store.get('cards').length") == 4
        assert page.value(chips) == left
