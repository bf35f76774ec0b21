"""What sounds now, and what was handed to a port before it is due: so that all of it ends."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from bandmate.timing.player.events import (
    ALL_NOTES_OFF,
    CLICK,
    EARLY_BEATS,
    NOTE_OFF,
    NOTE_ON,
    SUSTAIN,
    Strike,
    Voice,
    controls_off,
    note_off,
)
from bandmate.timing.ports.ports import Output

_REMEMBERED = 4096
"""Messages handed over ahead of time that can be taken back; far more than any port holds."""


class Due(NamedTuple):
    """A note, or a message without one, at its beat of the song's grid; sorts as it is sent."""

    beat: float
    rank: int
    """0 for programs, 1 for notes."""
    order: int
    """Tells two of the same beat apart."""
    ends: float
    strike: Strike


class _Sounding(NamedTuple):
    ends: float
    """Beat of the song's grid."""
    voice: Voice
    part: str
    off: bytes


class Voices:
    """Strikes notes on an output and ends each; what is ahead of its time can be taken back."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self._sounding: dict[Voice, _Sounding] = {}
        self._held: dict[Voice, str] = {}
        """What sounds by hand, with no end known."""
        self._handed: deque[Due | _Sounding] = deque(maxlen=_REMEMBERED)

    @property
    def next_end(self) -> float | None:
        """The beat of the next end; None where no played note sounds."""
        return min((s.ends for s in self._sounding.values()), default=None)

    def strike(self, due: Due, at: float) -> None:
        """Send a note that is due at the clock's second *at*; it ends first where it sounds."""
        strike = due.strike
        if not strike.off:
            self._hand(due, strike.on, at, strike.part)
            return
        if strike.voice in self._sounding:
            self._end(self._sounding[strike.voice], at)
        # Before sending: a send that fails may still have sounded.
        self._sounding[strike.voice] = _Sounding(due.ends, strike.voice, strike.part, strike.off)
        self._hand(due, strike.on, at, strike.part)

    def end_due(self, beat: float, at: float) -> None:
        """End the notes that are to end at *beat*, the clock's second *at*, or before."""
        for sounding in [s for s in self._sounding.values() if s.ends <= beat]:
            self._end(sounding, at)

    def end_unheard(self, is_heard: Callable[[str], bool], at: float) -> None:
        """End what sounds now of the parts that are not to be heard."""
        for sounding in [s for s in self._sounding.values() if not is_heard(s.part)]:
            self._end(sounding, at)

    def cut(self, beat: float) -> None:
        """Let nothing that sounds outlast *beat*, beside the clicks that count in."""
        for voice, s in self._sounding.items():
            if s.part != CLICK:
                self._sounding[voice] = s._replace(ends=min(s.ends, beat))

    def send_now(self, messages: Iterable[bytes], part: str = "") -> None:
        """Send messages at once, and remember what they make sound."""
        for message in messages:
            kind = message[0] & 0xF0
            if kind in (NOTE_ON, NOTE_OFF) and len(message) == 3:
                voice = (message[0] & 0x0F, message[1])
                if kind == NOTE_ON and message[2]:
                    self._held[voice] = part
                else:
                    self._held.pop(voice, None)
            self.output.send(message, part=part)

    def take_back(self) -> list[Due]:
        """Take back what the output has not sent yet, as though it had never been handed over."""
        found: list[Due] = []
        for _ in range(min(self.output.take_back(), len(self._handed))):
            last = self._handed.pop()
            if isinstance(last, _Sounding):
                self._sounding[last.voice] = last
            else:
                self._sounding.pop(last.strike.voice, None)
                found.append(last)
        return found

    def silence(self, channels: Iterable[int] = ()) -> None:
        """End all at once: each note by its own message, then all on its channel and *channels*.

        What the output raises is passed over: a message that fails must not keep the others from
        silencing.
        """
        with contextlib.suppress(Exception):
            self.take_back()
        parts = {voice: s.part for voice, s in self._sounding.items()} | self._held
        self._sounding.clear()
        self._held.clear()
        self._handed.clear()
        for voice, part in sorted(parts.items()):
            self.surely([note_off(voice)], part)
        spoken = {voice[0]: part for voice, part in sorted(parts.items())}
        for channel in sorted({*spoken, *channels}):
            off = controls_off([channel], SUSTAIN, ALL_NOTES_OFF)
            self.surely(off, spoken.get(channel, ""))

    def surely(self, messages: Iterable[bytes], part: str = "") -> None:
        """Send at once what silences, whatever becomes of each message."""
        for message in messages:
            with contextlib.suppress(Exception):
                self.output.send(message, part=part)

    def _end(self, sounding: _Sounding, at: float) -> None:
        self.output.send(sounding.off, at, sounding.part)
        self._sounding.pop(sounding.voice, None)
        self._handed.append(sounding)

    def _hand(self, due: Due, message: bytes, at: float, part: str) -> None:
        self.output.send(message, at, part)
        self._handed.append(due)


def without(dues: Iterable[Due], beat: float) -> list[Due]:
    """Return those before *beat*, where another take begins, and the clicks that count it in.

    A note that begins a hair before would be cut to nothing: it goes as well.
    """
    kept = [due for due in dues if due.beat < beat - EARLY_BEATS or due.strike.part == CLICK]
    return [due._replace(ends=min(due.ends, beat)) for due in kept]
