"""What the page costs in a real browser: first paint, and a frame while notes are dragged.

The roll shows 32 bars of 10 parts, 2,000 notes; 200 notes are chosen and dragged with the mouse.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from panel.served import Served

if TYPE_CHECKING:
    from panel.browser import Page

MOVES = 150

LARGE = """
const names = "drums,bass,keys,organ,guitar,pad,strings,brass,lead,choir".split(",");
const at = (i) => ({id: i + 1, start: (i % 200) * 0.64, duration: 0.5, velocity: 60 + (i % 60)});
const pitch = (part, i) => (part ? 40 + ((i * 7) % 36) : [36, 38, 42, 46][i % 4]);
const parts = names.map((name, part) => ({name, program: 0, notes: [...Array(200).keys()].map(
  (i) => ({...at(part * 200 + i), pitch: pitch(part, i)}))}));
const song = {tempo: 120, key: "C:maj", meter: "4/4", bars: 32, length: 128, chords: ""};
const clip = {take: 1, ...song, parts};
bandmate.store.step("a large clip", {...clip, isEdited: false});
bandmate.store.set({part: "lead", chosen: new Set(parts[8].notes.map((note) => note.id))});
"""
RECORD = """
window.frames = []; window.draws = [];
let last = 0;
const look = (now) => {
  if (last) { frames.push(now - last); draws.push(bandmate.roll.lastDraw); }
  last = now;
  window.looking = requestAnimationFrame(look);
};
window.looking = requestAnimationFrame(look);
"""


def first_paint(page: Page) -> float:
    """Return milliseconds from the start of loading to the first contentful paint."""
    page.until("it is painted", "performance.getEntriesByName('first-contentful-paint').length")
    return float(page.value("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def dragged(page: Page) -> tuple[list[float], list[float]]:
    """Drag; return milliseconds between frames, and of drawing the roll in each."""
    page.run(LARGE)
    page.until("the clip is drawn", "bandmate.roll.part?.name === 'lead' && bandmate.roll.lanes")
    page.run("await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame)")
    roll = page.find("#notes")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", roll)
    box = page.value("document.querySelector('#notes').getBoundingClientRect().toJSON()")
    note = "bandmate.roll.part.notes[60]"
    row = page.value(
        f"(bandmate.roll.lanes.index.get({note}.pitch) + 0.5) * bandmate.roll.lanes.high"
    )
    x = box["x"] + page.value(f"{note}.start") / 128 * box["width"] + 1
    y = box["y"] + row
    mouse(page, "mousePressed", x, y)
    page.run(RECORD)
    for step in range(MOVES):
        mouse(page, "mouseMoved", x + step % 60, y + (step // 8) % 4 * 8)
    frames, draws = page.value("[frames, draws]")
    page.run("cancelAnimationFrame(looking)")
    mouse(page, "mouseReleased", x + 30, y)
    page.until("the notes were moved", "bandmate.store.get('clip').isEdited")
    return frames, draws


def mouse(page: Page, kind: str, x: float, y: float) -> None:
    """Do something with the mouse."""
    what = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
    page.driver.execute_cdp_cmd("Input.dispatchMouseEvent", what)


def told(name: str, values: list[float]) -> str:
    """Return a line of figures."""
    worst = sorted(values)
    p95 = worst[int(len(worst) * 0.95)]
    return (
        f"{name}: median {statistics.median(values):.1f} ms, 95 % under {p95:.1f} ms, "
        f"worst {worst[-1]:.1f} ms ({len(values)} frames)"
    )


def main() -> int:
    """Print the figures."""
    from panel import browser

    if not browser.CHROMIUM or not browser.DRIVER:
        print("chromium is not installed: the panel is not measured")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        daemon = Served(Path(folder))
        daemon.start()
        driver = browser.opened()
        try:
            page = browser.Page(driver, daemon.url)
            print(f"first contentful paint: {first_paint(page):.0f} ms")
            frames, draws = dragged(page)
            print(told("drawing the roll while 200 of 2,000 notes are dragged", draws))
            print(told("from frame to frame", frames))
        finally:
            driver.quit()
            daemon.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
