"""Two pages and a surface at once: whoever changes what is everybody's, all are told the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from panel.journey import told, until_cards, words
from panel.served import Served
from panel.tablet import Tablet

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from panel.browser import Page


class Together:
    """Two tabs and a tablet before one daemon."""

    def __init__(self, chromium: Chrome, served: Served) -> None:
        from panel.browser import Page

        self._driver = chromium
        self._tabs = [chromium.current_window_handle]
        self.pages: list[Page] = [Page(chromium, served.url)]
        chromium.switch_to.new_window("tab")
        self._tabs.append(chromium.current_window_handle)
        self.pages.append(Page(chromium, served.url))
        self.tablet = Tablet(served.osc)

    def at(self, number: int) -> Page:
        """Sit before the first or the second page."""
        self._driver.switch_to.window(self._tabs[number - 1])
        return self.pages[number - 1]

    def both(self, what: str, expression: str) -> None:
        """Wait until something holds on both pages."""
        for number in (2, 1):
            self.at(number).until(what, expression)

    def close(self) -> None:
        """Go home."""
        self.tablet.close()
        self.at(2).driver.close()
        self.at(1).driver.get("about:blank")


@pytest.fixture
def together(chromium: Chrome, served: Served) -> Iterator[Together]:
    """Open two pages and a tablet."""
    all_of_them = Together(chromium, served)
    yield all_of_them
    all_of_them.close()


def test_what_one_page_does_the_other_and_the_surface_are_told(together: Together) -> None:
    tablet = together.tablet
    tablet.subscribes("takes,mix,transport")
    page = together.at(1)
    page.click("#write")
    take = page.next_take(0)
    together.both("the take", f"{told(take)}?.state === 'made'")
    tablet.until("take/number", float(take))
    assert tablet.screen["take/name"]

    together.at(1).click(f"[data-key='star-{take}']")
    together.both("its star", f"{told(take)}.star === 1")
    tablet.until_told("/bandmate/take/told", lambda news: (news["take"], news["star"]) == (take, 1))

    together.at(1).click("#do-accept")
    together.both("it is accepted", f"{told(take)}.state === 'accepted'")
    tablet.until("take/state", "accepted")

    together.at(1).click("[data-key='mute-drums']")
    together.both("the mix", "bandmate.store.get('mix').mute.has('drums')")
    tablet.until("mute/drums", 1.0)
    for number in (1, 2):
        assert together.at(number).troubles() == []


def test_tempo_key_and_keywords_of_one_page_are_the_others(together: Together) -> None:
    page = together.at(1)
    page.find("#tempo").clear()
    page.find("#tempo").send_keys("93", "\ue007")
    page.choose("[aria-label='Tonic']", "D")
    together.both("the tempo", "bandmate.store.get('song').tempo === 93")
    together.both("the key", "bandmate.store.get('song').key === 'D:maj'")
    other = together.at(2)
    other.until("it is shown", "document.querySelector('#tempo').value === '93'")

    together.at(1).find("#phrase").send_keys("a melancholic slow nostalgic rain")
    together.at(1).click("#find")
    until_cards(together.at(1))
    chips = words(together.at(1))
    other = together.at(2)
    other.until("the chips", f"document.querySelectorAll('.chip').length === {len(chips)}")
    assert words(other) == chips
    other.click(f"[aria-label='Remove {chips[0]}']")
    together.both("one is gone", f"document.querySelectorAll('.chip').length === {len(chips) - 1}")
    assert words(together.at(1)) == chips[1:]
    together.at(2).click("#write")
    together.at(2).next_take(0)
    assert together.pages[1].clip()["tempo"] == 93


def test_what_the_surface_does_both_pages_show(together: Together) -> None:
    tablet = together.tablet
    tablet.touches("ask/plays", 0.0)
    tablet.presses("ask/loop")
    tablet.until("take/number", 1.0)
    together.both("its loop", f"{told(1)}?.kind === 'loop'")
    tablet.presses("take/accept")
    together.both("it is accepted", f"{told(1)}.state === 'accepted'")
    assert together.at(2).find(".take.accepted")
    tablet.presses("take/undo")
    together.both("it is not", f"{told(1)}.state === 'made'")

    tablet.touches("mute/bass", 1.0)
    tablet.touches("solo/keys", 1.0)
    mix = "bandmate.store.get('mix')"
    together.both("the mix", f"{mix}.mute.has('bass') && {mix}.solo.has('keys')")
    tablet.touches("mute/bass", 0.0)
    together.both("the bass again", f"!{mix}.mute.has('bass') && {mix}.solo.has('keys')")

    tablet.touches("tempo", 133.0)
    together.both("the tempo", "bandmate.store.get('transport').tempo === 133")
    tablet.touches("transport/play", 1.0)
    together.both("it rolls", "bandmate.store.get('transport').is_rolling === 1")
    together.both("it is seen", "document.querySelector('#clock').textContent.includes('133')")
    tablet.touches("transport/play", 0.0)
    together.both("it stands", "bandmate.store.get('transport').is_rolling === 0")
    for number in (1, 2):
        assert together.at(number).troubles() == []


def test_there_is_one_tempo_for_pages_surface_and_time(together: Together) -> None:
    tablet = together.tablet
    page = together.at(1)
    page.find("#tempo").send_keys("93", "\ue007")
    together.both("the tempo", "document.querySelector('#tempo').value === '93'")
    together.both("it leads", "bandmate.store.get('transport').tempo === 93")
    tablet.until("tempo", 93.0)
    tablet.touches("tempo", 133.0)
    together.both("that of the surface", "document.querySelector('#tempo').value === '133'")
    together.at(1).driver.refresh()
    together.both("still", "document.querySelector('#tempo').value === '133'")
    tablet.touches("ask/plays", 0.0)
    tablet.presses("ask/loop")
    tablet.until("take/number", 1.0)
    page = together.at(1)
    page.until("its loop", f"{told(1)}")
    page.click("[data-key='take-1']")
    page.next_take(0)
    assert page.clip()["tempo"] == 133
