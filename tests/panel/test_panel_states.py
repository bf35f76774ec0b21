"""axe-core on what a page looks like between: writing, gone, asked something, told off, large."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from panel.served import Served
from panel.test_panel_access import faults

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page


@pytest.fixture(params=["dark", "light"])
def shown(request: pytest.FixtureRequest, page: Page) -> Page:
    """Have a page with a loop, dark and light."""
    page.look(request.param)
    page.click("#write")
    page.next_take(0)
    return page


@pytest.fixture(params=["dark", "light"])
def writing(request: pytest.FixtureRequest, chromium: Chrome, tmp_path: Path) -> Iterator[Page]:
    """Have a page on which two bars of a loop are written, and no more come."""
    from panel.browser import Page

    daemon = Served(tmp_path, lingers_at="2")
    daemon.start()
    page = Page(chromium, daemon.url)
    page.look(request.param)
    page.click("#write")
    page.until("two bars are written", "bandmate.store.get('writing')?.bar === 2")
    yield page
    chromium.get("about:blank")
    daemon.kill()


def test_while_a_loop_is_written(writing: Page) -> None:
    assert writing.find("#cancel").is_displayed()
    assert faults(writing) == []


def test_while_the_daemon_is_gone(shown: Page, served: Served) -> None:
    served.kill()
    shown.until("it says so", "!document.querySelector('#gone').hidden")
    assert faults(shown) == []


def test_with_a_dialog_open(shown: Page) -> None:
    shown.click("#do-name")
    shown.until("it asks", "document.querySelector('#sheet').open")
    assert faults(shown) == []


def test_with_an_alert(shown: Page) -> None:
    shown.click("summary")
    shown.find("#field-form").send_keys("X Y:999", "\ue007")
    shown.click("#write")
    shown.until("an alert", "document.querySelector('#alert').textContent")
    assert faults(shown) == []
    assert shown.find("#alert").text  # it is still there


@pytest.mark.parametrize("words", ["loop", "no such take"])
def test_with_the_search_in_use(shown: Page, words: str) -> None:
    shown.find("[data-key='search']").send_keys(words, "\ue007")
    shown.until("it is searched for", f"bandmate.store.get('search') === '{words}'")
    assert faults(shown) == []


def test_twice_as_large(shown: Page) -> None:
    shown.size(640, 450)
    shown.until("it fits", "document.documentElement.scrollWidth <= 640")
    assert faults(shown) == []
    shown.click("#help")
    shown.until("the sheet", "document.querySelector('#sheet').open")
    assert faults(shown) == []
