"""What is remembered of asks: a digest and the answers, in a budget for each client and for all."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from pathlib import Path

import pytest

from bandmate.clients.clients import Clients
from bandmate.clients.memory import (
    ALL_BYTES,
    CLIENT_BYTES,
    KNOWN_SECONDS,
    Budget,
    Memory,
    digest_of,
)
from bandmate.contract.messages import ARGUMENTS, Message
from bandmate.errors import AskError
from bandmate.handlers import incoming_edits
from bandmate.handlers.incoming_edits import EDITS, Arrivals
from bandmate.music import chord as chord_module
from bandmate.music.chord import Chord
from bandmate.wires import mailbox
from bandmate.wires.mailbox import Mailboxes
from wires.fake_daemon import House, told_in

BLOB = Message("/bandmate/take/notes", ("x", 1, 0, 1, 0, bytes(4032)))


def test_messages_are_told_apart_by_what_they_say() -> None:
    said = [Message("/a", (1,)), Message("/a", ("1",)), Message("/a", (b"1",)), Message("/b", (1,)),
            Message("/a", (1, 2)), Message("/a", (1.5,)), Message("/a", ("\ud800",)),
            Message("/a", (float("nan"),))]  # fmt: skip
    assert len({digest_of(one) for one in said}) == len(said)
    assert digest_of(Message("/a", (4, "b"))) == digest_of(Message("/a", (4.0, "b")))


def test_what_a_client_holds_stays_in_its_budget() -> None:
    memory = Memory()
    for number in range(900):
        asked = memory.begun(number, BLOB)
        for _ in range(2):
            asked.keep(BLOB, is_passing=False)
        asked.done()
        assert memory.size <= CLIENT_BYTES
    assert memory.recalled(899, BLOB) is not None
    with pytest.raises(AskError, match="id 0 was answered but its answers took too much memory"):
        memory.recalled(0, BLOB)
    assert memory.recalled(0, Message("/another")) is None


def test_an_ask_that_is_too_large_by_itself_is_forgotten_once_it_is_done() -> None:
    memory = Memory()
    asked = memory.begun("a", BLOB)
    for _ in range(1100):
        asked.keep(BLOB, is_passing=False)
    assert memory.recalled("a", BLOB) is asked
    asked.done()
    with pytest.raises(AskError, match="choose a new id to ask it again"):
        memory.recalled("a", BLOB)
    assert memory.size < 2000


def test_of_all_clients_the_one_that_holds_most_forgets_first() -> None:
    budget = Budget(1 << 20)
    modest, *greedy = (Memory(budget=budget) for _ in range(4))
    first = modest.begun("mine", BLOB)
    first.keep(BLOB, is_passing=False)
    first.done()
    for number in range(200):
        for memory in greedy:
            asked = memory.begun(number, BLOB)
            asked.keep(BLOB, is_passing=False)
            asked.done()
            assert budget.used <= budget.most
    assert modest.recalled("mine", BLOB) is first
    assert budget.used == sum(memory.size for memory in (modest, *greedy))


def test_that_an_ask_was_answered_takes_memory_for_a_minute_only() -> None:
    clock = [0.0]
    memory = Memory(lambda: clock[0])
    for number in range(3000):
        memory.begun(f"{number}" + "x" * 190, BLOB).done()
    full = memory.size
    clock[0] += KNOWN_SECONDS + 1
    memory.begun("later", BLOB).done()
    assert memory.size < full - 1900 * 300


def test_what_a_client_that_is_gone_held_is_free_again() -> None:
    clients = Clients()
    for port in range(1, 600):
        client = clients.of_udp("127.0.0.1", port)
        asked = client.memory.begun(1, BLOB)
        asked.keep(BLOB, is_passing=False)
        asked.done()
    assert 200 * 4000 < clients.budget.used < 260 * 6000
    pages = [clients.of_panel("127.0.0.1", f"page{n:03}", lambda m: None) for n in range(40)]
    for page in pages:
        page.memory.begun(1, BLOB).keep(BLOB, is_passing=False)
    before = clients.budget.used
    for page in pages:
        clients.page_gone(page, page.send)
    assert clients.budget.used < before - 30 * 4000
    assert clients.budget.most == ALL_BYTES


def grown(calls: int) -> int:
    """Return the bytes that *calls* messages of a long text leave behind in a daemon."""

    async def played(house: House) -> None:
        client, heard = house.client()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for number in range(calls):
            house.says(client, "loop/ask", number, "genre", f"{number}" + "x" * 100_000)
            house.says(client, "chords/suggest", f"s{number}", "before", f"C:{number}" + "y" * 7000)
        async with asyncio.timeout(20):
            await house.desk.idle()
        assert len(heard.of("error")) == 2 * calls
        heard.messages.clear()
        gc.collect()
        found.append(tracemalloc.get_traced_memory()[0] - before)

    found: list[int] = []
    tracemalloc.start()
    try:
        told_in(played)
    finally:
        tracemalloc.stop()
    return found[0]


def test_what_makes_no_sense_is_not_remembered() -> None:
    assert grown(100) < 500_000  # of 10.7 MB


def test_what_makes_no_sense_is_refused_again() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        for _ in range(2):
            house.says(client, "loop/ask", 1, "bars", 65)
        house.says(client, "loop/ask", 1, "bars", 1)
        await heard.until("loop/made")
        assert [m.arguments[0] for m in heard.of("error")] == [1, 1]

    told_in(story)


def test_a_message_has_only_so_many_arguments() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "song/set", 1, *["a"] * ARGUMENTS)
        assert "at most 512 arguments" in str((await heard.error())[2])

    told_in(story)


def test_no_long_text_is_kept_as_a_chord() -> None:
    kept = chord_module._read_short.cache_info().currsize
    for number in range(50):
        assert Chord.recognised(f"{number}" + "x" * 1000) is None
    assert chord_module._read_short.cache_info().currsize == kept


def test_edits_of_others_stay_where_one_client_sends_many() -> None:
    arrivals = Arrivals()
    arrivals.take_in(("modest", 1), 0, 0, bytes(12))
    for number in range(2 * EDITS):
        arrivals.take_in(("greedy", number), 0, 0, bytes(12))
    assert ("modest", 1) in arrivals._all
    assert len(arrivals._all) == incoming_edits.EDITS


def test_of_many_long_letters_few_are_held_at_once_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "ROUND_BYTES", 10_000)
    boxes = Mailboxes(tmp_path)
    for box in ("a", "b", "c"):
        (tmp_path / box / "asks").mkdir(parents=True)
        for number in range(20):
            text = f"/bandmate/hello\ni {number}\ns {'x' * 4000}\n"
            (tmp_path / box / "asks" / f"{number:02}.msg").write_text(text)
    heard: dict[str, list[object]] = {}
    while letters := boxes.taken():
        assert len(letters) <= 3
        for name, letter in letters:
            assert isinstance(letter, Message)
            heard.setdefault(name, []).append(letter.arguments[0])
    assert heard == {name: list(range(20)) for name in "abc"}
