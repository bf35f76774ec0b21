"""What lies in the home may be broken, left over or deleted: is every other take still there?

python -m bench.attacks.home
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress

from bandmate import paths
from bandmate.app import serve
from bandmate.app.serve import Means
from bandmate.config import Settings
from bandmate.takes.store import Takes
from bench.attacks.tables import own_home, show, tried
from fakes import open_fake
from test_takes import kept
from test_takes_damaged import UNREADABLE, damages

TAKES = 5
NO_MIDI = Settings(midi_api="none", announce=False)


def opened() -> Takes:
    """Return the takes of the home, TAKES of them where there were none."""
    takes = Takes(paths.database(), paths.clips())
    if not takes.listed():
        for _ in range(TAKES):
            kept(takes)
    return takes


def starts() -> None:
    """Start the daemon and stop it."""

    async def story() -> None:
        async with serve.running(NO_MIDI, Means(open_fake, port=0)):
            pass

    asyncio.run(story())


def rows_damaged() -> tuple[str, int, int]:
    """Damage one row in every way; count the ways after which the others are listed."""
    good = 0
    for column, value in UNREADABLE.values():
        with own_home():
            takes = opened()
            damages(column, value)
            with suppress(Exception):
                good += [take.number for take in takes.listed()] == [5, 4, 2, 1]
            takes.close()
    return "one row damaged: the others are listed", good, len(UNREADABLE)


def _aside_file() -> None:
    paths.clips().joinpath(".take-1.mid").write_bytes(b"left")
    shutil.rmtree(paths.clips() / "gone", ignore_errors=True)
    with closing(sqlite3.connect(paths.database())) as db:
        db.execute("UPDATE takes SET file = ? WHERE number = 1", (str(paths.clips() / "x/y.mid"),))
        db.commit()


def _aside_folder() -> None:
    paths.clips().joinpath(".take-6.mid").mkdir()


LEFTOVERS: dict[str, Callable[[], None]] = {
    "a .take-1.mid is left, its folder gone": _aside_file,
    "a folder is called .take-6.mid": _aside_folder,
}


def leftovers() -> list[tuple[str, int, int]]:
    """Leave something; count the daemons that start, and the takes that can be kept then."""
    rows = []
    for name, leave in LEFTOVERS.items():
        with own_home():
            opened().close()
            leave()
            does_start = tried(starts)[0] == "done"
            is_kept = tried(lambda: kept(Takes(paths.database(), paths.clips())))[0] == "done"
            rows.append((name + ": starts, keeps", does_start + is_kept, 2))
    return rows


def _without(*gone: str) -> Callable[[], None]:
    def remove() -> None:
        for suffix in gone:
            paths.database().with_name(f"takes.sqlite3{suffix}").unlink()

    return remove


DELETIONS: dict[str, Callable[[], object]] = {
    "the database": _without(""),
    "the database and its journal": _without("", "-wal", "-shm"),
    "the journal alone": _without("-wal"),
    "all of home": lambda: shutil.rmtree(paths.home()),
}


def deleted() -> list[tuple[str, int, int]]:
    """Delete something while takes are open, keep one more, die; count what the next finds."""
    rows = []
    for name, delete in DELETIONS.items():
        with own_home():
            opened().close()
            child = os.fork()
            if not child:
                with suppress(BaseException):
                    takes = opened()
                    kept(takes)
                    delete()
                    kept(takes)
                os.kill(os.getpid(), signal.SIGKILL)
            os.waitpid(child, 0)
            found = 0
            with suppress(Exception), closing(Takes(paths.database(), paths.clips())) as takes:
                found = len(takes.listed())
            rows.append((f"{name} deleted, then a kill: takes found", found, TAKES + 2))
    return rows


def clips_deleted() -> tuple[str, int, int]:
    """Delete the clips folder while it is used."""
    with own_home():
        takes = opened()
        shutil.rmtree(paths.clips())
        return "the clips folder deleted: takes kept", tried(lambda: kept(takes))[0] == "done", 1


SECOND = "import test_serve as t, sys; from bench.attacks.home import starts; starts()"


def two_daemons() -> tuple[str, int, int]:
    """Start a second daemon on the same home."""

    async def story() -> int:
        async with serve.running(NO_MIDI, Means(open_fake, port=0)):
            command = [sys.executable, "-c", SECOND]
            second = await asyncio.create_subprocess_exec(
                *command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            _, said = await second.communicate()
            return int(f"process {os.getpid()}" in said.decode())

    with own_home():
        return "a second daemon on the same home is refused, with the pid", asyncio.run(story()), 1


def newer() -> tuple[str, int, int]:
    """Open a database of a newer version."""
    with own_home():
        opened().close()
        with closing(sqlite3.connect(paths.database())) as db:
            db.execute("PRAGMA user_version = 99")
        what, _ = tried(opened)
        return "a database of a newer version is refused in words", int(what == "in words"), 1


def left_by_kill() -> tuple[str, int, int]:
    """Kill a daemon that holds uploads; count the files that the next one leaves."""
    import tempfile

    with own_home() as home:
        before = tempfile.tempdir
        tempfile.tempdir = str(home / "tmp")
        (home / "tmp").mkdir()
        child = os.fork()
        if not child:
            from bandmate.wires.page.uploads import Uploads

            held = [Uploads() for _ in range(5)]
            for uploads in held:
                uploads.keep("a.wav", bytes(1000))
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        tried(starts)
        left = list(home.rglob("1.wav"))
        tempfile.tempdir = before
        return "uploads that a kill left, gone at the next start", 5 - len(left), 5


def main() -> int:
    """Try all; return 1 where something was lost."""
    rows = [rows_damaged(), *leftovers(), *deleted(), clips_deleted(), two_daemons(), newer(),
            left_by_kill()]  # fmt: skip
    show(list(rows), "what was done", "good", "of")
    return int(any(good < most for _, good, most in rows))


if __name__ == "__main__":
    sys.exit(main())
