"""The chord track: there before a loop is, typed into, dropped on, dragged from bar to bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel.roll_hands import drag, press, with_loop

if TYPE_CHECKING:
    from panel.browser import Page

TRACK = "bandmate.store.get('track')"
DROP = """
const data = new DataTransfer();
data.setData("text/x-chords", "%s");
const place = document.querySelector("#chords input");
const does = {bubbles: true, cancelable: true, dataTransfer: data};
window.isTaken = !place.dispatchEvent(new DragEvent("dragover", does));
place.dispatchEvent(new DragEvent("drop", does));
"""


def write_into(page: Page, bar: int, text: str) -> None:
    """Type a bar's chords and wait until they are taken."""
    page.find(f"[data-key='chord-{bar}']").send_keys("\ue009a\ue009", text, "\ue004")
    page.until("it is taken", f"{TRACK}?.[{bar}] === '{text}'")


def shown(page: Page, what: str = "value") -> list[str]:
    """Return what the bars show."""
    found: list[str] = page.value(
        f"[...document.querySelectorAll('#chords input')].map((i) => i.{what})"
    )
    return found


def test_it_is_there_before_a_loop_and_an_empty_bar_holds_what_was_before(page: Page) -> None:
    assert len(shown(page)) == 4
    page.choose("#field-bars", "8")
    page.until("eight bars", "document.querySelectorAll('#chords input').length === 8")
    write_into(page, 0, "Dm7")
    write_into(page, 2, "G7")
    assert shown(page)[:4] == ["Dm7", "", "G7", ""]
    assert shown(page, "placeholder")[1:4] == ["Dm7", "G7", "G7"]
    page.shot("track-alone-1280")
    page.size(390, 844)
    page.shot("track-alone-390")
    page.size(1280, 900)
    page.click("#write")
    page.next_take(0)
    assert page.clip()["bars"] == 8
    assert page.clip()["chords"].split(" ") == ["D:min7"] * 2 + ["G:7"] * 6


def test_chords_that_fill_the_bars_evenly_go_round(page: Page) -> None:
    page.choose("#field-bars", "8")
    page.find("[data-key='chord-0']").send_keys("Am|F|C|G", "\ue004")
    page.until("they go round", "document.querySelectorAll('#chords input')[7].placeholder === 'G'")
    assert shown(page, "placeholder")[4:] == ["Am", "F", "C", "G"]
    page.click("#write")
    page.next_take(0)
    assert page.clip()["chords"].split(" ") == ["A:min", "F:maj", "C:maj", "G:maj"] * 2


def test_a_card_that_is_dropped_before_a_loop_is_followed(page: Page) -> None:
    page.run(DROP % "A:min D:min,G:7 F:maj7 E:7")
    assert page.value("window.isTaken")
    page.until("it lies there", f"{TRACK}?.length === 4")
    assert shown(page) == ["Am", "Dm,G7", "Fmaj7", "E7"]
    page.click("#write")
    page.next_take(0)
    assert page.clip()["chords"] == "A:min D:min,G:7 F:maj7 E:7"
    page.click("[data-key='chords-back']")
    page.until("given back", f"{TRACK} === null")
    assert shown(page) == ["Am", "Dm,G7", "Fmaj7", "E7"]  # the clip's own now


def test_a_kept_card_lies_in_the_track_until_it_is_typed_over(page: Page) -> None:
    page.find("#phrase").send_keys("melancholic rain")
    page.click("#find")
    page.until("four cards", "bandmate.store.get('cards').length === 4")
    page.until("all is found", "!bandmate.store.get('asking')")
    page.click("[data-key='keep-1']")
    page.until("it is kept", "bandmate.store.get('song').card")
    chords = page.value("bandmate.store.get('cards')[1].chords").split(" ")
    page.until("it is shown", "document.querySelector('#chords input').value")
    write_into(page, 3, "Gm")
    track = page.value(TRACK)
    assert track[:3] == chords[:3]  # as labels: what nobody typed is sent as it was
    page.click("#write")
    page.next_take(0)
    assert page.clip()["chords"].split(" ") == [*chords[:3], "G:min"]


def test_bars_change_places_by_mouse_and_by_keys(page: Page) -> None:
    page.find("[data-key='chord-0']").send_keys("Am|F|C|G", "\ue004")
    page.until("four bars are taken", f"{TRACK}?.join() === 'Am,F,C,G'")
    drag_grip(page, 0, 2)
    page.until("they changed places", f"{TRACK}.join() === 'C,F,Am,G'")
    drag_grip(page, 3, 1, held=2)
    page.until("a copy lies there", f"{TRACK}.join() === 'C,G,Am,G'")
    page.run("document.querySelector(\"[data-key='chord-0']\").focus()")
    press(page, "\ue014", held="\ue00a")
    page.until("one further", f"{TRACK}.join() === 'G,C,Am,G'")
    page.until("the focus went with it", "document.activeElement.dataset.key === 'chord-1'")


def drag_grip(page: Page, bar: int, to: int, held: int = 0) -> None:
    """Drag a bar's chords to another bar."""
    box = "getBoundingClientRect().toJSON()"
    grip = page.value(f"document.querySelectorAll('#chords .grip')[{bar}].{box}")
    cell = page.value(f"document.querySelectorAll('#chords .chord')[{to}].{box}")
    start = (grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    drag(page, start, (cell["x"] + cell["width"] / 2, start[1]), held)


def test_whoever_types_is_not_interrupted(page: Page) -> None:
    with_loop(page)
    page.find("[data-key='chord-1']").send_keys("\ue009a\ue009", "Fmaj")
    page.run("bandmate.store.set({clip: {...bandmate.store.get('clip'), title: 'another'}})")
    page.run("await new Promise(requestAnimationFrame)")
    page.press("7")
    page.run("bandmate.store.set({clip: {...bandmate.store.get('clip'), title: 'a third'}})")
    page.run("await new Promise(requestAnimationFrame)")
    page.press("\ue007")
    page.until("it is whole", f"{TRACK}?.[1] === 'Fmaj7'")
    page.until("on to the next bar", "document.activeElement.dataset.key === 'chord-2'")
