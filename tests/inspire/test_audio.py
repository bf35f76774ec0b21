"""Sounds and MIDI files become words of the vocabulary; the network hears as it was exported."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from bandmate.errors import FileError, Unavailable, WeightsError
from bandmate.music import midifile
from bandmate.music.clip import Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.paths import shipped
from bandmate.style.keywords import vocabulary

np = pytest.importorskip("numpy")
soundfile: Any = pytest.importorskip("soundfile")
pytest.importorskip("onnxruntime")

from bandmate.inspire.audio import reader as audio  # noqa: E402
from bandmate.inspire.audio.beats import heard_onsets  # noqa: E402
from bandmate.inspire.audio.character import measured  # noqa: E402
from bandmate.inspire.audio.reader import Audio  # noqa: E402
from bandmate.inspire.audio.sound import read_sound  # noqa: E402
from bandmate.inspire.audio.tags import TAG_RATE, Tags, log_mels, mel_bands  # noqa: E402
from bandmate.inspire.inspiration import Inspiration  # noqa: E402
from bandmate.takes import sound  # noqa: E402 - only where the packages are there

AUDIO = Audio.open(shipped("models"))
TAGS = Tags.open(shipped("models"))
RATE = 22_050
FOUR = ((60, 64, 67), (67, 71, 74), (57, 60, 64), (65, 69, 72))
MINOR = ((57, 60, 64), (62, 65, 69), (64, 67, 71), (57, 60, 64))
KICK, SNARE, HAT = 36, 38, 42


def keys(chords: Any = FOUR, program: int = 0, strikes: int = 4) -> Part:
    notes = [
        Note(4.0 * bar + hit * 4 / strikes, pitch, 4 / strikes, 90)
        for bar, chord in enumerate(chords)
        for hit in range(strikes)
        for pitch in (chord[0] - 24, *chord)
    ]
    return Part("keys", program, tuple(sorted(notes)))


def kit(bars: int, hits: int = 2) -> Part:
    notes = []
    for beat in range(4 * bars):
        notes.append(Note(float(beat), KICK if beat % 2 == 0 else SNARE, 0.25, 110))
        notes += [Note(beat + i / hits, HAT, 0.1, 90) for i in range(hits)]
    return Part("drums", 0, tuple(sorted(notes)))


def rendered(path: Path, *parts: Part, tempo: float = 110.0, bars: int = 4) -> Path:
    sound.render(Clip(parts, 4.0 * bars, tempo), path)
    return path


def words(found: Inspiration) -> set[str]:
    return {keyword.word for keyword in found.keywords}


def is_sensible(found: Inspiration) -> bool:
    """Return True where an inspiration keeps what `Inspiration` promises."""
    weights = [keyword.weight for keyword in found.keywords]
    return (
        2 <= len(weights) <= 8
        and weights == sorted(weights, reverse=True)
        and all(0 < weight <= 1 for weight in weights)
        and words(found) <= set(vocabulary())
        and found.energy in range(1, 6)
    )


def test_a_song(tmp_path: Path) -> None:
    found = AUDIO.read(rendered(tmp_path / "a.wav", keys(FOUR * 2), bars=8))
    assert is_sensible(found)
    assert found.key == Key.parse("C:maj")
    assert found.mode == "maj"
    assert found.chords is not None
    assert found.chords.text == "C:maj G:maj A:min F:maj C:maj G:maj A:min F:maj"
    assert found.tempo is not None
    assert found.tempo[0] < 110 < found.tempo[1]
    assert found.notes == ()


def test_minor_is_darker_than_major(tmp_path: Path) -> None:
    found = AUDIO.read(rendered(tmp_path / "a.wav", keys(MINOR), tempo=80))
    assert (found.mode, str(found.key)) == ("min", "A:min")
    assert words(found) & {"wistful", "bittersweet", "melancholic"}


def test_bars_are_those_of_the_meter(tmp_path: Path) -> None:
    notes = [
        Note(3.0 * bar + beat, pitch, 1.0, 90)
        for bar, chord in enumerate(FOUR * 2)
        for beat in range(3)
        for pitch in (chord[0] - 24, *chord)
    ]
    part = Part("keys", 0, tuple(sorted(notes)))
    sound.render(Clip((part,), 24.0, 120.0, Meter(3, 4)), tmp_path / "a.wav")
    found = AUDIO.read(tmp_path / "a.wav", Meter(3, 4))
    assert found.chords is not None
    assert found.chords.text == "C:maj G:maj A:min F:maj C:maj G:maj A:min F:maj"


def test_busy_and_fast_is_more_energy(tmp_path: Path) -> None:
    calm = AUDIO.read(rendered(tmp_path / "a.wav", keys(strikes=1), tempo=66))
    wild = AUDIO.read(rendered(tmp_path / "b.wav", keys(strikes=16), kit(4, 4), tempo=160))
    assert calm.energy is not None
    assert wild.energy is not None
    assert calm.energy <= 2
    assert wild.energy >= 4
    assert "slow" in words(calm)
    assert "fast" in words(wild)


def test_rain_inspires_without_chords(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).standard_normal(RATE * 8) * 0.1
    soundfile.write(tmp_path / "rain.wav", noise, RATE)
    found = AUDIO.read(tmp_path / "rain.wav")
    assert is_sensible(found)
    assert (found.key, found.chords) == (None, None)
    assert found.notes == ("no chords can be heard in rain.wav",)
    genres = {word for word, row in vocabulary().items() if row.kind == "genre"}
    assert not words(found) & genres  # the network was not made for what is no music


def test_drums_have_a_tempo_but_no_key(tmp_path: Path) -> None:
    found = AUDIO.read(rendered(tmp_path / "a.wav", kit(8), tempo=100, bars=8))
    assert (found.key, found.chords) == (None, None)
    assert found.tempo is not None
    assert found.tempo[0] <= 100 <= found.tempo[1]


def test_a_bad_file_is_a_sentence(tmp_path: Path) -> None:
    text = tmp_path / "a.wav"
    text.write_text("words")
    with pytest.raises(FileError, match="is not a sound file"):
        AUDIO.read(text)


# MIDI


def written(path: Path, *parts: Part, tempo: float = 110.0, length: float = 16.0) -> Path:
    midifile.write(Clip(parts, length, tempo), path)
    return path


def test_midi(tmp_path: Path) -> None:
    found = AUDIO.read(written(tmp_path / "a.mid", keys(program=4), kit(4)))
    assert is_sensible(found)
    assert {"electric piano", "percussive"} <= words(found)
    assert found.chords is not None
    assert found.chords.text == "C:maj G:maj A:min F:maj"
    assert found.key == Key.parse("C:maj")
    assert found.tempo == (106, 114)


def test_midi_of_drums_alone(tmp_path: Path) -> None:
    found = AUDIO.read(written(tmp_path / "a.mid", kit(4)))
    assert (found.key, found.chords) == (None, None)
    assert found.notes == ("no chords can be heard in a.mid",)
    assert "percussive" in words(found)


def test_midi_without_notes(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="has no notes"):
        AUDIO.read(written(tmp_path / "a.mid"))


def test_long_midi_is_cut_short_and_told(tmp_path: Path) -> None:
    found = AUDIO.read(written(tmp_path / "a.mid", keys(FOUR * 50), length=800.0))
    assert found.notes == ("only the first 5 minutes of a.mid were heard",)


# words and tags


def test_every_word_is_in_the_vocabulary() -> None:
    said = {word for word in TAGS.words if word} | {*audio.ROLE_WORDS.values(), *audio.LEVELS}
    said |= {"piano", "electric piano", *audio.MEASURED_WORDS}
    assert said <= set(vocabulary())
    assert len(TAGS.names) == len(TAGS.words) == 50


def test_mels_are_those_of_the_training() -> None:
    samples = np.random.default_rng(2).standard_normal(TAG_RATE).astype(np.float32) * 0.1
    mels = log_mels(samples)
    mirrored = np.pad(samples, 256, mode="reflect")
    shape = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(512) / 512)
    assert mels.shape == (1 + TAG_RATE // 256, 96)
    for frame in (0, 1, 30, len(mels) - 1):
        power = np.abs(np.fft.rfft(mirrored[frame * 256 : frame * 256 + 512] * shape)) ** 2
        assert mels[frame] == pytest.approx(np.log10(10_000 * (power @ mel_bands()) + 1), abs=1e-5)


def test_mel_bands_are_of_equal_area() -> None:
    bands = mel_bands()
    # A band of 2 / width is as high as it is narrow: summed over bins of 31.25 Hz it gives one.
    assert bands[:, 40:].sum(axis=0) * TAG_RATE / 512 == pytest.approx(1.0, abs=0.08)
    assert bands.argmax(axis=0).tolist() == sorted(bands.argmax(axis=0).tolist())


@pytest.mark.parametrize(("tag", "program"), [("jazz", 26), ("ambient", 89)])
def test_tags_tell_music_apart(tmp_path: Path, tag: str, program: int) -> None:
    sevenths = ((62, 65, 69, 72), (67, 71, 74, 77), (60, 64, 67, 71), (57, 61, 64, 67))
    quiet = keys(sevenths, program, strikes=1)
    heard = read_sound(rendered(tmp_path / "a.wav", quiet, tempo=80))
    loud = keys(((40, 47, 52),) * 4, 30, strikes=8)
    metal = read_sound(rendered(tmp_path / "b.wav", loud, kit(4, 4), tempo=170))
    at = TAGS.names.index(tag)
    assert TAGS.heard(*heard[:2])[at] > 2 * TAGS.heard(*metal[:2])[at]


def test_a_second_is_enough_for_tags() -> None:
    samples = np.sin(np.arange(RATE) * 0.1).astype(np.float32)
    assert TAGS.heard(samples, RATE).shape == (50,)


def test_character_of_a_pulse() -> None:
    time = np.arange(8 * RATE) / RATE
    clicks = (np.sin(2 * np.pi * 1000 * time) * np.exp(-20 * (time % 0.5))).astype(np.float32)
    clicks /= np.abs(clicks).max()
    found = measured(clicks, RATE, heard_onsets(clicks, RATE))
    assert found.onsets == pytest.approx(2.0, abs=0.3)
    assert found.pulse > 0.7
    assert found.brightness == pytest.approx(1000, rel=0.2)
    loudness = 10 * np.log10(np.mean(clicks**2))
    assert found.loudness == pytest.approx(loudness, abs=0.01)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "inspire").mkdir()
    for name in ("manifest.yaml", "inspire/tags.onnx", "inspire/tags.yaml"):
        shutil.copy(shipped("models") / name, tmp_path / name)
    with (tmp_path / "inspire" / "tags.onnx").open("ab") as file:
        file.write(b"x")
    with pytest.raises(WeightsError, match=r"tags\.onnx is not the one that was shipped"):
        Tags.open(tmp_path)


def test_without_onnxruntime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(Unavailable, match="extra cpu or gpu"):
        Tags.open(shipped("models"))
