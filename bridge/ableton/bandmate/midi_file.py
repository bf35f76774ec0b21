"""A .mid of what lies in Live's clips, so that the daemon can play to it.

Type 1 at 480 ticks a beat: the song's track, then one track for each track of Live, named as it is.
"""

from __future__ import annotations

import struct
from typing import Generator, NamedTuple, Sequence, Tuple

from .takes import Note

TICKS = 480
_DRUM_CHANNEL = 9
_MICROSECONDS = 60000000
_AT_ONCE = 128
_COST = 32
"""Of as many: Live is not asked."""


class Track(NamedTuple):
    """What one track of Live plays."""

    name: str
    is_drums: bool
    notes: Sequence[Note]


def to_bytes(
    tracks: Sequence[Track], length: float, tempo: float, meter: tuple[int, int]
) -> Generator[int, None, bytes]:
    """Return the file, made in pieces; *length* in beats, *tempo* in quarter notes a minute."""
    end = round(length * TICKS)
    chunks = []
    song = yield from _chunk(_song(tempo, meter), end)
    chunks.append(song)
    pitched = [channel for channel in range(16) if channel != _DRUM_CHANNEL]
    for index, track in enumerate(tracks):
        channel = _DRUM_CHANNEL if track.is_drums else pitched[index % len(pitched)]
        events = yield from _events(track, channel, end)
        chunk = yield from _chunk(events, end)
        chunks.append(chunk)
    return b"MThd" + struct.pack(">LHHH", 6, 1, len(chunks), TICKS) + b"".join(chunks)


_Event = Tuple[int, int, bytes]
"""Tick, place among the events of that tick, bytes."""


def _song(tempo: float, meter: tuple[int, int]) -> list[_Event]:
    microseconds = min(round(_MICROSECONDS / tempo), 0xFFFFFF)
    numerator, denominator = meter
    power = max(0, denominator.bit_length() - 1)
    return [
        (0, 0, b"\xff\x51\x03" + struct.pack(">L", microseconds)[1:]),
        (0, 1, b"\xff\x58\x04" + bytes((numerator, power, 24, 8))),
    ]


def _events(track: Track, channel: int, end: int) -> Generator[int, None, list[_Event]]:
    """Return a track's events: no pitch twice at once, none past *end*."""
    name = track.name.encode("utf-8", "replace")[:127]
    events = [(0, -1, b"\xff\x03" + bytes((len(name),)) + name)]
    upcoming: dict[int, int] = {}
    latest_first = sorted(track.notes, key=lambda note: note.start, reverse=True)
    for count, note in enumerate(latest_first, 1):
        start = round(note.start * TICKS)
        own = max(start + 1, round((note.start + note.duration) * TICKS))
        stop = min(own, upcoming.get(note.pitch, end))
        if 0 <= start < stop:
            upcoming[note.pitch] = start
            velocity = min(127, max(1, note.velocity))
            events.append((start, 1, bytes((0x90 | channel, note.pitch, velocity))))
            events.append((stop, 0, bytes((0x80 | channel, note.pitch, 0))))
        if count % _AT_ONCE == 0:
            yield _COST
    return events


def _chunk(events: list[_Event], end: int) -> Generator[int, None, bytes]:
    now = 0
    parts = []
    for count, (tick, _, data) in enumerate(sorted(events, key=lambda event: event[:2]), 1):
        parts.append(_length(tick - now) + data)
        now = tick
        if count % _AT_ONCE == 0:
            yield _COST
    body = b"".join(parts) + _length(end - now) + b"\xff\x2f\x00"
    return b"MTrk" + struct.pack(">L", len(body)) + body


def _length(ticks: int) -> bytes:
    """Return ticks as a number of as many bytes as it takes, seven bits each."""
    data = [ticks & 0x7F]
    while ticks > 0x7F:
        ticks >>= 7
        data.append(ticks & 0x7F | 0x80)
    return bytes(reversed(data))
