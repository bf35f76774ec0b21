"""The OSC contract on paper and in code: every row of the one is a row of the other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator

import pytest

from bandmate import errors
from bandmate.asks.chords import CHORD_FIELDS
from bandmate.asks.loop import FIELDS
from bandmate.asks.song import SONG_FIELDS
from bandmate.contract import cards, messages
from bandmate.contract.addresses import ADDRESSES, ANSWERS
from bandmate.contract.live import ANSWER, CAPTURE, OF_ANSWERS, PADS
from bandmate.contract.messages import Message
from bandmate.contract.rows import (
    CHORDS,
    HELLO,
    KEYWORDS,
    MIX,
    NOTES,
    PLAY,
    REPORT,
    SUBSCRIBE,
    SUGGEST,
    TRANSCRIBE,
    TRANSPORT,
    Told,
)
from bandmate.contract.takes import EDIT, LIST, OF_GOT
from bandmate.fields import Field
from bandmate.handlers import dispatcher, incoming_edits
from bandmate.handlers.routes import ROUTES
from bandmate.paths import shipped
from bandmate.wires import mailbox, packets
from bandmate.wires.page import frames, uploads, websocket
from wires.fake_daemon import housed

Row = tuple[str, ...]


def page() -> str:
    return shipped("bridge", "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return what stands under a heading of the page, up to the next heading."""
    found = re.search(rf"^#+ {re.escape(title)}$(.*?)(?=^#|\Z)", page(), re.MULTILINE | re.DOTALL)
    assert found, f"bridge/README.md has no heading {title!r}"
    return found[1]


def table(title: str) -> list[Row]:
    """Return the rows of the table under a heading, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]
    assert set(rows[1]) == {"---"}
    return rows[2:]


def code(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def addresses() -> Iterator[Row]:
    for row in ADDRESSES.values():
        again = "once" if row.is_once else "each time"
        taken = code(["id", *(field.name for field in row.takes)])
        yield f"`{row.address}`", taken, code(row.answers), again, row.words


def answers() -> Iterator[Row]:
    for row in ANSWERS.values():
        told = code(["id", *(told.name for told in row.tells)])
        yield f"`{row.address}`", told, "yes" if row.pairs else "", row.words


def arguments() -> Iterator[Row]:
    """Yield what is told in place, each name once: a name means the same in every answer."""
    seen = {told.name: told for row in ANSWERS.values() for told in row.tells}
    for row in ANSWERS.values():
        for told in row.tells:
            assert told == seen[told.name], f"{told.name} means two things"
    return tells(seen.values())


def fields(rows: Iterable[Field]) -> Iterator[Row]:
    for row in rows:
        yield f"`{row.name}`", row.range.words, row.words, row.default


def tells(rows: Iterable[Told]) -> Iterator[Row]:
    for row in rows:
        yield f"`{row.name}`", f"`{row.type}`", row.words


def codes() -> Iterator[Row]:
    def tree(kind: type[errors.BandmateError]) -> Iterator[type[errors.BandmateError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from tree(child)

    for kind in tree(errors.BandmateError):
        if kind is not errors.Cancelled and kind.__module__.startswith("bandmate."):
            yield f"`{kind.code}`", (kind.__doc__ or "").splitlines()[0]


TABLES: dict[str, Callable[[], Iterator[Row]]] = {
    "What bandmate takes": addresses,
    "Names in a hello": lambda: fields(HELLO),
    "Names in a subscription": lambda: fields(SUBSCRIBE),
    "Names in a song": lambda: fields(SONG_FIELDS),
    "Names in a loop ask": lambda: fields(FIELDS),
    "Names in an ask for chords": lambda: fields(CHORDS),
    "Names of chords to be heard": lambda: fields(TRANSCRIBE),
    "Names of a chord to come": lambda: fields(SUGGEST),
    "Names in `keywords/set`": lambda: fields(KEYWORDS),
    "Names of a take to be played": lambda: fields(PLAY),
    "Names of the mix": lambda: fields(MIX),
    "Names in `take/list`": lambda: fields(LIST),
    "Names in `take/edit`": lambda: fields(EDIT),
    "Names in `transport/set`": lambda: fields(TRANSPORT),
    "Names in `transport/report`": lambda: fields(REPORT),
    "Names in `live/deal`": lambda: fields(PADS),
    "Names in `live/capture` and `live/answer`": lambda: fields(OF_ANSWERS),
    "What bandmate sends": answers,
    "Arguments of the answers": arguments,
    "Names in a hello's answer": lambda: tells(ANSWERS["/bandmate/hello"].pairs),
    "Names in a song's `changed` and `told`": lambda: tells(ANSWERS["/bandmate/song/told"].pairs),
    "Names in `loop/made` and `place`": lambda: tells(ANSWERS["/bandmate/loop/made"].pairs),
    "Names in `loop/planned`": lambda: tells(ANSWERS["/bandmate/loop/planned"].pairs),
    "Names in the transport's answers": lambda: tells(ANSWERS["/bandmate/transport/told"].pairs),
    "Names in `take/told`": lambda: tells(ANSWERS["/bandmate/take/told"].pairs),
    "Names in `take/got`": lambda: tells(OF_GOT),
    "Names in `preset/told`": lambda: tells(ANSWERS["/bandmate/preset/told"].pairs),
    "Names in `choices/told`": lambda: tells(ANSWERS["/bandmate/choices/told"].pairs),
    "Names in `live/told`": lambda: tells(ANSWERS["/bandmate/live/told"].pairs),
    "Names in `card/made`": lambda: tells(ANSWERS["/bandmate/card/made"].pairs),
    "Names in `chords/made`": lambda: tells(ANSWERS["/bandmate/chords/made"].pairs),
    "Names in `chords/suggested`": lambda: tells(ANSWERS["/bandmate/chords/suggested"].pairs),
    "Names in keywords' answers": lambda: tells(ANSWERS["/bandmate/keywords/told"].pairs),
    "Errors": codes,
}


@pytest.mark.parametrize("title", TABLES)
def test_the_page_says_what_the_code_does(title: str) -> None:
    assert table(title) == list(TABLES[title]())


def test_answers_that_share_a_table_share_their_names() -> None:
    assert ANSWERS["/bandmate/song/changed"].pairs == ANSWERS["/bandmate/song/told"].pairs
    assert ANSWERS["/bandmate/clip/place"].pairs == ANSWERS["/bandmate/loop/made"].pairs
    assert ANSWERS["/bandmate/take/edited"].pairs == ANSWERS["/bandmate/loop/made"].pairs
    assert ANSWERS["/bandmate/take/got"].pairs == (*ANSWERS["/bandmate/loop/made"].pairs, *OF_GOT)
    transport = [ANSWERS[f"/bandmate/transport/{verb}"].pairs for verb in ("changed", "told")]
    assert transport[0] == transport[1]
    assert ANSWERS["/bandmate/live/captured"].pairs == ANSWERS["/bandmate/loop/made"].pairs
    keywords = {
        ANSWERS[f"/bandmate/keywords/{verb}"].pairs for verb in ("found", "changed", "told")
    }
    assert len(keywords) == 1


def test_every_address_takes_what_its_table_says() -> None:
    tables = {
        "hello": HELLO, "song/set": SONG_FIELDS, "loop/ask": FIELDS, "chords/ask": CHORDS,
        "chords/transcribe": TRANSCRIBE, "chords/suggest": SUGGEST, "keywords/set": KEYWORDS,
        "take/play": PLAY, "take/mix": MIX, "transport/set": TRANSPORT,
        "transport/report": REPORT, "live/deal": PADS, "live/capture": CAPTURE,
        "live/answer": ANSWER, "subscribe": SUBSCRIBE, "take/list": LIST, "take/edit": EDIT,
    }  # fmt: skip
    for address, row in ADDRESSES.items():
        assert row.pairs == tables.get(address.removeprefix("/bandmate/"), ())
    assert set(CHORDS) == {*CHORD_FIELDS, NOTES}


def test_every_answer_is_in_the_table_of_answers() -> None:
    named = {answer for row in ADDRESSES.values() for answer in row.answers}
    assert named <= ANSWERS.keys()
    assert ANSWERS.keys() - named == {
        "/bandmate/clip/place", "/bandmate/bridge/do", "/bandmate/error",
    }  # fmt: skip


def test_the_page_names_no_address_that_there_is_not() -> None:
    named = set(re.findall(r"/bandmate(?:/[a-z]+)+", page()))
    assert named == ADDRESSES.keys() | ANSWERS.keys()


def examples() -> list[tuple[str, list[str]]]:
    """Return the type letters and the values of each oscsend line, behind its address."""
    lines = [line.split() for line in page().splitlines() if line.startswith("    oscsend ")]
    return [(f"{words[3]} {words[4]}", words[5:]) for words in lines]


LETTERS = {str: "s", int: "i", float: "f", bytes: "b"}


def types_of(message: Message) -> str:
    """Return the type letters of a message as oscdump shows them."""
    return "".join(LETTERS[type(atom)] for atom in message.arguments)


READERS: dict[str, Callable[[str], messages.Atom]] = {"i": int, "f": float, "s": str}


def test_the_worked_example_works() -> None:
    async def story() -> list[Message]:
        async with housed() as house:
            client, heard = house.client()
            for place, values in examples():
                address, types = place.split()
                assert len(types) == len(values)
                told = (READERS[type_](value) for type_, value in zip(types, values, strict=True))
                # The page's takes 12 and 13 are the first ones in this house.
                ours: dict[messages.Atom, messages.Atom] = {12: 1, 13: 2}
                arguments = tuple(ours.get(atom, atom) for atom in told)
                house.desk.take_in(client, Message(address, arguments))
                await house.desk.idle()
            assert heard.messages == []
            assert house.desk.songs.of("udp:127.0.0.1:9000").card == 2
            assert {to for to, _ in house.sent_by_udp} == {("127.0.0.1", 9000)}
            return [message for _, message in house.sent_by_udp]

    heard = asyncio.run(story())
    mistakes = [message for message in heard if message.address == "/bandmate/error"]
    assert [message.arguments for message in mistakes] == [
        ("a2", "ask", "bars must be in 1..64, not 65")
    ]
    said = section("A worked example")
    assert all(message.address in said for message in heard[:7])
    assert '    /bandmate/error sss "a2" "ask" "bars must be in 1..64, not 65"' in said
    sent = {(message.address, types_of(message)) for message in heard}
    assert set(re.findall(r"^    (/\S+) (\S+) \"", said, re.MULTILINE)) <= sent


@pytest.mark.parametrize(
    "number",
    [
        packets.MESSAGE_BYTES, packets.FRAME_BYTES, packets.BUNDLE_MESSAGES, packets.BUNDLE_DEPTH,
        messages.CHUNK_NOTES, messages.CHORDS_LIMIT, cards.LINE_LIMIT, mailbox.MESSAGE_BYTES,
        frames.FRAME_CHARS, websocket.PAGES, uploads.UPLOAD_BYTES, uploads.KEPT,
        incoming_edits.SECONDS, mailbox.STALE_SECONDS, mailbox.ANSWERS_KEPT, dispatcher.CALLS,
    ],
)  # fmt: skip
def test_the_page_tells_every_limit(number: float) -> None:
    assert re.search(rf"(?<![\d,]){number:,.0f}(?![\d,])", page()), f"{number:,.0f}"


def test_every_address_has_a_handler_and_every_handler_an_address() -> None:
    assert ROUTES.keys() == ADDRESSES.keys()
    assert len(set(ROUTES.values())) == len(ROUTES)
