"""A daemon that serves the page, and Chromium before it; skipped where there is no Chromium."""

from __future__ import annotations

from collections.abc import Iterator
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


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Start a daemon of the test's own."""
    daemon = Served(tmp_path)
    daemon.start()
    yield daemon
    daemon.kill()


@pytest.fixture
def page(chromium: Chrome, served: Served) -> Iterator[Page]:
    """Open the page as one who was never here."""
    from panel.browser import Page

    yield Page(chromium, served.url)
    chromium.get("about:blank")
