"""Wheels: written into files, and carried along where clips are changed."""

from __future__ import annotations

import io

import mido

from bandmate.music import midifile
from bandmate.music.clip import Clip, Note, Part, Wheel, joined, stretched, windowed

PART = Part(
    "lead",
    81,
    (Note(0.0, 60, 1.0, 80), Note(1.0, 62, 1.0, 80)),
    (Wheel(0.5, "bend", -8192), Wheel(1.0, "modulation", 64), Wheel(1.5, "pressure", 9),
     Wheel(1.75, "expression", 100)),
)  # fmt: skip
CLIP = Clip((PART,), 4.0)


def written(clip: Clip) -> list[tuple[int, mido.Message]]:
    file = mido.MidiFile(file=io.BytesIO(midifile.to_bytes(clip)))
    found, tick = [], 0
    for message in file.tracks[1]:
        tick += message.time
        if not message.is_meta:
            found.append((tick, message.copy(time=0)))
    return found


def test_a_file_has_them_where_they_were_turned() -> None:
    wheels = [(tick, m) for tick, m in written(CLIP) if m.type not in ("note_on", "note_off")]
    assert wheels[1:] == [
        (240, mido.Message("pitchwheel", pitch=-8192)),
        (480, mido.Message("control_change", control=1, value=64)),
        (720, mido.Message("aftertouch", value=9)),
        (840, mido.Message("control_change", control=11, value=100)),
    ]


def test_a_wheel_turns_between_the_end_and_the_start_of_its_tick() -> None:
    kinds = [message.type for tick, message in written(CLIP) if tick == 480]
    assert kinds == ["note_off", "control_change", "note_on"]


def test_reading_leaves_them_out_and_keeps_the_notes() -> None:
    (part,) = midifile.read(midifile.to_bytes(CLIP)).parts
    assert (part.notes, part.wheels) == (PART.notes, ())


def test_they_move_with_the_notes() -> None:
    assert [w.start for w in stretched(CLIP, 2).parts[0].wheels] == [1.0, 2.0, 3.0, 3.5]
    assert windowed(CLIP, 1.0, 1.75).parts[0].wheels == (
        Wheel(0.0, "modulation", 64),
        Wheel(0.5, "pressure", 9),
    )
    twice = joined(CLIP, CLIP).parts[0]
    assert [w.start for w in twice.wheels] == [0.5, 1.0, 1.5, 1.75, 4.5, 5.0, 5.5, 5.75]
    assert [n.start for n in twice.notes] == [0.0, 1.0, 4.0, 5.0]
