"""What a person does while a loop is written: it stays, or it is told that it must wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from panel.served import Served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page

WAIT = "a loop is being written: stop it or wait"


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[Served]:
    """Start a daemon whose loops wait for the gate before their first bar; it is open."""
    daemon = Served(tmp_path, lingers_at="0", is_gated=True)
    daemon.open_gate()
    daemon.start()
    yield daemon
    daemon.kill()


@pytest.fixture
def busy(chromium: Chrome, gated: Served) -> Iterator[Page]:
    """Have a page on which a bar of a loop is refilled, and nothing of it is there yet."""
    from panel.browser import Page

    page = Page(chromium, gated.url)
    page.click("#write")
    page.next_take(0)
    gated.close_gate()
    page.click("[data-cell='bass 3']")
    page.click("#refill")
    page.until("it is written", "bandmate.store.get('writing')")
    yield page
    chromium.get("about:blank")


def test_locks_and_picks_stay_and_edits_wait(busy: Page, gated: Served) -> None:
    before = busy.clip()
    busy.click("[data-key='lock-drums']")
    busy.click("[data-cell='keys 1']")
    busy.choose("[data-key='sound-bass']", "32")
    busy.until("it is told", f"document.querySelector('#alert').textContent === '{WAIT}'")
    assert busy.find("[data-key='sound-bass']").get_attribute("value") != "32"
    busy.click("[data-key='quantise']")
    busy.until("it is told", f"document.querySelector('#say').textContent === '{WAIT}'")
    busy.run("document.querySelector('#notes').focus()")
    busy.press("\ue007", "\ue015")  # draws and moves a note
    assert busy.clip() == before
    gated.open_gate()
    busy.next_take(before["take"])
    locks = busy.value("[...bandmate.store.get('locks')].sort()")
    assert locks == [f"drums {bar}" for bar in range(4)]
    assert busy.value("[...bandmate.store.get('picked')]") == ["keys 1"]
