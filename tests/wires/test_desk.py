"""The desk: every message is read, done once and answered to whom it may concern."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from bandmate.errors import AskError
from bandmate.music.midifile import read
from bandmate.wires import clients as clients_module
from bandmate.wires import desk as desk_module
from bandmate.wires.addresses import ADDRESSES
from bandmate.wires.clients import CLIENTS, REMEMBERED_ANSWERS, REMEMBERED_ASKS, Clients, Memory
from bandmate.wires.messages import Atom, Message, chunks_to_data, clip_to_data, pairs_to_clip
from bandmate.wires.packets import message_to_packet
from wires.fake_daemon import NO_PORT, PATIENCE, House, housed, told

Story = Callable[[House], Awaitable[None]]


def told_in(story: Story, queue: int = 16, has_port: bool = True) -> None:
    """Play a story in a house of its own."""

    async def played() -> None:
        async with housed(queue, has_port) as house:
            await asyncio.wait_for(story(house), PATIENCE * 3)

    asyncio.run(played())


def test_a_loop_is_asked_for_and_made() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", "a1", "bars", 4, "tempo", 96.0, "key", "A:min", "seed", 7)
        made = told(await heard.until("loop/made"))
        assert [m.arguments for m in heard.of("loop/queued")] == [("a1", 0)]
        assert [m.arguments for m in heard.of("loop/progress")] == [
            ("a1", 0, bar, 4) for bar in range(4)
        ]
        assert made["tempo"] == 96.0
        assert (made["key"], made["bars"], made["length"], made["seed"]) == ("A:min", 4, 16.0, 7)
        assert (made["index"], made["takes"], made["chunks"]) == (0, 1, 0)
        clip = house.takes.get(made["take"]).clip
        assert made["parts"] == ",".join(f"{p.name}:{p.program}:{len(p.notes)}" for p in clip.parts)
        written = read(made["file"])
        assert (written.length, written.note_count) == (16.0, made["notes"])
        assert heard.of("take/notes") == []

    told_in(story)


def test_the_notes_of_every_take_come_as_blobs() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(
            client, "loop/ask", 3, "bars", 64, "takes", 2, "notes", "blob", "meter", "7/8",
            "parts", "drums,bass,keys,pad,lead",
        )  # fmt: skip
        second = told(await heard.until("loop/made", 2))
        assert second["chunks"] > 1
        await heard.until("take/notes", 2 * second["chunks"])
        for made in map(told, heard.of("loop/made")):
            chunks = [m.arguments for m in heard.of("take/notes") if m.arguments[1] == made["take"]]
            assert [c[:4] for c in chunks] == [
                (3, made["take"], i, made["chunks"]) for i in range(made["chunks"])
            ]
            data = chunks_to_data([c[5] for c in chunks], chunks[0][4])  # type: ignore[misc, arg-type]
            clip = house.takes.get(made["take"]).clip
            assert data == clip_to_data(clip)
            assert pairs_to_clip(made, data) == clip

    told_in(story)


def test_numbers_as_floats_are_taken() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1.0, "bars", 2.0, "seed", 5.0, "takes", "2", "energy", 3.0)
        made = await heard.until("loop/made", 2)
        assert (made.arguments[0], told(made)["bars"], told(made)["seed"]) == (1.0, 2, 6)
        house.says(client, "take/play", 2, 1.0)
        assert (await heard.until("take/played")).arguments == (2, 1)

    told_in(story)


@pytest.mark.parametrize("id_", ["a1", 7, 2**40, -1, 1.5, ""])
def test_the_id_is_echoed_in_every_answer(id_: Atom) -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", id_, "bars", 1, "play", 1, "notes", "blob")
        await heard.until("take/played")
        house.says(client, "nothing", id_)
        await heard.until("error")
        assert {m.arguments[0] for m in heard.messages} == {id_}
        assert {type(m.arguments[0]) for m in heard.messages} == {type(id_)}

    told_in(story)


@pytest.mark.parametrize("id_", [b"x", "x" * 201, float("nan"), float("inf")])
def test_an_id_that_is_none_is_refused(id_: Atom) -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "song/get", id_)
        assert (await heard.error())[:2] == ("", "ask")

    told_in(story)


def test_a_message_without_an_id_is_answered_too() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "panic")
        assert (await heard.until("silenced")).arguments == ("",)

    told_in(story)


def test_each_client_has_its_own_song() -> None:
    async def story(house: House) -> None:
        (one, heard_one), (two, heard_two) = house.client(), house.client()
        house.says(one, "song/set", 1, "tempo", 96.0, "root_note", 9, "scale_name", "Minor")
        house.says(two, "song/set", 1, "tempo", 140, "meter", "3/4", "chords", "C:maj G:7")
        house.says(one, "loop/ask", 2, "bars", 1)
        house.says(two, "loop/ask", 2, "bars", 1)
        made = [told(await heard.until("loop/made")) for heard in (heard_one, heard_two)]
        assert [(m["tempo"], m["key"], m["meter"]) for m in made] == [
            (96.0, "A:min", "4/4"),
            (140.0, "C:maj", "3/4"),
        ]
        changed = told(heard_two.of("song/changed")[0])
        house.says(two, "song/get", 3)
        assert told(await heard_two.until("song/told")) == changed
        assert (changed["chords"], changed["signature_numerator"]) == ("C:maj G:7", 3)
        assert changed["is_playing"] == 0

    told_in(story)


def test_a_song_with_very_many_chords_is_told_without_them() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        chords = " ".join([",".join(["Gb7b9"] * 8)] * 64)
        house.says(client, "song/set", 1, "chords", chords)
        changed = await heard.until("song/changed")
        assert told(changed)["chords"] == ""
        assert len(message_to_packet(changed)) < 8192
        house.says(client, "loop/ask", 2, "bars", 1)
        await heard.until("loop/made")
        assert len(house.worker.plans[0].chords) == 8

    told_in(story)


def test_a_song_takes_all_or_nothing() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "song/set", 1, "tempo", 96.0, "key", "H:min")
        assert "H:min" in str((await heard.error())[2])
        house.says(client, "song/get", 2)
        assert told(await heard.until("song/told"))["tempo"] == 120.0

    told_in(story)


MISTAKES: list[tuple[tuple[Atom, ...], str]] = [
    (("bars", 0), "bars must be in 1..64, not 0"),
    (("bars", 65), "bars must be in 1..64, not 65"),
    (("bars", "x"), "bars must be in 1..64, not 'x'"),
    (("bars", 4.5), "bars must be a whole number in 1..64, not 4.5"),
    (("tempo", 0), "tempo must be in 20..400, not 0"),
    (("tempo", float("nan")), "tempo must be in 20..400, not nan"),
    (("tempo", float("inf")), "tempo must be in 20..400, not inf"),
    (("key", "H:min"), "key must be written like"),
    (("chords", "A:mni"), "chord must be written like"),
    (("parts", "drums,bas"), "bass"),
    (("genre", "fnuk"), "funk"),
    (("preset", "nothing-like-it"), "nothing-like-it"),
    (("bras", 4), "bars"),
    (("bars", 4, "bars", 5), "bars"),
    (("bars",), "'bars' has no value"),
    ((4, 4), "must have a text for a name, not 4"),
    (("bars", b"\4"), "bars must be in 1..64"),
    (("model", "loops@00000000"), "model must be fake@00c0ffee"),
]


@pytest.mark.parametrize(("said", "words"), MISTAKES)
def test_a_mistake_is_answered_in_one_sentence(said: tuple[Atom, ...], words: str) -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", "a1", *said)
        id_, code, sentence = await heard.error()
        assert (id_, code) == ("a1", "ask")
        assert words in str(sentence)
        assert "\n" not in str(sentence) and len(str(sentence)) < 400
        house.says(client, "loop/ask", "a2", "bars", 1)
        await heard.until("loop/made")

    told_in(story)


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("lop/ask", (1,), "try /bandmate/loop/ask"),
        ("take/plya", (1,), "/bandmate/take/play"),
        ("hello", (1, "wons", "daw"), "try owns"),
        ("hello", (1, "owns", "everything"), "owns must be daw or empty"),
        ("take/play", (1, -1), "take must be in 0..2147483647, not -1"),
        ("take/play", (1, 99), "99"),
        ("take/play", (1, "reply"), "take must be in 0..2147483647, not 'reply'"),
        ("take/play", (1, 0), "there is no take yet"),
        ("take/undo", (1,), "nothing"),
        ("cancel", ("a9",), "nothing of yours with id 'a9' is in work"),
        ("loop/ask", (1, "reply", 0), "reply must be a port in 1..65535 or mailbox:NAME, not 0"),
        ("loop/ask", (1, "reply", 7770), "bandmate's own 7770"),
        ("loop/ask", (1, "reply", "mailbox:../x"), "a mailbox must be named with"),
        ("loop/ask", (1, "reply", "mailbox:alive"), "a mailbox must be named with"),
    ],
)
def test_other_mistakes(address: str, arguments: tuple[Atom, ...], words: str) -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, address, *arguments)
        assert words.replace("nothing", "") in str((await heard.error())[2])
        assert house.sent_by_udp == []
        assert house.sent_by_mailbox == []

    told_in(story)


def test_a_retry_is_answered_again_and_not_done_twice() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.worker.gate.clear()
        ask = ("a1", "bars", 2, "notes", "blob")
        house.says(client, "loop/ask", *ask)
        await heard.until("loop/queued")
        house.says(client, "loop/ask", *ask)
        await heard.until("loop/queued", 2)
        house.worker.gate.set()
        await heard.until("take/notes")
        first = [heard.of("loop/made")[0], heard.of("take/notes")[0]]
        heard.messages.clear()
        house.says(client, "loop/ask", *ask)
        assert heard.messages == first
        assert len(house.takes.listed()) == len(house.worker.plans) == 1

    told_in(story)


def test_the_same_id_with_another_ask_is_a_mistake_only_while_it_is_in_work() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.worker.gate.clear()
        house.says(client, "loop/ask", "a1", "bars", 1)
        await house.worker.begun.wait()
        house.says(client, "loop/ask", "a1", "bars", 2)
        assert "'a1' is in work with another ask" in str((await heard.error())[2])
        house.worker.gate.set()
        await heard.until("loop/made")
        house.says(client, "loop/ask", "a1", "bars", 2)
        assert told(await heard.until("loop/made", 2))["bars"] == 2

    told_in(story)


def test_two_clients_may_use_one_id() -> None:
    async def story(house: House) -> None:
        pairs = [house.client() for _ in range(3)]
        for client, _ in pairs:
            house.says(client, "loop/ask", 1, "bars", 1)
        takes = {told(await heard.until("loop/made"))["take"] for _, heard in pairs}
        assert len(takes) == 3
        assert all(len(heard.of("loop/made")) == 1 for _, heard in pairs)

    told_in(story)


def test_an_empty_id_is_never_taken_for_a_retry() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        for count in (1, 2):
            house.says(client, "loop/ask", "", "bars", 1)
            await heard.until("loop/made", count)
        assert len({told(m)["take"] for m in heard.of("loop/made")}) == 2

    told_in(story)


def test_a_failed_ask_is_answered_with_the_same_error_again() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        for count in (1, 2):
            house.says(client, "take/play", "p1", 5)
            await heard.error(count)
        assert heard.messages[0] == heard.messages[1]

    told_in(story)


def test_too_many_asks_are_told_that_it_is_busy() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.worker.gate.clear()
        for number in range(4):
            house.says(client, "loop/ask", number, "bars", 1)
        id_, code, words = await heard.error()
        assert (id_, code) == (3, "busy")
        assert words == "2 asks wait already: ask again when one is made"
        assert [m.arguments for m in heard.of("loop/queued")] == [(0, 0), (1, 1), (2, 2)]
        house.worker.gate.set()
        await heard.until("loop/made", 3)
        house.says(client, "loop/ask", 4, "bars", 1)
        await heard.until("loop/made", 4)

    told_in(story, queue=2)


def test_too_many_messages_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "CALLS", 10)

    async def story(house: House) -> None:
        client, heard = house.client()
        for number in range(11):
            house.says(client, "song/get", number)
        assert (await heard.error())[:2] == (10, "busy")
        await heard.until("song/told", 10)

    told_in(story)


def test_an_ask_in_work_is_called_off() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.worker.gate.clear()
        house.says(client, "loop/ask", "a1", "bars", 4)
        house.says(client, "loop/ask", "a2", "bars", 4)
        await house.worker.begun.wait()
        house.says(client, "cancel", "a1")
        assert (await heard.until("cancelled")).arguments == ("a1",)
        house.says(client, "cancel", "a1")
        assert (await heard.until("cancelled", 2)).arguments == ("a1",)
        house.worker.gate.set()
        assert (await heard.until("loop/made")).arguments[0] == "a2"
        house.says(client, "loop/ask", "a1", "bars", 4)
        assert (await heard.until("cancelled", 3)).arguments == ("a1",)
        assert len(house.takes.listed()) == 1
        assert heard.of("error") == []

    told_in(story)


def test_a_waiting_ask_is_called_off_and_one_of_another_client_is_not() -> None:
    async def story(house: House) -> None:
        (one, heard_one), (two, heard_two) = house.client(), house.client()
        house.worker.gate.clear()
        house.says(one, "loop/ask", 1, "bars", 1)
        house.says(two, "loop/ask", 1, "bars", 1)
        await heard_two.until("loop/queued")
        house.says(two, "cancel", 1)
        await heard_two.until("cancelled")
        house.worker.gate.set()
        await heard_one.until("loop/made")
        assert heard_one.of("cancelled") == heard_two.of("loop/made") == []

    told_in(story)


def test_play_and_stop_are_done_in_the_order_they_came() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 1, "tempo", 20)
        take = told(await heard.until("loop/made"))["take"]
        house.says(client, "take/play", 2, take)
        house.says(client, "take/stop", 3)
        assert (await heard.until("take/played")).arguments == (2, take)
        assert (await heard.until("take/stopped")).arguments == (3, 0)
        addresses = [m.address for m in heard.messages]
        assert addresses.index("/bandmate/take/played") < addresses.index("/bandmate/take/stopped")
        assert not_sounding(house)

    told_in(story)


def not_sounding(house: House) -> bool:
    """Return True where every note that began has ended."""
    ons = [m[:2] for m in house.output.sent if m[0] & 0xF0 == 0x90]
    offs = {bytes((m[0] + 0x10, m[1])) for m in house.output.sent if m[0] & 0xF0 == 0x80}
    return set(ons) <= offs


def test_play_in_an_ask_plays_the_first_take() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 1, "takes", 2, "play", 1)
        await heard.until("take/played")
        first = told(heard.of("loop/made")[0])["take"]
        assert heard.of("take/played")[0].arguments == (1, first)
        house.says(client, "panic", 2)
        await heard.until("silenced")
        assert any(m[0] & 0xF0 == 0xC0 for m in house.output.sent)
        assert not_sounding(house)
        assert {m[0] & 0x0F for m in house.output.sent if m[:2][1:] == b"\x7b"} == set(range(16))

    told_in(story)


def test_without_a_midi_port_only_playing_is_refused() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 1, "play", 1)
        assert await heard.error() == (1, "port", NO_PORT)
        assert len(heard.of("loop/made")) == 1
        house.says(client, "take/play", 2)
        assert await heard.error(2) == (2, "port", NO_PORT)
        house.says(client, "take/stop", 3)
        house.says(client, "panic", 4)
        await heard.until("silenced")
        await heard.until("take/stopped")

    told_in(story, has_port=False)


def test_a_take_is_placed_by_the_client_that_owns_the_daw() -> None:
    async def story(house: House) -> None:
        (tablet, heard), (old, heard_old), (daw, heard_daw) = (house.client() for _ in range(3))
        house.says(tablet, "hello", 1, "client", "tablet", "version", "1", "owns", "")
        house.says(old, "hello", 1, "client", "live", "owns", "daw")
        house.says(daw, "hello", 1, "client", "reaper", "owns", "daw")
        await heard_daw.until("hello")
        house.says(tablet, "loop/ask", "t1", "bars", 2, "insert", 1)
        assert (await heard.until("take/inserted")).arguments == ("t1", 1)
        place = await heard_daw.until("clip/place")
        (notes,) = heard_daw.of("take/notes")
        assert place.arguments[0] == notes.arguments[0] == "t1"
        assert told(place) | {"chunks": 0} == told(heard.of("loop/made")[0])
        assert pairs_to_clip(told(place), notes.arguments[5]) == house.takes.get(1).clip  # type: ignore[arg-type]
        house.says(tablet, "take/insert", "t2")
        assert (await heard_daw.until("clip/place", 2)).arguments[0] == "t2"
        assert heard_old.of("clip/place") == heard.of("clip/place") == []

    told_in(story)


@pytest.mark.parametrize("way", ["never came", "went", "gave it up"])
def test_without_a_daw_inserting_is_refused_in_words(way: str) -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        daw, heard_daw = house.client()
        if way != "never came":
            house.says(daw, "hello", 1, "owns", "daw")
            await heard_daw.until("hello")
        if way == "went":
            house.clients.gone(daw)
        if way == "gave it up":
            house.says(daw, "hello", 2, "owns", "")
            await heard_daw.until("hello", 2)
        house.says(client, "loop/ask", 1, "bars", 1, "insert", 1)
        id_, code, words = await heard.error()
        assert (id_, code) == (1, "unavailable")
        assert "no DAW is connected" in str(words)
        assert len(heard.of("loop/made")) == 1
        assert heard_daw.of("clip/place") == []

    told_in(story)


def test_takes_are_accepted_rejected_and_undone() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 1, "takes", 2)
        await heard.until("loop/made", 2)
        house.says(client, "take/accept", 2, 1)
        house.says(client, "take/reject", 3, 2)
        house.says(client, "take/undo", 4)
        assert (await heard.until("take/undone")).arguments == (4, 2)
        assert heard.of("take/accepted")[0].arguments == (2, 1)
        assert heard.of("take/rejected")[0].arguments == (3, 2)
        assert [house.takes.get(n).state for n in (1, 2)] == ["accepted", "made"]
        other, heard_other = house.client()
        house.says(other, "take/undo", 1)
        assert "of yours to undo" in str((await heard_other.error())[2])

    told_in(story)


def test_no_number_means_ones_own_latest_take_else_the_latest_of_all() -> None:
    async def story(house: House) -> None:
        (one, heard_one), (two, heard_two) = house.client(), house.client()
        house.says(one, "loop/ask", 1, "bars", 1)
        await heard_one.until("loop/made")
        house.says(two, "take/play", 1)
        assert (await heard_two.until("take/played")).arguments == (1, 1)
        house.says(two, "loop/ask", 2, "bars", 1)
        await heard_two.until("loop/made")
        house.says(one, "take/play", 2, 0)
        assert (await heard_one.until("take/played")).arguments == (2, 1)

    told_in(story)


def test_answers_go_where_an_ask_says() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "song/set", 1, "tempo", 77, "reply", 9000.0)
        house.says(client, "song/get", 2, "reply", "9000")
        house.says(client, "take/play", 3, 0, "reply", 9000)
        house.says(client, "song/get", 4, "reply", "mailbox:reaper-1")
        house.says(client, "loop/ask", 5, "reply", "mailbox:reaper-1", "bars", 65)
        house.says(client, "song/get", 6)
        await heard.until("song/told")
        await house.desk.close()
        assert [(to, m.address) for to, m in house.sent_by_udp] == [
            (("127.0.0.1", 9000), f"/bandmate/{address}")
            for address in ("song/changed", "song/told", "error")
        ]
        assert told(house.sent_by_udp[1][1])["tempo"] == 77.0
        assert [(to, m.address) for to, m in house.sent_by_mailbox] == [
            ("reaper-1", "/bandmate/song/told"),
            ("reaper-1", "/bandmate/error"),
        ]
        assert [m.arguments[0] for m in heard.messages] == [6]

    told_in(story)


@pytest.mark.parametrize("address", ["error", "loop/made", "song/told", "silenced", "clip/place"])
def test_our_own_words_are_never_answered(address: str) -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, address, 1, "bars", 65)
        house.says(client, "song/get", 2)
        await heard.until("song/told")
        assert len(heard.messages) == 1

    told_in(story)


def test_two_daemons_do_not_greet_each_other_for_ever() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "hello", 1)
        answer = await heard.until("hello")
        house.desk.take_in(client, answer)
        assert (await heard.error())[1] == "ask"
        assert len(heard.messages) == 2

    told_in(story)


def test_a_mistake_of_our_own_is_answered_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(house: House) -> None:
        def broken(client: str) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(house.desk.songs, "of", broken)
        client, heard = house.client()
        house.says(client, "song/get", 1)
        assert (await heard.error())[:2] == (1, "error")
        assert [r.exc_info is not None for r in caplog.records if r.levelno == logging.ERROR] == [
            True
        ]

    told_in(story)


def test_who_waits_is_told_when_the_daemon_stops() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.worker.gate.clear()
        house.says(client, "loop/ask", 1, "bars", 1)
        await house.worker.begun.wait()
        await house.desk.close()
        assert (await heard.error())[:2] == (1, "unavailable")

    told_in(story)


def test_a_client_that_left_still_gets_its_takes_kept() -> None:
    async def story(house: House) -> None:
        client, _ = house.client()
        other, heard = house.client()
        house.worker.gate.clear()
        house.says(client, "loop/ask", 1, "bars", 1)
        await house.worker.begun.wait()
        house.clients.gone(client)
        house.worker.gate.set()
        house.says(other, "loop/ask", 1, "bars", 1)
        await heard.until("loop/made")
        assert [take.client for take in house.takes.listed()] == [other.name, client.name]

    told_in(story)


def test_every_address_answers_a_bare_message() -> None:
    async def story(house: House) -> None:
        for address, row in ADDRESSES.items():
            client, heard = house.client()
            house.desk.take_in(client, Message(address, (1,)))
            async with asyncio.timeout(PATIENCE):
                while not heard.messages:
                    await asyncio.sleep(0)
            assert heard.messages[0].address in (*row.answers, "/bandmate/error")

    told_in(story)


def test_a_memory_holds_only_so_much() -> None:
    memory = Memory()
    asks = [Message("/a", (i,)) for i in range(REMEMBERED_ASKS + 1)]
    for i, message in enumerate(asks):
        memory.begun(i, message).done()
    assert memory.recalled(0, asks[0]) is None
    assert memory.recalled(1, asks[1]) is not None
    long = memory.begun("long", asks[0])
    for _ in range(REMEMBERED_ANSWERS):
        long.keep(asks[0], is_passing=False)
    long.done()
    memory.begun("next", asks[1]).keep(asks[1], is_passing=False)
    memory.begun("last", asks[1])
    assert memory.recalled("long", asks[0]) is None
    assert memory.recalled("next", asks[1]) is not None


def test_a_memory_keeps_what_is_in_work() -> None:
    memory = Memory()
    first = Message("/a", (0,))
    memory.begun("first", first)
    for i in range(2 * REMEMBERED_ASKS):
        memory.begun(i, first).done()
    assert memory.recalled("first", first) is not None


def test_only_so_many_clients_are_known_and_the_daws_owner_always() -> None:
    clients = Clients()
    owner = clients.owner = clients.of_udp("127.0.0.1", 1)
    busy = clients.of_udp("127.0.0.1", 2)
    busy.in_work = 1
    idle = clients.of_udp("127.0.0.1", 3)
    for port in range(10, 10 + 2 * CLIENTS):
        clients.of_udp("127.0.0.1", port)
    assert clients.of_udp("127.0.0.1", 1) is owner is clients.owner
    assert clients.of_udp("127.0.0.1", 2) is busy
    assert clients.of_udp("127.0.0.1", 3) is not idle
    assert clients_module.CLIENTS == CLIENTS == len(clients)


@pytest.mark.parametrize("name", ["", "A", "a/b", "..", "a" * 41, "a b", "ä", "alive", "a\n"])
def test_a_mailbox_has_a_plain_name(name: str) -> None:
    with pytest.raises(AskError, match="a mailbox must be named"):
        Clients().of_mailbox(name)
