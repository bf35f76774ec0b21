"""What was written survives: the daemon stops and starts, and the browser forgets all it kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panel.journey import ALL_BARS, Notes, told, until_cards
from panel.served import Served

if TYPE_CHECKING:
    from panel.browser import Page


def written(page: Page) -> dict[int, Notes]:
    """Write three loops, the last of them edited; return the notes of each take."""
    notes, take = {}, 0
    for _ in range(3):
        page.click("#write")
        take = page.next_take(take)
        notes[take] = page.notes(ALL_BARS)
    page.click("[data-key='part-bass']")
    page.until("the roll is drawn", "bandmate.roll.lanes && bandmate.roll.part.name === 'bass'")
    page.find("#notes").click()
    page.press("q", "\ue013")
    page.until("it is edited", "bandmate.store.get('clip').isEdited")
    take = page.next_take(take)
    notes[take] = page.notes(ALL_BARS)
    return notes


def forgotten(page: Page) -> None:
    """Come back as a browser that knows nothing of before."""
    page.driver.get(f"{page.url}look.css")  # of the page's origin, without its scripts
    page.driver.execute_script("localStorage.clear(); sessionStorage.clear()")
    assert page.value("localStorage.length + sessionStorage.length") == 0
    page.driver.get(page.url)
    page.until("link is there", "bandmate.store.get('choices').roles.length > 0")


def opened(page: Page, take: int) -> Notes:
    """Open a take of the strip; return its notes."""
    page.click(f".open[data-take='{take}']")
    page.until("it is here", f"bandmate.store.get('clip')?.take === {take}")
    return page.notes(ALL_BARS)


def test_history_survives_the_daemon_and_the_page(page: Page, served: Served) -> None:
    notes = written(page)
    newest = max(notes)
    page.click("[data-key='star-1']")
    page.until("it has a star", f"{told(1)}.star === 1")
    page.find("#phrase").send_keys("a melancholic rain")
    page.click("#find")
    until_cards(page)
    before = served.takes()
    served.stop()
    page.until("it is gone", "!document.querySelector('#gone').hidden")
    served.start()
    assert served.takes() == before
    forgotten(page)

    page.until("all takes", f"bandmate.store.get('takes').length === {len(before)}")
    page.until("the newest loop", f"bandmate.store.get('clip')?.take === {newest}")
    assert page.notes(ALL_BARS) == notes[newest]
    assert not page.clip()["isEdited"]
    assert page.value(f"{told(1)}.star") == 1
    for take in sorted(notes):
        assert opened(page, take) == notes[take]
    assert served.takes() == before
    assert "Traceback" not in served.log


def test_a_browser_that_forgot_all_goes_on_where_the_newest_loop_is(
    page: Page, served: Served
) -> None:
    notes = written(page)
    newest = max(notes)
    forgotten(page)
    page.until("the newest loop", f"bandmate.store.get('clip')?.take === {newest}")
    page.click("[data-key='bar-0']")
    page.click("#refill")
    refilled = page.next_take(newest)
    kept = [note for note in notes[newest] if note[2] >= 4]
    assert [note for note in page.notes(ALL_BARS) if note[2] >= 4] == kept
    page.click("#undo")
    page.until("the loop before", f"bandmate.store.get('clip').take === {newest}")
    assert [take["take"] for take in served.takes()][:2] == [refilled, newest]
