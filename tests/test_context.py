"""A clip that is there already: what is read of a person's .mid, and what is refused in words."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from bandmate.asks.loop import LoopAsk
from bandmate.asks.song import Song, Songs
from bandmate.errors import AskError, FileError
from bandmate.loops.plan import LoopPlan
from bandmate.music import midifile
from bandmate.music.chord import Chord
from bandmate.music.clip import ChordSpan, Clip, Note, Part
from bandmate.music.key import Key
from bandmate.music.meter import Meter
from bandmate.plans.context import MAX_BYTES, MAX_NOTES, Given, read_context
from bandmate.plans.loop import plan_of

A_MINOR = tuple(Note(4.0 * bar, p, 4.0, 90) for bar in range(2) for p in (45, 57, 60, 64))


def written(folder: Path, clip: Clip) -> Path:
    file = folder / "in.mid"
    midifile.write(clip, file)
    return file


def bare(folder: Path, *tracks: list[mido.Message]) -> Path:
    """Write a file that says nothing of tempo, meter and key."""
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    for messages in tracks:
        file.tracks.append(mido.MidiTrack(messages))
    path = folder / "in.mid"
    file.save(path)
    return path


def struck(*pitches: int, channel: int = 0, beats: float = 4) -> list[mido.Message]:
    """Return chords of one bar each, in order."""
    found = []
    for pitch in pitches:
        found.append(mido.Message("note_on", note=pitch, velocity=90, channel=channel))
        off = mido.Message("note_off", note=pitch, channel=channel, time=round(480 * beats))
        found.append(off)
    return found


def planned(file: Path, *said: tuple[str, object], song: Song | None = None) -> LoopPlan:
    pairs: list[tuple[str, object]] = [("context", str(file)), *said]
    return plan_of(LoopAsk.read(pairs), song or Song(), seed=7, given=(read_context(file),))


def test_what_a_file_says_is_taken_as_it_says(tmp_path: Path) -> None:
    chords = (ChordSpan(0, 3, Chord.parse("E:min")), ChordSpan(3, 6, Chord.parse("B:7")))
    part = Part("keys", 4, (Note(0.1, 64, 0.4, 71), Note(3.0, 66, 3.0, 80)))
    clip = Clip((part,), 6.0, 97.5, Meter(3, 4), Key.parse("E:min"), chords)
    given = read_context(written(tmp_path, clip))
    assert given.told == {"tempo", "meter", "key"}
    plan = planned(tmp_path / "in.mid", ("add", "drums"))
    assert (plan.tempo, plan.meter, plan.key, plan.bars) == (97.5, Meter(3, 4), Key(4, "min"), 2)
    assert plan.chords == chords
    assert plan.strictness == 0.5
    assert plan.base == given.clip.parts


def test_what_a_file_does_not_say_is_heard_or_the_songs(tmp_path: Path) -> None:
    file = bare(tmp_path, *(struck(pitch, pitch) for pitch in (45, 57, 60, 64)))
    given = read_context(file)
    assert given.told == set()
    plan = planned(file, ("add", "drums"))
    assert (plan.key, plan.tempo, plan.meter) == (Key(9, "min"), 120.0, Meter(4, 4))
    assert [str(span.chord) for span in plan.chords] == ["A:min"]
    assert plan.strictness == 0.0
    song = Songs().set("daw", [("tempo", 90), ("meter", "2/4"), ("key", "C:maj"), ("chords", "F")])
    plan = planned(file, ("add", "drums"), song=song)
    assert (plan.key, plan.tempo, plan.meter, plan.bars) == (Key(0), 90.0, Meter(2, 4), 4)
    assert {str(span.chord) for span in plan.chords} == {"F:maj"}
    far = Songs().set("daw", [("key", "F#:maj")])
    assert planned(file, ("add", "drums"), song=far).key == Key(9, "min")


def test_the_songs_tempo_comes_before_the_files(tmp_path: Path) -> None:
    file = written(tmp_path, Clip((Part("keys", 0, A_MINOR),), 8.0, 97.5))
    song = Songs().set("daw", [("tempo", 90)])
    assert planned(file, ("add", "drums"), song=song).tempo == 90
    assert planned(file, ("add", "drums"), ("tempo", 70), song=song).tempo == 70


def test_a_meter_that_is_not_the_files_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, Clip((Part("keys", 0, A_MINOR),), 8.0))
    with pytest.raises(AskError, match=r"^meter must be 4/4, as in.mid has it, not 3/4$"):
        planned(file, ("add", "drums"), ("meter", "3/4"))


def test_an_empty_clip_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, Clip((), 8.0))
    with pytest.raises(AskError, match=r"^context must hold a note, and in.mid holds none$"):
        read_context(file)


@pytest.mark.parametrize("data", [b"", b"RIFF1234", b"MThd\0\0"])
def test_what_is_no_midi_file_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "in.mid").write_bytes(data)
    with pytest.raises(FileError, match=r"in\.mid (is|must) "):
        read_context(tmp_path / "in.mid")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "in.mid").write_bytes(b"MThd" + bytes(MAX_BYTES))
    with pytest.raises(FileError, match=r"in\.mid is larger than the 2 MB of a context$"):
        read_context(tmp_path / "in.mid")


def test_a_file_that_has_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"gone\.mid cannot be read: No such file"):
        read_context(tmp_path / "gone.mid")


def test_of_two_hundred_parts_those_that_are_named_are_read(tmp_path: Path) -> None:
    programs = [
        [mido.Message("program_change", program=i % 128, channel=i % 9), *struck(60, channel=i % 9)]
        for i in range(200)
    ]
    file = bare(tmp_path, *programs)
    with pytest.raises(AskError) as refused:
        planned(file, ("refill", "1"))
    told = str(refused.value)
    assert told.startswith("in.mid has 200 parts, and 1..10 are read: name them in parts, such as ")
    names = told.rpartition(" ")[2]
    assert len(names.split(",")) == 10
    plan = planned(file, ("parts", names), ("refill", "1"))
    assert {part.name for part in plan.parts} == set(names.split(","))
    assert {part.name for part in plan.base} == set(names.split(","))


def test_a_long_clip_says_what_of_it_can_be_read(tmp_path: Path) -> None:
    notes = tuple(Note(4.0 * bar, 40, 1.0, 90) for bar in range(100))
    file = written(tmp_path, Clip((Part("bass", 33, notes),), 400.0))
    words = r"^in.mid has 100 bars: say bars \(1..64\) to take its first, or continues to write"
    with pytest.raises(AskError, match=words):
        planned(file, ("add", "drums"))
    plan = planned(file, ("add", "drums"), ("bars", 8))
    assert (plan.bars, plan.base[0].notes) == (8, notes[:12])
    plan = planned(file, ("continues", "on"))
    assert [note.start for note in plan.base[0].notes] == [-16, -12, -8, -4]


def test_a_clip_with_too_many_notes_is_told() -> None:
    notes = tuple(Note(i / 1000, 40, 0.001, 90) for i in range(MAX_NOTES + 1))
    given = Given("in.mid", Clip((Part("bass", 33, notes),), 24.0))
    ask = LoopAsk.read([("take", 1), ("add", "drums")])
    with pytest.raises(AskError, match=r"^in.mid must hold 1..20000 notes in what is read, not 20"):
        plan_of(ask, Song(), given=(given,))
