"""YAML that a person keeps, well and badly: a bomb is refused at once, in a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bandmate import paths
from bandmate.asks.presets import presets
from bandmate.config import read_settings
from bandmate.errors import BandmateError, FileError
from bandmate.fields import read_yaml
from bandmate.style.keywords import vocabulary
from bandmate.surfaces.controls import Control
from bandmate.surfaces.mapping import FILE, learned, read_mapping
from bandmate.system import yaml_reader

DEEP = 30_000
LAUGHS = "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)

BOMBS = {
    "lists": ("tempo: " + "[" * DEEP, "deep|depth"),
    "mappings": ("{a: " * DEEP, "deep"),
    "lists by lines": ("- " * DEEP, "deep"),
    "keys": ("? " * DEEP, "deep"),
    "laughs": ("a: &a [x]\n" + LAUGHS, r"aliases \(& and \*\) are not read"),
    "a circle": ("a: &a [*a]\n", "aliases"),
    "an anchor": ("a: &a 1\n", "aliases"),
    "a tag": ("port: !!bool maybe\n", "tags"),
    "an object": ("a: !!python/object/apply:os.system [x]\n", "tags"),
    "a long value": ("a: " + "x" * 9000, "at most 8192 characters, not 9000"),
    "many digits": ("a: " + "1:" * 3000 + "1.5", "is not YAML"),
    "many values": ("- 1\n" * 60_000, "at most 50000 values"),
    "a thirteenth month": ("port: 2026-13-41\n", "is not YAML: month must be"),
    "a list for a key": ("? [a]\n: b\n", "is not YAML"),
    "too large": ("# long\n" * 50_000, "at most 262144 bytes|at most 262144 characters"),
    "a zero": ("a: \0", "is not YAML"),
}


def of_mapping(file: Path) -> object:
    return read_mapping(yaml_reader.read_text(file))


READERS: dict[str, Callable[[Path], object]] = {
    "settings": lambda file: read_settings(file=file),
    "presets": lambda file: presets(file.parent),
    "vocabulary": lambda file: vocabulary(file.parent),
    "mapping": of_mapping,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_a_sentence(bomb: str, reader: str, tmp_path: Path) -> None:
    text, _ = BOMBS[bomb]
    file = tmp_path / ("keywords.yaml" if reader == "vocabulary" else "mine.yaml")
    file.write_text(text)
    with pytest.raises(BandmateError) as found:
        READERS[reader](file)
    words = str(found.value)
    assert len(words) < 500 + len(str(file)) and "\n" not in words


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_is_wrong_is_named(bomb: str, tmp_path: Path) -> None:
    text, words = BOMBS[bomb]
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(FileError, match=words):
        read_yaml(tmp_path / "mine.yaml")


def test_a_bomb_costs_as_much_as_its_bytes(tmp_path: Path) -> None:
    """An alias in an alias would be a thousand million values; none of them is made."""
    made = 0

    class Counting(yaml.SafeLoader):
        def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
            nonlocal made
            made += 1
            return super().construct_object(node, deep)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_reader, "_LOADER", Counting)
        with pytest.raises(FileError):
            yaml_reader.load("a: &a [x]\n" + LAUGHS, "mine.yaml")
        assert made == 0
        assert yaml_reader.load("a: [1, 'b']\n", "mine.yaml") == {"a": [1, "b"]}
        assert made > 0


def test_pipes_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("pipe", "zero", "folder"):
        with pytest.raises(FileError, match=rf"{name}\.yaml cannot be read: it is not a file"):
            read_yaml(tmp_path / f"{name}.yaml")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"port: \xff\xfe")
    with pytest.raises(FileError, match=r"mine\.yaml cannot be read: 'utf-8' codec"):
        read_yaml(tmp_path / "mine.yaml")


def test_a_bomb_in_the_persons_own_files_is_told_with_its_name(home: Path) -> None:
    home.mkdir()
    paths.settings_file().write_text(BOMBS["laughs"][0])
    with pytest.raises(FileError, match=r"config\.yaml .*: aliases .* value out \(line 1\)"):
        read_settings()
    with pytest.raises(FileError, match=rf"^{FILE} .*: values lie at most 20 deep \(line 2\)$"):
        learned("controls:\n  " + "- " * DEEP, Control.parse("cc 20"), "loop/ask")


def test_what_people_write_is_read() -> None:
    text = "a: \"&b *c !d\"\nb: [1, 2.5, yes]\nc:\n  - {d: e}\nf: '!'\n"
    said = {"a": "&b *c !d", "b": [1, 2.5, True], "c": [{"d": "e"}], "f": "!"}
    assert yaml_reader.load(text, "mine.yaml") == said
