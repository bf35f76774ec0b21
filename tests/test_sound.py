"""Sound is judged by its spectrum: the right pitch where a note is, nothing where none is."""

from __future__ import annotations

import os
import wave
from pathlib import Path

import numpy as np
import pytest

from bandmate.errors import FileError
from bandmate.music.clip import Clip, Note, Part
from bandmate.takes import sound

A4, A5 = 69, 81
SQUARE_LEAD, PIANO = 80, 0
LONG, LOUD = 2.0, 127


def clip_of(*parts: Part, length: float = 4.0, tempo: float = 60.0) -> Clip:
    return Clip(parts, length, tempo)


def heard(path: Path) -> np.ndarray:
    """Return the frames of a WAV as floats in -1..1."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return frames.reshape(-1, 2) / 32768


def loudest_pitch(frames: np.ndarray) -> float:
    """Return the frequency in hertz at which the spectrum is highest."""
    mono = frames.mean(axis=1) * np.hanning(len(frames))
    return float(np.argmax(np.abs(np.fft.rfft(mono))) * sound.SAMPLE_RATE / len(frames))


def second(frames: np.ndarray, start: float, end: float) -> np.ndarray:
    return frames[round(start * sound.SAMPLE_RATE) : round(end * sound.SAMPLE_RATE)]


@pytest.mark.parametrize(("pitch", "hertz"), [(A4, 440.0), (A5, 880.0)])
def test_a_note_sounds_at_its_pitch_and_at_its_time(
    tmp_path: Path, pitch: int, hertz: float
) -> None:
    part = Part("lead", SQUARE_LEAD, (Note(1.0, pitch, LONG, 100),))
    seconds = sound.render(clip_of(part), tmp_path / "a.wav")
    frames = heard(tmp_path / "a.wav")
    assert loudest_pitch(second(frames, 1.2, 2.8)) == pytest.approx(hertz, rel=0.01)
    assert np.abs(second(frames, 0.0, 0.98)).max() < 0.001
    assert len(frames) / sound.SAMPLE_RATE == pytest.approx(seconds)


def test_tempo_moves_the_note_and_the_tail_is_two_seconds(tmp_path: Path) -> None:
    part = Part("keys", PIANO, (Note(2.0, A4, 1.0, 100),))
    seconds = sound.render(clip_of(part, tempo=120.0), tmp_path / "a.wav")
    frames = heard(tmp_path / "a.wav")
    assert seconds == pytest.approx(4 * 60 / 120 + sound.TAIL_SECONDS, abs=0.01)
    assert np.abs(second(frames, 0.0, 0.98)).max() < 0.001
    assert np.abs(second(frames, 1.0, 1.3)).max() > 0.5


def test_many_loud_parts_are_mixed_without_clipping(tmp_path: Path) -> None:
    notes = tuple(Note(i / 4, 40 + i, 1.0, LOUD) for i in range(12))
    parts = [Part(f"keys{i}", 8 * i, notes) for i in range(2, 5)] + [Part("drums", 0, notes)]
    sound.render(clip_of(*parts), tmp_path / "a.wav")
    frames = heard(tmp_path / "a.wav")
    assert 0.85 < np.abs(frames).max() < 0.95
    assert (np.abs(frames) > 0.88).sum() < 20  # a clipped wave stays at its top


def test_a_soft_clip_is_as_loud_as_a_loud_one(tmp_path: Path) -> None:
    part = Part("keys", PIANO, (Note(0.0, A4, 1.0, 40),))
    sound.render(clip_of(part), tmp_path / "a.wav")
    assert np.abs(heard(tmp_path / "a.wav")).max() == pytest.approx(0.89, abs=0.01)


@pytest.mark.parametrize("parts", [(), (Part("bass", 33),)])
def test_silence_is_silent(tmp_path: Path, parts: tuple[Part, ...]) -> None:
    assert sound.render(clip_of(*parts), tmp_path / "a.wav") == pytest.approx(6.0, abs=0.01)
    assert not heard(tmp_path / "a.wav").any()


def test_a_snare_is_noise_where_a_piano_is_a_tone(tmp_path: Path) -> None:
    notes = (Note(0.0, 38, 0.5, 100),)
    shares = {}
    for name in ("drums", "keys"):
        sound.render(clip_of(Part(name, PIANO, notes)), tmp_path / f"{name}.wav")
        mono = second(heard(tmp_path / f"{name}.wav"), 0.0, 0.3).mean(axis=1)
        power = np.abs(np.fft.rfft(mono)) ** 2
        hertz = np.fft.rfftfreq(len(mono), 1 / sound.SAMPLE_RATE)
        shares[name] = power[hertz > 2000].sum() / power.sum()
    assert shares["drums"] > 10 * shares["keys"]


def test_no_soundfont_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "find_spec", lambda name: None)
    with pytest.raises(FileError, match=r"install the package pretty_midi.*--soundfont"):
        sound.render(clip_of(), tmp_path / "a.wav")


def test_a_soundfont_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    font = tmp_path / "font.sf2"
    with pytest.raises(FileError, match=r"font\.sf2 cannot be read: No such file"):
        sound.render(clip_of(), tmp_path / "a.wav", font)
    font.write_bytes(b"this is no soundfont")
    with pytest.raises(FileError, match="the soundfont cannot be used"):
        sound.render(clip_of(), tmp_path / "a.wav", font)


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(FileError, match="taken cannot be written"):
        sound.render(clip_of(), tmp_path / "taken")
    with pytest.raises(FileError, match=r"nowhere.a\.wav cannot be written: No such file"):
        sound.render(clip_of(), tmp_path / "nowhere" / "a.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="pipe cannot be written: it is no plain file"):
        sound.render(clip_of(), tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()


def test_a_clip_of_hours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="up to 20 minutes, not 60"):
        sound.render(clip_of(length=3600.0), tmp_path / "a.wav")


@pytest.mark.parametrize("tempo", [96.0, 83.7, 131.3, 67.1])
def test_every_part_is_as_long_as_the_clip_however_its_frames_round(
    tmp_path: Path, tempo: float
) -> None:
    parts = [
        Part(name, 0, tuple(Note(i * step, 60, step / 3, 90) for i in range(12)))
        for name, step in (("keys", 0.25), ("bass", 1 / 3), ("lead", 0.7), ("drums", 1.0))
    ]
    seconds = sound.render(clip_of(*parts, length=16.0, tempo=tempo), tmp_path / "a.wav")
    assert len(heard(tmp_path / "a.wav")) == round((16 * 60 / tempo + 2) * sound.SAMPLE_RATE)
    assert seconds == pytest.approx(16 * 60 / tempo + 2, abs=1e-4)
