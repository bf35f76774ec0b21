"""The database of takes as a file: opened, refused in words, written anew where it is deleted."""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from bandmate.errors import FileError

FORM = 1
"""The newest form of the database that is read, its ``user_version``; 0.6.0 left it at 0."""

BUSY_SECONDS = 5.0
"""How long another program's writing is waited for."""

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS takes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL,
    made REAL NOT NULL,
    ask TEXT NOT NULL,
    seed INTEGER NOT NULL,
    clip TEXT NOT NULL,
    file TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'made',
    model TEXT NOT NULL,
    first_bar_ms REAL NOT NULL,
    made_ms REAL NOT NULL,
    kind TEXT NOT NULL DEFAULT 'loop',
    card TEXT,
    parent INTEGER NOT NULL DEFAULT 0,
    is_starred INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS takes_of_client ON takes (client, number);
CREATE TABLE IF NOT EXISTS choices (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL,
    take INTEGER NOT NULL REFERENCES takes,
    state_before TEXT NOT NULL
);
"""

_NEWER_COLUMNS = {
    "kind": "TEXT NOT NULL DEFAULT 'loop'",
    "card": "TEXT",
    "parent": "INTEGER NOT NULL DEFAULT 0",
    "is_starred": "INTEGER NOT NULL DEFAULT 0",
    "title": "TEXT NOT NULL DEFAULT ''",
}
"""Columns that a database made by an older bandmate lacks."""

_CURES = {
    "not a database": "move it away, bandmate begins a new one and your clips stay in their folder",
    "malformed": "move it away, bandmate begins a new one and your clips stay in their folder",
    "locked": "another program holds it, close that and try again",
    "readonly": "let your user write it and its folder",
    "is full": "make room on that disk",
    "disk i/o": "make room on that disk, and see whether it is whole",
    "unable to open": "let your user read and write it and its folder",
}


def opened(file: Path) -> sqlite3.Connection:
    """Open or make a database of takes; raises FileError with the cure."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(
            file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            _check_form(db, file)
            db.text_factory = _text
            db.create_function("words_of", 2, _words_of)
            db.executescript(SCHEMA)
            _widen(db)
        except BaseException:
            db.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise trouble(f"takes cannot be kept in {file}", error) from error
    return db


def refusal(file: Path) -> str:
    """Return why a database cannot be used, with the cure; empty where it can or is not there."""
    if not file.exists():
        return ""
    try:
        with closing(reading(file)) as db:
            _check_form(db, file)
            return ""
    except sqlite3.Error as error:
        return str(trouble(f"takes cannot be kept in {file}", error))
    except FileError as error:
        return str(error)


def reading(file: Path) -> sqlite3.Connection:
    """Open a database that is there, and write nothing; raises sqlite3.Error."""
    db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    db.text_factory = _text
    return db


def trouble(what: str, error: Exception) -> FileError:
    """Return an error of the database in words, with its cure where one is known."""
    words = str(error)
    cure = next((cure for part, cure in _CURES.items() if part in words.lower()), "")
    return FileError(f"{what}: {words}{f': {cure}' if cure else ''}")


def place_of(file: Path) -> tuple[int, int] | None:
    """Return which file lies there, as the system numbers it; None where none does."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def has_journal(file: Path) -> bool:
    """Return whether the journal of an open database and its index lie beside it."""
    return all(file.with_name(f"{file.name}{rest}").exists() for rest in ("-wal", "-shm"))


def copied(db: sqlite3.Connection, file: Path) -> None:
    """Write all that an open database holds into a new file; raises OSError or sqlite3.Error."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(draft)) as copy:
            db.backup(copy)
        _without_journal(file)  # what is left of the old one's would be taken for the new one's
        draft.replace(file)
    finally:
        for rest in ("", "-wal", "-shm"):
            with suppress(OSError):
                draft.with_name(draft.name + rest).unlink(missing_ok=True)


def beside(file: Path) -> Path:
    """Return a name for what was kept before another database was put in its place."""
    return file.with_name(f"{file.stem} {time.strftime('%Y-%m-%d %H%M%S')}{file.suffix}")


def exchanged(file: Path, kept: Path) -> str:
    """Choose between what was put in the place of the database and *kept*, a copy of ours.

    The other one is used where it is a database of takes, else ours is put back; nothing is
    removed. Return what happened, in words; raises OSError.
    """
    _without_journal(file)  # ours, not the new one's
    words = refusal(file)
    if not words:
        return f"replaced (what was in it is kept as {kept.name})"
    other = kept.with_name(f"{kept.stem} unreadable{kept.suffix}")
    file.rename(other)
    kept.rename(file)
    return f"replaced by what cannot be read, which is now {other.name},"


def _without_journal(file: Path) -> None:
    for rest in ("-wal", "-shm"):
        file.with_name(file.name + rest).unlink(missing_ok=True)


def _check_form(db: sqlite3.Connection, file: Path) -> None:
    (form,) = db.execute("PRAGMA user_version").fetchone()
    if form > FORM:
        raise FileError(
            f"{file} was written by a newer bandmate (its form is {form}, this one reads up to "
            f"{FORM}): install the newest bandmate, or set BANDMATE_HOME to another folder"
        )


def _widen(db: sqlite3.Connection) -> None:
    """Add what a database made by an older bandmate lacks, and say of which form it is now."""
    db.execute("BEGIN IMMEDIATE")
    there = {row[1] for row in db.execute("PRAGMA table_info(takes)")}
    for column, kind in _NEWER_COLUMNS.items():
        if column not in there:
            db.execute(f"ALTER TABLE takes ADD COLUMN {column} {kind}")
    db.execute(f"PRAGMA user_version = {FORM}")
    db.execute("COMMIT")


def _text(data: bytes) -> str | bytes:
    """Return text; what is no UTF-8 as the bytes that it is, so that its row can be named."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _words_of(title: object, file: object) -> str:
    """Return what a take can be found by; both come as bytes, for they may be no UTF-8."""
    named, path = (os.fsdecode(each) if isinstance(each, bytes) else "" for each in (title, file))
    words = f"{named} {Path(path).stem}".lower()
    return words.encode("utf-8", "replace").decode()
