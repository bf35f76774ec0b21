"""Whoever does not see or does not point: no serious fault that axe-core knows, and keys alone."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from panel.browser import Page

GRAVE = ("serious", "critical")


def faults(page: Page) -> list[str]:
    """Return the grave faults that axe-core finds on what is shown."""
    pytest.importorskip("axe_core_python")
    if not page.value("typeof axe !== 'undefined'"):
        axe = files("axe_core_python").joinpath("axe.min.js").read_text()
        page.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": axe})
    page.run("window.found = (await axe.run()).violations")
    found: list[dict[str, Any]] = page.value("window.found")
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_grave_on_any_state(page: Page, scheme: str) -> None:
    page.look(scheme)
    page.run("await new Promise(requestAnimationFrame)")
    assert faults(page) == []
    page.click("#help")
    assert faults(page) == []
    page.click("#sheet button")
    page.find("#phrase").send_keys("melancholic rain")
    page.click("#find")
    page.until("four cards", "bandmate.store.get('cards').length === 4")
    page.until("all is found", "!bandmate.store.get('asking')")
    page.click(".card:nth-child(1) .tolo")
    page.next_take(0)
    page.click("[data-key='bar-0']")
    page.click("#lock")
    page.click("summary")
    assert faults(page) == []
    page.size(390, 844)
    assert faults(page) == []


def test_the_same_way_by_keys_alone(page: Page) -> None:
    from panel.browser import Keys

    page.press("/", "melancholic slow rain", Keys.ENTER)
    page.until("four cards", "bandmate.store.get('cards').length === 4")
    page.until("all is found", "!bandmate.store.get('asking')")
    until_at(page, "hold-melancholic")
    page.press(Keys.TAB, Keys.ENTER)
    page.until("the chip is gone", "document.querySelectorAll('.chip').length === 1")
    until_at(page, "send-0")
    page.press(Keys.ENTER)
    first = page.next_take(0)

    page.press("n")
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_UP)
    page.until("a note is chosen", "bandmate.store.get('chosen').size === 1")
    edited = page.next_take(first)

    page.press("c", Keys.SPACE)
    page.until("a cell is picked", "bandmate.store.get('picked').size === 1")
    shifted(page, Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    page.until("two bars are picked", "bandmate.store.get('picked').size === 6")
    page.press("l")
    page.until("they are locked", "bandmate.store.get('locks').size === 6")
    kept = page.notes((0, 1))
    until_at(page, "none", back=True)
    page.press(Keys.ENTER)
    page.until("none is picked", "bandmate.store.get('picked').size === 0")
    page.press("r")
    page.next_take(edited)
    assert page.notes((0, 1)) == kept
    while page.find("#undo").get_attribute("aria-disabled") == "false":
        chord(page, "z")
        page.run("await new Promise(requestAnimationFrame)")
    assert page.clip() is None
    chord(page, "y")
    page.until("the first take is here", f"bandmate.store.get('clip')?.take === {first}")
    page.press("a")
    page.until("it is accepted", "document.querySelector('.take.here.accepted')")


def until_at(page: Page, key: str, back: bool = False) -> None:
    """Press Tab until the focus is there."""
    from panel.browser import Keys

    for _ in range(120):
        if page.value("document.activeElement.dataset.key") == key:
            return
        shifted(page, Keys.TAB) if back else page.press(Keys.TAB)
    raise AssertionError(f"Tab never comes to {key}")


def shifted(page: Page, *keys: str) -> None:
    """Press keys with Shift held down."""
    from selenium.webdriver.common.action_chains import ActionChains

    from panel.browser import Keys

    chain = ActionChains(page.driver).key_down(Keys.SHIFT)
    for key in keys:
        chain.send_keys(key)
    chain.key_up(Keys.SHIFT).perform()


def chord(page: Page, letter: str) -> None:
    """Press a letter with Control held down."""
    from selenium.webdriver.common.action_chains import ActionChains

    from panel.browser import Keys

    ActionChains(page.driver).key_down(Keys.CONTROL).send_keys(letter).key_up(
        Keys.CONTROL
    ).perform()
