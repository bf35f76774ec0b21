"""Chords at the desk: cards, keywords, what comes next, chords heard, who follows a card."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.clients.clients import Client
from bandmate.contract.messages import Atom, chunks_to_data, clip_to_data
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.style.keywords import keywords_to_text, read_keywords
from wires.fake_daemon import Heard, House, told, told_in
from wires.here_cowriter import FOUND, IN_C, PROPOSER

# cards


def test_cards_are_asked_for_and_made() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "chords/ask", "c1", "keywords", "jazz:0.5,slow", "key", "F:maj")
        made = told(await heard.until("chords/made"))
        assert made == {
            "cards": 4, "key": "F:maj", "proposer": PROPOSER, "keywords": "jazz:0.5,slow",
            "words": "",
        }  # fmt: skip
        assert [m.arguments for m in heard.of("chords/queued")] == [("c1", 0)]
        cards = heard.of("card/made")
        takes = [house.takes.get(int(card.arguments[1])) for card in cards]
        assert [take.kind for take in takes] == ["card"] * 4
        first = dict(zip(cards[0].arguments[2::2], cards[0].arguments[3::2], strict=True))
        assert first | {"parts": "", "notes": 0, "file": ""} == {
            "index": 0, "accepted": 1, "log_p": -10.0, "ratio": 2.5,
            "chords": "F:maj D:min7 Bb:maj G:min7,C:7", "romans": "I vi7 IV ii7,V7",
            "symbols": "F Dm7 Bb Gm7,C7", "borrowed": "", "answers": "jazz", "key": "F:maj",
            "proposer": PROPOSER, "seed": 7, "file": "", "tempo": 120.0, "meter": "4/4", "bars": 4,
            "length": 16.0, "parts": "", "notes": 0, "first_bar_ms": 1.0, "made_ms": 2.0,
            "model": PROPOSER, "chunks": 0,
        }  # fmt: skip
        assert Path(str(first["file"])).read_bytes()[:4] == b"MThd"
        last = told_of_card(heard, 3)
        assert (last["accepted"], last["borrowed"]) == (0, "Eb")
        assert heard.messages[-1].address == "/bandmate/chords/made"

    told_in(story)


def told_of_card(heard: Heard, index: int) -> dict[str, Atom]:
    """Return what was told of a card behind its take."""
    arguments = heard.of("card/made")[index].arguments
    return {str(n): v for n, v in zip(arguments[2::2], arguments[3::2], strict=True)}


def test_each_card_comes_before_the_next_is_made() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.cowriter.gate.clear()
        house.says(client, "chords/ask", "c1", "cards", 2)
        await house.cowriter.begun.wait()
        house.cowriter.lets_through(2)
        await heard.until("card/made")
        assert heard.of("chords/made") == []
        house.cowriter.gate.set()
        await heard.until("chords/made")
        assert len(heard.of("card/made")) == 2

    told_in(story)


def test_the_notes_of_every_card_come_behind_it() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "chords/ask", 1, "cards", 2, "notes", "blob", "rhythm", "quarters")
        await heard.until("chords/made")
        order = [m.address.removeprefix("/bandmate/") for m in heard.messages]
        assert order == ["chords/queued", *["card/made", "take/notes"] * 2, "chords/made"]
        for card, notes in zip(heard.of("card/made"), heard.of("take/notes"), strict=True):
            assert notes.arguments[1:4] == (card.arguments[1], 0, 1)
            clip = house.takes.get(int(card.arguments[1])).clip
            assert chunks_to_data([notes.arguments[5]], notes.arguments[4]) == clip_to_data(clip)  # type: ignore[list-item, arg-type]
            assert told_of_card(heard, 0)["chunks"] == 1

    told_in(story)


def test_what_the_cowriter_has_to_say_is_told_line_by_line() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.cowriter.has_words = True
        house.says(client, "chords/ask", 1)
        words = told(await heard.until("chords/made"))["words"]
        assert words == "the proposer is ill\nthe prior proposed"

    told_in(story)


MISTAKES: list[tuple[tuple[Atom, ...], str, str]] = [
    (("bars", 17), "ask", "bars must be in 1..16, not 17"),
    (("cards", 9), "ask", "cards must be in 1..8, not 9"),
    (("text", ""), "ask", "text must be 1..2000 characters, not ''"),
    (("text", "x" * 2001), "ask", "text must be 1..2000 characters"),
    (("keywords", "melancholc"), "ask", "melancholic"),
    (("keyword", "jazz"), "ask", "try keywords"),
    (("notes", "midi"), "ask", "notes must be file or blob, not 'midi'"),
    (("notes", "file", "notes", "blob"), "ask", "notes must be said once, not twice"),
    (("rhythm", "samba"), "ask", "rhythm must be one such as"),
    (("image", "/nowhere/beach.jpg"), "file", "/nowhere/beach.jpg cannot be read"),
    (("text",), "ask", "'text' has no value"),
]


@pytest.mark.parametrize(("said", "code", "words"), MISTAKES)
def test_a_mistake_is_answered_in_one_sentence(
    said: tuple[Atom, ...], code: str, words: str
) -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "chords/ask", "c1", *said)
        id_, its_code, sentence = await heard.error()
        assert (id_, its_code) == ("c1", code)
        assert words in str(sentence)
        assert "\n" not in str(sentence) and len(str(sentence)) < 400
        house.says(client, "chords/ask", "c2", "cards", 1)
        await heard.until("chords/made")

    told_in(story)


# the line


def test_asks_for_chords_wait_their_turn_beside_loops() -> None:
    async def story(house: House) -> None:
        (one, heard_one), (two, heard_two) = house.client(), house.client()
        house.cowriter.gate.clear()
        house.says(one, "chords/ask", 1, "cards", 1)
        house.says(two, "chords/ask", 2, "cards", 1)
        assert (await heard_two.until("chords/queued")).arguments == (2, 1)
        house.says(two, "loop/ask", 3, "bars", 1)
        await heard_two.until("loop/made")
        assert len(house.cowriter.asks) == 1
        house.cowriter.gate.set()
        await heard_two.until("chords/made")
        assert heard_one.of("chords/made")
        assert [m.arguments for m in heard_two.of("chords/queued")] == [(2, 1), (2, 0)]

    told_in(story)


def test_too_many_asks_are_told_that_it_is_busy() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.cowriter.gate.clear()
        for number in range(4):
            house.says(client, "chords/ask", number, "cards", 1)
        assert await heard.error() == (3, "busy", "2 asks wait already: ask again when one is made")
        house.cowriter.gate.set()
        await heard.until("chords/made", 3)
        house.says(client, "chords/ask", 4, "cards", 1)
        await heard.until("chords/made", 4)

    told_in(story, queue=2)


def test_an_ask_is_called_off_in_work_or_waiting() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.cowriter.gate.clear()
        for id_ in ("in work", "waiting", "kept"):
            house.says(client, "chords/ask", id_, "cards", 1)
        await house.cowriter.begun.wait()
        for id_ in ("waiting", "in work"):
            house.says(client, "cancel", id_)
        await heard.until("cancelled", 2)
        assert {m.arguments for m in heard.of("cancelled")} == {("waiting",), ("in work",)}
        house.cowriter.gate.set()
        assert (await heard.until("chords/made")).arguments[0] == "kept"
        assert [ask.cards for ask in house.cowriter.asks] == [1, 1]
        assert len(house.takes.listed()) == 1
        house.says(client, "cancel", "kept")
        assert "nothing of yours with id 'kept' is in work" in str((await heard.error())[2])
        assert len(heard.of("error")) == 1

    told_in(story)


def test_a_retry_is_answered_again_and_not_done_twice() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        ask = ("c1", "text", "rain", "cards", 2, "notes", "blob")
        house.says(client, "chords/ask", *ask)
        await heard.until("chords/made")
        first = [m for m in heard.messages if m.address != "/bandmate/chords/queued"]
        heard.messages.clear()
        house.says(client, "chords/ask", *ask)
        assert heard.messages == first
        assert len(house.cowriter.asks) == 1

    told_in(story)


# keywords


def test_keywords_are_found_told_and_kept() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "keywords/set", 1, "keywords", "rock!, dark")
        assert told(await heard.until("keywords/changed")) == {"keywords": "rock!,dark"}
        house.says(client, "chords/ask", 2, "text", "rain on a window")
        found = await heard.until("keywords/found")
        assert found.arguments == (2, "keywords", f"rock!,{FOUND}")
        assert heard.of("card/made") == []
        await heard.until("chords/made")
        house.says(client, "keywords/get", 3)
        assert told(await heard.until("keywords/told")) == told(found)
        house.says(client, "song/get", 4)
        assert told(await heard.until("song/told"))["keywords"] == f"rock!,{FOUND}"
        other, heard_other = house.client()
        house.says(other, "keywords/get", 1)
        assert told(await heard_other.until("keywords/told")) == {"keywords": ""}

    told_in(story)


def test_keywords_alone_are_used_as_they_are_and_change_nothing() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "keywords/set", 1, "keywords", "warm")
        house.says(client, "chords/ask", 2, "keywords", "jazz")
        await heard.until("chords/made")
        assert heard.of("keywords/found") == []
        house.says(client, "keywords/get", 3)
        assert told(await heard.until("keywords/told")) == {"keywords": "warm"}
        assert keywords_to_text(house.cowriter.songs[0].keywords) == "warm"

    told_in(story)


def test_a_word_that_is_locked_while_a_text_is_read_stays() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.cowriter.gate.clear()
        house.says(client, "chords/ask", 1, "text", "rain")
        await house.cowriter.begun.wait()
        house.says(client, "keywords/set", 2, "keywords", "rock!")
        await heard.until("keywords/changed")
        house.cowriter.gate.set()
        assert told(await heard.until("keywords/found")) == {"keywords": f"rock!,{FOUND}"}

    told_in(story)


def test_keywords_that_make_no_sense_change_nothing_and_none_forget_all() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "keywords/set", 1, "keywords", "warm:0.5")
        house.says(client, "keywords/set", 2, "keywords", "warm:2")
        assert "0..1" in str((await heard.error())[2])
        house.says(client, "keywords/set", 3)
        assert told(await heard.until("keywords/changed", 2)) == {"keywords": "warm:0.5"}
        house.says(client, "keywords/set", 4, "keywords", "")
        assert told(await heard.until("keywords/changed", 3)) == {"keywords": ""}

    told_in(story)


# whose loops follow a card


async def song_of(house: House, client: Client, heard: Heard) -> dict[str, Atom]:
    """Return what is told of a client's song now."""
    count = len(heard.of("song/told")) + 1
    house.says(client, "song/get", f"look {count}")
    return told(await heard.until("song/told", count))


async def dealt(house: House, cards: int = 2) -> tuple[Client, Heard]:
    """Return a client that has asked for chords in F, and what it hears."""
    client, heard = house.client()
    house.says(client, "chords/ask", "c", "key", "F:maj", "cards", cards)
    await heard.until("chords/made")
    return client, heard


def test_a_card_is_followed_from_its_accept_to_its_undo() -> None:
    async def story(house: House) -> None:
        client, heard = await dealt(house)
        assert (await song_of(house, client, heard))["card"] == 0
        house.says(client, "take/accept", 1, 1)
        await heard.until("take/accepted")
        assert (await song_of(house, client, heard))["card"] == 1
        house.says(client, "loop/ask", 2)
        made = told(await heard.until("loop/made"))
        assert (made["key"], made["chords"]) == ("F:maj", "F:maj D:min7 Bb:maj G:min7,C:7")
        house.says(client, "take/undo", 3)
        await heard.until("take/undone")
        assert (await song_of(house, client, heard))["card"] == 0
        house.says(client, "loop/ask", 4)
        assert told(await heard.until("loop/made", 2))["key"] == "C:maj"

    told_in(story)


@pytest.mark.parametrize(
    ("address", "arguments", "card"),
    [
        ("take/reject", (1,), 0),
        ("take/reject", (2,), 1),
        ("take/accept", (2,), 2),
        ("song/set", ("chords", "C F"), 0),
        ("song/set", ("chords", ""), 0),
        ("song/set", ("tempo", 90), 1),
        ("song/set", ("chords", "C", "key", "H"), 1),
    ],
)
def test_what_ends_the_following_of_a_card(
    address: str, arguments: tuple[Atom, ...], card: int
) -> None:
    async def story(house: House) -> None:
        client, heard = await dealt(house)
        house.says(client, "take/accept", 1, 1)
        await heard.until("take/accepted")
        house.says(client, address, 2, *arguments)
        await house.desk.idle()
        assert (await song_of(house, client, heard))["card"] == card

    told_in(story)


def test_undoing_a_reject_lets_an_accepted_card_be_followed_again() -> None:
    async def story(house: House) -> None:
        client, heard = await dealt(house)
        for id_, verb in enumerate(("accept", "reject")):
            house.says(client, f"take/{verb}", id_, 1)
        house.says(client, "take/undo", 9)
        await heard.until("take/undone")
        assert (await song_of(house, client, heard))["card"] == 1

    told_in(story)


def test_a_loop_that_is_accepted_is_no_card() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 1)
        await heard.until("loop/made")
        house.says(client, "take/accept", 2)
        await heard.until("take/accepted")
        assert (await song_of(house, client, heard))["card"] == 0

    told_in(story)


@pytest.mark.parametrize("way", ["in the ask", "afterwards"])
def test_a_card_that_is_inserted_is_followed_by_who_asked_and_by_the_daw(way: str) -> None:
    async def story(house: House) -> None:
        (tablet, heard), (daw, heard_daw) = house.client(), house.client()
        house.says(daw, "hello", 1, "owns", "daw")
        await heard_daw.until("hello")
        house.says(tablet, "chords/ask", 1, "cards", 2, "insert", int(way == "in the ask"))
        await heard.until("chords/made")
        if way == "afterwards":
            house.says(tablet, "take/insert", 2, 1)
        await heard.until("take/inserted")
        assert told(await heard_daw.until("clip/place"))["take"] == 1
        assert (await song_of(house, tablet, heard))["card"] == 1
        assert (await song_of(house, daw, heard_daw))["card"] == 1

    told_in(story)


def test_a_card_that_is_only_played_is_not_followed() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "chords/ask", 1, "play", 1)
        assert (await heard.until("take/played")).arguments[:2] == (1, 1)
        assert heard.messages[-2].address == "/bandmate/chords/made"
        assert (await song_of(house, client, heard))["card"] == 0
        house.says(client, "panic", 2)
        await heard.until("silenced")

    told_in(story)


# the next chord, and chords heard


def test_the_next_chord_is_suggested_for_what_is_said_or_for_the_song() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "chords/suggest", 1, "before", "D:min G:7", "key", "C:maj", "most", 3)
        suggested = told(await heard.until("chords/suggested"))
        assert suggested == {
            "chords": "C:maj D:maj E:maj", "probabilities": "0.5000 0.2500 0.1667",
            "romans": "I II III",
        }  # fmt: skip
        house.says(client, "song/set", 2, "key", "A:min", "meter", "3/4", "chords", "A:min E:7,D")
        house.says(client, "chords/suggest", 3, "after", "A:min")
        assert len(str(told(await heard.until("chords/suggested", 2))["chords"]).split()) == 7
        before, after, key, meter, most = house.cowriter.suggested[1]
        assert [[str(c) for c in bar] for bar in before] == [["A:min"], ["E:7", "D:maj"]]
        assert (len(after), key, meter, most) == (1, Key(9, "min"), Meter(3, 4), 8)
        house.says(client, "chords/suggest", 4, "most", 33)
        assert (await heard.error())[2] == "most must be in 1..32, not 33"

    told_in(story)


def test_chords_are_heard_in_a_file_as_a_card(tmp_path: Path) -> None:
    file = tmp_path / "song with blanks.mid"
    file.touch()

    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "chords/transcribe", 1, str(file), "key", "G:maj")
        assert told(await heard.until("chords/made"))["cards"] == 1
        assert told_of_card(heard, 0)["symbols"] == "G Em7 C Am7,D7"
        house.says(client, "chords/transcribe", 2)
        assert "must follow the id" in str((await heard.error())[2])
        house.says(client, "chords/transcribe", 3, str(tmp_path / "none.wav"))
        assert (await heard.error(2))[:2] == (3, "file")

    told_in(story)


def test_hearing_chords_is_called_off(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.cowriter.gate.clear()
        (tmp_path / "song.mid").touch()
        house.says(client, "chords/transcribe", 1, str(tmp_path / "song.mid"))
        await house.cowriter.begun.wait()
        house.says(client, "cancel", 1)
        assert (await heard.until("cancelled")).arguments == (1,)
        assert house.takes.listed() == []

    told_in(story)


def test_the_known_cards_are_what_these_tests_think() -> None:
    assert IN_C[0] == "C A:min7 F D:min7,G:7"
    assert len(read_keywords(FOUND)) == 3
