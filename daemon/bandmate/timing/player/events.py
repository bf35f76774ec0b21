"""A clip as MIDI events in beats: each note with its bytes, made before anything sounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bandmate.music.clip import DRUM_CHANNEL, Clip, Note, Part
from bandmate.music.meter import Meter

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
"""Status bytes; the channel (0..15) is added."""

SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF = 64, 120, 123
"""Controllers that silence."""

EARLY_BEATS = 1 / 16
"""A note that a feel brings this much before a barline still belongs to the bar behind it."""

CLICK = "click"
"""The part that counts in."""

# A note too short to be heard, or one struck twice at once, still gets this many beats, so that
# its end comes behind its start.
_SHORTEST_BEATS = 1 / 64
_HIGH_CLICK, _LOW_CLICK = 76, 77  # wood blocks
_CLICK_VELOCITY = 100

Voice = tuple[int, int]
"""A channel (0..15) and a pitch."""


class Strike(NamedTuple):
    """A note as it is sent."""

    beat: float
    """Beats from where its bar, or its clip, begins."""
    ends: float
    """Beats from there too; behind ``beat``."""
    voice: Voice
    part: str
    on: bytes
    off: bytes


Bar = tuple[Strike, ...]
"""The notes of a bar, in order, counted from its barline."""


class Score(NamedTuple):
    """All that playing a clip sends."""

    setup: tuple[tuple[str, bytes], ...]
    """Parts and their program changes, sent first."""
    bars: tuple[Bar, ...]
    length: float
    """Beats; nothing outlasts it."""
    channels: tuple[int, ...]
    """Channels used, 0..15."""


def score_of(clip: Clip, wanted: Mapping[str, int] | None = None) -> Score:
    """Return what playing *clip* sends, where *wanted* names the channels of some roles.

    Overlapping notes of one pitch and channel end where the next begins, and nothing outlasts the
    clip.
    """
    channels = channels_of(clip.parts, wanted)
    strikes = strikes_of(clip.parts, channels, clip.length)
    return Score(
        setup=setup_of(clip.parts, channels),
        bars=_bars(strikes, clip.length, clip.meter.bar_beats),
        length=clip.length,
        channels=tuple(sorted(set(channels))),
    )


def channels_of(parts: Iterable[Part], wanted: Mapping[str, int] | None = None) -> list[int]:
    """Return the channel of each part.

    It is the one that *wanted* has for the part's name or role. Else drums are on 9, the others
    on those of 0, 1, 2... that are left; when none is, they share them from the first on.
    """
    wanted = wanted or {}
    free = [c for c in range(16) if c != DRUM_CHANNEL and c not in wanted.values()] or [0]
    channels: list[int] = []
    taken = 0
    for part in parts:
        said = wanted.get(part.name, wanted.get(part.role))
        if said is None and not part.is_drums:
            said = free[taken % len(free)]
            taken += 1
        channels.append(DRUM_CHANNEL if said is None else said)
    return channels


def setup_of(parts: Iterable[Part], channels: Iterable[int]) -> tuple[tuple[str, bytes], ...]:
    """Return the program changes: the first part on a channel has its say."""
    programs: dict[int, tuple[str, bytes]] = {}
    for channel, part in zip(channels, parts, strict=True):
        programs.setdefault(channel, (part.name, bytes((PROGRAM + channel, part.program))))
    return tuple(programs.values())


def strikes_of(parts: Sequence[Part], channels: Sequence[int], end: float) -> list[Strike]:
    """Return the notes of *parts* that begin before the beat *end*, and end by then, in order.

    No pitch is struck while it sounds.
    """
    by_voice: dict[Voice, list[tuple[Note, Part]]] = defaultdict(list)
    for channel, part in zip(channels, parts, strict=True):
        for note in part.notes:
            if note.start < end:
                by_voice[channel, note.pitch].append((note, part))
    return sorted(
        Strike(note.start, ends, voice, part.name, note_on(voice, note.velocity), note_off(voice))
        for voice, same in by_voice.items()
        for note, ends, part in _disjoint(same, end)
    )


def clicks(meter: Meter, bars: int) -> Bar:
    """Return a count-in: a click on every pulse of *bars* bars, the first of each higher."""
    found = []
    for bar in range(bars):
        for index, pulse in enumerate(meter.pulses):
            voice = (DRUM_CHANNEL, _LOW_CLICK if index else _HIGH_CLICK)
            start = bar * meter.bar_beats + pulse
            on = note_on(voice, _CLICK_VELOCITY)
            found.append(Strike(start, start + 1 / 8, voice, CLICK, on, note_off(voice)))
    return tuple(found)


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


def note_on(voice: Voice, velocity: int) -> bytes:
    """Return the message that begins a note."""
    return bytes((NOTE_ON + voice[0], voice[1], velocity))


def note_off(voice: Voice) -> bytes:
    """Return the message that ends a note."""
    return bytes((NOTE_OFF + voice[0], voice[1], 0))


def _bars(strikes: Iterable[Strike], length: float, bar_beats: float) -> tuple[Bar, ...]:
    """Sort notes into bars; what is a hair early goes with the bar that it leans on."""
    count = max(1, -int(-length // bar_beats)) if length else 0
    bars: list[list[Strike]] = [[] for _ in range(count)]
    for strike in strikes:
        bar = min(count - 1, max(0, int((strike.beat + EARLY_BEATS) // bar_beats)))
        line = bar * bar_beats
        bars[bar].append(strike._replace(beat=strike.beat - line, ends=strike.ends - line))
    return tuple(tuple(bar) for bar in bars)


def _disjoint(same: Iterable[tuple[Note, Part]], end: float) -> Iterator[tuple[Note, float, Part]]:
    """Yield the notes of a voice and their ends."""
    struck = sorted(same, key=lambda pair: (pair[0].start, pair[0].end))
    limits = [note.start for note, _ in struck[1:]] + [end]
    for (note, part), limit in zip(struck, limits, strict=True):
        if note.start < limit:  # of two struck at once, the longer one is heard
            yield note, min(limit, max(note.end, note.start + _SHORTEST_BEATS)), part
