"""What earlier versions left outside of bandmate's folders, and the command that removes it.

Up to 0.6.0, bandmate did not switch off the telemetry of onnxruntime (1.29 and later). That keeps
a device id and a queue of events in the user's cache, and a session in the temporary folder.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bandmate.doctor.findings import NOTE, Finding, Patient
from bandmate.hosts.install import System

_FOLDER = ("Microsoft", "DeveloperTools", ".onnxruntime")
_REGISTRY = "\\".join(("SOFTWARE", *_FOLDER))
_SESSION = re.compile(rb"\d{10,}\r?\n[0-9a-fA-F-]{36}\r?\n?")
"""What lies in the file ``.ses``: a time and an id."""
_LOGS = "mat-debug-*.log"


def telemetry(patient: Patient) -> Iterator[Finding]:
    """Look for what the telemetry of onnxruntime left."""
    left = left_by_telemetry(patient.system, patient.temporary)
    if not left:
        yield Finding("telemetry", "nothing of it is kept here")
        return
    words = (
        "onnxruntime kept a device id and events about this machine, under bandmate 0.6.0 or for "
        f"another program: {', '.join(left)}"
    )
    cure = f"run `{removing(left, patient.system.platform)}`"
    yield Finding("telemetry", words, NOTE, cure)


def left_by_telemetry(system: System, temporary: Path) -> list[str]:
    """Return the folders, files and registry keys that are there; a name may end in a pattern."""
    caches = [folder.joinpath(*_FOLDER) for folder in _caches(system)]
    left = [str(folder) for folder in dict.fromkeys(caches) if folder.is_dir()]
    if system.platform == "win32" and _is_registered():
        left.append(f"HKCU:\\{_REGISTRY}")
    session = temporary / ".ses"
    if _is_own(session) and _SESSION.fullmatch(_beginning(session)):
        left.append(str(session))
    if any(_is_own(log) for log in temporary.glob(_LOGS)):
        left.append(str(temporary / _LOGS))
    return left


def removing(left: Sequence[str], platform: str) -> str:
    """Return the command that removes what is *left*, for the shell of that platform."""
    if platform == "win32":
        quoted = ",".join("'" + name.replace("'", "''") + "'" for name in left)
        return f'powershell -Command "Remove-Item -Recurse -Force -Path {quoted}"'
    return " ".join(("rm -rf --", *map(_quoted, left)))


def _quoted(name: str) -> str:
    if name.endswith(f"/{_LOGS}"):  # a pattern, which the shell is to expand
        return f"{shlex.quote(name.removesuffix(_LOGS))}{_LOGS}"
    return shlex.quote(name)


def _caches(system: System) -> list[Path]:
    if system.platform == "win32":
        local = system.under("LOCALAPPDATA", "AppData", "Local")
        return [local, system.under("APPDATA", "AppData", "Roaming")]
    if system.platform == "darwin":
        return [system.home / "Library" / "Application Support"]
    return [system.under("XDG_CACHE_HOME", ".cache"), system.home / ".cache"]


def _is_registered() -> bool:
    if sys.platform == "win32":
        import winreg

        with suppress(OSError):
            winreg.OpenKey(winreg.HKEY_CURRENT_USER, _REGISTRY).Close()
            return True
    return False


def _is_own(file: Path) -> bool:
    """Return True for a file of this user; others' lie in a temporary folder, too."""
    with suppress(OSError):
        owner = file.lstat().st_uid
        return file.is_file() and (not hasattr(os, "getuid") or owner == os.getuid())
    return False


def _beginning(file: Path) -> bytes:
    with suppress(OSError), file.open("rb") as opened:
        return opened.read(128)
    return b""
