"""What is bandmate's own is the person's alone, also where an earlier version left it open."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bandmate.system.private import keep_private
from bench.attacks.target import Target

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions otherwise")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def left_open(home: Path) -> None:
    """Lay out a home as bandmate 0.6.0 left it."""
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    for folder in ("mailbox/reaper/asks", "mailbox/reaper/answers", "clips"):
        (home / folder).mkdir(parents=True)
    for file in ("takes.sqlite3", "takes.sqlite3-wal", "config.yaml", "controller.yaml",
                 "handshakes.json", "mailbox/alive", "mailbox/reaper/asks/1.msg"):  # fmt: skip
        (home / file).touch()
    for path in home.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_what_was_open_is_closed_and_told_once(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    left_open(home)
    (home / "away").mkdir()
    (home / "mailbox" / "link").symlink_to(home / "away")
    assert keep_private(home) == 13
    assert "13 of its files and folders were open to others" in caplog.text
    assert mode(home) == mode(home / "mailbox" / "reaper" / "asks") == 0o700
    assert mode(home / "takes.sqlite3") == mode(home / "config.yaml") == 0o600
    assert mode(home / "mailbox" / "reaper" / "asks" / "1.msg") == 0o600
    assert mode(home / "away") != 0o700
    caplog.clear()
    assert keep_private(home) == 0
    assert caplog.text == ""


def test_a_folder_that_is_not_bandmates_alone_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    assert keep_private(tmp_path) == 0
    assert mode(tmp_path) == 0o755
    assert "let BANDMATE_HOME name a folder of its own" in caplog.text


def test_a_daemon_lets_nobody_else_look_into_what_it_writes() -> None:
    with closing(Target()) as target:
        assert target.makes_take()
        home = target.home / "home"
        found = {path: mode(path) for path in (home, *home.rglob("*"))}
    assert found[home / "takes.sqlite3"] == 0o600
    assert [path for path in found if path.suffix == ".mid"]
    assert not [path for path, bits in found.items() if bits & 0o077]
