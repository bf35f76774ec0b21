"""MIDI files: read into clips and written from them, through mido; ticks stay in here.

Reading takes types 0 and 1 of any division. Each channel of each track is a part; overlapping notes
of one pitch are cut at the next onset, hanging ones end with their track, notes without length are
dropped (drum hits get one tick), and the sustain pedal becomes durations. Tracks without notes make
no part, and wheels are not read. Writing makes type 1 at 480 ticks a beat, wheels included.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import secrets
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import mido
from mido.midifiles.meta import KeySignatureError

from bandmate.errors import AskError, FileError
from bandmate.music.chord import Chord
from bandmate.music.clip import DRUM_CHANNEL, ChordSpan, Clip, Note, Part, Wheel
from bandmate.music.key import MODES, Key
from bandmate.music.meter import Meter
from bandmate.music.miditrack import Fact, Track, Voice
from bandmate.music.naming import Heard, heard_role, part_names

__all__ = [
    "MAX_BYTES", "Reading", "check_replaceable", "heard_role", "read", "read_closely", "to_bytes",
    "write",
]  # fmt: skip

MAX_BYTES = 4_000_000
"""Largest file that is read."""
MAX_BEATS = 50_000
"""Longest file that is read: four hours at 200."""
TICKS_PER_BEAT = 480
"""Division of the files that are written."""

_MICROSECONDS = 60_000_000
_CONTROLLERS = {"modulation": 1, "expression": 11}
# mido sums a number byte by byte: thousands of bytes of one take it minutes. A run is measured
# whole, for a pattern of that many bytes would begin anew at each byte of every shorter run.
_HIGH_BYTES, _ENDLESS = re.compile(rb"[\x80-\xff]+"), 4096
_KEY_SIGNATURE = re.compile(rb"\xff\x59\x02(..)", re.DOTALL)
_KEY_TEXT = re.compile(rf"key ([A-G][#b]?:(?:{'|'.join(MODES)}))")
_MAJORS = ("Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#")
_MINORS = ("Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m")
_SECTION = re.compile("[A-G][1-4]?")
_Value = TypeVar("_Value")
_PITCHED_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)


@dataclass(frozen=True, slots=True)
class Reading:
    """A MIDI file as a clip, and what is its own word."""

    clip: Clip
    told: frozenset[str]
    """Which of tempo, meter and key the file says; the others are what a file means by default."""
    left_out: int
    """Parts beyond four of a role, which the clip lacks."""


def read(source: str | os.PathLike[str] | bytes, name: str = "the MIDI data") -> Clip:
    """Read a MIDI file, or its bytes (then *name* says what they are), into a clip of whole bars.

    The first tempo, meter and key of the file hold for all of it; markers that name chords become
    its chords. Raises FileError, in one sentence, for whatever is not such a file.
    """
    return read_closely(source, name).clip


def read_closely(source: str | os.PathLike[str] | bytes, name: str = "the MIDI data") -> Reading:
    """Read a MIDI file as `read` does, and tell what of the clip the file itself says."""
    data = source if isinstance(source, bytes) else _bytes_of(Path(source))
    name = name if isinstance(source, bytes) else os.fspath(source)
    tracks, division = tracks_of(opened(name, data))
    if any(track.now > MAX_BEATS * division for track in tracks):
        raise FileError(f"{name} is longer than the {MAX_BEATS} beats that are read")
    return _reading(tracks, division)


def tracks_of(file: mido.MidiFile) -> tuple[list[Track], int]:
    """Return the tracks of an opened file with their notes paired, and its ticks a beat."""
    tracks = [Track() for _ in file.tracks]
    for track, messages in zip(tracks, file.tracks, strict=True):
        track.hear(messages)
    return tracks, file.ticks_per_beat


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read: {_reason(error)}") from error


def opened(name: str, data: bytes) -> mido.MidiFile:
    """Open the bytes of the file *name*; raises FileError in one sentence."""
    if not data:
        raise FileError(f"{name} is empty")
    if len(data) > MAX_BYTES:
        raise FileError(f"{name} is larger than the {MAX_BYTES // 1_000_000} MB that are read")
    if data[:4] != b"MThd" or any(len(run[0]) >= _ENDLESS for run in _HIGH_BYTES.finditer(data)):
        raise FileError(f"{name} is not a MIDI file")
    if len(data) >= 14:
        kind, division = struct.unpack(">H2xh", data[8:14])
        if kind > 1:
            raise FileError(f"{name} must be a MIDI file of type 0 or 1, not {kind}")
        if division <= 0:
            raise FileError(f"{name} counts time in film frames; save it counted in beats")
    try:
        try:
            return mido.MidiFile(file=io.BytesIO(data), clip=True)
        except KeySignatureError:
            return mido.MidiFile(file=io.BytesIO(_without_odd_keys(data)), clip=True)
    except EOFError as error:
        raise FileError(f"{name} is cut short") from error
    except (OSError, ValueError, LookupError, TypeError, KeySignatureError) as error:
        raise FileError(f"{name} is a damaged MIDI file: {_reason(error)}") from error


def _without_odd_keys(data: bytes) -> bytes:
    """Return the file with key signatures that do not exist made into events that nobody reads."""

    def checked(match: re.Match[bytes]) -> bytes:
        sharps, mode = struct.unpack("bB", match[1])
        is_real = -7 <= sharps <= 7 and mode <= 1
        return match[0] if is_real else b"\xff\x7f\x02" + match[1]

    return _KEY_SIGNATURE.sub(checked, data)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def facts_of(tracks: list[Track]) -> list[Fact]:
    """Return the meta messages of all tracks, in order of time."""
    return sorted((fact for track in tracks for fact in track.facts), key=lambda fact: fact.tick)


def _reading(tracks: list[Track], division: int) -> Reading:
    facts = facts_of(tracks)
    voices = voices_of(tracks)
    tempo = _first(facts, "set_tempo", tempo_of)
    told_meter = _first(facts, "time_signature", meter_of)
    key = _first(facts, "text", _own_key) or _first(facts, "key_signature", _signature_key)
    meter = told_meter or Meter()
    ends = [voice.end for voice in voices] + [track.now for track in tracks]
    bars = -(-max(ends, default=0) * meter.denominator // (division * 4 * meter.numerator))
    length = bars * meter.bar_beats
    parts, left_out = _parts(voices, division)
    clip = Clip(parts, length, tempo or 120.0, meter, key, _chords(facts, division, length))
    said = {"tempo": tempo, "meter": told_meter, "key": key}
    return Reading(clip, frozenset(name for name, value in said.items() if value), left_out)


def voices_of(tracks: list[Track]) -> list[Voice]:
    """Return the channels of each track that hold notes, in order, named and with a program."""
    elsewhere: dict[int, int] = {}
    for track in tracks:
        elsewhere = track.programs | elsewhere
    voices = []
    for track in tracks:
        heard = [voice for voice in track.voices.values() if voice.notes]
        programs = elsewhere | track.programs
        for voice in heard:
            # The name of a track that mixes channels is the song's, not an instrument's.
            voice.name = track.name if len(heard) == 1 else ""
            if voice.program is None:
                voice.program = programs.get(voice.channel, 0)
        voices += heard
    return voices


def _parts(voices: list[Voice], division: int) -> tuple[tuple[Part, ...], int]:
    """Return the parts that found a name, and how many did not."""
    sounded = [(voice, notes_of(voice, division)) for voice in voices]
    kept = [(voice, notes) for voice, notes in sounded if notes]
    names = part_names(
        [Heard(voice.name, voice.program or 0, voice.channel, len(notes)) for voice, notes in kept]
    )
    parts = tuple(
        Part(name, voice.program or 0, notes)
        for name, (voice, notes) in zip(names, kept, strict=True)
        if name is not None
    )
    return parts, len(kept) - len(parts)


def notes_of(voice: Voice, division: int) -> tuple[Note, ...]:
    """Return the notes in beats; those without length go, drum hits take one tick."""
    notes = []
    last = (-1, -1)
    for struck in sorted(voice.notes, key=lambda struck: (struck.start, struck.pitch, -struck.end)):
        ticks = max(struck.end - struck.start, voice.least if struck.end >= struck.start else 0)
        place = (struck.start, struck.pitch)
        if ticks > 0 and place != last:
            start, duration = struck.start / division, ticks / division
            notes.append(Note(start, struck.pitch, duration, struck.velocity))
            last = place
    return tuple(notes)


def _first(facts: list[Fact], kind: str, reading: Callable[[Any], _Value | None]) -> _Value | None:
    """Return the earliest fact of a kind that makes sense."""
    values = (reading(fact.message) for fact in facts if fact.kind == kind)
    return next((value for value in values if value is not None), None)


def tempo_of(message: mido.MetaMessage) -> float | None:
    """Return the quarter notes a minute of a set_tempo message."""
    # A file rounds to whole microseconds: three decimals give back what was meant.
    return round(_MICROSECONDS / message.tempo, 3) if message.tempo else None


def meter_of(message: mido.MetaMessage) -> Meter | None:
    """Return the meter of a time_signature message, None where there is no such meter."""
    try:
        return Meter(message.numerator, message.denominator)
    except AskError:
        return None


def _own_key(message: mido.MetaMessage) -> Key | None:
    match = _KEY_TEXT.fullmatch(message.text)
    return Key.parse(match[1]) if match else None


def _signature_key(message: mido.MetaMessage) -> Key | None:
    return Key.parse(message.key)


def _chords(facts: list[Fact], division: int, length: float) -> tuple[ChordSpan, ...]:
    markers = {fact.tick: fact.message.text for fact in facts if fact.kind == "marker"}
    named = {tick: chord for tick, text in markers.items() if (chord := Chord.recognised(text))}
    # "A", "B", "A2" are the sections of a song, unless something beside them can only be a chord.
    if all(_SECTION.fullmatch(markers[tick].strip()) for tick in named):
        return ()
    starts = [tick / division for tick in named]
    ends = [*starts[1:], length]
    spans = map(ChordSpan, starts, ends, named.values())
    return tuple(span for span in spans if span.start < span.end)


def write(clip: Clip, path: str | os.PathLike[str]) -> None:
    """Write a clip as *path*, whole or not at all: the file before it stays when writing fails.

    Raises AskError for a clip that no file can hold, FileError where the disk refuses.
    """
    data, target = to_bytes(clip), Path(path)
    beside = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        check_replaceable(target)
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError):
            beside.unlink(missing_ok=True)
        raise FileError(f"{target} cannot be written: {_reason(error)}") from error


def check_replaceable(path: Path) -> None:
    """Raise FileError for a device or a pipe: a file put in its place would end it."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise FileError(f"{path} cannot be written: it is no plain file")


def to_bytes(clip: Clip) -> bytes:
    """Return the clip as a MIDI file of type 1: the song's track, then one track a part.

    The same clip gives the same bytes. Every track ends at the clip's length; notes are cut there
    and where their pitch sounds anew. A gap between chords is marked ``N``. Raises AskError for
    more than 15 pitched parts or a tempo below 3.6.
    """
    pitched = sum(not part.is_drums for part in clip.parts)
    if pitched > len(_PITCHED_CHANNELS):
        raise AskError(f"pitched parts must be at most {len(_PITCHED_CHANNELS)}, not {pitched}")
    length = _ticks(clip.length)
    channels = iter(_PITCHED_CHANNELS)
    tracks = [_written(_song_events(clip), length)]
    for part in clip.parts:
        channel = DRUM_CHANNEL if part.is_drums else next(channels)
        tracks.append(_written(_part_events(part, channel, length), length))
    file = io.BytesIO()
    mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT, tracks=tracks).save(file=file)
    return file.getvalue()


_Event = tuple[int, int, Any]
"""Tick, place among the events of that tick, message."""


def _written(events: list[_Event], length: int) -> mido.MidiTrack:
    track, now = mido.MidiTrack(), 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=length - now))
    return track


def _song_events(clip: Clip) -> list[_Event]:
    if not 1 <= clip.tempo <= _MICROSECONDS or round(_MICROSECONDS / clip.tempo) >= 1 << 24:
        raise AskError(f"tempo must be 3.6 or more in a MIDI file, not {clip.tempo:g}")
    meta = mido.MetaMessage
    numerator, denominator = clip.meter.numerator, clip.meter.denominator
    setup = [
        meta("set_tempo", tempo=round(_MICROSECONDS / clip.tempo)),
        meta("time_signature", numerator=numerator, denominator=denominator),
    ]
    if clip.key:
        names = _MINORS if 3 in MODES[clip.key.mode].steps else _MAJORS
        setup.append(meta("key_signature", key=names[clip.key.signature + 5]))
        setup.append(meta("text", text=f"key {clip.key}"))
    marks: dict[int, str] = {}
    for span in clip.chords:
        marks[_ticks(span.start)] = str(span.chord)
        marks[_ticks(span.end)] = "N"
    marks.pop(_ticks(clip.length), None)
    events = [(0, place, message) for place, message in enumerate(setup)]
    return events + [(tick, 9, meta("marker", text=text)) for tick, text in marks.items()]


def _part_events(part: Part, channel: int, length: int) -> list[_Event]:
    events: list[_Event] = [
        (0, -2, mido.MetaMessage("track_name", name=part.name)),
        (0, -1, mido.Message("program_change", channel=channel, program=part.program)),
    ]
    for pitch, start, end, velocity in _cut(part, length):
        note = {"channel": channel, "note": pitch}
        events.append((start, 128 + pitch, mido.Message("note_on", velocity=velocity, **note)))
        events.append((end, pitch, mido.Message("note_off", velocity=0, **note)))
    # Between the ends and the starts of their tick, so that a bent note begins bent.
    return events + [
        (_ticks(wheel.start), 127, _turned(wheel, channel))
        for wheel in part.wheels
        if 0 <= _ticks(wheel.start) <= length
    ]


def _turned(wheel: Wheel, channel: int) -> mido.Message:
    if wheel.kind == "bend":
        return mido.Message("pitchwheel", channel=channel, pitch=wheel.value)
    if wheel.kind == "pressure":
        return mido.Message("aftertouch", channel=channel, value=wheel.value)
    control = _CONTROLLERS[wheel.kind]
    return mido.Message("control_change", channel=channel, control=control, value=wheel.value)


def _cut(part: Part, length: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield pitch, start, end and velocity in ticks: no pitch twice at once, none past *length*."""
    upcoming: dict[int, int] = {}
    for note in sorted(part.notes, reverse=True):
        start = _ticks(note.start)
        end = min(max(_ticks(note.end), start + 1), upcoming.get(note.pitch, length))
        if start < end:
            upcoming[note.pitch] = start
            yield note.pitch, start, end, note.velocity


def _ticks(beats: float) -> int:
    return round(beats * TICKS_PER_BEAT)
