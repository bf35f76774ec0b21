"""Sound files: every kind that libraries read sounds the same; every bad one is a sentence."""

from __future__ import annotations

import os
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from bandmate.errors import FileError, Unavailable

np = pytest.importorskip("numpy")
soundfile: Any = pytest.importorskip("soundfile")

from bandmate.inspire.audio import sound  # noqa: E402 - only where the packages are there
from bandmate.inspire.audio.resampling import resampled, resampled_blocks  # noqa: E402
from bandmate.inspire.audio.sound import RATE, Sound, read_sound  # noqa: E402

A4 = 440.0


def sine(rate: int, seconds: float = 2.0, hertz: float = A4) -> Any:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def pitch(heard: Sound) -> float:
    """Return the frequency at which the spectrum is highest."""
    shaped = heard.samples * np.hanning(len(heard.samples))
    return float(np.argmax(np.abs(np.fft.rfft(shaped))) * heard.rate / len(heard.samples))


def saved(path: Path, samples: Any, rate: int = 44_100, subtype: str | None = None) -> Path:
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_U8"),
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "PCM_32"),
        ("a.wav", "FLOAT"),
        ("a.flac", "PCM_16"),
        ("a.ogg", "VORBIS"),
        ("a.mp3", "MPEG_LAYER_III"),
    ],
)
def test_kinds_of_files(tmp_path: Path, name: str, subtype: str) -> None:
    heard = read_sound(saved(tmp_path / name, sine(44_100), subtype=subtype))
    assert heard.rate == RATE
    assert heard.samples.dtype == np.float32
    assert abs(len(heard.samples) / RATE - 2.0) < 0.1
    assert abs(pitch(heard) - A4) < 1.0
    assert float(np.abs(heard.samples).max()) == pytest.approx(1.0, abs=1e-3)
    assert heard.note == ""


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_056, 48_000, 96_000, 192_000])
def test_rates(tmp_path: Path, rate: int) -> None:
    heard = read_sound(saved(tmp_path / "a.wav", sine(rate), rate))
    assert len(heard.samples) == 2 * RATE
    assert abs(pitch(heard) - A4) < 0.6


def test_channels_are_mixed(tmp_path: Path) -> None:
    left_and_right = np.stack([sine(RATE), sine(RATE, hertz=2 * A4), 0 * sine(RATE)], axis=1)
    heard = read_sound(saved(tmp_path / "a.wav", left_and_right, RATE))
    mixed = left_and_right.mean(axis=1)
    assert np.abs(heard.samples - mixed / np.abs(mixed).max()).max() < 1e-3


def test_a_file_is_told_by_its_bytes(tmp_path: Path) -> None:
    flac = saved(tmp_path / "a.flac", sine(RATE), RATE)
    assert len(read_sound(flac.rename(tmp_path / "a.wav")).samples) == 2 * RATE


def test_what_is_too_high_is_taken_out() -> None:
    heard = resampled(sine(48_000, hertz=15_000).astype(np.float32), 48_000, RATE)
    assert float(np.abs(heard[1000:-1000]).max()) < 1e-4


def test_what_stays_is_in_phase() -> None:
    heard = resampled(sine(48_000, hertz=1000).astype(np.float32), 48_000, RATE)
    assert np.abs(heard - sine(RATE, hertz=1000))[1000:-1000].max() < 1e-4


@pytest.mark.parametrize("rate", [RATE, 44_056, 48_000])
def test_blocks_sound_as_if_joined(rate: int) -> None:
    samples = np.random.default_rng(1).standard_normal(rate * 5 + 321).astype(np.float32)
    blocks = [samples[start : start + 2 * rate] for start in range(0, len(samples), 2 * rate)]
    joined = np.concatenate(list(resampled_blocks(blocks, rate, RATE)))
    assert np.abs(joined - resampled(samples, rate, RATE)).max() < 1e-5


def test_an_hour_is_cut_short_and_told(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_U8") as file:
        minute = sine(8_000, 60)
        for _ in range(60):
            file.write(minute)
    tracemalloc.start()
    heard = read_sound(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(heard.samples) == sound.MAX_MINUTES * 60 * RATE
    assert heard.note == "only the first 5 minutes of hour.wav were heard"
    assert most < 5 * heard.samples.nbytes


def test_just_the_longest_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "_BLOCK_SECONDS", 1)
    monkeypatch.setattr(sound, "MAX_MINUTES", 1 / 20)
    assert read_sound(saved(tmp_path / "3.wav", sine(RATE, 3.0), RATE)).note == ""
    longer = read_sound(saved(tmp_path / "4.wav", sine(RATE, 3.5), RATE))
    assert (len(longer.samples), bool(longer.note)) == (3 * RATE, True)


def refused(path: Path) -> str:
    with pytest.raises(FileError) as raised:
        read_sound(path)
    sentence = str(raised.value)
    assert "\n" not in sentence
    return sentence


def test_bad_files(tmp_path: Path) -> None:
    text, empty, cut = (tmp_path / name for name in ("text.wav", "empty.wav", "cut.wav"))
    text.write_text("no sound at all\n" * 100)
    empty.touch()
    cut.write_bytes(saved(tmp_path / "a.wav", sine(RATE)).read_bytes()[:30])
    assert refused(text) == (
        f"{text} is not a sound file that can be read: save it as WAV, FLAC, OGG or MP3"
    )
    assert refused(empty) == f"{empty} is empty"
    assert refused(cut).startswith(f"{cut} is not a sound file")
    assert refused(tmp_path) == f"{tmp_path} is a folder, not a sound file"
    assert refused(tmp_path / "none.wav").startswith(f"{tmp_path / 'none.wav'} cannot be read")
    raw = tmp_path / "a.raw"
    raw.write_bytes(bytes(1000))
    assert "is not a sound file" in refused(raw)


def test_a_file_that_breaks_off_is_heard_so_far(tmp_path: Path) -> None:
    whole = saved(tmp_path / "a.wav", sine(RATE, 4.0), RATE).read_bytes()
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole[: len(whole) // 2])
    assert abs(len(read_sound(cut).samples) / RATE - 2.0) < 0.01


def test_garbage_in_every_kind_is_a_sentence(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    for name in ("a.wav", "a.flac", "a.ogg", "a.mp3"):
        data = bytearray(saved(tmp_path / name, sine(RATE), RATE).read_bytes())
        for place in rng.integers(0, len(data), 200):
            data[place] = rng.integers(256)
        data[:4] = b"\0\0\0\0"
        (tmp_path / name).write_bytes(data)
        try:
            read_sound(tmp_path / name)
        except FileError as error:
            assert str(tmp_path / name) in str(error)


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_what_never_ends_is_not_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    assert refused(pipe) == f"{pipe} is a device or a pipe, not a sound file"
    assert refused(Path("/dev/zero")) == "/dev/zero is a device or a pipe, not a sound file"


def test_silence_and_too_little(tmp_path: Path) -> None:
    silent = saved(tmp_path / "silent.wav", np.zeros(RATE * 3), RATE)
    assert refused(silent) == f"{silent} is silent: there is nothing to hear in it"
    short = saved(tmp_path / "short.wav", sine(RATE, 0.25), RATE)
    assert refused(short) == f"{short} must last 1 second or more, not 0.25"
    nothing = saved(tmp_path / "nothing.wav", np.zeros(0), RATE)
    assert refused(nothing) == f"{nothing} must last 1 second or more, not 0.00"


def test_odd_numbers_and_rates(tmp_path: Path) -> None:
    odd = sine(RATE)
    odd[100:200] = np.nan
    odd[300:400] = np.inf
    heard = read_sound(saved(tmp_path / "odd.wav", odd, RATE, "FLOAT"))
    assert np.isfinite(heard.samples).all()
    assert abs(pitch(heard) - A4) < 1.0
    slow = saved(tmp_path / "slow.wav", sine(RATE), 100)
    assert refused(slow) == f"{slow} must have 4000..768000 samples a second, not 100"


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(Unavailable, match="install bandmate with the extra inspire"):
        read_sound(tmp_path / "a.wav")
