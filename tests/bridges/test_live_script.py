"""The script as Live's Python sees it: old enough, with nothing to install, without threads."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bandmate.contract.messages import Message
from bandmate.wires.packets import message_to_packet, packet_to_messages
from bridges.live_script import SCRIPT, load_script

FILES = sorted(SCRIPT.glob("*.py"))
STUBS = Path(__file__).with_name("stubs")
LIBRARY = {
    "__future__", "collections", "contextlib", "logging", "math", "os", "pathlib", "re", "shlex",
    "shutil", "socket", "struct", "tempfile", "time", "typing", "zlib",
}  # fmt: skip
"""What of Python's own library it may stand on; Live is no place for threads."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_live_11_can_read_it(file: Path) -> None:
    ast.parse(file.read_text("utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_needs_nothing_but_python_and_live(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        assert {name.partition(".")[0] for name in names} <= {*LIBRARY, "Live", "ableton"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_live_11_lacks_is_not_called(file: Path) -> None:
    newer = r"removeprefix|removesuffix|\bmath\.(prod|lcm)|cached_property|:= |missing_ok|zoneinfo"
    assert not re.search(newer, file.read_text("utf-8"))


def test_it_is_of_the_version_that_ships() -> None:
    from bandmate import __version__
    from bandmate.hosts.install import BRIDGES, shipped_version

    assert shipped_version(BRIDGES["ableton"]) == load_script().VERSION == __version__


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("id",),
        (7, -7, 2**31, 1.5, "text", "", "höher", b"abc", b"abcd"),
        ("a", "ab", "abc", "abcd"),
    ],
)
def test_its_osc_is_the_daemons(arguments: tuple[int | float | str | bytes, ...]) -> None:
    load_script()
    from bandmate_in_live.osc import read, written  # type: ignore[import-not-found]

    message = Message("/bandmate/test", arguments)
    assert packet_to_messages(written("/bandmate/test", arguments)) == [message]
    back = read(message_to_packet(message))
    assert (back.address, back.arguments) == ("/bandmate/test", arguments)


def test_its_types_are_lives(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api", reason="mypy is in the extra dev")
    if not any(Path(folder, "Live-stubs").is_dir() for folder in sys.path):
        pytest.skip("ableton-live-stubs is in the extra dev")
    assert api
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}",
         "-p", "bandmate"],
        cwd=SCRIPT.parent,
        env={**os.environ, "MYPYPATH": str(STUBS), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout
