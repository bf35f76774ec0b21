"""The REAPER bridge: what is selected goes along as a .mid, note for note, and in its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.music.clip import Clip, Note
from bridges.fake_daemon import FakeDaemon
from bridges.fake_items import PPQ, FakeItem, FakeNote, TempoMark
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    CLIP,
    DRUMS,
    SCRIPT,
    TUNE,
    VARIED,
    VARY,
    asked,
    get,
    heard,
)


def test_the_selected_item_is_told_note_for_note(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    reaper.tempo_marks = [TempoMark(0.0, 90.0, 4, 4)]
    _, _, said = asked(reaper, daemon, VARY)
    clip = heard(said)
    assert {name: said[name] for name in ("vary", "tempo", "meter", "notes")} == {
        "vary": "0.5",
        "tempo": 90.0,
        "meter": "4/4",
        "notes": "blob",
    }
    assert not {"bars", "parts", "key", "refill", "add"} & said.keys()
    (part,) = clip.parts
    assert (clip.length, clip.tempo, str(clip.meter)) == (8.0, 90.0, "4/4")
    assert part.notes == tuple(Note(float(i), 57 + i, 0.5, 80 + i) for i in range(8))


def test_the_file_is_gone_once_the_answer_is_there(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    client, id_, said = asked(reaper, daemon, VARY)
    assert Path(str(said["context"])).is_file()
    daemon.answer(client, *daemon.made(id_, Clip((VARIED,), 8.0, 96.0)))
    reaper.tick()
    assert daemon.files() == []
    assert not list(daemon.box.folder.rglob("*.mid"))


def test_only_what_sounds_goes_along(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    item.take.muted = {0}
    item.take.start = 2.0  # the source began earlier: two quarters lie before the item's edge
    item.end = 9.0
    item.is_looped = False
    _, _, said = asked(reaper, daemon, VARY)
    (part,) = heard(said).parts
    assert [(note.start, note.pitch) for note in part.notes] == [
        (0.0, 59), (1.0, 60), (2.0, 61), (3.0, 62), (4.0, 63),
    ]  # fmt: skip


def test_an_item_that_repeats_its_source_is_told_as_it_sounds(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    item.take.notes = TUNE[:2]
    item.take.length = 2.0
    item.end = 9.0
    _, _, said = asked(reaper, daemon, VARY)
    (part,) = heard(said).parts
    assert [(note.start, note.pitch) for note in part.notes] == [
        (0.0, 57), (1.0, 58), (2.0, 57), (3.0, 58), (4.0, 57),
    ]  # fmt: skip


def test_each_channel_of_each_item_is_a_part_of_its_own(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.tracks[0].name = "Rhodes"
    bass = reaper.add_track("my bass")
    reaper.add_item(reaper.tracks[0], 0.0, 4.0, [(0, 960, 0, 60, 80), (0, 240, 9, 36, 90)])
    reaper.add_item(bass, 0.0, 4.0, [(0, 960, 3, 33, 80)])
    _, _, said = asked(reaper, daemon, VARY)
    assert [part.name for part in heard(said).parts] == ["keys", "drums", "bass"]


def test_what_bandmate_made_keeps_its_names_and_sounds(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    get(reaper, daemon, CLIP)
    reaper.select_items(*reaper.items)
    _, _, said = asked(reaper, daemon, VARY)
    clip = heard(said)
    assert [(part.name, part.program) for part in clip.parts] == [
        ("drums", 0), ("bass", 33), ("keys", 4),
    ]  # fmt: skip
    assert clip.parts[0].notes == DRUMS.notes


def test_the_scale_of_the_midi_editor_is_the_key(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    item.take.scale = (9, 0x5AD)
    assert asked(reaper, daemon, VARY)[2]["key"] == "A:min"
    reaper.project_ext["bandmate", "key"] = "D:dor"
    assert asked(reaper, daemon, VARY)[2]["key"] == "D:dor"


@pytest.mark.parametrize(
    ("pitches", "key"),
    [
        ((57, 60, 64, 57, 62, 65, 57), "A:min"),
        ((60, 64, 67, 65, 69, 60, 59, 62, 67), "C:maj"),
        ((62, 66, 69, 67, 71, 74, 61, 64), "D:maj"),
    ],
)
def test_a_key_is_heard_where_the_setting_says_so(
    reaper: FakeReaper, daemon: FakeDaemon, pitches: tuple[int, ...], key: str
) -> None:
    notes: list[FakeNote] = [(i * 480, i * 480 + 480, 0, p, 80) for i, p in enumerate(pitches)]
    reaper.add_item(reaper.tracks[0], 32.0, 40.0, notes)
    assert "key" not in asked(reaper, daemon, SCRIPT)[2]
    reaper.project_ext["bandmate", "key"] = "heard"
    assert asked(reaper, daemon, SCRIPT)[2]["key"] == key
    reaper.select_items()
    assert asked(reaper, daemon, SCRIPT)[2]["key"] == key
    reaper.items[0].take.notes = reaper.items[0].take.notes[:1]
    assert "key" not in asked(reaper, daemon, SCRIPT)[2]


def test_positions_survive_to_the_tick(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    notes: list[FakeNote] = [(i * 37.0, i * 37.0 + 11, 0, 60 + i % 12, 90) for i in range(200)]
    reaper.add_item(reaper.tracks[0], 3.0, 11.0, notes)
    _, _, said = asked(reaper, daemon, VARY)
    (part,) = heard(said).parts
    assert [round(note.start * PPQ) for note in part.notes] == [start for start, *_ in notes]
