"""The doctor: faults that are planted, one at a time, are named with their cure; no other is."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

from bandmate import __version__, paths
from bandmate.app.cli import Means, main
from bandmate.config import Settings
from bandmate.contract.messages import Atom
from bandmate.doctor.findings import NOTE, OK, TROUBLE, Daemon, Finding, Patient, holder_of
from bandmate.doctor.visit import CHECKS, examined, patient_of, summed_up
from bandmate.hosts.install import BRIDGES, LISTED, System, bridge_of, install, shipped_version
from bandmate.system.handshakes import FRESH_SECONDS, MOST, Handshake, handshakes, note_handshake
from bandmate.workers.weights import manifest
from fakes import MODEL, FakeServant, open_fake
from timing.fake_port import World
from wires.fake_daemon import House, told_in

Capture = pytest.CaptureFixture[str]

PACKAGES = {"onnxruntime": "1.20.0", "llama-cpp-python": "0.3.9", "aalink": "0.2.3"}
HELLO: dict[str, Atom] = {
    "version": __version__,
    "protocol": 1,
    "model": MODEL,
    "clips": "",
    "midi": "",
}
STANDING: dict[str, Atom] = {"source": "internal", "tempo": 120.0, "certainty": 1.0}


def open_dying() -> FakeServant:
    """End the process, as a library does that was built for another processor."""
    os._exit(4)


def port_that_is_free() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Ward:
    """A patient that is well, in a home of its own, until a fault is planted."""

    folder: Path
    world: World
    patient: Patient

    @property
    def system(self) -> System:
        """Where its DAWs are."""
        return self.patient.system

    def has(self, **changed: object) -> None:
        """Let the patient be different."""
        self.patient = replace(self.patient, **changed)  # type: ignore[arg-type]

    def is_set(self, **changed: object) -> None:
        """Let the patient's settings be different."""
        self.has(settings=replace(self.patient.settings, **changed))  # type: ignore[arg-type]

    def installs(self, name: str) -> Path:
        """Put a bridge into its host; return its folder."""
        hosts = {"reaper": ".config/REAPER", "ardour": ".config/ardour8"}
        (self.folder / hosts[name]).mkdir(parents=True)
        note_handshake(name, shipped_version(bridge_of(name)))
        return install(bridge_of(name), system=self.system).folder

    def found(self) -> list[Finding]:
        """Return all that the doctor finds."""
        return list(examined(self.patient))


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    folder = tmp_path / "person"
    folder.mkdir()
    world = World(answering={"alsa"})
    patient = Patient(
        settings=Settings(
            port=port_that_is_free(),
            query_port=port_that_is_free(),
            panel_port=port_that_is_free(),
        ),
        machine=world.machine(),
        system=System("linux", folder, {}, folder / "Documents"),
        version_of=lambda package: PACKAGES.get(package, ""),
        holder_of=lambda port: "",
        free_bytes=lambda folder: 10 << 30,
        may_play_first=lambda: True,
        loops=open_fake,
        proposer=open_fake,
        daemon=Daemon(HELLO, transport=STANDING),
        temporary=tmp_path / "temporary",
    )
    return Ward(folder, world, patient)


def test_whoever_is_well_is_told_so(ward: Ward) -> None:
    ward.installs("reaper")
    found = ward.found()
    assert [f.text for f in found if f.level == TROUBLE] == []
    assert {f.about for f in found} >= {
        "settings", "own folder", "clips", "disk", "takes", "controller", "daemon", "MIDI",
        "priority", "time", "Link", "models", "onnxruntime", "loop model", "llama.cpp",
        "telemetry", *(f"bridge {name}" for name in BRIDGES),
    }  # fmt: skip
    assert summed_up(found) == ("nothing is broken", 0)


# faults


@contextmanager
def a_port_that_is_held(ward: Ward) -> Iterator[None]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as other:
        other.bind(("127.0.0.1", 0))
        ward.is_set(port=other.getsockname()[1])
        ward.has(daemon=Daemon(), holder_of=holder_of)
        yield


@contextmanager
def a_port_that_is_held_by_tcp(ward: Ward) -> Iterator[None]:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ward.is_set(port=other.getsockname()[1])
        ward.has(daemon=Daemon(), holder_of=holder_of)
        yield


@contextmanager
def a_held_query_port(ward: Ward) -> Iterator[None]:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ward.is_set(query_port=other.getsockname()[1])
        ward.has(daemon=Daemon(), holder_of=holder_of)
        yield


@contextmanager
def a_held_panel_port(ward: Ward) -> Iterator[None]:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ward.is_set(panel_port=other.getsockname()[1])
        ward.has(daemon=Daemon(), holder_of=holder_of)
        yield


@contextmanager
def an_open_host(ward: Ward) -> Iterator[None]:
    ward.is_set(host="0.0.0.0")
    yield


@contextmanager
def settings_that_make_no_sense(ward: Ward) -> Iterator[None]:
    paths.settings_file().write_text("port: many\n", "utf-8")
    known = ward.patient
    ward.has(mistakes=patient_of({}, known).mistakes)
    yield


@contextmanager
def a_home_that_cannot_be(ward: Ward) -> Iterator[None]:
    file = ward.folder / "a file"
    file.touch()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("BANDMATE_HOME", str(file / "home"))
        yield


@contextmanager
def clips_in_a_file(ward: Ward) -> Iterator[None]:
    (ward.folder / "a file").touch()
    ward.is_set(clips=str(ward.folder / "a file" / "clips"))
    yield


@contextmanager
def a_full_disk(ward: Ward) -> Iterator[None]:
    ward.has(free_bytes=lambda folder: 3 << 20)
    yield


@contextmanager
def damaged_takes(ward: Ward) -> Iterator[None]:
    paths.database().write_bytes(b"no database at all" * 300)
    yield


@contextmanager
def a_mapping_with_a_mistake(ward: Ward) -> Iterator[None]:
    (paths.home() / "controller.yaml").write_text("controls:\n  cc 300: loop\n", "utf-8")
    yield


@contextmanager
def an_old_daemon(ward: Ward) -> Iterator[None]:
    ward.has(daemon=Daemon({**HELLO, "version": "0.0.1"}, transport=STANDING))
    yield


@contextmanager
def no_midi(ward: Ward) -> Iterator[None]:
    ward.world.answering.clear()
    yield


@contextmanager
def no_driver_on_windows(ward: Ward) -> Iterator[None]:
    ward.world.answering.add("windows")
    ward.world.rtmidi.there = ["Microsoft GS Wavetable Synth 0"]
    ward.has(machine=ward.world.machine("win32"))
    yield


@contextmanager
def no_rtmidi(ward: Ward) -> Iterator[None]:
    def missing() -> NoReturn:
        raise ModuleNotFoundError("No module named 'rtmidi'")

    ward.has(machine=replace(ward.world.machine(), library=missing))
    yield


@contextmanager
def an_old_bridge(ward: Ward) -> Iterator[None]:
    folder = ward.installs("reaper")
    for file in folder.rglob("*.lua"):
        text = file.read_text("utf-8").replace(shipped_version(bridge_of("reaper")), "0.0.9")
        file.write_text(text, "utf-8")
    (folder / LISTED).unlink()
    yield


@contextmanager
def a_host_that_runs_the_old_bridge(ward: Ward) -> Iterator[None]:
    ward.installs("reaper")
    note_handshake("reaper", "0.0.9")
    yield


@contextmanager
def models_in(ward: Ward) -> Iterator[Path]:
    """Copy the smallest models beside a manifest of their own."""
    folder = ward.folder / "models"
    rows = [row for row in manifest() if row.name in ("feel", "changes")]
    for row in rows:
        (folder / row.file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(paths.shipped("models", *row.file.split("/")), folder / row.file)
    told = [{f: getattr(row, f) for f in type(row).__slots__} for row in rows]
    (folder / "manifest.yaml").write_text(json.dumps(told), "utf-8")
    ward.has(models=folder)
    yield folder


@contextmanager
def an_altered_model(ward: Ward) -> Iterator[None]:
    with models_in(ward) as folder:
        with (folder / "loops/feel.json").open("a") as file:
            file.write(" ")
        yield


@contextmanager
def a_missing_model(ward: Ward) -> Iterator[None]:
    with models_in(ward) as folder:
        (folder / "chords/changes.json").unlink()
        yield


@contextmanager
def packages(ward: Ward, **versions: str) -> Iterator[None]:
    there = PACKAGES | {name.replace("_", "-"): version for name, version in versions.items()}
    ward.has(version_of=lambda package: there.get(package, ""))
    yield


@contextmanager
def cuda_without_its_runtime(ward: Ward) -> Iterator[None]:
    ward.is_set(device="cuda")
    yield


@contextmanager
def link_without_its_package(ward: Ward) -> Iterator[None]:
    ward.is_set(source="link")
    with packages(ward, aalink=""):
        yield


@contextmanager
def a_clock_without_midi(ward: Ward) -> Iterator[None]:
    ward.is_set(source="clock", midi_api="none")
    ward.has(daemon=Daemon())
    yield


@contextmanager
def a_proposer_that_dies(ward: Ward) -> Iterator[None]:
    ward.has(proposer=open_dying)
    yield


@contextmanager
def a_proposer_that_is_gone(ward: Ward) -> Iterator[None]:
    ward.is_set(proposer=str(ward.folder / "gone.gguf"))
    ward.has(proposer=None)
    yield


@contextmanager
def a_loop_model_that_dies(ward: Ward) -> Iterator[None]:
    ward.has(loops=open_dying)
    yield


BOTH_RUNTIMES = partial(packages, onnxruntime_gpu="1.20.0")
NO_RUNTIME = partial(packages, onnxruntime="")

Fault = Callable[[Ward], AbstractContextManager[object]]
FAULTS: list[tuple[Fault, str, str, str]] = [
    (a_port_that_is_held, "port", "UDP is held by", "end that program, or set `port`"),
    (a_port_that_is_held_by_tcp, "port", f"(process {os.getpid()})", "end that program"),
    (a_held_query_port, "port", "TCP is held by", "set `query_port`"),
    (a_held_panel_port, "port", "TCP is held by", "set `panel_port`"),
    (an_open_host, "host", "is open to the network", "set both in config.yaml"),
    (settings_that_make_no_sense, "settings", "port must be in 1..65535, not 'many'",
     "mend that line in"),
    (a_home_that_cannot_be, "settings", "cannot be made", "set BANDMATE_HOME to another one"),
    (clips_in_a_file, "clips", "Not a directory", "set `clips` in config.yaml"),
    (a_full_disk, "disk", "3 MB are free", "make room on that disk"),
    (damaged_takes, "takes", "file is not a database", "move takes.sqlite3 away"),
    (a_mapping_with_a_mistake, "controller", "line 2", "/bandmate/live/load"),
    (an_old_daemon, "daemon", "0.0.1 runs", "stop it and start it anew"),
    (no_midi, "MIDI", "ALSA and JACK do not answer", "modprobe snd-seq"),
    (no_driver_on_windows, "virtual port", "no port called bandmate", "install loopMIDI"),
    (no_rtmidi, "MIDI", "No module named 'rtmidi'", "--force-reinstall python-rtmidi"),
    (an_old_bridge, "bridge reaper", "0.0.9", "bandmate bridge install reaper"),
    (a_host_that_runs_the_old_bridge, "bridge reaper", "REAPER still runs 0.0.9",
     "start REAPER anew"),
    (an_altered_model, "models", "models/loops/feel.json is not the one that was shipped",
     "install bandmate again"),
    (a_missing_model, "models", "models/chords/changes.json cannot be read",
     "install bandmate again"),
    (BOTH_RUNTIMES, "onnxruntime", "overwrite one another",
     "pip uninstall -y onnxruntime onnxruntime-gpu`, then `pip install bandmate[cpu]"),
    (NO_RUNTIME, "onnxruntime", "not installed", "pip install bandmate[cpu]"),
    (cuda_without_its_runtime, "onnxruntime", "device is cuda", "pip install bandmate[gpu]"),
    (link_without_its_package, "Link", "aalink is not installed", "pip install bandmate[link]"),
    (a_clock_without_midi, "time", "MIDI is switched off", "set `midi_api` to auto"),
    (a_proposer_that_dies, "llama.cpp", "the proposer", "--no-deps llama-cpp-python"),
    (a_proposer_that_is_gone, "llama.cpp", "is not there", "set `proposer` in config.yaml"),
    (a_loop_model_that_dies, "loop model", "the loop model", "--force-reinstall onnxruntime"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "about", "words", "cure"), FAULTS)
def test_a_fault_is_named_with_its_cure_and_no_other_is(
    ward: Ward,
    fault: Fault,
    about: str,
    words: str,
    cure: str,
) -> None:
    with fault(ward):
        found = ward.found()
    troubles = [finding for finding in found if finding.level == TROUBLE]
    assert len(troubles) == 1, [finding.text for finding in troubles]
    assert troubles[0].about.startswith(about)
    assert words in troubles[0].words
    assert cure in troubles[0].cure
    assert summed_up(found) == ("1 thing is broken", 1)


# what is worth knowing


def notes(ward: Ward) -> dict[str, Finding]:
    return {finding.about: finding for finding in ward.found() if finding.level == NOTE}


def test_what_is_only_missing_is_no_fault(ward: Ward) -> None:
    (ward.folder / ".config/REAPER").mkdir(parents=True)
    ward.has(version_of=lambda package: {"onnxruntime": "1"}.get(package, ""))
    ward.has(daemon=Daemon(), may_play_first=lambda: False, free_bytes=lambda folder: 100 << 20)
    found = notes(ward)
    assert found.keys() == {"daemon", "bridge reaper", "priority", "Link", "llama.cpp", "disk"}
    assert found["bridge reaper"].cure == "run `bandmate bridge install reaper`"
    assert found["daemon"].cure == "start it with `bandmate serve`"
    assert "rtprio" in found["priority"].cure


def test_a_bridge_that_was_never_heard_is_told_its_clicks(ward: Ward) -> None:
    ward.installs("reaper")
    (paths.home() / "handshakes.json").unlink()
    finding = notes(ward)["bridge reaper"]
    assert "never heard" in finding.words
    assert "Actions" in finding.cure


def test_a_bridge_tells_when_it_was_heard_last(ward: Ward) -> None:
    ward.installs("reaper")
    found = {finding.about: finding for finding in ward.found()}["bridge reaper"]
    assert found.level == OK
    assert "last heard 0 seconds ago" in found.words


@pytest.mark.parametrize(
    ("source", "cure"),
    [("clock", "send MIDI clock"), ("bridge", "follow action"), ("link", "switch Link on")],
)
def test_a_source_that_is_silent_is_told(ward: Ward, source: str, cure: str) -> None:
    ward.has(daemon=Daemon(HELLO, transport={**STANDING, "source": source, "certainty": 0.2}))
    assert cure in notes(ward)["time"].cure


def test_a_host_for_all_is_told(ward: Ward) -> None:
    ward.is_set(host="0.0.0.0", allow="10.0.0.0/24", token="a secret word")
    found = notes(ward)["host"]
    assert "127.0.0.1" in found.cure
    assert "10.0.0.0/24" in found.words and "secret" not in found.text


def test_a_check_that_fails_is_a_finding_and_keeps_no_other_from_being_made(ward: Ward) -> None:
    def fails(folder: Path) -> int:
        raise RuntimeError("of another kind")

    ward.has(free_bytes=fails)
    found = ward.found()
    assert [f.words for f in found if f.level == TROUBLE] == [
        "could not be looked at (RuntimeError: of another kind)"
    ]
    assert found[-1].about == CHECKS[-1][0]


# the command


def test_the_command_tells_the_lines_and_exits_with_one(ward: Ward, capsys: Capture) -> None:
    with a_full_disk(ward):
        settings = ward.patient.settings
        typed = ["doctor", "--port", str(settings.port), "--query-port", str(settings.query_port)]
        typed += ["--panel-port", str(settings.panel_port)]
        assert main(typed, Means(patient=ward.patient)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "trouble disk: 3 MB are free for clips" in lines
    assert lines[lines.index("trouble disk: 3 MB are free for clips") + 1].startswith("        -> ")
    assert lines[-1] == "1 thing is broken"


def test_the_command_tells_json(ward: Ward, capsys: Capture) -> None:
    settings = ward.patient.settings
    typed = ["doctor", "--json", "--port", str(settings.port)]
    typed += ["--query-port", str(settings.query_port)]
    typed += ["--panel-port", str(settings.panel_port)]
    assert main(typed, Means(patient=ward.patient)) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"about": "daemon", "words": "none runs", "level": "note",
            "cure": "start it with `bandmate serve`"} in told  # fmt: skip


def test_a_running_daemon_is_asked(ward: Ward, tmp_path: Path, capsys: Capture) -> None:
    port = str(ward.patient.settings.port)
    tests = Path(__file__).parent
    daemon = subprocess.Popen(
        [sys.executable, str(tests / "serve_with_fakes.py"), port, str(tmp_path / "midi")],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tests), *sys.path])},
    )
    assert daemon.stderr
    try:
        for line in daemon.stderr:
            if "is ready" in line:
                break
        asked = patient_of({"port": int(port)}, replace(ward.patient, holder_of=holder_of))
        found = {finding.about: finding for finding in examined(asked)}
        assert found["daemon"].level == OK
        assert found["daemon"].words.startswith(f"{__version__} runs")
        assert f"(process {daemon.pid})" in found[f"port {port}"].words
        assert found["time"].words == "internal leads at 120"
        for setting in (asked.settings.query_port, asked.settings.panel_port):
            found.pop(f"port {setting}")  # of the machine: another may have it
        assert [f.text for f in found.values() if f.level == TROUBLE] == []
    finally:
        daemon.terminate()
        daemon.communicate()


# handshakes


def test_a_handshake_is_kept_and_not_written_at_every_hello() -> None:
    note_handshake("reaper", "0.3.0", 1000.0)
    file = paths.home() / "handshakes.json"
    before = file.stat().st_ino
    note_handshake("reaper", "0.3.0", 1000.0 + FRESH_SECONDS / 2)
    assert file.stat().st_ino == before
    assert handshakes() == {"reaper": Handshake("0.3.0", 1000.0)}
    note_handshake("reaper", "0.3.1", 1001.0)
    note_handshake("reaper", "0.3.1", 1001.0 + FRESH_SECONDS)
    assert handshakes()["reaper"] == Handshake("0.3.1", 1001.0 + FRESH_SECONDS)


def test_only_so_many_clients_are_remembered() -> None:
    for number in range(MOST + 5):
        note_handshake(f"client {number}", "1", float(number))
    assert len(handshakes()) == MOST
    assert "client 0" not in handshakes()


@pytest.mark.parametrize("text", ["", "[]", '{"reaper": 3}', '{"reaper": ["1", "soon"]}', "\xff"])
def test_a_damaged_file_of_handshakes_is_as_none(text: str) -> None:
    (paths.home() / "handshakes.json").write_text(text, "latin-1")
    assert handshakes() == {}
    note_handshake("reaper", "1", 1.0)
    assert handshakes() == {"reaper": Handshake("1", 1.0)}


def test_the_takes_of_the_doctor_are_only_read(ward: Ward) -> None:
    with closing(sqlite3.connect(paths.database())) as opened:
        opened.execute("CREATE TABLE takes (number INTEGER)")
        opened.commit()
    before = paths.database().read_bytes()
    assert {f.about: f for f in ward.found()}["takes"].words.startswith("0 are kept")
    assert paths.database().read_bytes() == before


def test_a_hello_with_a_version_is_a_handshake() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "hello", 1, "client", "reaper", "version", "0.2.9")
        await heard.until("hello")
        await house.desk.idle()
        assert handshakes()["reaper"].version == "0.2.9"

    told_in(story)
