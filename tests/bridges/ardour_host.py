"""A real Ardour without its window, the JACK server below it and the real daemon beside it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from bandmate.contract.messages import Atom, Message
from bandmate.errors import BandmateError
from bandmate.hosts import client as caller
from bandmate.music.clip import DRUM_CHANNEL, Clip, Part

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TICKS = 1920
"""Of Ardour, in a beat."""

PATIENCE = 60.0
"""Seconds after which what was waited for does not come: a failure, never a measure."""

BLOCK, RATE = 512, 48000
"""Frames of a JACK period, and frames a second."""

MISSING = [name for name in ("ardour7-lua", "jackd", "jack_wait") if shutil.which(name) is None]
"""What is not installed of all that is needed."""


@dataclass(frozen=True, order=True)
class Heard:
    """A note in a region, in Ardour's ticks."""

    start: int
    channel: int
    pitch: int
    duration: int
    velocity: int


@dataclass(frozen=True)
class Region:
    """A MIDI region of a saved session."""

    tempo: float
    """Of the session at its start."""
    track: str
    start: int
    """Ticks."""
    end: int
    """Ticks."""
    notes: tuple[Heard, ...] = ()


def clip_to_notes(clip: Clip) -> tuple[Heard, ...]:
    """Return what must stand in Ardour, sorted; each part on its own channel, drums on theirs."""
    free = iter(channel for channel in range(16) if channel != DRUM_CHANNEL)
    channels = [DRUM_CHANNEL if part.is_drums else next(free) for part in clip.parts]
    parts = zip(clip.parts, channels, strict=True)
    return tuple(sorted(heard for pair in parts for heard in part_to_notes(*pair)))


def part_to_notes(part: Part, channel: int) -> tuple[Heard, ...]:
    """Return what must stand in Ardour for a part, sorted."""
    return tuple(
        sorted(
            Heard(
                round(note.start * TICKS),
                channel,
                note.pitch,
                round(note.duration * TICKS),
                note.velocity,
            )
            for note in part.notes
        )
    )


def run_ardour(script: str, home: Path, **said: object) -> str:
    """Run a Lua script in an Ardour of its own and return what it printed."""
    words = {name.upper(): str(value) for name, value in said.items()}
    # What Ardour keeps for a person goes below HOME only where XDG names no other place.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    done = subprocess.run(
        ["ardour7-lua", "-X", HERE / script],
        env=kept | words | {"HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE,
        text=True,
        check=False,
    )
    return done.stdout


def read_region(home: Path, folder: Path, name: str) -> Region:
    """Read the one region of a saved session in another Ardour."""
    (region,) = read_regions(home, folder, name)
    return region


def read_regions(home: Path, folder: Path, name: str) -> list[Region]:
    """Read all regions of a saved session in another Ardour, track by track."""
    out = run_ardour("ardour_read.lua", home, folder=folder, name=name)
    rows = [line.split() for line in out.splitlines() if line]
    (tempo,) = [float(row[1]) for row in rows if row[0] == "TEMPO"]
    regions: list[Region] = []
    for kind, *values in rows:
        if kind == "REGION":
            track, start, end = values
            regions.append(Region(tempo, track, _ticks(start), _ticks(end)))
        elif kind == "NOTE":
            at, length, pitch, velocity, channel = values
            note = Heard(_ticks(at), int(channel), int(pitch), _ticks(length), int(velocity))
            notes = tuple(sorted((*regions[-1].notes, note)))
            regions[-1] = replace(regions[-1], notes=notes)
    return regions


def read_history(file: Path) -> dict[str, tuple[set[Heard], set[Heard]]]:
    """Return what each step of a session's undo history took away from a region, and what it added.

    Of steps that bear one name the last counts.
    """
    steps = {}
    for step in ElementTree.parse(file).getroot().iter("UndoTransaction"):
        gone, came = (
            {
                Heard(
                    _ticks(note.attrib["time"]),
                    int(note.attrib["channel"]),
                    int(note.attrib["note"]),
                    _ticks(note.attrib["length"]),
                    int(note.attrib["velocity"]),
                )
                for note in step.iterfind(f"NoteDiffCommand/{kind}/note")
            }
            for kind in ("RemovedNotes", "AddedNotes")
        )
        steps[step.attrib["name"]] = gone, came
    return steps


def _ticks(beats: str) -> int:
    match = re.fullmatch(r"(-?\d+):(\d+)", beats)
    assert match, beats
    return int(match[1]) * TICKS + int(match[2])


@dataclass(frozen=True)
class Daemon:
    """The real daemon in a process of its own."""

    port: int

    def ask(self, address: str, *arguments: Atom) -> Iterator[Message]:
        """Send a message by UDP and yield its answers."""
        return caller.answers("127.0.0.1", self.port, address, *arguments, silence=PATIENCE)


@contextmanager
def jack_server(name: str) -> Iterator[None]:
    """Run a JACK server without sound; ``JACK_DEFAULT_SERVER`` must be its name."""
    server = subprocess.Popen(
        ["jackd", "-n", name, "-d", "dummy", "-r", str(RATE), "-p", str(BLOCK)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        subprocess.run(["jack_wait", "-w", "-t", "20"], capture_output=True, check=True)
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE)


@contextmanager
def daemon_process(home: Path, midi_api: str) -> Iterator[Daemon]:
    """Run ``bandmate serve`` as a person does, until the end of the block."""
    port = _free_port()
    log = home.parent / "daemon.log"
    command = [sys.executable, "-m", "bandmate.app.cli", "serve"]
    with log.open("w") as file:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--midi-api", midi_api],
            env=os.environ | {"PYTHONPATH": str(ROOT / "daemon"), "BANDMATE_HOME": str(home)},
            stdout=file,
            stderr=file,
        )
    try:
        _wait_until_up(process, port, log)
        yield Daemon(port)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_until_up(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(int(PATIENCE)):
        assert process.poll() is None, log.read_text()
        try:
            next(caller.answers("127.0.0.1", port, "/bandmate/hello", silence=1.0))
        except BandmateError:
            # Refused at once while nobody listens: the process tells by its end, or by an answer.
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    raise AssertionError(log.read_text())


def _free_port() -> int:
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        port: int = stream.getsockname()[1]
        return port
