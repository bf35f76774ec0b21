"""The REAPER bridge: from take to take, accepted, rejected, and the window of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate.contract.messages import Message
from bridges.fake_daemon import FakeDaemon, pairs
from bridges.fake_items import FakeItem
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    ACCEPT,
    CARDS,
    CLIP,
    FOLLOW,
    NEXT,
    PREVIOUS,
    REJECT,
    SCRIPT,
    SETTINGS,
    VARY,
    ask,
    get_chords,
)


@pytest.fixture
def clip_file(home: Path) -> str:
    """The file of the takes that come."""
    path = home / "funk.mid"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    return str(path)


@pytest.fixture
def drums(reaper: FakeReaper, daemon: FakeDaemon, clip_file: str) -> FakeItem:
    """The first item of take 12: its drums."""
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, *daemon.made(id_, CLIP, clip_file))
    reaper.tick()
    return reaper.items[0]


def varied(reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem, clip_file: str) -> None:
    """Vary an item, so that it has one take more."""
    reaper.select_items(item)
    reaper.run(VARY)
    client, id_, _ = daemon.asked_for_loops()[-1]
    daemon.answer(client, *daemon.made(id_, CLIP, clip_file))
    reaper.tick()


# from take to take


def test_next_and_previous_go_round(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get_chords(reaper, daemon, CARDS)
    (item,) = reaper.items
    seen = []
    for action in (NEXT, NEXT, NEXT, NEXT, PREVIOUS, PREVIOUS):
        reaper.run(action)
        seen.append(item.active)
    assert seen == [1, 2, 3, 0, 3, 2]
    assert reaper.undo_points[1:] == ["bandmate: next take"] * 4 + ["bandmate: previous take"] * 2


def test_without_a_selection_the_item_that_came_last_is_meant(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    get_chords(reaper, daemon, CARDS)
    reaper.select_items()
    reaper.run(NEXT)
    assert reaper.items[0].active == 1


def test_an_item_of_one_take_is_told(reaper: FakeReaper, drums: FakeItem) -> None:
    drums.is_selected = True
    reaper.run(NEXT)
    assert reaper.console == [
        "bandmate: no selected item has several takes; vary it to get another.\n"
    ]
    assert len(reaper.undo_points) == 1


def test_turning_takes_waits_for_nothing(reaper: FakeReaper, home: Path) -> None:
    for action in (NEXT, PREVIOUS):
        reaper.run(action)
    assert (reaper.running, len(reaper.console), (home / "mailbox").exists()) == (0, 2, False)


# accepted and rejected


def test_accepting_marks_the_take_that_sounds(
    reaper: FakeReaper, daemon: FakeDaemon, drums: FakeItem, clip_file: str
) -> None:
    varied(reaper, daemon, drums, clip_file)
    drums.active = 0
    reaper.select_items(*reaper.items)
    reaper.run(ACCEPT)
    ((client, mark),) = daemon.asked()
    assert (mark.address, mark.arguments[1:]) == ("/bandmate/take/accept", (12,))
    daemon.answer(client, Message("/bandmate/take/accepted", (mark.arguments[0], 12)))
    reaper.tick()
    assert reaper.help[-1] == "bandmate: take 12 is accepted"
    assert (daemon.files(), len(drums.takes)) == ([], 2)


def test_accepting_a_card_lets_the_song_follow_it(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get_chords(reaper, daemon, CARDS)
    reaper.items[0].active = 2
    reaper.run(ACCEPT)
    ((_, mark),) = daemon.asked()
    assert mark.arguments[1:] == (14,)


def test_rejecting_takes_the_take_away_and_undo_brings_it_back(
    reaper: FakeReaper, daemon: FakeDaemon, drums: FakeItem, clip_file: str
) -> None:
    varied(reaper, daemon, drums, clip_file)
    reaper.run(REJECT)
    ((client, mark),) = daemon.asked()
    assert (mark.address, mark.arguments[1:]) == ("/bandmate/take/reject", (13,))
    assert [take.name for take in drums.takes] == ["drums #12"]
    daemon.answer(client, Message("/bandmate/take/rejected", (mark.arguments[0], 13)))
    reaper.tick()
    assert reaper.undo_points[-1] == "bandmate: reject take 13"
    reaper.undo()
    assert [take.name for take in drums.takes] == ["drums #12", "drums #13"]


def test_rejecting_the_only_take_takes_the_item_away(
    reaper: FakeReaper, daemon: FakeDaemon, drums: FakeItem
) -> None:
    reaper.run(REJECT)  # nothing is selected: what came last is meant
    assert reaper.items == []
    ((_, mark),) = daemon.asked()
    assert mark.arguments[1:] == (12,)
    reaper.undo()
    assert [item.take.name for item in reaper.items] == ["drums #12", "bass #12", "keys #12"]


def test_a_persons_own_item_is_never_rejected(
    reaper: FakeReaper, daemon: FakeDaemon, drums: FakeItem
) -> None:
    own = reaper.add_item(reaper.tracks[0], 30.0, 34.0, [(0, 960, 0, 60, 90)])
    drums.is_selected = True
    reaper.run(REJECT)
    assert own in reaper.items and drums not in reaper.items


@pytest.mark.parametrize(("action", "what"), [(ACCEPT, "accepted"), (REJECT, "rejected")])
def test_what_is_not_bandmates_has_no_mark(
    reaper: FakeReaper, daemon: FakeDaemon, drums: FakeItem, action: Path, what: str
) -> None:
    own = reaper.add_item(reaper.tracks[0], 30.0, 34.0, [(0, 960, 0, 60, 90)])
    reaper.select_items(own)
    reaper.run(action)
    # A project from another computer: its numbers mean nothing here.
    drums.take.ext["P_EXT:bandmate_take"] = "12 /there/funk.mid"
    reaper.select_items(drums)
    reaper.run(action)
    told = f"bandmate: select an item of bandmate's that is to be {what}.\n"
    assert reaper.console == [told] * 2
    assert (daemon.asked(), len(reaper.items)) == ([], 4)


def test_without_a_daemon_nothing_is_marked_or_removed(
    reaper: FakeReaper, daemon: FakeDaemon, drums: FakeItem
) -> None:
    daemon.beat(10.0)
    for action in (ACCEPT, REJECT):
        reaper.run(action)
    assert len(reaper.items) == 3
    assert [line[:34] for line in reaper.console] == [
        "bandmate: the daemon is not running"[:34]
    ] * 2


def test_a_mark_that_is_refused_is_told_once(
    reaper: FakeReaper, daemon: FakeDaemon, drums: FakeItem
) -> None:
    reaper.run(ACCEPT)
    ((client, mark),) = daemon.asked()
    daemon.answer(client, Message("/bandmate/error", (mark.arguments[0], "ask", "no take 12")))
    reaper.settle()
    assert (reaper.console, daemon.files()) == (["bandmate: no take 12\n"], [])


# the settings


def test_the_window_shows_what_is_set(reaper: FakeReaper) -> None:
    reaper.project_ext["bandmate", "key"] = "C:maj"
    reaper.ext["bandmate", "layout"] = "one"
    reaper.run(SETTINGS)
    rows = reaper.window.rows
    assert (rows["Key (A:min, or heard)"], rows["Layout of parts"]) == ("C:maj", "one")
    assert rows["Seed"] == "-"
    assert len(rows) * 22 < reaper.window.size[1]


def test_a_field_is_written_into(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.run(SETTINGS)
    reaper.typed = [" A:min "]
    reaper.window.press("Key (A:min, or heard)")
    reaper.tick(3)  # a button that is held down is one click
    reaper.window.release()
    reaper.tick()
    assert (reaper.dialogs, reaper.window.rows["Key (A:min, or heard)"]) == ([[""]], "A:min")
    reaper.run(SCRIPT)
    ((_, _, said),) = daemon.asked_for_loops()
    assert said["key"] == "A:min"


def test_a_click_goes_to_the_next_choice(reaper: FakeReaper) -> None:
    reaper.run(SETTINGS)
    seen = []
    for _ in range(5):
        reaper.window.press("Layout of parts")
        reaper.tick()
        reaper.window.release()
        reaper.tick()
        seen.append(reaper.window.rows["Layout of parts"])
    assert seen == ["items", "tracks", "one", "-", "items"]
    assert reaper.dialogs == []


def test_a_new_project_keeps_what_lasts_and_forgets_the_rest(reaper: FakeReaper) -> None:
    reaper.run(SETTINGS)
    for caption, value in (("Seed", "7"), ("Preset", "funk")):
        reaper.typed = [value]
        reaper.window.press(caption)
        reaper.tick()
        reaper.window.release()
        reaper.tick()
    reaper.project_ext.clear()
    reaper.quit_and_start()
    reaper.run(SETTINGS)
    assert (reaper.window.rows["Seed"], reaper.window.rows["Preset"]) == ("-", "funk")


def test_a_field_that_is_not_confirmed_stays(reaper: FakeReaper) -> None:
    reaper.project_ext["bandmate", "key"] = "C:maj"
    reaper.run(SETTINGS)
    reaper.window.press("Key (A:min, or heard)")
    reaper.tick()
    assert reaper.project_ext == {("bandmate", "key"): "C:maj"}


def test_the_window_draws_only_what_changed(reaper: FakeReaper) -> None:
    reaper.run(SETTINGS)
    reaper.tick(60)
    assert reaper.window.draws == 1


@pytest.mark.parametrize("key", [-1, 27])
def test_the_window_closes(reaper: FakeReaper, key: int) -> None:
    reaper.run(SETTINGS)
    reaper.tick()
    reaper.window.close(key)
    reaper.tick()
    assert (reaper.window.is_open, reaper.running) == (False, 0)


def test_the_settings_leave_the_background_alone(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.run(FOLLOW)
    client = daemon.asked()[0][0]
    reaper.run(SETTINGS)
    reaper.window.close()
    reaper.tick()
    daemon.answer(client, *daemon.placed("x", CLIP))
    reaper.settle()
    assert len(reaper.items) == 3


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("insert", "lanes", "insert must be items or takes, not 'lanes'; items is used."),
        ("context", "maybe", "context must be on or off, not 'maybe'; on is used."),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(
    reaper: FakeReaper, daemon: FakeDaemon, name: str, value: str, words: str
) -> None:
    reaper.project_ext["bandmate", name] = value
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert (reaper.console, len(reaper.items)) == ([f"bandmate: {words}\n"], 3)


def test_following_says_who_holds_the_daw(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.project_ext["bandmate", "key"] = "E:phr"
    reaper.run(FOLLOW)
    (_, hello), (_, song) = daemon.asked()
    assert (pairs(hello)["owns"], pairs(song)["key"]) == ("daw", "E:phr")
