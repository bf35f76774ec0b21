"""A row is dragged into a real Ardour, with its windows: a track a part, the same notes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bandmate import paths
from bandmate.errors import FileError
from bandmate.music import midifile
from bandmate.music.clip import Note, Part
from bandmate.takes.store import Takes
from bridges.ardour_host import run_ardour
from shelf.screen import HERE, PATIENCE, Mouse, Program, needed, screen
from test_serve import daemon

BESIDE = (1400, 0)
"""Where the shelf lies: right of Ardour's window, since no window manager keeps it on top here."""
ON_THE_CANVAS = (700, 500)
"""Below Ardour's rulers."""

CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour>
  <Config>
    <Option name="hide-dummy-backend" value="0"/>
    <Option name="try-autostart-engine" value="1"/>
  </Config>
  <Extra><AudioMIDISetup><EngineStates>
    <State backend="None (Dummy)" driver="Normal Speed" device="Silence" input-device=""
      output-device="" sample-rate="48000" buffer-size="1024" n-periods="0" input-latency="0"
      output-latency="0" lm-input="" lm-output="" active="1" use-buffered-io="0" midi-option=""
      lru="1"><MIDIDevices/></State>
  </EngineStates></AudioMIDISetup></Extra>
</Ardour>
"""
INSTANT = """<?xml version="1.0" encoding="UTF-8"?>
<instant><no-memory-warning/></instant>
"""


@contextmanager
def ardour(display: str, home: Path, folder: Path) -> Iterator[None]:
    """Open a new session in an Ardour that asks nothing when it starts, until it can be seen.

    It runs on its own silent engine: a JACK server throws a busy Ardour out, which then takes no
    drop but asks for another audio device.
    """
    kept = home / ".config" / "ardour7"
    kept.mkdir(parents=True)
    (kept / ".a7").touch()  # whoever has this has been here before
    (kept / "config").write_text(CONFIG)
    (kept / "instant.xml").write_text(INSTANT)
    assert "MADE" in run_ardour(str(HERE / "ardour_session.lua"), home, folder=folder, name="song")
    there = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    there |= {"HOME": str(home), "DISPLAY": display}
    with (home / "log.txt").open("w") as log:
        process = subprocess.Popen(
            ["ardour", str(folder / "song.ardour")], env=there, stdout=log, stderr=log
        )
    try:
        seen = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "^song - Ardour$"]
        subprocess.run(seen, env=there, check=True, capture_output=True, timeout=PATIENCE)
        yield
    finally:
        process.kill()
        process.wait(PATIENCE)


def in_ticks(notes: tuple[Note, ...]) -> list[tuple[int, int, int, int]]:
    return [(round(n.start * 480), n.pitch, round(n.end * 480), n.velocity) for n in sorted(notes)]


def kept_by_ardour(folder: Path) -> list[list[tuple[int, int, int, int]]]:
    """Return the notes of each of three parts."""
    return [imported(folder, part) for part in range(3)]


def imported(folder: Path, part: int) -> list[tuple[int, int, int, int]]:
    """Return the notes of a part as Ardour keeps them now; none while it has none."""
    # The first track of the file is the song's own; Ardour counts tracks from 1.
    for file in folder.glob(f"interchange/*/midifiles/loop *.t{part + 2}-1.mid"):
        if not file.name.startswith("Take"):
            try:
                parts: tuple[Part, ...] = midifile.read(file).parts
            except FileError:
                continue  # it is being written
            return [note for one in parts for note in in_ticks(one.notes)]
    return []


@pytest.mark.skipif(
    "BANDMATE_ARDOUR_GUI" not in os.environ,
    reason="optional, since it opens all of Ardour: BANDMATE_ARDOUR_GUI=1",
)
@pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("ardour", "ardour7-lua")),
    reason="ardour is not installed (apt-get install ardour)",
)
def test_a_row_becomes_a_track_a_part_in_ardour(tmp_path: Path) -> None:
    needed()
    folder = tmp_path / "session"
    (tmp_path / "ardour").mkdir()
    with (
        screen("1800x800") as display,
        daemon(tmp_path) as process,
        ardour(display, tmp_path / "ardour", folder),
    ):
        qt = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        log = tmp_path / "shelf.txt"
        shelf = Program(str(HERE / "shelf_on_screen.py"), str(process.port), log=log, **qt)
        try:
            process.says("loop/ask", "a", "bars", 4, "parts", "drums,bass,keys:4")
            process.hears("loop/made")
            takes = Takes(paths.database(), paths.clips())
            clip = takes.get(1).clip
            takes.close()
            mouse = Mouse(display)
            mouse.does("search", "--sync", "--name", "^bandmate shelf$", "windowmove", *BESIDE)
            while (start := json.loads(shelf.until("places")).get("1 bass", (0, 0)))[0] < BESIDE[0]:
                pass
            mouse.drag(start, ON_THE_CANVAS, lambda: shelf.line(0.1) == "taken")
            wanted = [in_ticks(part.notes) for part in clip.parts]
            end = time.monotonic() + PATIENCE
            while (found := kept_by_ardour(folder)) != wanted and time.monotonic() < end:
                time.sleep(0.1)  # it tells nobody when it has read a file
            assert found == wanted
        finally:
            shelf.close()
