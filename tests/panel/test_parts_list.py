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


def test_what_a_note_does_not_change_stays_as_it_is(page: Page) -> None:
    with_loop(page)
    page.click("[data-cell='keys 3']")
    page.run(
        "window.seen = []; const seen = new MutationObserver((rows) => window.seen.push(...rows));"
        "for (const id of ['parts', 'density'])"
        " seen.observe(document.getElementById(id), {subtree: true, childList: true});"
    )
    page.run(
        "const clip = bandmate.store.get('clip'); const [one, ...parts] = clip.parts;"
        "const notes = one.notes.map((note) => ({...note, velocity: 9}));"
        "bandmate.store.step('softer', {...clip, parts: [{...one, notes}, ...parts]});"
        "bandmate.store.set({form: {...bandmate.store.get('form'), energy: 2}});"
        "await new Promise(requestAnimationFrame);"
    )
    assert page.value("window.seen.length") == 0
    page.click("[aria-label='Remove keys']")
    page.until("they are gone", "!document.querySelector(\"[data-cell='keys 3']\")")
    assert page.value("window.seen.length") > 0
    walked = "[...document.querySelectorAll(\"#cells .cell[tabindex='0']\")]"
    assert page.value(f"{walked}.map((cell) => cell.dataset.cell)") == ["drums 0"]
    page.click("[data-cell='bass 1']", "\ue008")  # Shift, from a cell that is gone: alone
    assert page.value("[...bandmate.store.get('picked')]") == ["bass 1"]
