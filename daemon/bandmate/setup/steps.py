"""The steps: a bridge for each DAW that is found, and the daemon at login."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bandmate import paths
from bandmate.config import read_settings
from bandmate.errors import BandmateError, FileError
from bandmate.hosts import install
from bandmate.hosts.install import BRIDGES, Bridge
from bandmate.setup import journal
from bandmate.setup.autostart import Autostart, autostart_of, shown
from bandmate.setup.desktop import Desktop
from bandmate.setup.journal import Journal, Record, entries_of, new_folders

_AUTOSTART = "the start at login"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can be set up here."""

    name: str
    question: str
    plan: str
    """What would be written, for `--dry-run`."""
    do: Callable[[Journal], list[str]]
    """Does it and returns what a person has to know or do; raises BandmateError."""


def set_up(desktop: Desktop, is_dry: bool = False) -> int:
    """Ask for each step, do it, and say where clips lie; 1 where a step could not be done."""
    done = journal.opened()
    troubles = 0
    for step in _steps(desktop, done):
        if isinstance(step, str):
            desktop.say(step)
        elif is_dry:
            desktop.say(f"{step.question}\n{_indented(step.plan)}")
        elif desktop.agrees(step.question):
            try:
                desktop.say("\n".join([f"Done: {step.name}.", *map(_indented, step.do(done))]))
            except BandmateError as error:
                troubles += 1
                desktop.say(f"Not done: {step.name}: {error}.")
    desktop.say(f"Clips lie in {paths.clips(read_settings().clips)}.")
    if not is_dry and done.records:
        desktop.say("`bandmate setup --undo` restores everything as it was.")
    return int(troubles > 0)


def undo(desktop: Desktop, is_dry: bool = False) -> int:
    """Undo the steps, the latest first; 1 where something could not be undone."""
    done = journal.opened()
    if not done.records:
        desktop.say("There is nothing to undo: setup has changed nothing.")
        return 0
    troubles = 0
    for record in reversed(done.records):
        if is_dry:
            places_of = "\n".join(entry.name for entry in record.entries)
            desktop.say(f"Undo {record.step}: restore\n{_indented(places_of)}")
            continue
        try:
            left = _undone(record, desktop)
        except FileError as error:
            troubles += 1
            desktop.say(f"{record.step} is not undone: {error}.")
            continue
        done.drop(record.step)
        desktop.say(f"Undone: {record.step}.")
        for name in left:
            desktop.say(f"  {name} was changed since then and is left as it is.")
    return int(troubles > 0)


def _undone(record: Record, desktop: Desktop) -> list[str]:
    for command in record.stop:
        desktop.run(command)  # it may have been stopped by hand
    left = journal.restored(record, desktop.stores)
    for command in record.forget:
        desktop.run(command)
    return left


def _steps(desktop: Desktop, done: Journal) -> Iterator[Step | str]:
    """Yield what can be done here, and in words what need not or cannot."""
    for bridge in BRIDGES.values():
        if bridge.folder(desktop.system) is None:
            yield f"{bridge.host}: not found here."
        else:
            yield _bridge_step(bridge, desktop)
    yield _autostart_step(desktop)


# bridges


def _bridge_step(bridge: Bridge, desktop: Desktop) -> Step | str:
    status = install.status(bridge, system=desktop.system)
    if status.version == install.shipped_version(bridge) and not status.is_changed:
        return f"{bridge.host}: the bridge {status.version} is installed in {status.folder}."
    theirs = _theirs(bridge, status.folder)
    if theirs:
        return (
            f"{bridge.host}: not touched, since {theirs[0]} is there and was not written by "
            f"bandmate; move it away, or run `bandmate bridge install {bridge.name}` to replace it."
        )

    def do(done: Journal) -> list[str]:
        return _install(bridge, status.folder, desktop, done)

    files = "\n".join(str(path) for path in _files(bridge, status.folder))
    question = f"Install the bridge for {bridge.host} into {status.folder}?"
    return Step(f"the bridge for {bridge.host}", question, files, do)


def _files(bridge: Bridge, folder: Path) -> list[Path]:
    """Return every file that installing may write or remove."""
    names = {**install.shipped_files(bridge), **install.listed(folder), install.LISTED: b""}
    return [folder / name for name in names]


def _theirs(bridge: Bridge, folder: Path) -> list[Path]:
    """Return the files in the way that no bandmate wrote; a person's settings are kept anyway."""
    known, shipped = install.listed(folder), install.shipped_files(bridge)
    found = []
    for name in {**shipped, **known}:
        path = folder / name
        if name in bridge.settings or not path.is_file():
            continue
        data = path.read_bytes()
        is_ours = install.checksum(data) == known.get(name) or data == shipped.get(name)
        found += [] if is_ours else [path]
    return found


def _install(bridge: Bridge, folder: Path, desktop: Desktop, done: Journal) -> list[str]:
    files = desktop.stores["file"]
    written = _files(bridge, folder)
    before = {str(path): files.read(str(path)) for path in written}
    name = f"the bridge for {bridge.host}"
    shipped = install.shipped_files(bridge)
    wanted = {str(path): shipped.get(path.relative_to(folder).as_posix()) for path in written}
    record = Record(name, entries_of("file", before, wanted), new_folders(written), is_whole=False)
    done.keep(record)
    installed = install.install(bridge, system=desktop.system)
    after = {str(path): files.read(str(path)) for path in written}
    done.keep(replace(record, entries=entries_of("file", before, after), is_whole=True))
    return install.clicks(installed)


# autostart


def _autostart_step(desktop: Desktop) -> Step | str:
    autostart = autostart_of(desktop.system, desktop.python, desktop.user)
    there = desktop.stores[autostart.store].read(autostart.place)
    if there == autostart.data:
        return f"The daemon starts at login, by {autostart.title}."

    def do(done: Journal) -> list[str]:
        return _start_at_login(autostart, there, desktop, done)

    question = f"Start the daemon at login, by {autostart.title}?"
    return Step(_AUTOSTART, question, shown(autostart), do)


def _start_at_login(
    autostart: Autostart, there: bytes | None, desktop: Desktop, done: Journal
) -> list[str]:
    ours = {
        entry.after for record in done.records for entry in record.entries
        if entry.name == autostart.place
    }  # fmt: skip
    if there is not None and install.checksum(there) not in ours:
        raise FileError(f"{autostart.place} is there and was not written by setup: move it away")
    before, after = {autostart.place: there}, {autostart.place: autostart.data}
    written = [Path(autostart.place)] if autostart.store == "file" else []
    entries = entries_of(autostart.store, before, after)
    record = Record(
        _AUTOSTART, entries, new_folders(written), autostart.stop, autostart.forget, is_whole=False
    )
    done.keep(record)
    for command in autostart.stop if there is not None else ():
        desktop.run(command)  # the one of before
    desktop.stores[autostart.store].write(autostart.place, autostart.data)
    done.keep(replace(record, is_whole=True))
    for command in autostart.start:
        if trouble := desktop.run(command):
            _undone(next(known for known in done.records if known.step == _AUTOSTART), desktop)
            done.drop(_AUTOSTART)
            failed = f"{' '.join(command)} failed ({trouble.rstrip('.')})"
            raise FileError(f"{failed}: start `bandmate serve` yourself")
    return [autostart.note] if autostart.note else []


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
