"""A clip as MIDI events: bytes and the second at which each is due, made before anything sounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bandmate.music.clip import DRUM_CHANNEL, Clip, Note, Part

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
"""Status bytes; the channel (0..15) is added."""

SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF = 64, 120, 123
"""Controllers that silence."""

# A note too short to be heard, or one struck twice at once, still gets this many beats, so that
# its end comes behind its start.
_SHORTEST_BEATS = 1 / 64


class Event(NamedTuple):
    """A message and when it is due; events sort as they are to be sent."""

    due: float
    """Seconds from the launch."""
    rank: int
    """0 for ends, 1 for starts: at one moment a note ends before its pitch is struck again."""
    message: bytes


class Score(NamedTuple):
    """All that playing a clip sends."""

    setup: tuple[bytes, ...]
    """Program changes, sent first."""
    events: tuple[Event, ...]
    """In the order of sending; every start has its end, no later than the clip's."""
    seconds: float
    """Length of the clip."""
    channels: tuple[int, ...]
    """Channels used, 0..15."""


def score_of(clip: Clip) -> Score:
    """Return what playing *clip* at its own tempo sends.

    Drums are on channel 9, the other parts on 0, 1, 2..., skipping 9; a sixteenth pitched part
    shares the first's channel. Overlapping notes of one pitch and channel end where the next
    begins, and nothing outlasts the clip.
    """
    channels = _channels(clip.parts)
    seconds_a_beat = 60 / clip.tempo
    programs: dict[int, int] = {}
    for channel, part in zip(channels, clip.parts, strict=True):
        programs.setdefault(channel, part.program)
    events = [
        event
        for channel, notes in _by_channel(clip.parts, channels).items()
        for note, end in _disjoint(notes, clip.length)
        for event in (
            Event(note.start * seconds_a_beat, 1, note_on(channel, note.pitch, note.velocity)),
            Event(end * seconds_a_beat, 0, note_off(channel, note.pitch)),
        )
    ]
    return Score(
        setup=tuple(bytes((PROGRAM + channel, program)) for channel, program in programs.items()),
        events=tuple(sorted(events)),
        seconds=clip.length * seconds_a_beat,
        channels=tuple(sorted(programs)),
    )


def controls_off(channels: Iterable[int], *controllers: int) -> list[bytes]:
    """Return messages that set *controllers* to 0 on *channels* (0..15)."""
    return [
        bytes((CONTROL + channel, controller, 0))
        for channel in channels
        for controller in controllers
    ]


def panic() -> list[bytes]:
    """Return what ends every sound on all sixteen channels, held pedals and long tails too."""
    return controls_off(range(16), SUSTAIN, ALL_NOTES_OFF, ALL_SOUND_OFF)


def note_on(channel: int, pitch: int, velocity: int) -> bytes:
    """Return the message that begins a note."""
    return bytes((NOTE_ON + channel, pitch, velocity))


def note_off(channel: int, pitch: int) -> bytes:
    """Return the message that ends a note."""
    return bytes((NOTE_OFF + channel, pitch, 0))


def _channels(parts: Iterable[Part]) -> list[int]:
    pitched = [channel for channel in range(16) if channel != DRUM_CHANNEL]
    taken = 0
    channels = []
    for part in parts:
        channels.append(DRUM_CHANNEL if part.is_drums else pitched[taken % len(pitched)])
        taken += not part.is_drums
    return channels


def _by_channel(parts: Iterable[Part], channels: Iterable[int]) -> dict[int, list[Note]]:
    notes: dict[int, list[Note]] = defaultdict(list)
    for part, channel in zip(parts, channels, strict=True):
        notes[channel] += part.notes
    return notes


def _disjoint(notes: Iterable[Note], length: float) -> Iterator[tuple[Note, float]]:
    """Yield the notes of a channel and their ends; no pitch is struck while it sounds."""
    by_pitch: dict[int, list[Note]] = defaultdict(list)
    for note in sorted(notes, key=lambda note: (note.start, note.end)):
        if note.start < length:
            by_pitch[note.pitch].append(note)
    for same in by_pitch.values():
        limits = [note.start for note in same[1:]] + [length]
        for note, limit in zip(same, limits, strict=True):
            if note.start < limit:  # of two struck at once, the longer one is heard
                yield note, min(limit, max(note.end, note.start + _SHORTEST_BEATS))
