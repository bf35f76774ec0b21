"""The REAPER bridge in the background: its cost, its news, and a daemon that comes and goes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from bandmate.contract.messages import Message
from bridges.fake_daemon import FakeDaemon, pairs
from bridges.fake_items import TempoMark
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import ACCEPT, CLIP, FOLLOW, LONG, SCRIPT, VARY, ask, get, written

# what it costs


def test_a_second_of_waiting_for_nothing_costs_a_hundred_calls(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.run(FOLLOW)
    reaper.settle()
    daemon.asked()
    reaper.calls.clear()
    reaper.tick(30)
    # Three a tick: whose turn it is, the time, whether it rolls; five looks into one folder.
    assert reaper.calls["defer"] == 30
    assert sum(reaper.calls.values()) - 30 <= 30 * 3 + 5 * 2 + 2
    assert reaper.calls["EnumerateFiles"] <= 12
    assert daemon.asked() == []


def test_a_second_of_waiting_for_a_clip_looks_at_each_tick(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    ask(reaper, daemon)
    reaper.settle()
    reaper.calls.clear()
    reaper.tick(30)
    assert reaper.calls["EnumerateFiles"] == 60
    assert sum(reaper.calls.values()) <= 30 * 6 + 2


def test_a_second_of_rolling_is_ten_reports(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.run(FOLLOW)
    reaper.settle()
    daemon.asked()
    reaper.play_state = 1
    reports = 0
    reaper.calls.clear()
    for _ in range(30):
        reaper.tick()
        reports += sum(m.address == "/bandmate/transport/report" for _, m in daemon.asked())
    assert 9 <= reports <= 11
    assert sum(reaper.calls.values()) <= 30 * 12


# what it tells


def reports(daemon: FakeDaemon) -> list[dict[str, object]]:
    """Return what the reports since the last look tell."""
    return [
        dict(pairs(message))
        for _, message in daemon.asked()
        if message.address == "/bandmate/transport/report"
    ]


def test_where_the_project_is_is_told_while_it_rolls(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.tempo_marks = [TempoMark(0.0, 120.0), TempoMark(4.0, 90.0, 3, 4)]
    reaper.run(FOLLOW)
    daemon.asked()
    reaper.play_state, reaper.play_position = 1, 2.0
    reaper.tick()
    assert reports(daemon) == [{"beat": 4.0, "tempo": 120.0, "meter": "4/4", "is_rolling": 1}]
    reaper.play_position = 6.0
    reaper.tick(4)
    assert reports(daemon) == [{"beat": 11.0, "tempo": 90.0, "meter": "3/4", "is_rolling": 1}]
    reaper.play_state, reaper.cursor = 0, 4.0
    reaper.tick()
    assert reports(daemon) == [{"beat": 8.0, "tempo": 90.0, "meter": "3/4", "is_rolling": 0}]
    reaper.tick(60)
    assert reports(daemon) == []


def test_a_song_that_changes_while_it_rolls_is_told_anew(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.tempo_marks = [TempoMark(0.0, 120.0), TempoMark(4.0, 90.0)]
    reaper.run(FOLLOW)
    daemon.asked()
    reaper.play_state = 1
    told = []
    for second in range(8):
        reaper.play_position = float(second)
        reaper.tick(32)
        told += [pairs(m) for _, m in daemon.asked() if m.address == "/bandmate/song/set"]
    assert [(song["tempo"], song["is_playing"]) for song in told] == [(120.0, 1), (90.0, 1)]


def test_reports_that_nobody_reads_leave_one_file(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.run(FOLLOW)
    daemon.asked()
    reaper.play_state = 1
    reaper.tick(25)
    assert len([name for name in daemon.files() if "report" in name]) == 1
    daemon.beat(10.0)
    reaper.tick(60)
    assert daemon.files() == []


def test_a_daemon_that_knows_no_reports_is_told_no_more(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.run(FOLLOW)
    client = daemon.asked()[0][0]
    reaper.play_state = 1
    reaper.tick()
    (report,) = [m for _, m in daemon.asked() if m.address == "/bandmate/transport/report"]
    refused = Message("/bandmate/error", (report.arguments[0], "ask", "no such address"))
    daemon.answer(client, refused)
    reaper.settle()
    daemon.asked()
    reaper.tick(60)
    assert (reports(daemon), reaper.console) == ([], [])
    daemon.beat(10.0)
    reaper.tick(40)
    daemon.beat()
    reaper.tick(40)
    assert len(reports(daemon)) == 1, "another daemon may know them"


def test_a_song_that_is_refused_is_no_persons_mistake(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.set_tempo(500.0)
    reaper.run(FOLLOW)
    daemon.asked()
    reaper.play_state = 1
    reaper.tick()
    for client, message in daemon.asked():
        refused = Message("/bandmate/error", (message.arguments[0], "ask", "tempo must be"))
        daemon.answer(client, refused)
    reaper.settle()
    assert {m.address for _, m in daemon.asked()} == {"/bandmate/transport/report"}
    assert (reaper.console, daemon.files()) == ([], [])


@pytest.mark.parametrize("value", ["off", "no"])
def test_nothing_is_told_where_the_setting_says_so(
    reaper: FakeReaper, daemon: FakeDaemon, value: str
) -> None:
    reaper.project_ext["bandmate", "report"] = value
    reaper.run(FOLLOW)
    daemon.asked()
    reaper.play_state = 1
    reaper.tick(30)
    assert daemon.asked() == []


# a daemon that comes and goes


def test_an_ask_is_sent_again_to_a_daemon_that_was_restarted(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.add_item(reaper.tracks[0], 0.0, 8.0, [(0, 960, 0, 60, 90)])
    reaper.run(VARY)
    client, id_, said = daemon.asked_for_loops()[-1]
    daemon.box.close()
    reaper.clock += 2
    reaper.tick()
    assert Path(str(said["context"])).is_file()
    daemon.beat()
    reaper.clock += 2
    reaper.tick()
    letters = daemon.asked()
    assert [m.address for _, m in letters] == ["/bandmate/loop/ask", "/bandmate/hello"]
    assert (letters[0][1].arguments[0], pairs(letters[0][1])) == (id_, said)
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert (len(reaper.items[0].takes), daemon.files(), reaper.console) == (2, [], [])


def test_silence_is_broken_by_the_same_ask(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    _, id_ = ask(reaper, daemon)
    sent = []
    for _ in range(5):
        reaper.clock += 11
        reaper.tick()
        sent.append([i for _, i, _ in daemon.asked_for_loops()])
    assert sent == [[], [id_], [], [id_], []]
    reaper.clock += 11
    reaper.tick()
    assert reaper.console == ["bandmate: no answer came within 60 seconds; ask again.\n"]
    ((_, cancel),) = daemon.asked()
    assert (cancel.address, cancel.arguments, daemon.files()) == ("/bandmate/cancel", (id_,), [])


def test_both_answers_to_an_ask_that_was_repeated_are_one_clip(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, id_ = ask(reaper, daemon)
    reaper.clock += 16
    reaper.tick()
    assert [i for _, i, _ in daemon.asked_for_loops()] == [id_]
    first = daemon.made(id_, LONG)
    daemon.answer(client, *first[:2], *first[:2], *first[2:])
    reaper.tick()
    (item,) = reaper.items
    assert (item.take.notes, reaper.undo_points) == (
        written(LONG.parts[0], 0),
        ["bandmate: insert take 12"],
    )
    assert daemon.files() == []


def test_a_slow_daemon_is_waited_for_as_long_as_it_speaks(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, id_ = ask(reaper, daemon)
    for bar in range(10):
        reaper.clock += 14
        daemon.beat()
        daemon.answer(client, Message("/bandmate/loop/progress", (id_, 0, bar, 10, 99)))
        reaper.tick()
    assert daemon.asked() == []
    daemon.answer(client, *daemon.made(id_, CLIP))
    reaper.tick()
    assert (len(reaper.items), reaper.console) == (3, [])


def test_what_no_daemon_read_is_taken_back(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.run(FOLLOW)
    assert len(daemon.files()) == 2
    daemon.box.close()
    reaper.clock += 2
    reaper.tick()
    assert daemon.files() == []


def test_what_was_left_by_a_reaper_that_died_goes_with_the_next_daemon(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.add_item(reaper.tracks[0], 0.0, 8.0, [(0, 960, 0, 60, 90)])
    reaper.run(VARY)
    now = float((daemon.box.folder / "alive").read_text())
    assert len(list(daemon.box.folder.rglob("*.mid"))) == 1
    daemon.box.open(now + 61)
    left = [p for p in daemon.box.folder.rglob("*") if p.is_file() and p.name != "alive"]
    assert left == []


def test_a_call_off_elsewhere_ends_the_ask(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask(reaper, daemon)
    daemon.answer(client, Message("/bandmate/cancelled", (id_,)))
    reaper.tick()
    reaper.clock += 61
    reaper.tick()
    assert (reaper.console, daemon.files()) == ([], [])


# several at once


def test_two_reapers_have_two_mailboxes_and_two_songs(
    lua: ModuleType, home: Path, daemon: FakeDaemon
) -> None:
    reapers = [FakeReaper(lua, first_guid=i * 1000) for i in (1, 2)]
    asked = []
    for number, reaper in enumerate(reapers):
        reaper.add_track(is_selected=True)
        reaper.set_tempo(100.0 + number)
        asked.append(ask(reaper, daemon))
    clips = [CLIP, LONG]
    for (client, id_), clip in zip(asked, clips, strict=True):
        daemon.answer(client, *daemon.made(id_, clip))
    for reaper in reapers:
        reaper.tick()
    assert asked[0][0] != asked[1][0]
    assert [len(reaper.items) for reaper in reapers] == [3, 1]
    assert daemon.files() == []


def test_an_early_exit_leaves_the_one_that_waits_in_its_place(
    lua: ModuleType, home: Path, daemon: FakeDaemon
) -> None:
    for is_seven in (True, False):
        reaper = FakeReaper(lua, is_seven=is_seven)
        reaper.add_track(is_selected=True)
        client, id_ = ask(reaper, daemon)
        reaper.tick()
        reaper.run(VARY)  # nothing is selected
        reaper.select()
        reaper.run(SCRIPT)  # the same action as the one that waits: REAPER 7 ends that
        reaper.tick()
        assert reaper.running == 1
        daemon.answer(client, *daemon.made(id_, CLIP))
        reaper.tick()
        reaper.select(*reaper.tracks)
        assert (len(reaper.items), len(reaper.console)) == (3, 2)


def test_a_tick_that_fails_is_told_once_and_goes_on(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.run(FOLLOW)
    right = reaper.GetPlayState

    def failing() -> int:
        raise RuntimeError("no play state")

    reaper.GetPlayState = failing  # type: ignore[method-assign]
    reaper.tick(5)
    assert len(reaper.console) == 1 and "no play state" in reaper.console[0]
    reaper.GetPlayState = right  # type: ignore[method-assign]
    get(reaper, daemon, CLIP)
    assert len(reaper.items) == 3


def test_an_action_that_fails_opens_no_box(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get(reaper, daemon, CLIP)

    def failing(project: int, time: float) -> float:
        raise RuntimeError("no tempo map")

    right = reaper.TimeMap2_timeToQN
    reaper.TimeMap2_timeToQN = failing  # type: ignore[method-assign]
    reaper.run(SCRIPT)
    assert "no tempo map" in reaper.console[0]
    reaper.TimeMap2_timeToQN = right  # type: ignore[method-assign]
    reaper.run(ACCEPT)
    get(reaper, daemon, CLIP)
    assert len(reaper.items) == 6
