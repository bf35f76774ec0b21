"""Sound files as samples: WAV, FLAC, OGG and MP3 through libsndfile, in bounded memory and time."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bandmate.errors import FileError, Unavailable
from bandmate.inspire.audio.resampling import resampled_blocks
from bandmate.system.files import open_plain
from bandmate.workers.child import sign_of_life

if TYPE_CHECKING:
    from collections.abc import Iterator

    import soundfile
    from numpy import float32
    from numpy.typing import NDArray

RATE = 22_050
"""Hertz at which everything is heard."""
MAX_MINUTES = 5
"""Of a longer file the first minutes are read."""
MIN_SECONDS = 1.0
"""Shortest sound that is heard."""

_RATES = (4_000, 768_000)
_BLOCK_SECONDS = 10
_MOST_VALUES = 2**20
"""Values of all channels that are held at once."""
_SILENCE = 1e-4
"""Peak below which a file is silent: -80 dB."""


class Sound(NamedTuple):
    """What was read of a file."""

    samples: NDArray[float32]
    """Mono, its peak at 1."""
    rate: int
    """Hertz."""
    note: str = ""
    """A sentence where only the beginning was read, else empty."""


def read_sound(path: Path) -> Sound:
    """Read the first MAX_MINUTES of a sound file, mixed to mono, at RATE hertz.

    Raises FileError, in one sentence, for what is no such file, is shorter than MIN_SECONDS or
    silent; Unavailable without the extra ``inspire``.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: it is there, but its library is not
        raise Unavailable(
            "sound files need the package soundfile: install bandmate with the extra inspire"
        ) from error
    _check_regular(path)
    try:
        with open_plain(path) as file, soundfile.SoundFile(file) as opened:
            samples, is_whole = _read(path, opened)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from error
    except (soundfile.SoundFileError, TypeError) as error:  # TypeError: a .raw has no header
        raise FileError(
            f"{path} is not a sound file that can be read: save it as WAV, FLAC, OGG or MP3"
        ) from error
    note = "" if is_whole else f"only the first {MAX_MINUTES} minutes of {path.name} were heard"
    return Sound(_audible(path, samples), RATE, note)


def _check_regular(path: Path) -> None:
    """Refuse what would never end or is nothing to read; raises FileError."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"{path} cannot be read: {reason}") from error
    if stat.S_ISDIR(found.st_mode):
        raise FileError(f"{path} is a folder, not a sound file")
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{path} is a device or a pipe, not a sound file")
    if not found.st_size:
        raise FileError(f"{path} is empty")


def _read(path: Path, opened: soundfile.SoundFile) -> tuple[NDArray[float32], bool]:
    """Return mono samples at RATE, and True where they are all that the file has."""
    rate = opened.samplerate
    if not _RATES[0] <= rate <= _RATES[1]:
        raise FileError(f"{path} must have {_RATES[0]}..{_RATES[1]} samples a second, not {rate}")
    heard = list(resampled_blocks(_blocks(opened), rate, RATE))
    samples = np.concatenate(heard) if heard else np.zeros(0, np.float32)
    return samples, not len(opened.read(1))


def _blocks(opened: soundfile.SoundFile) -> Iterator[NDArray[float32]]:
    """Yield the file in mono, a block's seconds at a time, up to MAX_MINUTES."""
    frames = opened.samplerate * _BLOCK_SECONDS
    for _ in range(int(60 * MAX_MINUTES / _BLOCK_SECONDS)):
        mono = _mono(opened, frames)
        if len(mono):
            yield mono
        if len(mono) < frames:
            return


def _mono(opened: soundfile.SoundFile, frames: int) -> NDArray[float32]:
    """Return the next *frames* in mono, fewer at the end; few are held in all channels."""
    most = max(1, _MOST_VALUES // opened.channels)
    heard = [np.zeros(0, np.float32)]
    while frames > 0:
        sign_of_life()
        block = opened.read(min(most, frames), dtype="float32", always_2d=True)
        if not len(block):
            break
        plain = np.clip(np.nan_to_num(block, posinf=0.0, neginf=0.0), -1e6, 1e6)
        heard.append(plain.mean(axis=1, dtype=np.float32))
        frames -= len(block)
    return np.concatenate(heard)


def _audible(path: Path, samples: NDArray[float32]) -> NDArray[float32]:
    """Return samples brought to a peak of 1; raises FileError where nothing can be heard."""
    seconds = len(samples) / RATE
    if seconds < MIN_SECONDS:
        raise FileError(f"{path} must last {MIN_SECONDS:g} second or more, not {seconds:.2f}")
    peak = float(np.abs(samples).max())
    if peak < _SILENCE:
        raise FileError(f"{path} is silent: there is nothing to hear in it")
    return samples / np.float32(peak)
