"""Which files the daemon reads for whoever asks: plain ones, where their owner's things lie."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.clients.file_access import Reach, read_folders
from bandmate.errors import AskError, FileError
from bandmate.system.files import GrantedPath, open_plain, read_plain
from wires.fake_daemon import House, told_in

BEYOND = "context must lie in your home folder, in the clips folder or in a folder of the setting"
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's home; what else lies in the folder of this test is somebody else's."""
    for name in ("person", "other", "samples", "shared"):
        (tmp_path / name).mkdir()
    for name in ("person/in.mid", "other/secret.mid", "samples/a.wav", "shared/b.wav"):
        (tmp_path / name).write_bytes(b"MThd")
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "person"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "shared"))
    return tmp_path


def test_files_of_the_person_and_of_folders_that_are_allowed_are_read(person: Path) -> None:
    reach = Reach.of(f"{person / 'samples'}, ~/more", person / "clips")
    (person / "clips").mkdir()
    (person / "clips" / "1.mid").touch()
    (paths.home() / "context.mid").touch()
    for path in (
        "person/in.mid", "samples/a.wav", "shared/b.wav", "clips/1.mid",
        "other/../person/in.mid",
    ):  # fmt: skip
        assert reach.granted("context", str(person / path)).is_file()
    assert reach.granted("context", str(paths.home() / "context.mid")).is_file()
    assert reach.granted("context", str(person / "person/in.mid")).read_bytes() == b"MThd"


def test_what_lies_elsewhere_is_refused_in_the_same_words_whether_it_is_there(person: Path) -> None:
    reach = Reach()
    words = set()
    for path in ("other/secret.mid", "other/nothing.mid", "other", "person/../other/secret.mid"):
        with pytest.raises(FileError, match=BEYOND) as refused:
            reach.granted("context", str(person / path))
        words.add(str(refused.value).partition(" cannot be read")[2])
    assert len(words) == 1
    for path in ("/etc/hostname", "/dev/zero", "/proc/self/environ"):
        with pytest.raises(FileError, match=BEYOND):
            reach.granted("context", path)


@posix
def test_no_link_leads_out(person: Path) -> None:
    home = person / "person"
    (home / "link.mid").symlink_to(person / "other" / "secret.mid")
    (home / "away").symlink_to(person / "other")
    (home / "within.mid").symlink_to(home / "in.mid")
    (home / "round.mid").symlink_to(home / "round.mid")
    for name in ("link.mid", "away/secret.mid"):
        with pytest.raises(FileError, match=BEYOND):
            Reach().granted("context", str(home / name))
    assert Reach().granted("context", str(home / "within.mid")) == home / "in.mid"
    with pytest.raises(FileError, match="there is no such file"):
        Reach().granted("context", str(home / "round.mid"))


@posix
def test_special_files_are_neither_read_nor_waited_for(person: Path) -> None:
    home = person / "person"
    os.mkfifo(home / "pipe.mid")
    wire = socket.socket(socket.AF_UNIX)
    os.chdir(home)
    wire.bind("wire.mid")
    (home / "folder.mid").mkdir()
    for name in ("pipe.mid", "wire.mid", "folder.mid"):
        with pytest.raises(FileError, match="it is no plain file"):
            Reach().granted("context", str(home / name))
        for path in (home / name, GrantedPath(home / name)):
            with pytest.raises(FileError, match="it is no plain file"):
                open_plain(path)
    wire.close()


@posix
def test_a_file_that_is_swapped_for_a_link_meanwhile_is_not_read(person: Path) -> None:
    home = person / "person"
    (home / "songs").mkdir()
    (home / "songs" / "in.mid").write_bytes(b"mine")
    granted = Reach().granted("context", str(home / "songs" / "in.mid"))
    assert read_plain(granted, 9) == b"mine"
    (home / "songs").rename(home / "old")
    (person / "other" / "in.mid").write_bytes(b"theirs")
    (home / "songs").symlink_to(person / "other")
    with pytest.raises(FileError, match="something else was put in its place"):
        open_plain(granted)
    granted = Reach().granted("context", str(home / "in.mid"))
    (home / "in.mid").unlink()
    (home / "in.mid").symlink_to(person / "other" / "secret.mid")
    with pytest.raises(FileError, match="cannot be read"):
        open_plain(granted)
    assert read_plain(Path(home / "in.mid"), 4) == b"MThd"  # a person's own command may follow it


@posix
def test_of_the_folder_for_everybodys_temporary_files_ones_own_alone_are_read(
    person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Reach().granted("context", str(person / "shared" / "b.wav"))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(FileError, match=BEYOND):
        Reach().granted("context", str(person / "shared" / "b.wav"))


def test_a_home_that_is_the_whole_disk_is_none(
    person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/")
    monkeypatch.setenv("USERPROFILE", "C:\\")
    with pytest.raises(FileError, match=BEYOND):
        Reach().granted("context", str(person / "person" / "in.mid"))


def test_folders_must_be_whole_paths() -> None:
    assert read_folders("") == ()
    assert read_folders(" /mnt/a , ~/b") == (Path("/mnt/a"), Path.home() / "b")
    with pytest.raises(AskError, match=r"allow_paths must be whole paths .* not 'samples'"):
        read_folders("samples")


@pytest.mark.parametrize("path", ["", "\0", "a\0b", "x" * 3000, "\ud800", "~/in.mid"])
def test_odd_paths_are_refused_in_a_sentence(person: Path, path: str) -> None:
    with pytest.raises((AskError, FileError)):
        Reach().granted("context", path)


ASKS: dict[str, Callable[[str], tuple[str, str, str]]] = {
    "context": lambda path: ("loop/ask", "context", path),
    "image": lambda path: ("chords/ask", "image", path),
    "audio": lambda path: ("chords/ask", "audio", path),
}


def test_every_ask_that_names_a_file_is_looked_at(person: Path) -> None:
    secret = str(person / "other" / "secret.mid")

    async def story(house: House) -> None:
        client, heard = house.client()
        for number, ask in enumerate(ASKS.values()):
            address, *pair = ask(secret)
            house.says(client, address, number, *pair)
        house.says(client, "chords/transcribe", 7, secret)
        async with asyncio.timeout(20):
            await house.desk.idle()
        answers = [m.arguments[2] for m in heard.of("error")]
        assert len(answers) == len(ASKS) + 1
        assert all("must lie in your home folder" in str(words) for words in answers)

    told_in(story)
