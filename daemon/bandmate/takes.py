"""Every take with its plan and its seed, kept: a row in a database and a .mid in the clips folder.

A take is written aside first, then its row is committed, then the file gets its name; whatever a
crash leaves between is finished or swept away at the next start, so that there are always both or
neither. Numbers are never used again. A card is a take too: its progression, played.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from bandmate.chord_plans import (
    card_to_json,
    chord_plan_from_json,
    chord_plan_to_json,
    theme_of,
)
from bandmate.chords.cards import Card, ChordPlan
from bandmate.clip_files import file_name, free, remove, write
from bandmate.errors import AskError, FileError
from bandmate.loops.controls import LoopPlan
from bandmate.music import midifile
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.plan_json import clip_from_json, clip_to_json, plan_to_json
from bandmate.plans import Theme
from bandmate.song import person_of

_SCHEMA = """
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
_LOOKED_AT = 16
"""Accepted takes among which one of a meter is looked for."""


@dataclass(frozen=True, slots=True)
class Take:
    """A clip that answered an ask."""

    number: int
    """From 1, never used again."""
    client: str
    """Who asked; of the panel's pages, all one person's, what stands before the #."""
    made: float
    """Seconds since 1970."""
    ask: str
    """The plan as JSON: with the model and the seed it gives the same clip again."""
    seed: int
    clip: Clip
    file: Path
    """The .mid; the person may have moved it since."""
    state: str
    """``made``, ``accepted`` or ``rejected``."""
    model: str
    """``loops@1a2b3c4d``."""
    first_bar_ms: float
    """Milliseconds from the start of the work to its first bar."""
    made_ms: float
    """Milliseconds from the start of the work to its last bar."""
    kind: str = "loop"
    """``loop`` or ``card``."""
    card: dict[str, Any] | None = None
    """Of a card, what ``chord_plans.card_to_json`` tells of it."""
    parent: int = 0
    """The take that a person edited to get this one; 0 where nobody did."""
    is_starred: bool = False
    title: str = ""
    """What a person calls it; empty where nobody named it."""

    @property
    def name(self) -> str:
        """What it is called, else the name of its file."""
        return self.title or self.file.stem


_COLUMNS = tuple(field.name for field in fields(Take))


class Takes:
    """The takes of one database; may be used from several threads and several processes."""

    def __init__(self, database: Path, clips: Path) -> None:
        """Open or make the database and the clips folder; raises FileError."""
        self.on_change: Callable[[Take, str], None] | None = None
        """Hears of each take that was made or marked, in whichever thread."""
        self._clips = clips
        self._database = database
        self._lock = threading.Lock()
        try:
            clips.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            words = f"the clips folder {clips} cannot be made: {error.strerror}"
            raise FileError(words) from error
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                database, timeout=5, isolation_level=None, check_same_thread=False
            )
            self._db.create_function("words_of", 2, _words_of)
            self._db.executescript(_SCHEMA)
            with self._writing():
                self._widen()
                self._sweep()
        except (OSError, sqlite3.Error) as error:
            raise FileError(f"takes cannot be kept in {database}: {error}") from error

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def keep(
        self,
        client: str,
        plan: LoopPlan | ChordPlan,
        clip: Clip,
        *,
        model: str,
        first_bar_ms: float,
        made_ms: float,
        card: Card | None = None,
        parent: int = 0,
    ) -> Take:
        """Write the clip and its row, both or neither; raises FileError.

        A ChordPlan has a *card*, whose progression the clip plays; an edited clip has a *parent*.
        """
        is_card = isinstance(plan, ChordPlan)
        said = chord_plan_to_json(plan) if isinstance(plan, ChordPlan) else plan_to_json(plan)
        asked = (person_of(client), time.time(), said, plan.seed)
        kind = ("card" if is_card else "loop", card_to_json(card) if card else None)
        made = (clip_to_json(clip), model, first_bar_ms, made_ms, *kind, parent)
        with self._lock, ExitStack() as at_last:
            with self._writing():
                number = self._insert((*asked, *made))
                file = free(self._clips / file_name(plan, number))
                self._db.execute("UPDATE takes SET file = ? WHERE number = ?", (str(file), number))
                at_last.callback(remove, self._aside(number))
                write(self._aside(number), midifile.to_bytes(clip))
            self._give_name(number, file)
            return self._told(self._found(number), "made")

    def get(self, number: int) -> Take:
        """Return a take; raises AskError where there is none of that number."""
        with self._lock:
            return self._found(number)

    def latest(self, client: str | None = None) -> Take | None:
        """Return the last take, of one client or of all; None before the first."""
        with self._lock:
            if client is None:
                found = self._select("ORDER BY number DESC LIMIT 1")
            else:
                found = self._select(
                    "WHERE client = ? ORDER BY number DESC LIMIT 1", person_of(client)
                )
        return found[0] if found else None

    def accepted(self, client: str, meter: Meter) -> Take | None:
        """Return the take in that meter which a client accepted last, or None."""
        with self._lock:
            found = self._select(
                "JOIN (SELECT take, max(number) AS chosen FROM choices WHERE client = ?"
                " GROUP BY take) ON take = takes.number"
                " WHERE state = 'accepted' ORDER BY chosen DESC LIMIT ?",
                person_of(client),
                _LOOKED_AT,
            )
        return next((take for take in found if take.clip.meter == meter), None)

    def theme(self, number: int) -> Theme:
        """Return what a card gives the loops that follow it; raises AskError for another take."""
        take = self.get(number)
        if take.kind != "card":
            raise AskError(f"card must be the number of a card, not of the loop {number}")
        return theme_of(chord_plan_from_json(take.ask), take.clip)

    def same(self, parent: Take, clip: Clip) -> Take | None:
        """Return the take that an edit of *parent* to *clip* would make again; None for a new one.

        That is the parent itself where nothing of a loop is changed; a card becomes a loop.
        """
        if clip == parent.clip and parent.kind == "loop":
            return parent
        where = "WHERE parent = ? AND clip = ? ORDER BY number LIMIT 1"
        with self._lock:
            found = self._select(where, parent.number, clip_to_json(clip))
        return found[0] if found else None

    def listed(self, limit: int = 20) -> list[Take]:
        """Return the last *limit* takes, newest first."""
        with self._lock:
            return self._select("ORDER BY number DESC LIMIT ?", limit)

    def found(
        self, words: str, kind: str = "", *, before: int = 0, starred: bool = False, limit: int = 50
    ) -> list[Take]:
        """Return the last *limit* takes whose name or file holds every word, newest first.

        A *kind* leaves the other out, *starred* what has no star, *before* a number and all above.
        """
        tests: list[tuple[str, str | int]] = [
            *([("kind = ?", kind)] if kind else []),
            *([("number < ?", before)] if before else []),
            *([("is_starred = ?", 1)] if starred else []),
            *(("instr(words_of(title, file), ?)", word) for word in words.lower().split()),
        ]
        where = " AND ".join(test for test, _ in tests) or "1"
        values = [value for _, value in tests]
        with self._lock:
            return self._select(f"WHERE {where} ORDER BY number DESC LIMIT ?", *values, limit)

    def star(self, number: int, is_starred: bool) -> Take:
        """Give a take a star, or take it away; raises AskError."""
        return self._marked(number, "is_starred", is_starred, "starred")

    def name(self, number: int, title: str) -> Take:
        """Call a take something; empty lets it have its file's name. Raises AskError."""
        return self._marked(number, "title", title, "named")

    def _marked(self, number: int, column: str, value: str | bool, news: str) -> Take:
        with self._lock, self._writing():
            self._found(number)
            query = f"UPDATE takes SET {column} = ? WHERE number = ?"  # noqa: S608 - our own
            self._db.execute(query, (value, number))
            marked = self._found(number)
        return self._told(marked, news)

    def accept(self, number: int, client: str | None = None) -> Take:
        """Mark a take as taken by *client*, else by who asked for it; raises AskError."""
        return self._choose(number, "accepted", client)

    def reject(self, number: int, client: str | None = None) -> Take:
        """Mark a take as refused by *client*, else by who asked for it; raises AskError."""
        return self._choose(number, "rejected", client)

    def undo(self, client: str, number: int = 0) -> Take | None:
        """Take back a client's last accept or reject; of the take of a *number*, whoever's it was.

        Return the take as it is now; None where there is nothing left to take back.
        """
        with self._lock, self._writing():
            choice = self._db.execute(
                "SELECT number, take, state_before FROM choices"
                " WHERE CASE ? WHEN 0 THEN client = ? ELSE take = ? END"
                " ORDER BY number DESC LIMIT 1",
                (number, person_of(client), number),
            ).fetchone()
            if choice is None:
                return None
            number, take, state = choice
            self._db.execute("DELETE FROM choices WHERE number = ?", (number,))
            self._db.execute("UPDATE takes SET state = ? WHERE number = ?", (state, take))
            undone = self._found(take)
        return self._told(undone, "undone")

    def _choose(self, number: int, state: str, client: str | None) -> Take:
        with self._lock, self._writing():
            take = self._found(number)
            who = person_of(client or take.client)
            if take.state == state and self._chose_last(number) == who:
                return take
            self._db.execute(
                "INSERT INTO choices (client, take, state_before) VALUES (?, ?, ?)",
                (who, number, take.state),
            )
            self._db.execute("UPDATE takes SET state = ? WHERE number = ?", (state, number))
            chosen = self._found(number)
        return self._told(chosen, state)

    def _told(self, take: Take, news: str) -> Take:
        if self.on_change:
            self.on_change(take, news)
        return take

    # All below is called with the lock held.

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Do all of it or nothing, while no other process writes; raises FileError."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise FileError(f"{self._database} cannot be written: {error}") from error

    def _widen(self) -> None:
        """Add what a database made by an older bandmate lacks."""
        there = {row[1] for row in self._db.execute("PRAGMA table_info(takes)")}
        for column, kind in _NEWER_COLUMNS.items():
            if column not in there:
                self._db.execute(f"ALTER TABLE takes ADD COLUMN {column} {kind}")

    def _chose_last(self, number: int) -> str | None:
        query = "SELECT client FROM choices WHERE take = ? ORDER BY number DESC LIMIT 1"
        row = self._db.execute(query, (number,)).fetchone()
        return str(row[0]) if row else None

    def _insert(self, row: tuple[object, ...]) -> int:
        cursor = self._db.execute(
            "INSERT INTO takes (client, made, ask, seed, clip, model, first_bar_ms, made_ms, kind,"
            " card, parent, file) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
            row,
        )
        return int(cursor.lastrowid or 0)

    def _aside(self, number: int) -> Path:
        return self._clips / f".take-{number}.mid"

    def _give_name(self, number: int, file: Path) -> None:
        try:
            self._aside(number).replace(file)
        except OSError as error:
            if not file.exists():  # else another process has swept up behind us already
                self._db.execute("DELETE FROM takes WHERE number = ?", (number,))
                raise FileError(f"{file} cannot be written: {error.strerror}") from error

    def _sweep(self) -> None:
        """Finish what a crash left: a file aside with a row gets its name, one without goes."""
        for aside in self._clips.glob(".take-*.mid"):
            row = self._db.execute(
                "SELECT file FROM takes WHERE number = ?", (aside.stem.removeprefix(".take-"),)
            ).fetchone()
            if row:
                aside.replace(row[0])
            else:
                aside.unlink(missing_ok=True)

    def _found(self, number: int) -> Take:
        found = self._select("WHERE number = ?", number)
        if found:
            return found[0]
        newest = self._db.execute("SELECT max(number) FROM takes").fetchone()[0]
        known = f"must be in 1..{newest}" if newest else "is not there before the first loop"
        raise AskError(f"take {known}, not {number}")

    def _select(self, tail: str, *values: object) -> list[Take]:
        try:
            query = f"SELECT {', '.join(_COLUMNS)} FROM takes {tail}"  # noqa: S608 - all our own
            rows = self._db.execute(query, values).fetchall()
        except (sqlite3.Error, OverflowError) as error:
            raise FileError(f"{self._database} cannot be read: {error}") from error
        return [_take(row) for row in rows]


def _take(row: tuple[Any, ...]) -> Take:
    said = dict(zip(_COLUMNS, row, strict=True))
    said |= {"clip": clip_from_json(said["clip"]), "file": Path(said["file"])}
    said["card"] = json.loads(said["card"]) if said["card"] else None
    said["is_starred"] = bool(said["is_starred"])
    return Take(**said)


def _words_of(title: str, file: str) -> str:
    """Return what a take can be found by."""
    return f"{title} {Path(file).stem}".lower()
