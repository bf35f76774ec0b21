"""What no page should say, kind by kind: the frames, and what must be told of them."""

from __future__ import annotations

import json
from typing import Any

Frame = dict[str, Any]


def text(said: str, times: int = 1, before: str = "", behind: str = "") -> Frame:
    """Return a text frame; what is long is made long in the browser."""
    return {"text": said, "times": times, "before": before, "behind": behind}


def says(address: str, *arguments: Any) -> Frame:
    """Return a frame that is JSON at least."""
    return text(json.dumps({"address": f"/bandmate/{address}", "args": list(arguments)}))


def hello(arguments: str) -> Frame:
    """Return a hello whose arguments are written so."""
    return text(f'{{"address": "/bandmate/hello", "args": {arguments}}}')


HELLO = '{"address": "/bandmate/hello", "args": '
LYRICS = '{"address": "/bandmate/chords/ask", "args": ["a", "text", "'
ARGUMENT = "argument 0 of a frame must be"
A_NOTE = {"b64": "A" * 16}

KINDS: dict[str, tuple[list[Frame], str]] = {
    "no JSON": ([text("{'address': oops")], "a frame must be JSON"),
    "nothing": ([text("")], "a frame must be JSON"),
    "a list": ([text("[1, 2]")], "a frame must be a JSON object"),
    "null": ([text("null")], "a frame must be a JSON object"),
    "an address that is a number": ([text('{"address": 5}')], "a frame's address must be"),
    "an address of somewhere": ([text('{"address": "mate"}')], "a frame's address must be"),
    "args that are a text": ([hello('"a"')], "a frame's args must be a list"),
    "args in args": ([hello('[["a"]]')], ARGUMENT),
    "half a letter": ([hello('["\\ud800"]')], ARGUMENT),
    "an id that is null": ([hello("[null]")], ARGUMENT),
    "an unknown address": ([says("loop/sak", "a")], "there is no address '/bandmate/loop/sak'"),
    "an id without an end": ([says("hello", "a" * 201)], "id"),
    "an unknown name": ([says("loop/ask", "a", "barz", 4)], "barz"),
    "a name without a value": ([says("loop/ask", "a", "bars")], "in twos"),
    "a word for a number": ([says("loop/ask", "a", "bars", "many")], "bars must be in 1..64"),
    "a huge number": ([says("loop/ask", "a", "bars", 10**18)], "bars must be in 1..64"),
    "a larger one": ([hello(f"[{10**30}]")], ARGUMENT),
    "an endless one": ([hello("[1e999]")], ARGUMENT),
    "one of many digits": ([text("9", 9000, f"{HELLO}[", "]}")], "a frame must be JSON"),
    "no number": ([hello("[NaN]")], ARGUMENT),
    "the word nan": ([says("song/set", "a", "tempo", "nan")], "tempo must be in 20..400"),
    "the word inf": ([says("song/set", "a", "tempo", "-inf")], "tempo must be in 20..400"),
    "no base64": (
        [says("take/notes", "a", 1, 0, 1, 0, {"b64": "%%%"})],
        "argument 5 of a frame must be base64",
    ),
    "base64 that is a number": ([hello('[{"b64": 4}]')], ARGUMENT),
    "bytes for a number": ([says("loop/ask", "a", "bars", A_NOTE)], "bars must be"),
    "bytes without a name": ([{"bytes": [1, 2]}], "bytes must come behind a frame that names"),
    "a name that is none": ([text('{"upload": 7}')], "upload must be a file's name"),
    "an empty file": ([text('{"upload": "a.wav"}'), {"bytes": []}], "a file must have 1.."),
    "deep lists": ([text("[", 60_000)], "a frame must be JSON"),
    "deep args": ([text("[", 900, HELLO, "]" * 900 + "}")], ARGUMENT),
    "deep objects": ([text('{"address":', 5000)], "a frame must be JSON"),
    "a long text": ([text("x", 60_000, LYRICS, '"]}')], "text must"),
    "a long frame": ([text("x", 70_000)], "a frame must have at most 65536 characters"),
    "parts that are none": ([says("take/edit", "a", 1, "tuba", 1)], "tuba"),
}

LATE: dict[str, tuple[list[Frame], str]] = {
    "a file that is not there": (
        [says("chords/ask", "c", "audio", "/no.wav")],
        "/no.wav cannot be read",
    ),
    "a take that is not there": ([says("take/get", "a", 999)], "take must be"),
    "notes whose sum is wrong": (
        [says("take/edit", "e", 1, "drums", 1), says("take/notes", "e", 1, 0, 1, 5, A_NOTE)],
        "crc32",
    ),
    "half an edit": (
        [says("take/edit", "e", 1, "drums", 2), says("take/notes", "e", 1, 0, 2, 5, A_NOTE)],
        "chunks",
    ),
    "chunks beyond all": ([says("take/edit", "e", 1, "drums", 10**9)], "chunks must be"),
}
"""What is told of once it was waited for or looked at."""
