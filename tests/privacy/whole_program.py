"""Everything that bandmate does for a musician, once; run by the tracer, in a network of its own.

    python -m privacy.whole_program FOLDER

The daemon runs by its own defaults all the while. Ends with exit code 1 where anything that was
asked for did not come, so that a trace of nothing is no proof.
"""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
import wave
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from websockets.sync.client import connect
from websockets.typing import Origin

from bandmate.contract.messages import Atom, Message, pairs_of
from bandmate.errors import BandmateError
from bandmate.hosts.client import answers

PATIENCE = 120.0
"""Seconds until what does not come is a failure."""
HERE = "127.0.0.1"
SHOWN_SECONDS = 3.0
"""How long the shelf is shown, and how long the helper of AbletonOSC looks for it."""
QUIET_SECONDS = 6.0
"""How long the daemon is left alone at the end: what calls out by a timer gets its time."""

CLI = (sys.executable, "-m", "bandmate.app.cli")


def main(folder: Path) -> None:
    """Do all of it."""
    picture, sound = folder / "night.png", folder / "rain.wav"
    write_picture(picture)
    write_sound(sound)
    with daemon() as (osc, page, query):
        take = asked_by_osc(osc, picture, sound)
        fetched(page, query, take)
        on_screen("shelf", "--port", str(osc))
        on_screen("bridge", "run", "abletonosc", "--port", str(osc))
        from_the_command_line(folder, osc)
        time.sleep(QUIET_SECONDS)


def write_picture(path: Path) -> None:
    """Write a small dark PNG."""
    side = 64
    rows = b"".join(b"\0" + bytes((8, 8, 2 * x % 256)) * side for x in range(side))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


def write_sound(path: Path) -> None:
    """Write four seconds of a minor chord."""
    rate = 22_050
    tones = (220.0, 261.6, 329.6)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        for n in range(4 * rate):
            level = sum(math.sin(2 * math.pi * tone * n / rate) for tone in tones)
            file.writeframesraw(struct.pack("<h", int(6000 * level)))


@contextmanager
def daemon() -> Iterator[tuple[int, int, int]]:
    """Run ``bandmate serve``; yield its ports of OSC, of the page and of OSCQuery."""
    osc, page, query = free_ports(3)
    ports = ("--port", str(osc), "--panel-port", str(page), "--query-port", str(query))
    process = subprocess.Popen([*CLI, "serve", *ports])
    try:
        until = time.monotonic() + PATIENCE
        while not is_there(osc):
            assert process.poll() is None, "the daemon ended"
            assert time.monotonic() < until, "the daemon does not answer"
            time.sleep(0.1)
        yield osc, page, query
    finally:
        process.terminate()
        process.wait(PATIENCE)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody has."""
    tried = [socket.socket() for _ in range(count)]
    for one in tried:
        one.bind((HERE, 0))
    ports = [int(one.getsockname()[1]) for one in tried]
    for one in tried:
        one.close()
    return ports


def is_there(port: int) -> bool:
    """Return True once a daemon answers."""
    try:
        with closing(answers(HERE, port, "/bandmate/hello", silence=0.5)) as heard:
            return bool(next(heard))
    except BandmateError:
        return False


def asked(port: int, last: str, address: str, *arguments: Atom) -> Message:
    """Ask by OSC and return the last answer."""
    with closing(
        answers(HERE, port, f"/bandmate/{address}", *arguments, silence=PATIENCE)
    ) as heard:
        return next(message for message in heard if message.address == f"/bandmate/{last}")


def asked_by_osc(port: int, picture: Path, sound: Path) -> int:
    """Ask for a loop and for chords from all that they can come from; return the loop's take."""
    made = asked(port, "loop/made", "loop/ask", "bars", 2, "seed", 1, "play", 1)
    whole = ("bars", 4, "seed", 1)
    asked(port, "chords/made", "chords/ask", "text", "a sad evening", *whole)
    asked(port, "chords/made", "chords/ask", "image", str(picture), "audio", str(sound), *whole)
    asked(port, "chords/made", "chords/transcribe", str(sound))
    asked(port, "chords/suggested", "chords/suggest", "before", "A:min F:maj")
    asked(port, "silenced", "panic")
    return int(dict(pairs_of(made.arguments))["take"])


def fetched(page: int, query: int, take: int) -> None:
    """Fetch the page with all its files, a clip, its sound, and the tables of OSCQuery."""
    import bandmate

    files = (Path(bandmate.__file__).parent / "panel").iterdir()
    for path in ("", *(file.name for file in files), f"clips/{take}.mid", f"sound/{take}.wav"):
        assert got(f"http://{HERE}:{page}/{path}"), path
    assert json.loads(got(f"http://{HERE}:{query}/"))
    origin = Origin(f"http://{HERE}:{page}")
    with connect(f"ws://{HERE}:{page}/ws", origin=origin) as wire:
        wire.send(json.dumps({"address": "/bandmate/hello", "args": [1]}))
        assert json.loads(wire.recv(PATIENCE))


def got(url: str) -> bytes:
    """Return what lies at an address."""
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        found: bytes = answer.read()
        return found


def on_screen(*words: str) -> None:
    """Run a program that stays until it is ended; see that it stays, and that it can be ended."""
    process = subprocess.Popen([*CLI, *words], env=os.environ | {"QT_QPA_PLATFORM": "offscreen"})
    try:
        process.wait(SHOWN_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
    else:
        raise AssertionError(f"bandmate {' '.join(words)} ended by itself")


def from_the_command_line(folder: Path, port: int) -> None:
    """Run the commands, without the daemon where they need none."""
    clip, card = str(folder / "clip.mid"), str(folder / "card.mid")
    ran("loop", "--bars", "2", "--seed", "1", "-o", clip)
    ran("chords", "a warm beach", "--seed", "1", "-o", card)
    ran("render", clip, "-o", str(folder / "clip.wav"))
    ran("presets")
    ran("bridge", "status")
    ran("doctor", "--port", str(port), may_fail=True)  # there is no MIDI here
    ran("panic", "--port", str(port))


def ran(*words: str, may_fail: bool = False) -> None:
    """Run one command to its end."""
    done = subprocess.run([*CLI, *words], check=False, timeout=PATIENCE)
    assert may_fail or done.returncode == 0, f"bandmate {' '.join(words)}: {done.returncode}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
