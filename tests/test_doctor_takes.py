"""The doctor and the takes: each fault is named with its take and its cure, and nothing else is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.doctor.findings import NOTE, OK, TROUBLE, Daemon, Finding, Patient
from bandmate.doctor.kept_takes import MOST, asides, database, mailboxes
from bandmate.doctor.network import daemon
from bandmate.system.home_lock import HomeLock
from bandmate.takes.store import Takes
from bandmate.wires.mailbox_names import MAILBOXES
from test_takes import kept, kept_card
from test_takes_damaged import UNREADABLE, damages


@pytest.fixture
def takes() -> Iterator[Takes]:
    opened = Takes(paths.database(), paths.clips())
    for _ in range(4):
        kept(opened)
    kept_card(opened)
    yield opened
    opened.close()


def found() -> list[Finding]:
    return list(database(paths.database()))


def test_takes_that_are_well_are_counted(takes: Takes) -> None:
    takes.get(2).file.unlink()  # moved away, perhaps
    assert [(finding.level, finding.words) for finding in found()] == [
        (OK, f"5 are kept in {paths.database()}")
    ]


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_row_that_nobody_can_read_is_named(case: str, takes: Takes) -> None:
    file = takes.get(3).file
    damages(*UNREADABLE[case])
    trouble, count = found()
    assert (trouble.level, count.level) == (TROUBLE, OK)
    assert trouble.words.startswith("take 3 cannot be read (")
    assert trouble.words.endswith("), the others can")
    assert str(file) in trouble.cure or UNREADABLE[case][0] == "file"
    assert len(trouble.words) < 200


def test_many_are_counted(takes: Takes) -> None:
    for _ in range(MOST + 2):
        kept(takes)
    for number in range(1, MOST + 4):
        damages("clip", "{", number)
    assert [f.words for f in found()][MOST] == "3 more are like these"


def test_a_plan_of_another_version_is_named(takes: Takes) -> None:
    damages("ask", "{}", 2)
    damages("ask", "{}", 5)
    assert [(f.level, f.words.partition(" (")[0]) for f in found()][:2] == [
        (NOTE, "the plan of take 5 cannot be read"),
        (NOTE, "the plan of take 2 cannot be read"),
    ]


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


FILES = {
    "a folder": (a_folder, "a folder lies in its place", "move that away"),
    "empty": (lambda file: file.write_bytes(b""), "it is empty", "start bandmate anew"),
    "other": (lambda file: file.write_bytes(b"RIFF"), "no MIDI file any more", "move it away"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_none_is_named(case: str, takes: Takes) -> None:
    breaks, words, cure = FILES[case]
    breaks(takes.get(4).file)
    trouble, _ = found()
    assert "of take 4: " in trouble.words and words in trouble.words and cure in trouble.cure


def test_a_newer_database_is_named_and_not_called_damaged(takes: Takes) -> None:
    takes.close()
    with closing(sqlite3.connect(paths.database())) as db:
        db.execute("PRAGMA user_version = 99")
    (trouble,) = found()
    assert "written by a newer bandmate" in trouble.words
    assert trouble.cure == "install the newest bandmate, or set BANDMATE_HOME to another folder"


def test_one_that_is_held_is_not_called_damaged(
    takes: Takes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bandmate.takes.database.BUSY_SECONDS", 0.05)
    takes.close()
    with closing(sqlite3.connect(paths.database(), isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        (trouble,) = found()
    assert "database is locked" in trouble.words and "damaged" not in trouble.words
    assert trouble.cure == "another program holds it, close that and try again"


def test_what_lies_in_the_way_and_a_crowd_of_mailboxes_are_named() -> None:
    (paths.clips() / ".take-4.mid").mkdir(parents=True)
    (finding,) = asides(paths.clips())
    assert ".take-4.mid is a folder" in finding.words
    for number in range(MAILBOXES + 1):
        (paths.mailboxes() / f"m{number}").mkdir(parents=True)
    (finding,) = mailboxes(paths.mailboxes())
    assert finding.words.startswith(f"{MAILBOXES + 1} lie in")


def test_a_daemon_that_holds_the_home_and_does_not_answer_is_named() -> None:
    lock = HomeLock(paths.home())
    (finding,) = daemon(Patient(daemon=Daemon()))
    assert finding.level == TROUBLE and "but does not answer on port 7770" in finding.words
    lock.close()
    (finding,) = daemon(Patient(daemon=Daemon()))
    assert (finding.level, finding.words) == (NOTE, "none runs")
