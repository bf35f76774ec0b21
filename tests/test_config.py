"""Settings: defaults, then the person's file, then flags; all mistakes at once."""

from __future__ import annotations

import errno
import os
from dataclasses import fields
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.config import DEFAULTS, SETTINGS, Settings, read_settings
from bandmate.errors import AskError, FileError
from bandmate.fields import read_yaml


def test_the_shipped_defaults_say_every_setting_and_what_the_class_says() -> None:
    names = [field.name for field in SETTINGS]
    assert list(read_yaml(DEFAULTS)) == names == [field.name for field in fields(Settings)]
    assert read_settings() == Settings()
    for field in SETTINGS:
        default = getattr(Settings(), field.name)
        assert field.range.read(field.name, default) == default
        assert field.words


def test_flags_come_before_the_file_and_the_file_before_the_defaults(home: Path) -> None:
    home.mkdir()
    paths.settings_file().write_text("port: 7000\nthreads: 2\nmidi_port: my loops\n")
    settings = read_settings({"port": "7001", "device": None, "log_json": True})
    assert (settings.port, settings.threads, settings.midi_port) == (7001, 2, "my loops")
    assert (settings.device, settings.log_json, settings.host) == ("cpu", True, "127.0.0.1")


def test_another_file_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "stage.yaml"
    file.write_text("# only a comment\n")
    assert read_settings(file=file) == Settings()
    file.write_text("queue: 256\n")
    assert read_settings(file=file).queue == 256
    with pytest.raises(FileError, match=r"nowhere\.yaml cannot be read"):
        read_settings(file=tmp_path / "nowhere.yaml")


def test_all_mistakes_are_told_at_once(home: Path) -> None:
    home.mkdir()
    paths.settings_file().write_text("port: 0\nprot: 7000\ndevice: gpu\n")
    with pytest.raises(AskError) as refused:
        read_settings({"threads": 17, "queue": 4})
    assert str(refused.value) == (
        "config.yaml: port must be in 1..65535, not 0; "
        "config.yaml: there is no setting called 'prot', try port, proposer or host; "
        "config.yaml: device must be cpu or cuda, not 'gpu'; "
        "threads must be in 1..16, not 17"
    )


WRONG = [
    ("port", 65536),
    ("port", "x"),
    ("host", ""),
    ("host", "a host"),
    ("clips", None),
    ("midi_api", "oss"),
    ("midi_client", ""),
    ("midi_port", "a:b"),
    ("queue", 0),
    ("queue", 257),
    ("channels", "bas=2"),
    ("channels", "bass=17"),
    ("channels", "bass=2drums=1"),
    ("part_ports", "Drums!"),
    ("latency_ms", 501),
    ("log_json", "perhaps"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_makes_no_sense_is_refused(home: Path, name: str, value: object) -> None:
    home.mkdir()
    text = "" if value is None else value
    paths.settings_file().write_text(
        f"{name}: {text!r}\n" if value is not None else f"{name}: [1]\n"
    )
    with pytest.raises(AskError, match=f"^config.yaml: {name} must be "):
        read_settings()


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (b"port: [", FileError, "is not YAML"),
        (b"\xff\xfe\x00", FileError, "cannot be read"),
        (b"- port\n", AskError, "must be lines of `name: value`, not a list"),
        (b"port: !!python/object:os.system {}\n", FileError, "is not YAML"),
    ],
)
def test_a_file_that_is_no_settings_file_is_told(
    home: Path, text: bytes, kind: type[Exception], words: str
) -> None:
    home.mkdir()
    paths.settings_file().write_bytes(text)
    with pytest.raises(kind, match=words) as refused:
        read_settings()
    assert "\n" not in str(refused.value)


def test_home_is_where_the_variable_says(home: Path) -> None:
    assert paths.home() == home
    assert home.is_dir()
    assert paths.clips("") == home / "clips"
    assert paths.clips("/music") == Path("/music")


def test_a_home_that_nobody_may_look_into_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = Path.stat

    def denied(path: Path, **how: bool) -> os.stat_result:
        if path.name == "config.yaml":
            raise PermissionError(errno.EACCES, "Permission denied")
        return stat(path, **how)

    home.mkdir()
    monkeypatch.setattr(Path, "stat", denied)
    with pytest.raises(FileError, match=r"config\.yaml cannot be read"):
        read_settings()
