"""The shelf follows a daemon that comes, tells, goes and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Queue

import pytest

from bandmate import __version__
from bandmate.contract.messages import Atom, Message, checksum
from bandmate.music import midifile
from bandmate.music.clip import Clip, Note, Part
from bandmate.shelf import feed as feeds
from bandmate.shelf.feed import Feed, State
from bandmate.wires.packets import packet_to_frame
from shelf.screen import PATIENCE
from shelf.scripted_daemon import ScriptedDaemon
from shelf.shelf_clips import CLIP
from test_serve import free_port

PLAIN = replace(CLIP, chords=())
"""As the wire of the scripted daemon tells it."""


class Shelf:
    """A feed, and the states it told."""

    def __init__(self, port: int, token: str = "") -> None:
        self._states: Queue[State] = Queue()
        self.feed = Feed("127.0.0.1", port, self._states.put, token)

    def until(self, is_so: Callable[[State], object]) -> State:
        """Wait for a state and return it."""
        while not is_so(state := self._states.get(timeout=PATIENCE)):
            pass
        return state


@contextmanager
def following(port: int, token: str = "") -> Iterator[Shelf]:
    shelf = Shelf(port, token)
    shelf.feed.start()
    try:
        yield shelf
    finally:
        shelf.feed.close()


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "PAUSE", 0.01)


@pytest.fixture
def daemon() -> Iterator[ScriptedDaemon]:
    made = ScriptedDaemon()
    yield made
    made.hangs_up()


def numbers(state: State) -> list[int]:
    return [row.number for row in state.rows]


def test_it_says_who_it_is_and_asks_for_takes(daemon: ScriptedDaemon) -> None:
    with following(daemon.port) as shelf:
        hello = daemon.greets()
        assert hello.arguments[1:] == ("client", "shelf", "version", __version__)
        assert shelf.until(lambda state: state.is_there).words == ""
        assert daemon.hears("subscribe").arguments[1:] == ("to", "takes")
        assert daemon.hears("take/list").arguments[1:] == ("limit", 200)


def test_a_token_is_told_where_there_is_one(daemon: ScriptedDaemon) -> None:
    with following(daemon.port, "a long secret"):
        assert daemon.greets().arguments[-2:] == ("token", "a long secret")


def test_takes_come_with_their_notes_the_newest_first(daemon: ScriptedDaemon) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.lists(3, 2)
        assert daemon.gives(PLAIN) == 3
        assert daemon.gives(PLAIN) == 2
        state = shelf.until(lambda state: state.rows and state.rows[-1].clip)
        assert numbers(state) == [3, 2]
        assert state.rows[0].clip == PLAIN
        assert (state.rows[0].title, state.rows[0].client) == ("loop #3", "REAPER")


def test_the_notes_of_edits_that_are_not_shown_are_not_asked_for(daemon: ScriptedDaemon) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        id_ = daemon.hears("take/list").arguments[0]
        for take, parent in ((3, 2), (2, 1), (1, 0)):
            daemon.tells(take, id_, parent=parent)
        daemon.says("take/listed", id_, 3)
        assert [daemon.gives(PLAIN), daemon.gives(PLAIN)] == [3, 1]
        state = shelf.until(lambda state: state.rows and state.rows[-1].clip)
        assert [(row.number, row.parent) for row in state.rows] == [(3, 1), (1, 0)]
        daemon.tells(2, parent=1, star=1)
        assert daemon.gives(PLAIN) == 2


@pytest.mark.parametrize(
    ("facts", "subject"),
    [
        ({"genre": "funk"}, "funk"),
        ({"genre": "", "answers": "rainy,warm"}, "rainy, warm"),
        ({}, ""),
    ],
)
def test_what_a_take_is_about_comes_with_its_notes(
    daemon: ScriptedDaemon, facts: dict[str, Atom], subject: str
) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.tells(7)
        daemon.gives(PLAIN, "", **facts)
        assert (
            shelf.until(lambda state: state.rows and state.rows[0].clip).rows[0].subject == subject
        )


def test_news_come_unasked(daemon: ScriptedDaemon) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.lists()
        daemon.tells(7)
        daemon.gives(PLAIN)
        shelf.until(lambda state: state.rows and state.rows[0].clip)
        daemon.tells(7, news="rejected", state="rejected", star=1)
        row = shelf.until(lambda state: state.rows[0].state == "rejected").rows[0]
        assert row.is_starred
        assert row.clip == PLAIN


def test_many_notes_come_in_chunks(daemon: ScriptedDaemon) -> None:
    notes = tuple(Note(i / 4, 40 + i % 40, 0.25, 1 + i % 127) for i in range(1000))
    clip = Clip((Part("bass", 33, notes),), 252.0)
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.tells(1)
        daemon.gives(clip)
        assert shelf.until(lambda state: state.rows and state.rows[0].clip).rows[0].clip == clip


def test_a_take_without_notes_is_whole_at_once(daemon: ScriptedDaemon) -> None:
    clip = Clip((Part("bass", 33),), 4.0)
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.tells(1)
        daemon.gives(clip)
        assert shelf.until(lambda state: state.rows and state.rows[0].clip).rows[0].clip == clip


def test_the_daemons_file_is_known_where_it_lies_here(
    daemon: ScriptedDaemon, tmp_path: Path
) -> None:
    here = tmp_path / "loop #2.mid"
    midifile.write(PLAIN, here)
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.lists(2, 1)
        daemon.gives(PLAIN, str(here))
        daemon.gives(PLAIN, str(tmp_path / "moved.mid"))
        state = shelf.until(lambda state: state.rows and state.rows[-1].clip)
        assert [row.file for row in state.rows] == [here, None]


def garbled(id_: Atom, take: Atom) -> list[Message]:
    told = ("take", take, "tempo", 96.0, "key", "", "meter", "4/4", "bars", 1, "length", 4.0,
            "parts", "bass:33:1", "chunks", 1)  # fmt: skip
    notes = (id_, take, 0, 1, checksum(b"") + 1, bytes(12))
    return [Message("/bandmate/take/got", (id_, *told)), Message("/bandmate/take/notes", notes)]


def test_notes_that_did_not_arrive_whole_are_told_and_the_next_take_comes(
    daemon: ScriptedDaemon,
) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.lists(2, 1)
        id_, take = daemon.hears("take/get").arguments
        for message in garbled(id_, take):
            daemon.says(message.address.removeprefix("/bandmate/"), *message.arguments)
        assert daemon.gives(PLAIN) == 1
        state = shelf.until(lambda state: state.rows and state.rows[-1].clip)
        assert state.rows[0].trouble.startswith("the notes did not arrive whole")


def test_a_take_that_is_refused_is_told_in_its_row(daemon: ScriptedDaemon) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.tells(2)
        id_ = daemon.hears("take/get").arguments[0]
        daemon.says("error", id_, "file", "its file is gone")
        state = shelf.until(lambda state: state.rows and state.rows[0].trouble)
        assert (state.rows[0].trouble, state.words) == ("its file is gone", "")


def test_asks_are_sent_and_their_mistakes_told(daemon: ScriptedDaemon) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        shelf.until(lambda state: state.is_there)
        shelf.feed.ask("/bandmate/take/star", 3, 1)
        assert daemon.hears("take/star").arguments[1:] == (3, 1)
        shelf.feed.ask("/bandmate/take/play", 3)
        id_, take = daemon.hears("take/play").arguments
        daemon.says("take/played", id_, take, 4, 0, 0)
        shelf.until(lambda state: state.words == "take 3 plays")
        shelf.feed.ask("/bandmate/take/reject", 9)
        daemon.says(
            "error", daemon.hears("take/reject").arguments[0], "ask", "take must be in 1..3"
        )
        shelf.until(lambda state: state.words == "take must be in 1..3")


def test_a_daemon_that_goes_is_looked_for_and_found_again() -> None:
    first = ScriptedDaemon()
    with following(first.port) as shelf:
        first.greets()
        first.lists(2, 1)
        first.gives(PLAIN)
        first.gives(PLAIN)
        shelf.until(lambda state: state.rows and state.rows[-1].clip)
        first.hangs_up()
        gone = shelf.until(lambda state: not state.is_there)
        assert gone.words == f"the daemon at 127.0.0.1:{first.port} is gone; looking for it"
        assert numbers(gone) == [2, 1]
        nobody = shelf.until(lambda state: "no daemon answers" in state.words)
        assert nobody.words == (
            f"no daemon answers at 127.0.0.1:{first.port} (Connection refused); looking for it"
        )
        second = ScriptedDaemon(first.port)
        try:
            second.greets(started="2")
            assert shelf.until(lambda state: state.is_there).words == ""
            second.lists(3, 2)
            assert second.gives(PLAIN) == 3  # the notes of 2 are known
            state = shelf.until(lambda state: state.rows[0].clip and len(state.rows) == 2)
            assert numbers(state) == [3, 2]
        finally:
            second.hangs_up()


def test_what_is_asked_while_it_is_away_is_left_undone() -> None:
    port = free_port()
    with following(port) as shelf:
        shelf.until(lambda state: "no daemon answers" in state.words)
        shelf.feed.ask("/bandmate/take/reject", 1)
        shelf.until(lambda state: "no daemon answers" in state.words)
        shelf.until(lambda state: "no daemon answers" in state.words)
        daemon = ScriptedDaemon(port)
        try:
            daemon.greets()
            shelf.until(lambda state: state.is_there)
            shelf.feed.ask("/bandmate/take/play", 1)
            daemon.hears("take/play")
            assert "/bandmate/take/list" in daemon.log
            assert "/bandmate/take/reject" not in daemon.log
        finally:
            daemon.hangs_up()


def test_a_daemon_that_falls_silent_is_given_up(
    daemon: ScriptedDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "HEARTBEAT", 0.02)
    with following(daemon.port) as shelf:
        daemon.greets()
        silent = shelf.until(lambda state: "silent" in state.words)
        assert silent.words == f"the daemon at 127.0.0.1:{daemon.port} is silent; looking for it"
        for _ in range(3):
            daemon.hears("hello")  # it asked before it gave up


def test_another_protocol_is_told_in_words(daemon: ScriptedDaemon) -> None:
    with following(daemon.port) as shelf:
        daemon.greets(protocol=2, version="9.0")
        state = shelf.until(lambda state: "protocol" in state.words)
        assert state.words.startswith("bandmate 9.0 speaks protocol 2 and this shelf 1: start both")


@pytest.mark.parametrize("rubbish", [b"\xff\xff\xff\xff", packet_to_frame(b"rubbish")])
def test_rubbish_ends_the_connection_in_words(daemon: ScriptedDaemon, rubbish: bytes) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        shelf.until(lambda state: state.is_there)
        daemon.sends(rubbish)
        assert "must" in shelf.until(lambda state: not state.is_there).words
        daemon.greets()
        assert shelf.until(lambda state: state.is_there).words == ""


def test_messages_that_make_no_sense_harm_nobody(daemon: ScriptedDaemon) -> None:
    with following(daemon.port) as shelf:
        daemon.greets()
        daemon.says("take/told", "news", "take", "x")
        daemon.says("take/told", "news", "take")
        daemon.says("take/notes", "get", 1)
        daemon.says("take/got", "get")
        daemon.says("error")
        daemon.says("take/played")
        daemon.tells(4)
        assert numbers(shelf.until(lambda state: state.rows)) == [4]
