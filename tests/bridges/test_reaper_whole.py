"""The REAPER bridge and the real daemon behind it: mailbox, desk, worker and takes; no model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bandmate.app import serve
from bandmate.config import Settings
from bandmate.contract.messages import Message
from bandmate.music.clip import DRUM_CHANNEL, Clip
from bridges.fake_reaper import FakeReaper
from bridges.reaper_scene import (
    ACCEPT,
    ADD_BASS,
    CHORDS,
    CONTINUE,
    FILL,
    FOLLOW,
    REJECT,
    SCRIPT,
    VARY,
    items,
    written,
)
from fakes import open_fake
from fakes_chords import openings

NO_MIDI = Settings(midi_api="none")
PATIENCE = 30.0
"""Seconds after which what was waited for does not come: a failure, never a measure."""

Story = Callable[[serve.Running], Awaitable[None]]


def with_daemon(story: Story) -> None:
    """Play a story while the daemon runs."""

    async def played() -> None:
        means = serve.Means(open_fake, openings(), port=0)
        async with serve.running(NO_MIDI, means) as running:
            await story(running)

    asyncio.run(played())


async def ticking(reaper: FakeReaper, is_so: Callable[[], bool]) -> None:
    """Let REAPER tick, as often as it does, until something is so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, reaper.console
        await asyncio.sleep(0.03)
        reaper.tick()


def as_written(clip: Clip) -> list[list[tuple[float, float, int, int, int]]]:
    """Return what must stand in the items of a clip, one item a part."""
    free = iter(channel for channel in range(16) if channel != DRUM_CHANNEL)
    return [written(part, DRUM_CHANNEL if part.is_drums else next(free)) for part in clip.parts]


def test_a_loop_arrives_note_for_note(reaper: FakeReaper, home: Path) -> None:
    reaper.project_ext["bandmate", "parts"] = "drums,bass,keys:4"
    reaper.project_ext["bandmate", "key"] = "A:min"
    reaper.selection = (5.0, 15.0)

    async def story(running: serve.Running) -> None:
        reaper.run(SCRIPT)
        await ticking(reaper, lambda: bool(reaper.undo_points))
        take = running.desk.takes.latest()
        assert take is not None
        assert (take.clip.tempo, str(take.clip.key), take.clip.length) == (96.0, "A:min", 16.0)
        assert [item.take.notes for item in items(reaper)] == as_written(take.clip)
        assert [(item.start, item.end) for item in items(reaper)] == [(8.0, 24.0)] * 3

    with_daemon(story)
    assert reaper.console == []
    assert not list((home / "mailbox").rglob("*msg*"))


def test_sixty_four_bars_arrive_in_chunks(reaper: FakeReaper) -> None:
    reaper.project_ext["bandmate", "bars"] = "64"
    reaper.project_ext["bandmate", "parts"] = "drums,bass,keys,pad"

    async def story(running: serve.Running) -> None:
        reaper.run(SCRIPT)
        await ticking(reaper, lambda: bool(reaper.undo_points))
        take = running.desk.takes.latest()
        assert take is not None and take.clip.note_count == 64 * 4 * 4
        assert [item.take.notes for item in items(reaper)] == as_written(take.clip)

    with_daemon(story)


def test_a_mistake_comes_back_as_one_sentence(reaper: FakeReaper) -> None:
    reaper.set_tempo(500.0)

    async def story(running: serve.Running) -> None:
        reaper.run(SCRIPT)
        await ticking(reaper, lambda: bool(reaper.console))
        reaper.set_tempo(120.0)
        reaper.run(SCRIPT)
        await ticking(reaper, lambda: bool(reaper.undo_points))

    with_daemon(story)
    assert reaper.console == ["bandmate: tempo must be in 20..400, not 500.0\n"]


def test_a_take_chosen_elsewhere_lands_on_the_selected_track(reaper: FakeReaper) -> None:
    async def story(running: serve.Running) -> None:
        reaper.run(SCRIPT)
        await ticking(reaper, lambda: len(reaper.undo_points) == 1)
        reaper.cursor = 10.0
        reaper.select(reaper.add_track("other"))
        panel = running.desk.clients.of_mailbox("panel")
        running.desk.take_in(panel, Message("/bandmate/take/insert", (1,)))
        await ticking(reaper, lambda: len(reaper.undo_points) == 2)

    with_daemon(story)
    first, second = reaper.tracks
    assert [item.take.notes for item in second.items] == [item.take.notes for item in first.items]
    assert {item.start for item in second.items} == {16.0}


def all_in_one(clip: Clip) -> list[tuple[float, float, int, int, int]]:
    """Return what must stand in a take that holds all parts of a clip."""
    return sorted(note for part in as_written(clip) for note in part)


def test_cards_arrive_note_for_note_and_a_loop_follows_the_one_that_is_chosen(
    reaper: FakeReaper, home: Path
) -> None:
    reaper.project_ext["bandmate", "markers"] = "on"
    reaper.project_ext["bandmate", "parts"] = "bass,keys"
    reaper.typed = ["a dark night, warm and slow", ""]

    async def story(running: serve.Running) -> None:
        assert [worker.pid for worker in running.chord_workers] == [None] * 3
        reaper.run(CHORDS)
        await ticking(reaper, lambda: bool(reaper.undo_points))
        (item,) = items(reaper)
        cards = [running.desk.takes.get(number) for number in (1, 2, 3, 4)]
        assert [take.name.rpartition(" ")[2] for take in item.takes] == ["#1", "#2", "#3", "#4"]
        assert [take.notes for take in item.takes] == [all_in_one(card.clip) for card in cards]
        assert [name for _, name in reaper.markers] == [
            span.chord.symbol(cards[0].clip.key) for span in cards[0].clip.chords
        ]
        keywords = reaper.project_ext["bandmate", "keywords"]
        assert keywords.startswith("dark:0.8")
        item.active = 2
        reaper.run(SCRIPT)
        await ticking(reaper, lambda: len(reaper.undo_points) == 2)
        loop = running.desk.takes.latest()
        assert loop is not None
        assert (loop.clip.key, loop.clip.chords) == (cards[2].clip.key, cards[2].clip.chords)
        reaper.typed = ["a dark night, warm and slow", "jazz!"]
        reaper.run(CHORDS)
        await ticking(reaper, lambda: len(reaper.undo_points) == 3)
        told = running.desk.songs.of(cards[0].client)
        assert [(word.word, word.is_locked) for word in told.keywords] == [("jazz", True)]

    with_daemon(story)
    assert reaper.console == []
    assert not list((home / "mailbox").rglob("*msg*"))


def test_a_word_that_is_no_keyword_comes_back_as_one_sentence(reaper: FakeReaper) -> None:
    reaper.typed = ["", "wram"]

    async def story(running: serve.Running) -> None:
        reaper.run(CHORDS)
        await ticking(reaper, lambda: bool(reaper.console))
        reaper.typed = ["", "warm"]
        reaper.run(CHORDS)
        await ticking(reaper, lambda: bool(reaper.undo_points))

    with_daemon(story)
    (words,) = reaper.console
    assert words.startswith("bandmate: keywords must be words such as warm")


def test_items_are_varied_filled_continued_and_added_to(reaper: FakeReaper, home: Path) -> None:
    told = {"parts": "drums,keys", "key": "A:min", "feel": "0"}
    reaper.project_ext = {("bandmate", name): value for name, value in told.items()}
    reaper.set_tempo(120.0)

    async def story(running: serve.Running) -> None:
        reaper.run(SCRIPT)
        await ticking(reaper, lambda: len(reaper.undo_points) == 1)
        drums, keys = items(reaper)
        before = list(keys.take.notes)
        reaper.select_items(drums, keys)
        reaper.selection = (2.0, 4.0)
        reaper.run(FILL)
        await ticking(reaper, lambda: len(reaper.undo_points) == 2)
        assert (len(drums.takes), len(keys.takes)) == (2, 2)
        kept = [note for note in before if not 4 * 960 <= note[0] < 8 * 960]
        assert [note for note in keys.take.notes if note in kept] == kept
        take = running.desk.takes.latest()
        assert take is not None and [part.name for part in take.clip.parts] == ["drums", "keys"]
        assert [drums.take.notes, keys.take.notes] == as_written(take.clip)
        reaper.selection = (0.0, 0.0)
        for action, count in ((VARY, 3), (ADD_BASS, 4), (CONTINUE, 5)):
            reaper.run(action)
            await ticking(reaper, lambda count=count: len(reaper.undo_points) == count)  # type: ignore[misc]
        assert [len(item.takes) for item in items(reaper)] == [3, 3, 1, 1, 1]
        assert [track.name for track in reaper.tracks] == ["synth", "bass"]
        assert [item.start for item in reaper.tracks[0].items] == [0.0, 0.0, 16.0, 16.0]
        number = int(keys.take.name.rpartition("#")[2])
        reaper.run(ACCEPT)
        await ticking(reaper, lambda: running.desk.takes.get(number).state == "accepted")
        reaper.run(REJECT)
        await ticking(reaper, lambda: reaper.help[-1].endswith("is rejected"))
        assert running.desk.takes.get(number).state == "rejected"
        assert (len(drums.takes), len(keys.takes)) == (2, 2)

    with_daemon(story)
    assert reaper.console == []
    assert not list((home / "mailbox").rglob("*m*[gdk]"))


def test_a_daemon_is_told_where_the_project_is(reaper: FakeReaper) -> None:
    async def story(running: serve.Running) -> None:
        reaper.run(FOLLOW)
        await ticking(reaper, lambda: running.desk.clients.owner is not None)
        reaper.play_state, reaper.play_position = 1, 10.0
        client = running.desk.clients.owner
        assert client is not None
        await ticking(reaper, lambda: running.desk.songs.of(client.name).is_playing)
        assert running.desk.songs.of(client.name).tempo == 96.0
        reaper.play_state = 0
        await ticking(reaper, lambda: not running.desk.songs.of(client.name).is_playing)

    with_daemon(story)
    assert reaper.console == []
