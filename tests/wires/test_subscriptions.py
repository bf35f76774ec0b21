"""Subscriptions: each client is told what it wants to know, at once and as it changes, no more."""

from __future__ import annotations

import asyncio
import time

import pytest

from bandmate.contract.rows import TOPICS, read_topics
from bandmate.errors import AskError
from bandmate.handlers.subscriptions import SILENCE, next_beat
from bandmate.music.meter import Meter
from bandmate.timing.player.news import GridChanged
from bandmate.timing.sources.grid import Grid
from wires.fake_daemon import Heard, House, told, told_in


async def settled(house: House) -> None:
    """Let all that was said be done, and what follows from it be told."""
    await house.desk.idle()
    for _ in range(5):
        await asyncio.sleep(0)


def test_topics_are_read_in_one_order_and_a_wrong_one_is_told() -> None:
    assert read_topics("takes, Song,,takes") == ("song", "takes")
    assert read_topics("none") == read_topics("") == ()
    assert read_topics(",".join(TOPICS)) == TOPICS
    with pytest.raises(AskError, match="there is no news of 'sonk', try song"):
        read_topics("sonk")


def test_how_all_stands_is_told_at_once_and_each_change_once() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "subscribe", "sub", "to", "song,keywords,mix,transport,takes")
        assert (await heard.until("subscribed")).arguments == (
            "sub", "song,transport,takes,keywords,mix",
        )  # fmt: skip
        await settled(house)
        addresses = ("song/told", "keywords/told", "take/mixed", "transport/told", "take/told")
        assert [len(heard.of(address)) for address in addresses] == [1, 1, 1, 1, 0]
        house.says(client, "song/set", 1, "tempo", 96)
        house.says(client, "song/set", 2, "tempo", 96.0)
        house.says(client, "keywords/set", 3, "keywords", "dark")
        house.says(client, "take/mix", 4, "mute", "drums")
        await settled(house)
        song, mix = heard.of("song/told")[-1], heard.of("take/mixed")[-1]
        assert (song.arguments[0], told(song)["tempo"]) == ("sub", 96.0)
        assert told(heard.of("keywords/told")[-1]) == {"keywords": "dark"}
        assert mix.arguments == ("sub", "drums", "")
        assert [len(heard.of(a)) for a in addresses] == [2, 2, 3, 1, 0]  # the mix: its answer too

    told_in(story)


def test_takes_are_told_whoever_made_or_marked_them() -> None:
    async def story(house: House) -> None:
        (watcher, heard), (other, theirs) = house.client(), house.client()
        house.says(other, "hello", 0, "client", "tablet")
        house.says(other, "loop/ask", 1, "bars", 1, "parts", "bass")
        await theirs.until("loop/made")
        house.says(watcher, "subscribe", 9, "to", "takes")
        latest = told(await heard.until("take/told"))
        assert latest["parts"].startswith("bass:")
        assert latest.pop("parts") and latest.pop("title").endswith("#1")
        assert float(latest.pop("made")) > 1e9
        assert latest == {
            "take": 1, "news": "latest", "kind": "loop", "state": "made", "client": "tablet",
            "bars": 1, "star": 0, "parent": 0,
        }  # fmt: skip
        house.says(other, "loop/ask", 2, "bars", 1)
        house.says(other, "take/accept", 3, 1)
        house.says(other, "take/reject", 4, 1)
        house.says(other, "take/undo", 5)
        await heard.until("take/told", 5)
        news = [(n["take"], n["news"], n["state"]) for n in map(told, heard.of("take/told")[1:])]
        assert sorted(news) == [
            (1, "accepted", "accepted"), (1, "rejected", "rejected"), (1, "undone", "accepted"),
            (2, "made", "made"),
        ]  # fmt: skip
        assert {m.arguments[0] for m in heard.messages} == {9}
        assert theirs.of("take/told") == []

    told_in(story)


def test_a_card_is_a_take_that_is_told() -> None:
    async def story(house: House) -> None:
        client, heard = house.client()
        house.says(client, "subscribe", 1, "to", "takes")
        house.says(client, "chords/ask", 2, "cards", 1, "key", "F:maj")
        assert told(await heard.until("take/told"))["kind"] == "card"
        await settled(house)

    told_in(story)


def test_each_client_has_its_own_and_the_last_word_holds() -> None:
    async def story(house: House) -> None:
        (one, heard_one), (two, heard_two) = house.client(), house.client()
        house.says(one, "subscribe", "a", "to", "song")
        house.says(two, "subscribe", "b", "to", "mix")
        house.says(one, "subscribe", "c", "to", "mix")
        house.says(two, "subscribe", "d", "to", "none")
        house.says(one, "subscribe", "e")
        await settled(house)
        assert [m.arguments for m in heard_one.of("subscribed")][-1] == ("e", "mix")
        assert [m.arguments for m in heard_two.of("subscribed")][-1] == ("d", "")
        for heard in (heard_one, heard_two):
            heard.messages.clear()
        house.says(one, "song/set", 1, "tempo", 90)
        house.says(one, "take/mix", 2, "solo", "bass")
        await settled(house)
        assert heard_two.messages == []
        assert [m.arguments for m in heard_one.of("take/mixed") if m.arguments[0] == "e"] == [
            ("e", "", "bass")
        ]
        assert heard_one.of("song/told") == []

    told_in(story)


def test_the_owners_song_is_told_to_whoever_told_none() -> None:
    async def story(house: House) -> None:
        (panel, heard), (daw, _) = house.client(), house.client()
        house.says(panel, "subscribe", 1, "to", "song")
        house.says(daw, "song/set", 1, "tempo", 77)
        await settled(house)
        assert told(heard.of("song/told")[-1])["tempo"] == 120.0
        house.says(daw, "hello", 2, "owns", "daw")
        await settled(house)
        assert told(heard.of("song/told")[-1])["tempo"] == 77.0
        house.says(panel, "loop/ask", 2, "bars", 1)
        assert told(await heard.until("loop/made"))["tempo"] == 77.0
        house.clients.gone(daw)
        await settled(house)
        assert told(heard.of("song/told")[-1])["tempo"] == 120.0

    told_in(story)


def test_a_client_that_is_silent_for_long_is_told_nothing_and_one_with_a_connection_is() -> None:
    async def story(house: House) -> None:
        near, heard = house.client()
        far = house.clients.of_udp("127.0.0.1", 9000)
        for client in (near, far):
            house.says(client, "subscribe", 1, "to", "mix")
        await settled(house)

        async def told_after(seconds: float, part: str) -> tuple[int, int]:
            house.clock[0] += seconds
            house.sent_by_udp.clear()
            heard.messages.clear()
            await house.desk.deck.mix(frozenset((part,)), frozenset())
            await settled(house)
            return len(house.sent_by_udp), len(heard.messages)

        assert await told_after(SILENCE - 1, "bass") == (1, 1)
        house.clients.of_udp("127.0.0.1", 9000)  # it is heard: all begins anew
        assert await told_after(SILENCE - 1, "drums") == (1, 1)
        assert await told_after(2, "keys") == (0, 1)
        house.clients.gone(near)
        assert await told_after(0, "pad") == (0, 0)

    told_in(story)


def test_the_transport_is_told_as_it_changes_and_its_beats_to_whoever_wants_them() -> None:
    async def story(house: House) -> None:
        await house.desk.deck.open()
        assert house.player
        (plain, heard), (light, beats) = house.client(), house.client()
        house.says(plain, "subscribe", 1, "to", "transport")
        house.says(light, "subscribe", 2, "to", "beat")
        await settled(house)
        assert len(heard.of("transport/told")) == len(beats.of("transport/told")) == 1
        house.player.rolls(7.9, 400.0, Meter(3, 4))
        house.player.tell(GridChanged(house.player.grid))
        await beats.until("transport/told", 5)
        told_beats = [told(m)["beat"] for m in beats.of("transport/told")[2:5]]
        assert [int(beat) for beat in told_beats] == [8, 9, 10]
        assert len(heard.of("transport/told")) == 2
        house.player.tell(GridChanged(house.player.grid))
        await settled(house)
        assert len(heard.of("transport/told")) == 2  # as it was told, it goes on
        house.player.grid = Grid(time.monotonic(), 12.0, 400.0, is_rolling=False)
        house.player.tell(GridChanged(house.player.grid))
        await heard.until("transport/told", 3)
        assert told(heard.of("transport/told")[-1])["is_rolling"] == 0
        assert told(beats.of("transport/told")[-1])["is_rolling"] == 0

    told_in(story, is_noting=True)


@pytest.mark.parametrize(
    ("beat", "bar_beat", "following"),
    [(0.0, 0.0, 1.0), (0.9995, 0.0, 2.0), (3.2, 0.0, 4.0), (3.2, 0.5, 3.5), (-0.5, 0.0, 0.0)],
)
def test_the_next_beat_counts_from_a_barline(
    beat: float, bar_beat: float, following: float
) -> None:
    assert next_beat(Grid(100.0, beat, bar_beat=bar_beat), 100.0) == following


def test_nothing_is_told_to_nobody() -> None:
    async def story(house: House) -> None:
        client, _ = house.client()
        subscriptions = house.desk.subscriptions
        subscriptions.subscribe(client, 1, ("mix",))
        subscriptions.end(client)
        ears = Heard()
        client.send = ears
        await house.desk.deck.mix(frozenset(("bass",)), frozenset())
        await settled(house)
        assert ears.messages == []
        assert subscriptions.of(client) == ()

    told_in(story)
