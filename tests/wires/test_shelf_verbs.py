"""Takes listed, searched, got whole, starred and named; presets and choices told."""

from __future__ import annotations

import pytest

from bandmate.asks.chords import CHORD_FIELDS
from bandmate.asks.notation import parse_parts
from bandmate.asks.presets import presets
from bandmate.contract.messages import (
    Atom,
    chunks_to_data,
    message_to_text,
    pairs_of,
    pairs_to_clip,
)
from bandmate.fields import Range
from bandmate.style.genres import GENRES
from bandmate.wires.packets import MESSAGE_BYTES, message_to_packet
from wires.fake_daemon import Heard, House, told, told_in


async def some_takes(house: House) -> Heard:
    """Make takes 1..3, of which 2 is a card."""
    client, heard = house.client()
    house.says(client, "loop/ask", 1, "bars", 2, "genre", "funk", "parts", "drums,bass")
    await heard.until("loop/made")
    house.says(client, "chords/ask", 2, "cards", 1, "key", "F:maj")
    await heard.until("chords/made")
    house.says(client, "loop/ask", 3, "bars", 1, "genre", "jazz", "parts", "keys")
    await heard.until("loop/made", 2)
    return heard


@pytest.mark.parametrize(
    ("pairs", "numbers"),
    [
        ((), [3, 2, 1]),
        (("limit", 2), [3, 2]),
        (("before", 3), [2, 1]),
        (("before", 3, "limit", 1), [2]),
        (("kind", "card"), [2]),
        (("kind", "loop"), [3, 1]),
        (("search", "FUNK drums"), [1]),
        (("search", "drums jazz"), []),
        (("search", "my song"), [3]),
        (("search", "clips"), []),
        (("search", "%"), []),
        (("starred", 1), [1]),
    ],
)
def test_takes_are_listed_the_newest_first(pairs: tuple[Atom, ...], numbers: list[int]) -> None:
    async def story(house: House) -> None:
        await some_takes(house)
        house.takes.star(1, True)
        house.takes.name(3, "My Song")
        client, heard = house.client()
        house.says(client, "take/list", "l", *pairs)
        assert (await heard.until("take/listed")).arguments == ("l", len(numbers))
        rows = [told(message) for message in heard.of("take/told")]
        assert [row["take"] for row in rows] == numbers
        assert {row["news"] for row in rows} <= {"listed"}

    told_in(story)


def test_a_take_is_got_with_all_that_was_told_when_it_was_made() -> None:
    async def story(house: House) -> None:
        first = await some_takes(house)
        client, heard = house.client()
        house.says(client, "take/get", "g", 1)
        got = told(await heard.until("take/got"))
        made = told(first.of("loop/made")[0])
        assert {name: got[name] for name in made} == made | {"chunks": 1}
        assert [got[name] for name in ("kind", "state", "genre", "parent")] == [
            "loop", "made", "funk", 0,
        ]  # fmt: skip
        assert (got["romans"], got["title"]) == ("", house.takes.get(1).file.stem)
        notes = (await heard.until("take/notes")).arguments
        assert notes[:4] == ("g", 1, 0, 1)
        data = chunks_to_data([notes[5]], notes[4])  # type: ignore[list-item, arg-type]
        assert pairs_to_clip(got, data).parts[0].name == "drums"

    told_in(story)


def test_a_card_is_got_with_its_numerals() -> None:
    async def story(house: House) -> None:
        first = await some_takes(house)
        card = dict(pairs_of(first.of("card/made")[0].arguments[2:]))
        client, heard = house.client()
        house.says(client, "take/get", "g", 2)
        got = told(await heard.until("take/got"))
        assert got["kind"] == "card" and got["romans"]
        for name in ("romans", "symbols", "answers", "bars"):
            assert got[name] == card[name]

    told_in(story)


def test_no_number_gets_the_latest_and_one_that_is_not_there_is_told() -> None:
    async def story(house: House) -> None:
        await some_takes(house)
        client, heard = house.client()
        house.says(client, "take/get", 1)
        assert told(await heard.until("take/got"))["take"] == 3
        house.says(client, "take/get", 2, 9)
        assert await heard.error() == (2, "ask", "take must be in 1..3, not 9")

    told_in(story)


def test_stars_and_names_are_told_to_whoever_wants_to_know_and_kept() -> None:
    async def story(house: House) -> None:
        await some_takes(house)
        (client, heard), (watcher, theirs) = house.client(), house.client()
        house.says(watcher, "subscribe", "s", "to", "takes")
        await theirs.until("take/told")
        house.says(client, "take/star", 1, 1)
        house.says(client, "take/star", 2, 1, "off")
        house.says(client, "take/name", 3, 1, "Rainy ♭ morning")
        house.says(client, "take/name", 4, 1)
        rows = [told(await heard.until("take/told", n)) for n in (1, 2, 3, 4)]
        file = house.takes.get(1).file.stem
        assert [row["star"] for row in rows] == [1, 0, 0, 0]
        assert [row["title"] for row in rows] == [file, file, "Rainy ♭ morning", file]
        await theirs.until("take/told", 5)
        news = [told(message)["news"] for message in theirs.of("take/told")]
        assert news == ["latest", "starred", "starred", "named", "named"]
        assert [m.arguments[0] for m in heard.of("take/told")] == [1, 2, 3, 4]

    told_in(story)


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("take/star", (1, "perhaps"), "on must be on or off, not 'perhaps'"),
        ("take/name", (1, "x" * 101), "text must be at most 100 characters"),
        ("take/name", (1, "a\nb"), "text must be at most 100 characters"),
        ("take/name", (4, "x"), "take must be in 1..3, not 4"),
        ("take/list", ("limit", 201), "limit must be in 1..200, not 201"),
        ("take/list", ("kind", "song"), "kind must be loop or card, not 'song'"),
        ("take/list", ("serach", "x"), "takes nothing called 'serach', try"),
    ],
)
def test_what_makes_no_sense_is_refused(
    address: str, arguments: tuple[Atom, ...], words: str
) -> None:
    async def story(house: House) -> None:
        await some_takes(house)
        client, heard = house.client()
        house.says(client, address, 1, *arguments)
        assert words in str((await heard.error())[2])

    told_in(story)


def test_presets_are_told_as_asks_name_them() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "preset/list", "p")
        there = presets()
        assert (await heard.until("preset/listed")).arguments == ("p", len(there))
        rows = [told(message) for message in heard.of("preset/told")]
        assert [row["name"] for row in rows] == [preset.name for preset in there]
        assert [parse_parts(row["parts"]) for row in rows] == [preset.parts for preset in there]
        house.says(client, "loop/ask", 1, "preset", rows[0]["name"], "bars", 1)
        await heard.until("loop/made")

    told_in(story)


def test_every_choice_can_be_asked() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "choices/list", "c")
        answer = await heard.until("choices/told")
        choices = told(answer)
        assert choices["genres"].split(",") == list(GENRES)
        names = [role.split(":")[0] for role in choices["roles"].split(",")]
        assert [part.name for part in parse_parts(",".join(names[:10]))] == names[:10]
        assert [row.split(":")[0] for row in choices["programs"].split(",")] == names
        ranges: dict[str, Range] = {field.name: field.range for field in CHORD_FIELDS}
        for name in ("rhythms", "voicings", "sections", "genres"):
            for word in choices[name].split(","):
                ranges[name.removesuffix("s")].read(name, word)
        for kind in ("moods", "energies", "eras", "textures"):
            assert choices[kind]
            for word in choices[kind].split(","):
                ranges["keywords"].read("keywords", word)
        assert len(message_to_packet(answer)) <= MESSAGE_BYTES
        assert message_to_text(answer)

    told_in(story)
