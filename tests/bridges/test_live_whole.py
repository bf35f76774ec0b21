"""The bridge in Live and the real daemon behind it: sockets, desk, worker and takes; no model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bandmate.app import serve
from bandmate.config import Settings
from bandmate.contract.messages import Message
from bandmate.music.clip import Clip
from bridges.fake_live import FakeLive
from bridges.live_scene import Scene, scene, sent, written
from fakes import open_fake
from fakes_chords import openings

PATIENCE = 30.0
"""Seconds after which what was waited for does not come: a failure, never a measure."""

LINES = ("note 1 36 = loop parts=drums,bass,keys bars=2", "note 1 37 = chords text=warm",
         "note 1 38 = vary", "note 1 39 = add bass", "note 1 40 = accept")  # fmt: skip

Story = Callable[[serve.Running, Scene], Awaitable[None]]


def played(tmp_path: Path, live: FakeLive, story: Story) -> None:
    """Play a story while the daemon runs and Live is open."""

    async def told() -> None:
        means = serve.Means(open_fake, openings(), port=0)
        async with serve.running(Settings(midi_api="none"), means) as running:
            with scene(tmp_path, *LINES, live=live, is_met=False) as at:
                port = running.port
                at.settings.write_text("\n".join((f"port = {port}", *LINES)), "utf-8")
                live.tick(21)
                await story(running, at)

    asyncio.run(told())


async def ticking(at: Scene, is_so: Callable[[], bool]) -> None:
    """Let Live tick until something is so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, at.words
        await asyncio.sleep(0.01)
        at.live.tick()


def rounded(notes: list[tuple[float, int, float, int]]) -> list[tuple[float, int, float, int]]:
    """Return notes as float32 carries them, and more does not."""
    return sorted((round(s, 5), p, round(d, 5), v) for s, p, d, v in notes)


def test_a_loop_arrives_note_for_note_and_is_taken(tmp_path: Path) -> None:
    live = FakeLive(("Kit", "Bass", "Piano"))

    async def story(running: serve.Running, at: Scene) -> None:
        live.set(tempo=101.0, signature_numerator=3)
        at.press(36)
        await ticking(at, lambda: bool(live.undo_steps))
        take = running.desk.takes.latest()
        assert take is not None
        clip: Clip = take.clip
        assert (clip.tempo, str(clip.key), str(clip.meter), clip.bars) == (101.0, "A:min", "3/4", 2)
        there = [rounded(written(live.clip(track, 0))) for track in range(3)]
        assert there == [rounded(sent(part)) for part in clip.parts]
        at.press(40)
        await ticking(at, lambda: running.desk.takes.get(take.number).state == "accepted")
        live.undo()
        assert [live.clip(track, 0) for track in range(3)] == [None] * 3

    played(tmp_path, live, story)
    assert live.mistakes == []


def test_cards_a_variation_and_a_part_to_it(tmp_path: Path) -> None:
    live = FakeLive(("Piano", "Bass"))

    async def story(running: serve.Running, at: Scene) -> None:
        at.press(37)
        await ticking(at, lambda: bool(live.undo_steps))
        names = [live.clip(0, row).name for row in range(4)]
        assert [name.rpartition(" ")[2] for name in names] == ["#1", "#2", "#3", "#4"]
        live.select(0, 1)
        at.press(38)
        await ticking(at, lambda: len(live.undo_steps) == 2)
        assert live.clip(0, 4) is not None
        at.press(39)
        await ticking(at, lambda: len(live.undo_steps) == 3)
        assert live.clip(1, 1).name.startswith("bass #")

    played(tmp_path, live, story)
    assert live.mistakes == []


def test_a_take_that_a_panel_inserts_lands_in_the_selected_slot(tmp_path: Path) -> None:
    live = FakeLive(("Piano",))

    async def story(running: serve.Running, at: Scene) -> None:
        at.press(36)
        await ticking(at, lambda: bool(live.undo_steps))
        live.select(0, 5)
        panel = running.desk.clients.of_mailbox("panel")
        running.desk.take_in(panel, Message("/bandmate/take/insert", (1,)))
        await ticking(at, lambda: len(live.undo_steps) == 2)
        assert live.clip(0, 5) is not None

    played(tmp_path, live, story)
    assert live.mistakes == []
