"""The doctor names what the telemetry of onnxruntime left, with a command that removes it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate.doctor.findings import NOTE, OK, Finding, Patient
from bandmate.doctor.leftovers import telemetry
from bandmate.hosts.install import System
from privacy import tracer

FOLDER = "Microsoft/DeveloperTools/.onnxruntime"
SESSION = "1796078064478\n313d0c21-3f18-4de1-adc3-bcd679cdff97\n"
PLACES = {
    "linux": (".cache", {}),
    "linux, moved": ("elsewhere", {"XDG_CACHE_HOME": "elsewhere"}),
    "darwin": ("Library/Application Support", {}),
    "win32": ("AppData/Local", {}),
    "win32, moved": ("Moved", {"LOCALAPPDATA": "Moved"}),
}


@pytest.fixture
def person(tmp_path: Path) -> Path:
    folder = tmp_path / "a person's"
    (folder / "temporary").mkdir(parents=True)
    return folder


def told(person: Path, platform: str = "linux", environ: dict[str, str] | None = None) -> Finding:
    """Return what the doctor tells."""
    there = {name: str(person / folder) for name, folder in (environ or {}).items()}
    system = System(platform, person, there, person / "Documents")
    (finding,) = telemetry(Patient(system=system, temporary=person / "temporary"))
    return finding


def files(person: Path) -> set[str]:
    return {str(path.relative_to(person)) for path in person.rglob("*") if path.is_file()}


def ran(cure: str) -> None:
    """Run the command that a cure names."""
    subprocess.run(["sh", "-c", cure.split("`")[1]], check=True)


def test_nothing_is_told_where_nothing_was_left(person: Path) -> None:
    (person / ".cache/Microsoft/DeveloperTools").mkdir(parents=True)
    assert told(person).level == OK


@pytest.mark.parametrize("platform", PLACES)
def test_the_folder_is_named_on_each_system(person: Path, platform: str) -> None:
    place, environ = PLACES[platform]
    folder = person / place / FOLDER
    folder.mkdir(parents=True)
    (folder / "deviceid").write_text("c0e6267b-b555-4e36-9e26-9f4d42ea167f")
    finding = told(person, platform.partition(",")[0], environ)
    assert finding.level == NOTE
    assert str(folder) in finding.words
    if "win32" in platform:
        inside = str(folder).replace("'", "''")
        words = f"run `powershell -Command \"Remove-Item -Recurse -Force -Path '{inside}'\"`"
        assert finding.cure == words
    else:
        ran(finding.cure)
        assert not folder.exists()
        assert told(person, platform.partition(",")[0], environ).level == OK


def test_all_is_removed_and_nothing_else(person: Path) -> None:
    left = [
        ".cache/" + FOLDER + "/deviceid", "elsewhere/" + FOLDER + "/onnxruntime.db",
        "temporary/mat-debug-1.log", "temporary/mat-debug-22.log",
    ]  # fmt: skip
    for name in (*left, "temporary/a song.mid", ".cache/Microsoft/other", "mat-debug-1.log"):
        (person / name).parent.mkdir(parents=True, exist_ok=True)
        (person / name).touch()
    (person / "temporary/.ses").write_text(SESSION)
    ran(told(person, environ={"XDG_CACHE_HOME": "elsewhere"}).cure)
    assert files(person) == {"temporary/a song.mid", ".cache/Microsoft/other", "mat-debug-1.log"}


def test_a_file_of_that_name_with_something_else_in_it_is_left_alone(person: Path) -> None:
    (person / "temporary/.ses").write_text("a session of some other program")
    assert told(person).level == OK
    (person / "temporary/.ses").unlink()
    (person / "temporary/.ses").mkdir()
    assert told(person).level == OK


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """Let onnxruntime keep what it keeps where nobody switches it off; yield the folder."""
    tracer.needed()
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    words = ["-c", "import onnxruntime"]
    trace = tracer.traced(words, tmp_path, tracer.environment(tmp_path))
    assert trace.code == 0, trace.output
    yield tmp_path


def test_what_onnxruntime_keeps_by_itself_is_what_the_doctor_removes(kept: Path) -> None:
    before = files(kept / "person") | files(kept / "temporary")
    if not before:
        pytest.skip("this onnxruntime keeps nothing")
    system = System("linux", kept / "person", {}, kept)
    patient = Patient(system=system, temporary=kept / "temporary")
    (finding,) = telemetry(patient)
    ran(finding.cure)
    assert files(kept / "person") | files(kept / "temporary") == set()
