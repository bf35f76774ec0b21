"""The whole way through the page, step by step: whichever models write, it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from panel.browser import Page

ALL_BARS = (0, 1, 2, 3)
Notes = list[tuple[str, int, float, float, int]]


def words(page: Page) -> list[str]:
    """Return the words of the chips."""
    found: list[str] = page.value(
        "[...document.querySelectorAll('.chip')].map((chip) => chip.ariaLabel)"
    )
    return found


def told(take: int) -> str:
    """Return the expression of what is told of a take."""
    return f"bandmate.store.get('takes').find((take) => take.take === {take})"


def with_chords(page: Page) -> None:
    """Type a phrase and wait for four cards."""
    page.find("#phrase").send_keys("a melancholic slow nostalgic rain")
    page.click("#find")
    until_cards(page)


def until_cards(page: Page) -> None:
    """Wait for four cards, all of them there."""
    page.until("four cards", "bandmate.store.get('cards').length === 4")
    page.until("all is found", "!bandmate.store.get('asking')")


def without(page: Page, word: str) -> None:
    """Remove a chip, and find chords anew."""
    left = [one for one in words(page) if one != word]
    page.click(f"[aria-label='Remove {word}']")
    page.until("it is gone", f"document.querySelectorAll('.chip').length === {len(left)}")
    assert words(page) == left
    page.click("#find")
    until_cards(page)


def loop_of_card(page: Page, place: int) -> int:
    """Send a card, from 0, to the loop; return the take that follows it."""
    card = page.value(f"bandmate.store.get('cards')[{place}]")
    page.click(f".card:nth-child({place + 1}) .tolo")
    take = page.next_take(0)
    clip = page.clip()
    assert (clip["bars"], clip["key"]) == (4, card["key"])
    assert [part["name"] for part in clip["parts"]] == ["drums", "bass", "keys"]
    assert {name for name, *_ in page.notes(ALL_BARS)} == {"drums", "bass", "keys"}
    return take


def edit(page: Page, take: int) -> int:
    """Draw or take hold of a note of the bass, and move it; return the take that it became."""
    page.click("[data-key='part-bass']")
    before = page.notes(ALL_BARS)
    page.find("#notes").click()  # draws one where no note lies, else takes hold of the note there
    page.press("q")
    page.press("\ue013")  # arrow up: a semitone
    page.until("the edit is kept as a take", f"bandmate.store.get('clip').take > {take}")
    edited = page.next_take(take)
    assert page.notes(ALL_BARS) != before
    return edited


def refill_behind_locks(page: Page, take: int) -> int:
    """Lock bars 1 and 2 and refill the others; return the take."""
    for bar in (0, 1):
        page.click(f"[data-key='bar-{bar}']", *(["\ue009"] if bar else []))
    page.click("#lock")
    page.click("[data-key='none']")
    kept, others = page.notes((0, 1)), page.notes((2, 3))
    page.click("#refill")
    refilled = page.next_take(take)
    assert page.notes((0, 1)) == kept
    assert page.notes((2, 3)) != others
    return refilled


def add_and_shift(page: Page, take: int, part: str) -> int:
    """Add a part and let it enter a bar later; return the take."""
    page.choose("[data-key='add-part']", part)
    added = page.next_take(take)
    assert [one["name"] for one in page.clip()["parts"]][-1] == part
    others, early = split(page, part)
    assert early
    page.click(f"[data-key='later-{part}']")
    shifted = page.next_take(added)
    bar = page.clip()["length"] / 4
    late = split(page, part)[1]
    entered = [note for note in early if note[2] < 3 * bar]
    assert [pitch for _, pitch, *_ in late] == [pitch for _, pitch, *_ in entered]
    assert [n[2] - bar for n in late] == pytest.approx([n[2] for n in entered], abs=1e-4)
    assert split(page, part)[0] == others
    return shifted


def split(page: Page, part: str) -> tuple[Notes, Notes]:
    """Return the notes of all other parts, and those of a part."""
    notes = page.notes(ALL_BARS)
    return [n for n in notes if n[0] != part], [n for n in notes if n[0] == part]


def undo_to(page: Page, take: int, parts: int) -> None:
    """Undo until a take is here as it was."""
    while page.clip()["take"] != take or page.clip()["isEdited"]:
        assert page.find("#undo").get_attribute("aria-disabled") == "false"
        page.click("#undo")
    page.until("bars as they were", f"bandmate.store.get('clip').parts.length === {parts}")


def accept_and_reload(page: Page, take: int) -> None:
    """Accept a take, load the page anew, and find it all there."""
    before, clip = page.notes(ALL_BARS), page.clip()
    many = page.value("bandmate.store.get('takes').length")
    page.click("#do-accept")
    page.until("it is accepted", f"{told(take)}.state === 'accepted'")
    page.click("#do-accept")
    page.until("that is taken back", f"{told(take)}.state === 'made'")
    page.click("#do-accept")
    page.until("it is accepted", f"{told(take)}.state === 'accepted'")
    page.driver.refresh()
    page.until("all is there again", f"bandmate.store.get('takes').length === {many}")
    assert (page.clip()["take"], page.clip()["key"]) == (take, clip["key"])
    assert page.notes(ALL_BARS) == before
    assert page.value(f"{told(take)}.state") == "accepted"
    assert page.find(".take.here.accepted")
    assert len(page.all(".card")) == 4


def whole_way(page: Page, shots: str | None = None) -> dict[str, Any]:
    """Go from a phrase to a take that is accepted; return the chips and the takes of the way.

    With *shots*, keep pictures whose names begin so.
    """
    with_chords(page)
    chips = words(page)
    assert len(chips) > 2
    without(page, chips[1])
    shot(page, shots, "cards")
    first = loop_of_card(page, 1)
    before = page.notes(ALL_BARS)
    edited = edit(page, first)
    refilled = refill_behind_locks(page, edited)
    shot(page, shots, "refilled")
    shifted = add_and_shift(page, refilled, "strings")
    undo_to(page, first, parts=3)
    assert page.notes(ALL_BARS) == before
    accept_and_reload(page, first)
    shot(page, shots, "again")
    return {"chips": chips, "takes": (first, edited, refilled, shifted)}


def shot(page: Page, before: str | None, name: str) -> None:
    """Keep a picture, where pictures are wanted."""
    if before is not None:
        page.shot(f"{before}{name}-1280")
