"""Bridges into their hosts: found on three systems, updated, told, and taken away again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate import paths
from bandmate.app import cli
from bandmate.errors import AskError, FileError
from bandmate.hosts.install import BRIDGES, System, bridge_of, clicks, install, status, uninstall

VERSION = 'VERSION = "0.0.9"\n'


def system(platform: str, home: Path, **environ: str) -> System:
    return System(platform, home, environ, home / "Documents")


def made(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(parents=True)


HOMES = [
    ("reaper", "linux", ".config/REAPER", ".config/REAPER/Scripts/bandmate"),
    ("reaper", "darwin", "Library/Application Support/REAPER",
     "Library/Application Support/REAPER/Scripts/bandmate"),
    ("reaper", "win32", "AppData/Roaming/REAPER", "AppData/Roaming/REAPER/Scripts/bandmate"),
    ("ardour", "linux", ".config/ardour8", ".config/ardour8/scripts"),
    ("ardour", "darwin", "Library/Preferences/Ardour8", "Library/Preferences/Ardour8/scripts"),
    ("ardour", "win32", "AppData/Local/ardour8", "AppData/Local/ardour8/scripts"),
    ("ableton", "darwin", "Music/Ableton/User Library",
     "Music/Ableton/User Library/Remote Scripts/bandmate"),
    ("ableton", "win32", "Documents/Ableton/User Library",
     "Documents/Ableton/User Library/Remote Scripts/bandmate"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "platform", "there", "wanted"), HOMES)
def test_a_host_is_found_where_it_keeps_its_scripts(
    tmp_path: Path, name: str, platform: str, there: str, wanted: str
) -> None:
    made(tmp_path / there)
    bridge, computer = bridge_of(name), system(platform, tmp_path)
    assert status(bridge, system=computer).version == ""
    installed = install(bridge, system=computer)
    assert installed.folder == tmp_path / wanted
    source = paths.shipped("bridge", *bridge.source.split("/"))
    shipped = [file for file in source.rglob("*") if file.suffix in bridge.suffixes]
    assert shipped
    for file in shipped:
        copied = installed.folder / file.relative_to(source)
        assert copied.read_bytes() == file.read_bytes()
    assert installed == status(bridge, system=computer)
    assert installed.words == f"{name}: {installed.version} in {installed.folder}"
    assert len(clicks(installed)) == 2
    assert uninstall(bridge, system=computer) == []
    assert not [path for path in (tmp_path / there).rglob("*") if path.is_file()]
    assert not list((tmp_path / there).rglob("bandmate"))


def test_the_newest_ardour_is_taken(tmp_path: Path) -> None:
    made(
        *(tmp_path / ".config" / f"ardour{i}" for i in (7, 10, 9)), tmp_path / ".config/ardour-old"
    )
    assert status(bridge_of("ardour"), system=system("linux", tmp_path)).folder == (
        tmp_path / ".config/ardour10/scripts"
    )


@pytest.mark.parametrize("is_itself", [False, True])
def test_lives_own_settings_say_where_its_library_is(tmp_path: Path, is_itself: bool) -> None:
    preferences = tmp_path / "Library/Preferences/Ableton/Live 12.1.5"
    library = tmp_path / "Disk" / ("My Library" if is_itself else "User Library")
    made(preferences, library, tmp_path / "Music/Ableton/User Library")
    told = library if is_itself else library.parent
    text = f'<UserLibrary><ProjectName Value="x" /><ProjectPath Value="{told}" /></UserLibrary>'
    (preferences / "Library.cfg").write_text(text, "utf-8")
    found = status(bridge_of("live"), system=system("darwin", tmp_path)).folder
    assert found == library / "Remote Scripts" / "bandmate"


@pytest.mark.parametrize("name", BRIDGES)
def test_a_host_that_is_not_there_is_told_with_the_way_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=r"was not found: start it once, or say with --to DIR"):
        install(bridge_of(name), system=system("linux", tmp_path))
    assert install(bridge_of(name), tmp_path / "there", system("linux", tmp_path)).version


def test_an_unknown_bridge_offers_the_nearest() -> None:
    with pytest.raises(AskError, match="there is no bridge 'repaer', try reaper"):
        bridge_of("repaer")


def test_an_older_bridge_is_told_and_replaced_whole(tmp_path: Path) -> None:
    bridge = bridge_of("ableton")
    folder = install(bridge, tmp_path).folder
    (folder / "__init__.py").write_text(VERSION, "utf-8")
    old = status(bridge, tmp_path)
    assert (old.version, old.is_changed) == ("0.0.9", True)
    assert old.words.endswith("run `bandmate bridge install ableton`")
    listed = folder / ".bandmate-bridge.json"
    listed.write_text(listed.read_text("utf-8").replace('"osc.py"', '"gone.py"'), "utf-8")
    (folder / "gone.py").write_text("", "utf-8")
    (folder / "mine.py").write_text("", "utf-8")
    assert not install(bridge, tmp_path).is_changed
    assert not (folder / "gone.py").exists() and (folder / "mine.py").exists()


def test_one_that_was_copied_by_hand_is_known_too(tmp_path: Path) -> None:
    bridge = bridge_of("ableton")
    folder = install(bridge, tmp_path).folder
    (folder / ".bandmate-bridge.json").unlink()
    found = status(bridge, tmp_path)
    assert found.version and not found.is_changed
    (folder / "song.py").write_text("changed = True\n", "utf-8")
    assert status(bridge, tmp_path).words.endswith("changed by hand")
    uninstall(bridge, tmp_path)
    assert not status(bridge, tmp_path).version


def test_what_the_person_wrote_is_never_touched(tmp_path: Path) -> None:
    bridge = bridge_of("ableton")
    folder = install(bridge, tmp_path).folder
    settings = folder / "bandmate.txt"
    settings.write_text("note 1 36 = loop\n", "utf-8")
    assert not install(bridge, tmp_path).is_changed
    install(bridge, tmp_path)
    assert settings.read_text("utf-8") == "note 1 36 = loop\n"
    (folder / "__pycache__").mkdir()
    assert uninstall(bridge, tmp_path) == [settings]
    assert [path.name for path in folder.iterdir()] == ["bandmate.txt"]
    install(bridge, tmp_path)
    assert settings.read_text("utf-8") == "note 1 36 = loop\n"


def test_settings_that_nobody_changed_are_brought_up_to_date(tmp_path: Path) -> None:
    bridge = bridge_of("ableton")
    folder = install(bridge, tmp_path).folder
    assert uninstall(bridge, tmp_path) == []
    assert not folder.exists()


def test_a_list_that_leads_out_of_the_folder_removes_nothing_there(tmp_path: Path) -> None:
    bridge = bridge_of("ardour")
    folder = install(bridge, tmp_path / "scripts").folder
    (tmp_path / "precious.lua").write_text("", "utf-8")
    listed = folder / ".bandmate-bridge.json"
    listed.write_text('{"version": "1", "files": {"../precious.lua": "", "C:\\\\x": ""}}', "utf-8")
    install(bridge, tmp_path / "scripts")
    uninstall(bridge, tmp_path / "scripts")
    assert (tmp_path / "precious.lua").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(FileError, match="cannot be written"):
        install(bridge_of("ardour"), tmp_path / "file" / "scripts")


# the command line


def ran(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = cli.main(["bridge", *argv])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = ("--to", str(tmp_path))
    code, out, _ = ran(capsys, "install", "ableton", *to)
    assert code == 0 and str(tmp_path / "bandmate") in out and "control surface" in out
    code, out, _ = ran(capsys, "status", "ableton", *to)
    assert code == 0 and out.startswith("ableton: ") and "not installed" not in out
    (tmp_path / "bandmate" / "bandmate.txt").write_text("# mine", "utf-8")
    code, out, _ = ran(capsys, "uninstall", "ableton", *to)
    assert code == 0 and "bandmate.txt stays: you wrote into it" in out
    code, _, err = ran(capsys, "uninstall", "ableton", *to)
    assert (code, "there is no bridge for Ableton Live" in err) == (2, True)


def test_the_command_line_tells_every_bridge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path / ".config" / "REAPER")
    means = cli.Means(system=system("linux", tmp_path))
    assert cli.main(["bridge", "status"], means) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["reaper", "ableton", "ardour"]
    assert "not installed" in lines[0] and "was not found" in lines[1]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["instal", "reaper"], "bridge can install, uninstall, status or run, not 'instal'"),
        (["install"], "say which bridge to install: ableton, ardour or reaper"),
        (["install", "logic"], "there is no bridge 'logic'"),
    ],
)
def test_mistakes_of_the_command_line(
    capsys: pytest.CaptureFixture[str], argv: list[str], words: str
) -> None:
    code, _, err = ran(capsys, *argv)
    assert code == 2 and words in err
