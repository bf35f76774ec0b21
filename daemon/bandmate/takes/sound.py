"""A clip as sound, for whoever has no DAW at hand: a 16-bit stereo WAV by a soundfont synthesiser.

The synthesiser is RustySynth, by the package midirenderer. The soundfont is TimGM6mb (Tim
Brechbill, GPL-2, 6 MB), which comes inside the package pretty_midi.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import wave
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate.errors import Cancelled, FileError
from bandmate.music import midifile
from bandmate.music.clip import Clip, Part

if TYPE_CHECKING:
    from numpy import float32, int16
    from numpy.typing import NDArray

TAIL_SECONDS = 2.0
"""How long the sound may die away behind the clip's end."""
MAX_MINUTES = 20
"""Longest clip that is rendered."""
SAMPLE_RATE = 48_000
"""Hertz."""

_PEAK = 0.89
_FULL_SCALE = 32767


def render(
    clip: Clip,
    path: str | os.PathLike[str],
    soundfont: Path | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> float:
    """Write *clip* as a WAV at *path*, whole or not at all, and return its seconds.

    It is as long as the clip and a tail, and as loud as it can be without clipping. Raises
    FileError for a soundfont that is missing or unreadable, a clip beyond MAX_MINUTES or a disk
    that refuses, and Cancelled between two parts once *is_cancelled* says so.
    """
    seconds = clip.length * 60 / clip.tempo + TAIL_SECONDS
    if seconds > MAX_MINUTES * 60:
        raise FileError(
            f"a clip can be rendered up to {MAX_MINUTES} minutes, not {seconds / 60:.0f}"
        )
    frames = _frames(clip, _font_bytes(soundfont or shipped_soundfont()), is_cancelled)
    _write(frames, Path(path))
    return len(frames) / SAMPLE_RATE


def shipped_soundfont() -> Path:
    """Return the soundfont that was installed with bandmate; raises FileError with the cure."""
    package = find_spec("pretty_midi")  # found, not imported: only its data is wanted
    for folder in (package.submodule_search_locations or ()) if package else ():
        font = Path(folder, "TimGM6mb.sf2")
        if font.is_file():
            return font
    raise FileError(
        "there is no soundfont to render with: install the package pretty_midi, "
        "or name a .sf2 file with --soundfont"
    )


def _font_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"the soundfont {path} cannot be read: {error.strerror}") from error


def _frames(clip: Clip, font: bytes, is_cancelled: Callable[[], bool]) -> NDArray[float32]:
    """Return frames of two, as loud as they come; four bytes a sample, held once."""
    import numpy as np  # here: the daemon's own process never needs it

    # Parts are rendered alone and added as floats: the synthesiser clips a loud sum for good.
    seconds = clip.length * 60 / clip.tempo + TAIL_SECONDS
    frames = np.zeros((round(seconds * SAMPLE_RATE), 2), np.float32)
    for part in clip.parts or (Part("keys", 0),):  # none: the soundfont is tried all the same
        if is_cancelled():
            raise Cancelled("the sound was called off")
        heard = _alone(clip, part, font)[: len(frames)]  # a frame more or less, as it rounds
        frames[: len(heard)] += heard
        del heard  # before the next part has as much
    return frames


def _alone(clip: Clip, part: Part, font: bytes) -> NDArray[int16]:
    import numpy as np
    from midirenderer import render_wave_from

    tail = TAIL_SECONDS * clip.tempo / 60
    notes = tuple(
        replace(note, duration=min(note.end, clip.length) - note.start)
        for note in part.notes
        if note.start < clip.length
    )
    alone = Clip((replace(part, notes=notes),), clip.length + tail, clip.tempo, clip.meter)
    try:
        data = render_wave_from(font, midifile.to_bytes(alone))
    except (RuntimeError, ValueError) as error:
        raise FileError(
            f"the soundfont cannot be used ({error}): name another .sf2 file"
        ) from error
    with wave.open(io.BytesIO(data)) as sound:
        del data
        frames = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    return frames.reshape(-1, 2)


def _write(frames: NDArray[float32], path: Path) -> None:
    import numpy as np

    peak = float(max(frames.max(initial=0.0), -frames.min(initial=0.0)))
    loudness = _PEAK * _FULL_SCALE / peak if peak else 0.0
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        midifile.check_replaceable(path)
        with beside.open("xb") as file, wave.open(file, "wb") as sound:
            sound.setnchannels(2)
            sound.setsampwidth(2)
            sound.setframerate(SAMPLE_RATE)
            sound.setnframes(len(frames))
            for start in range(0, len(frames), SAMPLE_RATE):  # a second at a time
                scaled = np.rint(frames[start : start + SAMPLE_RATE] * loudness)
                sound.writeframesraw(scaled.astype("<i2").tobytes())
        beside.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise FileError(f"{path} cannot be written: {error.strerror}") from error
