"""The list of parts: what it shows is what the next loop is written for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel.roll_hands import with_loop

if TYPE_CHECKING:
    from panel.browser import Page


def names(page: Page) -> list[str]:
    """Return the parts of the clip on the stage."""
    return [part["name"] for part in page.clip()["parts"]]


def test_a_new_loop_is_for_the_band_that_is_shown(page: Page) -> None:
    with_loop(page)
    first = page.clip()["take"]
    page.choose("[data-key='add-part']", "strings")
    added = page.next_take(first)
    page.choose("[data-key='sound-bass']", "32")
    landed = page.next_take(added)
    page.click("[aria-label='Remove keys']")
    removed = page.next_take(landed)
    page.click("#write")
    page.next_take(removed)
    assert names(page) == ["drums", "bass", "strings"]
    assert page.clip()["parts"][1]["program"] == 32


def test_a_preset_brings_a_band_of_its_own(page: Page) -> None:
    with_loop(page)
    first = page.clip()["take"]
    preset = page.value("bandmate.store.get('choices').presets[0].value")
    page.choose("#field-preset", preset)
    page.click("#write")
    second = page.next_take(first)
    own = names(page)
    page.choose("[data-key='add-part']", "strings")
    third = page.next_take(second)
    page.click("#write")
    page.next_take(third)
    assert names(page) == [*own, "strings"]


def test_a_lock_is_drawn_as_one(page: Page) -> None:
    with_loop(page)
    page.click("[data-key='lock-bass']")
    page.until("it is drawn", "document.querySelector(\"[data-key='lock-bass'] svg.icon-lock\")")
    assert len(page.all(".cell svg.icon-lock")) == 4
    page.click("[data-key='lock-bass']")
    page.until("it is open", "document.querySelector(\"[data-key='lock-bass'] svg.icon-open\")")
    assert page.all(".cell svg.icon-lock") == []
