"""Cards: heard when the pointer comes to them, and readable at every width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.action_chains import ActionChains

if TYPE_CHECKING:
    from panel.browser import Page

HEARD = """
  window.heard = [];
  document.addEventListener("click", () => (window.heard.length = 0), { capture: true });
  bandmate.store.on(["hearing"], () => window.heard.push(bandmate.store.get("hearing")));
"""
LONG = """
  bandmate.store.set({ cards: bandmate.store.get("cards").map((card) => ({
    ...card,
    symbols: "G♯m7♭5,C♯m(maj7) Asus2,Bm(add9) B♭maj9,E♭m7♭5 A",
    romans: "viiø7,iii II,iii7 V,viiø7 I",
    answers: "melancholic,slow,nostalgic,cinematic,late night",
    borrowed: "G♯m7♭5",
  })) });
"""
OVERLAPS = """
  (() => {
    const found = [];
    for (const card of document.querySelectorAll(".card")) {
      const boxes = [...card.querySelectorAll(".chord")].map((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return [one.textContent, range.getBoundingClientRect()];
      });
      const within = card.getBoundingClientRect();
      for (const [i, [name, a]] of boxes.entries()) {
        if (a.right > within.right || a.left < within.left) found.push(`${name} sticks out`);
        for (const [other, b] of boxes.slice(i + 1))
          if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
            found.push(`${name} lies over ${other}`);
      }
    }
    return found;
  })()
"""

PRESSED = (
    "[...document.querySelectorAll('#cards .chosen .keep[aria-pressed=true]')]"
    ".map((button) => button.dataset.take).join()"
)
"""The cards that are shown to be kept."""


@pytest.fixture
def dealt(page: Page) -> Page:
    """Deal four cards."""
    page.find("#phrase").send_keys("melancholic rain")
    page.click("#find")
    page.until("four cards", "bandmate.store.get('cards').filter((c) => c.clip).length === 4")
    page.until("all is found", "!bandmate.store.get('asking')")
    return page


def test_a_card_is_heard_when_the_pointer_comes_to_it_and_no_longer(dealt: Page) -> None:
    number = dealt.value("bandmate.store.get('cards')[0].take")
    dealt.click("#find")  # the browser lets a page sound once it was clicked
    dealt.until("cards anew", f"bandmate.store.get('cards')[0]?.take > {number}")
    dealt.until("all is found", "!bandmate.store.get('asking')")
    card = dealt.find(".card:nth-child(1) .why")
    ActionChains(dealt.driver).move_to_element(card).move_by_offset(3, 2).perform()
    first = "bandmate.store.get('cards')[0].take"
    dealt.until("the card is heard", f"bandmate.store.get('hearing') === {first}")
    assert dealt.find(".card:nth-child(1) .hear").get_attribute("aria-pressed") == "true"
    ActionChains(dealt.driver).move_to_element(dealt.find("#phrase")).perform()
    dealt.until("it is silent", "bandmate.store.get('hearing') === null")


def test_a_card_drawn_anew_under_a_resting_pointer_is_not_heard(dealt: Page) -> None:
    dealt.run(HEARD)
    dealt.click(".card:nth-child(1) .tolo")
    dealt.next_take(0)
    dealt.run("document.activeElement.blur()")
    dealt.press(" ")
    dealt.until(
        "the loop is heard for longer than a card waits",
        "Number(/\\(([\\d.]+)px/.exec(document.querySelector('.playhead').style.transform)?.[1])"
        " > document.querySelector('#notes').clientWidth / 8",
    )
    cards = dealt.value("bandmate.store.get('cards').map((card) => card.take)")
    assert not set(cards) & set(dealt.value("window.heard"))
    # Nor does a pointer that passes by stop the loop.
    ActionChains(dealt.driver).move_by_offset(2, 2).perform()
    assert dealt.value("bandmate.store.get('hearing')") == "stage"


@pytest.mark.parametrize("width", [390, 800, 1280, 1800])
def test_chords_of_a_card_never_run_into_one_another(dealt: Page, width: int) -> None:
    dealt.size(width, 900)
    dealt.run(LONG)
    dealt.until("long names", "document.querySelectorAll('.card .chord').length === 28")
    assert dealt.value(OVERLAPS.strip()) == []
    cut = "[...document.querySelectorAll('.why')].filter((w) => w.scrollWidth > w.clientWidth)"
    assert dealt.value(f"{cut}.length") == 0
    dealt.shot(f"cards-long-{width}")


def test_a_chord_and_its_numeral_stay_together(dealt: Page) -> None:
    dealt.run(LONG)
    dealt.until("long names", "document.querySelectorAll('.card .chord').length === 28")
    said = dealt.value(
        "[...document.querySelectorAll('.card:first-child .chord')].map("
        "(one) => [one.querySelector('b').textContent, one.querySelector('small').textContent])"
    )
    assert said[:3] == [["G♯m7♭5", "viiø7"], ["C♯m(maj7)", "iii"], ["Asus2", "II"]]


def test_the_card_that_the_song_follows_is_shown_until_it_is_let_go(dealt: Page) -> None:
    kept = dealt.value("bandmate.store.get('cards')[0].take")
    dealt.click("[data-key='keep-0']")
    dealt.until("it is kept", f"{PRESSED} === '{kept}'")
    chords = dealt.value("bandmate.store.get('cards')[0].chords")
    dealt.click("#find")
    dealt.until("it stays beside new ones", "bandmate.store.get('cards').length === 5")
    dealt.until("all is found", "!bandmate.store.get('asking')")
    assert dealt.value(f"{PRESSED}") == str(kept)
    dealt.shot("kept-1280")
    dealt.click("#write")
    first = dealt.next_take(0)
    assert dealt.clip()["chords"] == chords
    dealt.click("[data-key='keep-0']")
    dealt.until("it is let go of", f"{PRESSED} === ''")
    dealt.until("the song follows none", "bandmate.store.get('song').card === 0")
    dealt.click("[data-key='send-1']")
    dealt.next_take(first)
    second = dealt.value("bandmate.store.get('cards')[1].take")
    assert dealt.value(f"[{PRESSED}, bandmate.store.get('song').card]") == [str(second), second]
    third = dealt.value("bandmate.store.get('cards')[2].take")
    dealt.run(f"await bandmate.verbs.wire.ask('/bandmate/take/accept', [{third}])")
    dealt.until("what another page keeps", f"{PRESSED} === '{third}'")


def test_one_card_after_another_is_heard_by_its_button(dealt: Page) -> None:
    takes = dealt.value("bandmate.store.get('cards').map((card) => card.take)")
    press = "document.querySelector(\"[data-key='hear-{}']\").click()"  # no pointer rests there
    for place in (0, 1):
        dealt.run(press.format(place))
        dealt.until("it is heard", f"bandmate.store.get('hearing') === {takes[place]}")
    dealt.run(press.format(1))
    dealt.until("it is silent", "bandmate.store.get('hearing') === null")


def test_what_is_refused_leaves_the_cards(dealt: Page) -> None:
    dealt.click("[data-key='keep-1']")
    dealt.until("one is kept", "bandmate.store.get('song').card")
    cards = "bandmate.store.get('cards').map((card) => card.take)"
    before = dealt.value(cards), dealt.value("bandmate.store.get('song').card")
    dealt.run("bandmate.store.set({ form: { ...bandmate.store.get('form'), genre: 'nonesuch' } })")
    dealt.find("#phrase").send_keys(" and snow", "\ue007")
    dealt.until("it is refused", "document.querySelector('#alert').textContent")
    dealt.until("nothing is asked", "!bandmate.store.get('asking')")
    assert (dealt.value(cards), dealt.value("bandmate.store.get('song').card")) == before


def test_the_key_of_the_cards_is_told_as_a_musician_says_it(page: Page) -> None:
    page.run("""
      const say = document.querySelector('#say');
      window.told = [];
      new MutationObserver(() => window.told.push(say.textContent)).observe(say, {childList: true});
    """)
    page.find("#phrase").send_keys("melancholic rain", "\ue007")
    page.until("cards are told", "window.told.some((words) => words.includes('cards in'))")
    key = page.value("bandmate.store.get('cards')[0].key")
    told = page.value("window.told.find((words) => words.includes('cards in'))")
    assert key not in told
    assert told.endswith((" major", " minor"))
