"""A connection that breaks: the page says so, and what was under way comes once, not twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bandmate import __version__
from panel.cuttable import Cuttable
from panel.journey import ALL_BARS
from panel.served import Served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page

PATIENCE = 20.0
"""Seconds until what does not come is a failure."""


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[Served]:
    """Start a daemon that waits before bar 3 of every loop until its gate is opened."""
    daemon = Served(tmp_path, lingers_at="2", is_gated=True)
    daemon.start()
    yield daemon
    daemon.kill()


@pytest.fixture
def wire(gated: Served) -> Iterator[Cuttable]:
    """Stand between the page and the daemon."""
    between = Cuttable(gated.port)
    yield between
    between.close()


@pytest.fixture
def far(chromium: Chrome, wire: Cuttable) -> Iterator[Page]:
    """Open the page behind the wire."""
    from panel.browser import Page

    yield Page(chromium, wire.url)
    chromium.get("about:blank")


def until_gone(page: Page) -> None:
    """Wait until the page says that nobody answers."""
    page.until("it says so", "!document.querySelector('#gone').hidden")
    assert page.find("#gone").text


def until_back(page: Page) -> None:
    """Wait until the page is in touch again, and has read what there is."""
    page.until("it is back", "document.querySelector('#gone').hidden")


def loops(daemon: Served) -> list[int]:
    """Return the numbers of the loops that there are, newest first."""
    return [take["take"] for take in daemon.takes() if take["kind"] == "loop"]


def until_made(daemon: Served, many: int) -> None:
    """Wait until there are so many loops, whether a page hears of it or not."""
    daemon.until_takes(lambda: len(loops(daemon)) >= many)


@pytest.mark.parametrize("ends", ["while the page is away", "when the page is back"])
def test_a_loop_comes_to_the_stage_once_though_the_connection_broke(
    far: Page, wire: Cuttable, gated: Served, ends: str
) -> None:
    far.click("#write")
    far.until("two bars are written", "bandmate.store.get('writing')?.bar === 2")
    wire.cut()
    until_gone(far)
    if ends == "while the page is away":
        gated.open_gate()
        until_made(gated, 1)
    wire.mend()
    until_back(far)
    gated.open_gate()
    take = far.next_take(0)
    assert loops(gated) == [take]
    assert {bar for bar in ALL_BARS if far.notes((bar,))} == set(ALL_BARS)
    # A second loop would be written by now behind the first: this one would not be the next.
    far.click("#write")
    assert far.next_take(take) == take + 1
    assert loops(gated) == [take + 1, take]
    assert not far.value("document.querySelector('#alert').textContent")


def left_alone_while_writing(chromium: Chrome, gated: Served) -> Page:
    """Let the daemon die when two bars are written."""
    from panel.browser import Page

    page = Page(chromium, gated.url)
    page.click("#write")
    page.until("two bars are written", "bandmate.store.get('writing')?.bar === 2")
    gated.kill()
    until_gone(page)
    return page


def test_a_loop_that_died_with_the_daemon_is_asked_for_again(
    chromium: Chrome, gated: Served
) -> None:
    page = left_alone_while_writing(chromium, gated)
    gated.open_gate()
    gated.start()
    until_back(page)
    take = page.next_take(0)
    assert loops(gated) == [take]
    assert {bar for bar in ALL_BARS if page.notes((bar,))} == set(ALL_BARS)
    chromium.get("about:blank")


def test_a_loop_that_is_stopped_while_nobody_answers_is_not_asked_for_again(
    chromium: Chrome, gated: Served
) -> None:
    page = left_alone_while_writing(chromium, gated)
    page.click("#cancel")
    page.until("it is called off", "!bandmate.store.get('writing')")
    assert page.clip() is None
    gated.open_gate()
    gated.start()
    until_back(page)
    page.click("#write")
    take = page.next_take(0)
    assert loops(gated) == [take]
    chromium.get("about:blank")


def test_a_refused_hello_is_said_again_and_another_version_loads_the_page_anew(
    far: Page, wire: Cuttable, gated: Served
) -> None:
    gated.open_gate()
    first = written(far)
    far.run(
        "const wire = bandmate.verbs.wire, ask = wire.ask.bind(wire); window.refused = 0;"
        "wire.ask = (address, ...more) => address === '/bandmate/hello' && window.refused++ < 2"
        " ? Promise.reject(new Error('busy')) : ask(address, ...more)"
    )
    wire.cut()
    until_gone(far)
    wire.mend()
    until_back(far)
    assert far.value("window.refused") == 3

    wire.cut()
    until_gone(far)
    drawn(far)
    edited = far.notes(ALL_BARS)
    version = f'"version","{__version__}"'.encode()
    wire.say_instead(version, version[:-2] + b'~"')
    wire.mend()
    far.until("it is another page", "window.refused === undefined")
    far.next_take(first)
    assert far.notes(ALL_BARS) == edited


@pytest.mark.parametrize("lost", ["what is asked", "what is answered"])
def test_an_edit_becomes_one_take_though_the_connection_broke(
    far: Page, wire: Cuttable, gated: Served, lost: str
) -> None:
    gated.open_gate()
    first = written(far)
    wire.swallow(asks=lost == "what is asked", answers=lost == "what is answered")
    drawn(far)
    edited = far.notes(ALL_BARS)
    wire.until_swallowed(PATIENCE)
    if lost == "what is answered":
        until_made(gated, 2)
    wire.cut()
    until_gone(far)
    assert far.notes(ALL_BARS) == edited
    wire.mend()
    until_back(far)
    edit = far.next_take(first)
    assert loops(gated) == [edit, first]
    assert far.notes(ALL_BARS) == edited
    settled(far)
    assert len(loops(gated)) == 2


def test_what_is_undone_and_redone_after_a_death_makes_no_take_again(
    page: Page, served: Served
) -> None:
    first = written(page)
    before = page.notes(ALL_BARS)
    drawn(page)
    second = page.next_take(first)
    served.kill()
    until_gone(page)
    page.press("\ue013")  # a semitone up: the note that was drawn is chosen
    page.until("it is edited", "bandmate.store.get('clip').isEdited")
    page.press("\ue013")
    edited = page.notes(ALL_BARS)
    served.start()
    until_back(page)
    third = page.next_take(second)
    assert page.notes(ALL_BARS) == edited

    made = loops(served)
    while page.clip()["take"] != second or page.clip()["isEdited"]:
        page.click("#undo")
    page.press("n", "\ue013\ue013")  # the same once more, by hand
    page.until("it is edited", "bandmate.store.get('clip').isEdited")
    settled(page)
    assert (page.clip()["take"], page.notes(ALL_BARS)) == (third, edited)
    assert loops(served) == made

    steps = undone_to_the_start(page)
    assert steps > 1
    assert (page.clip()["take"], page.notes(ALL_BARS)) == (first, before)
    for _ in range(steps):
        page.click("#redo")
        settled(page)
    assert page.notes(ALL_BARS) == edited
    assert page.clip()["take"] == third
    numbers = loops(served)
    contents = [kept_notes(page, number) for number in numbers]
    twice = {a for a, one in zip(numbers, contents, strict=True) if contents.count(one) > 1}
    assert not twice
    undone_to_the_start(page)
    assert page.notes(ALL_BARS) == before
    assert loops(served) == numbers


def written(page: Page) -> int:
    """Write a loop; return its take."""
    page.click("#write")
    take = page.next_take(0)
    page.click("[data-key='part-bass']")
    page.until("the roll is drawn", "bandmate.roll.lanes && bandmate.roll.part.name === 'bass'")
    return take


def drawn(page: Page) -> None:
    """Take hold of a note of the bass, or draw one, and move it."""
    page.find("#notes").click()
    page.press("q", "\ue013")
    page.until("it is edited", "bandmate.store.get('clip').isEdited")


def settled(page: Page) -> None:
    """Have the page land what was edited now, and not in a while."""
    page.run("await bandmate.verbs.landing.landed()")


def undone_to_the_start(page: Page) -> int:
    """Undo and land until the first take is here as it was; return the steps."""
    steps = 0
    while page.value("bandmate.store.get('steps').undo") != "a new loop":
        page.click("#undo")
        settled(page)
        steps += 1
    return steps


def kept_notes(page: Page, take: int) -> list[list[float]]:
    """Return the notes that the daemon keeps of a take, however they are sorted."""
    page.run(f"window.kept = await bandmate.verbs.fetched({take})")
    found: list[list[float]] = page.value(
        "window.kept.parts.flatMap((part, at) => part.notes.map((n) =>"
        " [at, n.start, n.pitch, n.duration, n.velocity]))"
    )
    return sorted(found)
