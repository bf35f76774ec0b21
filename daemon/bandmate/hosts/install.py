"""Bridges into their hosts: found, copied, taken away again, and told which version lies where.

What is installed is listed in a file of ours beside it, so that an update takes away what is no
longer shipped, and that a person's own settings are never overwritten nor removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

import platformdirs

from bandmate import __version__, paths
from bandmate.errors import AskError, FileError, nearest

LISTED = ".bandmate-bridge.json"
"""The file that lists what was installed."""

_VERSION = re.compile(r"""(?:VERSION = "|@version )([0-9][\w.]*)""")
_LIBRARY = re.compile(r'<ProjectPath Value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class System:
    """The computer, as far as it matters where programs keep their scripts; tests bring others."""

    platform: str = sys.platform
    """linux, darwin or win32."""
    home: Path = field(default_factory=Path.home)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    documents: Path = field(default_factory=lambda: Path(platformdirs.user_documents_dir()))

    def under(self, variable: str, *otherwise: str) -> Path:
        """Return the folder that a variable names, or else one at home."""
        told = self.environ.get(variable, "")
        return Path(told) if told else self.home.joinpath(*otherwise)


@dataclass(frozen=True, slots=True)
class Bridge:
    """One row of the table of bridges."""

    name: str
    host: str
    """What the host is called."""
    folder: Callable[[System], Path | None]
    """Finds the folder in which the host looks for scripts; None where the host is not there."""
    own: str
    """The folder in there that is ours, empty where the host wants the files themselves."""
    suffixes: tuple[str, ...]
    """What the shipped files of the bridge end in."""
    source: str
    """Where they lie in the shipped folder ``bridge``."""
    clicks: tuple[str, ...]
    """What is left to do by hand."""
    settings: frozenset[str] = frozenset()
    """Files that the person writes into."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A bridge in its host."""

    bridge: Bridge
    folder: Path
    version: str
    """Empty where it is not installed."""
    is_changed: bool = False
    """True where a file of it is not as any bandmate installed it."""

    @property
    def words(self) -> str:
        """One line for a person, with the cure where there is something to cure."""
        install = f"run `bandmate bridge install {self.bridge.name}`"
        if not self.version:
            return f"{self.bridge.name}: not installed in {self.folder}: {install}"
        told = f"{self.bridge.name}: {self.version} in {self.folder}"
        if self.version != shipped_version(self.bridge):
            ours = shipped_version(self.bridge)
            return f"{told}, but this bandmate brings {ours}: {install}"
        return f"{told}, changed by hand" if self.is_changed else told


def _reaper(system: System) -> Path | None:
    home = {
        "darwin": system.home / "Library" / "Application Support" / "REAPER",
        "win32": system.under("APPDATA", "AppData", "Roaming") / "REAPER",
    }.get(system.platform, system.under("XDG_CONFIG_HOME", ".config") / "REAPER")
    return home / "Scripts" if home.is_dir() else None


def _ardour(system: System) -> Path | None:
    parent, pattern = {
        "darwin": (system.home / "Library" / "Preferences", "Ardour*"),
        "win32": (system.under("LOCALAPPDATA", "AppData", "Local"), "ardour*"),
    }.get(system.platform, (system.under("XDG_CONFIG_HOME", ".config"), "ardour*"))
    found = [path for path in parent.glob(pattern) if re.fullmatch(r"(?i)ardour\d+", path.name)]
    newest = max(found, key=lambda path: int(path.name[6:]), default=None)
    return newest / "scripts" if newest else None


def _ableton(system: System) -> Path | None:
    for library in _libraries(system):
        if library.is_dir():
            return library / "Remote Scripts"
    return None


def _libraries(system: System) -> Iterator[Path]:
    """Yield where Live's User Library may lie: where its own settings say, then as it comes."""
    if system.platform == "darwin":
        settings = (system.home / "Library" / "Preferences" / "Ableton").glob("Live */Library.cfg")
        usual = system.home / "Music" / "Ableton" / "User Library"
    elif system.platform == "win32":
        roaming = system.under("APPDATA", "AppData", "Roaming") / "Ableton"
        settings = roaming.glob("Live */Preferences/Library.cfg")
        usual = system.documents / "Ableton" / "User Library"
    else:
        return
    for file in sorted(settings, key=lambda file: -file.stat().st_mtime):
        for told in _LIBRARY.findall(_text(file))[:1]:
            yield Path(told) / "User Library"
            yield Path(told)
    yield usual


BRIDGES: dict[str, Bridge] = {
    bridge.name: bridge
    for bridge in (
        Bridge(
            "reaper", "REAPER", _reaper, "bandmate", (".lua",), "reaper",
            ("In REAPER: Actions > Show action list > New action > Load ReaScript,",
             "choose every bandmate_*.lua in {folder}; give the actions keys."),
        ),
        Bridge(
            "ableton", "Ableton Live", _ableton, "bandmate", (".py", ".txt"), "ableton/bandmate",
            ("Start Live anew. In Live's settings, Link, Tempo & MIDI: choose bandmate as a "
             "control surface,",
             "and as its input the controller whose buttons you set in {folder}/bandmate.txt, "
             "if you have one."),
            frozenset({"bandmate.txt"}),
        ),
        Bridge(
            "ardour", "Ardour", _ardour, "", (".lua",), "ardour",
            ("In Ardour: Edit > Lua Scripts > Script Manager, choose an empty action, Load,",
             "and any of the scripts that are called bandmate."),
        ),
    )
}  # fmt: skip
"""Every bridge that can be installed."""

_OTHER_NAMES = {"live": "ableton", "abletonlive": "ableton"}


def bridge_of(name: str) -> Bridge:
    """Return the bridge of this name; raises AskError."""
    name = _OTHER_NAMES.get(name.lower(), name.lower())
    if name not in BRIDGES:
        raise AskError(f"there is no bridge {name!r}, try {nearest(name, BRIDGES)}")
    return BRIDGES[name]


def install(bridge: Bridge, to: Path | None = None, system: System | None = None) -> Installed:
    """Copy a bridge into its host, over an older one; *to* is the host's folder of scripts.

    Raises FileError where the host is not found or the files cannot be written.
    """
    folder = _folder(bridge, to, system or System())
    before, sums = listed(folder), {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in shipped_files(bridge).items():
            sums[name] = checksum(data)
            if _is_the_persons(bridge, folder, name, before):
                sums[name] = before.get(name, "")
            else:
                write_whole(folder / name, data)
        for name in before.keys() - sums.keys():
            (folder / name).unlink(missing_ok=True)
        told = {"bridge": bridge.name, "version": shipped_version(bridge), "files": sums}
        write_whole(folder / LISTED, json.dumps(told, indent=1).encode())
    except OSError as error:
        raise FileError(f"{folder} cannot be written: {error.strerror or error}") from error
    return status(bridge, to, system)


def uninstall(bridge: Bridge, to: Path | None = None, system: System | None = None) -> list[Path]:
    """Take a bridge away and return what of it stays: settings that the person wrote.

    Raises FileError where it is not installed or cannot be removed.
    """
    folder = _folder(bridge, to, system or System())
    before = listed(folder)
    names = sorted(before.keys() or shipped_files(bridge).keys())
    there = [name for name in names if (folder / name).is_file()]
    if not set(there) - bridge.settings:
        raise FileError(f"there is no bridge for {bridge.host} in {folder}")
    kept = [name for name in there if _is_the_persons(bridge, folder, name, before)]
    try:
        for name in (*there, LISTED):
            if name not in kept:
                (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        emptied = {parent for name in there for parent in (folder / name).parents}
        for parent in sorted(emptied, key=lambda parent: -len(parent.parts)):
            is_ours = parent != folder or bool(bridge.own)
            if is_ours and parent.is_relative_to(folder) and not any(parent.iterdir()):
                parent.rmdir()
    except OSError as error:
        raise FileError(f"{folder} cannot be emptied: {error.strerror or error}") from error
    return [folder / name for name in kept]


def status(bridge: Bridge, to: Path | None = None, system: System | None = None) -> Installed:
    """Tell which version of a bridge is installed; raises FileError where its host is not found."""
    folder = _folder(bridge, to, system or System())
    before, shipped = listed(folder), shipped_files(bridge)
    names = before.keys() or shipped.keys()
    data = {name: _bytes(folder / name) for name in names}
    there = {name: found for name, found in data.items() if found is not None}
    if not there.keys() - bridge.settings:
        return Installed(bridge, folder, "")
    wanted = before or {name: checksum(found) for name, found in shipped.items()}
    changed = [
        name for name, found in data.items()
        if name not in bridge.settings and (found is None or checksum(found) != wanted[name])
    ]  # fmt: skip
    version = _version_in(there) or _told_version(folder) or "a version that is not told"
    return Installed(bridge, folder, version, bool(changed))


def clicks(installed: Installed) -> list[str]:
    """Return what is left to do by hand, a line each."""
    return [line.format(folder=installed.folder) for line in installed.bridge.clicks]


def shipped_version(bridge: Bridge) -> str:
    """Return the version of the bridge that came with this bandmate."""
    return _version_in(shipped_files(bridge)) or __version__


# files


def _folder(bridge: Bridge, to: Path | None, system: System) -> Path:
    parent = to.expanduser() if to else bridge.folder(system)
    if parent is None:
        raise FileError(
            f"{bridge.host} was not found: start it once, or say with --to DIR in which folder "
            "it looks for scripts"
        )
    return parent / bridge.own if bridge.own else parent


def shipped_files(bridge: Bridge) -> dict[str, bytes]:
    """Return the files of a bridge by their names in the host, such as ``bandmate/watch.lua``."""
    source = paths.shipped("bridge", *bridge.source.split("/"))
    return {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.suffix in bridge.suffixes and path.is_file()
    }


def listed(folder: Path) -> dict[str, str]:
    """Return what was installed: checksums by name; nothing where that is not known."""
    try:
        told = json.loads((folder / LISTED).read_text("utf-8"))
        files = {str(name): str(checksum) for name, checksum in told["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    # A name that leads out of the folder was not written by us.
    return {name: checksum for name, checksum in files.items() if _is_inside(name)}


def _is_inside(name: str) -> bool:
    path = PureWindowsPath(name)  # the strictest: drives, roots and both slashes
    return not (path.drive or path.root or ".." in path.parts)


def _told_version(folder: Path) -> str:
    try:
        return str(json.loads((folder / LISTED).read_text("utf-8"))["version"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ""


def _is_the_persons(bridge: Bridge, folder: Path, name: str, before: Mapping[str, str]) -> bool:
    """Return True for settings that are there and not as they were installed."""
    found = _bytes(folder / name) if name in bridge.settings else None
    return found is not None and checksum(found) != before.get(name)


def _version_in(files: Mapping[str, bytes]) -> str:
    text = b"\n".join(data for _, data in sorted(files.items())).decode("utf-8", "replace")
    return match[1] if (match := _VERSION.search(text)) else ""


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a host may read it at this very moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _text(path: Path) -> str:
    return (_bytes(path) or b"").decode("utf-8", "replace")


def checksum(data: bytes) -> str:
    """Return the SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
