"""The bridge in Live and a daemon that is absent, slow, started anew, or behind a bad network."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bandmate.contract.messages import Message, pairs_of
from bandmate.wires.packets import message_to_packet
from bridges.live_scene import KEYS, WireDaemon, dense, one, scene, sent, written

LOOP = "note 1 36 = loop"
ABSENT = "the daemon does not answer: start it with `bandmate serve` in a terminal"


def hellos(daemon: WireDaemon) -> list[dict[str, object]]:
    return [dict(pairs_of(m.arguments[1:])) for m in daemon.heard if m.address == "/bandmate/hello"]


def test_the_bridge_says_who_it_is_and_owns_the_daw_once(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.tick(100)
        first, *others = hellos(at.daemon)
        assert first["client"] == "Ableton Live" and first["owns"] == "daw"
        assert len(others) >= 4 and not any("owns" in hello for hello in others)
        at.live.stop()
        at.daemon.turn()
        assert hellos(at.daemon)[-1]["owns"] == ""


def test_a_daemon_of_another_protocol_is_told_with_the_cure(tmp_path: Path) -> None:
    for protocol, cure in ((2, "run `bandmate bridge install ableton` again"), (0, "update bandm")):
        with scene(tmp_path, LOOP, is_met=False) as at:
            at.daemon.protocol = protocol
            at.tick(100)
            (words,) = at.words
            assert words.startswith(f"bandmate 0.5.0 speaks protocol {protocol}, this bridge")
            assert cure in words


def test_an_absent_daemon_is_told_once_and_gets_the_ask_when_it_comes(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        port = at.daemon.port
        at.daemon.close()
        at.live.tick(30)
        at.press(36)
        at.live.tick(100)
        assert at.words == [ABSENT]
        at.daemon = WireDaemon(port=port)
        at.tick(80)
        assert at.words == [ABSENT, "the daemon is there"]
        assert hellos(at.daemon)[0]["owns"] == "daw", "who was started anew knows of no owner"
        assert at.asks("song/set") and at.asks("loop/ask")
        id_, _ = at.ask()
        at.daemon.say(*at.daemon.made(id_, one(KEYS)))
        at.tick(5)
        assert written(at.live.clip(0, 0)) == sent(KEYS)


def test_an_ask_is_sent_again_with_its_id_until_it_is_answered(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(120)
        asked = at.asks("loop/ask")
        assert len(asked) >= 3 and len(set(asked)) == 1
        id_, _ = at.ask()
        at.daemon.say(*at.daemon.made(id_, one(KEYS)))
        at.tick(100)
        assert len(at.asks("loop/ask")) == len(asked)


def test_an_ask_that_is_in_work_is_asked_for_less_often_and_never_given_up(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(2)
        id_, _ = at.ask()
        for bar in range(40):
            at.daemon.say(Message("/bandmate/loop/progress", (id_, 0, bar, 40)))
            at.tick(25)
        assert len(at.asks("loop/ask")) == 1
        at.daemon.say(*at.daemon.made(id_, one(KEYS)))
        at.tick(5)
        assert written(at.live.clip(0, 0)) == sent(KEYS)


def test_after_a_minute_without_a_word_an_ask_is_given_up(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(620)
        assert at.words[-1] == "no answer came within a minute: ask again"
        id_, _ = at.ask()
        at.daemon.say(*at.daemon.made(id_, one(KEYS)))
        at.tick(50)
        assert at.live.clip(0, 0) is None and at.asks("take/insert") == []


def test_a_mistake_comes_back_as_one_sentence(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(2)
        id_, _ = at.ask()
        for _ in range(2):
            words = "tempo must be in 20..400, not 500.0"
            at.daemon.say(Message("/bandmate/error", (id_, "ask", words)))
            at.tick(50)
        assert at.words == ["tempo must be in 20..400, not 500.0"]
        assert len(at.asks("loop/ask")) == 1


def test_a_placed_take_whose_notes_were_lost_is_asked_for_again(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        clip = dense(700)
        head, *chunks = at.daemon.placed("panel-7", clip)
        at.daemon.say(head, chunks[0], chunks[2])
        at.tick(40)
        (again,) = at.asks("take/insert")
        assert again.arguments[1:] == (12,)
        at.daemon.say(*at.daemon.placed(again.arguments[0], clip, number=12))
        at.tick(40)
        assert written(at.live.clip(0, 0)) == sent(clip.parts[0])
        assert at.live.clip(0, 1) is None and len(at.asks("take/insert")) == 1


def test_notes_that_never_come_are_told_with_the_file(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.daemon.say(at.daemon.placed("panel-7", one(KEYS))[0])
        at.tick(800)
        assert len(at.asks("take/insert")) == 4
        assert at.words == ["its notes did not arrive; take 12 lies in /clips/funk.mid"]


def test_a_doubled_datagram_places_one_clip_and_two_wishes_two(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        messages = at.daemon.placed("", one(KEYS))
        at.daemon.say(*messages, *messages)
        at.tick(15)
        assert at.live.clip(0, 0) and at.live.clip(0, 1) is None
        at.daemon.say(*messages)
        at.tick(15)
        assert at.live.clip(0, 1)
        assert at.asks("take/insert") == []


def test_notes_that_arrive_damaged_are_told(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(2)
        made, notes = at.daemon.made(at.ask()[0], one(KEYS))
        bad = bytes(len(notes.arguments[-1]))  # type: ignore[arg-type]
        at.daemon.say(made, Message(notes.address, (*notes.arguments[:-1], bad)))
        at.tick(5)
        assert "the notes did not arrive as they were sent" in at.words[-1]
        assert at.words[-1].endswith("take 12 lies in /clips/funk.mid")
        assert at.live.undo_steps == []


def test_a_flood_is_read_a_little_in_each_tick(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        noise = [Message("/bandmate/loop/progress", ("x", 0, 0, 4))] * 150
        at.daemon.say(*noise, *at.daemon.placed("panel-1", one(KEYS)))
        at.live.tick(2)
        assert at.live.clip(0, 0) is None
        at.live.tick(2)
        assert written(at.live.clip(0, 0)) == sent(KEYS)


@pytest.mark.parametrize("seed", range(40))
def test_garbage_changes_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with scene(tmp_path) as at:
        whole = [bytes(chance.randrange(256) for _ in range(chance.randrange(60)))]
        messages = at.daemon.placed("p", one(KEYS))
        for message in messages:
            bent = bytearray(message_to_packet(message))
            bent[chance.randrange(len(bent))] ^= 1 << chance.randrange(8)
            whole.append(bytes(bent[: chance.randrange(1, len(bent))]))
        for packet in whole:
            at.daemon.socket.sendto(packet, at.daemon.client)
        at.tick(5)
        assert at.live.clip(0, 0) is None and at.live.mistakes == []
        assert not [words for words in at.words if "went wrong" in words]


def test_another_port_in_the_settings_takes_the_asks_along(tmp_path: Path) -> None:
    with scene(tmp_path, LOOP) as at:
        at.press(36)
        at.tick(2)
        before, at.daemon = at.daemon, WireDaemon()
        at.write(LOOP)
        at.asked.clear()
        at.tick(80)
        before.turn()
        assert hellos(before)[-1]["owns"] == ""
        before.close()
        id_, _ = at.ask()
        at.daemon.say(*at.daemon.made(id_, one(KEYS)))
        at.tick(5)
        assert written(at.live.clip(0, 0)) == sent(KEYS)
