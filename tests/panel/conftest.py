"""A daemon that serves the page, and Chromium before it; skipped where there is no Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("panel.journey")

from panel.served import Served  # noqa: E402 - rewritten before it is imported

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    """Open one Chromium for all tests."""
    pytest.importorskip("selenium")
    from panel import browser

    if not browser.CHROMIUM or not browser.DRIVER:
        pytest.skip("chromium is not installed")
    driver = browser.opened()
    yield driver
    driver.quit()


class Spares:
    """The daemon of the next test starts while this one runs."""

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._next = self._launched()

    def take(self) -> Served:
        """Return a daemon that serves, and nobody else has seen."""
        daemon, self._next = self._next, self._launched()
        daemon.wait()
        return daemon

    def _launched(self) -> Served:
        daemon = Served(self._new_folder())
        daemon.launch()
        return daemon

    def end(self) -> None:
        """End the one that nobody takes."""
        self._next.kill()


@pytest.fixture(scope="session")
def spares(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spares]:
    """Keep a daemon ready."""
    ready = Spares(lambda: tmp_path_factory.mktemp("served"))
    yield ready
    ready.end()


@pytest.fixture
def served(spares: Spares) -> Iterator[Served]:
    """Give the test a daemon of its own."""
    daemon = spares.take()
    yield daemon
    daemon.kill()


@pytest.fixture
def page(chromium: Chrome, served: Served) -> Iterator[Page]:
    """Open the page as one who was never here."""
    from panel.browser import Page

    yield Page(chromium, served.url)
    chromium.get("about:blank")
