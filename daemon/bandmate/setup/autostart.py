"""What starts the daemon at login, on each system: texts and commands, nothing is done here."""

from __future__ import annotations

import os
import plistlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath, PureWindowsPath

from bandmate.hosts.install import System

UNIT = "bandmate.service"
LABEL = "bandmate.app.serve"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
"""Below HKEY_CURRENT_USER."""
RUN_NAME = "bandmate"
KEPT = ("BANDMATE_HOME",)
"""Variables that the daemon must find at login as they are now."""
_RESTART_SECONDS = 30
_MISTAKE = (
    2  # the exit code of a setting or a port that makes no sense: trying again changes nothing
)


@dataclass(frozen=True, slots=True)
class Autostart:
    """One way to start a program at login."""

    title: str
    """What the person knows it as."""
    store: str
    """``file`` or ``registry``."""
    place: str
    """The path of a file, or the name of a value of the Run key."""
    data: bytes
    start: tuple[tuple[str, ...], ...] = ()
    """Commands that make the system read it and start the daemon now."""
    stop: tuple[tuple[str, ...], ...] = ()
    """Commands that take that back, while the file is still there."""
    forget: tuple[tuple[str, ...], ...] = ()
    """Commands for when it is gone."""
    note: str = ""
    """What a person has to know."""


def autostart_of(system: System, python: PurePath, user: int) -> Autostart:
    """Return how the daemon is started at login here; *user* is the number of the user."""
    kept = {name: value for name in KEPT if (value := system.environ.get(name))}
    if system.platform == "win32":
        return _windows(PureWindowsPath(python), kept)
    command = [str(python), "-m", "bandmate.app.cli", "serve"]
    if system.platform == "darwin":
        return _launchd(system, command, kept, user)
    return _systemd(system, command, kept)


def _systemd(system: System, command: list[str], kept: Mapping[str, str]) -> Autostart:
    folder = system.under("XDG_CONFIG_HOME", ".config") / "systemd" / "user"
    reload = ("systemctl", "--user", "daemon-reload")
    return Autostart(
        "a systemd user unit", "file", str(folder / UNIT), unit(command, kept).encode(),
        (reload, ("systemctl", "--user", "enable", "--now", UNIT)),
        (("systemctl", "--user", "disable", "--now", UNIT),),
        (reload,),
        f"`journalctl --user -u {UNIT}` shows what it logs.",
    )  # fmt: skip


def unit(command: list[str], environ: Mapping[str, str]) -> str:
    """Return the text of a systemd user unit.

    A dollar sign may be in the first word alone, in which systemd replaces no variables.
    """
    words = " ".join(_quoted(word) for word in command)
    variables = "".join(f"Environment={_quoted(f'{n}={v}')}\n" for n, v in environ.items())
    return (
        "[Unit]\n"
        "Description=bandmate, which co-writes MIDI with you in your DAW\n\n"
        "[Service]\n"
        f"ExecStart={words}\n"
        f"{variables}"
        "Restart=on-failure\n"
        f"RestartSec={_RESTART_SECONDS}\n"
        f"RestartPreventExitStatus={_MISTAKE}\n\n"
        "[Install]\n"
        "WantedBy=default.target\n"
    )


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _launchd(system: System, command: list[str], kept: Mapping[str, str], user: int) -> Autostart:
    file = system.home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    log = system.home / "Library" / "Logs" / "bandmate.log"
    return Autostart(
        "a launchd agent", "file", str(file), agent(command, kept, log),
        (("launchctl", "bootstrap", f"gui/{user}", str(file)),),
        (("launchctl", "bootout", f"gui/{user}/{LABEL}"),),
        (),
        f"{log} is its log.",
    )  # fmt: skip


def agent(command: list[str], environ: Mapping[str, str], log: PurePath) -> bytes:
    """Return the property list of a launchd agent."""
    told: dict[str, object] = {
        "Label": LABEL,
        "ProgramArguments": command,
        "EnvironmentVariables": dict(environ),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": _RESTART_SECONDS,
        "ProcessType": "Interactive",  # else its timers are slowed down, and notes come late
        "StandardErrorPath": str(log),
    }
    return plistlib.dumps({name: value for name, value in told.items() if value})


def _windows(python: PureWindowsPath, kept: Mapping[str, str]) -> Autostart:
    names = ", ".join(kept)
    note = f" It then needs {names} among your environment variables." if kept else ""
    return Autostart(
        "a value of the Run key", "registry", RUN_NAME, run_value(python).encode(),
        note=f"It starts at your next login; `bandmate serve` starts it now.{note}",
    )  # fmt: skip


def run_value(python: PureWindowsPath) -> str:
    """Return the command of the Run key: without a console window."""
    windowless = python.with_name("pythonw.exe")
    return subprocess.list2cmdline([str(windowless), "-m", "bandmate.app.cli", "serve"])


def this_user() -> int:
    """Return the number of the user, 0 where users have none."""
    return os.getuid() if hasattr(os, "getuid") else 0


def shown(autostart: Autostart) -> str:
    """Return the text that would be written, for a person."""
    text = autostart.data.decode()
    if autostart.store == "registry":
        return f"HKEY_CURRENT_USER\\{RUN_KEY}\\{autostart.place} = {text}"
    return f"{Path(autostart.place)}:\n{text}"
