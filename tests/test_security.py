"""Nothing leaves this machine, and nothing on it can be reached from another by default."""

from __future__ import annotations

import ast
import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bandmate import serve
from bandmate.caller import answers
from bandmate.config import Settings
from bandmate.errors import AskError, BandmateError
from bandmate.places import shipped
from bandmate.serve import Means
from bandmate.wires.discovery import GROUP
from fakes import open_fake
from test_serve import free_port

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "daemon" / "bandmate"
PATIENCE = 60.0
"""Seconds until a real daemon, its model included, must have answered."""


@contextmanager
def cut_off(folder: Path, *words: str) -> Iterator[tuple[psutil.Process, int, Path]]:
    """Run the real daemon by its own defaults where no network can be reached; yield its process,
    its port and the file in which every try to leave is noted."""
    port, notes, log = free_port(), folder / "leaving.txt", folder / "log.txt"
    notes.touch()
    path = os.pathsep.join([str(PACKAGE.parent), str(TESTS / "cut_off")])
    environment = os.environ | {"PYTHONPATH": path, "BANDMATE_TEST_LEAVING": str(notes)}
    command = [sys.executable, "-m", "bandmate.cli", "serve", "--port", str(port)]
    more = ["--query-port", str(free_port()), "--midi-api", "none", *words]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, *more], env=environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        until_it_answers(port, process, log)
        yield psutil.Process(process.pid), port, notes
    finally:
        process.terminate()
        process.wait(PATIENCE)


def until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        try:
            next(answers("127.0.0.1", port, "/bandmate/hello", silence=0.2))
            return
        except BandmateError:
            pass
    raise AssertionError(log.read_text())


def made(port: int, address: str, *arguments: int | str) -> list[str]:
    """Ask, and return the addresses of all answers until the last of them."""
    heard = []
    for message in answers("127.0.0.1", port, address, *arguments, silence=PATIENCE):
        heard.append(message.address)
        if message.address.endswith("/made") and "card" not in message.address:
            break
    return heard


def test_the_daemon_works_cut_off_and_never_tries_to_leave(tmp_path: Path) -> None:
    with cut_off(tmp_path) as (process, port, notes):
        loop = ("bars", 1, "parts", "bass", "seed", 1)
        assert made(port, "/bandmate/loop/ask", *loop)[-1] == "/bandmate/loop/made"
        family = [process, *process.children(recursive=True)]
        assert len(family) > 1
        listening = {
            connection.laddr.ip
            for member in family
            for connection in member.net_connections("inet")
            if connection.laddr
        }
        assert "127.0.0.1" in listening
        # The group of mDNS is joined on the loopback alone.
        assert listening <= {"127.0.0.1", GROUP}
        beyond = [c for m in family for c in m.net_connections("inet") if c.raddr]
        assert {c.raddr.ip for c in beyond} <= {"127.0.0.1"}
    assert notes.read_text() == ""


def test_what_leaves_would_be_noticed(tmp_path: Path) -> None:
    notes = tmp_path / "leaving.txt"
    environment = os.environ | {
        "PYTHONPATH": str(TESTS / "cut_off"), "BANDMATE_TEST_LEAVING": str(notes),
    }  # fmt: skip
    script = (
        "import socket, urllib.request\n"
        "for leave in (lambda: socket.create_connection(('192.0.2.1', 80), 1),\n"
        "  lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.2', 80)),\n"
        "  lambda: urllib.request.urlopen('http://example.invalid', timeout=1)):\n"
        "    try: leave()\n"
        "    except OSError as error: print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.count("cut off") == 3
    assert len(notes.read_text().splitlines()) == 3


def test_a_daemon_that_would_be_open_to_all_does_not_start(home: Path) -> None:
    async def story() -> None:
        settings = Settings(host="0.0.0.0", midi_api="none", announce=False)
        with pytest.raises(AskError, match=r"host 0\.0\.0\.0 lies beyond this machine: set allow"):
            async with serve.running(settings, Means(open_fake, port=0)):
                pass

    asyncio.run(story())
    assert not (home / "takes.sqlite3").exists()


def test_one_that_is_opened_says_so_plainly(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        settings = Settings(
            host="0.0.0.0", allow="10.0.0.0/8", token="t" * 12, midi_api="none", announce=False
        )  # fmt: skip
        async with serve.running(settings, Means(open_fake, port=0)):
            pass

    asyncio.run(story())
    words = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert any(w.startswith("bandmate is open beyond this machine: 0.0.0.0:") for w in words)
    assert not any("t" * 12 in record.getMessage() for record in caplog.records)


def sources() -> list[Path]:
    models = shipped("models")
    return [*PACKAGE.rglob("*.py"), *(p for p in models.rglob("*.py") if p.is_file())]


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """Yield every node of our sources, with the name of its file."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield path.name, node


def test_yaml_is_safe_loaded_everywhere() -> None:
    unsafe = {
        "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all", "Loader",
        "FullLoader", "UnsafeLoader", "CLoader", "CFullLoader", "CUnsafeLoader",
    }  # fmt: skip
    named: set[str] = set()
    for file, node in nodes():
        match node:
            case ast.ImportFrom(module="yaml"):
                raise AssertionError(f"{file} takes something out of yaml")
            case ast.Call(func=ast.Attribute(ast.Name("yaml"), "load")):
                assert len(node.args) == 2, f"{file} does not say which loader"
            case ast.Attribute(ast.Name("yaml"), name):
                named.add(name)
            case ast.Constant(str() as text):
                assert text not in unsafe, file
    assert "safe_load" in named
    assert not named & unsafe


def test_what_was_sent_is_neither_run_nor_unpickled() -> None:
    risky = {"eval", "exec", "pickle", "marshal", "shelve"}
    found = {
        (file, node.id) for file, node in nodes() if isinstance(node, ast.Name) and node.id in risky
    }
    ours = {path.name for path in PACKAGE.rglob("*.py")}
    # The pipes between the daemon and its own player, which it started itself.
    assert {(f, n) for f, n in found if f in ours} == {
        ("apart.py", "pickle"),
        ("stage.py", "pickle"),
    }


def test_a_port_beyond_is_not_taken_by_accident() -> None:
    async def story() -> None:
        async with serve.running(
            Settings(midi_api="none", announce=False), Means(open_fake, port=0)
        ) as running:
            for port in (running.port, running.query_port, running.panel_port):
                assert port
                for address in set(socket.gethostbyname_ex(socket.gethostname())[2]):
                    if not address.startswith("127."):
                        with pytest.raises(OSError), socket.socket() as knocking:
                            knocking.settimeout(2)
                            knocking.connect((address, port))

    asyncio.run(story())
