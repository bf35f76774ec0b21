"""The first run, from end to end: only the models are fakes."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.app import demo
from bandmate.asks.notation import chords_to_text
from bandmate.music import midifile
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip
from bandmate.music.key import Key
from bandmate.music.meter import Meter

TESTS = Path(__file__).parent
DAEMON = (sys.executable, str(TESTS / "demo_daemon.py"))
COMPILE = (
    sys.executable,
    "-c",
    "import time; print('0 of 83 files', flush=True); time.sleep(0.2);"
    "print('42 of 83 files', flush=True); time.sleep(600)",
)
"""Stands for `.ci/llama.py watch`."""


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the daemon's process find what this one finds."""
    found = [str(TESTS), str(TESTS.parent / "daemon"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(found))


def test_a_first_run_ends_with_a_clip_and_its_sound(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main(DAEMON, COMPILE) == 0
    shown = capsys.readouterr().out
    assert len([*(home / "clips").glob("chords *.mid")]) == 4
    (clip,) = (home / "clips").glob("funk *.mid")
    (wav,) = (home / "clips").glob("*.wav")
    assert f"drag into your DAW:  {clip}\n" in shown
    assert f"listen to (12 s):     {wav}\n" in shown
    assert "keywords: warm" in shown
    assert "/bandmate/loop/ask 1 bars 4 tempo 96.0 meter 4/4" in shown
    assert re.search(r"card 4: \S+ .*\(.*\)", shown)
    assert [part.name for part in midifile.read(clip).parts] == ["drums", "bass", "keys"]
    assert wav.stat().st_size > 12 * 48_000 * 4
    assert shown.endswith("\n0 of 83 files\n")  # the compile goes on, and nobody waits for it
    port = int(shown.partition("daemon on 127.0.0.1:")[2].split()[0])
    assert demo._bound("127.0.0.1", port, socket.SOCK_STREAM) == port  # the daemon is gone


def test_in_a_terminal_the_page_is_there_until_enter_is_pressed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for screen in demo._SCREENS:
        monkeypatch.delenv(screen, raising=False)
    person, terminal = pty.openpty()
    command = [sys.executable, str(TESTS / "demo_in_a_terminal.py")]
    shown = subprocess.Popen(command, stdin=terminal, stdout=terminal)
    os.close(terminal)  # once the demo ends there is nothing to read, which is told
    try:
        told = ""
        while "Press Enter" not in told:
            told += os.read(person, 4096).decode(errors="replace")
        page = re.search(r"http://127\.0\.0\.1:\d+/#take=5", told)
        assert page, told
        with closing(urllib.request.urlopen(page[0])) as answer:
            assert b"<title>bandmate</title>" in answer.read()
        while "42 of 83 files" not in told:  # what goes on in the background
            told += os.read(person, 4096).decode(errors="replace")
        os.write(person, b"\n")
        assert shown.wait(30) == 0
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(page[0])
    finally:
        shown.kill()
        shown.wait()
        os.close(person)


def test_a_daemon_that_does_not_start_is_told_with_its_last_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert demo.main((sys.executable, "-c", "import sys; sys.exit('no model here')")) == 1
    assert capsys.readouterr().err == "bandmate: the daemon did not start: no model here\n"


def test_a_loop_that_was_not_asked_for_is_told(home: Path) -> None:
    demo.main(DAEMON)
    (file,) = home.glob("clips/funk *.mid")
    clip = midifile.read(file)
    card = {"key": str(clip.key), "chords": chords_to_text(clip.chords, clip.meter, clip.bars)}
    assert demo._differences(clip, card) == []
    other = Key((clip.key.tonic + 1) % 12) if clip.key else None
    wrong = replace(clip, key=other, tempo=90.0, parts=clip.parts[:1])
    told = demo._differences(wrong, card)
    assert [words.split()[0] for words in told] == ["tempo", "key", "parts"]
    assert told[0] == "tempo 90.0, not 96.0"
    assert told[2] == "parts {'drums': 0}, not {'drums': 0, 'bass': 33, 'keys': 4}"


def test_a_chord_that_is_struck_again_is_the_chord_that_was_asked_for() -> None:
    text = "B:maj,E:maj,E:maj,E:maj E:maj E:maj E:maj"
    spans = (ChordSpan(0.0, 1.0, Chord.parse("B")), ChordSpan(1.0, 16.0, Chord.parse("E")))
    clip = Clip((), 16.0, 96.0, Meter(4, 4), key=Key(4), chords=spans)
    others = ["bars", "tempo", "meter", "parts"]
    told = demo._differences(clip, {"key": "E:maj", "chords": text})
    assert not [words for words in told if words.split()[0] not in others]
    moved = demo._differences(clip, {"key": "E:maj", "chords": "B:maj,E:maj E:maj E:maj E:maj"})
    assert [words.split()[0] for words in moved if words.split()[0] not in others] == ["chords"]


def test_a_port_that_is_taken_is_left_alone() -> None:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as other:
            other.bind(("127.0.0.1", 0))
            if kind is socket.SOCK_STREAM:
                other.listen()
            taken = other.getsockname()[1]
            chosen = demo._usual_or_free("127.0.0.1", taken)
            assert chosen not in (taken, 0)
        assert demo._usual_or_free("127.0.0.1", taken) == taken
