"""What setting up asks of the system: where things lie, commands, the registry, a person."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Protocol

from bandmate.errors import AskError, FileError
from bandmate.hosts.install import System, write_whole
from bandmate.setup.autostart import RUN_KEY, this_user

_COMMAND_SECONDS = 30


class Store(Protocol):
    """Where something is written under a name: a disk, or the registry."""

    def read(self, name: str) -> bytes | None:
        """Return what is there, None for nothing; raises FileError."""

    def write(self, name: str, data: bytes) -> None:
        """Write it whole or not at all; raises FileError."""

    def remove(self, name: str) -> None:
        """Remove it, if it is there; raises FileError."""


class Files:
    """Files by their paths."""

    def read(self, name: str) -> bytes | None:
        """Return what is there, None for nothing; raises FileError."""
        try:
            return Path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise FileError(f"{name} cannot be read: {error.strerror}") from error

    def write(self, name: str, data: bytes) -> None:
        """Write it whole or not at all; raises FileError."""
        try:
            write_whole(Path(name), data)
        except OSError as error:
            raise FileError(f"{name} cannot be written: {error.strerror}") from error

    def remove(self, name: str) -> None:
        """Remove it, if it is there; raises FileError."""
        try:
            Path(name).unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"{name} cannot be removed: {error.strerror}") from error


class Registry:
    """Values of the Run key of Windows."""

    def read(self, name: str) -> bytes | None:
        """Return the value as UTF-8, None for nothing; raises FileError."""
        if sys.platform != "win32":
            raise FileError("only Windows has a registry")
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
                return str(winreg.QueryValueEx(key, name)[0]).encode()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FileError(f"the registry cannot be read: {error.strerror}") from error

    def write(self, name: str, data: bytes) -> None:
        """Set the value; raises FileError."""
        if sys.platform != "win32":
            raise FileError("only Windows has a registry")
        import winreg

        try:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
                winreg.SetValueEx(key, name, 0, winreg.REG_SZ, data.decode())
        except OSError as error:
            raise FileError(f"the registry cannot be written: {error.strerror}") from error

    def remove(self, name: str) -> None:
        """Remove the value, if it is there; raises FileError."""
        if sys.platform != "win32":
            raise FileError("only Windows has a registry")
        import winreg

        rights = winreg.KEY_SET_VALUE
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY, 0, rights) as key:
                winreg.DeleteValue(key, name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise FileError(f"the registry cannot be written: {error.strerror}") from error


def ran(command: Sequence[str]) -> str:
    """Run a command and return what went wrong in one line, or nothing."""
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_COMMAND_SECONDS,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        return f"{command[0]} is not installed"
    except subprocess.TimeoutExpired:
        return f"{command[0]} did not answer within {_COMMAND_SECONDS} s"
    if told.returncode == 0:
        return ""
    lines = (told.stderr or told.stdout).strip().splitlines()
    return lines[-1] if lines else f"{command[0]} ended with exit code {told.returncode}"


@dataclass(frozen=True, slots=True)
class Desktop:
    """A person's computer; tests bring others."""

    system: System = field(default_factory=System)
    python: PurePath = field(default_factory=lambda: Path(sys.executable))
    user: int = field(default_factory=this_user)
    stores: dict[str, Store] = field(
        default_factory=lambda: {"file": Files(), "registry": Registry()}
    )
    run: Callable[[Sequence[str]], str] = ran
    """Runs a command and returns what went wrong."""
    agrees: Callable[[str], bool] = lambda question: True
    """Asks a person."""
    say: Callable[[str], None] = print


def desktop_of(system: System | None, answers_yes: bool) -> Desktop:
    """Return this computer, with a person who is asked or has agreed to everything."""
    agrees = (lambda question: True) if answers_yes else asked
    return Desktop(system or System(), agrees=agrees)


def asked(question: str) -> bool:
    """Ask a person until the answer is yes or no; Enter is yes. Raises AskError without one."""
    if not sys.stdin.isatty():
        raise AskError("setup asks questions: run it in a terminal, or with --yes or --dry-run")
    answers = {"": True, "y": True, "yes": True, "n": False, "no": False}
    try:
        while (said := input(f"{question} [Y/n] ").strip().lower()) not in answers:
            print("Type y or n.")
    except EOFError:
        return False
    return answers[said]
