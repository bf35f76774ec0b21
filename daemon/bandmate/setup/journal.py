"""What was there before each step: kept in ``setup.json`` at home until the step is undone."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bandmate import paths
from bandmate.errors import FileError
from bandmate.hosts.install import checksum, write_whole
from bandmate.setup.desktop import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, or one value of the registry, before and after a step."""

    store: str
    name: str
    before: str | None
    """What was there, as base64; None for nothing."""
    after: str | None
    """The checksum of what the step wrote; None where it removed it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One step that was done."""

    step: str
    entries: tuple[Entry, ...]
    folders: tuple[str, ...] = ()
    """Folders that the step made."""
    stop: tuple[tuple[str, ...], ...] = ()
    """Commands to be run before it is undone."""
    forget: tuple[tuple[str, ...], ...] = ()
    """Commands to be run afterwards."""
    is_whole: bool = True
    """False while the step is being done; where it was interrupted, it stays so."""


@dataclass(slots=True)
class Journal:
    """The steps that were done, oldest first."""

    file: Path = field(default_factory=lambda: paths.home() / "setup.json")
    records: list[Record] = field(default_factory=list)

    def keep(self, record: Record) -> None:
        """Add a step or the next state of one; what was there first stays what is restored."""
        old = next((known for known in self.records if known.step == record.step), None)
        merged = record if old is None else _merged(old, record)
        self.records = [known for known in self.records if known.step != record.step] + [merged]
        self._write()

    def drop(self, step: str) -> None:
        """Forget a step that was undone."""
        self.records = [known for known in self.records if known.step != step]
        self._write()

    def _write(self) -> None:
        text = json.dumps([asdict(record) for record in self.records], indent=1)
        try:
            if self.records:
                write_whole(self.file, text.encode())
            else:
                self.file.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"{self.file} cannot be written: {error.strerror}") from error


def opened() -> Journal:
    """Return what was done on this computer; raises FileError for a file that makes no sense."""
    journal = Journal()
    try:
        rows: list[dict[str, Any]] = json.loads(journal.file.read_text("utf-8"))
        journal.records = [_record(row) for row in rows]
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise FileError(
            f"{journal.file}, which says what setup did, cannot be read ({error}): undo by hand "
            "with `bandmate bridge uninstall`, then remove that file"
        ) from error
    return journal


def _record(row: dict[str, Any]) -> Record:
    entries = tuple(Entry(**entry) for entry in row["entries"])
    for entry in entries:
        base64.b64decode(entry.before or "", validate=True)
    commands = {name: tuple(map(tuple, row[name])) for name in ("stop", "forget")}
    return Record(str(row["step"]), entries, tuple(row["folders"]), **commands,
                  is_whole=bool(row["is_whole"]))  # fmt: skip


def _merged(old: Record, new: Record) -> Record:
    first = {(entry.store, entry.name): entry for entry in old.entries}
    entries = {(entry.store, entry.name): entry for entry in new.entries}
    kept = [
        replace(entry, before=first[key].before) if key in first else entry
        for key, entry in entries.items()
    ]
    kept += [entry for key, entry in first.items() if key not in entries]
    folders = tuple(dict.fromkeys((*old.folders, *new.folders)))
    return replace(new, entries=tuple(kept), folders=folders)


def entries_of(
    store: str, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None]
) -> tuple[Entry, ...]:
    """Return what changes between two views of the same names."""
    return tuple(
        Entry(store, name, _encoded(data), None if (now := after[name]) is None else checksum(now))
        for name, data in before.items()
        if data != after[name]
    )


def _encoded(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def new_folders(wanted: Iterable[Path]) -> tuple[str, ...]:
    """Return the folders that writing these files makes, the outermost first."""
    missing = {parent for path in wanted for parent in path.parents if not parent.exists()}
    return tuple(map(str, sorted(missing, key=lambda folder: len(folder.parts))))


def restored(record: Record, stores: Mapping[str, Store]) -> list[str]:
    """Restore what was there before a step; return what is left, since a person changed it."""
    left: list[str] = []
    for entry in reversed(record.entries):
        store, now = stores[entry.store], stores[entry.store].read(entry.name)
        before = None if entry.before is None else _decoded(entry.before)
        if now == before:
            continue
        if record.is_whole and (None if now is None else checksum(now)) != entry.after:
            left.append(entry.name)
        elif before is None:
            store.remove(entry.name)
        else:
            store.write(entry.name, before)
    _remove_empty(record.folders)
    return left


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise FileError("setup.json is damaged") from error


def _remove_empty(folders: Sequence[str]) -> None:
    for folder in map(Path, reversed(folders)):
        try:
            folder.rmdir()
        except OSError:
            continue  # a person put something there, or it is gone
