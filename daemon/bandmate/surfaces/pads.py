"""Chords on pads: one note sounds one chord, voiced, for as long as its pad is held.

Pure: what comes in are the messages of pads, what goes out are messages for a MIDI port.
"""

from __future__ import annotations

from collections.abc import Iterable

from bandmate.asks.notation import BarsOfChords
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan
from bandmate.music.voicing import voiced
from bandmate.surfaces.mapping import PadPlan

_NOTE_OFF, _NOTE_ON, _PROGRAM = 0x80, 0x90, 0xC0


class Pads:
    """The pads with the chords that lie on them now."""

    def __init__(self, plan: PadPlan, chords: Iterable[Chord]) -> None:
        """Lay each chord on a pad in its order, once; more than there are pads are left out."""
        self.plan = plan
        self.chords = tuple(dict.fromkeys(c for c in chords if not c.is_none))[: len(plan.notes)]
        pitches = voiced(self.chords, plan.voicing)
        self._voiced = dict(zip(plan.notes, pitches, strict=False))
        self._held: dict[int, tuple[int, ...]] = {}
        self._has_program = False

    def takes(self, message: bytes) -> bool:
        """Return True for a note of a pad, with a chord or without."""
        if len(message) < 3 or message[0] & 0xF0 not in (_NOTE_OFF, _NOTE_ON):
            return False
        return message[1] in self.plan.notes and self.plan.channel in (None, message[0] & 0x0F)

    def heard(self, message: bytes) -> tuple[bytes, ...]:
        """Return what a pad that is struck or let go sends."""
        is_struck = message[0] & 0xF0 == _NOTE_ON and message[2] > 0
        ended = self._let_go(message[1])
        return (*ended, *self._struck(message[1], message[2])) if is_struck else ended

    def silenced(self) -> tuple[bytes, ...]:
        """Return what ends all that sounds; no pad is held after it."""
        sounding = sorted({pitch for pitches in self._held.values() for pitch in pitches})
        self._held.clear()
        self._has_program = False
        return tuple(self._off(pitch) for pitch in sounding)

    def _struck(self, pad: int, velocity: int) -> tuple[bytes, ...]:
        pitches = self._voiced.get(pad, ())
        sounding = {pitch for held in self._held.values() for pitch in held}
        channel = self.plan.sounds_on
        sent = [] if self._has_program else [bytes((_PROGRAM + channel, self.plan.program))]
        for pitch in pitches:
            # A note that another pad holds is struck anew: it is heard again, and ends with both.
            sent += [self._off(pitch)] if pitch in sounding else []
            sent.append(bytes((_NOTE_ON + channel, pitch, velocity)))
        if pitches:
            self._held[pad] = pitches
            self._has_program = True
        return tuple(sent) if pitches else ()

    def _let_go(self, pad: int) -> tuple[bytes, ...]:
        ended = self._held.pop(pad, ())
        still = {pitch for held in self._held.values() for pitch in held}
        return tuple(self._off(pitch) for pitch in ended if pitch not in still)

    def _off(self, pitch: int) -> bytes:
        return bytes((_NOTE_OFF + self.plan.sounds_on, pitch, 0))


def in_bars(chords: BarsOfChords) -> list[Chord]:
    """Return the chords of all bars in their order."""
    return [chord for bar in chords for chord in bar]


def in_spans(spans: Iterable[ChordSpan]) -> list[Chord]:
    """Return the chords of spans in their order."""
    return [span.chord for span in spans]
