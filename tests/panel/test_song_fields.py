"""Tempo, key and meter may be free: the controls say so, and a restarted daemon hears the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panel.browser import Page
    from panel.served import Served

SHOWN = "['tempo', 'tonic', 'meter'].map((id) => document.getElementById(id).value)"
FREE = "bandmate.store.get('song').free"


def test_what_nobody_told_is_free_and_says_what_the_clip_has(page: Page) -> None:
    page.until("all is free", f"{FREE} === 'tempo,key,meter'")
    assert page.value(SHOWN) == ["", "", ""]
    assert page.find("#tempo").get_attribute("placeholder") == "free"
    assert page.find("#meter").text.split("\n")[0] == "free"
    assert not page.find("#mode").is_displayed()
    page.click("#write")
    page.next_take(0)
    clip = page.clip()
    assert page.value(SHOWN) == ["", "", ""]
    assert page.find("#tempo").get_attribute("placeholder") == f"free: {clip['tempo']:g}"
    assert page.find("#meter").text.split("\n")[0] == f"free: {clip['meter']}"
    page.shot("free-1280")


def test_a_field_is_told_and_let_go_of_again(page: Page, served: Served) -> None:
    page.find("#tempo").send_keys("97", "\ue007")
    page.until("the tempo is told", f"{FREE} === 'key,meter'")
    page.choose("#tonic", "A")
    page.choose("#mode", "min")
    page.until("the key is told", "bandmate.store.get('song').key === 'A:min'")
    page.choose("#meter", "6/8")
    page.until("all is told", f"{FREE} === ''")
    assert page.value(SHOWN) == ["97", "A", "6/8"]
    page.click("#write")
    first = page.next_take(0)
    assert (page.clip()["tempo"], page.clip()["meter"]) == (97, "6/8")

    page.find("#tempo").clear()
    page.find("#tempo").send_keys("\ue007")
    page.choose("#tonic", "")
    page.until("two are free", f"{FREE} === 'tempo,key'")
    assert page.value("bandmate.store.get('ownSong')") == {"meter": "6/8"}
    served.kill()
    page.until("it is gone", "!document.querySelector('#gone').hidden")
    served.start()
    page.until("it is back", "document.querySelector('#gone').hidden")
    page.until("the same is told again", f"{FREE} === 'tempo,key'")
    assert page.value(SHOWN) == ["", "", "6/8"]
    page.click("#write")
    page.next_take(first)
    assert page.clip()["meter"] == "6/8"


def test_an_arrow_in_a_free_tempo_starts_at_the_clips(page: Page) -> None:
    page.click("#write")
    page.next_take(0)
    tempo = page.clip()["tempo"]
    page.run("document.querySelector('#tempo').focus()")
    page.press("\ue013", "\ue004")
    page.until("it is told", f"!{FREE}.includes('tempo')")
    assert abs(page.value("bandmate.store.get('song').tempo") - tempo) < 1


def test_what_is_refused_is_shown_no_more_and_is_not_told_again(page: Page) -> None:
    page.choose("#tonic", "A")
    page.until("the key is told", f"{FREE} === 'tempo,meter'")
    page.find("#tempo").send_keys("500", "\ue007")
    page.until("it is refused", "document.querySelector('#alert').textContent.includes('500')")
    page.until("it is free again", f"{SHOWN}[0] === ''")
    assert page.value("Object.keys(bandmate.store.get('ownSong'))") == ["key"]
    page.run(
        "const wire = bandmate.verbs.wire, ask = wire.ask.bind(wire);"
        "wire.ask = (address, fixed, pairs, ...more) =>"
        " ask(address, fixed, pairs?.source ? { source: 'nobody' } : pairs, ...more)"
    )
    page.choose("#source", "link")
    page.until("it is refused", "document.querySelector('#alert').textContent.includes('nobody')")
    page.until("ours is shown again", "document.querySelector('#source').value === 'internal'")
