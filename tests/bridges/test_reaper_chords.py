"""The REAPER bridge's second action: chords, as the takes of one item, and loops that follow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from bandmate.chords.playing import played
from bandmate.contract.messages import Message
from bandmate.music.meter import Meter
from bridges.fake_daemon import FakeDaemon, pairs
from bridges.fake_items import TempoMark
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    CARDS,
    CHORDS,
    CLIP,
    SCRIPT,
    ask,
    ask_for_chords,
    card,
    get_chords,
    items,
    written,
)

NAMES = [
    "F | Dm7 Gm7 | Bb | C7 #12",
    "F | F | Am | Bb #13",
    "Dm | C | Bb | C #14",
    "F/A | N.C. #15",
]

# what is asked


def test_the_ask_tells_the_song_the_phrase_and_the_keywords(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.tempo_marks = [TempoMark(0.0, 120.0), TempoMark(4.0, 90.0, 3, 4)]
    reaper.selection = (6.0, 10.0)  # six quarters at 90: two bars of 3/4
    reaper.project_ext["bandmate", "key"] = "A:min"
    reaper.project_ext["bandmate", "genre"] = "funk"
    reaper.ext["bandmate", "rhythm"] = "strum"
    reaper.typed = [" rain, on a window ", " rock!, dark:0.5 "]
    reaper.run(CHORDS)
    sent = [(message.address, pairs(message)) for _, message in daemon.asked()]
    assert [address for address, _ in sent] == [
        "/bandmate/hello", "/bandmate/song/set", "/bandmate/keywords/set", "/bandmate/chords/ask",
    ]  # fmt: skip
    assert sent[2][1] == {"keywords": "rock!, dark:0.5"}
    assert sent[3][1] == {
        "bars": 2, "tempo": 90.0, "meter": "3/4", "notes": "blob", "key": "A:min",
        "rhythm": "strum", "text": "rain, on a window",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("selection", "setting", "bars"),
    [((0.0, 0.0), "", 4), ((0.0, 0.0), "64", 16), ((0.0, 45.0), "", 16), ((0.0, 0.0), "x", "x")],
)
def test_sixteen_bars_at_the_most_are_asked_for(
    reaper: FakeReaper,
    daemon: FakeDaemon,
    selection: tuple[float, float],
    setting: str,
    bars: int | str,
) -> None:
    reaper.selection = selection
    reaper.ext["bandmate", "bars"] = setting
    reaper.typed = ["rain", ""]
    reaper.run(CHORDS)
    ((_, _, said),) = daemon.asked_for_chords()
    assert said["bars"] == bars


def test_a_dialog_that_is_not_confirmed_asks_for_nothing(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.run(CHORDS)
    assert (daemon.asked(), reaper.running, len(reaper.dialogs)) == ([], 0, 1)
    assert reaper.project_ext == {}


def test_without_a_track_or_a_daemon_no_dialog_opens(reaper: FakeReaper, home: Path) -> None:
    reaper.typed = ["rain", ""]
    reaper.run(CHORDS)
    FakeDaemon(home).beat()
    reaper.select()
    reaper.run(CHORDS)
    assert reaper.console == [
        "bandmate: the daemon is not running; start it with `bandmate serve` in a terminal.\n",
        "bandmate: select the track that the chords are to go on, then ask again.\n",
    ]
    assert (reaper.dialogs, reaper.running) == ([], 0)


def test_what_a_phrase_became_is_shown_and_offered_for_change(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, id_ = ask_for_chords(reaper, daemon)
    assert reaper.dialogs == [["", ""]]
    daemon.answer(client, Message("/bandmate/keywords/found", (id_, "keywords", "warm:0.9,slow")))
    reaper.tick()
    assert reaper.help == ["bandmate: warm:0.9,slow"]
    reaper.typed = None
    reaper.run(CHORDS)
    assert reaper.dialogs[-1] == ["rain", "warm:0.9,slow"]


ASKS = [
    (("rain", ""), {"text": "rain"}),
    (("rain", "warm"), {"keywords": "warm"}),
    (("rain", "warm,jazz"), {"keywords": "warm,jazz"}),
    (("sun", "warm!"), {"text": "sun"}),
    (("", "warm"), {"keywords": "warm"}),
    (("", ""), {}),
]


@pytest.mark.parametrize(("typed", "named"), ASKS)
def test_a_phrase_is_read_once_and_its_keywords_are_then_the_persons(
    reaper: FakeReaper, daemon: FakeDaemon, typed: tuple[str, str], named: dict[str, str]
) -> None:
    reaper.project_ext["bandmate", "phrase"] = "rain"
    reaper.project_ext["bandmate", "keywords"] = "warm"
    reaper.typed = list(typed)
    reaper.run(CHORDS)
    *_, (_, told), (_, said) = daemon.asked()
    assert pairs(told) == {"keywords": typed[1]}
    assert {n: v for n, v in pairs(said).items() if n in ("text", "keywords")} == named


# where it goes


def test_four_cards_are_four_takes_of_one_item(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.selection = (5.0, 15.0)
    loop = reaper.tracks[0]
    get_chords(reaper, daemon, CARDS)
    (item,) = loop.items
    assert [take.name for take in item.takes] == NAMES
    assert (item.active, item.start, item.end, item.is_selected) == (0, 8.0, 24.0, True)
    for take, dealt in zip(item.takes, CARDS, strict=True):
        keys, bass = played(dealt.progression, meter=Meter(4, 4), tempo=96.0).parts
        assert take.notes == sorted(written(keys, 0) + written(bass, 1))
        assert take.sorts == 1
    assert reaper.undo_points == ["bandmate: insert chords #12 #13 #14 #15"]
    assert (reaper.markers, reaper.console, daemon.files()) == ([], [], [])


def test_what_lies_there_is_no_take_and_is_left_alone(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    for _ in range(2):
        get_chords(reaper, daemon, CARDS[:2])
    assert [len(item.takes) for item in items(reaper)] == [2, 2]
    assert [item.is_selected for item in items(reaper)] == [False, True]


def test_one_card_is_one_take(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get_chords(reaper, daemon, CARDS[:1])
    (item,) = items(reaper)
    assert [take.name for take in item.takes] == NAMES[:1]


def test_one_track_a_part_where_the_layout_says_so(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.project_ext["bandmate", "layout"] = "tracks"
    get_chords(reaper, daemon, CARDS)
    assert [track.name for track in reaper.tracks] == ["synth", "bass"]
    for number, track in enumerate(reaper.tracks):
        (item,) = track.items
        assert [take.name for take in item.takes] == NAMES
        assert (item.active, item.is_selected) == (0, True)
        parts = [played(c.progression, meter=Meter(4, 4), tempo=96.0).parts[number] for c in CARDS]
        assert [take.notes for take in item.takes] == [written(part, number) for part in parts]
    assert len(reaper.undo_points) == 1


def test_markers_name_the_first_cards_chords_where_they_change(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.project_ext["bandmate", "markers"] = "On"
    reaper.tempo_marks = [TempoMark(0.0, 120.0), TempoMark(4.0, 60.0)]
    reaper.cursor = 2.0
    get_chords(reaper, daemon, [card("F F,D:min7 D:min7 G:7(b9,b13),C"), *CARDS])
    assert reaper.markers == [(2.0, "F"), (6.0, "Dm7"), (12.0, "G7b9b13"), (14.0, "C")]
    assert len(reaper.undo_points) == 1


def test_chords_may_be_regions_instead(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.project_ext["bandmate", "markers"] = "regions"
    reaper.set_tempo(60.0)
    get_chords(reaper, daemon, [card("F F,D:min7 D:min7 C"), *CARDS])
    assert reaper.regions == [(0.0, 6.0, "F"), (6.0, 12.0, "Dm7"), (12.0, 16.0, "C")]
    assert (reaper.markers, len(reaper.undo_points)) == ([], 1)


def test_markers_that_are_neither_on_nor_off_are_told(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    reaper.project_ext["bandmate", "markers"] = "maybe"
    get_chords(reaper, daemon, CARDS)
    assert (reaper.markers, len(items(reaper))) == ([], 1)
    assert reaper.console == [
        "bandmate: markers must be on, off or regions, not 'maybe'; off is used.\n"
    ]


@pytest.mark.parametrize("step", ["MIDI_InsertNote", "Main_OnCommand", "AddProjectMarker"])
def test_an_insertion_that_fails_closes_its_undo_block(
    reaper: FakeReaper, daemon: FakeDaemon, step: str
) -> None:
    reaper.project_ext["bandmate", "markers"] = "on"
    reaper.fails.add(step)
    get_chords(reaper, daemon, CARDS)
    assert len(reaper.undo_points) == 1
    assert "chords #12 #13 #14 #15 could not be inserted" in reaper.console[0]


# how it comes


def test_cards_wait_for_each_other_and_survive_a_new_run(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    client, id_ = ask_for_chords(reaper, daemon)
    *answers, made = daemon.dealt(id_, CARDS)
    reaper.help.clear()
    for message in (made, *answers[:-1]):
        daemon.answer(client, message)
        reaper.tick()
        assert items(reaper) == []
    assert reaper.help[0] == f"bandmate: {NAMES[0]}"
    reaper.run(SCRIPT)
    daemon.answer(client, answers[-1])
    reaper.tick()
    (item,) = items(reaper)
    assert [take.name for take in item.takes] == NAMES
    daemon.asked()
    assert daemon.files() == []


def test_both_actions_share_one_loop_and_each_answer_finds_its_ask(
    lua: ModuleType, home: Path, daemon: FakeDaemon
) -> None:
    reaper = FakeReaper(lua)
    one, two = reaper.add_track("loops", is_selected=True), reaper.add_track("chords")
    client, loop = ask(reaper, daemon)
    reaper.tick()
    reaper.select(two)
    same, chords = ask_for_chords(reaper, daemon)
    reaper.tick()
    assert (same, reaper.running) == (client, 1)
    daemon.answer(client, *daemon.dealt(chords, CARDS), *daemon.made(loop, CLIP))
    reaper.tick()
    assert ([len(one.items), len(two.items)], reaper.console) == ([3, 1], [])


def _flipped(message: Message) -> Message:
    *head, data = message.arguments
    assert isinstance(data, bytes)
    return replace(message, arguments=(*head, data[:-1] + bytes([data[-1] ^ 1])))


def test_a_card_that_is_damaged_is_left_out(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask_for_chords(reaper, daemon)
    answers = daemon.dealt(id_, CARDS)
    daemon.answer(client, answers[0], _flipped(answers[1]), *answers[2:])
    reaper.tick()
    (item,) = items(reaper)
    assert [take.name for take in item.takes] == NAMES[1:]
    (words,) = reaper.console
    assert words.startswith("bandmate: the notes of take 12 arrived damaged; ask again; it lies in")


def test_an_answer_without_cards_changes_nothing(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get_chords(reaper, daemon, [])
    assert (items(reaper), reaper.undo_points, daemon.files()) == ([], [], [])
    assert reaper.console == ["bandmate: no chords came; ask again.\n"]


def test_what_is_worth_telling_is_told(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask_for_chords(reaper, daemon)
    daemon.answer(client, *daemon.dealt(id_, CARDS, "the proposer died\nthe prior proposed"))
    reaper.tick()
    assert reaper.console == ["bandmate: the proposer died\n", "bandmate: the prior proposed\n"]
    assert len(items(reaper)) == 1


def test_a_late_answer_is_told_and_not_inserted(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask_for_chords(reaper, daemon)
    reaper.clock += 61
    reaper.tick()
    daemon.answer(client, *daemon.dealt(id_, CARDS))
    reaper.tick()
    assert items(reaper) == []
    assert reaper.console[1].startswith("bandmate: take 12 came too late; it lies in ")
    daemon.asked()
    assert daemon.files() == []


def test_cards_that_never_come_whole_are_given_up(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    client, id_ = ask_for_chords(reaper, daemon)
    answers = daemon.dealt(id_, CARDS)
    daemon.answer(client, *answers[:3], answers[-1])
    reaper.tick()
    reaper.clock += 61
    reaper.tick(4)
    daemon.asked()
    assert (items(reaper), daemon.files()) == ([], [])
    assert reaper.console == ["bandmate: no answer came within 60 seconds; ask again.\n"]


def test_a_mistake_in_the_keywords_is_told_once(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    reaper.typed = ["", "wram"]
    reaper.run(CHORDS)
    words = "keywords must be words such as warm, not 'wram'"
    for client, message in daemon.asked():
        if message.address in ("/bandmate/keywords/set", "/bandmate/chords/ask"):
            daemon.answer(client, Message("/bandmate/error", (message.arguments[0], "ask", words)))
    reaper.tick()
    reaper.clock += 61
    reaper.tick()
    assert reaper.console == [f"bandmate: {words}\n"]


@pytest.mark.parametrize(
    "message",
    [
        Message("/bandmate/card/made", ("1",)),
        Message("/bandmate/card/made", ("1", 12, "index")),
        Message("/bandmate/card/made", ("1", 12, "index", "x", "parts", "keys:0:1")),
        Message("/bandmate/card/made", ("1", 12, "index", 0, "parts", "", "chunks", 0)),
        Message("/bandmate/chords/made", ("1", "cards", "many")),
        Message("/bandmate/chords/made", ("1", "cards", 4)),
        Message("/bandmate/keywords/found", ("1",)),
        Message("/bandmate/chords/queued", ()),
    ],
)
def test_a_message_of_another_shape_stops_nothing(
    reaper: FakeReaper, daemon: FakeDaemon, message: Message
) -> None:
    client, id_ = ask_for_chords(reaper, daemon)
    daemon.answer(client, message, *daemon.dealt(id_, CARDS))
    reaper.tick(2)
    assert [len(item.takes) for item in items(reaper)] == [4]
    reaper.clock += 61
    reaper.tick(4)
    assert daemon.files() == []


# the loops that follow


def card_asked(reaper: FakeReaper, daemon: FakeDaemon) -> object:
    """Ask for a loop and return the card that it is told to follow, None for none."""
    reaper.run(SCRIPT)
    ((_, _, said),) = daemon.asked_for_loops()
    return said.get("card")


def test_the_next_loop_follows_the_take_that_is_chosen(
    reaper: FakeReaper, daemon: FakeDaemon
) -> None:
    assert card_asked(reaper, daemon) is None
    get_chords(reaper, daemon, CARDS)
    assert card_asked(reaper, daemon) == 12
    items(reaper)[0].active = 2
    assert card_asked(reaper, daemon) == 14
    get_chords(reaper, daemon, CARDS)
    assert card_asked(reaper, daemon) == 16


def test_the_settings_own_chords_win(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get_chords(reaper, daemon, CARDS)
    reaper.project_ext["bandmate", "chords"] = "A:min D:min"
    assert card_asked(reaper, daemon) is None


def test_chords_that_were_undone_or_are_anothers_are_not_followed(
    reaper: FakeReaper, daemon: FakeDaemon, home: Path
) -> None:
    get_chords(reaper, daemon, CARDS)
    (item,) = items(reaper)
    reaper.tracks[0].items.clear()
    assert card_asked(reaper, daemon) is None
    reaper.tracks[0].items.append(item)
    assert card_asked(reaper, daemon) == 12
    item.takes[0].ext.clear()
    assert card_asked(reaper, daemon) is None
    item.active = 1
    assert card_asked(reaper, daemon) == 13
    (home / "chords #13.mid").unlink()
    assert card_asked(reaper, daemon) is None


def test_another_project_has_other_chords(reaper: FakeReaper, daemon: FakeDaemon) -> None:
    get_chords(reaper, daemon, CARDS)
    reaper.project_ext.clear()
    assert card_asked(reaper, daemon) is None
    reaper.typed = None
    reaper.run(CHORDS)
    assert reaper.dialogs[-1] == ["", ""]
