"""A page that talks rubbish is told so, and nobody else is harmed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from panel.rubbish import KINDS, LATE, Frame, says, text
from panel.served import Served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page

TALK = """
const [kinds, isLate, leaves, done] = arguments;
const end = JSON.stringify({address: "/bandmate/hello", args: ["end"]});
const say = (socket, {bytes, text, times, before, behind}) =>
  socket.send(bytes ? new Uint8Array(bytes) : before + text.repeat(times) + behind);
const told = (frames) => new Promise((resolve) => {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  socket.onopen = () => {
    for (const said of frames) say(socket, said);
    if (!isLate) socket.send(end);
    if (leaves) socket.close();
  };
  let words = null;
  socket.onmessage = ({data}) => {
    const {address, args} = JSON.parse(data);
    if (address === "/bandmate/error") words = args.at(-1);
    if (words || args[0] === "end") socket.close();
  };
  socket.onclose = ({code}) => resolve(words ?? `closed with ${code}`);
});
Promise.all(kinds.map(told)).then(done);
"""
"""Says each kind on a socket of its own, and how it goes on; returns the words of each error."""


@pytest.fixture
def other(chromium: Chrome, served: Served, page: Page) -> Iterator[Page]:
    """Open a second page beside one that has written a loop; it is in front."""
    from panel.browser import Page

    page.click("#write")
    page.next_take(0)
    first = chromium.current_window_handle
    chromium.switch_to.new_window("tab")
    yield Page(chromium, served.url)
    chromium.close()
    chromium.switch_to.window(first)


def goes_on(page: Page, served: Served) -> None:
    """Check that a page on the same daemon works: it writes a second loop, and nobody else did."""
    page.driver.switch_to.window(page.driver.window_handles[0])
    page.click("#write")
    assert page.next_take(1) == 2
    assert [take["take"] for take in served.takes()] == [2, 1]
    assert page.troubles() == []
    assert "Traceback" not in served.log
    page.driver.switch_to.window(page.driver.window_handles[1])


def are_sentences(found: list[str], kinds: dict[str, tuple[list[Frame], str]]) -> None:
    """Check that each kind was told of in words of its own, that a person can read."""
    for (kind, (_, words)), heard in zip(kinds.items(), found, strict=True):
        assert words in heard and not heard.startswith("closed"), f"{kind}: {heard}"
        assert len(heard) < 400 and "\n" not in heard and "Error" not in heard, heard


def test_rubbish_from_a_page_is_told_in_a_sentence(page: Page, other: Page, served: Served) -> None:
    kinds, found = list(KINDS.values()), []
    for at in range(0, len(kinds), 12):
        frames = [frames for frames, _ in kinds[at : at + 12]]
        found += other.driver.execute_async_script(TALK, frames, False, False)
    are_sentences(found, KINDS)
    goes_on(page, served)


def test_what_is_left_half_said_is_told_too(page: Page, other: Page, served: Served) -> None:
    frames = [frames for frames, _ in LATE.values()]
    found = other.driver.execute_async_script(TALK, frames, True, False)
    are_sentences(found, LATE)
    goes_on(page, served)


def test_pages_that_leave_in_the_middle_of_a_sentence_harm_nobody(
    page: Page, other: Page, served: Served
) -> None:
    edit, upload = LATE["half an edit"][0], [text('{"upload": "a.wav"}')]
    halves = [edit, upload, [says("subscribe", "s", "to", "beat,takes")]] * 5
    other.driver.execute_async_script(TALK, halves, True, True)
    goes_on(page, served)
