"""What hands do in the piano roll: lay notes, take hold of one, drag it, press chords of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from panel.browser import Page

Laid = tuple[int, float, float]
"""Pitch, start and duration of a note."""

LAY = """
const notes = %s.map(([pitch, start, duration], i) =>
  ({id: i + 1, pitch, start, duration, velocity: 80}));
const clip = bandmate.store.get("clip");
const parts = clip.parts.map((part) => (part.name === "%s" ? {...part, notes} : part));
bandmate.store.step("laid notes", {...clip, parts, isEdited: true});
bandmate.store.set({part: "%s", chosen: new Set()});
await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
"""


def with_loop(page: Page, bars: int = 4) -> None:
    """Write a loop of so many bars."""
    if bars != 4:
        page.choose("#field-bars", str(bars))
    page.click("#write")
    page.next_take(0)


def lay(page: Page, part: str, *notes: Laid) -> None:
    """Put notes in place of a part's own, with ids from 1, and show its roll."""
    page.run(LAY % ([list(note) for note in notes], part, part))
    roll = page.find("#roll")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", roll)


def laid(page: Page, part: str) -> list[Laid]:
    """Return the notes of a part."""
    found = next(one for one in page.clip()["parts"] if one["name"] == part)["notes"]
    return sorted((n["pitch"], round(n["start"], 3), round(n["duration"], 3)) for n in found)


def choose(page: Page, *ids: int) -> None:
    """Choose notes, and put the focus into the roll."""
    page.run(f"bandmate.store.set({{chosen: new Set({list(ids)})}})")
    page.run("document.querySelector('#notes').focus({preventScroll: true})")


def point(page: Page, pitch: int, beat: float) -> tuple[float, float]:
    """Return where on the window a pitch and a beat are."""
    box = page.value("document.querySelector('#roll .paper').getBoundingClientRect().toJSON()")
    lanes = "bandmate.roll.lanes"
    row = page.value(f"({lanes}.index.get({pitch}) + 0.5) * {lanes}.high")
    return box["x"] + beat / page.clip()["length"] * box["width"], box["y"] + row


def mouse(page: Page, kind: str, at: tuple[float, float], held: int = 0) -> None:
    """Do something with the mouse; *held* is 1 for Alt, 2 for Control, 8 for Shift."""
    is_down = kind != "mouseMoved" or page.value("window.isDown === true")
    page.run(
        f"window.isDown = {str(kind == 'mousePressed' or (is_down and 'Moved' in kind)).lower()}"
    )
    what = {"type": kind, "x": at[0], "y": at[1], "modifiers": held, "clickCount": 1}
    button = {"button": "left", "buttons": 1} if is_down else {"button": "none"}
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", what | button)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], held: int = 0) -> None:
    """Drag from one place to another."""
    mouse(page, "mousePressed", start, held)
    mouse(page, "mouseMoved", ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), held)
    mouse(page, "mouseMoved", end, held)
    mouse(page, "mouseReleased", end, held)


def press(page: Page, *keys: str, held: str = Keys.CONTROL) -> None:
    """Press keys one after the other with one held down."""
    chain = ActionChains(page.driver).key_down(held)
    for key in keys:
        chain.send_keys(key)
    chain.key_up(held).perform()
