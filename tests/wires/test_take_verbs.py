"""Takes played, stopped, placed in the DAW, accepted, rejected and undone."""

from __future__ import annotations

import pytest

from bandmate.contract.messages import pairs_to_clip
from wires.fake_daemon import NO_PORT, House, told, told_in


def test_play_and_stop_are_done_in_the_order_they_came() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 1, "tempo", 20)
        take = told(await heard.until("loop/made"))["take"]
        house.says(client, "take/play", 2, take)
        house.says(client, "take/stop", 3)
        assert (await heard.until("take/played")).arguments[:2] == (2, take)
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
        assert heard.of("take/played")[0].arguments[:2] == (1, first)
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


def test_a_take_that_cannot_be_played_is_placed_all_the_same() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "hello", 1, "owns", "daw")
        house.says(client, "loop/ask", 2, "bars", 1, "play", 1, "insert", 1)
        await heard.until("clip/place")
        await heard.until("take/inserted")
        assert heard.of("error")[0].arguments == (2, "port", NO_PORT)

    told_in(story, has_port=False)


def test_a_take_is_placed_by_the_client_that_owns_the_daw() -> None:
    async def story(house: House) -> None:
        (tablet, heard), (old, heard_old), (daw, heard_daw) = (house.client() for _ in range(3))
        house.says(tablet, "hello", 1, "client", "tablet", "version", "1", "owns", "")
        house.says(old, "hello", 1, "client", "live", "owns", "daw")
        house.says(daw, "hello", 1, "client", "reaper", "owns", "daw")
        await heard_daw.until("hello")
        house.says(tablet, "loop/ask", "t1", "bars", 2, "insert", 1, "feel", 0)
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


def test_the_mark_of_one_take_is_taken_back_behind_that_of_another() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        for number in (1, 2):
            house.says(client, "loop/ask", number, "bars", 1)
            await heard.until("loop/made", number)
            house.says(client, "take/accept", 10 + number, number)
            await heard.until("take/accepted", number)
        house.says(client, "take/undo", 20, 1)
        assert (await heard.until("take/undone")).arguments == (20, 1)
        assert [house.takes.get(number).state for number in (1, 2)] == ["made", "accepted"]
        house.says(client, "take/undo", 21, 1)
        assert "no accept or reject of take 1 to undo" in str((await heard.error())[2])

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
        house.says(other, "take/reject", 2, 1)
        house.says(other, "take/undo", 3)
        assert (await heard_other.until("take/undone")).arguments == (3, 1)
        assert house.takes.get(1).state == "accepted"

    told_in(story)


def test_no_number_means_ones_own_latest_take_else_the_latest_of_all() -> None:
    async def story(house: House) -> None:
        (one, heard_one), (two, heard_two) = house.client(), house.client()
        house.says(one, "loop/ask", 1, "bars", 1)
        await heard_one.until("loop/made")
        house.says(two, "take/play", 1)
        assert (await heard_two.until("take/played")).arguments[:2] == (1, 1)
        house.says(two, "loop/ask", 2, "bars", 1)
        await heard_two.until("loop/made")
        house.says(one, "take/play", 2, 0)
        assert (await heard_one.until("take/played")).arguments[:2] == (2, 1)

    told_in(story)
