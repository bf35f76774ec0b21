"""Live through AbletonOSC as it is: the song told, clips in empty slots, every note there."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bandmate.contract.messages import Message, pairs_of
from bandmate.errors import PortError, Unavailable
from bandmate.hosts.abletonosc import Live
from bandmate.hosts.abletonosc_link import Link
from bandmate.music.clip import Clip
from bridges.fake_abletonosc import FakeAbletonOsc
from bridges.fake_live import FakeLive
from bridges.live_scene import BASS, DRUMS, KEYS, WireDaemon, dense, one, sent, written

TURNS = 400
"""Turns after which what was waited for does not come: a failure, never a measure."""


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one_more:
        one_more.bind(("127.0.0.1", 0))
        return int(one_more.getsockname()[1])


@contextmanager
def met(
    live: FakeLive, is_old: bool = False, loss: float = 0.0
) -> Iterator[tuple[Live, FakeAbletonOsc]]:
    """Let our end and AbletonOSC's meet."""
    port = free_port()
    theirs = FakeAbletonOsc(live, port, is_old, loss)
    ours = Live(port=theirs.port, reply_port=port)
    ours.open()
    try:
        yield ours, theirs
    finally:
        ours.close()
        theirs.close()


def test_a_clip_comes_into_the_selected_slot_note_for_note() -> None:
    live = FakeLive()
    live.select(0, 3)
    with met(live) as (ours, theirs):
        assert ours.place(one(KEYS), "#12") == ["keys #12"]
        clip = live.clip(0, 3)
        assert written(clip) == sent(KEYS)
        assert (clip.name, clip.color, clip.length) == ("keys #12", 0x3DC300, 16.0)
        assert theirs.unknown == []


def test_full_slots_are_passed_over_and_a_scene_is_made_at_the_end() -> None:
    live = FakeLive(rows=20)
    mine = [live.put(0, row, [(60, 0.0)]) for row in range(2, 20)]
    live.select(0, 2)
    with met(live) as (ours, _):
        ours.place(one(BASS), "#12")
        assert written(live.clip(0, 20)) == sent(BASS)
        assert [live.clip(0, row) for row in range(2, 20)] == mine
        assert all(len(written(clip)) == 1 for clip in mine)


def test_each_further_part_gets_a_track_of_its_own() -> None:
    live = FakeLive(("Piano", "Bass"))
    with met(live) as (ours, _):
        ours.place(one(KEYS, BASS, DRUMS), "#12")
        assert [t.name for t in live.song_object.tracks] == ["Piano", "bass", "drums", "Bass"]
        assert [written(live.clip(t, 0)) for t in range(3)] == [
            sent(p) for p in (KEYS, BASS, DRUMS)
        ]


@pytest.mark.parametrize("loss", [0.0, 0.05])
def test_a_large_clip_goes_in_small_messages_and_nothing_is_lost(loss: float) -> None:
    live, clip = FakeLive(), dense(700)
    with met(live, loss=loss) as (ours, theirs):
        ours.place(clip, "#12")
        assert written(live.clip(0, 0)) == sent(clip.parts[0])
        assert theirs.longest < 2000


def test_a_slot_that_a_person_fills_first_is_left_as_it_is() -> None:
    live = FakeLive()
    with met(live) as (ours, theirs):
        theirs.before_create = lambda: live.put(0, 0, [(60, 0.0)], length=16.0)
        with pytest.raises(Unavailable, match="Live made no clip in that slot"):
            ours.place(one(KEYS), "#12")
        assert len(written(live.clip(0, 0))) == 1 and live.clip(0, 0).name == "mine"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda live: live.track(0).__dict__.update(has_midi_input=False), "select a MIDI track"),
        (lambda live: setattr(live, "most_tracks", 1), "Live makes no further track"),
        (
            lambda live: live.put(0, 0) and live.__dict__.update(most_scenes=1),
            "no slot of the selected track is empty",
        ),
    ],
)
def test_what_live_has_no_room_for_is_told(
    change: Callable[[FakeLive], object], words: str
) -> None:
    live = FakeLive(rows=1)
    change(live)
    with met(live) as (ours, _), pytest.raises(Unavailable, match=words):
        ours.place(one(KEYS, BASS), "#12")


def test_an_absent_abletonosc_is_told_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bandmate.hosts.abletonosc.PATIENCE", 0.01)
    ours = Live(port=free_port(), reply_port=free_port())
    ours.open()
    with pytest.raises(Unavailable, match="choose it as a control surface"):
        ours.get("song/get/tempo")
    ours.close()


def test_a_port_that_another_program_holds_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = int(other.getsockname()[1])
        with pytest.raises(PortError, match=f"port {taken}, on which AbletonOSC answers, is taken"):
            Live(reply_port=taken).open()


# between a daemon and Live


@contextmanager
def linked(live: FakeLive, is_old: bool = False) -> Iterator[tuple[Link, WireDaemon, list[str]]]:
    daemon, said = WireDaemon(), list[str]()
    with met(live, is_old) as (ours, _):
        ours.close()
        link = Link("127.0.0.1", daemon.port, ours, said.append)
        link.open()
        try:
            yield link, daemon, said
        finally:
            link.close()
            ours.open()
            daemon.close()


def until(link: Link, daemon: WireDaemon, is_so: Callable[[], object]) -> None:
    for _ in range(TURNS):
        if is_so():
            return
        link.turn(0.05)
        daemon.turn()
    raise AssertionError("it does not come")


@pytest.mark.parametrize("is_old", [False, True])
def test_the_song_is_told_as_far_as_this_abletonosc_knows_it(is_old: bool) -> None:
    with linked(FakeLive(), is_old) as (link, daemon, said):
        wanted: dict[str, object] = {"tempo": 96.0, "is_playing": 0}
        wanted |= {"signature_numerator": 4, "signature_denominator": 4}
        wanted |= {} if is_old else {"root_note": 9, "scale_name": "Minor"}
        songs: list[dict[str, object]] = []

        def is_told() -> bool:
            sets = [m for m in daemon.heard if m.address == "/bandmate/song/set"]
            songs[:] = [dict(pairs_of(m.arguments[1:])) for m in sets]
            return wanted in songs

        until(link, daemon, is_told)
        assert sorted(said) == ["AbletonOSC answers", "the daemon answers"]
        hello = next(m for m in daemon.heard if m.address == "/bandmate/hello")
        assert dict(pairs_of(hello.arguments[1:]))["owns"] == "daw"


@pytest.mark.parametrize("clip", [one(KEYS), dense(700), one()])
def test_a_take_that_is_placed_lands_in_live(clip: Clip) -> None:
    live = FakeLive()
    with linked(live) as (link, daemon, said):
        until(link, daemon, lambda: "the daemon answers" in said)
        messages = daemon.placed("panel-1", clip)
        daemon.say(*reversed(messages), *messages)
        until(link, daemon, lambda: "placed" in said[-1])
        for _ in range(5):
            link.turn(0.01)
        notes = sent(clip.parts[0]) if clip.parts else []
        assert written(live.clip(0, 0)) == notes and live.clip(0, 1) is None


def test_what_cannot_be_placed_is_told_with_its_file() -> None:
    live = FakeLive()
    live.track(0).__dict__["has_midi_input"] = False
    with linked(live) as (link, daemon, said):
        until(link, daemon, lambda: "the daemon answers" in said)
        daemon.say(*daemon.placed("panel-1", one(KEYS)))
        until(link, daemon, lambda: "was not placed" in said[-1])
        assert said[-1].endswith("it lies in /clips/funk.mid")


def told(link: Link, daemon: WireDaemon, id_: str, wish: str) -> Message:
    """Let somebody want something done in Live; the daemon takes each ask. Return the answer."""
    daemon.say(Message("/bandmate/bridge/do", (id_, wish)))
    answered = {
        "/bandmate/loop/ask": "/bandmate/loop/queued",
        "/bandmate/chords/ask": "/bandmate/chords/queued",
        "/bandmate/take/accept": "/bandmate/take/accepted",
        "/bandmate/take/reject": "/bandmate/take/rejected",
    }
    for _ in range(TURNS):
        link.turn(0.05)
        for message in daemon.turn():
            if message.arguments[0] == id_:
                return message
            if message.address in answered:
                daemon.say(Message(answered[message.address], (message.arguments[0], 0)))
    raise AssertionError("no answer comes")


def asks(daemon: WireDaemon, address: str) -> list[tuple[object, ...]]:
    return [m.arguments[1:] for m in daemon.heard if m.address == f"/bandmate/{address}"]


def test_somebody_may_want_a_loop_or_chords_in_live() -> None:
    with linked(FakeLive()) as (link, daemon, said):
        until(link, daemon, lambda: "the daemon answers" in said)
        loop = told(link, daemon, "do-1", 'loop bars=8 form="A A\'"')
        assert (loop.address, loop.arguments) == (
            "/bandmate/bridge/done",
            ("do-1", "a loop is asked for, and comes into Live"),
        )
        assert asks(daemon, "loop/ask") == [("insert", "on", "bars", "8", "form", "A A'")]
        chords = told(link, daemon, "do-2", "chords text=rain")
        assert chords.address == "/bandmate/bridge/done"
        assert asks(daemon, "chords/ask") == [("insert", "on", "text", "rain")]


def test_the_take_that_was_placed_last_is_marked() -> None:
    with linked(FakeLive()) as (link, daemon, said):
        until(link, daemon, lambda: "the daemon answers" in said)
        none = told(link, daemon, "do-1", "accept")
        assert none.arguments[1] == "unavailable" and "none was placed" in str(none.arguments[2])
        daemon.say(*daemon.placed("panel-1", one(KEYS), 12))
        until(link, daemon, lambda: "placed" in said[-1])
        assert told(link, daemon, "do-2", "accept").arguments[1] == "the take is accepted"
        assert told(link, daemon, "do-3", "reject").address == "/bandmate/bridge/done"
        assert asks(daemon, "take/accept") + asks(daemon, "take/reject") == [(12,), (12,)]


def test_a_mistake_that_the_daemon_finds_is_the_answer() -> None:
    words = "bars must be in 1..64, not 65"
    with linked(FakeLive()) as (link, daemon, said):
        until(link, daemon, lambda: "the daemon answers" in said)
        daemon.say(Message("/bandmate/bridge/do", ("do-1", "loop bars=65")))
        until(link, daemon, lambda: asks(daemon, "loop/ask"))
        (ask,) = [m for m in daemon.heard if m.address == "/bandmate/loop/ask"]
        daemon.say(Message("/bandmate/error", (ask.arguments[0], "ask", words)))
        until(link, daemon, lambda: asks(daemon, "error"))
        assert asks(daemon, "error") == [("ask", words)] and said[-1] == words


@pytest.mark.parametrize(
    ("wish", "code", "words"),
    [
        ("vary", "unavailable", "vary needs the notes of a clip"),
        ("dance", "ask", "an action must be one of loop, chords, accept, reject, not 'dance'"),
        ("", "ask", "an action must be one of"),
        ("loop bars", "ask", "what an action says must look like bars=8, not 'bars'"),
        ("loop insert=off", "ask", "insert cannot be said here"),
        ("loop text='rain", "ask", "a quotation mark is missing in: loop text='rain"),
    ],
)
def test_what_cannot_be_done_through_abletonosc_is_answered(
    wish: str, code: str, words: str
) -> None:
    with linked(FakeLive()) as (link, daemon, said):
        until(link, daemon, lambda: "the daemon answers" in said)
        error = told(link, daemon, "do-1", wish)
        assert (error.address, error.arguments[1]) == ("/bandmate/error", code)
        assert str(error.arguments[2]).startswith(words)
        assert asks(daemon, "loop/ask") == []


def test_an_errand_that_comes_twice_is_done_once() -> None:
    with linked(FakeLive()) as (link, daemon, said):
        until(link, daemon, lambda: "the daemon answers" in said)
        daemon.say(*[Message("/bandmate/bridge/do", ("do-1", "loop"))] * 2)
        assert told(link, daemon, "do-2", "chords").address == "/bandmate/bridge/done"
        assert len(asks(daemon, "loop/ask")) == 1


def test_a_daemon_of_another_protocol_is_refused_in_words() -> None:
    with linked(FakeLive()) as (link, daemon, _):
        daemon.protocol = 2
        with pytest.raises(Unavailable, match="speaks protocol 2 and this program 1"):
            until(link, daemon, lambda: False)
