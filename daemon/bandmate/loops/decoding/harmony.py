"""Which pitch classes may sound when: the key, the chords, and how strictly they are kept.

On a strong beat that is kept strictly only chord tones sound, and notes held over from before it
count. The key is kept on every strong beat; between them passing notes may leave it, as they do in
real music (a tenth of the notes of game music), unless all is strict.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bandmate.loops.model import vocabulary as v
from bandmate.loops.model.tokens import bar_steps
from bandmate.loops.plan import LoopPlan
from bandmate.music.clip import ChordSpan
from bandmate.music.key import MODES, Key
from bandmate.music.meter import Meter

Classes = list[frozenset[int]]
"""The pitch classes that may sound, for each step."""

_ALL = frozenset(range(12))


def strong_beats(meter: Meter) -> tuple[float, ...]:
    """Return the strong beats of a bar, in beats: 1 and 3 of four, the pulses over eights."""
    if meter.denominator >= 8:
        return meter.pulses
    return tuple(float(beat) for beat in range(0, int(meter.bar_beats), 2 + meter.is_triple))


def canonical_chords(plan: LoopPlan) -> list[ChordSpan]:
    """Return a plan's chords on the white keys, as the model reads them."""
    return [replace(span, chord=span.chord.transposed(-plan.key.shift)) for span in plan.chords]


def classes_of(plan: LoopPlan, part: str) -> Classes:
    """Return what a pitched part may sound at each step of the clip, on the white keys."""
    length = bar_steps(plan.meter)
    strong = {round(beat * v.STEPS) for beat in strong_beats(plan.meter)}
    classes = [_of_key(plan, step in strong) for step in range(length)] * plan.bars
    for span in canonical_chords(plan):
        tones = frozenset(span.chord.pitches)
        first, last = (round(beat * v.STEPS) for beat in (span.start, span.end))
        for step in range(first, min(last, len(classes))):
            is_strong = bool(tones) and step % length in strong
            is_strict = is_strong and _is_kept(plan, part, step)
            classes[step] = tones if is_strict else classes[step] | tones
    return classes


def _of_key(plan: LoopPlan, is_strong: bool) -> frozenset[int]:
    """Return what the key lets sound, whatever the chord."""
    if plan.in_key and (is_strong or plan.strictness == 1):
        return frozenset(Key(MODES[plan.key.mode].canonical_tonic, plan.key.mode).scale)
    return _ALL


def _is_kept(plan: LoopPlan, part: str, step: int) -> bool:
    """Say whether a part keeps to the chord on a strong beat: as often as the plan is strict."""
    if plan.strictness in (0, 1):
        return plan.strictness == 1
    return random.Random(f"{plan.seed} {part} {step} strict").random() < plan.strictness


def allowed_until(classes_by_step: Sequence[frozenset[int]]) -> NDArray[np.int32]:
    """Return, for each step and pitch class, for how many steps a note that starts there may last.

    *classes_by_step* holds the pitch classes that may sound at each step; the result is
    (steps, 12), 0 where the class may not sound at all.
    """
    until = np.zeros((len(classes_by_step) + 1, 12), np.int32)
    for step in range(len(classes_by_step) - 1, -1, -1):
        for pitch_class in classes_by_step[step]:
            until[step, pitch_class] = until[step + 1, pitch_class] + 1
    return until[:-1]
