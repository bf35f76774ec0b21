"""The REAPER bridge: how answers come, whole or not, and what it says when one is amiss."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.contract.messages import Message, checksum
from bridges.fake_daemon import FakeDaemon
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    CLIP,
    LONG,
    SCRIPT,
    ask,
    items,
    written,
)

# how it comes


def test_notes_in_chunks_are_gathered_over_ticks(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    made, *chunks = daemon.made(id_, LONG)
    assert len(chunks) == 3
    for message in (made, *chunks):
        assert items(reaper) == []
        daemon.answer(client, message)
        reaper.tick()
    (item,) = items(reaper)
    assert item.take.notes == written(LONG.parts[0], 0)
    assert daemon.files() == []


def test_chunks_may_come_twice_and_in_any_order(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    made, first, second, third = daemon.made(id_, LONG)
    for message in (third, first, first, made, second):
        daemon.answer(client, message)
        reaper.tick()
    (item,) = items(reaper)
    assert item.take.notes == written(LONG.parts[0], 0)
    assert daemon.files() == []


def _flipped(message: Message) -> Message:
    *head, data = message.arguments
    assert isinstance(data, bytes)
    return replace(message, arguments=(*head, data[:100] + bytes([data[100] ^ 1]) + data[101:]))


def _of_a_part_too_many(message: Message) -> Message:
    *head, _, _ = message.arguments
    data = struct.pack(">BBBxff", 9, 60, 90, 0.0, 1.0)
    return replace(message, arguments=(*head, checksum(data), data))


def _cut(message: Message) -> Message:
    *head, _, data = message.arguments
    assert isinstance(data, bytes)
    return replace(message, arguments=(*head, checksum(data[:-5]), data[:-5]))


@pytest.mark.parametrize("harm", [_flipped, _of_a_part_too_many, _cut])
def test_damaged_notes_change_nothing(reaper: FakeReaper, daemon: FakeDaemon, harm: object) -> None:
    assert callable(harm)
    client, id_ = ask(reaper, daemon)
    made, notes = daemon.made(id_, CLIP)
    daemon.answer(client, made, harm(notes))
    reaper.tick()
    assert (items(reaper), reaper.undo_points, daemon.files()) == ([], [], [])
    assert reaper.console == [
        "bandmate: the notes of take 12 arrived damaged; ask again; it lies in /clips/funk.mid.\n"
    ]


@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_half_a_file_is_read_when_it_is_whole(
    reaper: FakeReaper, daemon: FakeDaemon, home: Path, share: float
) -> None:
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, *daemon.made(id_, CLIP))
    (first, second) = sorted((home / "mailbox" / client / "answers").iterdir())
    text = second.read_text()
    second.write_text(text[: int(len(text) * share) - 1])
    reaper.tick(3)
    assert items(reaper) == []
    assert second.exists()
    second.write_text(text)
    reaper.tick()
    assert len(items(reaper)) == 3
    assert not first.exists() and not second.exists()


def test_a_file_under_its_first_name_is_left_alone(
    reaper: FakeReaper, daemon: FakeDaemon, home: Path
) -> None:
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, *daemon.made(id_, CLIP))
    for file in list((home / "mailbox" / client / "answers").iterdir()):
        file.rename(file.with_name("." + file.name))
    reaper.tick(3)
    assert items(reaper) == []
    assert len(daemon.files()) == 2


def test_rubbish_is_removed_after_a_while(
    reaper: FakeReaper, daemon: FakeDaemon, home: Path
) -> None:
    client, _ = ask(reaper, daemon)
    rubbish = home / "mailbox" / client / "answers" / "00000001.msg"
    rubbish.write_text("/bandmate/loop/made\nz what\n")
    reaper.tick()
    assert rubbish.exists()
    reaper.clock += 61
    reaper.tick()
    assert not rubbish.exists()


@pytest.mark.parametrize(
    "message",
    [
        Message("/bandmate/loop/made", ("1",)),
        Message("/bandmate/loop/made", ("1", "take")),
        Message("/bandmate/loop/made", ("1", "take", 3, "parts", 7, "chunks", 0)),
        Message(
            "/bandmate/loop/made",
            ("1", "take", 3, "parts", "drums:0:1", "chunks", 0, "length", "x"),
        ),
        Message("/bandmate/loop/progress", ("3", "x", "y", "z")),
        Message("/bandmate/take/notes", ("3", 1)),
        Message("/bandmate/take/notes", ("3", 1, 0, 1, "crc", b"123")),
        Message("/bandmate/error", ()),
        Message("/bandmate/hello", ("1", "protocol")),
        Message("/somebody/else", (1, 2.0, "x", b"y")),
    ],
)
def test_a_message_of_another_shape_stops_nothing(
    reaper: FakeReaper, daemon: FakeDaemon, message: Message
) -> None:
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, message, *daemon.made(id_, CLIP))
    reaper.tick(2)
    assert len(items(reaper)) == 3
    reaper.clock += 61
    reaper.tick(4)
    assert daemon.files() == []


def test_a_flood_of_answers_is_taken_in_turns(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    news = Message("/bandmate/loop/queued", (id_, 1))
    daemon.answer(client, *[news] * 100, *daemon.made(id_, CLIP))
    reaper.tick()
    assert len(daemon.files()) == 102 - 64
    reaper.tick()
    assert len(items(reaper)) == 3
    assert daemon.files() == []


def test_progress_is_shown_where_reaper_shows_help(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, Message("/bandmate/loop/progress", (id_, 0, 1, 4)))
    reaper.tick()
    assert reaper.help == ["bandmate: bar 2 of 4"]
    assert reaper.console == []


# what is amiss


def test_an_error_is_told_once_for_all_that_was_sent(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.run(SCRIPT)
    letters = daemon.asked()
    words = "tempo must be in 20..400, not 500"
    for client, message in letters:
        daemon.answer(client, Message("/bandmate/error", (message.arguments[0], "ask", words)))
    reaper.tick()
    assert reaper.console == [f"bandmate: {words}\n"]
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, Message("/bandmate/error", (id_, "ask", words)))
    reaper.tick()
    assert reaper.console == [f"bandmate: {words}\n"] * 2


def test_an_ask_that_was_refused_waits_no_more(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, Message("/bandmate/error", (id_, "ask", "bars must be in 1..64, not 65")))
    reaper.tick()
    reaper.clock += 61
    reaper.tick()
    assert len(reaper.console) == 1


def test_an_ask_without_an_answer_is_given_up_in_words(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.run(SCRIPT)
    reaper.clock += 61
    reaper.tick(3)
    assert reaper.console == ["bandmate: no answer came within 60 seconds; ask again.\n"]
    (left,) = daemon.asked()
    assert left[1].address == "/bandmate/cancel"
    assert daemon.files() == []


def test_giving_up_calls_off_the_ask_itself(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    _, id_ = ask(reaper, daemon)
    reaper.clock += 61
    reaper.tick()
    ((_, cancel),) = daemon.asked()
    assert (cancel.address, cancel.arguments) == ("/bandmate/cancel", (id_,))


def test_a_daemon_that_died_is_not_asked_to_cancel(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.run(SCRIPT)
    daemon.beat(10)
    reaper.clock += 61
    reaper.tick()
    assert daemon.files() == []


def test_news_keep_an_ask_alive(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    for bar in range(3):
        reaper.clock += 50
        daemon.answer(client, Message("/bandmate/loop/progress", (id_, 0, bar, 4)))
        reaper.tick()
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert (len(items(reaper)), reaper.console) == (3, [])


def test_a_late_answer_is_told_and_not_inserted(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    reaper.clock += 61
    reaper.tick()
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert items(reaper) == []
    assert reaper.console[1:] == ["bandmate: take 12 came too late; it lies in /clips/funk.mid.\n"]
    daemon.asked()
    assert daemon.files() == []


def test_notes_that_never_come_whole_are_given_up(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, *daemon.made(id_, LONG)[:-1])
    reaper.tick()
    assert len(daemon.files()) == 3
    reaper.clock += 61
    reaper.tick(2)
    daemon.asked()
    assert (items(reaper), daemon.files()) == ([], [])
    assert reaper.console == ["bandmate: no answer came within 60 seconds; ask again.\n"]


def test_another_protocol_is_told_once(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, _ = ask(reaper, daemon)
    for _ in range(2):
        daemon.answer(client, Message("/bandmate/hello", ("1", "version", "9.0", "protocol", 2)))
        reaper.tick()
    assert reaper.console == [
        "bandmate: bandmate 9.0 speaks protocol 2, this bridge 1: "
        "run `bandmate bridge install reaper` again.\n"
    ]
