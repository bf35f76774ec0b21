"""What starts the daemon at login, for each system, on any system."""

from __future__ import annotations

import configparser
import plistlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from bandmate.hosts.install import System
from bandmate.setup.autostart import autostart_of, run_value, shown, unit

PYTHON = PurePosixPath("/opt/my tools/100%/$bin/python")


def system(platform: str, home: Path, **environ: str) -> System:
    return System(platform, home, environ, home / "Documents")


def test_a_systemd_unit_starts_this_python(tmp_path: Path) -> None:
    found = autostart_of(system("linux", tmp_path, BANDMATE_HOME="/music/my band"), PYTHON, 1000)
    assert Path(found.place) == tmp_path / ".config" / "systemd" / "user" / "bandmate.service"
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(found.data.decode())
    service = parser["Service"]
    escaped = str(PYTHON).replace("%", "%%")
    assert shlex.split(service["ExecStart"]) == [escaped, "-m", "bandmate.app.cli", "serve"]
    assert shlex.split(service["Environment"]) == ["BANDMATE_HOME=/music/my band"]
    assert parser["Install"]["WantedBy"] == "default.target"
    assert found.start[-1] == ("systemctl", "--user", "enable", "--now", "bandmate.service")
    assert found.stop == (("systemctl", "--user", "disable", "--now", "bandmate.service"),)
    assert str(found.place) in shown(found)


def test_the_unit_lies_where_the_person_keeps_settings(tmp_path: Path) -> None:
    chosen = system("linux", tmp_path, XDG_CONFIG_HOME=str(tmp_path / "settings"))
    place = autostart_of(chosen, PYTHON, 1000).place
    assert Path(place).is_relative_to(tmp_path / "settings" / "systemd" / "user")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "bandmate.service"
    odd = tmp_path / "a b 100% $HOME"
    odd.mkdir()
    (odd / "python").symlink_to(sys.executable)
    text = unit(
        [str(odd / "python"), "-m", "bandmate.app.cli", "serve"], {"BANDMATE_HOME": str(odd)}
    )
    file.write_text(text, "utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "bandmate.service" not in told.stderr


def test_a_launchd_agent_starts_this_python_and_is_not_slowed_down(tmp_path: Path) -> None:
    found = autostart_of(system("darwin", tmp_path, BANDMATE_HOME="/m"), PYTHON, 501)
    assert Path(found.place) == tmp_path / "Library" / "LaunchAgents" / "bandmate.app.serve.plist"
    told = plistlib.loads(found.data)
    assert told["Label"] == "bandmate.app.serve"
    assert told["ProgramArguments"] == [str(PYTHON), "-m", "bandmate.app.cli", "serve"]
    assert told["EnvironmentVariables"] == {"BANDMATE_HOME": "/m"}
    assert told["RunAtLoad"] is True
    assert told["ProcessType"] == "Interactive"
    assert found.start == (("launchctl", "bootstrap", "gui/501", found.place),)
    assert found.stop == (("launchctl", "bootout", "gui/501/bandmate.app.serve"),)


def test_windows_starts_it_without_a_console(tmp_path: Path) -> None:
    python = PureWindowsPath(r"C:\Program Files\bandmate\Scripts\python.exe")
    found = autostart_of(system("win32", tmp_path), python, 0)
    assert (found.store, found.place) == ("registry", "bandmate")
    command = r'"C:\Program Files\bandmate\Scripts\pythonw.exe" -m bandmate.app.cli serve'
    assert found.data.decode() == command == run_value(python)
    assert r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run" in shown(found)
    assert "next login" in found.note
