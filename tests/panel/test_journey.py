"""The whole way through the page in a real browser: from a phrase to a take that is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from panel.journey import whole_way, words
from panel.served import Served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page

SENT = """
  window.curves = [];
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (frame) {
    const {address, args} = JSON.parse(frame);
    if (address === "/bandmate/loop/ask")
      window.curves.push(args.includes("curve") ? args[args.indexOf("curve") + 1] : null);
    send.call(this, frame);
  };
"""
"""Note the curve of each loop that is asked for."""


def test_from_a_phrase_to_a_take_that_is_kept(page: Page) -> None:
    page.shot("empty-1280")
    way = whole_way(page, shots="")
    assert way["chips"] == ["melancholic", "slow", "nostalgic"]
    narrow(page)
    assert page.troubles() == []
    assert {urlsplit(url).hostname for url in page.requests()} == {"127.0.0.1"}


def narrow(page: Page) -> None:
    """Look at it on a telephone: nothing sticks out at the side."""
    page.size(390, 844)
    page.until("it fits", "document.documentElement.scrollWidth <= 390")
    page.look("light")
    page.shot("again-390")
    page.size(390, int(page.value("document.documentElement.scrollHeight")))
    page.shot("again-390-whole")
    page.size(1280, 900)
    page.shot("again-1280-light")


def test_twice_as_large_nothing_sticks_out(page: Page) -> None:
    page.find("#write").click()
    page.next_take(0)
    page.size(640, 450)
    page.until("it fits", "document.documentElement.scrollWidth <= 640")
    page.shot("twice-as-large")


def test_a_picture_becomes_chips_and_cards(page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "sea.png"
    picture.write_bytes(b"a picture, as far as the fake looks")
    page.find("#inspire input[type='file']").send_keys(str(picture))
    page.until("four cards", "bandmate.store.get('cards').length === 4")
    assert words(page) == ["nostalgic"]
    page.until("what was told of it", "document.querySelector('#say').textContent")
    assert "colours" in page.find("#say").text


def test_chords_that_are_typed_and_a_density_that_is_drawn_are_asked_for(page: Page) -> None:
    page.click("#write")
    first = page.next_take(0)
    for bar, chord in enumerate(("Am", "F", "C", "G7")):
        all_of_it = "\ue009a\ue009"
        page.find(f"[data-key='chord-{bar}']").send_keys(all_of_it, chord, "\ue007")
        page.until("it is taken", f"bandmate.store.get('track')?.[{bar}] === '{chord}'")
    page.run("""document.querySelector("[data-key='density-2']").focus()""")
    page.press(*"\ue013\ue013\ue013")
    page.until("it is drawn", "bandmate.store.get('form').curve?.[2] > 0")
    drawn = page.value("String(bandmate.store.get('form').curve[2])")
    page.run(SENT)
    page.click("#refill")
    second = page.next_take(first)
    assert page.clip()["chords"] == "A:min F:maj C:maj G:7"
    page.choose("#field-bars", "8")
    page.click("#write")
    third = page.next_take(second)
    page.choose("#field-bars", "2")  # the bar that was drawn is not among them
    page.click("#write")
    page.next_take(third)
    curves = [f"density={','.join([drawn] * bars)}" for bars in (4, 8)]
    assert page.value("window.curves") == [*curves, None]


def test_a_part_that_is_locked_stays_when_the_rest_is_written(page: Page) -> None:
    page.click("#write")
    first = page.next_take(0)
    before = page.notes((0, 1, 2, 3))
    page.click("[data-key='lock-bass']")
    page.until("it says so", "document.querySelector('#write').textContent.includes('around')")
    page.click("#write")
    page.next_take(first)
    after = page.notes((0, 1, 2, 3))
    assert [n for n in after if n[0] == "bass"] == [n for n in before if n[0] == "bass"]
    assert [n for n in after if n[0] != "bass"] != [n for n in before if n[0] != "bass"]


def test_a_mistake_is_told_in_a_sentence_and_the_page_goes_on(page: Page) -> None:
    page.click("summary")
    page.find("#field-form").send_keys("X Y:999", "\ue007")
    page.click("#write")
    page.until("a sentence", "document.querySelector('#alert').textContent.startsWith('form must')")
    page.find("#field-form").clear()
    page.find("#field-form").send_keys("\ue007")
    page.click("#write")
    page.next_take(0)


def test_writing_is_followed_bar_by_bar_and_called_off(chromium: Chrome, tmp_path: Path) -> None:
    from panel.browser import Page

    daemon = Served(tmp_path, lingers_at="2")
    daemon.start()
    try:
        page = Page(chromium, daemon.url)
        page.click("#write")
        page.until("two bars are written", "bandmate.store.get('writing')?.bar === 2")
        page.until("it is told", "document.querySelector('#write').textContent === 'Bar 2 of 4…'")
        page.until(
            "both are shown", "bandmate.store.shown?.parts[0].notes.some((n) => n.start > 4)"
        )
        assert page.value("bandmate.store.shown.parts.map((part) => part.name)")[0] == "drums"
        assert len(page.all(".cell")) == 12
        page.shot("writing-1280")
        page.click("#cancel")
        page.until("it is called off", "bandmate.store.get('writing') === null")
        assert page.find("#cancel").get_attribute("hidden")
        assert page.clip() is None
    finally:
        chromium.get("about:blank")
        daemon.kill()


def test_a_first_loop_over_chords_of_ones_own(page: Page) -> None:
    page.find("[data-key='chord-0']").send_keys("Dm7|G7|Cmaj7|Am", "\ue009\ue007\ue009")
    first = page.next_take(0)
    chords = "D:min7 G:7 C:maj7 A:min"
    assert page.clip()["chords"] == chords
    page.click("#write")
    page.next_take(first)
    assert page.clip()["chords"] == chords  # they stay until they are given back


def test_the_page_sounds_and_falls_silent(page: Page) -> None:
    page.click("#write")
    page.next_take(0)
    page.click("#hear")
    page.until("it goes on", "!document.querySelector('.playhead').hidden")
    page.click("#hear")
    page.until("it stands", "document.querySelector('.playhead').hidden")


def test_what_is_dragged_while_the_daemon_dies_lands_when_it_is_back(
    page: Page, served: Served
) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    page.click("#write")
    first = page.next_take(0)
    page.click("[data-key='part-bass']")
    page.until("the roll is drawn", "bandmate.roll.lanes && bandmate.roll.part.name === 'bass'")
    roll = page.find("#notes")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", roll)
    ActionChains(page.driver).move_to_element(roll).click_and_hold().move_by_offset(60, 0).perform()
    served.kill()
    page.until("it says so", "!document.querySelector('#gone').hidden")
    page.shot("gone-1280")
    ActionChains(page.driver).release().perform()
    page.until("the edit is here", "bandmate.store.get('clip').isEdited")
    edited = page.notes((0, 1, 2, 3))
    served.start()
    page.until("it is back", "document.querySelector('#gone').hidden")
    landed = page.next_take(first)
    page.run(f"window.kept = await bandmate.verbs.fetched({landed})")
    kept = page.value(
        "window.kept.parts.flatMap(({name, notes}) => notes.map((n) => [name, n.pitch, n.start]))"
    )
    assert sorted(kept) == [[name, pitch, pytest.approx(at)] for name, pitch, at, *_ in edited]
