"""Live asking over a wire: what was played is a take and is answered; the mapping, the pads."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bandmate.contract.messages import Message
from bandmate.errors import FileError
from bandmate.music import midifile
from playing_by_hand import Hands, rolling, standing
from wires.fake_daemon import Heard, House, told, told_in
from wires.here_controller import Gear, in_gear

CHORDS = ("57 60 64", "53 57 60", "48 52 55", "55 59 62")
OFF = "controls:\npads:\n"


def comping(hands: Hands) -> Hands:
    for bar, pitches in enumerate(CHORDS):
        hands.strikes(bar * 4.0, pitches)
    return hands


def tune(hands: Hands) -> Hands:
    for beat in range(16):
        hands.plays(float(beat), 72 + (0, 2, 4, 7)[beat % 4])
    return hands


async def asked(gear: Gear, address: str, *arguments: Any) -> Heard:
    client, heard = gear.house.client()
    gear.house.says(client, f"live/{address}", "a", *arguments)
    await gear.house.desk.idle()
    return heard


def mistake(heard: Heard) -> str:
    (error,) = heard.of("error")
    return str(error.arguments[-1])


# capture


def test_what_was_played_is_a_take_with_its_key_and_chords() -> None:
    async def story(gear: Gear) -> None:
        hands = comping(rolling(96.0))
        hands.sends(1.0, 0xE0, 0, 0x50)
        gear.plays(hands, 16.2)
        heard = await asked(gear, "capture")
        (captured,) = heard.of("live/captured")
        said = told(captured)
        assert (said["bars"], said["tempo"], said["meter"]) == (4, 96.0, "4/4")
        assert said["chords"] == "A:min F:maj C:maj G:maj"
        assert said["parts"] == "keys:0:12"
        assert said["model"] == "played"
        take = gear.house.takes.get(said["take"])
        (part,) = midifile.read(take.file).parts
        assert [(note.start, note.pitch, note.duration) for note in part.notes[:2]] == [
            (0.0, 57, 3.9), (0.0, 60, 3.9),
        ]  # fmt: skip
        assert b"\xe0\x00\x50" in take.file.read_bytes()
        assert gear.house.worker.plans == []

    in_gear(story, OFF)


def test_bars_are_1_to_8_and_nothing_played_is_told() -> None:
    async def story(gear: Gear) -> None:
        assert mistake(await asked(gear, "capture", "bars", 9)) == "bars must be in 1..8, not 9"
        assert "nothing was played" in mistake(await asked(gear, "capture"))
        gear.plays(comping(rolling()), 16.0)
        heard = await asked(gear, "capture", "bars", 1)
        assert told(heard.of("live/captured")[0])["chords"] == "G:maj"

    in_gear(story, OFF)


def test_what_stands_is_counted_at_the_tempo_that_the_song_was_told() -> None:
    async def story(gear: Gear) -> None:
        client, heard = gear.house.client()
        gear.house.says(client, "song/set", "s", "tempo", 60, "key", "A:min")
        gear.plays(comping(standing(120.0)), 18.0)
        gear.house.says(client, "live/capture", "c")
        said = told(await heard.until("live/captured"))
        assert (said["tempo"], said["bars"], said["key"]) == (60.0, 2, "A:min")

    in_gear(story, OFF)


def test_without_an_input_port_it_is_told() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        for address in ("capture", "answer", "get", "load", "learn", "deal"):
            house.says(client, f"live/{address}", address)
        await house.desk.idle()
        errors = heard.of("error")
        assert len(errors) == 6
        assert {error.arguments[1] for error in errors} == {"unavailable"}

    told_in(story)


# answers


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ((), {"pad"}),
        (("way", "harmonise"), {"pad"}),
        (("way", "drums"), {"drums"}),
        (("way", "bass"), {"bass"}),
        (("way", "band"), {"drums", "bass"}),
        (("way", "drums", "add", "strings"), {"strings"}),
    ],
)
def test_an_answer_keeps_what_was_played_and_adds_to_it(
    said: tuple[Any, ...], written: set[str]
) -> None:
    async def story(gear: Gear) -> None:
        gear.plays(comping(rolling()), 16.0)
        heard = await asked(gear, "answer", *said)
        addresses = [m.address for m in heard.messages if "progress" not in m.address]
        assert addresses[0] == "/bandmate/live/captured"
        assert addresses[-1] == "/bandmate/loop/made"
        (plan,) = gear.house.worker.plans
        assert {task.part for task in plan.tasks or ()} == written
        assert [str(span.chord) for span in plan.chords] == ["A:min", "F:maj", "C:maj", "G:maj"]
        (made,) = heard.of("loop/made")
        keys = gear.house.takes.get(told(made)["take"]).clip.parts[0]
        captured = gear.house.takes.get(told(heard.of("live/captured")[0])["take"])
        assert keys.notes == captured.clip.parts[0].notes

    in_gear(story, OFF)


def test_a_continuation_has_as_many_bars_as_were_played() -> None:
    async def story(gear: Gear) -> None:
        gear.plays(comping(rolling()), 16.0)
        await asked(gear, "answer", "way", "continue", "bars", 2)
        (plan,) = gear.house.worker.plans
        assert plan.bars == 2
        assert {task.part for task in plan.tasks or ()} == {"keys"}
        assert min(note.start for note in plan.base[0].notes) == -8.0

    in_gear(story, OFF)


def test_the_chords_of_a_tune_are_heard_by_the_co_writer() -> None:
    async def story(gear: Gear) -> None:
        gear.plays(tune(rolling()), 16.0)
        heard = await asked(gear, "answer")
        (plan,) = gear.house.worker.plans
        assert [str(span.chord) for span in plan.chords][:2] == ["C:maj", "A:min7"]
        assert {task.part for task in plan.tasks or ()} == {"keys", "pad"}
        assert told(heard.of("live/captured")[0])["chords"] == "C:maj A:min7 F:maj D:min7,G:7"
        await asked(gear, "answer", "way", "drums")  # these need no chords: nobody is asked
        assert gear.house.worker.plans[1].chords == ()

    in_gear(story, OFF)


def test_a_tune_that_nobody_can_hear_chords_in_is_answered_all_the_same() -> None:
    async def story(gear: Gear) -> None:
        async def deaf(*_: object) -> None:
            raise FileError("played.mid has no chords")

        gear.house.cowriter.transcribe = deaf  # type: ignore[method-assign, assignment]
        gear.plays(tune(rolling()), 16.0)
        heard = await asked(gear, "answer")
        assert heard.of("loop/made")
        assert gear.house.worker.plans[0].chords == ()

    in_gear(story, OFF)


def test_what_an_answer_cannot_say_is_told() -> None:
    async def story(gear: Gear) -> None:
        gear.plays(tune(rolling()), 16.0)
        assert "way must be one such as" in mistake(await asked(gear, "answer", "way", "jam"))
        said = mistake(await asked(gear, "answer", "take", 3))
        assert "/bandmate/live/answer takes nothing called 'take'" in said
        assert gear.house.takes.latest() is None

    in_gear(story, OFF)


def test_a_foot_switch_answers_from_the_next_bar() -> None:
    async def story(gear: Gear) -> None:
        gear.plays(comping(rolling()), 16.0)
        gear.presses(80)
        await gear.ears.until("loop/made")
        assert gear.house.player
        while not gear.house.player.heads:
            await asyncio.sleep(0)
        (head,) = gear.house.player.heads
        assert [part.name for part in head.parts] == ["keys", "drums"]

    in_gear(story, "controls:\n  cc 80: {answer: drums}\n")


# mapping and pads


def test_the_mapping_is_told_and_learned() -> None:
    async def story(gear: Gear) -> None:
        said = told((await asked(gear, "get")).of("live/told")[0])
        assert said["controls"] == "cc 80: vary (vary: 0.5)\ncc 81: undo"
        assert (said["learning"], said["heard"], said["trouble"]) == ("", 0, "")
        client, heard = gear.house.client()
        gear.house.says(client, "live/learn", "l", "accept")
        while not gear.controller.learning:
            await asyncio.sleep(0)
        gear.hears("99 24 50")
        learned = await heard.until("live/learned")
        assert learned == Message("/bandmate/live/learned", ("l", "accept", "note 36 channel 10"))
        said = told((await asked(gear, "get")).of("live/told")[0])
        assert said["controls"].splitlines()[-1] == "note 36 channel 10: accept"
        assert "such as" in mistake(await asked(gear, "learn", "jump"))

    in_gear(story, "controls:\n  cc 80: {vary: 0.5}\n  cc 81: undo\n")


def test_the_mapping_is_read_again_and_its_mistakes_are_told() -> None:
    async def story(gear: Gear) -> None:
        gear.controller.file.write_text("controls:\n  cc 80: stop\n", "utf-8")
        said = told((await asked(gear, "load")).of("live/told")[0])
        assert said["controls"] == "cc 80: stop"
        gear.controller.file.write_text("controls:\n  cc 80: stopp\n", "utf-8")
        assert "(line 2)" in mistake(await asked(gear, "load"))
        assert str(gear.controller.mapping.bindings[0].request) == "stop"

    in_gear(story, OFF)


def test_chords_are_dealt_to_pads_over_a_wire() -> None:
    async def story(gear: Gear) -> None:
        heard = await asked(gear, "deal", "chords", "A:min F,G", "notes", "40-43", "channel", 10)
        assert told(heard.of("live/told")[0])["pads"] == "40=A:min 41=F:maj 42=G:maj"
        gear.hears("99 28 50")
        on = [m for m in await gear.sent(4) if m[0] == 0x9F]
        assert {m[1] % 12 for m in on} == {9, 0, 4}
        heard = await asked(gear, "deal", "chords", "C")
        await gear.sent(1 + 2 * len(on))
        assert [m[1] for m in gear.sounded if m[0] == 0x8F] == sorted(m[1] for m in on)
        assert told(heard.of("live/told")[0])["pads"] == "40=C:maj"

    in_gear(story, OFF)
