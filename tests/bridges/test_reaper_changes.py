"""The REAPER bridge: what is selected comes back changed in its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bandmate.contract.messages import Message
from bandmate.music.clip import Clip, Part
from bridges.fake_daemon import FakeDaemon
from bridges.fake_items import FakeItem
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    ADD_BASS,
    ADD_DRUMS,
    ADD_KEYS,
    BASS,
    CLIP,
    CONTINUE,
    DRUMS,
    FILL,
    KEYS,
    SCRIPT,
    TUNE,
    VARIED,
    VARY,
    asked,
    get,
    heard,
    written,
)

# varied


def vary(reaper: FakeReaper, daemon: FakeDaemon, clip: Clip) -> None:
    """Ask for a variation, answer with a clip and let REAPER see it."""
    client, id_, _ = asked(reaper, daemon, VARY)
    daemon.answer(client, *daemon.made(id_, clip))
    reaper.tick()


def test_a_variation_is_another_take_of_the_item(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    other = reaper.add_item(reaper.tracks[0], 20.0, 24.0, TUNE[:1])
    reaper.select_items(item)
    client, id_, _ = asked(reaper, daemon, VARY)
    reaper.select_items(other)
    daemon.answer(client, *daemon.made(id_, Clip((VARIED,), 8.0, 96.0)))
    reaper.tick()
    assert (len(reaper.items), len(item.takes), item.active) == (2, 2, 1)
    assert item.takes[0].notes == TUNE
    assert (item.take.name, item.take.notes) == ("lead #12", written(VARIED, 0))
    assert (item.is_selected, other.is_selected) == (False, True)
    assert reaper.undo_points == ["bandmate: insert take 12"]
    reaper.undo()
    assert (item.takes, item.take.notes) == ([item.takes[0]], TUNE)


def test_an_item_that_moved_meanwhile_is_found_where_it_is(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    client, id_, _ = asked(reaper, daemon, VARY)
    item.start, item.end, item.take.start = 20.0, 28.0, 20.0
    daemon.answer(client, *daemon.made(id_, Clip((VARIED,), 8.0, 96.0)))
    reaper.tick()
    assert item.take.notes == written(VARIED, 0)


def test_an_item_that_is_gone_gets_a_new_one_in_its_place(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    client, id_, _ = asked(reaper, daemon, VARY)
    reaper.tracks[0].items.clear()
    daemon.answer(client, *daemon.made(id_, Clip((VARIED,), 8.0, 96.0)))
    reaper.tick()
    (new,) = reaper.items
    assert (new.start, new.end, new.take.notes) == (4.0, 12.0, written(VARIED, 0))


def test_as_the_setting_says_a_variation_is_a_new_item(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    reaper.project_ext["bandmate", "insert"] = "items"
    vary(reaper, daemon, Clip((VARIED,), 8.0, 96.0))
    assert [len(found.takes) for found in reaper.items] == [1, 1]
    assert [found.start for found in reaper.items] == [4.0, 4.0]


def test_several_items_are_varied_together_and_each_gets_its_own(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    get(reaper, daemon, CLIP)
    drums, bass, keys = reaper.items
    drums.is_selected = keys.is_selected = True
    vary(reaper, daemon, replace(CLIP, parts=(replace(DRUMS, notes=DRUMS.notes[:4]), KEYS)))
    assert [len(found.takes) for found in (drums, bass, keys)] == [2, 1, 2]
    assert drums.take.notes == written(replace(DRUMS, notes=DRUMS.notes[:4]), 9)
    assert keys.take.notes == written(KEYS, 1), "on the channel that it had"


def test_an_item_of_all_parts_stays_one_item(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.project_ext["bandmate", "layout"] = "one"
    get(reaper, daemon, CLIP)
    (item,) = reaper.items
    item.is_selected = True
    client, id_, said = asked(reaper, daemon, VARY)
    # In a file the channels of an item come in their order, drums behind the others.
    assert [part.name for part in heard(said).parts] == ["bass", "keys", "drums"]
    changed = replace(CLIP, parts=(BASS, KEYS, DRUMS))
    daemon.answer(client, *daemon.made(id_, changed))
    reaper.tick()
    assert (len(reaper.items), len(item.takes)) == (1, 2)
    assert item.take.notes == sorted(item.takes[0].notes)
    assert item.take.name == "bass+keys+drums #13"


def test_an_answer_with_fewer_parts_changes_nothing(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.add_item(reaper.tracks[0], 0.0, 8.0, TUNE)
    reaper.add_item(reaper.tracks[0], 0.0, 8.0, TUNE)
    vary(reaper, daemon, Clip((VARIED,), 8.0, 96.0))
    assert [len(found.takes) for found in reaper.items] == [1, 1]
    assert reaper.console == [
        "bandmate: take 12 has other parts than the items; it lies in /clips/funk.mid.\n"
    ]


# filled


@pytest.mark.parametrize(
    ("selection", "bars"),
    [
        ((2.0, 4.0), "1-1"),
        ((4.0, 6.0), "2-2"),
        ((3.0, 5.0), "1-2"),
        ((0.0, 60.0), "1-2"),
        ((4.5, 5.0), "2-2"),
    ],
)
def test_the_bars_under_the_time_selection_are_filled(
    reaper: FakeReaper, daemon: FakeDaemon, selection: tuple[float, float], bars: str
) -> None:
    reaper.set_tempo(120.0)
    item = reaper.add_item(reaper.tracks[0], 4.0, 12.0, TUNE)
    reaper.selection = selection
    client, id_, said = asked(reaper, daemon, FILL)
    assert (said["refill"], "vary" in said, "bars" in said) == (bars, False, False)
    assert heard(said).length == 8.0
    daemon.answer(client, *daemon.made(id_, Clip((VARIED,), 8.0, 96.0)))
    reaper.tick()
    assert (len(item.takes), item.take.notes) == (2, written(VARIED, 0))


@pytest.mark.parametrize("selection", [(0.0, 0.0), (0.0, 1.0), (30.0, 40.0)])
def test_without_bars_to_fill_nothing_is_asked(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem, selection: tuple[float, float]
) -> None:
    reaper.selection = selection
    reaper.run(FILL)
    assert daemon.asked() == []
    assert reaper.console == [
        "bandmate: drag a time selection over the bars of the item that are to be filled.\n"
    ]


# continued


@pytest.mark.parametrize(
    ("selection", "bars"),
    [((0.0, 0.0), 2), ((0.0, 60.0), 2), ((6.0, 14.0), 4), ((8.0, 10.0), 2)],
)
def test_what_continues_stands_behind_the_item(
    reaper: FakeReaper, daemon: FakeDaemon, selection: tuple[float, float], bars: int
) -> None:
    reaper.set_tempo(120.0)
    item = reaper.add_item(reaper.tracks[0], 4.0, 12.0, [(s, e, 5, p, v) for s, e, _, p, v in TUNE])
    reaper.selection = selection
    client, id_, said = asked(reaper, daemon, CONTINUE)
    assert (said["continues"], said["bars"]) == ("on", bars)
    daemon.answer(client, *daemon.made(id_, Clip((VARIED,), 4.0 * bars, 96.0)))
    reaper.tick()
    old, new = reaper.items
    assert (old, new.start, new.end) == (item, 12.0, 12.0 + 4.0 * bars)
    assert new.take.notes == written(VARIED, 5)
    assert len(item.takes) == 1


# added


@pytest.mark.parametrize(
    ("action", "part"), [(ADD_DRUMS, DRUMS), (ADD_BASS, BASS), (ADD_KEYS, KEYS)]
)
def test_an_added_part_gets_a_track_below(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem, action: Path, part: Part
) -> None:
    reaper.add_track("voice")
    client, id_, said = asked(reaper, daemon, action)
    assert said["add"] == part.name
    daemon.answer(client, *daemon.made(id_, Clip((VARIED, part), 8.0, 96.0)))
    reaper.tick()
    assert [track.name for track in reaper.tracks] == ["synth", part.name, "voice"]
    (new,) = reaper.tracks[1].items
    within = replace(part, notes=tuple(note for note in part.notes if note.start < 8.0))
    assert (new.start, new.end) == (4.0, 12.0)
    assert new.take.notes == written(within, 9 if part.is_drums else 1)
    assert (len(item.takes), len(reaper.undo_points)) == (1, 1)


def test_an_added_part_may_share_the_track(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    reaper.project_ext["bandmate", "layout"] = "items"
    client, id_, _ = asked(reaper, daemon, ADD_BASS)
    daemon.answer(client, *daemon.made(id_, Clip((VARIED, BASS), 8.0, 96.0)))
    reaper.tick()
    assert [len(track.items) for track in reaper.tracks] == [2]


# loops that play to what is selected


def test_a_loop_plays_to_the_items_at_its_place(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    reaper.cursor = reaper.time_at(4.0)
    client, id_, said = asked(reaper, daemon, SCRIPT)
    assert (said["parts"], said["bars"]) == ("drums,bass,keys", 4)
    (part,) = heard(said).parts
    assert len(part.notes) == 8
    daemon.answer(client, *daemon.made(id_, replace(CLIP, parts=(VARIED, DRUMS, BASS))))
    reaper.tick()
    assert [found.take.name for found in reaper.items[1:]] == ["drums #12", "bass #12"]


@pytest.mark.parametrize("why", ["elsewhere", "off", "all there"])
def test_a_loop_plays_to_nothing(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem, why: str
) -> None:
    if why == "elsewhere":
        reaper.cursor = 60.0
    elif why == "off":
        reaper.project_ext["bandmate", "context"] = "off"
    else:
        item.take.ext["P_EXT:bandmate_parts"] = "bass:33:0"
        reaper.project_ext["bandmate", "parts"] = "bass"
    _, _, said = asked(reaper, daemon, SCRIPT)
    assert "context" not in said


def test_a_loop_may_become_takes_of_the_one_before(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get(reaper, daemon, CLIP)
    reaper.project_ext["bandmate", "insert"] = "takes"
    get(reaper, daemon, CLIP)
    reaper.cursor = 20.0
    get(reaper, daemon, CLIP)
    assert [len(found.takes) for found in reaper.items] == [2, 2, 2, 1, 1, 1]
    assert [found.take.name for found in reaper.items[:3]] == ["drums #13", "bass #13", "keys #13"]


# what is amiss


@pytest.mark.parametrize(
    ("action", "what"),
    [
        (VARY, "varied"),
        (FILL, "filled"),
        (CONTINUE, "continued"),
        (ADD_DRUMS, "played to"),
        (ADD_BASS, "played to"),
        (ADD_KEYS, "played to"),
    ],
)
@pytest.mark.parametrize("why", ["none", "audio", "no daemon", "silent"])
def test_what_is_missing_is_told(
    reaper: FakeReaper, daemon: FakeDaemon, action: Path, what: str, why: str
) -> None:
    words = f"select the MIDI item that is to be {what}, then ask again."
    reaper.selection = (0.0, 5.0)
    if why != "none":
        item = reaper.add_item(reaper.tracks[0], 0.0, 8.0, TUNE)
        if why == "audio":
            item.take.is_midi = False
        elif why == "no daemon":
            daemon.beat(10.0)
            words = "the daemon is not running; start it with `bandmate serve` in a terminal."
        else:
            item.take.notes = []
            words = "the selected items hold no notes; ask for a loop in their place."
    reaper.run(action)
    assert reaper.console == [f"bandmate: {words}\n"]
    assert (daemon.asked(), daemon.files(), reaper.running) == ([], [], 0)


def test_too_many_notes_are_told(reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem) -> None:
    item.take.notes = [(i / 10, i / 10 + 9, 0, 60, 80) for i in range(20_001)]
    reaper.run(VARY)
    assert reaper.console == ["bandmate: the selected items must hold 1..20000 notes, not 20001.\n"]
    assert daemon.asked() == []


def test_an_error_takes_the_file_away(
    reaper: FakeReaper, daemon: FakeDaemon, item: FakeItem
) -> None:
    client, id_, said = asked(reaper, daemon, VARY)
    daemon.answer(client, Message("/bandmate/error", (id_, "ask", "vary must be in 0..1, not 7")))
    reaper.tick()
    assert reaper.console == ["bandmate: vary must be in 0..1, not 7\n"]
    assert not Path(str(said["context"])).exists()
