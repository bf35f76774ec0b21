"""The takes as the doctor sees them: the database, each of its rows, each file; and mailboxes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from bandmate.doctor.findings import NOTE, TROUBLE, Finding
from bandmate.takes import database as take_database
from bandmate.takes import files as clip_files
from bandmate.takes.rows import COLUMNS, UnreadableTake, take_of, why_plan_unreadable
from bandmate.wires.mailbox_names import MAILBOXES

MOST = 8
"""Takes that are named one by one; of more the count is told."""

_DAMAGED = ("not a database", "malformed", "no such table")


def database(file: Path) -> Iterator[Finding]:
    """Look whether the takes can be read, each alone; nothing is written."""
    if not file.exists():
        yield Finding("takes", "none yet")
        return
    if refused := _refusal(file):
        yield refused
        return
    with closing(take_database.reading(file)) as opened:
        findings = _of_rows(opened)
        yield from islice(findings, MOST)
        if rest := sum(1 for _ in findings):
            words = f"{rest} more are like these"
            yield Finding("takes", words, TROUBLE, "cure those that are named, then look again")
        count = opened.execute("SELECT count(*) FROM takes").fetchone()[0]
    yield Finding("takes", f"{count} are kept in {file}")


def asides(clips: Path) -> Iterator[Finding]:
    """Name what has the name of a take that is being written and is none."""
    for _, path in clip_files.asides(clips):
        if path.is_dir():
            yield Finding("clips", f"{path} is a folder", NOTE, "move it away: nobody needs it")


def mailboxes(folder: Path) -> Iterator[Finding]:
    """Tell where there are more mailboxes than hosts."""
    try:
        count = sum(path.is_dir() for path in folder.iterdir())
    except OSError:
        return
    if count > MAILBOXES:
        words, cure = f"{count} lie in {folder}", "remove those that are no host's of yours"
        yield Finding("mailboxes", words, NOTE, cure)


def _refusal(file: Path) -> Finding | None:
    """Return why none of the takes can be read; None where they can."""
    try:
        with closing(take_database.reading(file)) as opened:
            found = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
            opened.execute("SELECT count(*) FROM takes").fetchone()
        words = "" if found == "ok" else str(found)
    except sqlite3.Error as error:
        words = str(error)
        if not any(part in words for part in _DAMAGED):
            return _told(str(take_database.trouble(str(file), error)))
    if not words:
        newer = take_database.refusal(file)
        return _told(newer) if newer else None
    cure = (
        f"stop bandmate and move {file.name} away: it begins a new one, and your clips stay in "
        "their folder"
    )
    return Finding("takes", f"{file} is damaged ({words})", TROUBLE, cure)


def _told(words: str) -> Finding:
    what, _, cure = words.rpartition(": ")
    return Finding("takes", what, TROUBLE, cure)


def _of_rows(opened: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what is wrong with each take, the newest first."""
    there = {row[1] for row in opened.execute("PRAGMA table_info(takes)")}
    if not set(COLUMNS) <= there:
        return  # an older bandmate's: it gets its columns when it is opened to be written
    query = f"SELECT {', '.join(COLUMNS)} FROM takes ORDER BY number DESC"  # noqa: S608 - our own
    for row in opened.execute(query):
        try:
            take = take_of(row)
        except UnreadableTake as error:
            file = row[COLUMNS.index("file")]
            words = f"take {error.number} cannot be read ({error.why}), the others can"
            cure = f"its notes are in {file}: put that into your DAW; the row harms nobody"
            yield Finding("takes", words, TROUBLE, cure)
            continue
        if why := clip_files.why_broken(take.file):
            what, _, cure = why.partition(": ")
            cure = f"{cure or 'start bandmate anew'}; the page hands its notes out all the same"
            yield Finding("takes", f"{take.file} of take {take.number}: {what}", TROUBLE, cure)
        if why := why_plan_unreadable(take):
            words = f"the plan of take {take.number} cannot be read ({why})"
            yield Finding("takes", words, NOTE, "its notes can: asks go on from those alone")
