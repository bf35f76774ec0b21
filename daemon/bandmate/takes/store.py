"""Every take with its plan and its seed, kept: a row in a database and a .mid in the clips folder.

A take is written aside first, then its row is committed, then the file gets its name; whatever a
crash leaves between is finished or swept away at the next start, so that there are always both or
neither. Numbers are never used again. A card is a take too: its progression, played.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from bandmate.asks.song import person_of
from bandmate.chords.cards import Card, ChordPlan
from bandmate.errors import AskError, FileError
from bandmate.loops.plan import LoopPlan
from bandmate.music import midifile
from bandmate.music.clip import Clip
from bandmate.music.meter import Meter
from bandmate.plans.chords import card_to_json, chord_plan_to_json
from bandmate.plans.json_form import clip_to_json, plan_to_json
from bandmate.plans.loop import Theme
from bandmate.takes import database as take_database
from bandmate.takes.files import (
    aside,
    asides,
    file_name,
    free,
    made_folder,
    remove,
    why_broken,
    write,
)
from bandmate.takes.rows import COLUMNS, STATES, Take, UnreadableTake, take_of, theme_of_take

__all__ = ["Take", "Takes"]

_LOOKED_AT = 16
"""Accepted takes among which one of a meter is looked for."""
_HAS_WORD = "instr(words_of(CAST(title AS BLOB), CAST(file AS BLOB)), ?)"
_FILES_LOOKED_AT = 200
"""Takes whose files are looked at when the database is opened, the newest."""

log = logging.getLogger(__name__)


class Takes:
    """The takes of one database; may be used from several threads and several processes."""

    def __init__(self, database: Path, clips: Path) -> None:
        """Open or make the database and the clips folder; raises FileError."""
        self.on_change: Callable[[Take, str], None] | None = None
        """Hears of each take that was made or marked, in whichever thread."""
        self._clips = clips
        self._database = database
        self._lock = threading.Lock()
        self._complained: set[str] = set()
        made_folder(clips)
        self._db = take_database.opened(database)
        self._place = take_database.place_of(database)
        with self._writing():
            self._sweep()
        self._look_at_files()

    def close(self) -> None:
        """Close the database, written anew first where it was deleted."""
        self.mend()
        with self._lock:
            self._db.close()

    def mend(self) -> None:
        """Make the clips folder and the database again where they were deleted; never raises.

        All takes are still here: an open file outlives its name.
        """
        with self._lock:
            if not self._clips.is_dir():
                self._complain(f"the clips folder {self._clips} was deleted, and is made again")
                try:
                    made_folder(self._clips)
                except FileError as error:
                    self._complain(str(error))
            place = take_database.place_of(self._database)
            if place != self._place or not take_database.has_journal(self._database):
                try:
                    self._put_back(is_replaced=place not in (None, self._place))
                except (FileError, OSError, sqlite3.Error) as error:
                    self._complain(f"{self._database} cannot be written anew: {error}")

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
        self.mend()
        with self._lock, ExitStack() as at_last:
            with self._writing():
                number = self._insert((*asked, *made))
                made_folder(self._clips)  # it may have been deleted
                file = free(self._clips / file_name(plan, number))
                self._db.execute("UPDATE takes SET file = ? WHERE number = ?", (str(file), number))
                draft = aside(self._clips, number)
                at_last.callback(remove, draft)
                write(draft, midifile.to_bytes(clip))
            self._give_name(number, draft, file)
            return self._told(self._found(number), "made")

    def get(self, number: int) -> Take:
        """Return a take; raises AskError where there is none of that number."""
        with self._lock:
            return self._found(number)

    def latest(self, client: str | None = None) -> Take | None:
        """Return the last take, of one client or of all; None before the first."""
        with self._lock:
            if client is None:
                found = self._select("ORDER BY number DESC", limit=1)
            else:
                query = "WHERE client = ? ORDER BY number DESC"
                found = self._select(query, person_of(client), limit=1)
        return found[0] if found else None

    def accepted(self, client: str, meter: Meter) -> Take | None:
        """Return the take in that meter which a client accepted last, or None."""
        with self._lock:
            found = self._select(
                "JOIN (SELECT take, max(number) AS chosen FROM choices WHERE client = ?"
                " GROUP BY take) ON take = takes.number"
                " WHERE state = 'accepted' ORDER BY chosen DESC",
                person_of(client),
                limit=_LOOKED_AT,
            )
        return next((take for take in found if take.clip.meter == meter), None)

    def theme(self, number: int) -> Theme:
        """Return what a card gives the loops that follow it; raises AskError for another take."""
        return theme_of_take(self.get(number))

    def same(self, parent: Take, clip: Clip) -> Take | None:
        """Return the take that an edit of *parent* to *clip* would make again; None for a new one.

        That is the parent itself where nothing of a loop is changed; a card becomes a loop.
        """
        if clip == parent.clip and parent.kind == "loop":
            return parent
        where = "WHERE parent = ? AND clip = ? ORDER BY number"
        with self._lock:
            found = self._select(where, parent.number, clip_to_json(clip), limit=1)
        return found[0] if found else None

    def listed(self, limit: int = 20) -> list[Take]:
        """Return the last *limit* takes, newest first."""
        with self._lock:
            return self._select("ORDER BY number DESC", limit=limit)

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
            *((_HAS_WORD, word) for word in words.lower().split()),
        ]
        where = " AND ".join(test for test, _ in tests) or "1"
        values = [value for _, value in tests]
        with self._lock:
            return self._select(f"WHERE {where} ORDER BY number DESC", *values, limit=limit)

    def star(self, number: int, is_starred: bool) -> Take:
        """Give a take a star, or take it away; raises AskError."""
        return self._marked(number, "is_starred", is_starred, "starred")

    def name(self, number: int, title: str) -> Take:
        """Call a take something; empty lets it have its file's name. Raises AskError."""
        return self._marked(number, "title", title, "named")

    def _marked(self, number: int, column: str, value: str | bool, news: str) -> Take:
        self.mend()
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
        self.mend()
        with self._lock, self._writing():
            choices = self._db.execute(
                "SELECT number, take, state_before FROM choices"
                " WHERE CASE ? WHEN 0 THEN client = ? ELSE take = ? END"
                " ORDER BY number DESC",
                (number, person_of(client), number),
            )
            with closing(choices):
                # A mark of a take that nobody can read is no reason to keep all before it.
                choice = next(
                    (c for c in choices if c[2] in STATES and self._select_one(c[1])), None
                )
            if choice is None:
                return None
            number, take, state = choice
            self._db.execute("DELETE FROM choices WHERE number = ?", (number,))
            self._db.execute("UPDATE takes SET state = ? WHERE number = ?", (state, take))
            undone = self._found(take)
        return self._told(undone, "undone")

    def _choose(self, number: int, state: str, client: str | None) -> Take:
        self.mend()
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
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise take_database.trouble(f"{self._database} cannot be written", error) from error

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

    def _give_name(self, number: int, draft: Path, file: Path) -> None:
        try:
            draft.replace(file)
        except OSError as error:
            if not file.exists():  # else another process has swept up behind us already
                with self._writing():
                    self._db.execute("DELETE FROM takes WHERE number = ?", (number,))
                raise FileError(f"{file} cannot be written: {error.strerror}") from error

    def _sweep(self) -> None:
        """Finish what a crash left: a file aside with a row gets its name, one without goes.

        Each fails alone: what is in the way is named, and stays.
        """
        for number, draft in asides(self._clips):
            try:
                self._settle(number, draft)
            except OSError as error:
                log.warning("%s cannot be cleared away (%s): move it away", draft, error.strerror)

    def _settle(self, number: int, draft: Path) -> None:
        query = "SELECT file FROM takes WHERE number = ?"
        row = self._db.execute(query, (number,)).fetchone()
        file = Path(row[0]) if row and isinstance(row[0], str) else None
        if draft.is_dir() or file is None or file.exists():
            draft.unlink()
        elif file.parent.is_dir():
            draft.replace(file)
        else:
            here = free(self._clips / file.name)
            draft.replace(here)
            self._db.execute("UPDATE takes SET file = ? WHERE number = ?", (str(here), number))

    def _look_at_files(self) -> None:
        """Name each file of the newest takes that is broken; an empty one is written anew."""
        for take in self._select("ORDER BY number DESC", limit=_FILES_LOOKED_AT):
            why = why_broken(take.file)
            if why == "it is empty":
                try:
                    write(take.file, midifile.to_bytes(take.clip))
                    why = "it was empty, and is written anew"
                except FileError as error:
                    why = str(error)
            if why:
                log.warning("the file of take %d, %s: %s", take.number, take.file, why)

    def _put_back(self, is_replaced: bool) -> None:
        """Write the database anew where it is gone; give way to another in its place."""
        file = self._database
        kept = take_database.beside(file) if is_replaced else file
        take_database.copied(self._db, kept)
        self._db.close()
        words = take_database.exchanged(file, kept) if is_replaced else "deleted"
        self._db = take_database.opened(file)
        self._place = take_database.place_of(file)
        log.warning("%s was %s while bandmate ran; all takes are there", file, words)

    def _complain(self, words: str) -> None:
        if words not in self._complained:
            self._complained.add(words)
            log.warning("%s", words)

    def _found(self, number: int) -> Take:
        found = next(self._read("WHERE number = ?", number), None)
        if isinstance(found, UnreadableTake):
            raise FileError(str(found)) from found
        if found:
            return found
        newest = self._db.execute("SELECT max(number) FROM takes").fetchone()[0]
        known = f"must be in 1..{newest}" if newest else "is not there before the first loop"
        raise AskError(f"take {known}, not {number}")

    def _select_one(self, number: object) -> Take | None:
        return next(iter(self._select("WHERE number = ?", number, limit=1)), None)

    def _select(self, tail: str, *values: object, limit: int) -> list[Take]:
        """Return the first *limit* takes that can be read; the others are named in the log."""
        found: list[Take] = []
        with closing(self._read(tail, *values)) as rows:
            while len(found) < limit and (row := next(rows, None)):
                if isinstance(row, Take):
                    found.append(row)
                else:
                    self._complain(str(row))
        return found

    def _read(self, tail: str, *values: object) -> Generator[Take | UnreadableTake]:
        try:
            query = f"SELECT {', '.join(COLUMNS)} FROM takes {tail}"  # noqa: S608 - all our own
            with closing(self._db.execute(query, values)) as rows:
                for row in rows:
                    try:
                        yield take_of(row)
                    except UnreadableTake as error:
                        yield error
        except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
            raise take_database.trouble(f"{self._database} cannot be read", error) from error
