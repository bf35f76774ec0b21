"""Clips written to MIDI files, read back, and bytes that nobody meant."""

from __future__ import annotations

import io
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate.errors import AskError, FileError
from bandmate.music import midifile
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part
from bandmate.music.key import MODES, Key
from bandmate.music.meter import Meter
from bandmate.music.roles import ROLES
from music.midi_bytes import dumped, file_of

SMALL = Clip(
    parts=(
        Part("drums", 0, (Note(0.0, 36, 0.5, 100), Note(0.0, 42, 0.25, 60))),
        Part("bass", 33, (Note(0.0, 40, 1.0, 90), Note(1.0, 40, 1.0, 91))),
    ),
    length=2.0,
    tempo=96.0,
    meter=Meter(2, 4),
    key=Key.parse("D:dor"),
    chords=(ChordSpan(0.0, 1.0, Chord.parse("Dm7")),),
)

GOLDEN = """
    4d 54 68 64  00 00 00 06           # MThd
    00 01  00 03  01 e0                # type 1, three tracks, 480 ticks a beat
    4d 54 72 6b  00 00 00 37           # MTrk: the song
    00  ff 51 03  09 89 68             # set_tempo: 625000 microseconds a beat
    00  ff 58 04  02 02 18 08          # time_signature: 2/4
    00  ff 59 02  00 01                # key_signature: A minor, D dorian's relative
    00  ff 01 09  6b 65 79 20 44 3a 64 6f 72   # text: key D:dor
    00  ff 06 06  44 3a 6d 69 6e 37    # marker: D:min7
    83 60  ff 06 01  4e                # marker at beat 1: N
    83 60  ff 2f 00                    # end_of_track at beat 2
    4d 54 72 6b  00 00 00 1f           # MTrk: drums
    00  ff 03 05  64 72 75 6d 73       # track_name: drums
    00  c9 00                          # program 0 on channel 9
    00  99 24 64                       # on 36
    00     2a 3c                       # on 42
    78  89 2a 00                       # off 42 at beat 1/4
    78     24 00                       # off 36 at beat 1/2
    85 50  ff 2f 00                    # end_of_track at beat 2
    4d 54 72 6b  00 00 00 21           # MTrk: bass
    00  ff 03 04  62 61 73 73          # track_name: bass
    00  c0 21                          # program 33 on channel 0
    00  90 28 5a                       # on 40
    83 60  80 28 00                    # off 40, before the onset of the same tick
    00  90 28 5b                       # on 40
    83 60  80 28 00                    # off 40
    00  ff 2f 00
"""


def test_a_small_clip_byte_for_byte() -> None:
    assert midifile.to_bytes(SMALL).hex(" ") == dumped(GOLDEN).hex(" ")


def test_it_is_read_back_whole() -> None:
    gap = ChordSpan(1.0, 2.0, Chord(None))
    assert midifile.read(dumped(GOLDEN)) == replace(SMALL, chords=(*SMALL.chords, gap))


def test_every_track_ends_at_the_clips_length() -> None:
    opened = mido.MidiFile(file=io.BytesIO(midifile.to_bytes(replace(SMALL, length=16.0))))
    assert [sum(message.time for message in track) for track in opened.tracks] == [16 * 480] * 3


def test_what_sounds_past_the_length_is_cut() -> None:
    notes = (Note(1.0, 60, 5.0, 80), Note(2.0, 62, 1.0, 80))
    clip = midifile.read(midifile.to_bytes(replace(SMALL, parts=(Part("keys", 0, notes),))))
    assert clip.parts[0].notes == (Note(1.0, 60, 1.0, 80),)
    assert clip.length == 2.0


def test_overlaps_of_one_pitch_are_cut_so_that_no_note_hangs() -> None:
    notes = (Note(0.0, 60, 2.0, 80), Note(0.0, 60, 1.5, 70), Note(0.5, 60, 0.5, 90))
    clip = midifile.read(midifile.to_bytes(replace(SMALL, parts=(Part("keys", 0, notes),))))
    assert clip.parts[0].notes == (Note(0.0, 60, 0.5, 80), Note(0.5, 60, 0.5, 90))


def test_fifteen_pitched_parts_skip_the_drum_channel() -> None:
    names = [
        f"{role}{digit}" for role in ("keys", "pad", "lead", "reed") for digit in ("", 2, 3, 4)
    ]
    parts = tuple(Part(name, 0, (Note(0.0, 60, 1.0, 80),)) for name in names[:15])
    drums = tuple(Part(name, 0, (Note(0.0, 36, 1.0, 80),)) for name in ("drums", "drums2"))
    clip = replace(SMALL, parts=parts + drums)
    opened = mido.MidiFile(file=io.BytesIO(midifile.to_bytes(clip)))
    channels = [m.channel for track in opened.tracks for m in track if m.type == "program_change"]
    assert channels == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 9, 9]
    assert midifile.read(midifile.to_bytes(clip)).parts == clip.parts
    with pytest.raises(AskError, match="pitched parts must be at most 15, not 16"):
        midifile.to_bytes(replace(clip, parts=(*clip.parts, Part(names[15], 0))))


@pytest.mark.parametrize("tempo", [0.0, 3.5, float("nan"), float("inf"), -96.0])
def test_a_tempo_that_no_file_holds_is_refused(tempo: float) -> None:
    with pytest.raises(AskError, match=r"tempo must be 3\.6 or more in a MIDI file"):
        midifile.to_bytes(replace(SMALL, tempo=tempo))


@pytest.mark.parametrize("mode", MODES)
def test_every_key_survives(mode: str) -> None:
    for tonic in range(12):
        clip = replace(SMALL, key=Key(tonic, mode))
        data = midifile.to_bytes(clip)
        assert midifile.read(data).key == clip.key
        # Another program sees the relative major or minor: the same seven pitches.
        foreign = midifile.read(data.replace(b"key ", b"was ")).key
        assert foreign is not None
        assert foreign.relative_major == Key(tonic, mode).relative_major


def test_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    midifile.write(SMALL, path)
    before = path.read_bytes()
    assert before == dumped(GOLDEN)
    with (
        full_disk(),
        pytest.raises(FileError, match=r"take\.mid cannot be written: File too large"),
    ):
        midifile.write(replace(SMALL, length=4.0), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    midifile.write(replace(SMALL, length=4.0), str(path))
    assert midifile.read(path).length == 4.0


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow past 50 bytes, as a disk with so much left would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"take\.mid cannot be written: No such file"):
        midifile.write(SMALL, tmp_path / "gone" / "take.mid")
    for odd in (tmp_path, tmp_path / "a\0b.mid", ""):
        with pytest.raises(FileError, match="cannot be written"):
            midifile.write(SMALL, odd)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="pipe cannot be written: it is no plain file"):
        midifile.write(SMALL, tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()


ticks = st.integers(0, 8 * 480 - 1)
beats = ticks.map(lambda tick: tick / 480)


@st.composite
def parts(draw: st.DrawFn, name: str) -> Part:
    """Draw a part whose notes of one pitch do not overlap: a note ends where the next begins."""
    onsets = draw(
        st.lists(st.tuples(st.integers(0, 127), ticks), min_size=1, max_size=12, unique=True)
    )
    notes = []
    for pitch, start in onsets:
        room = min((t for p, t in onsets if p == pitch and t > start), default=8 * 480) - start
        length = draw(st.integers(1, room))
        velocity = draw(st.integers(1, 127))
        notes.append(Note(start / 480, pitch, length / 480, velocity))
    return Part(name, draw(st.integers(0, 127)), tuple(sorted(notes)))


@st.composite
def clips(draw: st.DrawFn) -> Clip:
    """Draw a clip of eight beats."""
    names = draw(st.lists(st.sampled_from(sorted(ROLES)), min_size=1, max_size=4, unique=True))
    labels = draw(st.lists(st.sampled_from(["C:maj", "A:min7/b3", "N", "Bb:sus4(b7)"]), max_size=3))
    edges = sorted(draw(st.sets(beats, min_size=len(labels), max_size=len(labels))))
    spans = zip(edges, [*edges[1:], 8.0][: len(edges)], map(Chord.parse, labels), strict=True)
    return Clip(
        parts=tuple(draw(parts(name)) for name in names),
        length=8.0,
        tempo=draw(st.integers(20_000, 240_000)) / 1000,
        meter=draw(st.sampled_from([Meter(4, 4), Meter(2, 4), Meter(4, 8), Meter(2, 2)])),
        key=draw(st.none() | st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(MODES)))),
        chords=tuple(ChordSpan(*span) for span in spans),
    )


@given(clips())
@settings(max_examples=60, deadline=None)
def test_any_clip_comes_back_and_the_same_bytes_go_out(clip: Clip) -> None:
    data = midifile.to_bytes(clip)
    assert midifile.read(data) == clip
    assert midifile.to_bytes(midifile.read(data)) == data


def read_or_told(data: bytes) -> None:
    try:
        clip = midifile.read(data)
    except FileError as error:
        assert "\n" not in str(error)
        return
    assert len({part.name for part in clip.parts}) == len(clip.parts)
    for part in clip.parts:
        assert part.notes
        for note in part.notes:
            assert 0 <= note.start < note.end <= clip.length + 1e-6
            assert 0 <= note.pitch <= 127
            assert 1 <= note.velocity <= 127


@given(st.binary(max_size=120).map(lambda body: file_of(body.hex())) | st.binary(max_size=60))
@settings(max_examples=250, deadline=None)
def test_random_bytes_are_read_or_told(data: bytes) -> None:
    read_or_told(data)


EVENTS = """
    00 90 3c 40, 04 80 3c 00, 00 3c 00, 81 00 90 3c 00, 02 91 3c 01, 05 81 3c 00,
    00 99 24 50, 02 89 24 00, 01 b0 40 7f, 03 b0 40 00, 00 c0 30, 00 f0 01 f7,
    00 ff 59 02 00 05, 01 ff 51 03 07 a1 20, 00 ff 03 03 62 61 73, 00 ff 06 02 41 6d
"""
events = st.sampled_from([event.strip() for event in EVENTS.split(",")])


@given(st.lists(st.lists(events, max_size=30).map(" ".join), min_size=1, max_size=3))
@settings(max_examples=250, deadline=None)
def test_any_order_of_events_is_read_or_told(tracks: list[str]) -> None:
    read_or_told(file_of(*tracks))


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_altered_files_are_read_or_told(draw: st.DataObject) -> None:
    data = bytearray(dumped(GOLDEN))
    places = st.integers(14, len(data) - 1)
    for place, byte in draw.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=6)):
        data[place] = byte
    read_or_told(bytes(data[: draw.draw(places) if draw.draw(st.booleans()) else None]))
