"""Small files and messages that stand for large or deep ones: YAML, JSON, OSC, pictures, sound.

    python -m bench.attacks.bombs

Each must be done or refused in words, within 3 seconds and 100 MB.
"""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import partial

from bench.attacks.tables import own_home, show, tried

SECONDS, MEGABYTES = 3.0, 100.0

_LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
YAML = {
    "deep lists": "tempo: " + "[" * 30_000,
    "deep mappings": "{a: " * 30_000,
    "deep lines": "- " * 30_000,
    "aliases, 43 million values": _LAUGHS + "\nport: *h\n",
    "a circle": "port: &a [*a]\n",
    "a tag": "port: !!bool maybe\n",
    "base sixty": "port: " + "1:" * 4000 + "1.5\n",
    "9 MB": "# long\n" * 1_300_000,
}


def _mapping(text: str) -> None:
    from bandmate.surfaces.mapping import read_mapping

    read_mapping(text)


def _settings(text: str) -> None:
    from bandmate import paths
    from bandmate.config import read_settings

    paths.settings_file().write_text(text)
    read_settings()


def _presets(text: str) -> None:
    from bandmate import paths
    from bandmate.asks.presets import presets

    folder = paths.home() / "presets"
    folder.mkdir(exist_ok=True)
    (folder / "mine.yaml").write_text(text)
    presets(folder)


def _words(text: str) -> None:
    from bandmate import paths
    from bandmate.style.keywords import vocabulary

    (paths.home() / "keywords.yaml").write_text(text)
    vocabulary(paths.home())


READERS = {"settings": _settings, "mapping": _mapping, "preset": _presets, "words": _words}


def _frame(text: str) -> None:
    from bandmate.wires.page.frames import frame_to_message

    frame_to_message(text)


def _packet(data: bytes) -> None:
    from bandmate.wires.packets import packet_to_messages

    packet_to_messages(data)


def _bundles(deep: int) -> bytes:
    data = b"#bundle\0" + bytes(8)
    for _ in range(deep):
        data = b"#bundle\0" + bytes(8) + struct.pack(">i", len(data)) + data
    return data


def _picture(side: int) -> bytes:
    """Return a PNG of side x side black pixels, as small as they go."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + side // 8)) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _seen(side: int) -> None:
    from bandmate import paths
    from bandmate.inspire.image.pictures import read_picture

    file = paths.home() / "bomb.png"
    file.write_bytes(_picture(side))
    read_picture(file)


def _heard(frames: int) -> None:
    from bandmate import paths
    from bandmate.inspire.audio.sound import read_sound

    file = paths.home() / "bomb.wav"
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 1, 64,
                       1000, 128000, 128, 16, b"data", 0xFFFFFFF0)  # fmt: skip
    file.write_bytes(head + bytes(frames))
    read_sound(file)


def _take(text: str) -> None:
    from bandmate import paths
    from bandmate.takes.store import Takes
    from test_takes import kept

    takes = Takes(paths.database(), paths.clips())
    kept(takes)
    takes._db.execute("UPDATE takes SET clip = ?", (text,))
    takes.listed()


CASES: dict[str, Callable[[], object]] = {
    **{
        f"YAML: {bomb} as {reader}": lambda r=reader, b=bomb: READERS[r](YAML[b])  # type: ignore[misc]
        for bomb in YAML
        for reader in READERS
    },
    "JSON: deep lists in a frame": lambda: _frame("[" * 60_000),
    "JSON: deep objects in a frame": lambda: _frame('{"address":' * 6000),
    "JSON: many digits": lambda: _frame('{"address": "/a", "args": [' + "9" * 60_000 + "]}"),
    "JSON: a deep row of a take": lambda: _take("[" * 500_000),
    "OSC: bundles in bundles": lambda: _packet(_bundles(400)),
    "OSC: a bundle without an end": lambda: _packet(b"#bundle\0" + bytes(8) + b"\x7f\xff\xff\xff"),
    "OSC: lists in lists": lambda: _packet(b"/a\0\0," + b"[" * 8000 + bytes(4)),
    "PNG: 30,000 x 30,000 pixels": lambda: _seen(30_000),
    "WAV: 64 channels, 4 GB promised": lambda: _heard(1 << 20),
}


def main() -> int:
    """Try all, each in a process of its own; return 1 where one went through."""
    rows: list[tuple[object, ...]] = []
    is_held = True
    for name in CASES:
        command = [sys.executable, "-m", "bench.attacks.bombs", name]
        try:
            ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            what, seconds, megabytes = json.loads(ran.stdout or f'["exit {ran.returncode}", 0, 0]')
        except subprocess.TimeoutExpired:
            what, seconds, megabytes = "hangs", 60.0, 0.0
        good = what in ("done", "in words") and seconds < SECONDS and megabytes < MEGABYTES
        is_held = is_held and good
        rows.append((name, what, seconds, f"{megabytes:.0f}", "" if good else "WENT THROUGH"))
    show(rows, "bomb", "answer", "seconds", "MB", "")
    print(f"  {sum(not row[-1] for row in rows)} of {len(rows)} held")
    return 0 if is_held else 1


def _alone(name: str) -> None:
    with own_home():
        # What is loaded anyway is no part of the figures.
        for warm in (partial(_settings, ""), partial(_frame, "{}"), partial(_take, "{}")):
            tried(warm)
        tried(partial(_seen, 8))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        what, seconds = tried(CASES[name])
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([what, seconds, (after - before) / 1024]))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _alone(sys.argv[1])
    else:
        sys.exit(main())
