"""Cards to music: a progression, voiced and struck in a rhythm, with a bass below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bandmate.chords.patterns import RHYTHMS, Hit, Rhythm, hits
from bandmate.chords.progression import Progression
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part
from bandmate.music.harte import interval
from bandmate.music.meter import Meter
from bandmate.music.roles import ROLES, numbered, role_of_program
from bandmate.music.voicing import Voicing, voiced

_LOUD = {"X": 90, "x": 78, "o": 64, "D": 88, "d": 76, "U": 74, "u": 64}
"""Velocity of a sign; a single note has that of ``_SINGLE``."""
_SINGLE = 76
_BASS = 92
_WOBBLE = (0, 3, -2, 4, -3, 1, -4, 2, 3, -1, 0, -3, 2)
"""Added to the velocities one after the other: no hand strikes twice alike."""
_STRING_SECONDS = 0.014
"""From one string to the next in a strum."""
_DETACHED = 0.95
"""The part of its time that a bass note of a row sounds."""
_BASS_LOW, _BASS_HIGH = 28, 47
"""E1, a bass's lowest string, up to B2: where roots lie."""
_BASS_TOP = 52


def played(
    progression: Progression,
    *,
    meter: Meter,
    tempo: float,
    voicing: str = "smooth",
    rhythm: str = "held",
    bass: bool = True,
    program: int = 0,
) -> Clip:
    """Return the clip of a progression: a part with *program* (0..127) and, if asked, a bass.

    *voicing* is one of STYLES, *rhythm* of RHYTHMS. No note sounds on past the change of its chord;
    the clip is as long as the bars.
    """
    spans = progression.spans(meter)
    row = RHYTHMS[rhythm]
    voicings = voiced([span.chord for span in spans], voicing, has_bass=bass)
    notes = _chord_notes(row, meter, tempo, spans, voicings)
    name = role_of_program(program)
    parts = [Part(name, program, _sorted(notes))]
    if bass:
        name = numbered("bass", {name}) or "bass"
        parts.append(Part(name, ROLES["bass"].program, _sorted(_bass_notes(row, meter, spans))))
    length = len(progression.bars) * meter.bar_beats
    return Clip(tuple(parts), length, tempo, meter, progression.key, spans)


def _sorted(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(sorted(notes))


# chords


def _chord_notes(
    rhythm: Rhythm,
    meter: Meter,
    tempo: float,
    spans: Sequence[ChordSpan],
    voicings: Sequence[Voicing],
) -> Iterator[Note]:
    count = 0
    for span, pitches in zip(spans, voicings, strict=True):
        if not pitches:
            continue
        struck: list[Note] = []
        for hit in hits(rhythm, meter, span.start, span.end):
            struck += _struck(hit, pitches, rhythm, meter, tempo=tempo, count=count)
            count += 1
        yield from _without_overlaps(struck)


def _struck(
    hit: Hit, pitches: Voicing, rhythm: Rhythm, meter: Meter, *, tempo: float, count: int
) -> Iterator[Note]:
    """Yield the notes of one hit."""
    last = len(pitches) - 1
    if hit.sign.isdigit():
        voice = round((int(hit.sign) - 1) * last / 3)
        end = hit.limit if rhythm.rings else _gated(hit, rhythm)
        loud = _loud(_SINGLE, hit, meter, count)
        yield Note(hit.start, pitches[voice], end - hit.start, loud)
        return
    end = _gated(hit, rhythm)
    apart = 0.0
    if hit.sign in "DdUu":
        apart = min(_STRING_SECONDS * tempo / 60, (end - hit.start) / (2 * len(pitches)))
    for voice, pitch in enumerate(pitches):
        start = hit.start + apart * (last - voice if hit.sign in "Uu" else voice)
        # The highest note is the tune, the middle ones fill.
        shade = 4 if voice == last else 0 if voice == 0 else -4
        loud = _loud(_LOUD[hit.sign] + shade, hit, meter, count + voice)
        yield Note(start, pitch, end - start, loud)


def _gated(hit: Hit, rhythm: Rhythm) -> float:
    return hit.start + (hit.end - hit.start) * rhythm.gate


def _loud(velocity: int, hit: Hit, meter: Meter, count: int) -> int:
    """Return a velocity as a hand would strike it: firmer on strong beats, never twice alike."""
    place = hit.start % meter.bar_beats
    is_strong = any(abs(place - beat) < 1e-6 for beat in meter.strong_beats)
    return max(1, min(127, velocity + 4 * is_strong + _WOBBLE[count % len(_WOBBLE)]))


def _without_overlaps(notes: Iterable[Note]) -> Iterator[Note]:
    """Yield notes that each end where their pitch is struck again, at the latest."""
    following: dict[int, float] = {}
    for note in sorted(notes, reverse=True):
        end = min(note.end, following.get(note.pitch, note.end))
        following[note.pitch] = note.start
        if end > note.start:
            yield Note(note.start, note.pitch, end - note.start, note.velocity)


# bass


def _bass_notes(rhythm: Rhythm, meter: Meter, spans: Sequence[ChordSpan]) -> Iterator[Note]:
    before: int | None = None
    count = 0
    for span in spans:
        if span.chord.is_none:
            continue
        before = _nearest_bass(span.chord.bass or 0, before)
        for hit in hits(rhythm, meter, span.start, span.end, is_bass=True):
            end = hit.start + (hit.end - hit.start) * (_DETACHED if rhythm.bass else 1.0)
            pitch = before + _above(hit.sign, span.chord)
            pitch -= 12 * (pitch > _BASS_TOP)
            loud = _loud(_BASS - (0 if hit.sign == "1" else 8), hit, meter, count)
            yield Note(hit.start, pitch, end - hit.start, loud)
            count += 1


def _nearest_bass(pitch_class: int, before: int | None) -> int:
    """Return the pitch with the smallest leap from the one before; at first one near E2."""
    heard = range(_BASS_LOW, _BASS_HIGH + 1)
    aim = 38 if before is None else before
    return min((p for p in heard if p % 12 == pitch_class), key=lambda p: (abs(p - aim), p))


def _above(sign: str, chord: Chord) -> int:
    """Return the semitones from a chord's bass to what a bass row calls for."""
    if sign == "8":
        return 12
    fifths = [interval(name) for name in chord.degrees if name in ("5", "b5", "#5")]
    # Under a slash chord the bass stays where it was written.
    return fifths[0] if sign == "5" and fifths and not chord.inversion else 0
