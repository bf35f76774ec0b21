"""The REAPER bridge: where a clip goes, note for note, and what several asks do."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from bandmate.music.clip import Clip, Note, Part
from bridges.fake_daemon import FakeDaemon
from bridges.fake_items import FakeTrack
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    BASS,
    CLIP,
    DRUMS,
    KEYS,
    LONG,
    SCRIPT,
    ask,
    get,
    items,
    written,
)

# where it goes


@pytest.mark.parametrize("layout", ["", "items"])
def test_one_item_a_part_on_the_selected_track(
    reaper: FakeReaper, daemon: FakeDaemon, layout: str
) -> None:
    reaper.project_ext["bandmate", "layout"] = layout
    reaper.selection = (5.0, 15.0)
    get(reaper, daemon, CLIP)
    found = items(reaper)
    assert [item.take.name for item in found] == ["drums #12", "bass #12", "keys #12"]
    assert [(item.start, item.end) for item in found] == [(8.0, 24.0)] * 3
    assert [item.take.notes for item in found] == [
        written(DRUMS, 9),
        written(BASS, 0),
        written(KEYS, 1),
    ]
    assert len(reaper.tracks) == 1


def test_one_track_a_part(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    last = reaper.add_track("voice")
    reaper.project_ext["bandmate", "layout"] = "tracks"
    get(reaper, daemon, CLIP)
    assert [track.name for track in reaper.tracks] == ["synth", "bass", "keys", "voice"]
    assert [len(track.items) for track in reaper.tracks] == [1, 1, 1, 0]
    assert [item.take.notes for item in items(reaper)] == [
        written(DRUMS, 9),
        written(BASS, 0),
        written(KEYS, 1),
    ]
    assert reaper.tracks[-1] is last


def test_one_item_of_all_parts_keeps_drums_on_channel_10(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.project_ext["bandmate", "layout"] = "one"
    get(reaper, daemon, CLIP)
    (item,) = items(reaper)
    assert item.take.name == "drums+bass+keys #12"
    assert item.take.notes == sorted(written(DRUMS, 9) + written(BASS, 0) + written(KEYS, 1))
    assert item.take.sorts == 1


def test_many_parts_step_over_the_channel_of_drums(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    roles = ["bass", "keys", "organ", "guitar", "pad", "strings", "brass", "reed", "lead", "choir"]
    parts = tuple(Part(role, 1, (Note(0.0, 60, 1.0, 90),)) for role in roles)
    reaper.project_ext["bandmate", "layout"] = "one"
    get(reaper, daemon, Clip((*parts, Part("drums2", 0, (Note(0.0, 36, 1.0, 91),))), 4.0))
    (item,) = items(reaper)
    channels = [(channel, velocity) for _, _, channel, _, velocity in item.take.notes]
    assert sorted(channels) == [(c, 90) for c in (0, 1, 2, 3, 4, 5, 6, 7, 8)] + [(9, 91), (10, 90)]


def test_an_unknown_layout_is_told_and_the_clip_still_comes(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.project_ext["bandmate", "layout"] = "stack"
    get(reaper, daemon, CLIP)
    assert len(items(reaper)) == 3
    assert reaper.console == [
        "bandmate: layout must be items, tracks or one, not 'stack'; items is used.\n"
    ]


def test_an_insertion_is_one_undo_point_and_sorts_each_take_once(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    get(reaper, daemon, CLIP)
    assert reaper.undo_points == ["bandmate: insert take 12"]
    assert [item.take.sorts for item in items(reaper)] == [1, 1, 1]
    assert reaper.arranged == 1
    assert reaper.console == []
    assert daemon.files() == []


def test_an_insertion_that_fails_closes_its_undo_block(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.fails.add("MIDI_InsertNote")
    get(reaper, daemon, CLIP)
    assert len(reaper.undo_points) == 1
    assert "take 12 could not be inserted" in reaper.console[0]
    reaper.fails.clear()
    get(reaper, daemon, CLIP)
    assert reaper.undo_points[1:] == ["bandmate: insert take 13"]


def test_a_very_short_note_still_sounds(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get(reaper, daemon, Clip((Part("bass", 33, (Note(1.0, 40, 0.0001, 90),)),), 4.0))
    (item,) = items(reaper)
    assert item.take.notes == [(960, 961, 0, 40, 90)]


def test_a_clip_without_notes_gives_an_empty_item(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get(reaper, daemon, Clip((Part("bass", 33),), 4.0))
    (item,) = items(reaper)
    assert (item.take.notes, item.end - item.start) == ([], 4.0)


def test_a_tempo_change_meanwhile_leaves_the_place_in_beats(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.cursor = 5.0
    client, id_ = ask(reaper, daemon)
    reaper.set_tempo(140.0)
    reaper.cursor = 0.0
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert {item.start for item in items(reaper)} == {8.0}


def test_the_track_that_asked_gets_it_whatever_is_selected_now(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, id_ = ask(reaper, daemon)
    reaper.select(reaper.add_track("other"))
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert [len(track.items) for track in reaper.tracks] == [3, 0]


def test_a_track_deleted_meanwhile_is_told_and_nothing_changes(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, id_ = ask(reaper, daemon)
    reaper.tracks.clear()
    reaper.add_track("new", is_selected=True)
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert (items(reaper), reaper.undo_points, daemon.files()) == ([], [], [])
    assert reaper.console == [
        "bandmate: take 12 finds its track no longer in this project; it lies in /clips/funk.mid.\n"
    ]


# several at once


def test_several_asks_are_answered_in_any_order(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    other = reaper.add_track("other")
    client, first = ask(reaper, daemon)
    reaper.select(other)
    reaper.cursor = 10.0
    _, second = ask(reaper, daemon)
    assert first != second
    long, short = daemon.made(first, LONG), daemon.made(second, CLIP)
    for pair in zip(long, short + short[:2], strict=True):
        daemon.answer(client, *pair)
    reaper.tick()
    assert [[item.start for item in track.items] for track in reaper.tracks] == [[0.0], [16.0] * 3]
    assert len(reaper.undo_points) == 2


@pytest.mark.parametrize("is_seven", [True, False])
def test_running_again_asks_again_and_one_loop_goes_on(
    lua: ModuleType, home: Path, daemon: FakeDaemon, is_seven: bool
) -> None:
    reaper = FakeReaper(lua, is_seven=is_seven)
    reaper.add_track(is_selected=True)
    client, first = ask(reaper, daemon)
    reaper.tick()
    again, second = ask(reaper, daemon)
    assert again == client
    reaper.tick()
    assert reaper.running == 1
    for id_ in (first, second):
        daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert (len(items(reaper)), len(reaper.undo_points)) == (6, 2)


def test_a_clip_that_has_come_in_part_survives_a_new_run(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, id_ = ask(reaper, daemon)
    made, first, second, third = daemon.made(id_, LONG)
    daemon.answer(client, made, first, second)
    reaper.tick()
    reaper.run(SCRIPT)
    daemon.answer(client, third)
    reaper.tick()
    (item,) = items(reaper)
    assert item.take.notes == written(LONG.parts[0], 0)


def test_two_reapers_have_two_mailboxes(lua: ModuleType, home: Path, daemon: FakeDaemon) -> None:
    reapers = [FakeReaper(lua, first_guid=i * 1000) for i in (1, 2)]
    for reaper in reapers:
        reaper.add_track(is_selected=True)
        reaper.run(SCRIPT)
    clients = [client for client, _, _ in daemon.asked_for_loops()]
    assert len(set(clients)) == 2
    assert all(re.fullmatch(r"[a-z0-9-]{1,40}", client) for client in clients)


def test_a_reaper_that_starts_again_takes_a_new_mailbox(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    first, _ = ask(reaper, daemon)
    reaper.quit_and_start()
    second, _ = ask(reaper, daemon)
    assert first != second


# chosen elsewhere


def test_a_take_chosen_elsewhere_lands_at_the_cursor_on_the_selected_track(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, _ = ask(reaper, daemon)
    other: FakeTrack = reaper.add_track("other")
    reaper.select(other)
    reaper.cursor = 2.5
    daemon.answer(client, *daemon.placed(3, CLIP))
    reaper.tick()
    assert [item.start for item in other.items] == [4.0, 4.0, 4.0]
    assert reaper.tracks[0].items == []
    assert reaper.undo_points == ["bandmate: insert take 12"]
    assert daemon.files() == []


def test_a_placed_take_with_the_id_of_an_ask_does_not_answer_it(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, *daemon.placed(id_, CLIP))
    reaper.tick()
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert (len(items(reaper)), reaper.console) == (6, [])


def test_a_take_chosen_elsewhere_needs_a_selected_track(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, _ = ask(reaper, daemon)
    reaper.select()
    daemon.answer(client, *daemon.placed("x", CLIP))
    reaper.tick()
    assert items(reaper) == []
    assert reaper.console == [
        "bandmate: take 12 finds no selected track; it lies in /clips/funk.mid.\n"
    ]
