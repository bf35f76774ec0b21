"""A web page of a stranger, open in the same browser, can neither read nor do anything here."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from panel.foreign import FRAMED, POSTED, TRIES, foreign_site
from panel.served import Served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page

EVIL = "evil.example"
HOSTS = (
    f"{EVIL}:PORT", "127.0.0.1", "127.0.0.1:1", f"127.0.0.1:PORT.{EVIL}", "[::1]:PORT",
)  # fmt: skip
"""What a request may call this machine in vain."""


@pytest.fixture
def site() -> Iterator[int]:
    """Serve the stranger's page."""
    with foreign_site() as port:
        yield port


@pytest.fixture
def rebound() -> Iterator[Chrome]:
    """Open a Chromium to which a stranger's name leads to this machine."""
    pytest.importorskip("selenium")
    from panel import browser

    if not browser.CHROMIUM or not browser.DRIVER:
        pytest.skip("chromium is not installed")
    driver = browser.opened(f"host-resolver-rules=MAP {EVIL} 127.0.0.1")
    yield driver
    driver.quit()


@pytest.fixture
def before(page: Page, served: Served) -> list[dict[str, Any]]:
    """Have a take; return what is told of all there are."""
    page.click("#write")
    page.next_take(0)
    return served.takes()


def test_what_a_stranger_tries_our_own_page_can_do(page: Page, before: list[Any]) -> None:
    found = tried(page.driver, page.url)
    able = {name for name, got in found.items() if got}
    assert {"socket", "page", "clip", "sound", "an old request", "a picture", "import"} <= able
    page.until("its star", "bandmate.store.get('takes')[0].star === 1")


@pytest.mark.parametrize("names", list(product(("127.0.0.1", "localhost"), repeat=2)), ids=str)
def test_a_stranger_beside_us_reads_nothing_and_does_nothing(
    page: Page, served: Served, site: int, before: list[Any], names: tuple[str, str]
) -> None:
    theirs, ours = names
    page.driver.get(f"http://{theirs}:{site}/")
    assert page.driver.title == "foreign"
    url = f"http://{ours}:{served.port}/"
    assert {name: got for name, got in tried(page.driver, url).items() if got} == {}
    for script in (FRAMED, POSTED):
        assert not page.driver.execute_async_script(script, url)
    assert served.takes() == before
    assert "Traceback" not in served.log


def test_a_strangers_name_that_leads_here_is_a_stranger(
    rebound: Chrome, site: int, served: Served, before: list[Any]
) -> None:
    rebound.get(f"http://{EVIL}:{site}/")
    assert rebound.title == "foreign"
    url = f"http://{EVIL}:{served.port}/"
    assert {name: got for name, got in tried(rebound, url).items() if got} == {}
    rebound.get(url)
    assert "pages of this machine alone" in rebound.page_source
    # From here on the page's own origin is the daemon's address, under the stranger's name.
    assert {name: got for name, got in tried(rebound, url).items() if got} == {}
    assert served.takes() == before


@pytest.mark.parametrize("path", ["/", "/ws", "/clips/1.mid", "/sound/1.wav"])
@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused(served: Served, before: list[Any], path: str, host: str) -> None:
    named = host.replace("PORT", str(served.port))
    head = answered(served.port, path, named, f"http://{named}")
    assert head.startswith("HTTP/1.1 403")
    assert "Access-Control" not in head


def tried(driver: Chrome, ours: str) -> dict[str, Any]:
    """Try everything; return what each brought."""
    found: dict[str, Any] = driver.execute_async_script(TRIES, ours, 1)
    return found


def answered(port: int, path: str, host: str, origin: str) -> str:
    """Ask to open a socket there; return the head of the answer."""
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.settimeout(20)
        wire.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n".encode()
        )
        return wire.makefile("rb").read().decode().partition("\r\n\r\n")[0]
