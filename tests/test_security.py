"""Nothing here can be reached from another machine by default, and what comes in is only data.

That nothing leaves this machine is shown in ``privacy/``.
"""

from __future__ import annotations

import ast
import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate.app import serve
from bandmate.app.serve import Means
from bandmate.config import Settings
from bandmate.errors import AskError
from bandmate.paths import shipped
from fakes import open_fake

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "daemon" / "bandmate"
PATIENCE = 60.0
"""Seconds until a real daemon, its model included, must have answered."""


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


def test_yaml_is_loaded_in_one_place_and_safely() -> None:
    unsafe = {
        "load_all", "full_load", "full_load_all", "unsafe_load", "unsafe_load_all", "Loader",
        "FullLoader", "UnsafeLoader", "CLoader", "CFullLoader", "CUnsafeLoader",
    }  # fmt: skip
    named: set[str] = set()
    training = {path.name for path in shipped("models").rglob("*.py")}
    for file, node in nodes():
        match node:
            case ast.ImportFrom(module="yaml"):
                raise AssertionError(f"{file} takes something out of yaml")
            case ast.Call(func=ast.Attribute(ast.Name("yaml"), "load")):
                assert file == "yaml_reader.py" or file in training, f"{file} loads YAML itself"
                assert len(node.args) == 2, f"{file} does not say which loader"
            case ast.Attribute(ast.Name("yaml"), name):
                assert name.endswith("Node") or file == "yaml_reader.py" or file in training, file
                named.add(name)
            case ast.Constant(str() as text):
                assert text not in unsafe, file
    assert "SafeLoader" in named
    assert not named & unsafe


def test_what_was_sent_is_neither_run_nor_unpickled() -> None:
    risky = {"eval", "exec", "pickle", "marshal", "shelve"}
    found = {
        (file, node.id) for file, node in nodes() if isinstance(node, ast.Name) and node.id in risky
    }
    ours = {path.name for path in PACKAGE.rglob("*.py")}
    # The pipes between the daemon and its own player, which it started itself.
    assert {(f, n) for f, n in found if f in ours} == {
        ("process.py", "pickle"),
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
