"""The mailbox: files as hosts without sockets write them, well and badly."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from bandmate.contract.messages import Message, chunks_to_data, clip_to_data, text_to_message
from bandmate.errors import AskError, FileError
from bandmate.wires import mailbox as module
from bandmate.wires.mailbox import ANSWERS_KEPT, MESSAGE_BYTES, Mailboxes, MailboxWire
from bandmate.wires.mailbox_names import CROWDED_SECONDS, MAILBOXES
from wires.fake_daemon import PATIENCE, House, housed, told

NOW = 1_800_000_000.0
HELLO = "/bandmate/hello\ns 1\ns client\ns reaper\n"


@pytest.fixture
def boxes(tmp_path: Path) -> Mailboxes:
    boxes = Mailboxes(tmp_path / "mailbox")
    boxes.open(NOW)
    return boxes


def ask(boxes: Mailboxes, name: str, text: str | bytes, client: str = "reaper") -> Path:
    """Put a message into a mailbox the way a bridge does."""
    folder = boxes.folder / client / "asks"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{name}"
    draft.write_bytes(text.encode() if isinstance(text, str) else text)
    return draft.rename(folder / name)


def answers(boxes: Mailboxes, client: str = "reaper") -> list[str]:
    return sorted(path.name for path in (boxes.folder / client / "answers").iterdir())


def test_asks_are_taken_in_the_order_of_names_and_removed(boxes: Mailboxes) -> None:
    for number in (10, 9, 11):
        ask(boxes, f"{number:08d}.msg", f"/bandmate/song/get\ni {number}\n")
    ask(boxes, "00000001.msg", HELLO, "ardour-1")
    taken = boxes.taken()
    assert [letter for client, letter in taken if client == "reaper"] == [
        Message("/bandmate/song/get", (number,)) for number in (9, 10, 11)
    ]
    assert [client for client, _ in taken if client != "reaper"] == ["ardour-1"]
    assert boxes.taken() == []
    assert list((boxes.folder / "reaper" / "asks").iterdir()) == []


def test_a_half_written_message_is_left_alone(boxes: Mailboxes) -> None:
    whole = ask(boxes, "00000001.msg", HELLO)
    half = whole.rename(whole.with_name(".00000001.msg"))
    assert boxes.taken() == []
    half.rename(whole)
    assert len(boxes.taken()) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("1.msg", b"", "must begin with an address"),
        ("1.msg", b"\xff\xfe\x00", "must be UTF-8 text"),
        ("1.msg", bytes(100), "must begin with an address"),
        ("1.msg", b"/bandmate/hello\nwhat is this\n", "line 2 of a message"),
        ("1.msg", b"x" * (MESSAGE_BYTES + 1), "at most 1048576 bytes, not 1048577"),
        ("1.txt", HELLO.encode(), "a file called NAME.msg, not '1.txt'"),
        ("junk", b"junk", "a file called NAME.msg, not 'junk'"),
    ],
)
def test_junk_is_removed_and_answered(
    boxes: Mailboxes, name: str, content: bytes, words: str
) -> None:
    path = ask(boxes, name, content)
    ((client, letter),) = boxes.taken()
    assert client == "reaper"
    assert isinstance(letter, AskError)
    assert words in str(letter)
    assert not path.exists()


def test_a_message_of_a_megabyte_is_read(boxes: Mailboxes) -> None:
    text = "/bandmate/hello\ns "
    ask(boxes, "1.msg", text + "x" * (MESSAGE_BYTES - len(text)))
    ((_, letter),) = boxes.taken()
    assert isinstance(letter, Message)


def test_links_and_pipes_and_folders_lead_nowhere(boxes: Mailboxes, tmp_path: Path) -> None:
    secret = tmp_path / "secret.msg"
    secret.write_text(HELLO)
    asks = boxes.folder / "reaper" / "asks"
    asks.mkdir(parents=True)
    (asks / "1.msg").symlink_to(secret)
    os.mkfifo(asks / "2.msg")
    (asks / "3.msg").mkdir()
    (boxes.folder / "linked").symlink_to(tmp_path, target_is_directory=True)
    letters = [letter for _, letter in boxes.taken()]
    assert [type(letter) for letter in letters] == [AskError, AskError]
    assert secret.read_text() == HELLO
    assert [path.name for path in asks.iterdir()] == ["3.msg"]


@pytest.mark.parametrize("client", ["Reaper", "my reaper", "r" * 41, "..", "reaper.1"])
def test_a_folder_with_another_name_is_no_mailbox(boxes: Mailboxes, client: str) -> None:
    ask(boxes, "1.msg", HELLO, client)
    assert boxes.taken() == []


@pytest.mark.parametrize("client", ["..", "../x", "/etc", "a/b", "", "alive", "A", "a" * 41, "a\0"])
def test_an_answer_cannot_leave_the_folder(boxes: Mailboxes, client: str) -> None:
    before = sorted(boxes.folder.parent.rglob("*"))
    with pytest.raises(AskError, match="a mailbox must be named"):
        boxes.put(client, Message("/bandmate/hello"))
    assert sorted(boxes.folder.parent.rglob("*")) == before


def test_answers_are_numbered_and_whole(boxes: Mailboxes) -> None:
    sent = [Message("/bandmate/hello", (i, "text\nmore", 0.1, b"\0\xff")) for i in range(3)]
    for message in sent:
        boxes.put("new", message)
    assert answers(boxes, "new") == [f"0000000{i}.msg" for i in (1, 2, 3)]
    folder = boxes.folder / "new" / "answers"
    assert [text_to_message((folder / name).read_text()) for name in answers(boxes, "new")] == sent
    assert (boxes.folder / "new" / "asks").is_dir()


def test_numbers_go_on_after_a_new_start_and_begin_again_in_a_new_mailbox(boxes: Mailboxes) -> None:
    for _ in range(12):
        boxes.put("reaper", Message("/bandmate/hello"))
    again = Mailboxes(boxes.folder)
    again.put("reaper", Message("/bandmate/hello"))
    assert answers(boxes)[-1] == "00000013.msg"
    for path in (boxes.folder / "reaper" / "answers").iterdir():
        path.unlink()
    again.put("reaper", Message("/bandmate/hello"))
    assert answers(boxes) == ["00000014.msg"]
    (boxes.folder / "reaper" / "answers" / "00000014.msg").unlink()
    (boxes.folder / "reaper" / "answers").rmdir()
    again.put("reaper", Message("/bandmate/hello"))
    assert answers(boxes) == ["00000001.msg"]


def test_answers_that_nobody_reads_do_not_pile_up(boxes: Mailboxes) -> None:
    for _ in range(ANSWERS_KEPT + 5):
        boxes.put("reaper", Message("/bandmate/hello"))
    assert len(answers(boxes)) == ANSWERS_KEPT
    assert answers(boxes)[0] == "00000006.msg"


def test_one_client_does_not_hold_up_the_others(
    boxes: Mailboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ASKS_A_ROUND", 3)
    for number in range(5):
        ask(boxes, f"{number}.msg", HELLO, "busy")
    ask(boxes, "1.msg", HELLO, "quiet")
    assert sorted(client for client, _ in boxes.taken()) == ["busy"] * 3 + ["quiet"]
    assert [client for client, _ in boxes.taken()] == ["busy"] * 2


def test_what_is_stale_is_removed_at_the_start(boxes: Mailboxes) -> None:
    old, fresh = ask(boxes, "1.msg", HELLO), ask(boxes, "2.msg", HELLO)
    draft = old.with_name(".3.msg")
    draft.write_text("half")
    boxes.put("reaper", Message("/bandmate/hello"))
    boxes.put("forgotten", Message("/bandmate/hello"))
    kept = boxes.folder / "reaper" / "answers" / "00000001.msg"
    for path, age in ((old, 61), (draft, 61), (fresh, 59), (kept, 3600)):
        os.utime(path, (NOW - age, NOW - age))
    forgotten = boxes.folder / "forgotten"
    (forgotten / "answers" / "00000001.msg").unlink()
    for path in (forgotten / "asks", forgotten / "answers", forgotten):
        os.utime(path, (NOW - 100_000, NOW - 100_000))
    Mailboxes(boxes.folder).open(NOW)
    assert [path.exists() for path in (old, draft, fresh, kept)] == [False, False, True, True]
    assert (boxes.folder / "reaper" / "asks").exists()


def test_a_forgotten_mailbox_goes(boxes: Mailboxes) -> None:
    folder = boxes.folder / "ardour-5f-3"
    for part in ("asks", "answers"):
        (folder / part).mkdir(parents=True)
        os.utime(folder / part, (NOW - 100_000, NOW - 100_000))
    os.utime(folder, (NOW - 100_000, NOW - 100_000))
    Mailboxes(boxes.folder).open(NOW)
    assert list(boxes.folder.iterdir()) == []


def test_the_heartbeat_tells_the_time(boxes: Mailboxes) -> None:
    boxes.beat(NOW + 0.25)
    assert float((boxes.folder / "alive").read_text()) == NOW + 0.25
    assert [path.name for path in boxes.folder.iterdir()] == ["alive"]
    boxes.close()
    assert list(boxes.folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match=r"the mailbox folder .* cannot be made"):
        Mailboxes(tmp_path / "file" / "mailbox").open(NOW)


def test_a_disk_that_takes_nothing_is_complained_of_once(
    boxes: Mailboxes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    boxes.put("reaper", Message("/bandmate/hello"))

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        for _ in range(3):
            boxes.put("reaper", Message("/bandmate/hello"))
    assert [r.getMessage().count("No space left") for r in caplog.records] == [1]
    boxes.put("reaper", Message("/bandmate/hello"))
    assert answers(boxes) == ["00000001.msg", "00000002.msg"]


Story = Callable[[House, MailboxWire], Awaitable[None]]


def told_in(folder: Path, story: Story) -> None:
    """Play a story in a house with mailboxes."""

    async def played() -> None:
        async with housed() as house:
            wire = MailboxWire(folder, house.desk, house.clients)
            await wire.open()
            try:
                await asyncio.wait_for(story(house, wire), PATIENCE * 3)
            finally:
                await house.desk.close()
                await wire.close()

    asyncio.run(played())


async def answer(boxes: Mailboxes, address: str, client: str = "reaper") -> Message:
    """Wait for an answer as a bridge does: look, read, remove."""
    async with asyncio.timeout(PATIENCE):
        while True:
            folder = boxes.folder / client / "answers"
            for path in sorted(folder.glob("0*.msg")) if folder.is_dir() else ():
                message = text_to_message(path.read_text(encoding="utf-8"))
                path.unlink()
                if message.address == f"/bandmate/{address}":
                    return message
            await asyncio.sleep(0.01)


def test_a_loop_is_asked_for_by_mailbox(tmp_path: Path) -> None:
    async def story(house: House, wire: MailboxWire) -> None:
        boxes = wire.files
        ask(boxes, "1.msg", "/bandmate/song/set\ns 1\ns tempo\nf 93.5\ns key\ns A:min\n")
        ask(boxes, "2.msg", "/bandmate/loop/ask\ns 2\ns bars\ni 2\ns notes\ns blob\n")
        made = await answer(boxes, "loop/made")
        assert (made.arguments[0], told(made)["tempo"], told(made)["key"]) == ("2", 93.5, "A:min")
        notes = (await answer(boxes, "take/notes")).arguments
        clip = house.takes.get(told(made)["take"]).clip
        assert isinstance(notes[5], bytes) and isinstance(notes[4], int)
        assert chunks_to_data([notes[5]], notes[4]) == clip_to_data(clip)
        assert house.takes.get(told(made)["take"]).client == "mailbox:reaper"

    told_in(tmp_path / "mailbox", story)


def test_junk_is_answered_and_the_next_ask_is_too(tmp_path: Path) -> None:
    async def story(house: House, wire: MailboxWire) -> None:
        ask(wire.files, "1.msg", b"\xff\xff")
        assert (await answer(wire.files, "error")).arguments[:2] == ("", "ask")
        ask(wire.files, "2.msg", HELLO)
        await answer(wire.files, "hello")

    told_in(tmp_path / "mailbox", story)


def test_an_ask_by_network_is_answered_by_mailbox(tmp_path: Path) -> None:
    async def story(house: House, wire: MailboxWire) -> None:
        client, heard = house.client()
        house.says(client, "hello", "h", "client", "ardour", "reply", "mailbox:ardour-5f-3")
        house.says(client, "loop/ask", "a", "bars", 1, "reply", "mailbox:ardour-5f-3")
        assert (await answer(wire.files, "loop/made", "ardour-5f-3")).arguments[0] == "a"
        assert heard.messages == []

    told_in(tmp_path / "mailbox", story)


def test_the_daemon_is_alive_while_it_runs(tmp_path: Path) -> None:
    alive = tmp_path / "mailbox" / "alive"

    async def story(house: House, wire: MailboxWire) -> None:
        first = alive.read_text()
        assert abs(float(first) - time.time()) < PATIENCE
        async with asyncio.timeout(PATIENCE):
            while alive.read_text() == first:
                await asyncio.sleep(0.05)

    told_in(tmp_path / "mailbox", story)
    assert not alive.exists()


def test_the_last_answers_are_written_before_the_daemon_ends(tmp_path: Path) -> None:
    async def story(house: House, wire: MailboxWire) -> None:
        house.worker.gate.clear()
        ask(wire.files, "1.msg", "/bandmate/loop/ask\ns 1\n")
        await house.worker.begun.wait()

    told_in(tmp_path / "mailbox", story)
    last = sorted((tmp_path / "mailbox" / "reaper" / "answers").iterdir())[-1]
    assert text_to_message(last.read_text()).arguments[:2] == ("1", "unavailable")


# which mailboxes there are


def folders(wire: MailboxWire) -> int:
    return sum(path.is_dir() for path in wire.files.folder.iterdir())


def test_no_mailbox_is_made_for_a_reply_without_a_hello(tmp_path: Path) -> None:
    async def story(house: House, wire: MailboxWire) -> None:
        client, heard = house.client()
        for number in range(500):
            house.says(client, "song/get", number, "reply", f"mailbox:m{number}")
        words = (await heard.error(500))[2]
        assert words == (
            "there is no mailbox m499: say hello with reply mailbox:m499 first, or make its folders"
        )
        assert folders(wire) == 0 and len(house.clients) == 1
        ask(wire.files, "1.msg", HELLO, "own")  # a host's own folders need no hello
        await answer(wire.files, "hello", "own")
        house.says(client, "song/get", "x", "reply", "mailbox:own")
        assert (await answer(wire.files, "song/told", "own")).arguments[0] == "x"

    told_in(tmp_path / "mailbox", story)


def test_hellos_make_so_many_mailboxes_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLEAN_SECONDS", 0.05)

    async def story(house: House, wire: MailboxWire) -> None:
        client, heard = house.client()
        for number in range(1000):
            house.says(client, "hello", number, "client", "x", "reply", f"mailbox:m{number}")
        assert "there are 64 mailboxes already" in str((await heard.error(1000 - MAILBOXES))[2])
        await answer(wire.files, "hello", f"m{MAILBOXES - 1}")
        assert folders(wire) == MAILBOXES
        old = time.time() - CROWDED_SECONDS - 1
        for path in [*wire.files.folder.rglob("*.msg")]:
            path.unlink()
        for path in [*wire.files.folder.glob("m*/*"), *wire.files.folder.glob("m*")]:
            os.utime(path, (old, old))
        async with asyncio.timeout(PATIENCE):
            while folders(wire):
                await asyncio.sleep(0.02)
            while not folders(wire):  # until the next look it is as crowded as it was
                house.says(client, "hello", "new", "client", "x", "reply", "mailbox:new")
                await asyncio.sleep(0.02)
        await answer(wire.files, "hello", "new")

    told_in(tmp_path / "mailbox", story)


def test_thousands_of_mailboxes_cost_a_round_no_more(
    boxes: Mailboxes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(500):
        ask(boxes, "1.msg", HELLO, f"m{number}")
    boxes.put("known", Message("/bandmate/hello"))
    ask(boxes, "1.msg", HELLO, "known")
    looked: list[str] = []
    of = Mailboxes._of

    def counted(self: Mailboxes, box: Path) -> Iterator[Message | AskError]:
        looked.append(box.name)
        return of(self, box)

    monkeypatch.setattr(Mailboxes, "_of", counted)
    rounds = [{client for client, _ in boxes.taken()} for _ in range(9)]
    assert len(looked) == 9 * MAILBOXES
    assert "known" in rounds[0]
    assert set().union(*rounds) == {"known", *(f"m{number}" for number in range(500))}
    boxes.clean(NOW)
    assert any("501 mailboxes lay in" in r.getMessage() for r in caplog.records)


def test_a_mailbox_in_use_and_that_of_the_daw_stay(boxes: Mailboxes) -> None:
    old = NOW - 100_000
    for name in ("busy", "daw", "empty"):
        boxes.put(name, Message("/bandmate/hello"))
        if name != "busy":
            (boxes.folder / name / "answers" / "00000001.msg").unlink()
        for path in (*(boxes.folder / name).iterdir(), boxes.folder / name):
            os.utime(path, (old, old))
    boxes.clean(NOW, "daw")
    assert sorted(path.name for path in boxes.folder.iterdir()) == ["busy", "daw"]
