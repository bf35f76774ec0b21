"""What a page of another site can make a browser do here by itself: show a link's page, no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.support.ui import WebDriverWait

from panel.foreign import NAVIGATED, PRECONNECTED, foreign_site
from panel.served import Served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page

FETCHED = """
const [url, done] = arguments;
fetch(url).then(async (answer) => done([answer.status, (await answer.arrayBuffer()).byteLength]));
"""
ENDED_SECONDS = 20.0
"""Far more than the daemon gives itself, for a busy machine."""
REFUSED = "this is for pages of this machine alone"


@pytest.fixture
def site() -> Iterator[int]:
    """Serve the stranger's page."""
    with foreign_site() as port:
        yield port


@pytest.fixture
def ours(page: Page, served: Served) -> str:
    """Have a take; return where our page is."""
    page.click("#write")
    page.next_take(0)
    return served.url


def processes(served: Served) -> int:
    """Return how many processes the daemon has; rendering takes one more."""
    assert served._process
    return len(psutil.Process(served._process.pid).children(recursive=True))


def tried(driver: Chrome, ours: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = driver.execute_async_script(NAVIGATED, ours, path)
    return found


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_nothing_is_rendered_and_no_take_is_told_from_none(
    page: Page, served: Served, site: int, ours: str, name: str
) -> None:
    takes, before = served.takes(), processes(served)
    page.driver.get(f"http://{name}:{site}/")
    there = tried(page.driver, ours, "sound/1.wav")
    assert there == tried(page.driver, ours, "sound/999.wav")
    assert tried(page.driver, ours, "clips/1.mid") == tried(page.driver, ours, "clips/999.mid")
    assert "loaded" not in {there[tag] for tag in ("img", "audio", "script", "stylesheet")}
    assert processes(served) == before
    assert served.takes() == takes


@pytest.mark.parametrize("path", ["sound/1.wav", "clips/1.mid", "main.js", "index.html"])
def test_a_window_is_led_to_nothing_but_the_page(
    page: Page, served: Served, site: int, ours: str, path: str
) -> None:
    before = processes(served)
    page.driver.get(f"http://localhost:{site}/")
    page.driver.execute_script("location.href = arguments[0]", ours + path)
    WebDriverWait(page.driver, 20).until(lambda driver: REFUSED in driver.page_source)
    assert processes(served) == before


def test_a_link_shows_the_page_which_knows_nothing_of_who_led_there(
    page: Page, site: int, ours: str
) -> None:
    driver = page.driver
    driver.get(f"http://localhost:{site}/")
    home = driver.current_window_handle
    driver.execute_script("window.led = window.open(arguments[0], 'led')", ours)
    WebDriverWait(driver, 20).until(lambda _: len(driver.window_handles) == 2)
    (led,) = set(driver.window_handles) - {home}
    driver.switch_to.window(led)
    page.until("it is there", "bandmate.store.get('choices').roles.length > 0")
    assert driver.execute_script("return window.opener") is None
    assert driver.execute_script("return window.name") == ""
    driver.close()
    driver.switch_to.window(home)
    with pytest.raises(WebDriverException):
        driver.execute_script("return window.led.document.title")


def test_our_own_page_has_all_of_it(page: Page, ours: str) -> None:
    page.driver.get(ours)
    status, size = page.driver.execute_async_script(FETCHED, f"{ours}sound/1.wav")
    assert (status, size > 10_000) == (200, True)


def test_the_daemon_ends_while_a_stranger_is_connected_ahead(
    page: Page, served: Served, site: int, ours: str
) -> None:
    page.driver.get(f"http://localhost:{site}/")
    page.driver.execute_async_script(PRECONNECTED, ours)
    assert served._process
    served._process.terminate()
    assert served._process.wait(ENDED_SECONDS) == 0
