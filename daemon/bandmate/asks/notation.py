"""How parts, meters, chords and files are written in an ask, a song, a preset or a plan.

Readers of text raise AskError with one sentence; each has its way back beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from bandmate.errors import AskError, FileError, nearest
from bandmate.fields import Whole, shown
from bandmate.loops.plan import MAX_BAR_BEATS, PlannedPart
from bandmate.music.chord import Chord, split_chords
from bandmate.music.clip import ChordSpan
from bandmate.music.meter import Meter
from bandmate.music.roles import MAX_OF_A_KIND, ROLES, numbered

MAX_BARS = 64
MAX_PARTS = 10
MAX_CHORDS_A_BAR = 8

BarsOfChords = tuple[tuple[Chord, ...], ...]
"""Chords as they are written: for each bar its chords, which share it equally."""

_PART = re.compile(r"([a-z]+)([1-9]\d*)?(?::(.+))?", re.ASCII)


def parse_meter(text: str) -> Meter:
    """Read ``"6/8"``; raises AskError also for a bar that the loop model cannot write."""
    return checked_meter(Meter.parse(text))


def checked_meter(meter: Meter) -> Meter:
    """Return a meter that the loop model can write; raises AskError for the others."""
    if meter.denominator not in (2, 4, 8) or not 1 <= meter.bar_beats <= MAX_BAR_BEATS:
        raise AskError(
            f"meter must be over 2, 4 or 8 with a bar of 1..{MAX_BAR_BEATS:g} beats "
            f"(quarter notes), not {meter}"
        )
    return meter


def parse_parts(text: str) -> tuple[PlannedPart, ...]:
    """Read ``"drums,bass,keys:4,lead2:81"``; raises AskError naming the nearest roles."""
    words = [word.strip().lower() for word in text.split(",")]
    if not text.strip() or len(words) > MAX_PARTS:
        raise AskError(
            f"parts must name 1..{MAX_PARTS} parts, not {len(words) if text.strip() else 0}"
        )
    parts: list[PlannedPart] = []
    for word in words:
        parts.append(_part(word, {part.name for part in parts}))
    return tuple(parts)


def _part(word: str, taken: set[str]) -> PlannedPart:
    match = _PART.fullmatch(word)
    if match is None or match[1] not in ROLES:
        near = nearest(match[1] if match else word[:40], ROLES)
        raise AskError(f"parts must be roles such as {near}, not {shown(word)}")
    role, digit, program = match.groups()
    if digit and int(digit[:3]) > MAX_OF_A_KIND:
        raise AskError(f"parts may number a role 1..{MAX_OF_A_KIND}, not {shown(word)}")
    name = numbered(role, taken) if digit is None else role + digit.replace("1", "")
    if name is None:
        raise AskError(f"parts may hold {role} {MAX_OF_A_KIND} times at most")
    if name in taken:
        raise AskError(f"parts may name {name} once, not twice")
    usual = ROLES[role].program
    return PlannedPart(
        name, usual if program is None else _PROGRAM.read(f"program of {name}", program)
    )


_PROGRAM = Whole(0, 127)


def parts_to_text(parts: Iterable[PlannedPart]) -> str:
    """Return parts as they are written, programs said: ``drums:0,bass:33``."""
    return ",".join(f"{part.name}:{part.program}" for part in parts)


def read_chords(text: str) -> BarsOfChords:
    """Read ``"A:min D:min,G:7"``: a blank between bars, a comma within one; raises AskError."""
    labels = split_chords(text)
    if len(labels) > MAX_BARS * MAX_CHORDS_A_BAR:
        raise AskError(f"chords must be 1..{MAX_BARS * MAX_CHORDS_A_BAR}, not {len(labels)}")
    bars = ",".join(label.strip() for label in labels).split()
    if not 1 <= len(bars) <= MAX_BARS:
        raise AskError(f"chords must fill 1..{MAX_BARS} bars, not {len(bars)}")
    return tuple(_bar_of_chords(bar) for bar in bars)


def _bar_of_chords(text: str) -> tuple[Chord, ...]:
    labels = split_chords(text)
    if len(labels) > MAX_CHORDS_A_BAR:
        raise AskError(f"chords of a bar must be 1..{MAX_CHORDS_A_BAR}, not {len(labels)}")
    return tuple(Chord.parse(label) for label in labels)


def check_fit(chords: BarsOfChords, bars: int) -> None:
    """Raise AskError where chords fill more than *bars* bars."""
    if len(chords) > bars:
        raise AskError(f"chords must fill 1..{bars} bars, as the clip does, not {len(chords)}")


def placed_chords(chords: BarsOfChords, meter: Meter, bars: int) -> tuple[ChordSpan, ...]:
    """Lay chords over *bars* bars: too few are repeated, too many raise AskError."""
    check_fit(chords, bars)
    spans: list[ChordSpan] = []
    for index in range(bars if chords else 0):
        bar = chords[index % len(chords)]
        edges = [meter.bar_beats * (index + i / len(bar)) for i in range(len(bar) + 1)]
        spans += [ChordSpan(*edge) for edge in zip(edges, edges[1:], bar, strict=False)]
    return tuple(spans)


def parse_chords(text: str, meter: Meter, bars: int) -> tuple[ChordSpan, ...]:
    """Read chords and lay them over *bars* bars of a meter; raises AskError."""
    return placed_chords(read_chords(text), meter, bars)


def chords_to_text(spans: Iterable[ChordSpan], meter: Meter, bars: int) -> str:
    """Return chords as they are written, ``N`` for a bar without one; empty for no chords."""
    known = tuple(spans)
    words = []
    for index in range(bars if known else 0):
        start, end = meter.bar_beats * index, meter.bar_beats * (index + 1)
        words.append(
            ",".join(str(s.chord) for s in known if s.start < end and s.end > start) or "N"
        )
    return " ".join(words)


def read_file(text: str) -> Path:
    """Return the path of a file that is there; what it holds is not looked at.

    Raises FileError, or AskError where none is named.
    """
    if not text:
        raise AskError("a file must be named, not left empty")
    path = Path(text)
    try:
        is_there, is_file = path.exists(), path.is_file()
    except OSError as error:
        raise FileError(f"{_short(text)} cannot be read: {error.strerror}") from error
    if not is_file:
        what = "it is no plain file" if is_there else "there is no such file"
        raise FileError(f"{_short(text)} cannot be read: {what}")
    return path


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."
