"""What the notes of a clip sound: its key, and its chords bar by bar, by templates and no model.

For a clip whose file says neither. Only what is plain is heard: a bar where several notes sound at
once and one chord holds nearly all of them; a melody alone names no chord.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note
from bandmate.music.key import Key, estimated_key
from bandmate.music.meter import Meter

_QUALITIES = ("maj", "min", "7", "min7", "maj7", "dim", "hdim7", "sus4", "aug")
_HELD = 0.75
"""Share of the sounding time that a chord must hold to be heard."""
_TONE_COST = 0.04
"""What each tone beyond three costs a chord, so that a triad is no seventh chord."""
_MISSING_COST = 0.15
"""What a tone costs that does not sound."""
_BASS_BONUS = 0.12
"""For the root in the bass."""
_HALVES_GAIN = 0.12
"""How much better two chords must fit a bar than one."""


def pitched_notes(clip: Clip) -> list[Note]:
    """Return the notes of all parts but drums."""
    return [note for part in clip.parts if not part.is_drums for note in part.notes]


def pitch_class_weights(
    notes: Iterable[Note], start: float = 0.0, end: float = float("inf")
) -> list[float]:
    """Return for how many beats each of the 12 pitch classes sounds between two beats."""
    weights = [0.0] * 12
    for note in notes:
        weights[note.pitch % 12] += max(0.0, min(note.end, end) - max(note.start, start))
    return weights


def sounding_key(clip: Clip, told: Key | None = None) -> Key:
    """Return *told* where the notes lie in it as well as music usually does, else what they sound.

    Of 20 beats 17 in its scale are enough.
    """
    weights = pitch_class_weights(pitched_notes(clip))
    inside = sum(weights[pitch] for pitch in told.scale) if told else 0.0
    if told is not None and inside >= 0.85 * sum(weights):
        return told
    return estimated_key(weights)


def sounding_chords(clip: Clip) -> tuple[ChordSpan, ...]:
    """Return the chords that are plain in a clip, a bar or half a bar each; none where few are.

    Bars without a plain chord are left open; where they are more than half, there are no chords.
    """
    notes = sorted(pitched_notes(clip))
    spans: list[ChordSpan] = []
    heard = 0
    for bar in range(clip.bars):
        found = _of_bar(notes, bar * clip.meter.bar_beats, clip.meter)
        heard += bool(found)
        spans += found
    return tuple(_joined(spans)) if heard * 2 >= clip.bars else ()


def _of_bar(notes: Sequence[Note], start: float, meter: Meter) -> list[ChordSpan]:
    end = start + meter.bar_beats
    inside = [note for note in notes if note.start < end and note.end > start]
    whole = _best(inside, start, end)
    if len(meter.pulses) % 2 == 0:
        middle = start + meter.bar_beats / 2
        halves = [_best(inside, start, middle), _best(inside, middle, end)]
        if all(halves) and not (whole and _mean(halves) < whole[0] + _HALVES_GAIN):
            edges = ((start, middle), (middle, end))
            return [ChordSpan(*edge, h[1]) for edge, h in zip(edges, halves, strict=True) if h]
    return [ChordSpan(start, end, whole[1])] if whole else []


def _mean(found: Sequence[tuple[float, Chord] | None]) -> float:
    return sum(one[0] for one in found if one) / len(found)


def _best(notes: Sequence[Note], start: float, end: float) -> tuple[float, Chord] | None:
    """Return how well the best chord fits what sounds, and the chord; None for no plain one."""
    weights = pitch_class_weights(notes, start, end)
    total = sum(weights)
    sounding = [note for note in notes if note.start < end and note.end > start]
    if total <= 0 or not _is_chordal(sounding, start, end):
        return None
    bass = min(sounding, key=lambda note: (note.pitch, note.start)).pitch % 12
    rated = [
        _rated(root, quality, weights, total, bass) for root in range(12) for quality in _QUALITIES
    ]
    held, score, chord = max(rated, key=lambda one: one[1])
    return (score, chord) if held >= _HELD else None


def _rated(
    root: int, quality: str, weights: Sequence[float], total: float, bass: int
) -> tuple[float, float, Chord]:
    chord = Chord.of(root, quality)
    tones = chord.pitches
    held = sum(weights[pitch] for pitch in tones) / total
    missing = sum(weights[pitch] < 0.05 * total for pitch in tones)
    cost = _MISSING_COST * missing + _TONE_COST * (len(tones) - 3)
    return held, held - cost + _BASS_BONUS * (bass == root), chord


def _is_chordal(notes: Sequence[Note], start: float, end: float) -> bool:
    """Say whether three pitch classes sound, two at once for a good part of the time."""
    if len({note.pitch % 12 for note in notes}) < 3:
        return False
    edges = sorted(
        edge for note in notes for edge in ((max(note.start, start), 1), (min(note.end, end), -1))
    )
    sounding, since, thick = 0, start, 0.0
    for beat, change in edges:
        thick += (beat - since) * (sounding >= 2)
        sounding, since = sounding + change, beat
    return thick >= 0.4 * (end - start)


def _joined(spans: Iterable[ChordSpan]) -> Iterable[ChordSpan]:
    """Yield spans, those that follow each other with the same chord as one."""
    open_: ChordSpan | None = None
    for span in spans:
        if open_ and open_.end == span.start and open_.chord == span.chord:
            open_ = ChordSpan(open_.start, span.end, span.chord)
            continue
        if open_:
            yield open_
        open_ = span
    if open_:
        yield open_
