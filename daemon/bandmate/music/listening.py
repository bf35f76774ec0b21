"""Listening: MIDI messages as they are played become notes and wheels, channel by channel.

The ear for what comes in alive, as ``miditrack.py`` is for files: times are beats, messages are
bytes. The sustain pedal makes notes longer; a note that is held still ends with the listening.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from bandmate.music.clip import DRUM_CHANNEL, Note, Wheel

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM, PRESSURE, BEND = 0x80, 0x90, 0xB0, 0xC0, 0xD0, 0xE0

_SUSTAIN, _DOWN = 64, 64
_SILENCERS = (120, 123)
_WHEELS = {1: "modulation", 11: "expression"}
_AT_REST = {"bend": 0, "modulation": 0, "expression": 127, "pressure": 0}
_SHORTEST = 1 / 64


class Played(NamedTuple):
    """A message, and the beat at which it came."""

    beat: float
    message: bytes


@dataclass(slots=True)
class Voice:
    """What one channel played."""

    channel: int
    """0..15."""
    program: int | None = None
    """The last that was chosen."""
    notes: list[Note] = field(default_factory=list)
    """In order of start."""
    wheels: list[Wheel] = field(default_factory=list)
    """In order of start."""

    def wheels_in(self, start: float, end: float) -> tuple[Wheel, ...]:
        """Return the wheels between two beats, counted from *start*; where each stood then, too."""
        standing = {wheel.kind: wheel.value for wheel in self.wheels if wheel.start <= start}
        kept = [
            Wheel(0.0, kind, value)
            for kind, value in sorted(standing.items())
            if value != _AT_REST[kind]
        ]
        kept += [
            Wheel(wheel.start - start, wheel.kind, wheel.value)
            for wheel in self.wheels
            if start < wheel.start < end
        ]
        return tuple(kept)


def played(messages: Iterable[Played], end: float) -> list[Voice]:
    """Return what each channel played until the beat *end*; channels without a note are left out.

    Messages come in the order of their beats. A pitch that is struck again ends there; drums have
    no pedal. What is no channel message is passed over.
    """
    ears: dict[int, _Ear] = {}
    for beat, message in messages:
        if len(message) >= 2 and 0x80 <= message[0] < 0xF0:
            channel = message[0] & 0x0F
            ears.setdefault(channel, _Ear(Voice(channel))).hear(beat, message)
    for ear in ears.values():
        ear.end(end)
    return [ear.voice for _, ear in sorted(ears.items()) if ear.voice.notes]


class _Ear:
    """Listens to one channel."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self._struck: dict[int, tuple[float, int]] = {}
        self._pedalled: set[int] = set()
        self._is_down = False

    def hear(self, beat: float, message: bytes) -> None:
        kind, first = message[0] & 0xF0, message[1]
        second = message[2] if len(message) > 2 else 0
        if kind == NOTE_ON and second:
            self._end_note(beat, first)
            self._struck[first] = (beat, second)
        elif kind in (NOTE_ON, NOTE_OFF):
            self._release(beat, first)
        elif kind == CONTROL:
            self._control(beat, first, second)
        elif kind == PROGRAM:
            self.voice.program = first
        elif kind == PRESSURE:
            self.voice.wheels.append(Wheel(beat, "pressure", first))
        elif kind == BEND:
            self.voice.wheels.append(Wheel(beat, "bend", (second << 7 | first) - 8192))

    def end(self, beat: float) -> None:
        """End all that sounds, and put the notes in order."""
        for pitch in list(self._struck):
            self._end_note(beat, pitch)
        self.voice.notes.sort()

    def _control(self, beat: float, control: int, value: int) -> None:
        if control == _SUSTAIN and self.voice.channel != DRUM_CHANNEL:
            self._is_down = value >= _DOWN
            if not self._is_down:
                for pitch in list(self._pedalled):
                    self._end_note(beat, pitch)
        elif control in _WHEELS:
            self.voice.wheels.append(Wheel(beat, _WHEELS[control], value))
        elif control in _SILENCERS:
            self.end(beat)

    def _release(self, beat: float, pitch: int) -> None:
        if pitch in self._struck and self._is_down:
            self._pedalled.add(pitch)
        else:
            self._end_note(beat, pitch)

    def _end_note(self, beat: float, pitch: int) -> None:
        self._pedalled.discard(pitch)
        if pitch in self._struck:
            start, velocity = self._struck.pop(pitch)
            self.voice.notes.append(Note(start, pitch, max(beat - start, _SHORTEST), velocity))
