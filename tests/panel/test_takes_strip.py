"""The takes at the bottom of the page: told apart, folded, found, named, dragged, inserted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from selenium.webdriver.common.action_chains import ActionChains

from panel.journey import told
from panel.served import Served

if TYPE_CHECKING:
    from panel.browser import Page

TILES = "[...document.querySelectorAll('#takes .open')].map((tile) => Number(tile.dataset.take))"
EDIT = """
  const clip = bandmate.store.get("clip");
  const [first, ...parts] = clip.parts;
  const note = { ...first.notes[0], velocity: 1 + (clip.take * 7) % 120 };
  const notes = [note, ...first.notes.slice(1)];
  const edited = { ...clip, parts: [{ ...first, notes }, ...parts], isEdited: true };
  bandmate.store.step("edited", edited);
  await bandmate.verbs.landing.landed();
"""
"""Change a note and let the edit land."""
CHANGE = EDIT.replace("await bandmate.verbs.landing.landed();", "")
MET = """
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || !event.target.download) return;
    event.preventDefault();
    window.fetched = event.target.href;
  });
"""
"""Note which file a link fetches."""
WATCHED = """
  window.tiles = new Set();
  const seen = new MutationObserver((rows) => rows.forEach(({target}) =>
    window.tiles.add(Number(target.closest("li")?.querySelector(".open").dataset.take))));
  seen.observe(document.querySelector("#takes"),
    {subtree: true, childList: true, attributes: true});
"""
"""Note whose tiles are changed."""
FRAME = "await new Promise(requestAnimationFrame);"
DAW = "bandmate.store.set({{song: {{...bandmate.store.get('song'), daw: '{}'}}}})"


def written(page: Page) -> int:
    """Let a loop be written; return its number."""
    before = page.value("bandmate.store.get('clip')?.take ?? 0")
    page.click("#write")
    return page.next_take(before)


def edited(page: Page, count: int) -> int:
    """Edit what is on the stage so often; return the number of the last edit."""
    for _ in range(count):
        before = int(page.clip()["take"])
        page.run(EDIT)
        page.next_take(before)
    return int(page.clip()["take"])


def said(page: Page, take: int) -> str:
    """Return what the tile of a take says once its picture is there."""
    tile = f"document.querySelector('[data-key=\"take-{take}\"]')"
    page.until("its facts", f"{tile}?.querySelector('.title').childNodes.length > 1")
    page.until("its facts", f"!/^\\d+$/.test({tile}.querySelector('.title').textContent)")
    return str(page.value(f"{tile}.textContent"))


def named(page: Page, name: str) -> None:
    """Give the take on the stage a name."""
    page.click("#do-name")
    page.find("#new-name").send_keys("\ue009a\ue009", name, "\ue007")


def test_each_tile_tells_what_it_is(page: Page) -> None:
    page.find("#phrase").send_keys("melancholic rain")
    page.click("#find")
    page.until("four cards", "bandmate.store.get('cards').length === 4")
    page.until("all is found", "!bandmate.store.get('asking')")
    for card in page.value("bandmate.store.get('cards')"):
        chords = card["symbols"].replace(",", " ").replace("b", "♭").replace("#", "♯")
        assert said(page, card["take"]) == f"{card['take']}{chords}"
    loop = written(page)
    assert said(page, loop) == f"{loop}C major, 120drums bass keys"
    named(page, "Rain on the roof")
    page.until("its name", "bandmate.store.get('takes')[0].title === 'Rain on the roof'")
    assert said(page, loop) == f"{loop}Rain on the roofC major, 120 · drums bass keys"
    page.press("s", "a")
    page.until("marked", "document.querySelector('.take.here.accepted .icon-starred')")
    label = page.find(f"[data-key='take-{loop}']").get_attribute("aria-label")
    assert label == (
        f"Take {loop}, Rain on the roof, C major, 120 · drums bass keys, accepted, starred"
    )
    titles = "[...document.querySelectorAll('#takes .title')]"
    cut = f"{titles}.filter((title) => title.scrollHeight > title.clientHeight + 1)"
    assert page.value(f"{cut}.length") == 0
    page.shot("strip-1280")


def test_of_edits_that_nobody_marked_the_latest_is_shown(page: Page) -> None:
    first = written(page)
    last = edited(page, 4)
    assert page.value(TILES) == [last, first]
    assert said(page, last).endswith(f"edit of {first} · drums bass keys")

    page.press("s")  # the one that is here
    page.until("its star", "document.querySelector('.take.here .icon-starred')")
    latest = edited(page, 2)
    assert page.value(TILES) == [latest, last, first]

    page.click("#undo")
    page.until("a step back", f"bandmate.store.get('clip').take < {latest}")
    here = page.clip()["take"]
    assert page.value(TILES) == sorted({latest, here, last, first}, reverse=True)

    page.find("[data-key='search']").send_keys("loop")
    page.until("all are found", f"{TILES}.length === {latest - first + 1}")
    page.press("\ue00c")
    page.until("folded again", f"{TILES}.length < {latest - first + 1}")


def test_takes_that_are_hidden_behind_edits_are_there_after_a_reload(page: Page) -> None:
    first = written(page)
    edited(page, 1)
    page.run("for (let i = 0; i < 101; i += 1) {" + EDIT.replace("\n", " ") + "}")
    page.driver.refresh()
    page.until("the first take", f"{TILES}.at(-1) === {first}")
    assert len(page.value(TILES)) == 2


def test_older_takes_are_a_button_away(page: Page) -> None:
    first = written(page)
    page.run(
        "const first = bandmate.store.get('clip'); for (let i = 0; i < 105; i += 1) {"
        " bandmate.store.set({clip: {...first, parts: first.parts.map((part) => ({...part,"
        " notes: part.notes.map((note) => ({...note, velocity: 1 + i}))})), isEdited: true}});"
        " await bandmate.verbs.landing.landed(); }"
    )
    page.driver.refresh()
    page.until("the newest", f"{TILES}.length >= 12")
    assert not page.value(f"{TILES}.includes({first})")
    page.run(f"await bandmate.verbs.wire.ask('/bandmate/take/star', [{first}, 1])")
    page.until("it is told of", f"{TILES}.at(-1) === {first}")
    page.click("[data-key='older']")
    page.until("those between", f"{TILES}.length === 106")


def test_what_is_done_to_an_edit_is_done_to_its_own_take(page: Page) -> None:
    first = written(page)
    page.run(CHANGE)
    page.press("a")
    accepted = page.next_take(first)
    page.until("it is accepted", f"{told(accepted)}?.state === 'accepted'")
    page.run(CHANGE)
    page.press("s")
    starred = page.next_take(accepted)
    page.until("its star", f"{told(starred)}?.star === 1")
    page.run(CHANGE)
    named(page, "Rain")
    rain = page.next_take(starred)
    page.until("its name", f"{told(rain)}?.title === 'Rain'")
    page.run(MET + CHANGE)
    page.click("#takes-tools a")
    page.until("it is fetched", "window.fetched")
    assert page.value("window.fetched") == f"{page.url}clips/{page.next_take(rain)}.mid"
    marks = page.value(f"[{told(first)}.state, {told(accepted)}.star, {told(starred)}.state]")
    assert marks == ["made", 0, "made"]
    again = "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', repeat: true}))"
    page.press("a")
    page.run(f"for (let i = 0; i < 3; i += 1) {again}")  # it is held down
    last = page.clip()["take"]
    page.until("it is accepted", f"{told(last)}.state === 'accepted'")
    page.run(f"await bandmate.verbs.wire.ask('/bandmate/take/star', [{last}, 1])")
    page.until("that was all", f"{told(last)}.star === 1")
    assert page.value(f"{told(last)}.state") == "accepted"


def test_a_tile_is_drawn_anew_where_something_is_told_of_it(page: Page) -> None:
    one, two = written(page), written(page)
    said(page, one), said(page, two)
    page.run(WATCHED + CHANGE + FRAME)
    assert page.value("[...window.tiles]") == []
    page.click(f"[data-key='star-{one}']")
    page.until("its star", f"{told(one)}.star === 1")
    page.run(FRAME)
    assert page.value("[...window.tiles]") == [one]


def test_takes_that_are_told_are_not_lost_and_not_too_many(page: Page) -> None:
    first = written(page)
    page.run(
        "const {wire} = bandmate.verbs; const all = wire.all.bind(wire);"
        "wire.all = async (...said) => { wire.all = all; const found = await all(...said);"
        " await bandmate.verbs.write(); return found; }"
    )
    page.choose("[data-key='kind']", "loop")
    second = page.next_take(first)
    page.until("both are listed", f"JSON.stringify({TILES}) === '[{second},{first}]'")
    page.run(
        "for (let take = 1000; take < 1400; take += 1) bandmate.verbs.wire.link.news("
        "{address: '/bandmate/take/told', take, kind: 'loop', state: 'made', star: 0, parent: 0})"
    )
    page.until("older ones are a button away", "document.querySelector('[data-key=\"older\"]')")
    assert page.value("bandmate.store.get('takes').length") == 300
    page.click("[data-key='older']")
    page.until("they are there", f"{TILES}.includes({first}) && {TILES}.includes(1399)")


def test_it_is_searched_as_one_types_and_escape_shows_all(page: Page) -> None:
    one = written(page)
    named(page, "Rain")
    page.until("its name", "bandmate.store.get('takes')[0].title === 'Rain'")
    two = written(page)
    page.find("[data-key='search']").send_keys("rai")
    page.until("one is found", f"JSON.stringify({TILES}) === '[{one}]'")
    page.find("[data-key='search']").send_keys("x")
    page.until("none is found", "document.querySelector('#takes').textContent.includes('No take')")
    page.press("\ue00c")
    page.until("all are shown", f"JSON.stringify({TILES}) === '[{two},{one}]'")
    assert page.find("[data-key='search']").get_attribute("value") == ""


def test_takes_with_a_star_are_a_kind_of_their_own(page: Page) -> None:
    one = written(page)
    two = written(page)
    page.click(f"[data-key='star-{one}']")
    page.until("its star", "document.querySelector('.icon-starred')")
    page.choose("[data-key='kind']", "starred")
    page.until("the one", f"JSON.stringify({TILES}) === '[{one}]'")
    page.run("document.activeElement.blur()")
    page.press("s")  # the one on the stage gets its star too, though it has no tile now
    page.until("both", f"JSON.stringify({TILES}) === '[{two},{one}]'")
    page.click(f"[data-key='star-{one}']")
    page.until("the other", f"JSON.stringify({TILES}) === '[{two}]'")


def test_focus_and_typed_letters_stay_when_takes_come(page: Page, served: Served) -> None:
    first = written(page)
    page.run(f"document.querySelector('[data-key=\"take-{first}\"]').focus()")
    page.run(
        "window.before = document.activeElement; window.blurs = 0;"
        "window.before.addEventListener('blur', () => (window.blurs += 1))"
    )
    page.run("await bandmate.verbs.write()")
    page.until("another tile", f"{TILES}.length === 2")
    assert page.value("document.activeElement === window.before && window.blurs") == 0
    page.run("document.querySelector('[data-key=\"search\"]').focus()")
    page.press("q")
    page.run("await bandmate.verbs.write()")
    assert page.value("document.activeElement.value") == "q"


def test_focus_goes_on_where_its_tile_is_folded(page: Page) -> None:
    written(page)
    one = edited(page, 1)
    page.run(f"document.querySelector('[data-key=\"take-{one}\"]').focus()")
    two = edited(page, 1)
    page.until("it is folded", f"!{TILES}.includes({one})")
    assert page.value("document.activeElement.dataset.key") == f"take-{two}"


def test_a_tile_is_dragged_out_as_a_file(page: Page) -> None:
    page.run("bandmate.store.set({track: ['Dm7', 'G7', 'Cmaj7', 'Am']})")
    take = written(page)
    named(page, "Rain: on/the roof")
    page.until("its name", "bandmate.store.get('takes')[0].title.startsWith('Rain')")
    said(page, take)
    page.run(
        "document.addEventListener('dragstart', ({dataTransfer: data}) => {"
        " window.dragged = Object.fromEntries(data.types.map((type) => [type, data.getData(type)]))"
        "})"
    )
    tile = page.find(f"[data-key='take-{take}'] canvas")
    chain = ActionChains(page.driver).move_to_element(tile).click_and_hold()
    chain.move_by_offset(30, -5).move_by_offset(60, -250).perform()
    page.until("it is dragged", "window.dragged")
    address = f"{page.url}clips/{take}.mid"
    dragged = page.value("window.dragged")
    assert dragged["downloadurl"] == f"audio/midi:Rain on the roof.mid:{address}"
    assert dragged["text/uri-list"] == address
    assert dragged["text/x-chords"] == page.clip()["chords"]
    before = page.clip()
    ActionChains(page.driver).release().perform()  # on nothing
    page.run("await new Promise(requestAnimationFrame)")
    assert page.value("location.href") == page.url
    assert page.clip() == before


def test_what_nobody_wants_is_not_taken(page: Page) -> None:
    written(page)
    drop = (
        "(() => {{ const dataTransfer = new DataTransfer(); {};"
        " const event = new DragEvent('{}', {{dataTransfer, bubbles: true, cancelable: true}});"
        " document.querySelector('{}').dispatchEvent(event); return event.defaultPrevented; }})()"
    )
    file = "dataTransfer.items.add(new File(['x'], 'x.mid'))"
    tile = "dataTransfer.setData('text/x-take', '1')"
    for data in (file, tile):
        for kind in ("dragover", "drop"):
            for place in ("#roll", "footer", '[data-key="search"]'):
                assert page.value(drop.format(data, kind, place)) is True
    letters = "dataTransfer.setData('text/plain', 'rain')"
    assert page.value(drop.format(letters, "dragover", "#phrase")) is False


def test_insert_names_the_daw_or_says_how_one_is_connected(page: Page) -> None:
    take = written(page)
    page.run(DAW.format(""))
    page.until("none", "document.querySelector('#do-insert').ariaDisabled === 'true'")
    button = page.find("#do-insert")
    assert button.text == "Insert into the DAW"
    assert "bandmate bridge install" in str(button.get_attribute("title"))
    page.click("#do-insert")
    page.until("it says how", "document.querySelector('#alert').textContent.includes('install')")
    page.run("document.querySelector('#alert').textContent = ''; document.activeElement.blur()")
    page.press("i")
    page.until("it says how", "document.querySelector('#alert').textContent.includes('install')")

    page.run(DAW.format("Ableton Live"))
    page.until("it is named", "document.querySelector('#do-insert').ariaDisabled === 'false'")
    assert button.text == "Insert into Ableton Live"
    page.run(
        "window.asked = []; const mark = bandmate.verbs.mark.bind(bandmate.verbs);"
        "bandmate.verbs.mark = (...said) => window.asked.push(said) && mark(...said)"
    )
    page.press("i")
    page.until("it is asked for", "window.asked.length === 1")
    assert page.value("window.asked[0]") == ["insert", "went to Ableton Live"]
    assert page.clip()["take"] == take


def test_the_sheets_close_by_escape_and_give_the_focus_back(page: Page) -> None:
    take = written(page)
    page.run(f"document.querySelector('[data-key=\"take-{take}\"]').focus()")
    page.press("?")
    page.until("the keys", "document.querySelector('#sheet').open")
    rows = page.value("[...document.querySelectorAll('#sheet dt')].map((row) => row.textContent)")
    assert {"walk through the takes", "undo", "play on the MIDI port from the next bar"} <= set(
        rows
    )
    page.press("\ue00c")
    page.until("it is closed", "!document.querySelector('#sheet').open")
    page.until("the focus", f"document.activeElement.dataset.key === 'take-{take}'")
    page.run("document.querySelector('#do-name').focus()")
    page.press("\ue007")
    page.until("the name", "document.activeElement.id === 'new-name'")
    page.press("x", "\ue00c")
    page.until("it is closed", "!document.querySelector('#sheet').open")
    page.until("the focus", "document.activeElement.id === 'do-name'")
    assert "x" not in said(page, take)


def test_what_is_said_covers_nothing(page: Page) -> None:
    written(page)
    place = "document.querySelector('#say').getBoundingClientRect()"
    page.until("it is said", "document.querySelector('#say').textContent.startsWith('take')")
    assert page.value(
        f"{place}.bottom <= document.querySelector('.top').getBoundingClientRect().bottom"
    )
    page.size(390, 844)
    page.run("scrollTo(0, 700)")
    top = "document.querySelector('.top').getBoundingClientRect()"
    assert page.value(f"{top}.top") == 0
    page.run("bandmate.verbs.say('take 12 is accepted')")
    assert page.value(f"{place}.height > 0 && {place}.bottom < {top}.bottom") is True
    assert (
        page.value("document.querySelector('#hear').getBoundingClientRect().top")
        > page.value(f"{place}.bottom") - 8
    )
