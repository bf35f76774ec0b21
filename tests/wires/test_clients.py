"""Clients: where answers go, what is remembered of each, and how many there may be."""

from __future__ import annotations

import pytest

from bandmate.clients import clients as clients_module
from bandmate.clients.clients import CLIENTS, Client, Clients
from bandmate.clients.memory import (
    KNOWN_ASKS,
    KNOWN_SECONDS,
    REMEMBERED_ANSWERS,
    REMEMBERED_ASKS,
    Memory,
)
from bandmate.contract.messages import Message
from bandmate.errors import AskError
from wires.fake_daemon import House, told, told_in


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


def test_a_memory_holds_only_so_much() -> None:
    memory = Memory()
    asks = [Message("/a", (i,)) for i in range(REMEMBERED_ASKS + 1)]
    for i, message in enumerate(asks):
        memory.begun(i, message).done()
    with pytest.raises(AskError, match="id 0 was answered 1024 asks ago and more"):
        memory.recalled(0, asks[0])
    assert memory.recalled(0, asks[1]) is None
    assert memory.recalled(1, asks[1]) is not None
    long = memory.begun("long", asks[0])
    for _ in range(REMEMBERED_ANSWERS):
        long.keep(asks[0], is_passing=False)
    long.done()
    memory.begun("next", asks[1]).keep(asks[1], is_passing=False)
    memory.begun("last", asks[1])
    with pytest.raises(AskError, match="id 'long' was answered"):
        memory.recalled("long", asks[0])
    assert memory.recalled("next", asks[1]) is not None


def test_that_an_old_ask_was_answered_is_known_for_a_while() -> None:
    clock = [0.0]
    memory = Memory(lambda: clock[0])
    first, other = Message("/a", (0,)), Message("/a", (1,))
    memory.begun("first", first).done()
    for number in range(REMEMBERED_ASKS):
        memory.begun(number, other).done()
    clock[0] = KNOWN_SECONDS
    with pytest.raises(AskError, match="choose a new id"):
        memory.recalled("first", first)
    clock[0] += 1
    assert memory.recalled("first", first) is None
    for number in range(REMEMBERED_ASKS, REMEMBERED_ASKS + KNOWN_ASKS + 2):
        memory.begun(number, other).done()
    assert memory.recalled(0, other) is None
    memory.begun(5000, first).done()
    assert memory.recalled(5000, first) is not None


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


def test_a_page_is_a_client_for_as_long_as_it_is_open() -> None:
    clients = Clients()
    page = clients.of_panel("127.0.0.1", "50123", print)
    tcp = clients.of_tcp("127.0.0.1", 50123, print)
    assert (page.name, tcp.name) == ("panel#50123", "tcp:127.0.0.1:50123")
    for port in range(2, CLIENTS + 50):
        clients.of_udp("127.0.0.1", port)
    assert clients.of_panel("127.0.0.1", "50124", print).name == "panel#50124"
    assert clients.title(page.name) == page.name
    page.title = "panel"
    assert clients.title(page.name) == "panel"
    clients.gone(page)
    assert clients.title(page.name) == page.name


def test_only_so_many_pages_may_come_back() -> None:
    clients = Clients()

    def opened(page: str) -> Client:
        return clients.of_panel("127.0.0.1", page, print)

    first, second = opened("first1"), opened("second")
    clients.page_gone(first, print)
    for number in range(clients_module.PAGES_AWAY - 1):
        clients.page_gone(opened(f"other{number}"), print)
    clients.page_gone(second, print)
    assert opened("second") is second
    assert opened("first1") is not first


def test_the_daw_leads_else_a_page_that_is_open() -> None:
    clients = Clients()
    clients.of_udp("127.0.0.1", 1)
    assert clients.leader is None
    page = clients.of_panel("127.0.0.1", "x7k2p9", print)
    assert clients.leader == "panel#x7k2p9"
    clients.owner = clients.of_udp("127.0.0.1", 2)
    assert clients.leader == "udp:127.0.0.1:2"
    clients.owner = None
    clients.page_gone(page, print)
    assert clients.leader is None


def test_the_daw_is_called_what_its_owner_calls_itself() -> None:
    clients = Clients()
    assert clients.daw == ""
    owner = clients.owner = clients.of_udp("127.0.0.1", 1)
    assert clients.daw == "udp:127.0.0.1:1"
    owner.title = "REAPER"
    assert clients.daw == "REAPER"
    clients.gone(owner)
    assert clients.daw == ""
