"""One track of a MIDI file, heard message by message: notes paired and pedalled, still in ticks.

The ear of ``midifile.py``, apart from it for its length only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bandmate.music.clip import DRUM_CHANNEL

_SUSTAIN = 64
_PEDAL_DOWN = 64


@dataclass(slots=True)
class Voice:
    """One channel of one track."""

    channel: int
    program: int | None
    """The one chosen before the first note, if any."""
    name: str = ""
    """What the track is called, where it has this channel alone."""
    notes: list[Struck] = field(default_factory=list)

    @property
    def least(self) -> int:
        """Ticks that a note without length is given: a drum hit is one, a pitched note is none."""
        return 1 if self.channel == DRUM_CHANNEL else 0

    @property
    def end(self) -> int:
        """The tick at which the last note has ended."""
        return max((max(note.end, note.start + self.least) for note in self.notes), default=0)


class Struck:
    """A note while it is heard, in ticks; struck again in the same tick, it ends before it starts.

    ``has_cut`` says that its onset ended a note of the same pitch whose own end is still to come.
    """

    __slots__ = ("end", "has_cut", "pitch", "start", "velocity")

    def __init__(self, start: int, pitch: int, velocity: int, has_cut: bool) -> None:
        self.start = start
        self.pitch = pitch
        self.velocity = velocity
        self.end = start
        self.has_cut = has_cut


class Fact(NamedTuple):
    """A meta message and when it came."""

    tick: int
    kind: str
    message: Any


class Track:
    """One track, heard from its first message to its last."""

    def __init__(self) -> None:
        self.now = 0
        self.name = ""
        self.voices: dict[int, Voice] = {}
        self.programs: dict[int, int] = {}
        self.facts: list[Fact] = []
        self._sounding: dict[int, Struck] = {}
        self._pedalled: dict[int, set[int]] = {}

    def hear(self, messages: Iterable[Any]) -> None:
        """Take all messages; what still sounds then ends."""
        for message in messages:
            self.now += message.time
            kind = message.type
            if kind == "note_on" and message.velocity:
                self._strike(message.channel, message.note, message.velocity)
            elif kind in {"note_on", "note_off"}:
                self._release(message.channel, message.note)
            elif kind == "control_change":
                if message.control == _SUSTAIN and message.channel != DRUM_CHANNEL:
                    self._pedal(message.channel, message.value)
            elif kind == "program_change":
                self.programs.setdefault(message.channel, message.program)
                voice = self._voice(message.channel)
                voice.program = voice.program if voice.notes else message.program
            elif kind == "track_name":
                self.name = self.name or message.name
            elif message.is_meta:
                self.facts.append(Fact(self.now, kind, message))
        for struck in self._sounding.values():
            struck.end = self.now

    def _voice(self, channel: int) -> Voice:
        voice = self.voices.get(channel)
        if voice is None:
            voice = self.voices[channel] = Voice(channel, None)
        return voice

    def _strike(self, channel: int, pitch: int, velocity: int) -> None:
        slot = channel << 7 | pitch
        former = self._sounding.get(slot)
        has_cut = former is not None
        if former is not None:
            former.end = self.now if former.start < self.now else -1
            if channel in self._pedalled and slot in self._pedalled[channel]:
                self._pedalled[channel].remove(slot)
                has_cut = False
        struck = Struck(self.now, pitch, velocity, has_cut)
        self._sounding[slot] = struck
        self._voice(channel).notes.append(struck)

    def _release(self, channel: int, pitch: int) -> None:
        slot = channel << 7 | pitch
        struck = self._sounding.get(slot)
        if struck is None:
            return
        if struck.has_cut and struck.start == self.now:
            # Some programs write the end of a note behind the onset that follows on it.
            struck.has_cut = False
        elif channel in self._pedalled:
            self._pedalled[channel].add(slot)
        else:
            struck.end = self.now
            del self._sounding[slot]

    def _pedal(self, channel: int, value: int) -> None:
        if value >= _PEDAL_DOWN:
            self._pedalled.setdefault(channel, set())
        else:
            for slot in self._pedalled.pop(channel, ()):
                self._sounding.pop(slot).end = self.now
