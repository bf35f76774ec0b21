"""Whatever a person or a program may send is read in time that grows with its length, not faster.

Every pattern of the daemon and of the bridge for Live is found in the syntax tree and attacked with
texts made from itself; a pattern without a row below fails, so that none is added unnoticed.
"""

from __future__ import annotations

import ast
import importlib
import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bandmate.asks.cells import read_cells, read_shifts
from bandmate.asks.chords import LONGEST_TEXT
from bandmate.asks.notation import parse_parts, read_chords
from bandmate.asks.presets import PRESET_FIELDS
from bandmate.asks.scoped import SHAPED, Shaped, read_curve
from bandmate.chords.proposer.pieces import pieces_to_bars
from bandmate.clients.clients import check_mailbox_name
from bandmate.config import SETTINGS
from bandmate.contract.addresses import ADDRESSES
from bandmate.contract.live import PADS, read_notes, read_pad_chords
from bandmate.contract.messages import text_to_message
from bandmate.contract.rows import read_topics
from bandmate.errors import BandmateError
from bandmate.fields import Field, shown
from bandmate.inspire.text.reader import _parts
from bandmate.inspire.text.words import Finder
from bandmate.loops.form import read_form
from bandmate.music import midifile
from bandmate.music.chord import Chord, split_chords
from bandmate.music.harte import content_to_degrees
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.music.naming import heard_role
from bandmate.music.symbols import suffix_to_degrees
from bandmate.style.keywords import plain, read_keywords, vocabulary
from bandmate.surfaces.actions import request_of
from bandmate.surfaces.controls import Control
from bandmate.wires.access import read_networks
from bandmate.wires.oscquery import QueryWire
from bandmate.wires.packets import Frames, packet_to_messages
from bandmate.wires.page.frames import frame_to_said
from bandmate.wires.page.uploads import _suffix
from linear import MOST, TIMES, growth, hostile

ROOT = Path(__file__).parents[1]
DAEMON, LIVE = ROOT / "daemon" / "bandmate", ROOT / "bridge" / "ableton" / "bandmate"
METHODS = {
    "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer",
}  # fmt: skip
LENGTH = 2000
"""Characters of the shorter text; the longer is as long as an inspiring text at most may be."""

PATTERNS = {
    "daemon/asks/loop.py parse_reply": "a reply, 60 characters",
    "daemon/hosts/install.py _LIBRARY": "Live's own settings",
    "daemon/hosts/install.py _VERSION": "our own scripts",
    "daemon/hosts/install.py _ardour": "names of folders",
    "daemon/asks/cells.py _NAMED": "cells of an ask, 400 characters",
    "daemon/asks/cells.py _SHIFT": "shifts of an ask, 400 characters",
    "daemon/inspire/text/reader.py _SENTENCE": "an inspiring text, 2000 characters",
    "daemon/inspire/text/words.py _HANGUL": "an inspiring text, 2000 characters",
    "daemon/inspire/text/words.py _KANA": "an inspiring text, 2000 characters",
    "daemon/inspire/text/words.py _TOKEN": "an inspiring text, 2000 characters",
    "daemon/inspire/text/words.py _UNSPACED": "an inspiring text, 2000 characters",
    "daemon/inspire/text/words.py _WORD": "an inspiring text, 2000 characters",
    "daemon/style/keywords.py _DASHES": "keywords, 400 characters, and an inspiring text",
    "daemon/takes/files.py _ASIDE": "names of files in the clips folder",
    "daemon/doctor/leftovers.py _SESSION": "a file of onnxruntime, its beginning",
    "daemon/system/leftovers.py _DRAFT": "names of files in bandmate's folder",
    "daemon/loops/form.py _WORD": "a form, 200 characters",
    "daemon/music/chord.py _CHORD": "a chord, 80 characters",
    "daemon/music/chord.py _MARK": "chords, 8000 characters",
    "daemon/music/chord.py _NOTE": "a chord, 80 characters",
    "daemon/music/harte.py _CONTENT": "a chord, 80 characters",
    "daemon/music/harte.py _DEGREE": "a chord, 80 characters",
    "daemon/music/key.py _TONIC": "a key, 40 characters, and the key of a MIDI file",
    "daemon/music/meter.py _WRITTEN": "a meter, 40 characters",
    "daemon/music/midifile.py _HIGH_BYTES": "a MIDI file, 4 MB",
    "daemon/music/midifile.py _KEY_SIGNATURE": "a MIDI file, 4 MB",
    "daemon/music/midifile.py _KEY_TEXT": "texts of a MIDI file, 4 MB",
    "daemon/music/midifile.py _SECTION": "markers of a MIDI file, 4 MB",
    "daemon/music/naming.py _OURS": "names of tracks of a MIDI file, 4 MB",
    "daemon/music/naming.py _WORD": "names of tracks of a MIDI file, 4 MB",
    "daemon/music/roman.py _ROMAN": "our own numerals",
    "daemon/music/symbols.py _CASED": "a chord, 80 characters",
    "daemon/fields.py _BLANKS": "names, 100 characters",
    "daemon/fields.py _NUMBER": "numbers, 40 characters",
    "daemon/fields.py read": "texts of fields: each is tested below",
    "daemon/shelf/files.py _UNSAFE": "a title, 100 characters",
    "daemon/shelf/rows.py _NUMBER": "a title, 100 characters",
    "daemon/asks/notation.py _PART": "parts of an ask, 400 characters",
    "daemon/workers/weights.py _UNSAFE": "the name of a model's file",
    "daemon/clients/clients.py MAILBOX_NAME": "a mailbox, 200 characters",
    "daemon/surfaces/controls.py _WRITTEN": "the person's own controller.yaml",
    "daemon/wires/discovery.py _UNSAFE": "the name of this machine",
    "daemon/contract/live.py _NOTES": "the notes of pads, 40 characters",
    "daemon/wires/page/websocket.py _PAGE": "the path of a request, 8192 bytes",
    "daemon/wires/page/frames.py _HALVES": "a frame, 65536 characters",
    "daemon/wires/page/files.py _TAKE": "the path of a request, 8192 bytes",
    "live/places.py _WORD": "names of tracks in Live",
    "live/settings.py _BUTTON": "the person's own settings",
    "live/settings.py _COMMENT": "the person's own settings",
    "live/settings.py _NAME": "the person's own settings",
    "live/takes.py _METER": "what bandmate answers, 8192 bytes",
    "live/takes.py _PART": "what bandmate answers, 8192 bytes",
}
"""Every pattern, and whose text it reads; who is named is cut to that length before."""


class Use(NamedTuple):
    """A pattern and what is called on it."""

    pattern: re.Pattern[Any]
    methods: tuple[str, ...]


@cache
def uses() -> dict[str, Use]:
    """Return every pattern of our sources by its file and its name, or by the function it is in."""
    found: dict[str, Use] = {}
    for folder, name in ((DAEMON, "daemon"), (LIVE, "live")):
        for file in sorted(folder.rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            for key, use in _of_module(tree, file, folder):
                found[f"{name}/{file.relative_to(folder).as_posix()} {key}"] = use
    return found


def _of_module(tree: ast.Module, file: Path, folder: Path) -> Iterator[tuple[str, Use]]:
    names: dict[str, ast.Assign] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and "re.compile(" in ast.unparse(node.value):
            names |= {one.id: node for target in node.targets for one in ast.walk(target)
                      if isinstance(one, ast.Name)}  # fmt: skip
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    for name in names:
        pattern = _value(name, file, folder)
        if isinstance(pattern, re.Pattern):
            used = {c.func.attr for c in calls if isinstance(c.func, ast.Attribute)
                    and isinstance(c.func.value, ast.Name) and c.func.value.id == name}  # fmt: skip
            yield name, Use(pattern, tuple(sorted(used & METHODS)) or ("fullmatch",))
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
            if ast.unparse(call.func).startswith("re."):
                yield function.name, _inline(call)


def _inline(call: ast.Call) -> Use:
    """Return a pattern that is written where it is used, or a stand-in that says that it is not."""
    match call.args[0]:
        case ast.Constant(value=str() as pattern):
            return Use(re.compile(pattern), (ast.unparse(call.func)[3:],))
    return Use(re.compile("a"), ())


def _value(name: str, file: Path, folder: Path) -> object:
    module = ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
    if folder == DAEMON:
        return getattr(importlib.import_module(f"bandmate.{module}"), name)
    tree = ast.parse(file.read_text("utf-8"))
    space: dict[str, object] = {"re": re}
    for node in tree.body:  # the script itself needs Live
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            exec(ast.unparse(node), space)
    return space[name]


def test_every_pattern_has_a_row() -> None:
    assert set(uses()) == set(PATTERNS)


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_a_pattern_takes_linear_time(name: str) -> None:
    use = uses()[name]
    for method in use.methods:
        for text in hostile(use.pattern):
            short, long = text(LENGTH), text(TIMES * LENGTH)
            ratio = growth(_run(use, method, short), _run(use, method, long))
            assert ratio < MOST, (use.pattern.pattern, method, long[:20])


def _run(use: Use, method: str, text: Any) -> Callable[[], object]:
    do = getattr(use.pattern, method)
    if method in ("sub", "subn"):
        return lambda: do(lambda found: found[0], text)
    return lambda: list(do(text) or ()) if method == "finditer" else do(text)


# what reads texts by hand, or by several patterns

ROUNDS = (
    ",", " ", "(", ")", "a", "1", "\\", ":", ";", "=", "-", "#", "b", "'", '"', "!", "/", "[", "{",
    "\n", "\0", "\u0301\u0316", "\ufdfa", "\U0001f600", "a,", "a ", ", ", "((,", "),", "(b9,b13),",
    "C:7(", "C:7(b9,b13) ", "A:min,", "a1:2-3,", "bass=1,", "drums,", "without a, ", "not ",
    "house and ", "house, ", "no sad ", "A' ", "1.1", "1e", "- ", "%2e", "a=1;", "\\n",
)  # fmt: skip
"""What hostile texts go round in."""


def _quietly(do: Callable[[Any], object], *refused: type[Exception]) -> Callable[[Any], None]:
    def done(text: object) -> None:
        with suppress(BandmateError, *refused):
            do(text)

    return done


def midi_file(body: bytes) -> bytes:
    """Return a MIDI file of one track."""
    track = body + b"\0\xff\x2f\0"
    size = len(track).to_bytes(4, "big")
    return b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk" + size + track


def meta(kind: int, data: bytes) -> bytes:
    """Return a text of a MIDI file: a marker is 6."""
    size = len(data)
    digits = bytes([0x80 | size >> 14, 0x80 | size >> 7 & 0x7F, size & 0x7F])
    return bytes([0, 0xFF, kind]) + digits + data


def _markers(text: str) -> None:
    midifile.read(midi_file(meta(6, text.encode())))


READERS: dict[str, tuple[Callable[[Any], object], int]] = {
    "chords": (read_chords, 8000),
    "pieces of the proposer": (pieces_to_bars, 8000),
    "parts": (parse_parts, 8000),
    "cells": (read_cells, 8000),
    "shifts": (read_shifts, 8000),
    "curves": (read_curve, 8000),
    "a form": (read_form, 8000),
    "keywords": (read_keywords, 8000),
    "a key": (Key.parse, 8000),
    "a meter": (Meter.parse, 8000),
    "a chord": (Chord.parse, 8000),
    "a marker of a MIDI file": (_markers, 60_000),
    "a chord's symbol": (suffix_to_degrees.__wrapped__, 8000),
    "a chord's content": (content_to_degrees.__wrapped__, 8000),
    "the name of a track": (lambda text: heard_role(text, 0, 0), 60_000),
    "an inspiring text": (Finder(vocabulary()).read, LONGEST_TEXT),
    "its sentences": (_parts, LONGEST_TEXT),
    "words that are compared": (plain, LONGEST_TEXT),
    "topics": (read_topics, 8000),
    "networks": (read_networks, 8000),
    "notes of pads": (read_notes, 8000),
    "chords of pads": (read_pad_chords, 8000),
    "a control": (Control.parse, 8000),
    "an action": (request_of, 8000),
    "a shape": (lambda text: Shaped(SHAPED["pitch"], "lead=72").read("pitch", text), 8000),
    "a value in an error": (shown, 1 << 20),
    "a file of a mailbox": (text_to_message, 1 << 20),
    "a mailbox's argument": (lambda text: text_to_message(f"/a\ns {text}"), 1 << 20),
    "a frame of a page": (frame_to_said, 65_536),
    "a frame's argument": (lambda t: frame_to_said(json.dumps({"address": "/a", "args": [t]})),
                           65_536),
    "a frame's arguments": (lambda t: frame_to_said('{"address":"/a","args":[' + "1," * len(t)),
                            32_768),
    "the name of an upload": (_suffix, 65_536),
    "a packet": (lambda text: packet_to_messages(text.encode()), 8192),
    "a packet's argument": (lambda text: packet_to_messages(b"/a\0\0,s\0\0" + text.encode()), 8192),
    "a bundle": (lambda text: packet_to_messages(b"#bundle\0" + b"\0\0\0\4/a\0\0" * len(text)),
                 8192),
    "a stream": (lambda text: list(Frames().fed(b"\0\0\0\4/a\0\0" * len(text))), 8192),
    "a path of OSCQuery": (QueryWire(dict, 7770).answer, 65_536),
    "a mailbox's name": (check_mailbox_name, 65_536),
}  # fmt: skip
"""What reads a text, and the longest that it is given."""


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_linear_time(name: str) -> None:
    read, longest = READERS[name]
    do = _quietly(read, ValueError)
    for again in ROUNDS:
        for end in ("", "\x01"):
            long = (again * longest)[: longest - 1] + end
            short = (again * longest)[: longest // TIMES] + end
            assert growth(partial(do, short), partial(do, long)) < MOST, (again, end)


def fields() -> dict[str, Field]:
    """Return all that any wire or file may say, by the table it stands in."""
    tables = {row.address: (*row.takes, *row.pairs) for row in ADDRESSES.values()}
    tables |= {"settings": SETTINGS, "pads": PADS, "presets": PRESET_FIELDS}
    return {f"{table} {field.name}": field for table, rows in tables.items() for field in rows}


def test_every_field_takes_linear_time_and_is_cut_before_it_is_read() -> None:
    rows = {(field.name, str(field.range)): (name, field) for name, field in fields().items()}
    for name, field in rows.values():
        longest = getattr(field.range, "longest", 40)
        assert longest <= 8000, name
        do = _quietly(partial(field.range.read, field.name), OSError)
        for again in ROUNDS:
            for most in (longest, 1 << 20):
                long, short = (again * most)[:most], (again * most)[: most // TIMES]
                assert growth(partial(do, short), partial(do, long)) < MOST, (name, again, most)


def test_a_midi_file_is_read_in_linear_time() -> None:
    """Runs of bytes that a number may go on with, each one byte short of a number without end."""

    def file(runs: int) -> Callable[[], None]:
        data = midi_file(meta(1, b"\x80" * 4095 + b"a") * runs)
        return lambda: _quietly(midifile.read)(data)

    assert growth(file(64), file(64 * TIMES)) < MOST


def test_a_comma_within_brackets_is_no_comma_between_chords() -> None:
    assert split_chords("C:7(b9,b13),G") == ["C:7(b9,b13)", "G"]
    assert split_chords("C:7(b9,b13") == ["C:7(b9", "b13"]
    assert split_chords(",a),,(b,c)") == [",a)", "", "(b,c)"]
    assert split_chords("") == [""]
    pattern = re.compile(r",(?![^()]*\))")
    draw = random.Random(4)
    for _ in range(2000):
        text = "".join(draw.choices("C7,() ", k=draw.randrange(14)))
        assert split_chords(text) == pattern.split(text), text
