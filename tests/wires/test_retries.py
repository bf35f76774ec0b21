"""Ids: a retry is answered from memory, a full house says so, an ask can be called off."""

from __future__ import annotations

import pytest

from bandmate.handlers import dispatcher as desk_module
from wires.fake_daemon import House, told, told_in


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
        for _ in range(2):  # one that came twice must not be refused and then done
            house.says(client, "loop/ask", "a1", "bars", 1)
        assert [m.arguments[:2] for m in heard.of("error")[1:]] == [("a1", "busy")] * 2
        await heard.until("song/told", 10)
        await house.desk.idle()
        house.says(client, "loop/ask", "a1", "bars", 1)
        assert (await heard.error(4))[:2] == ("a1", "busy")
        house.says(client, "loop/ask", "a2", "bars", 1)
        await heard.until("loop/made")

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
