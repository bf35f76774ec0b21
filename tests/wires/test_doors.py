"""The doors: who is let in from beyond this machine, with which word, and what they may name."""

from __future__ import annotations

import asyncio
import hmac
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.clients.clients import Client
from bandmate.clients.file_access import PATHS
from bandmate.config import Settings
from bandmate.contract.addresses import ADDRESSES
from bandmate.contract.messages import Atom, Message
from bandmate.errors import AskError
from bandmate.fields import Field
from bandmate.wires import access as doors_module
from bandmate.wires.access import (
    GUESS_SECONDS,
    GUESSES,
    KNOWN_SECONDS,
    Doors,
    is_home,
    open_words,
    opened_doors,
    read_networks,
)
from bandmate.wires.osc import OscWire
from wires.fake_daemon import PATIENCE, housed
from wires.test_osc import HOST, tcp, udp

TOKEN = "open sesame".replace(" ", "-")
TABLET = "192.168.1.20"


def client(host: str = TABLET, kind: str = "udp", port: int = 9000) -> Client:
    return Client(f"{kind}:{host}:{port}", host, lambda message: None)


def message(address: str, *arguments: Atom) -> Message:
    return Message(f"/bandmate/{address}", arguments)


def hello(token: str = TOKEN) -> Message:
    return message("hello", 1, "client", "tablet", "token", token)


GET = message("song/get", 1)


def closed(tmp_path: Path, clock: list[float] | None = None) -> Doors:
    time = clock or [0.0]
    return Doors(tmp_path, read_networks("192.168.1.0/24, fe80::/10"), TOKEN, lambda: time[0])


@pytest.mark.parametrize(
    ("host", "at_home"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True),
        ("192.168.1.20", False), ("0.0.0.0", False), ("::", False), ("localhost.evil", False),
        ("::ffff:192.168.1.20", False), ("", False),
    ],
)  # fmt: skip
def test_home_is_the_loopback(host: str, at_home: bool) -> None:
    assert is_home(host) == at_home


def test_networks_are_read_or_refused_in_a_sentence() -> None:
    assert [str(n) for n in read_networks(" 192.168.1.20,10.0.0.7/8, ::1")] == [
        "192.168.1.20/32", "10.0.0.0/8", "::1/128",
    ]  # fmt: skip
    assert read_networks("") == ()
    with pytest.raises(AskError, match=r"allow must be addresses or networks .* not '10.0.0.0/33'"):
        read_networks("10.0.0.0/33")


def test_without_a_token_or_an_allowance_nobody_comes_but_who_is_at_home(tmp_path: Path) -> None:
    for doors in (Doors(tmp_path), Doors(tmp_path, read_networks("192.168.1.0/24"))):
        assert not doors.may_come(TABLET)
        assert doors.let_in(client(), hello("")) is None
        assert doors.let_in(client("127.0.0.1"), GET) is GET


def test_only_addresses_that_are_allowed_may_come(tmp_path: Path) -> None:
    doors = closed(tmp_path)
    for host in (TABLET, "::ffff:192.168.1.20", "fe80::1%eth0", "127.0.0.1"):
        assert doors.may_come(host)
    for host in ("192.168.2.1", "8.8.8.8", "2001:db8::1", "", "tablet"):
        assert not doors.may_come(host)
    assert doors.let_in(client("8.8.8.8"), hello()) is None


def test_the_first_word_is_a_hello_with_the_token(tmp_path: Path) -> None:
    doors = closed(tmp_path)
    with pytest.raises(AskError, match=r"^say hello with the token first$"):
        doors.let_in(client(), GET)
    assert doors.let_in(client(), GET) is None  # once is enough
    assert not doors.knows(client())
    assert doors.let_in(client(), hello()) == hello()
    assert doors.let_in(client(), GET) == GET
    assert doors.knows(client())
    other = client(port=9001)
    with pytest.raises(AskError):
        doors.let_in(other, GET)


@pytest.mark.parametrize("word", [
    hello("wrong"), hello(""), hello(TOKEN + "x"), hello(TOKEN[:-1]), hello("é"),
    message("hello", 1), message("hello", 1, "token"), message("song/get", 1, "token", TOKEN),
    message("hello", "token", TOKEN), message("hello"),
])  # fmt: skip
def test_another_word_does_not_do(tmp_path: Path, word: Message) -> None:
    doors = closed(tmp_path)
    with pytest.raises(AskError, match=r"^say hello with the token first$"):
        doors.let_in(client(), word)
    assert doors.let_in(client(), GET) is None


def test_tokens_are_compared_at_constant_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    constant = hmac.compare_digest

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return constant(one, other)

    monkeypatch.setattr("bandmate.wires.access.hmac.compare_digest", compare)
    doors = closed(tmp_path)
    for word in ("w", TOKEN[:-1] + "x"):
        with pytest.raises(AskError):
            doors.let_in(client(port=len(compared)), hello(word))
    doors.let_in(client(), hello())
    assert [one for one, _ in compared] == [b"w", f"{TOKEN[:-1]}x".encode(), TOKEN.encode()]


def test_who_guesses_is_not_heard_for_a_while(tmp_path: Path) -> None:
    clock = [0.0]
    doors = closed(tmp_path, clock)
    for port in range(GUESSES):
        with pytest.raises(AskError):
            doors.let_in(client(port=port), hello(f"guess{port}"))
    with pytest.raises(AskError):
        doors.let_in(client(port=99), hello())  # right, and too late
    other = client("192.168.1.21")
    assert doors.let_in(other, hello()) == hello()
    clock[0] = GUESS_SECONDS + 1
    assert doors.let_in(client(port=99), hello()) == hello()


def test_who_is_silent_for_long_says_it_again_and_a_connection_holds(tmp_path: Path) -> None:
    clock = [0.0]
    doors = closed(tmp_path, clock)
    far, connected = client(), client(kind="tcp")
    for one in (far, connected):
        doors.let_in(one, hello())
    clock[0] += KNOWN_SECONDS
    assert doors.let_in(far, GET) == GET
    clock[0] += KNOWN_SECONDS + 1
    assert doors.let_in(connected, GET) == GET
    with pytest.raises(AskError):
        doors.let_in(far, GET)
    doors.forget(connected)  # a new connection from the same port
    with pytest.raises(AskError):
        doors.let_in(connected, GET)


# paths


def clips_with_links(tmp_path: Path) -> Path:
    clips = tmp_path / "clips"
    clips.mkdir()
    (clips / "mine.mid").touch()
    (tmp_path / "secret.mid").touch()
    (clips / "out").symlink_to(tmp_path)
    return clips


@pytest.mark.parametrize(
    "path",
    ["../secret.mid", "out/secret.mid", "/etc/passwd", "clips/../../secret.mid", "x\0y", "..", "~"
     "/../../secret.mid", "a/" * 3000],
)  # fmt: skip
@pytest.mark.parametrize(
    ("address", "before"),
    [("loop/ask", ("context",)), ("chords/ask", ("image",)), ("chords/ask", ("seed", 1, "audio")),
     ("chords/transcribe", ())],
)  # fmt: skip
def test_a_path_of_theirs_does_not_leave_the_clips_folder(
    tmp_path: Path, address: str, before: tuple[Atom, ...], path: str
) -> None:
    clips = clips_with_links(tmp_path)
    doors = closed(clips)
    doors.let_in(client(), hello())
    said = message(address, 1, *before, path)
    if path.startswith("a/"):
        seen = doors.let_in(client(), said)  # it leads nowhere, but not out
        assert seen is None or Path(str(seen.arguments[-1])).is_relative_to(clips.resolve())
        return
    with pytest.raises(AskError, match="must be a file of bandmate's clips folder") as refused:
        doors.let_in(client(), said)
    assert str(tmp_path) not in str(refused.value)
    assert doors.let_in(client("127.0.0.1"), said) is said  # who is at home reads what is theirs


def test_a_path_within_is_read_from_there(tmp_path: Path) -> None:
    clips = clips_with_links(tmp_path)
    doors = closed(clips)
    doors.let_in(client(), hello())
    mine = str((clips / "mine.mid").resolve())
    for path in ("mine.mid", "./mine.mid", mine, "out/clips/mine.mid"):
        seen = doors.let_in(client(), message("loop/ask", 1, "bars", 1, "context", path))
        assert seen is not None
        assert seen.arguments == (1, "bars", 1, "context", mine)


def test_no_mailbox_of_this_machine_is_written_from_another(tmp_path: Path) -> None:
    doors = closed(tmp_path)
    doors.let_in(client(), hello())
    with pytest.raises(AskError, match="not a mailbox of this machine"):
        doors.let_in(client(), message("song/get", 1, "reply", "mailbox:reaper"))
    assert doors.let_in(client(), message("song/get", 1, "reply", 9000)) is not None


def test_every_field_that_names_a_file_is_seen_through() -> None:
    def names_a_file(field: Field) -> bool:
        return any(word in field.range.words for word in ("file that", ".mid that", "path"))

    rows = [field for row in ADDRESSES.values() for field in (*row.takes, *row.pairs)]
    assert {field.name for field in rows if names_a_file(field)} == PATHS


# from the settings


@pytest.mark.parametrize(
    ("host", "allow", "token", "is_open"),
    [
        ("127.0.0.1", "", "", True), ("localhost", "", "", True), ("::1", "", "", True),
        ("0.0.0.0", "", "", False), ("0.0.0.0", "10.0.0.0/8", "", False),
        ("0.0.0.0", "", TOKEN, False), ("::", "", "", False), ("192.168.1.5", "", "", False),
        ("0.0.0.0", "10.0.0.0/8", TOKEN, True),
    ],
)  # fmt: skip
def test_beyond_this_machine_it_is_said_from_whom_and_with_which_token(
    tmp_path: Path, host: str, allow: str, token: str, is_open: bool
) -> None:
    settings = Settings(host=host, allow=allow, token=token)
    if is_open:
        assert asyncio.run(opened_doors(settings, tmp_path)).may_come("127.0.0.1")
        return
    with pytest.raises(AskError) as refused:
        asyncio.run(opened_doors(settings, tmp_path))
    assert str(refused.value) == (
        f"host {host} lies beyond this machine: set allow (whose addresses may come) and token "
        "(what they must say) too, or leave host at 127.0.0.1"
    )


def test_that_it_is_open_is_said_plainly_and_the_token_is_not() -> None:
    settings = Settings(host="0.0.0.0", allow="10.0.0.0/8", token=TOKEN)
    words = open_words(settings, "0.0.0.0", 7770)
    assert words.startswith("bandmate is open beyond this machine: 0.0.0.0:7770 takes OSC from 10.")
    assert TOKEN not in words
    assert TOKEN not in repr(settings)
    assert open_words(settings, "127.0.0.1", 7770) == ""


# on the wire, where everybody is taken for a stranger


def test_strangers_on_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors_module, "is_home", lambda host: False)

    async def story() -> None:
        async with housed() as house:
            doors = Doors(paths.clips(), read_networks("127.0.0.0/8"), TOKEN)
            wire = OscWire(house.desk, house.clients, doors)
            await wire.open(HOST, 0)
            async with udp(wire) as one, tcp(wire) as two:
                one.send(b"/garbled")
                for count in range(3):
                    one.says("song/get", count)
                    two.says("song/get", count)
                for ears in (one.heard, two.heard):
                    assert (await ears.error()) == (0, "ask", "say hello with the token first")
                for client_ in (one, two):
                    client_.says("hello", "h", "token", TOKEN)
                    await client_.heard.until("hello")
                    client_.says("song/get", "g")
                    assert (await client_.heard.until("song/told")).arguments[0] == "g"
                    client_.says("loop/ask", "l", "context", "/etc/passwd")
                    assert (await client_.heard.error(2))[:2] == ("l", "ask")
                    assert len(client_.heard.of("error")) == 2
            await wire.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE))


def test_who_is_not_allowed_gets_no_answer_and_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors_module, "is_home", lambda host: False)

    async def story() -> None:
        async with housed() as house:
            doors = Doors(paths.clips(), read_networks("10.0.0.0/8"), TOKEN)
            wire = OscWire(house.desk, house.clients, doors)
            await wire.open(HOST, 0)
            async with udp(wire) as one, tcp(wire) as two:
                one.says("hello", 1, "token", TOKEN)
                two.says("hello", 1, "token", TOKEN)
                await two.is_over.wait()  # by then the datagram was read too
                assert one.heard.messages == two.heard.messages == []
                assert len(house.clients) == 0
                assert not wire.connections
            await wire.close()

    asyncio.run(asyncio.wait_for(story(), PATIENCE))
