"""The whole way on the models that are shipped, in a Chromium that reaches this machine alone.

That the daemon reaches nothing else is shown in ``privacy/``.
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from panel.journey import whole_way
from panel.served import Shipped

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

PATIENCE = 120.0
"""Seconds until a model that does not answer is a failure: one is loaded with the first ask."""
NOWHERE = "host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""To Chromium no other machine exists, nor does any name."""


@pytest.fixture
def cut_off() -> Iterator[Chrome]:
    """Open a Chromium that finds nothing but 127.0.0.1."""
    pytest.importorskip("selenium")
    from panel import browser

    if not browser.CHROMIUM or not browser.DRIVER:
        pytest.skip("chromium is not installed")
    driver = browser.opened(NOWHERE)
    yield driver
    driver.quit()


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[Shipped]:
    """Start the daemon as it is shipped."""
    daemon = Shipped(tmp_path)
    daemon.start()
    yield daemon
    daemon.stop()


def test_the_shipped_models_go_the_whole_way_without_a_network(
    cut_off: Chrome, shipped: Shipped
) -> None:
    from panel.browser import Page

    page = Page(cut_off, shipped.url, PATIENCE)
    way = whole_way(page, shots="shipped-")
    assert page.troubles() == []
    assert {urlsplit(url).hostname for url in page.requests()} == {"127.0.0.1"}
    made = {take["take"]: take for take in shipped.takes()}
    first, edited, *_ = (made[take] for take in way["takes"])
    assert (first["state"], edited["parent"]) == ("accepted", first["take"])
    (hello,) = shipped.asked("/bandmate/hello", "/hello", "/hello")
    assert hello["model"].startswith("loops@")
    assert "Traceback" not in shipped.log


def test_a_chromium_that_is_cut_off_reaches_nobody_else(chromium: Chrome, cut_off: Chrome) -> None:
    from selenium.common.exceptions import WebDriverException

    with somebody_else() as url:
        chromium.get(url)
        assert chromium.title == "somebody else"
        chromium.get("about:blank")
        with pytest.raises(WebDriverException, match="ERR_NAME_NOT_RESOLVED"):
            cut_off.get(url)


class Else(http.server.BaseHTTPRequestHandler):
    """Answers with one little page."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>somebody else</title>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def somebody_else() -> Iterator[str]:
    """Serve at another address of the loopback; yield where."""
    with http.server.ThreadingHTTPServer(("127.0.0.2", 0), Else) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.2:{server.server_port}/"
        server.shutdown()
