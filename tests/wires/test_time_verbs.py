"""The transport on the wire: who leads it, where it is, and an ask that takes its tempo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bandmate.music.meter import Meter
from wires.fake_daemon import PATIENCE, House, told, told_in
from wires.here_player import NotingPlayer


def scene(played: Callable[[House, NotingPlayer], Awaitable[None]]) -> None:
    async def story(house: House) -> None:
        await house.desk.deck.open()
        assert house.player
        await played(house, house.player)

    told_in(story, is_noting=True)


def test_the_transport_is_told() -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        house.says(client, "transport/get", 1)
        still = told(await heard.until("transport/told"))
        assert (still["beat"], still["bar"], still["is_rolling"]) == (0.0, 0, 0)
        player.rolls(9.5, 90.0, Meter(3, 4))
        house.desk.deck.met, house.desk.deck.missed = 7, 2
        house.says(client, "transport/get", 2)
        now = told(await heard.until("transport/told", 2))
        assert now["beat"] >= 9.5
        assert (now["tempo"], now["meter"], now["is_rolling"]) == (90.0, "3/4", 1)
        assert (now["bar"], now["source"], now["certainty"]) == (3, "internal", 1.0)
        assert (now["met"], now["missed"]) == (7, 2)

    scene(played)


def test_all_of_it_can_be_set_at_once_and_in_order() -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        house.says(
            client, "transport/set", 1, "source", "clock", "tempo", 96, "meter", "6/8",
            "is_rolling", 1,
        )  # fmt: skip
        await heard.until("transport/changed")
        assert player.done == [("follow", "clock"), ("lead", 96.0, Meter(6, 8), True)]
        house.says(client, "transport/set", 2, "is_rolling", "off")
        await heard.until("transport/changed", 2)
        assert player.done[2:] == [("lead", None, None, False)]
        house.says(client, "transport/set", 3, "source", "link")
        await heard.until("transport/changed", 3)
        assert player.done[3:] == [("follow", "link")]

    scene(played)


def test_what_makes_no_sense_changes_nothing() -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        house.says(client, "transport/set", 1, "source", "click")
        words = str((await heard.error())[2])
        assert words.startswith("source must be one such as")
        assert words.endswith("'click'")
        house.says(client, "transport/set", 2, "source", "link", "tempo", 500)
        assert "tempo must be in 20..400, not 500" in str((await heard.error(2))[2])
        house.says(client, "take/mix", 3, "mute", "drumz")
        assert (await heard.error(3))[:2] == (3, "ask")
        house.says(client, "take/play", 4, 0, "at", "3 bars")
        assert (await heard.error(4))[:2] == (4, "ask")
        assert player.done == []

    scene(played)


def test_a_bridge_reports_and_is_not_answered() -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        house.says(client, "transport/report", 1, "beat", 17.5, "tempo", 93, "meter", "3/4")
        house.says(client, "transport/report", 2, "beat", 18.5, "is_rolling", 0)
        await house.desk.idle()
        reports = sorted(player.of("report"), key=lambda report: report[1])
        assert [report[1:] for report in reports] == [
            [17.5, 93.0, True, Meter(3, 4)],
            [18.5, 120.0, False, None],
        ]
        assert heard.messages == []

    scene(played)


@pytest.mark.parametrize(("is_rolling", "tempo"), [(True, 93.0), (False, 120.0)])
def test_an_ask_without_a_tempo_takes_that_of_a_rolling_transport(
    is_rolling: bool, tempo: float
) -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        if is_rolling:
            player.rolls(4.0, 93.0, Meter(3, 4))
        house.says(client, "loop/ask", 1, "bars", 1)
        made = told(await heard.until("loop/made"))
        assert (made["tempo"], made["meter"]) == (tempo, "3/4" if is_rolling else "4/4")
        house.says(client, "song/set", 2, "tempo", 140)
        await heard.until("song/changed")
        house.says(client, "loop/ask", 3, "bars", 1)
        assert told(await heard.until("loop/made", 2))["tempo"] == 140.0
        house.says(client, "loop/ask", 4, "bars", 1, "tempo", 77)
        assert told(await heard.until("loop/made", 3))["tempo"] == 77.0

    scene(played)


def test_a_tempo_that_was_set_counts_though_nothing_rolls() -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        house.says(client, "transport/set", 1, "tempo", 77)
        await heard.until("transport/changed")
        player.rolls(0.0, 77.0)
        house.says(client, "loop/ask", 2, "bars", 1, "preset", "tight-funk")
        assert told(await heard.until("loop/made"))["tempo"] == 77.0

    scene(played)


def test_a_meter_that_no_loop_can_be_written_in_is_left_to_the_song() -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        player.rolls(0.0, 93.0, Meter(15, 4))
        house.says(client, "loop/ask", 1, "bars", 1)
        made = told(await heard.until("loop/made"))
        assert (made["meter"], made["tempo"]) == ("4/4", 93.0)

    scene(played)


def test_a_take_is_played_on_a_line_round_and_round_behind_a_count_in() -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        house.says(client, "loop/ask", 1, "bars", 2)
        made = told(await heard.until("loop/made"))
        clip = house.takes.get(made["take"]).clip
        pairs = ("at", "4 bars", "loop", 1, "count_in", 1)
        house.says(client, "take/play", 2, 0, *pairs)
        assert (await heard.until("take/played")).arguments == (2, made["take"], 2, 0, 0)
        house.says(client, "take/play", 3, 0, "at", "queue")
        await heard.until("take/played", 2)
        assert [call[1:] for call in player.of("play")] == [
            [clip, "4 bars", True, 1],
            [clip, "queue", False, 0],
        ]

    scene(played)


def test_the_mix_is_told_and_what_is_not_said_stays() -> None:
    async def played(house: House, player: NotingPlayer) -> None:
        client, heard = house.client()
        house.says(client, "take/mix", 1, "mute", "keys2, drums")
        assert (await heard.until("take/mixed")).arguments == (1, "drums,keys2", "")
        house.says(client, "take/mix", 2, "solo", "bass")
        assert (await heard.until("take/mixed", 2)).arguments == (2, "drums,keys2", "bass")
        house.says(client, "take/mix", 3, "mute", "")
        assert (await heard.until("take/mixed", 3)).arguments == (3, "", "bass")
        assert player.of("mix")[-1] == [frozenset(), frozenset({"bass"})]

    scene(played)


def test_without_a_port_the_transport_stands_and_cannot_be_led() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "transport/get", 1)
        assert told(await heard.until("transport/told"))["is_rolling"] == 0
        house.says(client, "transport/set", 2, "is_rolling", 1)
        assert (await heard.error())[:2] == (2, "port")

    told_in(story, has_port=False)


def test_the_real_player_rolls_and_tells() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "transport/set", 1, "tempo", 150, "meter", "3/4", "is_rolling", 1)
        await heard.until("transport/changed")
        now: dict[str, object] = {}
        count = 0
        async with asyncio.timeout(PATIENCE):
            while not now.get("is_rolling"):  # told in a thread, a moment later
                count += 1
                house.says(client, "transport/get", 1 + count)
                now = told(await heard.until("transport/told", count))
        assert (now["tempo"], now["meter"], now["source"]) == (150.0, "3/4", "internal")

    told_in(story)
