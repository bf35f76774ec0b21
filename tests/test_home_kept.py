"""A home is one daemon's, is swept when it starts, and is made whole again while it runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.app import serve
from bandmate.app.serve import Means
from bandmate.config import Settings
from bandmate.errors import FileError, Unavailable
from bandmate.system import upkeep
from bandmate.system.home_lock import NAME, HomeLock, holder
from bandmate.system.leftovers import STALE_SECONDS, swept
from bandmate.wires.page.uploads import Uploads
from fakes import open_fake
from wires.fake_daemon import PATIENCE

NO_MIDI = Settings(midi_api="none", announce=False)
TESTS = Path(__file__).parent

HOLDS = """
import sys, time
from bandmate import paths
from bandmate.system.home_lock import HomeLock
lock = HomeLock(paths.home())
print("held", flush=True)
sys.stdin.read()
"""


def in_a_process(script: str) -> subprocess.Popen[str]:
    """Run a script that says one word when it is there."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert process.stdout and process.stdout.readline()
    return process


def test_the_second_daemon_says_who_holds_the_home() -> None:
    process = in_a_process(HOLDS)
    words = rf"bandmate runs already in .* \(process {process.pid}\): stop that one, or set"
    assert holder(paths.home()) == process.pid
    with pytest.raises(Unavailable, match=words):
        HomeLock(paths.home())
    process.kill()
    process.wait()
    assert (paths.home() / NAME).read_text().split() == [str(process.pid)]
    assert holder(paths.home()) == 0  # what a dead one left says nothing
    HomeLock(paths.home()).close()
    assert not (paths.home() / NAME).exists()


def test_a_second_one_does_not_start_and_the_first_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        async with serve.running(NO_MIDI, Means(open_fake, port=0)) as running:
            with pytest.raises(Unavailable, match=rf"\(process {os.getpid()}\)"):
                async with serve.running(NO_MIDI, Means(open_fake, port=0)):
                    pass
            assert running.desk.takes.listed() == []
        async with serve.running(NO_MIDI, Means(open_fake, port=0)):
            pass

    asyncio.run(story())


def test_a_lock_that_is_in_the_way_is_told(home: Path) -> None:
    (paths.home() / NAME).mkdir()
    with pytest.raises(FileError, match=r"daemon\.lock cannot be locked \(Is a directory\)"):
        HomeLock(home)
    (home / NAME).rmdir()
    (home / NAME).symlink_to(home / "elsewhere")
    with pytest.raises(FileError, match=r"daemon\.lock cannot be locked"):
        HomeLock(home)
    assert not (home / "elsewhere").exists()
    (home / NAME).unlink()
    (home / NAME).write_text("rubbish")
    HomeLock(home).close()


def test_a_lock_whose_file_is_deleted_is_taken_again() -> None:
    lock = HomeLock(paths.home())
    (paths.home() / NAME).unlink()
    lock.mend()
    assert (paths.home() / NAME).read_text() == f"{os.getpid()}\n"
    with pytest.raises(Unavailable):
        HomeLock(paths.home())
    lock.close()
    assert holder(paths.home()) == 0


UPLOADS = """
import os, signal
from bandmate import paths
from bandmate.wires.page.uploads import Uploads
uploads = Uploads()
uploads.keep("a.wav", bytes(1000))
sounds = paths.temporary_folder("sound-")
print("there", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_daemon_left_is_swept_and_nothing_else(home: Path) -> None:
    process = in_a_process(UPLOADS)
    assert process.wait() == -signal.SIGKILL
    assert len(list(paths.temporary().iterdir())) == 2
    clips = paths.clips()
    clips.mkdir()
    old = time.time() - STALE_SECONDS - 1
    drafts = [
        clips / f".{'a1' * 8}.part",
        home / ".doctor-0011aabb",
        home / ".takes.sqlite3.0a1b2c3d",
    ]
    others = [clips / "song.part", clips / ".hidden.part", home / "notes.txt", clips / ".doctor-x"]
    for path in (*drafts, *others):
        path.touch()
        os.utime(path, (old, old))
    fresh = clips / f".{'b2' * 8}.part"
    fresh.touch()
    assert swept(clips) == 2 + len(drafts)
    assert list(paths.temporary().iterdir()) == []
    assert not any(path.exists() for path in drafts)
    assert all(path.exists() for path in (*others, fresh))


def test_a_daemon_that_starts_sweeps(home: Path) -> None:
    uploads = Uploads()
    file = uploads.keep("left.png", b"x")
    saved = file.parent.with_name("kept-by-a-kill")
    shutil.copytree(file.parent, saved)

    async def story() -> None:
        async with serve.running(NO_MIDI, Means(open_fake, port=0)):
            assert list(paths.temporary().iterdir()) == []

    asyncio.run(story())


def test_a_running_daemon_makes_whole_what_is_deleted(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "SECONDS", 0.02)

    async def story() -> None:
        async with serve.running(NO_MIDI, Means(open_fake, port=0)):
            kept = [paths.clips(), paths.database(), home / NAME, paths.mailboxes() / "alive"]
            shutil.rmtree(home)
            async with asyncio.timeout(PATIENCE):
                while not all(path.exists() for path in kept):
                    await asyncio.sleep(0.02)

    asyncio.run(story())


def test_what_cannot_be_mended_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    calls = 0

    def fails() -> None:
        nonlocal calls
        calls += 1
        raise FileError("the disk is gone") if calls < 4 else ValueError("odd")

    async def story() -> None:
        looking = asyncio.create_task(upkeep.looking_after(fails))
        async with asyncio.timeout(PATIENCE):
            while calls < 5:
                await asyncio.sleep(0.01)
        looking.cancel()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upkeep, "SECONDS", 0.01)
        asyncio.run(story())
    assert sum(r.getMessage() == "the disk is gone" for r in caplog.records) == 1
    assert any("could not be looked after" in r.getMessage() for r in caplog.records)
