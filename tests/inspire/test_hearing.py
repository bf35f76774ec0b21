"""Chords are heard in sounds made here of plain tones, and in clips; what has none says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bandmate.errors import FileError, WeightsError
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter

np = pytest.importorskip("numpy")

from bandmate.inspire.audio import beats, chordpath, listener  # noqa: E402 - needs numpy
from bandmate.inspire.audio.chordpath import Transition, changes, shipped_transition  # noqa: E402
from bandmate.inspire.audio.chroma import LOW, heard_pitches, notes_between  # noqa: E402
from bandmate.inspire.audio.listener import (  # noqa: E402
    heard_in_clip,
    heard_in_sound,
    heard_timeline,
)
from bandmate.inspire.audio.spectrum import heard_tuning, log_spectrum  # noqa: E402
from bandmate.inspire.audio.templates import NONE, likeness, state_to_chord  # noqa: E402
from bandmate.inspire.audio.timeline import shared  # noqa: E402
from bandmate.inspire.audio.tonic import key_of_chords  # noqa: E402
from bandmate.inspire.inspiration import Transcription  # noqa: E402

RATE = 22_050
FLAT = Transition(np.full((24, 24), 1 / 24), np.full((24, 24), 1 / 24))


def chords(text: str) -> list[Chord]:
    return [Chord.parse(label) for label in text.split()]


def tone(pitch: float, seconds: float) -> Any:
    """Return a plucked tone with eight overtones."""
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    waves = [0.6**k * np.sin(2 * np.pi * hertz * (k + 1) * time + k) for k in range(8)]
    fade = np.minimum(1, 40 * (seconds - time)) * np.minimum(1, 200 * time)
    return sum(waves) * np.exp(-1.2 * time) * fade


def sung(
    labels: Sequence[Chord], tempo: float, beats_each: float, *, strikes: int = 4, sharp: float = 0
) -> Any:
    """Return chords in sound: the bass, and all tones above middle C, struck on beats."""
    beat = 60 / tempo
    out = []
    for chord in labels:
        low = 41 + (int(chord.bass or 0) - 41) % 12
        pitches = [low, *(60 + pitch for pitch in chord.pitches)]
        for _ in range(strikes):
            out.append(sum(tone(p + sharp, beats_each * beat / strikes) for p in pitches))
    whole = np.concatenate(out)
    return (whole / np.abs(whole).max()).astype(np.float32)


def drums(seconds: float, tempo: float) -> Any:
    """Return noise that is struck on every beat."""
    time = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(3).standard_normal(len(time))
    return (0.4 * noise * np.exp(-25 * (time % (60 / tempo)))).astype(np.float32)


def test_four_chords() -> None:
    heard = heard_in_sound(sung(chords("C G A:min F") * 2, 100, 4), RATE)
    assert heard.progression.labels == [["C:maj"], ["G:maj"], ["A:min"], ["F:maj"]] * 2
    assert heard.key == Key.parse("C:maj")
    assert heard.tempo == pytest.approx(100, rel=0.01)
    assert heard.seconds == pytest.approx(8 * 4 * 0.6, abs=0.01)


def test_two_chords_a_bar() -> None:
    samples = sung(chords("D B:min G A") * 4, 96, 2, strikes=2)
    heard = heard_in_sound(samples, RATE)
    assert heard.progression.labels == [["D:maj", "B:min"], ["G:maj", "A:maj"]] * 4


def test_three_four() -> None:
    samples = sung(chords("G D C G E:min A:min D G"), 120, 3, strikes=3)
    heard = heard_in_sound(samples, RATE, meter=Meter(3, 4))
    assert heard.progression.text == "G:maj D:maj C:maj G:maj E:min A:min D:maj G:maj"


def test_sevenths_and_basses() -> None:
    labels = chords("D:min7 G:7 C:maj7 C:maj/3") * 2
    heard = heard_in_sound(sung(labels, 110, 4), RATE)
    assert [Chord.parse(bar[0]) for bar in heard.progression.labels] == labels


def test_another_tuning() -> None:
    samples = sung(chords("C G A:min F") * 2, 100, 4, sharp=0.3)
    assert heard_tuning(log_spectrum(samples, RATE)) == pytest.approx(0.3, abs=0.05)
    heard = heard_in_sound(samples, RATE)
    assert heard.progression.text == "C:maj G:maj A:min F:maj C:maj G:maj A:min F:maj"


def test_drums_do_not_hide_chords() -> None:
    samples = sung(chords("C G A:min F") * 2, 100, 4)
    mixed = samples + drums(len(samples) / RATE, 100)[: len(samples)]
    heard = heard_in_sound(mixed, RATE)
    assert heard.progression.text == "C:maj G:maj A:min F:maj C:maj G:maj A:min F:maj"


@pytest.mark.parametrize("tempo", [72, 90, 110, 135, 155])
def test_tempo(tempo: float) -> None:
    samples = sung(chords("C F G C A:min D G C"), tempo, 4)
    heard = heard_timeline(samples, RATE)
    assert heard.tempo == pytest.approx(tempo, rel=0.01)
    assert heard.edges[0] == pytest.approx(0, abs=0.05)


def test_a_tempo_that_drifts() -> None:
    parts = [sung([chord], 90 + 3 * i, 4) for i, chord in enumerate(chords("C G A:min F") * 3)]
    heard = heard_timeline(np.concatenate(parts), RATE)
    edges = np.cumsum([0.0, *(len(part) / RATE for part in parts)])
    middles = (edges[1:] + edges[:-1]) / 2
    assert [str(heard.at(float(t))) for t in middles] == ["C:maj", "G:maj", "A:min", "F:maj"] * 3
    nearest = [min(abs(edge - bar) for edge in heard.edges) for bar in edges[:-1]]
    assert max(nearest[1:]) < 0.05  # a beat before the first onset is but a guess


def test_a_known_tempo_is_kept() -> None:
    samples = sung(chords("C G A:min F"), 100, 4)
    heard = heard_timeline(samples, RATE, tempo=50.0)
    assert heard.tempo == 50.0
    assert np.diff(heard.edges) == pytest.approx(0.6)  # long beats are heard in halves


def test_what_rings_out_is_no_bar() -> None:
    samples = sung(chords("C G A:min F"), 100, 4)
    echo = tone(65, 3.0)[: 3 * RATE] * 0.02
    heard = heard_in_sound(np.concatenate([samples, echo.astype(np.float32)]), RATE)
    assert len(heard.progression.bars) == 4


@pytest.mark.parametrize("kind", ["noise", "drums", "clicks"])
def test_no_chords(kind: str) -> None:
    rng = np.random.default_rng(4)
    sounds = {
        "noise": rng.standard_normal(10 * RATE),
        "drums": drums(10, 120),
        "clicks": (np.arange(10 * RATE) % 11_025 < 5).astype(float),
    }
    with pytest.raises(FileError, match="no chords can be heard in it"):
        heard_in_sound(sounds[kind].astype(np.float32), RATE)


def test_one_second_is_enough() -> None:
    heard = heard_in_sound(sung(chords("F"), 120, 2, strikes=1), RATE)
    assert str(heard.progression.bars[0][0]) == "F:maj"


def test_notes_of_a_chord() -> None:
    samples = sung(chords("A:min"), 60, 4, strikes=1)
    weights = notes_between(heard_pitches(samples, RATE), np.array([0.0, 1.0]))
    loudest = {(LOW + int(i)) % 12 for i in np.argsort(-weights[0])[:4]}
    assert loudest == {9, 0, 4}
    assert LOW + int(np.flatnonzero(weights[0] > weights[0].max() / 2)[0]) == 45


@pytest.mark.parametrize("label", ["C:maj", "F#:min", "Bb:7", "E:min7", "D:hdim7", "Ab:maj7"])
def test_likeness(label: str) -> None:
    chord = Chord.parse(label)
    weights = np.zeros((1, 62))
    for pitch in (48 + int(chord.root or 0) % 12, *(60 + pitch for pitch in chord.pitches)):
        weights[0, pitch - LOW] += 1.0
    assert str(state_to_chord(int(likeness(weights)[0].argmax()))) == label


def test_onsets_of_noise_are_not_regular() -> None:
    noise = np.random.default_rng(5).standard_normal(10 * RATE).astype(np.float32)
    assert beats.heard_onsets(noise, RATE).regularity < 0.2
    assert beats.heard_onsets(drums(10, 120), RATE).regularity > 0.5


@pytest.mark.parametrize(
    ("meter", "length"), [("4/4", 1.0), ("6/8", 1.5), ("3/4", 1.0), ("7/8", 0.5), ("2/2", 2.0)]
)
def test_beat_length(meter: str, length: float) -> None:
    assert beats.beat_length(Meter.parse(meter)) == length


@pytest.mark.parametrize(
    ("slots", "bar"),
    [
        ("C C C C", "C"),
        ("C C G G", "C G"),
        ("C G", "C G"),
        ("C C C G", "C C C G"),
        ("C C G", "C C G"),
        ("C C C C C C C C", "C"),
        ("C C C C G G F F", "C C G F"),
        ("C C C G C C C C", "C"),
        ("C C C C C F F", "C C C F"),
        ("C C C C C C G G", "C C C G"),
    ],
)
def test_a_bar_is_shared_by_as_few_as_will_do(slots: str, bar: str) -> None:
    assert list(shared(chords(slots))) == chords(bar)


# clips


def clip(labels: str, *, beats_each: float = 4.0, key: Key | None = None) -> Clip:
    """Return chords in close position, with a bass."""
    notes = []
    for index, chord in enumerate(chords(labels)):
        start = index * beats_each
        for pitch in (36 + int(chord.bass or 0), *(60 + pitch for pitch in chord.pitches)):
            notes.append(Note(start, pitch, beats_each, 80))
    length = len(labels.split()) * beats_each
    return Clip((Part("keys", 0, tuple(sorted(notes))),), length, 96.0, key=key)


def test_notes_of_a_clip() -> None:
    heard = heard_in_clip(clip("Eb C:min F:min7 Bb:7"))
    assert heard.progression.text == "Eb:maj C:min F:min7 Bb:7"
    assert heard == Transcription(heard.progression, 96.0, Key.parse("Eb:maj"), 10.0)


def test_markers_go_before_notes() -> None:
    spans = (ChordSpan(0, 6, Chord.parse("A:min9")), ChordSpan(6, 16, Chord.parse("F:maj7/3")))
    marked = replace(clip("C C C C", key=Key.parse("A:min")), chords=spans)
    heard = heard_in_clip(marked)
    assert heard.progression.text == "A:min9 A:min9,F:maj7/3 F:maj7/3 F:maj7/3"
    assert heard.key == Key.parse("A:min")


def test_a_clip_keeps_its_key() -> None:
    key = Key.parse("D:dor")
    assert heard_in_clip(clip("D:min G D:min C", key=key)).progression.key == key


def test_notes_far_out_are_heard() -> None:
    low = Part("bass", 33, tuple(Note(4.0 * i, p, 4.0, 90) for i, p in enumerate((12, 17))))
    high = Part(
        "keys",
        0,
        tuple(
            Note(4.0 * (i // 3), p, 4.0, 90) for i, p in enumerate((112, 108, 115, 113, 117, 120))
        ),
    )
    assert heard_in_clip(Clip((low, high), 8.0)).progression.text == "C:maj F:maj"


def test_clips_without_chords() -> None:
    beat = Part("drums", 0, tuple(Note(float(i), 36, 0.25, 100) for i in range(16)))
    for empty in (Clip((beat,), 16.0), Clip((), 8.0), Clip((), 0.0)):
        with pytest.raises(FileError, match="no chords"):
            heard_in_clip(empty)


def test_a_long_clip_is_heard_from_its_beginning() -> None:
    heard = heard_in_clip(clip(" ".join(["C F G C"] * 100)))
    assert heard.seconds == pytest.approx(300, abs=3)
    assert len(heard.progression.bars) == 120


def test_slow_chords_in_six_eight() -> None:
    made = replace(clip("C F G C", beats_each=3.0), meter=Meter(6, 8))
    assert heard_in_clip(made).progression.text == "C:maj F:maj G:maj C:maj"


# changes


def test_changes_move_with_the_key() -> None:
    table = np.full((24, 24), 0.01)
    table[7, 0] = 1.0  # the dominant goes home
    moved = Transition(table, table).of(Key.parse("D:maj"))
    assert moved[9, 2] == 1.0
    assert moved[9 + 12, 2] == pytest.approx(0.01)


def test_changes_are_probabilities() -> None:
    for transition in (None, FLAT, shipped_transition()):
        logs = changes(Key.parse("G:min"), transition)
        assert np.exp(logs).sum(axis=1)[:NONE] == pytest.approx(1.0, abs=0.05)
        assert (np.diag(logs) < -20).all()


def test_changes_decide_what_the_sound_does_not() -> None:
    # A bare fifth on D between C and G: after C in G major, D major is far likelier than D minor.
    def fifth(prior: Transition | None) -> str:
        made = clip("G C D:5 G")
        return str(heard_in_clip(made, prior).progression.bars[2][0])

    towards = np.full((24, 24), 1e-4)
    towards[:, 7] = 1.0  # relative to G: D major
    away = np.full((24, 24), 1e-4)
    away[:, 7 + 12] = 1.0
    assert fifth(Transition(towards, towards)) == "D:maj"
    assert fifth(Transition(away, away)) == "D:min"


def test_the_key_of_chords() -> None:
    shipped = shipped_transition()
    assert shipped is not None
    for transition in (None, shipped):
        assert str(key_of_chords(chords("D:min7 G:7 C:maj7 A:min7"), transition)).startswith("C")
        assert key_of_chords((), transition) == Key(0, "maj")
    assert str(key_of_chords(chords("A:min D:min E:7 A:min"), shipped)) == "A:min"


def manifest(models: Path, content: str) -> None:
    import hashlib

    (models / "chords").mkdir(parents=True)
    (models / "chords" / "changes.json").write_text(content)
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    (models / "manifest.yaml").write_text(
        f"- {{name: changes, file: chords/changes.json, sha256: {sha256}, licence: MIT, reads: x}}"
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        json.dumps({"maj": [[1]], "min": [[1]]}),
        json.dumps({"maj": [[-1.0] * 24] * 24, "min": [[0.1] * 24] * 24}),
        json.dumps({"maj": "x", "min": None}),
    ],
)
def test_a_bad_table_of_changes(tmp_path: Path, content: str) -> None:
    manifest(tmp_path, content)
    with pytest.raises(WeightsError):
        shipped_transition(tmp_path)


def test_no_table_of_changes(tmp_path: Path) -> None:
    (tmp_path / "manifest.yaml").write_text("[]")
    assert shipped_transition(tmp_path) is None


def test_bars_start_where_chords_change() -> None:
    leave = chordpath.leaving(8, 2, 4, 1)
    assert leave[2] == leave[6] == leave.max()
    assert leave[0] == leave[4] > leave[1]
    halves = chordpath.leaving(16, 0, 4, 2)
    assert halves[1] == halves[3] == halves.min()


def test_a_cut_off_beginning() -> None:
    samples = sung(chords("C G A:min F") * 3, 100, 4)[round(1.2 * RATE) :]  # two beats are gone
    heard = heard_timeline(samples, RATE)
    assert heard.edges[heard.first_bar] == pytest.approx(1.2, abs=0.1)
    assert heard.progression.text.startswith("C:maj G:maj A:min F:maj")


def test_public_names() -> None:
    assert set(listener.__all__) >= {"heard_in_sound", "heard_in_clip", "heard_timeline"}
