"""Takes edited by hand: notes on their way up, what stays exact, what is refused."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from bandmate.clients.clients import Client
from bandmate.contract.messages import Atom, checksum, clip_to_data, data_to_chunks, note_messages
from bandmate.handlers import incoming_edits
from bandmate.music import midifile
from bandmate.music.clip import Clip, Note, Part, Wheel
from bandmate.plans.chords import chord_plan_from_json
from bandmate.plans.json_form import plan_from_json
from wires.fake_daemon import Heard, House, told, told_in

EXACT = 0.1 + 0.2
"""No float32 holds it."""


async def a_take(house: House, *pairs: Atom) -> tuple[Client, Heard, Clip]:
    client, heard = house.client()
    house.says(client, "loop/ask", 1, "bars", 2, "parts", "drums,keys", "genre", "funk", *pairs)
    await heard.until("loop/made")
    return client, heard, house.takes.get(1).clip


def sent_up(house: House, client: Client, id_: Atom, clip: Clip) -> int:
    """Send the notes of a clip, and return in how many chunks."""
    messages = note_messages(id_, 0, clip)
    for message in messages:
        house.desk.take_in(client, message)
    return len(messages)


def edited(
    house: House,
    client: Client,
    clip: Clip,
    *pairs: Atom,
    parts: str = "",
    id_: str = "e",
    number: int = 1,
) -> None:
    """Ask for an edit of a take and send its notes."""
    names = parts or ",".join(f"{part.name}:{part.program}" for part in clip.parts)
    chunks = len(data_to_chunks(clip_to_data(clip)))
    house.says(client, "take/edit", id_, number, names, chunks, *pairs)
    sent_up(house, client, id_, clip)


def test_wheels_stay_with_the_part_whose_notes_are_edited() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        turned = (Wheel(0.0, "bend", 512), Wheel(1.5, "modulation", 64))
        drums, keys = clip.parts
        plan = plan_from_json(house.takes.get(1).ask)
        played = replace(clip, parts=(drums, replace(keys, wheels=turned)))
        house.takes.keep("x", plan, played, model="m", first_bar_ms=0, made_ms=0)
        assert house.takes.get(2).clip == played
        fewer = replace(played, parts=(drums, replace(played.parts[1], notes=keys.notes[1:])))
        edited(house, client, fewer, number=2)
        made = told(await heard.until("take/edited"))["take"]
        assert house.takes.get(made).clip.parts[1] == fewer.parts[1]

    told_in(story)


def test_the_same_edit_is_the_same_take() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        changed = replace(
            clip, parts=(clip.parts[0], Part("keys", 4, (Note(EXACT, 61, 0.25, 77),)))
        )
        for times in (1, 2):
            edited(house, client, changed, id_=f"e{times}")
            assert told(await heard.until("take/edited", times))["take"] == 2
        edited(house, client, clip, id_="e3")
        assert told(await heard.until("take/edited", 3))["take"] == 1
        edited(house, client, replace(clip, parts=clip.parts[1:]), id_="e4")
        assert told(await heard.until("take/edited", 4))["take"] == 3

    told_in(story)


def test_an_edit_is_a_new_take_and_what_was_not_touched_stays_exact() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        (drums, keys), added = clip.parts, Note(EXACT, 61, 0.25, 77)
        fewer = replace(keys, notes=(*keys.notes[1:], added))
        edited(house, client, replace(clip, parts=(drums, fewer)))
        made = told(await heard.until("take/edited"))
        take = house.takes.get(made["take"])
        assert (made["take"], take.parent, take.model) == (2, 1, "edited")
        assert take.clip.parts[0] == drums
        kept = set(take.clip.parts[1].notes) & set(keys.notes)
        assert kept == set(keys.notes[1:])
        (new,) = set(take.clip.parts[1].notes) - set(keys.notes)
        assert (new.pitch, new.velocity) == (61, 77)
        assert new.start == struct.unpack(">f", struct.pack(">f", EXACT))[0] != EXACT
        assert house.takes.get(1).clip == clip
        assert midifile.read(take.file).note_count == take.clip.note_count
        plan = plan_from_json(take.ask)
        assert (plan.genre, plan.base, plan.tasks) == ("funk", take.clip.parts, ())

    told_in(story)


def test_parts_come_and_go_and_change_their_sound() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        bass = Part("bass", 38, (Note(0, 36, 1, 100),))
        edited(house, client, replace(clip, parts=(bass, replace(clip.parts[1], program=4))))
        assert told(await heard.until("take/edited"))["parts"].startswith("bass:38:1,keys:4:")
        assert house.takes.get(2).clip.parts[1].notes == clip.parts[1].notes

    told_in(story)


def test_bars_and_chords_are_changed_too() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house, "chords", "C:maj A:min")
        late = Part("keys", 0, (Note(10.5, 60, 1, 90),))
        edited(house, client, replace(clip, parts=(late,)), "bars", 3, "chords", "F:maj G:7,C:maj")
        made = told(await heard.until("take/edited"))
        assert (made["bars"], made["length"]) == (3, 12.0)
        assert made["chords"] == "F:maj G:7,C:maj F:maj"
        house.says(client, "take/edit", "f", 1, "drums", 0, "bars", 1)
        made = told(await heard.until("take/edited", 2))
        assert (made["bars"], made["chords"], made["parts"]) == (1, "C:maj", "drums:0:0")
        house.says(client, "take/edit", "g", 1, "drums", 0, "chords", "")
        assert told(await heard.until("take/edited", 3))["chords"] == ""

    told_in(story)


def test_an_edited_take_is_refilled_around_what_was_written() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        own = Part("keys", 0, (Note(0.5, 61, 0.25, 99), Note(5, 66, 0.5, 98)))
        edited(house, client, replace(clip, parts=(clip.parts[0], own)))
        take = told(await heard.until("take/edited"))["take"]
        house.says(client, "loop/ask", 9, "take", take, "refill", "2", "notes", "blob")
        made = told(await heard.until("loop/made", 2))
        plan = house.worker.plans[-1]
        assert {task.bar for task in plan.tasks or ()} == {1}
        assert Note(0.5, 61, 0.25, 99) in {n for part in plan.base for n in part.notes}
        assert made["bars"] == 2

    told_in(story)


def test_a_card_that_is_edited_becomes_a_loop_over_its_chords() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "chords/ask", 1, "cards", 1, "bars", 2)
        await heard.until("chords/made")
        card = house.takes.get(1)
        edited(house, client, card.clip)
        await heard.until("take/edited")
        take = house.takes.get(2)
        assert (take.kind, take.clip.chords) == ("loop", card.clip.chords)
        assert [part.notes for part in take.clip.parts] == [p.notes for p in card.clip.parts]
        assert chord_plan_from_json(card.ask).bars == plan_from_json(take.ask).bars == 2

    told_in(story)


def test_notes_may_come_in_any_order_and_before_the_edit() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        many = tuple(Note(i / 128, 60, 1 / 128, 1 + i % 127) for i in range(1000))
        long = replace(clip, parts=(Part("keys", 0, many),))
        messages = note_messages("e", 0, long)
        assert len(messages) == 3
        for message in reversed(messages):
            house.desk.take_in(client, message)
        house.says(client, "take/edit", "e", 1, "keys:0", 3)
        await heard.until("take/edited")
        assert house.takes.get(2).clip.parts[0].notes == many

    told_in(story)


def test_a_retry_makes_no_second_take() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        fewer = replace(clip, parts=clip.parts[1:])
        edited(house, client, fewer)
        first = await heard.until("take/edited")
        edited(house, client, fewer)
        assert await heard.until("take/edited", 2) == first
        await house.desk.idle()
        assert [take.number for take in house.takes.listed()] == [2, 1]

    told_in(story)


def test_notes_that_nobody_waits_for_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming_edits, "SECONDS", 0.0)
    arrivals = incoming_edits.Arrivals()
    for number in range(3):
        arrivals.take_in(("page", number), 0, 0, b"")
    assert len(arrivals._all) == 1


def test_notes_that_do_not_come_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming_edits, "SECONDS", 0.05)

    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        house.desk.take_in(client, note_messages("e", 0, clip)[0])
        house.says(client, "take/edit", "e", 1, "drums,keys", 2)
        id_, code, words = await heard.error()
        assert (id_, code) == ("e", "ask")
        assert str(words).startswith("the notes did not arrive whole: 1 of 2 chunks came")
        assert len(house.takes.listed()) == 1

    told_in(story)


def test_notes_that_were_garbled_are_told() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        data = clip_to_data(clip)
        house.says(client, "take/notes", "e", 0, 0, 1, checksum(data) ^ 1, data)
        house.says(client, "take/edit", "e", 1, "drums,keys", 1)
        assert "crc32 must be" in str((await heard.error())[2])

    told_in(story)


@pytest.mark.parametrize(
    ("note", "words"),
    [
        (Note(8.0, 60, 1, 90), "start of a note of keys must be in 0 up to 8, not 8"),
        (Note(-0.5, 60, 1, 90), "start of a note of keys must be in 0 up to 8, not -0.5"),
        (Note(float("nan"), 60, 1, 90), "start of a note of keys must be in 0 up to 8, not nan"),
        (Note(0, 60, 0.0, 90), "duration of a note of keys must be in"),
        (Note(0, 60, float("inf"), 90), "duration of a note of keys must be in"),
        (Note(0, 128, 1, 90), "pitch of a note of keys must be in 0..127, not 128"),
        (Note(0, 60, 1, 0), "velocity of a note of keys must be in 1..127, not 0"),
    ],
)
def test_a_note_that_cannot_be_is_refused(note: Note, words: str) -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        edited(house, client, replace(clip, parts=(Part("keys", 0, (note,)),)))
        assert words in str((await heard.error())[2])
        assert len(house.takes.listed()) == 1

    told_in(story)


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("take/edit", (1, "kazoo"), "parts must be roles such as"),
        ("take/edit", (1, "drums", 61), "chunks must be in 0..60, not 61"),
        ("take/edit", (7, "drums"), "take must be in 1..1, not 7"),
        ("take/edit", (1, "drums", 0, "bars", 65), "bars must be in 1..64, not 65"),
        ("take/notes", (1, 0, 1, 0, b"odd"), "data must be 12 bytes a note"),
        ("take/notes", (1, 0, 1, 0, "text"), "data must be 12 bytes a note"),
        ("take/notes", (1, 60, 1, 0, b""), "chunk must be in 0..59, not 60"),
    ],
)
def test_what_makes_no_sense_is_refused(
    address: str, arguments: tuple[Atom, ...], words: str
) -> None:
    async def story(house: House) -> None:
        client, heard, _ = await a_take(house)
        house.says(client, address, 1, *arguments)
        assert words in str((await heard.error())[2])

    told_in(story)


def test_a_note_of_a_part_that_is_not_named_is_refused() -> None:
    async def story(house: House) -> None:
        client, heard, clip = await a_take(house)
        edited(house, client, clip, parts="drums")
        assert (await heard.error())[2] == "a note's part must be in 0..0, not 1"

    told_in(story)


def test_notes_that_no_edit_asks_for_do_not_pile_up() -> None:
    arrivals = incoming_edits.Arrivals()
    for number in range(1000):
        arrivals.take_in(("udp:1", number), 0, 0, b"")
    assert len(arrivals._all) == incoming_edits.EDITS


def test_an_empty_edit_needs_no_notes() -> None:
    async def story(house: House) -> None:
        client, heard, _ = await a_take(house)
        house.says(client, "take/edit", "e", 1, "drums,keys", 0)
        assert told(await heard.until("take/edited"))["notes"] == 0

    told_in(story)
