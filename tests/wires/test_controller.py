"""The controller wire: presses become asks, pads sound, the rest is captured; learning."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bandmate import paths
from bandmate.errors import Cancelled, Unavailable
from bandmate.surfaces.mapping import FILE, SHIPPED, read_mapping
from wires.fake_daemon import told
from wires.here_controller import Gear, in_gear

PADS = "controls:\n  cc 119: panic\n  cc 106: accept\npads:\n  notes: 36-51\n"
OWN = PADS + '  chords: "A:min F"\n'


# presses


def test_a_press_asks_for_the_next_loop_and_the_release_asks_nothing() -> None:
    async def story(gear: Gear) -> None:
        gear.presses(102)
        made = await gear.ears.until("loop/made")
        assert told(made)["take"] == 1
        assert len(gear.house.worker.plans) == 1
        assert gear.house.takes.get(1).client == "controller"

    in_gear(story, "controls:\n  cc 102: {loop: {bars: 2, play: off}}\n")


def test_presses_are_done_in_their_order_on_the_latest_take_of_all() -> None:
    async def story(gear: Gear) -> None:
        client, heard = gear.house.client()
        gear.house.says(client, "loop/ask", "a", "bars", 1)
        await heard.until("loop/made")
        for number in (106, 107, 108):
            gear.presses(number)
        await gear.ears.until("take/undone")
        said = [m.address.removeprefix("/bandmate/take/") for m in gear.ears.messages]
        assert said == ["accepted", "rejected", "undone"]
        assert gear.house.takes.get(1).state == "accepted"

    in_gear(story)


def test_vary_and_more_start_from_the_latest_take() -> None:
    async def story(gear: Gear) -> None:
        gear.presses(1)
        await gear.ears.until("loop/made")
        gear.presses(2)
        await gear.ears.until("loop/made", 2)
        gear.presses(3)
        await gear.ears.until("loop/made", 3)
        first, varied, more = gear.house.worker.plans
        assert {task.vary for task in varied.tasks or ()} == {0.3}
        assert {task.vary for task in more.tasks or ()} == {0.5}
        assert varied.base and more.base and not first.base

    mapping = (
        "controls:\n  cc 1: {loop: {bars: 1, play: off}}\n"
        "  cc 2: {vary: {vary: 0.3, play: off}}\n  cc 3: {more: {play: off}}\n"
    )
    in_gear(story, mapping)


def test_without_a_take_a_press_tells_so(caplog: pytest.LogCaptureFixture) -> None:
    async def story(gear: Gear) -> None:
        gear.presses(103)
        async with asyncio.timeout(20):
            while not gear.controller.trouble:
                await asyncio.sleep(0)
        assert gear.controller.trouble == "there is no take yet: ask for a loop first"

    in_gear(story)
    assert "the controller: there is no take yet" in caplog.text


def test_cancel_calls_off_the_last_ask() -> None:
    async def story(gear: Gear) -> None:
        gear.house.worker.gate.clear()
        gear.presses(102)
        await asyncio.wait_for(gear.house.worker.begun.wait(), 20)
        gear.presses(118)
        await gear.ears.until("cancelled")
        gear.house.worker.gate.set()

    text = "controls:\n  cc 102: {loop: {play: off}}\n  cc 118: cancel\n"
    in_gear(story, text)


def test_panic_silences_the_port_and_the_pads() -> None:
    async def story(gear: Gear) -> None:
        gear.hears("90 24 50")
        on = [m for m in await gear.sent(4) if m[0] & 0xF0 == 0x90]
        gear.presses(119)
        await gear.ears.until("silenced")
        off = [m for m in await gear.sent(1 + 2 * len(on)) if m[0] & 0xF0 == 0x80]
        assert [m[1] for m in off] == sorted(m[1] for m in on)
        assert gear.house.player and gear.house.player.of("panic")

    in_gear(story, OWN)


def test_the_song_of_a_press_is_that_of_the_daws_owner() -> None:
    async def story(gear: Gear) -> None:
        daw, heard = gear.house.client()
        gear.house.says(daw, "hello", "h", "owns", "daw")
        gear.house.says(daw, "song/set", "s", "tempo", 93.0, "key", "D:dor")
        await heard.until("song/changed")
        gear.presses(1)
        await gear.ears.until("loop/made")
        (plan,) = gear.house.worker.plans
        assert (plan.tempo, str(plan.key)) == (93.0, "D:dor")
        gear.house.says(daw, "chords/ask", "c", "cards", 1)
        await heard.until("chords/made")
        gear.presses(106)
        await gear.ears.until("take/accepted")
        assert gear.house.desk.songs.of(daw.name).card == 2
        gear.house.clients.owner = None
        assert gear.house.desk.songs.of("controller").card is None

    in_gear(story, "controls:\n  cc 1: {loop: {bars: 1, play: off}}\n  cc 106: accept\n")


# what is captured


def test_playing_is_captured_and_what_is_mapped_is_not() -> None:
    async def story(gear: Gear) -> None:
        gear.hears("90 3c 50")
        gear.hears("b0 40 7f")
        gear.presses(108)
        gear.hears("90 24 50")  # a pad
        gear.hears("e0 00 50")
        kept = [heard.message.hex(" ") for heard in gear.controller.capture.heard]
        assert kept == ["90 3c 50", "b0 40 7f", "e0 00 50"]

    in_gear(story, "controls:\n  cc 108: undo\npads:\n  notes: 36-51\n")


# pads


def test_a_pad_sounds_while_it_is_held() -> None:
    async def story(gear: Gear) -> None:
        gear.hears("90 25 4d")
        program, *on = await gear.sent(4)
        assert program == b"\xcf\x00"
        assert {m[1] % 12 for m in on} == {5, 9, 0}
        assert {m[2] for m in on} == {77}
        gear.hears("80 25 00")
        await gear.sent(1 + 2 * len(on))
        assert {m[1] for m in gear.sounded if m[0] == 0x8F} == {m[1] for m in on}

    in_gear(story, OWN)


def test_pads_play_the_card_that_the_song_follows_and_change_with_it() -> None:
    async def story(gear: Gear) -> None:
        gear.hears("90 24 50")
        async with asyncio.timeout(20):
            while not gear.controller.trouble:
                await asyncio.sleep(0)
        assert "the pads have no chords: accept a card" in gear.controller.trouble
        client, heard = gear.house.client()
        gear.house.says(client, "chords/ask", "c", "cards", 2)
        await heard.until("chords/made")
        gear.house.desk.songs.follow("controller", 1)
        gear.hears("90 24 50")
        on = [m for m in await gear.sent(4) if m[0] == 0x9F]
        assert [str(c) for c in gear.controller.pads.chords][:2] == ["C:maj", "A:min7"]  # type: ignore[union-attr]
        assert {m[1] % 12 for m in on} == {0, 4, 7}
        gear.house.desk.songs.follow("controller", 2)
        before = len(gear.sounded)
        gear.hears("90 25 50")
        await gear.sent(before + len(on) + 2)
        ended = [m[1] for m in gear.sounded[before:] if m[0] == 0x8F]
        assert ended == sorted(m[1] for m in on)

    in_gear(story, PADS)


def test_reading_the_mapping_again_silences_the_pads() -> None:
    async def story(gear: Gear) -> None:
        gear.hears("90 24 50")
        on = [m for m in await gear.sent(4) if m[0] == 0x9F]
        gear.controller.file.write_text("controls:\n", "utf-8")
        await gear.controller.load()
        await gear.sent(1 + 2 * len(on))
        assert [m[1] for m in gear.sounded if m[0] == 0x8F] == sorted(m[1] for m in on)
        assert gear.controller.pads is None

    in_gear(story, OWN)


def test_closing_silences_the_pads() -> None:
    async def story(gear: Gear) -> None:
        gear.hears("90 24 50")
        on = [m for m in await gear.sent(4) if m[0] == 0x9F]
        await gear.controller.close()
        assert {m[1] for m in gear.sounded if m[0] == 0x8F} == {m[1] for m in on}
        assert gear.house.desk.live is None

    in_gear(story, OWN)


def test_without_a_port_a_pad_tells_so_and_the_next_press_works() -> None:
    async def story(gear: Gear) -> None:
        gear.hears("90 24 50")
        async with asyncio.timeout(20):
            while not gear.controller.trouble:
                await asyncio.sleep(0)
        assert gear.controller.trouble == "there is no MIDI port: start JACK"
        gear.presses(106)
        async with asyncio.timeout(20):
            while "there is no take yet" not in gear.controller.trouble:
                await asyncio.sleep(0)

    in_gear(story, OWN, has_port=False)


# the mapping


def test_a_mistake_in_the_mapping_is_told_and_the_shipped_one_used(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(gear: Gear) -> None:
        assert "controller.yaml: a control must ask" in gear.controller.trouble
        assert gear.controller.trouble.endswith("(line 2)")
        assert gear.controller.mapping == read_mapping(SHIPPED.read_text("utf-8"))

    with caplog.at_level(logging.WARNING):
        in_gear(story, "controls:\n  cc 1: jump\n")
    assert "(line 2)" in caplog.text


def test_learning_binds_the_next_press_and_writes_it_down() -> None:
    async def story(gear: Gear) -> None:
        learning = asyncio.create_task(gear.controller.learn("undo"))
        while not gear.controller.learning:
            await asyncio.sleep(0)
        gear.hears("b1 40 00")  # a release is no press
        gear.hears("b1 40 7f")
        gear.hears("b1 40 00", 0.004)  # it bounces
        gear.hears("b1 40 7f", 0.004)
        assert str(await learning) == "cc 64 channel 2"
        text = (paths.home() / FILE).read_text("utf-8")
        assert "  cc 64 channel 2: undo\n" in text
        assert "# What your controller or foot switch asks." in text  # the shipped one, kept
        assert [heard.message for heard in gear.controller.capture.heard] == [
            bytes.fromhex("b1 40 00")
        ]
        assert gear.ears.messages == []
        gear.hears("b1 40 00")
        gear.hears("b1 40 7f")
        await gear.ears.until("error")
        assert "accept or reject" in gear.controller.trouble

    in_gear(story)


def test_learning_ends_when_nothing_is_pressed_or_another_begins() -> None:
    async def story(gear: Gear) -> None:
        with pytest.raises(Unavailable, match=r"nothing was pressed in 0\.01 seconds"):
            await gear.controller.learn("undo")
        assert gear.controller.learning == ""
        assert not (paths.home() / FILE).exists()

    async def twice(gear: Gear) -> None:
        first = asyncio.create_task(gear.controller.learn("undo"))
        while not gear.controller.learning:
            await asyncio.sleep(0)
        second = asyncio.create_task(gear.controller.learn("stop"))
        with pytest.raises(Cancelled):
            await first
        assert gear.controller.learning == "stop"
        gear.hears("c0 05")
        assert str(await second) == "program 5 channel 1"

    in_gear(story, patience=0.01)
    in_gear(twice)
