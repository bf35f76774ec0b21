"""Setting up and undoing, on computers that are folders: every file is as it was afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bandmate.app.cli import Means, main
from bandmate.errors import FileError
from bandmate.hosts import install
from bandmate.hosts.install import System
from bandmate.setup import steps
from bandmate.setup.desktop import Desktop, Files

UNIT = Path(".config", "systemd", "user", "bandmate.service")


class Registry:
    """The Run key, in memory."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {"other": b"other.exe"}

    def read(self, name: str) -> bytes | None:
        return self.values.get(name)

    def write(self, name: str, data: bytes) -> None:
        self.values[name] = data

    def remove(self, name: str) -> None:
        self.values.pop(name, None)


class Computer:
    """A person's computer: a folder, commands that are noted, answers that are given."""

    def __init__(self, home: Path, platform: str = "linux") -> None:
        self.home, self.registry = home, Registry()
        self.commands: list[str] = []
        self.questions: list[str] = []
        self.said: list[str] = []
        self.declined: tuple[str, ...] = ()
        self.troubles: dict[str, str] = {}
        self.system = System(platform, home, {}, home / "Documents")
        self.desktop = Desktop(
            self.system,
            Path("/usr/bin/python3"),
            1000,
            {"file": Files(), "registry": self.registry},
            self._run,
            self._agrees,
            self.said.append,
        )

    def _run(self, command: Sequence[str]) -> str:
        self.commands.append(" ".join(command))
        return next((t for word, t in self.troubles.items() if word in command), "")

    def _agrees(self, question: str) -> bool:
        self.questions.append(question)
        return not any(word in question for word in self.declined)

    @property
    def text(self) -> str:
        return "\n".join(self.said)

    def files(self) -> dict[str, bytes | None]:
        """Return everything there is, folders too."""
        return {
            path.relative_to(self.home).as_posix(): path.read_bytes() if path.is_file() else None
            for path in self.home.rglob("*")
        }


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    """Return a computer with REAPER and Ardour, and what a person wrote for both."""
    folder = tmp_path / "person"
    for name in (".config/REAPER/Scripts/mine.lua", ".config/ardour8/scripts/mine.lua"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("-- mine")
    return Computer(folder)


def test_everything_is_set_up_and_restored(computer: Computer) -> None:
    before = computer.files()
    assert steps.set_up(computer.desktop) == 0
    assert len(computer.questions) == 3
    assert "Ableton Live: not found here." in computer.said
    assert "Clips lie in " in computer.text
    assert "Load ReaScript" in computer.text
    for name in ("reaper", "ardour"):
        assert install.status(install.bridge_of(name), system=computer.system).version
    assert (computer.home / UNIT).is_file()
    assert computer.commands[-1] == "systemctl --user enable --now bandmate.service"
    assert computer.files() != before
    assert steps.undo(computer.desktop) == 0
    assert computer.files() == before
    stop, reload = computer.commands[-2:]
    assert stop == "systemctl --user disable --now bandmate.service"
    assert reload == "systemctl --user daemon-reload"
    assert steps.undo(computer.desktop) == 0
    assert computer.said[-1].startswith("There is nothing to undo")


@pytest.mark.parametrize("declined", ["REAPER", "Ardour", "login"])
def test_each_step_can_be_declined(computer: Computer, declined: str) -> None:
    computer.declined = (declined,)
    before = computer.files()
    assert steps.set_up(computer.desktop) == 0
    assert computer.text.count("Done: ") == 2
    installed = {
        "REAPER": install.status(install.bridge_of("reaper"), system=computer.system).version,
        "Ardour": install.status(install.bridge_of("ardour"), system=computer.system).version,
        "login": (computer.home / UNIT).is_file(),
    }
    assert [name for name, is_there in installed.items() if not is_there] == [declined]
    steps.undo(computer.desktop)
    assert computer.files() == before


def test_a_dry_run_shows_and_does_nothing(computer: Computer) -> None:
    before = computer.files()
    assert steps.set_up(computer.desktop, is_dry=True) == 0
    assert computer.files() == before
    assert not computer.questions + computer.commands
    assert "ExecStart=" in computer.text
    assert "Scripts/bandmate/" in computer.text
    steps.set_up(computer.desktop)
    there = computer.files()
    assert steps.undo(computer.desktop, is_dry=True) == 0
    assert str(computer.home / UNIT) in computer.text
    assert computer.files() == there


def test_a_second_time_there_is_nothing_left_to_ask(computer: Computer) -> None:
    before = computer.files()
    steps.set_up(computer.desktop)
    computer.questions.clear()
    steps.set_up(computer.desktop)
    assert not computer.questions
    steps.undo(computer.desktop)
    assert computer.files() == before


def an_older_bridge(folder: Path) -> None:
    """Turn an installed bridge into one of an older version that has a file which is gone today."""
    told = json.loads((folder / install.LISTED).read_text())
    for file in folder.glob("*.lua"):
        data = file.read_bytes().replace(b"@version 0", b"@version 0.0").replace(
            b'VERSION = "0', b'VERSION = "0.0'
        )  # fmt: skip
        file.write_bytes(data)
        told["files"][file.name] = install.checksum(data)
    (folder / "gone.lua").write_bytes(b"-- gone")
    told["files"]["gone.lua"] = install.checksum(b"-- gone")
    (folder / install.LISTED).write_text(json.dumps(told))


def test_an_older_bridge_is_updated_and_comes_back(computer: Computer) -> None:
    reaper = install.bridge_of("reaper")
    an_older_bridge(install.install(reaper, system=computer.system).folder)
    older = install.status(reaper, system=computer.system)
    assert older.version != install.shipped_version(reaper)
    assert not older.is_changed
    before = computer.files()
    steps.set_up(computer.desktop)
    assert install.status(reaper, system=computer.system).version != older.version
    assert not (older.folder / "gone.lua").exists()
    steps.undo(computer.desktop)
    assert computer.files() == before


def by_hand(computer: Computer) -> Path:
    file = install.install(install.bridge_of("reaper"), system=computer.system).folder
    file = next(file.glob("*.lua"))
    file.write_text("-- my own version")
    return file


def before_any_bridge(computer: Computer) -> Path:
    folder = computer.home / ".config" / "REAPER" / "Scripts" / "bandmate"
    name = next(name for name in install.shipped_files(install.bridge_of("reaper")))
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("-- my own script, which happens to have this name")
    return folder / name


@pytest.mark.parametrize("wrote", [by_hand, before_any_bridge])
def test_what_a_person_wrote_is_not_overwritten(
    computer: Computer, wrote: Callable[[Computer], Path]
) -> None:
    file = wrote(computer)
    before = computer.files()
    steps.set_up(computer.desktop)
    assert f"REAPER: not touched, since {file} is there" in computer.text
    assert not [question for question in computer.questions if "REAPER" in question]
    steps.undo(computer.desktop)
    assert computer.files() == before


def test_a_unit_that_a_person_wrote_is_not_overwritten(computer: Computer) -> None:
    file = computer.home / UNIT
    file.parent.mkdir(parents=True)
    file.write_text("[Service]\nExecStart=/my/own/start")
    assert steps.set_up(computer.desktop) == 1
    assert (
        f"Not done: the start at login: {file} is there and was not written by setup"
        in computer.text
    )
    assert file.read_text().endswith("/my/own/start")
    assert not computer.commands


def test_what_a_person_changed_since_then_is_left(computer: Computer) -> None:
    steps.set_up(computer.desktop)
    changed = computer.home / UNIT
    changed.write_text("# with my own limits\n" + changed.read_text())
    settings = next((computer.home / ".config" / "REAPER" / "Scripts" / "bandmate").glob("*.lua"))
    settings.write_text("-- mine now")
    assert steps.undo(computer.desktop) == 0
    for file in (changed, settings):
        assert f"{file} was changed since then and is left as it is." in computer.text
        assert "mi" in file.read_text() or "my" in file.read_text()


def test_a_start_that_fails_leaves_no_unit(computer: Computer) -> None:
    computer.declined = ("bridge",)
    computer.troubles = {"enable": "Failed to connect to bus: No medium found"}
    before = computer.files()
    assert steps.set_up(computer.desktop) == 1
    assert "Failed to connect to bus" in computer.text
    assert "start `bandmate serve` yourself" in computer.text
    assert computer.files() == before
    steps.undo(computer.desktop)
    assert computer.said[-1].startswith("There is nothing to undo")


def test_a_step_that_was_interrupted_is_undone(
    computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = computer.files()
    write, written = install.write_whole, []

    def full_disk(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(install, "write_whole", full_disk)
    assert steps.set_up(computer.desktop) == 1
    assert "No space left on device" in computer.text
    monkeypatch.setattr(install, "write_whole", write)
    steps.undo(computer.desktop)
    assert computer.files() == before


def test_a_new_python_is_the_one_that_starts(computer: Computer) -> None:
    before = computer.files()
    steps.set_up(computer.desktop)
    moved = Desktop(
        computer.system, Path("/opt/python3"), 1000, computer.desktop.stores,
        computer._run, computer._agrees, computer.said.append,
    )  # fmt: skip
    steps.set_up(moved)
    assert "/opt/python3" in (computer.home / UNIT).read_text()
    steps.undo(moved)
    assert computer.files() == before


def test_windows_keeps_it_in_the_run_key(tmp_path: Path) -> None:
    computer = Computer(tmp_path / "person", "win32")
    steps.set_up(computer.desktop)
    assert b"pythonw.exe" in computer.registry.values["bandmate"]
    steps.undo(computer.desktop)
    assert computer.registry.values == {"other": b"other.exe"}


def test_a_damaged_journal_is_said(computer: Computer, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "setup.json").write_text('[{"step": 1}]')
    with pytest.raises(FileError, match=r"setup\.json, which says what setup did"):
        steps.undo(computer.desktop)


def test_the_command_asks_in_a_terminal_alone(
    computer: Computer, capsys: pytest.CaptureFixture[str]
) -> None:
    means = Means(system=computer.system)
    before = computer.files()
    assert main(["setup", "--dry-run"], means) == 0
    assert "Install the bridge for REAPER" in capsys.readouterr().out
    assert main(["setup"], means) == 2
    assert "run it in a terminal, or with --yes or --dry-run" in capsys.readouterr().err
    assert main(["setup", "--undo", "--yes"], means) == 2
    assert computer.files() == before
