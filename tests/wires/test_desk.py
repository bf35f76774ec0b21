"""The desk: every message is read and answered, mistakes in one sentence."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bandmate.contract.addresses import ADDRESSES
from bandmate.contract.messages import Atom, Message, chunks_to_data, clip_to_data, pairs_to_clip
from bandmate.music.midifile import read
from bandmate.wires.packets import message_to_packet
from wires.fake_daemon import PATIENCE, House, told, told_in


def test_a_loop_is_asked_for_and_made() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", "a1", "bars", 4, "tempo", 96.0, "key", "A:min", "seed", 7)
        made = told(await heard.until("loop/made"))
        assert [m.arguments for m in heard.of("loop/queued")] == [("a1", 0)]
        progress = [m.arguments for m in heard.of("loop/progress")]
        assert [told[:4] for told in progress] == [("a1", 0, bar, 4) for bar in range(4)]
        assert progress[-1][4] == 0
        assert all(isinstance(told[4], int) and told[4] >= 0 for told in progress)
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
            "parts", "drums,bass,keys,pad,lead", "feel", 0,
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
        assert (await heard.until("take/played")).arguments == (2, 1, 2, 0, 0)

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


def test_every_address_answers_a_bare_message() -> None:
    async def story(house: House) -> None:
        for address, row in ADDRESSES.items():
            if not row.answers:
                continue  # told often and taken in without a word
            client, heard = house.client()
            house.desk.take_in(client, Message(address, (1,)))
            async with asyncio.timeout(PATIENCE):
                while not heard.messages:
                    await asyncio.sleep(0)
            assert heard.messages[0].address in (*row.answers, "/bandmate/error")

    told_in(story)
